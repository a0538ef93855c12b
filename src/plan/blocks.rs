//! What stops an action. A block stops its action and what needs it, never the whole plan.

use std::collections::{BTreeMap, BTreeSet};

use super::action::{Action, ActionId, Block, Status, Verb};
use super::cloud;
use super::names::{Names, tenants};
use super::packages;
use super::platform;
use super::reconcile::action_id;
use super::{DriftMode, PlanInput};
use super::{note, waiting};
use crate::model::field::find;
use crate::model::{Identity, Kind, Step};

/// A reason that stops an action.
type Check = fn(&PlanInput<'_>, &Action, &BTreeMap<ActionId, Action>) -> Option<Block>;

/// Every reason, the most telling first. What the platform would do and the estate does not want is in
/// [`super::guards`].
const CHECKS: [Check; 17] = [
    moved,
    cloud::app_missing,
    cloud::free,
    cloud::environment_missing,
    cloud::not_the_contact,
    immutable,
    platform::main_namespace,
    app_missing,
    unreadable,
    platform::operator_type,
    platform::main_missing,
    packages::missing,
    parent_missing,
    platform::plan_unusable,
    platform::creator_removed,
    in_use,
    packages::in_use,
];

/// Blocks every action that has a reason to be.
pub(super) fn block(input: &PlanInput<'_>, actions: &mut BTreeMap<ActionId, Action>) {
    let found: Vec<(ActionId, Block)> = actions
        .values()
        .filter(|action| action.is_ready())
        .filter_map(|action| {
            let block = CHECKS.iter().find_map(|check| check(input, action, actions))?;
            Some((action.id.clone(), block))
        })
        .collect();
    for (id, block) in found {
        if let Some(action) = actions.get_mut(&id) {
            action.status = Status::Blocked(block);
        }
    }
}

/// Blocks what needs a blocked action, and lets wait what needs a waiting one. A block is the stronger: what a person
/// does about a wait does not end it.
pub(super) fn hold_dependants(order: &[ActionId], actions: &mut BTreeMap<ActionId, Action>) {
    for id in order {
        let Some(action) = actions.get(id).filter(|action| !action.is_blocked()) else { continue };
        let needs = || action.needs.iter().filter_map(|need| actions.get(need));
        let blocked = needs().find(|need| need.is_blocked()).map(|need| {
            Status::Blocked(Block {
                code: note::NEED_BLOCKED,
                reason: format!("needs `{}`, which is blocked", need.id),
                help: None,
                origin: None,
                is_guard: false,
            })
        });
        let waiting = needs()
            .filter(|_| action.is_ready())
            .find_map(|need| need.wait().map(|wait| Status::Waiting(waiting::inherited(&need.id, wait))));
        let Some(status) = blocked.or(waiting) else { continue };
        if let Some(action) = actions.get_mut(id) {
            action.status = status;
        }
    }
}

/// A resource that lives in another place: there is no move (PRV-04).
fn moved(input: &PlanInput<'_>, action: &Action, _: &BTreeMap<ActionId, Action>) -> Option<Block> {
    let desired = input.desired.resources.get(&action.identity)?;
    let names = Names::new(input.desired, input.live);
    let (code, from) = match &action.identity {
        Identity::Namespace(_) if action.verb() == Verb::Update => {
            let live = input.live.get(&action.identity)?;
            (note::MOVED, (live.cluster != desired.cluster).then(|| names.live_address(live))?)
        }
        Identity::Environment { app, id, .. } if action.verb() == Verb::Create => {
            let twin = input.live.of_kind(Kind::Environment).find(|live| {
                let same = matches!(&live.identity, Identity::Environment { app: other_app, id: other_id, .. }
                    if other_app == app && other_id == id);
                let stays = input.desired.resources.contains_key(&live.identity)
                    || input
                        .desired
                        .tombstones
                        .iter()
                        .any(|tombstone| tombstone.target.matches(&live.identity));
                same && !stays
            })?;
            (note::PROVIDER_CHANGED, names.full_address(twin))
        }
        _ => return None,
    };
    Some(Block {
        code,
        reason: format!("lives elsewhere as `{from}`, and the platform has no move"),
        help: Some(
            "declare it where it lives, or write a tombstone for the old one: that deletes its data"
                .to_owned(),
        ),
        origin: Some(action.origin.clone()),
        is_guard: false,
    })
}

fn immutable(_: &PlanInput<'_>, action: &Action, _: &BTreeMap<ActionId, Action>) -> Option<Block> {
    let change = action.changes().iter().find(|change| change.immutable)?;
    let field = match change.path.0.first() {
        Some(Step::Field(name)) => find(action.identity.kind().fields(), name),
        _ => None,
    };
    Some(Block {
        code: field.and_then(|field| field.fixed_by).unwrap_or(note::IMMUTABLE),
        reason: format!("`{}` cannot change once the resource exists", change.path),
        help: Some("put the live value back into the file, or replace the resource".to_owned()),
        origin: change.origin.clone(),
        is_guard: false,
    })
}

fn app_missing(input: &PlanInput<'_>, action: &Action, _: &BTreeMap<ActionId, Action>) -> Option<Block> {
    let (Identity::Environment { app, .. } | Identity::Package { app, .. }) = &action.identity else {
        return None;
    };
    input.live.missing_apps.contains(app).then(|| Block {
        code: note::APP_MISSING,
        reason: format!("the app {app} does not exist, or the token cannot see it"),
        help: Some("check `appId`, and that the token's owner is a member of the app".to_owned()),
        origin: input.desired.resources.get(&Identity::App(*app)).map(|app| app.origin.clone()),
        is_guard: false,
    })
}

fn unreadable(input: &PlanInput<'_>, action: &Action, _: &BTreeMap<ActionId, Action>) -> Option<Block> {
    super::unreadable::block(input, action)
}

/// A create whose parent, or an action whose `dependsOn`, is neither live nor created by this plan: `--target` may
/// leave it out.
fn parent_missing(
    input: &PlanInput<'_>,
    action: &Action,
    actions: &BTreeMap<ActionId, Action>,
) -> Option<Block> {
    let desired = input.desired.resources.get(&action.identity)?;
    let parent = match &action.identity {
        Identity::Environment { namespace, .. } => Some(Identity::Namespace(*namespace)),
        Identity::Namespace(_) => desired.cluster.map(Identity::Cluster),
        Identity::Cluster(_) | Identity::App(_) | Identity::Package { .. } | Identity::CloudApp(_) => None,
    };
    let parent = parent.filter(|_| action.verb() == Verb::Create);
    let parent = parent.and_then(|parent| input.desired.resources.get(&parent));
    let named = desired.depends_on.iter().filter_map(|(address, _)| input.desired.by_address(address));
    let package = packages::later(action).and_then(|later| input.desired.resources.get(&later.identity));
    let needed = parent.into_iter().chain(package).chain(named).filter(|needed| needed.kind().is_managed());
    let missing = needed.map(|needed| (&needed.address, &needed.identity)).find(|(address, identity)| {
        input.live.get(identity).is_none() && !actions.contains_key(&action_id(Verb::Create, address))
    });
    missing.map(|(address, _)| Block {
        code: note::PARENT_MISSING,
        reason: format!("`{address}` does not exist and is not created by this plan"),
        help: Some(match input.options.drift {
            DriftMode::Correct => format!("add `--target {address}`"),
            DriftMode::Report => {
                format!("add `--target {address}`; where it went missing, leave `--drift report` out")
            }
        }),
        origin: None,
        is_guard: false,
    })
}

/// A delete of something that still holds what is not deleted with it.
fn in_use(input: &PlanInput<'_>, action: &Action, actions: &BTreeMap<ActionId, Action>) -> Option<Block> {
    if action.verb() != Verb::Delete {
        return None;
    }
    let leaves: BTreeSet<&Identity> =
        actions.values().filter(|other| other.verb() == Verb::Delete).map(|other| &other.identity).collect();
    let names = Names::new(input.desired, input.live);
    let declared =
        input.desired.resources.values().filter(|desired| match (&action.identity, &desired.identity) {
            (Identity::Cluster(cluster), _) => desired.cluster == Some(*cluster),
            (Identity::Namespace(namespace), Identity::Environment { namespace: home, .. }) => {
                home == namespace
            }
            _ => false,
        });
    let live = input.live.resources.values().filter(|live| match (&action.identity, &live.identity) {
        (Identity::Cluster(cluster), Identity::Namespace(_)) => live.cluster == Some(*cluster),
        (Identity::Namespace(namespace), Identity::Environment { namespace: home, .. }) => home == namespace,
        _ => false,
    });
    let mut holds: BTreeSet<String> = declared.map(|desired| desired.address.to_string()).collect();
    holds.extend(
        live.filter(|live| !leaves.contains(&live.identity)).map(|live| names.address(live).to_string()),
    );
    if let Some(namespace) = input.live.get(&action.identity) {
        let others = tenants(namespace).into_iter().filter(|tenant| !leaves.contains(&tenant.identity));
        holds.extend(
            others
                .filter(|tenant| input.live.get(&tenant.identity).is_none())
                .map(|tenant| crate::model::Address::environment(&tenant.app_name, &tenant.name).to_string()),
        );
    }
    let holds: Vec<_> = holds.into_iter().map(|address| format!("`{address}`")).collect();
    (!holds.is_empty()).then(|| Block {
        code: match action.identity.kind() {
            Kind::Namespace => note::NAMESPACE_IN_USE,
            _ => note::IN_USE,
        },
        reason: format!("still holds {}", holds.join(", ")),
        help: Some("write tombstones for them as well, or keep this resource".to_owned()),
        origin: Some(action.origin.clone()),
        is_guard: false,
    })
}
