//! Waivers: whoever has seen what a guard says of an action, and wants the action all the same, names its digest.
//!
//! The digest holds what the action does and what it found. As soon as either changes, it is another one, and the guard
//! says no again. There is no way to waive a guard as such.

use std::collections::{BTreeMap, BTreeSet};

use super::action::{Action, ActionId, Plan, Status};
use super::note::{self, Note, Severity};
use super::options::PlanOptions;

/// The fewest digits of a digest that name an action.
pub const SHORTEST_WAIVER: usize = 8;

/// A waiver that does not name exactly one action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnmetWaiver {
    /// No action has this digest.
    None(String),
    /// More than one action has a digest that begins so.
    Several(String),
}

/// The actions whose guards are waived. A beginning that several digests have in common waives none of them.
pub(super) fn waived(actions: &BTreeMap<ActionId, Action>, options: &PlanOptions) -> BTreeSet<ActionId> {
    let named =
        options.waive.iter().chain(&options.waived_before).map(|digits| named(actions.values(), digits));
    named.filter_map(|named| only(&named).map(|action| action.id.clone())).collect()
}

fn named<'a>(actions: impl Iterator<Item = &'a Action>, digits: &str) -> Vec<&'a Action> {
    if digits.len() < SHORTEST_WAIVER {
        return Vec::new();
    }
    actions.filter(|action| action.digest.starts_with(digits)).collect()
}

fn only<'a>(named: &[&'a Action]) -> Option<&'a Action> {
    match named {
        [action] => Some(action),
        _ => None,
    }
}

/// Notes on waivers that waive nothing. Not an error: a run that is repeated finds done what was waived.
pub(super) fn notes(actions: &BTreeMap<ActionId, Action>, options: &PlanOptions) -> Vec<Note> {
    let note = |digits: &String| {
        let named = named(actions.values(), digits);
        let (code, address, message, origin) = match named.as_slice() {
            [] => {
                let message = format!("`--waive {digits}` names no action of this plan");
                (note::WAIVER_UNMET, None, message, None)
            }
            [action] if action.waived.is_empty() => {
                let message = format!("`--waive {digits}` waives nothing: no guard says no to this action");
                let origin = Some(action.origin.clone());
                (note::WAIVER_NEEDLESS, Some(action.address.clone()), message, origin)
            }
            _ => return None,
        };
        Some(Note { severity: Severity::Warning, code, address, message, origin })
    };
    options.waive.iter().filter_map(note).collect()
}

/// The waivers that do not name exactly one action of the plan.
pub fn unmet_waivers(plan: &Plan, waivers: &[String]) -> Vec<UnmetWaiver> {
    let unmet = |digits: &String| match named(plan.actions.iter(), digits).as_slice() {
        [] => Some(UnmetWaiver::None(digits.clone())),
        [_] => None,
        _ => Some(UnmetWaiver::Several(digits.clone())),
    };
    waivers.iter().filter_map(unmet).collect()
}

/// The actions that nothing but guards stops.
pub fn held_by_guards(plan: &Plan) -> impl Iterator<Item = &Action> {
    plan.actions.iter().filter(|action| matches!(&action.status, Status::Blocked(block) if block.is_guard))
}
