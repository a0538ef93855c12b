//! The ids of environments, beyond the form that the field table checks and uniqueness (DOMAIN 2.1).

use super::super::codes;
use super::super::diagnostic::Problem;
use super::subject::{Estate, Subject, twins};
use crate::model::Kind;

/// How long an id was allowed to be before version 4.13 of the API.
const LONGEST_OF_OLD: usize = 8;

pub(super) fn check(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    for environment in estate.of(Kind::Environment) {
        length(environment, problems);
        if !is_reserved(environment, problems) {
            characters(environment, problems);
        }
    }
    unique_under_global_operator(estate, problems);
}

/// ID-03: the table refuses more than 32 characters; older parts of the platform refuse more than 8.
fn length(environment: Subject<'_>, problems: &mut Vec<Problem>) {
    let Some(id) = environment.find(&["id"]) else { return };
    let Some(text) = id.text().filter(|text| text.len() > LONGEST_OF_OLD) else { return };
    let message = format!("`{text}` is longer than {LONGEST_OF_OLD} characters, which not every tool takes");
    let problem = id.breaks(&codes::ID_03, message).milder();
    problems.push(problem.help("choose 1 to 8 letters and digits; waive this for an id that is in use"));
}

/// ID-05: letters and digits with a letter first suit every tool. The length is told by ID-03.
fn characters(environment: Subject<'_>, problems: &mut Vec<Problem>) {
    let Some(id) = environment.find(&["id"]) else { return };
    let Some(text) = id.text() else { return };
    let message = if text.contains('-') {
        format!("`{text}` has a hyphen, which not every tool takes")
    } else if text.starts_with(|first: char| first.is_ascii_digit()) {
        format!("`{text}` starts with a digit, which not every tool takes")
    } else {
        return;
    };
    let problem = id.breaks(&codes::ID_05, message);
    problems
        .push(problem.help("choose letters and digits, a letter first; waive this for an id that is in use"));
}

/// ID-06: the operator and OpenShift keep some names for themselves.
fn is_reserved(environment: Subject<'_>, problems: &mut Vec<Problem>) -> bool {
    let Some(id) = environment.find(&["id"]) else { return false };
    let is_openshift =
        environment.cluster().is_some_and(|cluster| cluster.text(&["clusterType"]) == Some("os"));
    let prefixes: &[&str] = if is_openshift { &["mendix-", "openshift-"] } else { &["mendix-"] };
    let starts = |prefix: &&&str| id.text().is_some_and(|text| text.starts_with(**prefix));
    let Some(prefix) = prefixes.iter().find(starts) else { return false };
    let message = format!("ids that start with `{prefix}` are reserved");
    problems.push(id.breaks(&codes::ID_06, message).help("start it with something else"));
    true
}

/// ID-08: under a global operator, ids are unique across the namespaces of the cluster. Two in one namespace are told
/// by ID-07.
fn unique_under_global_operator(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    let managed = estate.of(Kind::Environment).filter_map(|environment| {
        let cluster = environment.cluster()?;
        let is_global = cluster.text(&["operatorType"]) == Some("global_operator");
        let id = environment.find(&["id"]).filter(|_| is_global)?;
        Some(((cluster.resource.uuid()?, id.text()?), environment))
    });
    for ((_, id), again, first) in twins(managed) {
        let namespace = |environment: Subject<'_>| environment.namespace().and_then(|it| it.resource.uuid());
        if namespace(again) == namespace(first) {
            continue;
        }
        let (Some(spot), Some(origin)) = (again.find(&["id"]), first.find(&["id"])) else { continue };
        let cluster = again.cluster().and_then(|cluster| cluster.resource.name()).unwrap_or_default();
        let message = format!("two environments under the global operator of `{cluster}` have the id `{id}`");
        let problem = spot.breaks(&codes::ID_08, message).label("here again");
        problems.push(
            problem.related(origin.origin().clone(), "first here").help(
                "give one of the two another id; under a global operator ids are unique in the cluster",
            ),
        );
    }
}
