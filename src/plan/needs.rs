//! Needs: what has to succeed before an action may start.
//!
//! ```text
//! create and update     cluster ──▶ namespace ──▶ environment      (main namespace ──▶ managed ones)
//!                       package ──▶ environment
//! delete                environment ──▶ namespace ──▶ cluster      environment ──▶ package
//! ```
//!
//! A child that already exists needs an update of its parent only when that update switches on what the child may
//! depend on. Anything more would let a refused change of a cluster's description hold up a deployment.

use std::collections::BTreeMap;

use super::action::{Action, ActionId, Verb, Work};
use super::packages;
use super::reconcile::action_id;
use super::waiting::pending_id;
use super::{PlanInput, relations};
use crate::model::{Desired, Identity, Step};

/// Fields of a namespace that decide what its environments may do.
const ENABLING: [&str; 3] = ["plans", "enableDevelopmentMode", "enableExternalSecretsStore"];

/// Fills in what every action needs, ordered by id.
pub(super) fn add_needs(input: &PlanInput<'_>, actions: &mut BTreeMap<ActionId, Action>) {
    let all: Vec<(ActionId, Vec<ActionId>)> =
        actions.values().map(|action| (action.id.clone(), needs_of(input, action, actions))).collect();
    for (id, mut needs) in all {
        needs.sort();
        needs.dedup();
        if let Some(action) = actions.get_mut(&id) {
            action.needs = needs;
        }
    }
}

fn needs_of(input: &PlanInput<'_>, action: &Action, actions: &BTreeMap<ActionId, Action>) -> Vec<ActionId> {
    match action.verb() {
        // One environment needs nothing of another to stop or start.
        Verb::Restart | Verb::Scale => Vec::new(),
        Verb::Delete => {
            let mut needs = children(input, action, actions);
            needs.extend(packages::let_go(input, action, actions).map(|other| other.id.clone()));
            needs
        }
        Verb::Create | Verb::Update => {
            let Some(desired) = input.desired.resources.get(&action.identity) else { return Vec::new() };
            let mut needs = parents(input, action, desired, actions);
            needs.extend(declared_needs(input, desired, actions));
            needs.extend(same_id_elsewhere(action, actions));
            needs.extend(packages::needed(action, actions).map(|other| other.id.clone()));
            if action.id == pending_id(&action.address) {
                // The rest of the same resource first.
                needs.extend(actions_on(desired, actions).map(|other| other.id.clone()));
                needs.retain(|need| *need != action.id);
            }
            needs
        }
    }
}

/// The deletes of what the resource holds.
fn children(input: &PlanInput<'_>, action: &Action, actions: &BTreeMap<ActionId, Action>) -> Vec<ActionId> {
    let is_child = |other: &Action| match (&action.identity, &other.identity) {
        (Identity::Cluster(cluster), Identity::Namespace(_)) => other.cluster == Some(*cluster),
        (Identity::Namespace(namespace), Identity::Environment { namespace: home, .. }) => home == namespace,
        (Identity::Cluster(cluster), Identity::Environment { namespace, .. }) => {
            let namespace = input.live.get(&Identity::Namespace(*namespace));
            namespace.and_then(|namespace| namespace.cluster) == Some(*cluster)
        }
        _ => false,
    };
    actions
        .values()
        .filter(|other| other.verb() == Verb::Delete && is_child(other))
        .map(|other| other.id.clone())
        .collect()
}

fn parents(
    input: &PlanInput<'_>,
    action: &Action,
    desired: &Desired,
    actions: &BTreeMap<ActionId, Action>,
) -> Vec<ActionId> {
    let identities = relations::parents(input.desired, desired);
    let is_new = action.verb() == Verb::Create;
    let needed = |other: &&Action| match &other.work {
        Work::Create(_) => true,
        Work::Update(_) => is_new || enables(other),
        Work::Delete { .. } | Work::Restart(_) | Work::Scale(_) => false,
    };
    let found = identities.iter().filter_map(|identity| input.desired.resources.get(identity));
    found
        .flat_map(|parent| actions_on(parent, actions))
        .filter(needed)
        // Which of the plans an environment needs is for the environment to say.
        .filter(|other| other.id != pending_id(&other.address))
        .map(|other| other.id.clone())
        .collect()
}

fn enables(update: &Action) -> bool {
    update.changes().iter().any(|change| match change.path.0.first() {
        Some(Step::Field(name)) => ENABLING.contains(name),
        _ => false,
    })
}

fn declared_needs(
    input: &PlanInput<'_>,
    desired: &Desired,
    actions: &BTreeMap<ActionId, Action>,
) -> Vec<ActionId> {
    let named = desired.depends_on.iter().filter_map(|(address, _)| input.desired.by_address(address));
    named.flat_map(|other| actions_on(other, actions)).map(|other| other.id.clone()).collect()
}

/// A declared move is a delete and a create: the old environment has to free its URL first.
fn same_id_elsewhere(action: &Action, actions: &BTreeMap<ActionId, Action>) -> Vec<ActionId> {
    let Identity::Environment { app, id, .. } = &action.identity else { return Vec::new() };
    let is_twin = |other: &&Action| {
        other.verb() == Verb::Delete
            && matches!(&other.identity, Identity::Environment { app: other_app, id: other_id, .. }
                if other_app == app && other_id == id)
    };
    if action.verb() != Verb::Create {
        return Vec::new();
    }
    actions.values().filter(is_twin).map(|other| other.id.clone()).collect()
}

fn actions_on<'a>(
    desired: &Desired,
    actions: &'a BTreeMap<ActionId, Action>,
) -> impl Iterator<Item = &'a Action> + use<'a> {
    [Verb::Create, Verb::Update]
        .map(|verb| action_id(verb, &desired.address))
        .into_iter()
        .chain([pending_id(&desired.address)])
        .filter_map(|id| actions.get(&id))
}
