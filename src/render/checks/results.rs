//! What of a report is worth a mark in a file.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::apply::ActionOutcome;
use crate::plan::ActionEffect;
use crate::plan::drift::DriftState;
use crate::render::findings::{Finding, FindingSeverity};
use crate::render::plural::CHANGE;
use crate::render::report::Report;
use crate::render::style::Style;
use crate::render::text::{live_piece, wanted_piece};
use crate::render::view::{ActionView, DriftedView, NoteSeverity, NoteView, Place, ReportView, StatusView};

/// One thing that a check tells.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) severity: FindingSeverity,
    /// Among those of one severity, the lowest is told first.
    rank: u8,
    /// A stable code, or the verb of an action that nothing holds up.
    pub(super) code: String,
    /// The resource, where there is one.
    pub(super) subject: Option<String>,
    pub(super) message: String,
    pub(super) help: Option<String>,
    pub(super) place: Option<Place>,
    /// The same as long as it is the same thing, wherever it stands.
    pub(super) fingerprint: String,
}

/// The results of a report, what matters most first.
pub(super) fn of(report: &Report) -> Vec<Found> {
    let mut found: Vec<Found> = match report {
        Report::Findings(view) => view.findings.iter().map(finding).collect(),
        Report::Plan(view) => {
            let left = view.drift.iter().flat_map(drifted);
            view.actions.iter().map(action).chain(left).chain(view.notes.iter().map(note)).collect()
        }
        Report::Drift(view) => {
            view.resources.iter().flat_map(drifted).chain(view.notes.iter().map(note)).collect()
        }
        Report::Outcome(view) => view.actions.iter().flat_map(outcome).collect(),
    };
    found.sort_by_key(|found| (found.severity, found.rank));
    let mut seen = BTreeSet::new();
    for found in &mut found {
        while !seen.insert(found.fingerprint.clone()) {
            found.fingerprint = digest(&[&found.fingerprint]);
        }
    }
    found
}

/// The first lines of a file, for what is about no place: the settings of the estate.
pub(super) const NO_PLACE: &str = "mxkeep.yaml";

/// The name of a file as the root of the repository sees it.
pub(super) fn file(style: &Style, place: &Place) -> String {
    format!("{}{}", style.root, place.file)
}

fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(16).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn finding(finding: &Finding) -> Found {
    let Finding { code, severity, message, help, address, path, source } = finding;
    let subject = address.as_ref().map(ToString::to_string);
    let about = [subject.clone(), path.as_ref().map(ToString::to_string)].map(Option::unwrap_or_default);
    // Where neither resource nor field is known, what is said has to tell it from others.
    let told = if about.concat().is_empty() { message.as_str() } else { "" };
    Found {
        severity: *severity,
        rank: 0,
        code: code.clone(),
        subject,
        message: message.to_string(),
        help: help.as_ref().map(ToString::to_string),
        place: source.clone(),
        fingerprint: digest(&[code, &about[0], &about[1], told]),
    }
}

fn note(note: &NoteView) -> Found {
    let NoteView { severity, code, address, message, help, place } = note;
    let subject = address.as_ref().map(ToString::to_string);
    Found {
        severity: match severity {
            NoteSeverity::Error => FindingSeverity::Error,
            NoteSeverity::Warning => FindingSeverity::Warning,
            NoteSeverity::Info => FindingSeverity::Info,
        },
        rank: 5,
        code: code.clone(),
        fingerprint: digest(&[code, subject.as_deref().unwrap_or_default(), message.as_str()]),
        subject,
        message: message.to_string(),
        help: help.as_ref().map(ToString::to_string),
        place: place.clone(),
    }
}

