//! `deployment` of environments: URLs, constants, scheduled events, log levels (DOMAIN 2.3).

use std::collections::BTreeMap;

use url::{Host, Url};
use uuid::Uuid;

use super::super::codes;
use super::super::diagnostic::Problem;
use super::super::masks::sounds_secret;
use super::subject::{Estate, Item, Spot, Subject};
use crate::model::Kind;

/// The setting that the operator makes from the URL.
const ROOT_URL: &str = "ApplicationRootUrl";

pub(super) fn check(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    for environment in estate.of(Kind::Environment) {
        url(environment, problems);
        root_url(environment, problems);
        constants(environment, problems);
        scheduled_events(environment, problems);
        log_levels(environment, problems);
    }
    hosts(estate, problems);
}

/// The URL of an app, with its place.
fn app_url(environment: Subject<'_>) -> Option<(Spot<'_>, Url)> {
    let spot = environment.find(&["deployment", "appUrl"])?;
    let url = Url::parse(spot.text()?).ok()?;
    Some((spot, url))
}

/// URL-01: beyond the form that the table checks, nothing but a host that an ingress can have.
fn url(environment: Subject<'_>, problems: &mut Vec<Problem>) {
    let Some((spot, url)) = app_url(environment) else { return };
    let Some(misfit) = misfit(&url) else { return };
    let mut plain = url.clone();
    // Only URLs that cannot have credentials refuse to lose them.
    let _ = plain.set_username("").and_then(|()| plain.set_password(None));
    plain.set_path("");
    plain.set_query(None);
    plain.set_fragment(None);
    let help = if host_misfit(&url).is_some() {
        "write a DNS name of letters, digits and hyphens, with labels of up to 63 characters".to_owned()
    } else {
        format!("write `{}`", plain.as_str().trim_end_matches('/'))
    };
    problems.push(spot.breaks(&codes::URL_01, format!("the URL of an app {misfit}")).help(help));
}

fn misfit(url: &Url) -> Option<&'static str> {
    if !url.username().is_empty() || url.password().is_some() {
        return Some("has no user in it");
    }
    if !matches!(url.path(), "" | "/") {
        return Some("ends with its host; apps cannot share one by path");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Some("ends with its host");
    }
    host_misfit(url)
}

/// What Kubernetes does not take as the host of an ingress.
fn host_misfit(url: &Url) -> Option<&'static str> {
    let Some(Host::Domain(host)) = url.host() else { return Some("has a name as its host, not an address") };
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (host.len() > 253 || !host.split('.').all(is_label)).then_some("has a DNS name as its host")
}

