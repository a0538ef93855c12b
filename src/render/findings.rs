//! What `validate` found, for scripts. People read it with the text of the files around it, from the command line.

use serde_json::{Value, json};

use super::json::{finish, name, place};
use super::sanitise::{Message, Name};
use super::schemas;
use super::view::Place;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingSeverity {
    /// The estate is not valid.
    Error,
    /// Something to act on.
    Warning,
    /// Something to know.
    Info,
}

impl FindingSeverity {
    /// The severity in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            FindingSeverity::Error => "error",
            FindingSeverity::Warning => "warning",
            FindingSeverity::Info => "info",
        }
    }
}

/// One thing that was found in the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The stable code.
    pub code: String,
    /// How much it matters.
    pub severity: FindingSeverity,
    /// What is wrong.
    pub message: Message,
    /// What to do.
    pub help: Option<Message>,
    /// The resource, where it is about one.
    pub address: Option<Name>,
    /// The path of the field, where it is about one.
    pub path: Option<Name>,
    /// Where.
    pub source: Option<Place>,
}

/// What was found, to be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingsView {
    /// What was found, in the order in which it is told.
    pub findings: Vec<Finding>,
    /// How many more the estate waives.
    pub waived: usize,
}

/// One line for each. The command line shows them with the files around them instead.
pub(super) fn text(view: &FindingsView) -> String {
    view.findings.iter().map(line).collect()
}

pub(super) fn json(view: &FindingsView) -> String {
    let FindingsView { findings, waived } = view;
    finish(&json!({
        "format": schemas::VALIDATE,
        "summary": {
            "errors": count(findings, FindingSeverity::Error),
            "warnings": count(findings, FindingSeverity::Warning),
            "infos": count(findings, FindingSeverity::Info),
            "waived": waived,
        },
        "findings": findings.iter().map(finding).collect::<Vec<_>>(),
    }))
}

fn count(findings: &[Finding], severity: FindingSeverity) -> usize {
    findings.iter().filter(|finding| finding.severity == severity).count()
}

fn line(finding: &Finding) -> String {
    let place = finding.source.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
    let message = finding.message.as_str().replace('\n', " ");
    format!("{place}{}: {message} [{}]\n", finding.severity.name(), finding.code)
}

fn finding(finding: &Finding) -> Value {
    let Finding { code, severity, message, help, address, path, source } = finding;
    json!({
        "code": code,
        "severity": severity.name(),
        "message": message.as_str(),
        "help": help.as_ref().map(Message::as_str),
        "address": name(address.as_ref()),
        "path": name(path.as_ref()),
        "source": place(source.as_ref()),
    })
}
