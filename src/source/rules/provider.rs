//! `provider` of environments: where they may run (DOMAIN 2.7).

use super::super::codes;
use super::super::diagnostic::Problem;
use super::subject::{Estate, Subject};
use crate::model::Kind;

pub(super) fn check(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    for environment in estate.of(Kind::Environment) {
        namespace(environment, problems);
    }
}

/// PRV-02: no environment runs in the namespace of a global operator itself. PRV-03: none that the API can reach runs
/// in one that is not connected.
fn namespace(environment: Subject<'_>, problems: &mut Vec<Problem>) {
    let Some(namespace) = environment.namespace() else { return };
    let Some(place) = environment.find(&["provider", "namespace"]) else { return };
    let name = namespace.resource.name().unwrap_or_default();
    let kind = namespace.find(&["namespaceType"]).filter(|kind| kind.text() == Some("main"));
    if let Some(kind) = kind {
        let message =
            format!("`{name}` is the main namespace of a global operator, which holds no environments");
        let problem = place.breaks(&codes::PRV_02, message).related(kind.origin().clone(), "its type");
        problems.push(problem.help("name a namespace with `namespaceType: managed`"));
    }
    let installed = namespace.find(&["installationType"]).filter(|kind| kind.text() == Some("Standalone"));
    if let Some(installed) = installed {
        let message = format!("`{name}` is a standalone namespace, which the API cannot deploy to");
        let problem =
            place.breaks(&codes::PRV_03, message).related(installed.origin().clone(), "how it is installed");
        problems.push(problem.help("name a namespace with `installationType: Connected`"));
    }
}