/// URL-02, URL-03: one host is one app; in two clusters only where one stands in for the other.
fn hosts(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    let mut seen: BTreeMap<String, Vec<(Uuid, Spot<'_>)>> = BTreeMap::new();
    for environment in estate.of(Kind::Environment) {
        let cluster = environment.cluster().and_then(|cluster| cluster.resource.uuid());
        let (Some((spot, url)), Some(cluster)) = (app_url(environment), cluster) else { continue };
        if misfit(&url).is_some() {
            continue;
        }
        let Some(host) = url.host_str().map(|host| host.trim_end_matches('.').to_owned()) else { continue };
        // One of each cluster is enough to find the others.
        let others = seen.entry(host.clone()).or_default();
        let twin =
            |here: bool| others.iter().find(|(other, _)| (*other == cluster) == here).map(|(_, spot)| spot);
        let problem = match (twin(true), twin(false)) {
            (Some(first), _) => {
                let problem = spot.breaks(
                    &codes::URL_02,
                    format!("two environments of one cluster have the host `{host}`"),
                );
                Some((problem.help("give each environment a host of its own"), first))
            }
            (None, Some(first)) => {
                let problem = spot
                    .breaks(&codes::URL_03, format!("environments of two clusters have the host `{host}`"));
                let help = "give each a host of its own; waive this where one stands in for the other";
                Some((problem.help(help), first))
            }
            (None, None) => None,
        };
        if let Some((problem, first)) = problem {
            problems.push(problem.label("here again").related(first.origin().clone(), "first here"));
        }
        if twin(true).is_none() {
            others.push((cluster, spot));
        }
    }
}

/// URL-04: the setting that the operator makes from the URL says the same.
fn root_url(environment: Subject<'_>, problems: &mut Vec<Problem>) {
    let settings = environment.items(&["runtime", "customRuntimeSettings"]);
    let Some(setting) = settings.iter().find(|setting| setting.name() == Some(ROOT_URL)) else { return };
    let Some(value) = setting.field("value") else { return };
    let Some(text) = value.text() else { return };
    let own = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let declared = app_url(environment);
    let problem = match (own, declared) {
        (None, _) => value.breaks(&codes::URL_04, format!("`{ROOT_URL}` is not a full http or https URL")),
        (Some(own), Some((app, url))) if own.host_str() != url.host_str() => value
            .breaks(&codes::URL_04, format!("`{ROOT_URL}` has another host than `appUrl`"))
            .related(app.origin().clone(), "the URL of the app"),
        _ => return,
    };
    problems.push(problem.help("remove the setting; the operator sets it to the URL of the app"));
}

/// `Module.Name`, as the model spells names.
fn is_qualified(name: &str) -> bool {
    let is_name = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    name.split_once('.').is_some_and(|(module, name)| is_name(module) && is_name(name))
}

/// CON-01 and CON-04: names of the model, and values that should not stand in a file.
fn constants(environment: Subject<'_>, problems: &mut Vec<Problem>) {
    for constant in environment.items(&["deployment", "constants"]) {
        let Some(name) = constant.name() else { continue };
        if !is_qualified(name) {
            let message = "constants are written as `Module.Constant`, with letters, digits and underscores";
            let problem = constant.breaks(&codes::CON_01, message);
            problems.push(problem.help("write it as Studio Pro spells it: `Erp.BaseUrl`"));
        }
        let Some(value) = constant.field("value") else { continue };
        if sounds_secret(name) && value.text().is_some_and(may_be_secret) {
            let message = format!("`{name}` sounds like a secret, and its value stands in the file");
            let help = "take it from a variable: `{fromEnv: NAME}`; waive this if it is no secret";
            problems.push(value.breaks(&codes::CON_04, message).help(help));
        }
    }
}

/// Nobody hides a switch, nothing, or where something is.
fn may_be_secret(value: &str) -> bool {
    let is_switch = ["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word));
    let is_url = Url::parse(value).is_ok_and(|url| url.has_host() && url.password().is_none());
    !value.is_empty() && !is_switch && !is_url
}

/// SCH-02 and SCH-03: names of the model, and one way to switch events on and off.
fn scheduled_events(environment: Subject<'_>, problems: &mut Vec<Problem>) {
    let events = environment.items(&["deployment", "scheduledEvents"]);
    for event in events.iter().filter(|event| event.name().is_some_and(|name| !is_qualified(name))) {
        let message = "scheduled events are written as `Module.Event`, with letters, digits and underscores";
        let problem = event.breaks(&codes::SCH_02, message);
        problems.push(problem.help("write it as Studio Pro spells it: `Orders.SE_Cleanup`"));
    }
    let Some(list) = environment.find(&["deployment", "scheduledEvents"]).filter(|_| !events.is_empty())
    else {
        return;
    };
    let settings = environment.items(&["runtime", "customRuntimeSettings"]);
    for setting in settings.iter().filter(|setting| switches_events(setting)) {
        let message =
            format!("`{}` and `scheduledEvents` exclude each other", setting.name().unwrap_or_default());
        let problem = setting.breaks(&codes::SCH_03, message);
        problems.push(
            problem.related(list.origin().clone(), "events are listed here").help("remove the setting"),
        );
    }
}

/// Whether a custom runtime setting switches scheduled events on and off.
pub(super) fn switches_events(setting: &Item<'_>) -> bool {
    matches!(setting.name(), Some("ScheduledEventExecution" | "MyScheduledEvents"))
}

/// LOG-02: API and operator do not know the same levels.
fn log_levels(environment: Subject<'_>, problems: &mut Vec<Problem>) {
    for node in environment.items(&["deployment", "appLogLevels"]) {
        let Some(level) = node.field("level") else { continue };
        let (message, help) = match level.text() {
            Some("WARNING") => {
                ("`WARNING` is a level of the operator that the API does not list", "write `INFO` or `ERROR`")
            }
            Some("NONE") => {
                ("`NONE` is a level of the API that the operator does not list", "write `CRITICAL`")
            }
            _ => continue,
        };
        problems.push(level.breaks(&codes::LOG_02, message).help(help));
    }
}
