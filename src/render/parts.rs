//! The sections that reports fall into where they are read in pieces: what matters most comes first.

use super::findings::FindingSeverity;
use super::view::{ActionView, StatusView};
use crate::apply::ActionOutcome;
use crate::diff::Class;
use crate::plan::drift::DriftState;
use crate::plan::{ActionEffect, Verb};

/// Where an action of a plan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Destructive,
    Conflict,
    Change,
    Held,
    Drift,
}

/// The sections of a plan.
pub(super) const PARTS: [(Part, &str); 5] = [
    (Part::Destructive, "Takes something away"),
    (Part::Conflict, "Conflicts: changed in the files and on the live side"),
    (Part::Change, "Changes"),
    (Part::Held, "Blocked or waiting"),
    (Part::Drift, "Drift: changed on the live side, and put back by this plan"),
];

/// The sections of a drift report.
pub(super) const STATES: [(DriftState, &str); 4] = [
    (DriftState::Missing, "Missing: declared, and not live"),
    (DriftState::Failed, "Failed: as declared, and the platform reports the state `Failed`"),
    (DriftState::Drifted, "Drifted"),
    (DriftState::NotRemoved, "Not removed: live, although a tombstone says that it is gone"),
];

/// The sections of findings.
pub(super) const SEVERITIES: [(FindingSeverity, &str); 3] = [
    (FindingSeverity::Error, "Errors"),
    (FindingSeverity::Warning, "Warnings"),
    (FindingSeverity::Info, "To know"),
];

/// Where an action of a plan stands.
pub(super) fn part(action: &ActionView) -> Part {
    match &action.status {
        StatusView::Ready if action.destructive => Part::Destructive,
        _ if action.class == Some(Class::Conflict) => Part::Conflict,
        StatusView::Blocked { .. } | StatusView::Waiting { .. } => Part::Held,
        StatusView::Ready if action.class == Some(Class::Drift) => Part::Drift,
        StatusView::Ready => Part::Change,
    }
}

/// The section of an outcome that holds the actions which ended so.
pub(super) const fn title(outcome: ActionOutcome) -> &'static str {
    match outcome {
        ActionOutcome::Done => "Done",
        ActionOutcome::Failed => "Failed",
        ActionOutcome::Unknown => "Unknown: sent, and the end not seen",
        ActionOutcome::Skipped => "Skipped",
        ActionOutcome::Refused => "Refused",
        ActionOutcome::Blocked => "Blocked",
        ActionOutcome::Waiting => "Waiting",
        ActionOutcome::Cancelled => "Cancelled",
        ActionOutcome::NotStarted => "Not started",
    }
}

/// The sign of a verb.
pub(super) const fn symbol(verb: Verb) -> &'static str {
    match verb {
        Verb::Create => "+",
        Verb::Update | Verb::Restart | Verb::Scale => "~",
        Verb::Delete => "-",
    }
}

/// What has to be seen of an action without opening it.
pub(super) fn tags(action: &ActionView) -> Vec<&'static str> {
    let mut tags = Vec::new();
    if action.production {
        tags.push("production");
    }
    if action.effect != ActionEffect::None {
        tags.push(action.effect.name());
    }
    match &action.status {
        StatusView::Ready => {}
        held => tags.push(held.name()),
    }
    tags
}
