//! The live picture of an estate: what runs, how, and whether it is as declared. A report, never a plan.
//!
//! The API tells no times. How long something has not been as declared can therefore only be told from an earlier
//! picture: [`Earlier`] carries forward when each resource was first seen so, and last seen as declared.

mod describe;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::drift::{DriftState, Drifted, drift};
use super::names::{Names, tenants};
use super::{Note, PlanError, PlanInput, note};
use crate::model::{Address, Identity, Kind, Live, Origin, Reading};

/// The live picture of an estate.
#[derive(Debug, Clone)]
pub struct EstateStatus {
    /// The name of the estate.
    pub estate: String,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// Production first, then by address.
    pub environments: Vec<EnvironmentStatus>,
    /// Ordered by address.
    pub namespaces: Vec<NamespaceStatus>,
    /// Ordered by address.
    pub clusters: Vec<ClusterStatus>,
    /// What else there is: what is told of every resource. Ordered by address.
    pub others: Vec<Standing>,
    /// What could not be read, and what has failed.
    pub notes: Vec<Note>,
}

/// What is told of every resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Its address: the declared one, or the one that its live names make.
    pub address: Address,
    /// Its id, as the manifest spells it.
    pub id: String,
    /// Whether it is as declared.
    pub sync: Sync,
    /// How many fields are not as declared.
    pub fields: usize,
    /// When a picture first showed it as anything but declared, for as long as that lasts. Only known with an earlier
    /// picture.
    pub drifted_since: Option<Timestamp>,
    /// When a picture last showed it as declared.
    pub last_in_sync: Option<Timestamp>,
    /// The document or tombstone that names it.
    pub origin: Option<Origin>,
}

/// Whether a resource is as declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sync {
    /// Every field that the files mention is as they say.
    InSync,
    /// Fields differ.
    Drifted,
    /// It is declared and not live.
    Missing,
    /// It is live although a tombstone says that it is gone.
    NotRemoved,
    /// It is live and declared nowhere.
    Unmanaged,
    /// The API does not show it to this token.
    Unreadable,
}

impl Sync {
    /// All of them.
    pub const ALL: [Sync; 6] =
        [Sync::InSync, Sync::Drifted, Sync::Missing, Sync::NotRemoved, Sync::Unmanaged, Sync::Unreadable];

    /// The state in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Sync::InSync => "in-sync",
            Sync::Drifted => "drifted",
            Sync::Missing => "missing",
            Sync::NotRemoved => "not-removed",
            Sync::Unmanaged => "unmanaged",
            Sync::Unreadable => "unreadable",
        }
    }

    /// Whether it departs from the files.
    pub const fn is_drift(self) -> bool {
        matches!(self, Sync::Drifted | Sync::Missing | Sync::NotRemoved)
    }
}

/// An environment.
#[derive(Debug, Clone, PartialEq)]
pub struct EnvironmentStatus {
    /// What is told of every resource.
    pub standing: Standing,
    /// Whether it is in production mode: as it is, or as declared where it is not live.
    pub production: bool,
    /// The namespace it is in.
    pub namespace: Option<Address>,
    /// What the platform reports: Ready, Processing, Failed, Unknown.
    pub state: Option<String>,
    /// How many instances it is to have.
    pub instances: Option<u64>,
    /// How many it had before it was stopped.
    pub last_running_instances: Option<u64>,
    /// What is deployed.
    pub package: Option<PackageStatus>,
    /// Where the app is reached.
    pub url: Option<String>,
    /// The version of the Mendix runtime.
    pub runtime_version: Option<String>,
}

/// What is deployed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackageStatus {
    /// Its id.
    pub id: String,
    /// The version of the model, where the packages of the app could be read.
    pub version: Option<String>,
    /// When it was built or uploaded, likewise.
    pub created_on: Option<String>,
}

/// A namespace.
#[derive(Debug, Clone, PartialEq)]
pub struct NamespaceStatus {
    /// What is told of every resource.
    pub standing: Standing,
    /// The version of its operator, where one is installed.
    pub operator_version: Option<String>,
    /// How many plans it has, and how many of them are active.
    pub plans: Option<(usize, usize)>,
    /// How many members it has.
    pub members: Option<usize>,
    /// How many environments are in it.
    pub environments: Option<usize>,
}

/// A cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterStatus {
    /// What is told of every resource.
    pub standing: Standing,
    /// Its type: `eks`.
    pub cluster_type: Option<String>,
    /// Which operator it runs.
    pub operator_type: Option<String>,
    /// How many managers it has.
    pub managers: Option<usize>,
    /// How many namespaces are in it.
    pub namespaces: Option<usize>,
}

/// What a picture is made with, besides what a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    /// The time of the picture.
    pub now: Timestamp,
    /// An earlier picture of the same estate.
    pub earlier: Option<&'a Earlier>,
    /// The packages that could be read, by their id.
    pub packages: &'a BTreeMap<String, PackageStatus>,
}

