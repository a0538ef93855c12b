//! The journal of a run: what was approved, what was sent, which jobs that started, and how each action ended. With it a
//! run that was killed goes on where it was, and knows the jobs that it has to wait for.
//!
//! JSON Lines. The first says which run it is and what was approved, every further one that something happened. No value
//! of any field is in it, so no secret either: wanted values are known again by hashes, secrets by where they stand.

mod read;
mod write;

pub use read::{JournalError, OpenJob, Recorded};
pub use write::Journal;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::approval::{Approval, ApprovedAction};
use crate::plan::{Plan, Verb};

/// The name of the format. `/1`: the first.
pub const JOURNAL: &str = "mxkeep.journal/1";

/// The first line: which run it is, and what was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    format: String,
    /// The name of the estate.
    pub estate: String,
    /// The APIs that the run talks to.
    pub apis: Vec<String>,
    /// The digest of the plan.
    pub plan: String,
    /// When the run began.
    pub created: Timestamp,
    actions: Vec<PlannedAction>,
}

/// An action that was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlannedAction {
    id: String,
    address: String,
    identity: String,
    verb: Word,
    digest: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    found: Option<String>,
    /// Whether its guards were waived.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    waived: bool,
    /// Paths, each with what identifies the wanted value.
    changes: BTreeMap<String, String>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(super) enum Entry {
    /// A request that writes is about to go out.
    Sending {
        /// The action.
        action: String,
        /// What the request asks for.
        verb: Word,
    },
    /// The platform answered with a job.
    Job {
        /// The action.
        action: String,
        /// The job.
        job: String,
    },
    /// A job that a resumed run waited for is over.
    JobEnded {
        /// The action.
        action: String,
        /// The job.
        job: String,
    },
    /// The action ended.
    Ended {
        /// The action.
        action: String,
        /// How, in the word of outcomes.
        outcome: String,
    },
    /// A later run goes on from here.
    Resumed,
}

/// A line after the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    at: Timestamp,
    #[serde(flatten)]
    entry: Entry,
}

/// A verb as a journal spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Word {
    Create,
    Update,
    Delete,
    Restart,
    Scale,
}

impl From<Verb> for Word {
    fn from(verb: Verb) -> Word {
        match verb {
            Verb::Create => Word::Create,
            Verb::Update => Word::Update,
            Verb::Delete => Word::Delete,
            Verb::Restart => Word::Restart,
            Verb::Scale => Word::Scale,
        }
    }
}

impl From<Word> for Verb {
    fn from(word: Word) -> Verb {
        match word {
            Word::Create => Verb::Create,
            Word::Update => Verb::Update,
            Word::Delete => Verb::Delete,
            Word::Restart => Verb::Restart,
            Word::Scale => Verb::Scale,
        }
    }
}

impl Header {
    /// The first line for a plan. `approval` says what of it may run; what is blocked is no part of the run.
    pub fn new(plan: &Plan, approval: &Approval, apis: Vec<String>, created: Timestamp) -> Header {
        let actions = plan.actions.iter();
        let approved = actions.filter(|action| !action.is_blocked() && approval.covers(action, plan));
        let planned = approved.map(|action| {
            let ApprovedAction { identity, verb, found, changes } = ApprovedAction::of(action);
            PlannedAction {
                id: action.id.clone(),
                address: action.address.to_string(),
                identity,
                verb: verb.into(),
                digest: action.digest.clone(),
                found,
                waived: !action.waived.is_empty(),
                changes,
            }
        });
        let actions = planned.collect();
        let (format, estate) = (JOURNAL.to_owned(), plan.estate.clone());
        Header { format, estate, apis, plan: plan.digest.clone(), created, actions }
    }

    /// The digests of the actions whose guards were waived.
    pub fn waived(&self) -> impl Iterator<Item = String> {
        self.actions.iter().filter(|planned| planned.waived).map(|planned| planned.digest.clone())
    }

    /// What may run of a plan that is made later.
    pub fn approval(&self) -> Approval {
        let parts = self.actions.iter().map(|planned| ApprovedAction {
            identity: planned.identity.clone(),
            verb: planned.verb.into(),
            found: planned.found.clone(),
            changes: planned.changes.clone(),
        });
        Approval::Parts(parts.collect())
    }
}
