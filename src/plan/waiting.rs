//! What waits for a person: the platform cannot install the operator of a namespace, and only the operator makes plans.
//!
//! A namespace itself needs no operator. What does: an environment to be created, whose database and storage come from
//! plans, and the switch of a plan that no operator has reported yet. Both are planned and shown like everything else,
//! with the command for the person; they run as soon as the plans are there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::PlanInput;
use super::action::{Action, ActionId, Status, Verb, Wait};
use super::installer::installer_command;
use super::note;
use super::reconcile::uses_secrets_store;
use crate::model::{Address, Desired, Identity, ItemKey, Live, Step, dig};

/// The id of the update that switches on plans which are not there yet. It is an action of its own, so that it holds
/// up nothing else that the files ask of the namespace.
pub(super) fn pending_id(address: &Address) -> ActionId {
    format!("{}:{address}#plans", Verb::Update)
}

/// Marks what waits for a person; what needs it is marked with the blocks.
pub(super) fn wait(input: &PlanInput<'_>, actions: &mut BTreeMap<ActionId, Action>) {
    for action in actions.values_mut().filter(|action| action.is_ready()) {
        let waits = match action.verb() {
            Verb::Create => environment(input, action),
            Verb::Update => switch(input, action),
            Verb::Delete | Verb::Restart | Verb::Scale => None,
        };
        if let Some(wait) = waits {
            action.status = Status::Waiting(wait);
        }
    }
}

/// The same wait, for an action that needs one that waits.
pub(super) fn inherited(need: &ActionId, wait: &Wait) -> Wait {
    Wait { code: note::NEED_WAITING, reason: format!("needs `{need}`, which waits"), ..wait.clone() }
}

/// An environment whose plans are not there. A namespace with the external secrets store needs none.
fn environment(input: &PlanInput<'_>, action: &Action) -> Option<Wait> {
    let Identity::Environment { namespace, .. } = &action.identity else { return None };
    let desired = input.desired.resources.get(&action.identity)?;
    if uses_secrets_store(input, desired) {
        return None;
    }
    let home = input.desired.resources.get(&Identity::Namespace(*namespace))?;
    let live = input.live.get(&home.identity);
    if live.is_none() && input.operators.contains(namespace) {
        return None;
    }
    let (named, reported) = (services(desired), live.map(reported).unwrap_or_default());
    let missing: BTreeSet<&str> = named.difference(&reported).copied().collect();
    let is_waiting = live.is_none() || !missing.is_empty() || reported.is_empty();
    is_waiting.then(|| wait_for(home, &missing, &reported))
}

/// The switch of plans that are not there.
fn switch(input: &PlanInput<'_>, action: &Action) -> Option<Wait> {
    if action.id != pending_id(&action.address) {
        return None;
    }
    let home = input.desired.resources.get(&action.identity)?;
    let live = input.live.get(&action.identity);
    let missing = action.changes().iter().filter_map(|change| match change.path.0.get(1) {
        Some(Step::Item(ItemKey::Natural(parts))) => parts.first().map(String::as_str),
        _ => None,
    });
    Some(wait_for(home, &missing.collect(), &live.map(reported).unwrap_or_default()))
}

fn wait_for(home: &Desired, missing: &BTreeSet<&str>, reported: &BTreeSet<&str>) -> Wait {
    let address = &home.address;
    let plans = if missing.len() == 1 { "plan" } else { "plans" };
    let reason = match (missing.is_empty(), reported.is_empty()) {
        // Whether the namespace exists already is nothing that a person could do something about.
        (true, _) => format!("no operator has reported a plan for `{address}` yet"),
        (false, true) => {
            format!("no operator has reported a plan for `{address}` yet; needed: {}", listed(missing))
        }
        (false, false) => {
            format!(
                "`{address}` has no {plans} {}; its operator reports {}",
                listed(missing),
                listed(reported)
            )
        }
    };
    Wait { code: note::OPERATOR_MISSING, reason, on: address.clone(), command: installer_command(home) }
}

fn listed(names: &BTreeSet<&str>) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The plans that an environment names.
fn services(environment: &Desired) -> BTreeSet<&str> {
    let list = dig(&environment.fields, &["services"]).and_then(|declared| declared.as_list());
    let items = list.into_iter().flat_map(|list| &list.items).filter(|(_, item)| !item.absent);
    items
        .filter_map(|(key, _)| match key {
            ItemKey::Natural(parts) => parts.first().map(String::as_str),
            ItemKey::Content(_) => None,
        })
        .collect()
}

/// The plans that the operator of a live namespace has reported.
fn reported(namespace: &Live) -> BTreeSet<&str> {
    let plans = namespace.manifest().get("plans").and_then(Value::as_array);
    plans.into_iter().flatten().filter_map(|plan| plan.get("planName")?.as_str()).collect()
}
