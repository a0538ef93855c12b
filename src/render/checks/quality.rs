//! Code quality for GitLab: the subset of the Code Climate format that it reads (GitLab Docs, "Code Quality").

use serde_json::{Value, json};

use super::results::{Found, NO_PLACE, file, of};
use crate::render::findings::FindingSeverity;
use crate::render::json::finish;
use crate::render::report::Report;
use crate::render::style::Style;

/// Writes code quality. Fingerprints stay when lines move, so that GitLab tells what a merge request adds.
pub(in crate::render) fn quality(report: &Report, style: &Style) -> String {
    finish(&of(report).iter().map(|found| entry(found, style)).collect::<Value>())
}

fn entry(found: &Found, style: &Style) -> Value {
    let help = found.help.as_ref().map(|help| format!(" Help: {help}")).unwrap_or_default();
    let (path, line) = match &found.place {
        Some(place) => (file(style, place), place.line),
        None => (format!("{}{NO_PLACE}", style.root), 1),
    };
    json!({
        "description": format!("{}{help}", found.message),
        "check_name": found.code,
        "fingerprint": found.fingerprint,
        "severity": match found.severity {
            FindingSeverity::Error => "critical",
            FindingSeverity::Warning => "minor",
            FindingSeverity::Info => "info",
        },
        "location": {"path": path, "lines": {"begin": line}},
    })
}
