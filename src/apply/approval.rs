//! What a run may do: everything that its plan says, or only what was approved before that plan was made. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::diff::{After, Change};
use crate::model::Identity;
use crate::plan::{Action, Plan, Verb, Work, digest, digest_before_package, wanted_digest};

/// What a run may do. The plan that is run may have been made later than the one that somebody looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Approval {
    /// Everything that the plan says: it is the plan that was looked at.
    #[default]
    Everything,
    /// The actions with these digests: what they do and what they found is what was looked at.
    Digests(BTreeSet<String>),
    /// What is part of one of these actions: the rest of a run that was begun.
    Parts(Vec<ApprovedAction>),
}

/// What was approved of one resource, without any value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovedAction {
    /// The resource, as [`Identity`] spells itself.
    pub identity: String,
    /// What was to be done.
    pub verb: Verb,
    /// Identifies the live name that a delete was approved for.
    pub found: Option<String>,
    /// The fields, each with what identifies the wanted value.
    pub changes: BTreeMap<String, String>,
}

impl Approval {
    /// Whether an action may run as far as this is concerned.
    pub fn covers(&self, action: &Action, plan: &Plan) -> bool {
        match self {
            Approval::Everything => true,
            Approval::Digests(digests) => digests_of(action, plan).iter().any(|it| digests.contains(it)),
            Approval::Parts(parts) => parts.iter().any(|part| part.holds(action, &plan.packages)),
        }
    }

    /// Why an action that is not covered is refused.
    pub(super) const fn refusal(&self) -> &'static str {
        match self {
            Approval::Everything | Approval::Digests(_) => "is not what was approved",
            Approval::Parts(_) => "was no part of the run that is resumed",
        }
    }
}

impl ApprovedAction {
    /// What an action does, for a later run to know it again.
    pub fn of(action: &Action) -> ApprovedAction {
        let changes = action.changes().iter();
        ApprovedAction {
            identity: action.identity.to_string(),
            verb: action.verb(),
            found: found(action),
            changes: changes.map(|change| (change.path.to_string(), wanted(change))).collect(),
        }
    }

    /// Whether everything that an action is to do was a part of this. What a create has left open is an update.
    fn holds(&self, action: &Action, packages: &BTreeMap<Identity, String>) -> bool {
        let is_rest = self.verb == Verb::Create && action.verb() == Verb::Update;
        let same_verb = self.verb == action.verb() || is_rest;
        same_verb
            && self.identity == action.identity.to_string()
            && self.found == found(action)
            && action.changes().iter().all(|change| self.wants(change, packages))
    }

    fn wants(&self, change: &Change, packages: &BTreeMap<Identity, String>) -> bool {
        let Some(approved) = self.changes.get(&change.path.to_string()) else { return false };
        // The id of a package that was still to be made when this was approved.
        let made = |(identity, id): (&Identity, &String)| {
            *approved == later(identity) && change.after.shown().is_some_and(|value| value == id.as_str())
        };
        *approved == wanted(change) || packages.iter().any(made)
    }
}

/// The digests under which an action may have been approved: its own, and the one that it had while the package that it
/// deploys was still to be made. The plan that makes a package cannot know its id; it knows what it is made from.
pub(super) fn digests_of(action: &Action, plan: &Plan) -> BTreeSet<String> {
    let earlier = plan.packages.iter().filter_map(|(package, id)| digest_before_package(action, package, id));
    [action.digest.clone()].into_iter().chain(earlier).collect()
}

/// The live name that a delete found. A hash, so that nothing live stands in a journal.
fn found(action: &Action) -> Option<String> {
    match &action.work {
        Work::Delete { name } => Some(digest(&json!({"found": name}))),
        Work::Create(_) | Work::Update(_) | Work::Restart(_) | Work::Scale(_) => None,
    }
}

fn wanted(change: &Change) -> String {
    match &change.after {
        After::Later(wanted) => later(&wanted.identity),
        _ => wanted_digest(change),
    }
}

fn later(identity: &Identity) -> String {
    digest(&json!({"later": identity.to_string()}))
}
