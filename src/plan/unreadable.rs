//! What the API did not let this token read. It is neither there nor absent: nothing is planned for it, nothing is said
//! about it, and nothing that needs it may run.

use std::collections::BTreeMap;

use super::action::{Action, Block, Unreadable, Verb};
use super::names::{Names, tenants};
use super::note::{self, Note, Severity};
use super::packages;
use super::{Draft, PlanInput};
use crate::model::{Address, Desired, Identity, Origin, Reading, Tombstone, TombstoneTarget};

/// How many of the hidden resources a note names.
const NAMED: usize = 5;

/// What a tombstone names, as far as a refused reading leaves open whether it exists.
pub(super) fn hides_target(input: &PlanInput<'_>, tombstone: &Tombstone) -> Option<Reading> {
    let refused = |reading: Reading| input.live.refused.contains_key(&reading).then_some(reading);
    match &tombstone.target {
        TombstoneTarget::Cluster(cluster) => refused(Reading::One(Identity::Cluster(*cluster))),
        TombstoneTarget::Namespace { cluster, .. } => refused(Reading::NamespacesOf(*cluster)),
        TombstoneTarget::Package { app, .. } => refused(Reading::PackagesOf(*app)),
        TombstoneTarget::Environment { app, .. } => {
            let mut readings = input.live.refused.keys();
            let one = readings.find(|reading| match reading {
                Reading::One(identity) => tombstone.target.matches(identity),
                Reading::NamespacesOf(_) | Reading::EnvironmentsOf(_) | Reading::PackagesOf(_) => false,
            });
            refused(Reading::EnvironmentsOf(*app)).or_else(|| one.cloned())
        }
    }
}

/// Tells what could not be read, and which resources of the estate that concerns.
pub(super) fn report(input: &PlanInput<'_>, draft: &mut Draft) {
    for (reading, hidden) in hidden(input) {
        let Some(reason) = input.live.refused.get(&reading) else { continue };
        let owner = owner(input, &reading);
        let mut hidden = hidden;
        hidden.sort();
        // The estate cares for what it names. An owner that hides nothing of it hides what is unmanaged.
        if hidden.is_empty()
            && let Some(origin) = owner.origin.clone().filter(|_| input.scope.holds(&owner.address))
        {
            hidden.push((owner.address.clone(), origin));
        }
        draft.notes.push(refusal_note(&reading, &owner, &hidden, reason));
        draft.unreadable.extend(hidden.into_iter().map(|(address, origin)| Unreadable {
            address,
            because: owner.address.clone(),
            reason: reason.clone(),
            origin,
        }));
    }
    draft.unreadable.sort();
}

/// Every refused reading, with the resources and tombstones in scope that it hides.
fn hidden(input: &PlanInput<'_>) -> BTreeMap<Reading, Vec<(Address, Origin)>> {
    let mut hidden: BTreeMap<Reading, Vec<(Address, Origin)>> =
        input.live.refused.keys().map(|reading| (reading.clone(), Vec::new())).collect();
    let mut hide = |reading: Reading, address: &Address, origin: &Origin| {
        hidden.entry(reading).or_default().push((address.clone(), origin.clone()));
    };
    for desired in input.desired.resources.values().filter(|desired| input.scope.holds(&desired.address)) {
        if let Some(reading) = input.live.hidden_by(&desired.identity, desired.cluster) {
            hide(reading, &desired.address, &desired.origin);
        }
    }
    for tombstone in input.desired.tombstones.iter().filter(|tombstone| input.scope.holds(&tombstone.address))
    {
        if let Some(reading) = hides_target(input, tombstone) {
            hide(reading, &tombstone.address, &tombstone.origin);
        }
    }
    hidden
}

/// Whose reading was refused.
struct Owner {
    address: Address,
    /// Where the estate names it, if it does.
    origin: Option<Origin>,
}

fn owner(input: &PlanInput<'_>, reading: &Reading) -> Owner {
    let names = Names::new(input.desired, input.live);
    let identity = match reading {
        Reading::One(identity) => identity.clone(),
        Reading::NamespacesOf(cluster) => Identity::Cluster(*cluster),
        Reading::EnvironmentsOf(app) | Reading::PackagesOf(app) => Identity::App(*app),
    };
    if let Some(Desired { address, origin, .. }) = input.desired.resources.get(&identity) {
        return Owner { address: address.clone(), origin: Some(origin.clone()) };
    }
    let tombstone = input.desired.tombstones.iter().find(|tombstone| tombstone.target.matches(&identity));
    if let Some(Tombstone { address, origin, .. }) = tombstone {
        return Owner { address: address.clone(), origin: Some(origin.clone()) };
    }
    let address = match &identity {
        Identity::CloudApp(app) => Address::cloud_app(&app.to_string()),
        Identity::App(app) => Address::app(&names.app_name(*app)),
        Identity::Package { mark, .. } => Address::package(mark.name().unwrap_or(&mark.to_string())),
        Identity::Cluster(cluster) => Address::cluster(&names.cluster_name(Some(*cluster))),
        Identity::Namespace(namespace) => Address::namespace("unknown", &namespace.to_string()),
        Identity::Environment { app, id, .. } => Address::environment(&names.app_name(*app), id),
    };
    Owner { address, origin: None }
}