fn action(action: &ActionView) -> Found {
    let what = || format!("{} {}", action.verb.name(), action.address);
    let (severity, rank, code, message, help, place) = match &action.status {
        StatusView::Blocked { code, reason, help, place, is_guard } => {
            let waive = is_guard.then(|| format!("or waive it with --waive {}", action.digest));
            let help = help.as_ref().map(ToString::to_string).into_iter().chain(waive);
            let help = help.reduce(|one, other| format!("{one}; {other}"));
            let message = format!("{} is blocked: {reason}", what());
            (FindingSeverity::Error, 1, code.clone(), message, help, place.clone())
        }
        StatusView::Waiting { code, reason, on: _, command } => {
            let help = Some(format!("run `{command}`, then apply again"));
            (FindingSeverity::Warning, 2, code.clone(), format!("{} waits: {reason}", what()), help, None)
        }
        StatusView::Ready if action.destructive => {
            let message =
                format!("{} takes something away ({}): {}", what(), action.effect.name(), action.reason);
            (FindingSeverity::Warning, 0, action.verb.name().to_owned(), message, None, None)
        }
        StatusView::Ready => {
            let rank = if action.production { 0 } else { 3 };
            let production = if action.production { " in production" } else { "" };
            let changes = CHANGE.count(action.changes.len());
            let message = format!("{}{production}: {changes}{}", what(), effect(action));
            (FindingSeverity::Info, rank, action.verb.name().to_owned(), message, None, None)
        }
    };
    let subject = action.address.to_string();
    Found {
        severity,
        rank,
        fingerprint: digest(&[&code, &subject, action.verb.name()]),
        code,
        subject: Some(subject),
        message,
        help,
        place: Some(place.unwrap_or_else(|| action.place.clone())),
    }
}

/// What users of the app will notice.
fn effect(action: &ActionView) -> String {
    match action.effect {
        ActionEffect::None => String::new(),
        effect => format!(" ({})", effect.name()),
    }
}

/// A mark for every field that differs.
fn drifted(resource: &DriftedView) -> Vec<Found> {
    let DriftedView { address, state, changes, place } = resource;
    let subject = address.to_string();
    let found = |severity, path: &str, message: String, place: &Place| Found {
        severity,
        rank: 1,
        code: state.name().to_owned(),
        fingerprint: digest(&["drift", state.name(), &subject, path]),
        subject: Some(subject.clone()),
        message,
        help: None,
        place: Some(place.clone()),
    };
    let whole = |severity, says: &str| vec![found(severity, "", format!("{subject} {says}"), place)];
    match state {
        DriftState::Missing => whole(FindingSeverity::Error, "is declared, and not live"),
        DriftState::Failed => {
            whole(FindingSeverity::Error, "is as declared, and the platform reports the state `Failed`")
        }
        DriftState::NotRemoved => {
            whole(FindingSeverity::Warning, "is live, although a tombstone says that it is gone")
        }
        DriftState::Drifted => {
            let style = Style::default();
            let of = |change: &crate::render::view::ChangeView| {
                let (live, wanted) = (live_piece(change, &style).1, wanted_piece(change, &style).1);
                let path = change.path.to_string();
                let message = format!("{subject}: {path} is {live} on the live side, declared {wanted}");
                found(FindingSeverity::Warning, &path, message, change.place.as_ref().unwrap_or(place))
            };
            changes.iter().map(of).collect()
        }
    }
}

fn outcome(report: &ReportView) -> Vec<Found> {
    let (severity, rank) = match report.outcome {
        ActionOutcome::Failed | ActionOutcome::Unknown => (FindingSeverity::Error, 0),
        ActionOutcome::Refused | ActionOutcome::Blocked => (FindingSeverity::Error, 1),
        ActionOutcome::Waiting | ActionOutcome::Skipped => (FindingSeverity::Warning, 2),
        ActionOutcome::Cancelled | ActionOutcome::NotStarted => (FindingSeverity::Warning, 3),
        ActionOutcome::Done => (FindingSeverity::Warning, 4),
    };
    let action = &report.action;
    let (subject, ended) = (action.address.to_string(), report.outcome.name());
    let found = |code: &str, says: &str, help: Option<String>, place: Option<&Place>| Found {
        severity,
        rank,
        code: code.to_owned(),
        fingerprint: digest(&["outcome", code, &subject, action.verb.name()]),
        subject: Some(subject.clone()),
        message: format!("{} {subject}: {ended}: {says}", action.verb.name()),
        help,
        place: Some(place.unwrap_or(&action.place).clone()),
    };
    if report.outcome == ActionOutcome::Done {
        return report.warnings.iter().map(|warning| found(ended, warning.as_str(), None, None)).collect();
    }
    match &report.error {
        Some(error) => {
            let help = error.help.as_ref().map(ToString::to_string);
            vec![found(&error.code, error.message.as_str(), help, error.place.as_ref())]
        }
        None => vec![found(ended, "see the outcome", None, None)],
    }
}
