//! `properties` of environments (DOMAIN 2.2).

use super::super::codes;
use super::super::diagnostic::Problem;
use super::subject::{Estate, Spot, Subject, twins};
use crate::model::Kind;

pub(super) fn check(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    for environment in estate.of(Kind::Environment) {
        name(environment, problems);
        development(environment, problems);
        secrets_store(environment, problems);
    }
    one_studio_target(estate, problems);
    product_types(estate, problems);
}

/// PROP-01: names are of lower-case letters, digits and hyphens.
fn name(environment: Subject<'_>, problems: &mut Vec<Problem>) {
    let Some(name) = environment.find(&["properties", "name"]) else { return };
    let Some(text) = name.text() else { return };
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-') {
        return;
    }
    let mut proposal: String =
        text.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    while proposal.contains("--") {
        proposal = proposal.replace("--", "-");
    }
    let proposal = proposal.trim_matches('-');
    let help = if proposal.is_empty() {
        "use lower-case letters, digits and hyphens, with a letter or digit at both ends".to_owned()
    } else {
        format!("write it in lower case, with hyphens: `{proposal}`")
    };
    let message = "the name of an environment has lower-case letters, digits and hyphens only";
    problems.push(name.breaks(&codes::PROP_01, message).help(help));
}

/// PROP-03: without development mode in the namespace there is only production mode.
fn development(environment: Subject<'_>, problems: &mut Vec<Problem>) {
    let Some(production) = environment.find(&["properties", "production"]) else { return };
    let Some(namespace) = environment.namespace() else { return };
    let Some(switch) = namespace.find(&["enableDevelopmentMode"]) else { return };
    if production.truth() == Some(false) && switch.truth() == Some(false) {
        let name = namespace.resource.name().unwrap_or_default();
        let message = format!("namespace `{name}` does not allow environments that are not for production");
        let problem = production.breaks(&codes::PROP_03, message);
        problems.push(
            problem
                .related(switch.origin().clone(), "development mode is off")
                .help("write `production: true` here, or `enableDevelopmentMode: true` there"),
        );
    }
}

/// PROP-07: the namespace decides about the external secrets store.
fn secrets_store(environment: Subject<'_>, problems: &mut Vec<Problem>) {
    let Some(own) = environment.find(&["properties", "secretsStoreEnabled"]) else { return };
    let Some(store) = environment.namespace().and_then(|it| it.find(&["enableExternalSecretsStore"])) else {
        return;
    };
    if let (Some(own_truth), Some(truth)) = (own.truth(), store.truth())
        && own_truth != truth
    {
        let message = format!("`secretsStoreEnabled` is {own_truth}, and the namespace says {truth}");
        let problem = own.breaks(&codes::PROP_07, message);
        problems.push(
            problem
                .related(store.origin().clone(), "the namespace decides")
                .help("leave `secretsStoreEnabled` out; mxkeep sends what the namespace says"),
        );
    }
}

/// PROP-05: Studio Pro deploys to one environment of an app.
fn one_studio_target(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    let targets = estate.of(Kind::Environment).filter_map(|environment| {
        let target = environment.find(&["properties", "defaultStudioTarget"])?;
        (target.truth() == Some(true)).then_some(())?;
        Some((environment.app()?.resource.uuid()?, (environment, target)))
    });
    for (_, (environment, target), (_, first)) in twins(targets) {
        let app = environment.app().and_then(|app| app.resource.name()).unwrap_or_default();
        let message = format!("app `{app}` has another default target for Studio Pro");
        let problem = target.breaks(&codes::PROP_05, message).label("here again");
        problems.push(
            problem
                .related(first.origin().clone(), "first here")
                .help("keep `true` at one environment of the app"),
        );
    }
}

/// PROP-09: product types that differ in case only are one product, misspelt.
fn product_types(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    let of_namespaces = estate.of(Kind::Namespace).filter_map(|it| it.find(&["productTypePCLM"]));
    let of_environments =
        estate.of(Kind::Environment).filter_map(|it| it.find(&["properties", "OverwriteProductTypePCLM"]));
    let types: Vec<Spot<'_>> = of_namespaces.chain(of_environments).collect();
    let keyed = types.into_iter().filter_map(|spot| Some((spot.text()?.to_lowercase(), spot)));
    for (_, again, first) in twins(keyed) {
        let (Some(text), Some(other)) = (again.text(), first.text()) else { continue };
        if text != other {
            let message = format!("`{text}` is spelt `{other}` elsewhere, and case makes a difference");
            let problem = again.breaks(&codes::PROP_09, message);
            problems.push(
                problem
                    .related(first.origin().clone(), "spelt like this here")
                    .help("spell both as the licence bundle does"),
            );
        }
    }
}