fn refusal_note(reading: &Reading, owner: &Owner, hidden: &[(Address, Origin)], reason: &str) -> Note {
    let what = match reading {
        Reading::One(_) => "it cannot be read",
        Reading::NamespacesOf(_) => "its namespaces cannot be read",
        Reading::EnvironmentsOf(_) => "its environments cannot be read",
        Reading::PackagesOf(_) => "its packages cannot be read",
    };
    let named: Vec<_> = hidden.iter().take(NAMED).map(|(address, _)| format!("`{address}`")).collect();
    let more = hidden.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let follows = match hidden {
        [] => "so that nothing is told of what lies below".to_owned(),
        [(only, _)] if *only == owner.address => "so that nothing is planned for what lies below".to_owned(),
        _ => format!("so that nothing is planned for {}{more}", named.join(", ")),
    };
    Note {
        // What the estate does not name is somebody else's.
        severity: if hidden.is_empty() { Severity::Info } else { Severity::Warning },
        code: note::UNREADABLE,
        address: Some(owner.address.clone()),
        message: format!("{what} ({reason}), {follows}; {}", missing_right(reading)),
        origin: owner.origin.clone().or_else(|| hidden.first().map(|(_, origin)| origin.clone())),
    }
}

/// What the owner of the token lacks, most likely (DOMAIN 4).
fn missing_right(reading: &Reading) -> &'static str {
    match reading {
        Reading::One(Identity::Cluster(_)) | Reading::NamespacesOf(_) => {
            "the owner of the token has to be a manager of the cluster, and the token needs the scope `mx:deployment:read`"
        }
        Reading::One(Identity::CloudApp(_)) => {
            "the owner of the token has to be a member of the app on Mendix Cloud, and the token needs the scope `mx:deployment:read`"
        }
        Reading::PackagesOf(_) | Reading::One(Identity::Package { .. }) => {
            "the token needs the scope `mx:privatecloud-build:read`, and its owner has to be a member of the app's team"
        }
        Reading::EnvironmentsOf(_) | Reading::One(_) => {
            "the owner of the token has to be a member of the app's team and of the namespaces that its environments are in, and the token needs the scope `mx:deployment:read`"
        }
    }
}

/// An action that needs to know what cannot be read: the place of a create, what `dependsOn` names, what a delete
/// would take along.
pub(super) fn block(input: &PlanInput<'_>, action: &Action) -> Option<Block> {
    let (reason, reading) = match action.verb() {
        Verb::Delete => held(input, &action.identity)?,
        Verb::Create | Verb::Update | Verb::Restart | Verb::Scale => needed(input, action)?,
    };
    Some(Block {
        code: note::NEED_UNREADABLE,
        reason,
        help: Some(format!("plan with a token that may read it: {}", missing_right(&reading))),
        origin: Some(action.origin.clone()),
        is_guard: false,
    })
}

fn needed(input: &PlanInput<'_>, action: &Action) -> Option<(String, Reading)> {
    let desired = input.desired.resources.get(&action.identity)?;
    let parent = match &action.identity {
        Identity::Environment { namespace, .. } => Some(Identity::Namespace(*namespace)),
        Identity::Namespace(_) => desired.cluster.map(Identity::Cluster),
        Identity::Cluster(_) | Identity::App(_) | Identity::Package { .. } | Identity::CloudApp(_) => None,
    };
    let package = packages::later(action).and_then(|later| input.desired.resources.get(&later.identity));
    let parent = parent.filter(|_| action.verb() == Verb::Create);
    let parent = parent.and_then(|parent| input.desired.resources.get(&parent));
    let named = desired.depends_on.iter().filter_map(|(address, _)| input.desired.by_address(address));
    parent.into_iter().chain(package).chain(named).find_map(|needed| {
        let reading = input.live.hidden_by(&needed.identity, needed.cluster)?;
        Some((format!("needs `{}`, which cannot be read", needed.address), reading))
    })
}

/// What a resource holds, or may hold, that cannot be read.
fn held(input: &PlanInput<'_>, identity: &Identity) -> Option<(String, Reading)> {
    match identity {
        Identity::Cluster(cluster) => {
            let reading = Reading::NamespacesOf(*cluster);
            let reason = "whether it still holds namespaces cannot be read".to_owned();
            input.live.refused.contains_key(&reading).then_some((reason, reading))
        }
        Identity::Namespace(_) => {
            let live = input.live.get(identity)?;
            tenants(live).into_iter().find_map(|tenant| {
                let reading = input.live.hidden_by(&tenant.identity, None)?;
                let address = Address::environment(&tenant.app_name, &tenant.name);
                Some((format!("still holds `{address}`, which cannot be read"), reading))
            })
        }
        // Whether some environment still runs it.
        Identity::Package { app, .. } => {
            let reading = Reading::EnvironmentsOf(*app);
            let reason = "whether an environment runs it cannot be read".to_owned();
            input.live.refused.contains_key(&reading).then_some((reason, reading))
        }
        Identity::App(_) | Identity::Environment { .. } | Identity::CloudApp(_) => None,
    }
}