/// What an earlier picture showed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Earlier {
    /// The estate that it shows; nothing when there was no picture yet.
    pub estate: Option<String>,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// By address: whether the resource departed from the files, since when, and when it last did not.
    pub resources: BTreeMap<String, Seen>,
}

/// What an earlier picture showed of one resource.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// Whether it departed from the files.
    pub is_drift: bool,
    /// Since when, as far as was known then.
    pub drifted_since: Option<Timestamp>,
    /// When it was last as declared.
    pub last_in_sync: Option<Timestamp>,
}

impl EstateStatus {
    /// What is told of every resource, whatever its kind.
    pub fn standings(&self) -> impl Iterator<Item = &Standing> {
        let environments = self.environments.iter().map(|it| &it.standing);
        let namespaces = self.namespaces.iter().map(|it| &it.standing);
        let clusters = self.clusters.iter().map(|it| &it.standing);
        environments.chain(namespaces).chain(clusters).chain(&self.others)
    }

    /// The picture as the earlier one of the next.
    pub fn as_earlier(&self) -> Earlier {
        let seen = |standing: &Standing| Seen {
            is_drift: standing.sync.is_drift(),
            drifted_since: standing.drifted_since,
            last_in_sync: standing.last_in_sync,
        };
        let resources = self.standings().map(|standing| (standing.address.to_string(), seen(standing)));
        Earlier { estate: Some(self.estate.clone()), taken_at: self.taken_at, resources: resources.collect() }
    }
}

/// Takes the picture.
///
/// # Errors
///
/// As [`super::plan`]: when needs form a loop.
pub fn status(input: &PlanInput<'_>, observed: &Observed<'_>) -> Result<EstateStatus, PlanError> {
    let drift = drift(input)?;
    let drifted = drift.resources.iter().map(|drifted| (&drifted.address, drifted)).collect();
    let listed = input.scope.reading(input.desired).namespaces_of;
    let taker = Taker { input, observed, names: Names::new(input.desired, input.live), drifted, listed };
    let mut status = EstateStatus {
        estate: input.desired.settings.estate.clone(),
        taken_at: observed.now,
        environments: Vec::new(),
        namespaces: Vec::new(),
        clusters: Vec::new(),
        others: Vec::new(),
        notes: drift
            .notes
            .iter()
            .filter(|it| [note::UNREADABLE, note::FAILED].contains(&it.code))
            .cloned()
            .collect(),
    };
    for (identity, standing) in taker.standings() {
        taker.describe(&identity, standing, &mut status);
    }
    status.environments.sort_by(|one, other| {
        (!one.production, &one.standing.address, &one.standing.id).cmp(&(
            !other.production,
            &other.standing.address,
            &other.standing.id,
        ))
    });
    status.namespaces.sort_by(|one, other| order(&one.standing).cmp(&order(&other.standing)));
    status.clusters.sort_by(|one, other| order(&one.standing).cmp(&order(&other.standing)));
    status.others.sort_by(|one, other| order(one).cmp(&order(other)));
    Ok(status)
}

fn order(standing: &Standing) -> (&Address, &str) {
    (&standing.address, &standing.id)
}

