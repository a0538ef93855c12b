//! `deployment` of environments: URLs, constants, scheduled events, log levels (DOMAIN 2.3).

use super::super::codes;
use super::super::diagnostic::Problem;
use super::subject::{Estate, Subject};
use crate::model::Kind;

pub(super) fn check(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    for environment in estate.of(Kind::Environment) {
        log_levels(environment, problems);
    }
}

/// LOG-02: API and operator do not know the same levels.
fn log_levels(environment: Subject<'_>, problems: &mut Vec<Problem>) {
    for node in environment.items(&["deployment", "appLogLevels"]) {
        let Some(level) = node.field("level") else { continue };
        let (message, instead) = match level.text() {
            Some("WARNING") => {
                ("`WARNING` is a level of the operator that the API does not list", "INFO` or `ERROR")
            }
            Some("NONE") => ("`NONE` is a level of the API that the operator does not list", "CRITICAL"),
            _ => continue,
        };
        problems.push(level.breaks(&codes::LOG_02, message).help(format!("write `{instead}`")));
    }
}
