//! Deletes: tombstones, and nothing else. A resource whose file is gone is left alone (DESIGN 1, promise 2).

use super::action::{Action, Block, Problem, Status, Verb, Work};
use super::drift::Drifted;
use super::effect::delete_effect;
use super::names::Names;
use super::note::{self, Note, Severity};
use super::reconcile::{action_id, is_production};
use super::three_way;
use super::unreadable::hides_target;
use super::{Draft, PlanInput};
use crate::model::{Address, Identity, Live, Tombstone};

/// Adds an action for every tombstone whose resource is still live.
pub(super) fn deletes(input: &PlanInput<'_>, draft: &mut Draft) {
    for tombstone in input.desired.tombstones.iter().filter(|tombstone| input.scope.holds(&tombstone.address))
    {
        let matches: Vec<_> =
            input.live.resources.values().filter(|live| tombstone.target.matches(&live.identity)).collect();
        match matches.as_slice() {
            // Told by `unreadable::report`.
            _ if hides_target(input, tombstone).is_some() => {}
            [] => draft.notes.push(already_gone(tombstone)),
            [live] => {
                let action = delete(input, tombstone, live);
                if three_way::leaves(input, &action) {
                    draft.drift.push(Drifted::not_removed(&action));
                    continue;
                }
                // Two tombstones may name twins by one address.
                let action = match draft.actions.get(&action.id) {
                    Some(same) if same.identity == action.identity => continue,
                    Some(_) => apart(input, action),
                    None => action,
                };
                draft.actions.insert(action.id.clone(), action);
            }
            several => draft.problems.push(ambiguous(tombstone, several)),
        }
    }
}

fn delete(input: &PlanInput<'_>, tombstone: &Tombstone, live: &Live) -> Action {
    let names = Names::new(input.desired, input.live);
    let found = names.live_address(live);
    let status = if is_meant(&names, live, &found, &tombstone.address) {
        Status::Ready
    } else {
        Status::Blocked(other_resource(&names, live, tombstone))
    };
    Action {
        id: action_id(Verb::Delete, &tombstone.address),
        address: tombstone.address.clone(),
        identity: live.identity.clone(),
        cluster: live.cluster,
        work: Work::Delete { name: live.name() },
        effect: delete_effect(live.identity.kind()),
        production: is_production(live),
        needs: Vec::new(),
        digest: String::new(),
        status,
        class: three_way::of_tombstone(input, tombstone),
        waived: Vec::new(),
        reason: tombstone.reason.clone().unwrap_or_else(|| "removed by a tombstone".to_owned()),
        origin: tombstone.origin.clone(),
    }
}

fn other_resource(names: &Names<'_>, live: &Live, tombstone: &Tombstone) -> Block {
    let is_unknown = !tombstone.address.place().is_empty() && names.place_of(live).is_none();
    let (reason, help) = if is_unknown {
        let reason = "where the environment lives could not be read".to_owned();
        (reason, "declare its cluster, or leave `@…` out of the address")
    } else {
        let reason = format!("the id names `{}`, not `{}`", names.full_address(live), tombstone.address);
        (reason, "correct the id or the address of the tombstone")
    };
    Block {
        code: note::OTHER_RESOURCE,
        reason,
        help: Some(help.to_owned()),
        origin: Some(tombstone.origin.clone()),
        is_guard: false,
    }
}

/// Whether the live names are those of the tombstone, and the place, where it names one.
fn is_meant(names: &Names<'_>, live: &Live, found: &Address, wanted: &Address) -> bool {
    let place = names.place_of(live);
    let is_place = match wanted.place().as_slice() {
        [] => true,
        [namespace] => place.as_ref().is_some_and(|(_, found)| found == namespace),
        [cluster, namespace] => place.is_some_and(|found| found == (cluster.clone(), namespace.clone())),
        _ => false,
    };
    is_place && found.kind() == wanted.kind() && found.names() == wanted.names()
}

/// The same action, under the address that names its place. Packages have none: they keep their address, and the id of
/// the action tells them apart.
fn apart(input: &PlanInput<'_>, action: Action) -> Action {
    if let Identity::Package { .. } = action.identity {
        return Action { id: format!("{}#{}", action.id, action.identity.id()), ..action };
    }
    let names = Names::new(input.desired, input.live);
    let place = input.live.get(&action.identity).and_then(|live| names.place_of(live));
    let Some((cluster, namespace)) = place else { return action };
    let address = action.address.without_place().at_cluster_namespace(&cluster, &namespace);
    Action { id: action_id(Verb::Delete, &address), address, ..action }
}

fn already_gone(tombstone: &Tombstone) -> Note {
    Note {
        severity: Severity::Info,
        code: note::ALREADY_GONE,
        address: Some(tombstone.address.clone()),
        message: "is gone already; the tombstone can go, too".to_owned(),
        origin: Some(tombstone.origin.clone()),
    }
}

fn ambiguous(tombstone: &Tombstone, several: &[&Live]) -> Problem {
    Problem {
        code: note::AMBIGUOUS,
        address: tombstone.address.clone(),
        path: None,
        message: format!("the id names {} environments in different namespaces", several.len()),
        help: "add `namespace: CLUSTER/NAMESPACE` to the tombstone".to_owned(),
        origin: tombstone.origin.clone(),
    }
}