/// What the files say of a resource.
#[derive(Debug, Clone, Copy)]
enum Role<'a> {
    Declared(&'a Origin),
    /// Declared, and not shown to this token.
    Hidden(&'a Origin),
    Removed(&'a Origin),
    Undeclared,
}

struct Taker<'a> {
    input: &'a PlanInput<'a>,
    observed: &'a Observed<'a>,
    names: Names<'a>,
    drifted: BTreeMap<&'a Address, &'a Drifted>,
    /// The clusters whose namespaces were asked for.
    listed: BTreeSet<Uuid>,
}

impl Taker<'_> {
    /// Every resource that is declared, removed or live, in scope.
    fn standings(&self) -> Vec<(Identity, Standing)> {
        let mut standings = Vec::new();
        let (desired, live) = (self.input.desired, self.input.live);
        for declared in desired.resources.values().filter(|declared| declared.kind().is_managed()) {
            let identity = declared.identity.clone();
            let is_hidden = live.hidden_by(&identity, declared.cluster).is_some();
            let role = match is_hidden {
                true => Role::Hidden(&declared.origin),
                false => Role::Declared(&declared.origin),
            };
            standings.push((identity, self.standing(declared.address.clone(), declared.identity.id(), role)));
        }
        // Packages that nobody names come and go.
        let is_told = |kind: Kind| kind.is_managed() && kind != Kind::Package;
        let undeclared = live
            .resources
            .values()
            .filter(|live| is_told(live.identity.kind()) && !desired.resources.contains_key(&live.identity));
        for live in undeclared {
            let tombstone =
                desired.tombstones.iter().find(|tombstone| tombstone.target.matches(&live.identity));
            let standing = match tombstone {
                Some(tombstone) => {
                    let role = Role::Removed(&tombstone.origin);
                    self.standing(tombstone.address.clone(), live.identity.id(), role)
                }
                None => self.standing(self.names.live_address(live), live.identity.id(), Role::Undeclared),
            };
            standings.push((live.identity.clone(), standing));
        }
        // Environments of apps that the estate does not declare show up in their namespaces only.
        let known: BTreeSet<Identity> = standings.iter().map(|(identity, _)| identity.clone()).collect();
        for tenant in live.of_kind(Kind::Namespace).flat_map(tenants) {
            if known.contains(&tenant.identity) {
                continue;
            }
            let tombstone = desired.tombstones.iter().find(|it| it.target.matches(&tenant.identity));
            let role = tombstone.map_or(Role::Undeclared, |tombstone| Role::Removed(&tombstone.origin));
            let address = self.names.tenant_address(&tenant);
            standings.push((tenant.identity.clone(), self.standing(address, tenant.identity.id(), role)));
        }
        standings.retain(|(_, standing)| self.input.scope.holds(&standing.address));
        standings
    }

    fn standing(&self, address: Address, id: String, role: Role<'_>) -> Standing {
        let (sync, fields) = self.sync(&address, role);
        let origin = match role {
            Role::Declared(origin) | Role::Hidden(origin) | Role::Removed(origin) => Some(origin.clone()),
            Role::Undeclared => None,
        };
        let seen = self.observed.earlier.and_then(|earlier| {
            earlier.resources.get(&address.to_string()).map(|seen| (earlier.taken_at, *seen))
        });
        let (drifted_since, last_in_sync) = self.times(sync, seen);
        Standing { address, id, sync, fields, drifted_since, last_in_sync, origin }
    }

    fn sync(&self, address: &Address, role: Role<'_>) -> (Sync, usize) {
        match role {
            Role::Undeclared => return (Sync::Unmanaged, 0),
            Role::Removed(_) => return (Sync::NotRemoved, 0),
            Role::Hidden(_) => return (Sync::Unreadable, 0),
            Role::Declared(_) => {}
        }
        let drifted = self.drifted.get(address);
        match drifted.map(|drifted| (drifted.state, drifted.changes.len())) {
            Some((DriftState::Drifted, fields)) => (Sync::Drifted, fields),
            Some((DriftState::Missing, _)) => (Sync::Missing, 0),
            Some((DriftState::NotRemoved, _)) => (Sync::NotRemoved, 0),
            // A resource that failed is as declared all the same.
            Some((DriftState::Failed, _)) | None => (Sync::InSync, 0),
        }
    }

    /// Since when a resource departs from the files, and when it last did not.
    fn times(&self, sync: Sync, seen: Option<(Timestamp, Seen)>) -> (Option<Timestamp>, Option<Timestamp>) {
        let now = self.observed.now;
        let last = seen.and_then(|(_, seen)| seen.last_in_sync);
        match sync {
            Sync::InSync => (None, Some(now)),
            Sync::Drifted | Sync::Missing | Sync::NotRemoved => {
                let since = match seen {
                    // It was so then already, though nobody could say for how long.
                    Some((taken_at, seen)) if seen.is_drift => Some(seen.drifted_since.unwrap_or(taken_at)),
                    Some(_) | None => self.observed.earlier.map(|_| now),
                };
                (since, last)
            }
            // What cannot be seen may have gone on as it was.
            Sync::Unreadable => (seen.and_then(|(_, seen)| seen.drifted_since), last),
            Sync::Unmanaged => (None, None),
        }
    }

    /// Tells what is live of a resource, by its kind.
    fn describe(&self, identity: &Identity, standing: Standing, status: &mut EstateStatus) {
        let live: Option<&Live> = self.input.live.get(identity);
        match identity {
            Identity::Environment { .. } => {
                let declared = self.input.desired.resources.get(identity);
                let mut described = describe::environment(live, declared, standing);
                described.namespace = self.namespace_of(identity);
                if let Some(package) = &mut described.package
                    && let Some(known) = self.observed.packages.get(&package.id)
                {
                    package.clone_from(known);
                }
                status.environments.push(described);
            }
            Identity::Namespace(_) => status.namespaces.push(describe::namespace(live, standing)),
            Identity::Cluster(id) => {
                let count =
                    self.input.live.of_kind(Kind::Namespace).filter(|it| it.cluster == Some(*id)).count();
                let hidden = Reading::NamespacesOf(*id);
                let is_known = self.listed.contains(id) && !self.input.live.refused.contains_key(&hidden);
                status.clusters.push(describe::cluster(live, standing, is_known.then_some(count)));
            }
            Identity::App(_) | Identity::Package { .. } | Identity::CloudApp(_) => {
                status.others.push(standing);
            }
        }
    }

    fn namespace_of(&self, environment: &Identity) -> Option<Address> {
        let Identity::Environment { namespace, .. } = environment else { return None };
        let identity = Identity::Namespace(*namespace);
        let declared = self.input.desired.resources.get(&identity).map(|declared| declared.address.clone());
        declared.or_else(|| self.input.live.get(&identity).map(|live| self.names.live_address(live)))
    }
}
