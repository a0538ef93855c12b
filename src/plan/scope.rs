//! Scope: which addresses a run may touch, and what has to be read for it.

use uuid::Uuid;

use super::cloud;
use crate::model::{Address, AddressGlob, Desired, DesiredState, Identity, Kind, ReadScope, TombstoneTarget};

/// Which addresses a run may touch.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    targets: Vec<AddressGlob>,
}

impl Scope {
    /// Only addresses that match one of these; all of them when there is none.
    pub fn new(targets: Vec<AddressGlob>) -> Scope {
        Scope { targets }
    }

    /// Whether the run may touch the resource.
    pub fn holds(&self, address: &Address) -> bool {
        self.targets.is_empty() || self.targets.iter().any(|target| target.matches(address))
    }

    /// Whether the run may touch everything.
    pub fn is_whole(&self) -> bool {
        self.targets.is_empty()
    }

    /// Targets that name nothing that the estate declares or removes, or did so before.
    pub fn unmatched<'s>(
        &'s self,
        desired: &'s DesiredState,
        before: Option<&'s DesiredState>,
    ) -> impl Iterator<Item = &'s str> {
        let is_known = move |target: &AddressGlob| {
            let states = std::iter::once(desired).chain(before);
            states.flat_map(addresses).any(|address| target.matches(address))
        };
        self.targets.iter().filter(move |target| !is_known(target)).map(AddressGlob::as_str)
    }

    /// What has to be read: one request per parent and page; a single GET where that is cheaper.
    pub fn reading(&self, desired: &DesiredState) -> ReadScope {
        let mut reading = ReadScope {
            // Who has nothing but apps on Mendix Cloud may well have no access to a private cloud.
            list_clusters: self.is_whole() && !is_cloud_only(desired),
            ..ReadScope::default()
        };
        let touched = || desired.resources.values().filter(|resource| self.holds(&resource.address));
        // Whether they exist decides about what names them.
        let named = touched().flat_map(|resource| &resource.depends_on);
        let named = named.filter_map(|(address, _)| desired.by_address(address));
        for resource in touched().chain(named) {
            match &resource.identity {
                Identity::Cluster(cluster) => {
                    reading.clusters.insert(*cluster);
                    if self.is_whole() {
                        reading.namespaces_of.insert(*cluster);
                    }
                }
                Identity::Namespace(_) => reading.namespaces_of.extend(resource.cluster),
                Identity::Environment { app, .. } => {
                    reading.environments_of.insert(*app);
                    if resource.later_package().is_some() {
                        reading.packages_of.insert(*app);
                    }
                    // The list holds all environments of the app, and not every one tells its namespace by its id.
                    reading.namespaces_of.extend(clusters_of(desired, *app));
                }
                Identity::CloudApp(app) => {
                    let environments = cloud::declared_environments(resource);
                    let environments = environments.filter_map(|(id, _)| Uuid::try_parse(&id).ok());
                    reading.cloud_apps.insert(*app, environments.collect());
                }
                Identity::Package { app, .. } => {
                    reading.packages_of.insert(*app);
                }
                Identity::App(app) => {
                    if self.is_whole() {
                        reading.environments_of.insert(*app);
                    }
                }
            }
        }
        for tombstone in desired.tombstones.iter().filter(|tombstone| self.holds(&tombstone.address)) {
            match &tombstone.target {
                TombstoneTarget::Cluster(cluster) => {
                    reading.clusters.insert(*cluster);
                    reading.namespaces_of.insert(*cluster);
                }
                TombstoneTarget::Namespace { cluster, .. } => {
                    reading.namespaces_of.insert(*cluster);
                }
                TombstoneTarget::Package { app, .. } => {
                    reading.packages_of.insert(*app);
                    // Whether some environment still runs it.
                    reading.environments_of.insert(*app);
                    reading.namespaces_of.extend(clusters_of(desired, *app));
                }
                TombstoneTarget::Environment { app, .. } => {
                    reading.environments_of.insert(*app);
                    // The address of an environment may name its namespace, which only the namespaces tell.
                    let clusters =
                        desired.of_kind(Kind::Cluster).filter_map(|cluster| match cluster.identity {
                            Identity::Cluster(id) => Some(id),
                            _ => None,
                        });
                    reading.namespaces_of.extend(clusters);
                }
            }
        }
        if reading.environments_of.is_empty() {
            return with_holders(reading);
        }
        // A tombstone may name the place of an environment, which only the namespaces tell; their clusters may be
        // about to go as well.
        reading.namespaces_of.extend(desired.tombstones.iter().filter_map(
            |tombstone| match tombstone.target {
                TombstoneTarget::Cluster(cluster) | TombstoneTarget::Namespace { cluster, .. } => {
                    Some(cluster)
                }
                TombstoneTarget::Package { .. } | TombstoneTarget::Environment { .. } => None,
            },
        ));
        with_holders(reading)
    }

    /// The same for two states of the files: what either needs, still once. Whether a resource is live that only the
    /// earlier files declare can be told by nothing else.
    pub fn reading_of_both(&self, desired: &DesiredState, before: Option<&DesiredState>) -> ReadScope {
        let mut reading = self.reading(desired);
        if let Some(before) = before {
            reading.extend(self.reading(before));
        }
        reading
    }
}

/// Whether an estate has nothing to do with private clouds.
pub fn is_cloud_only(desired: &DesiredState) -> bool {
    let mut kinds = desired.resources.values().map(Desired::kind);
    desired.tombstones.is_empty() && !desired.resources.is_empty() && kinds.all(|kind| kind == Kind::CloudApp)
}

/// Clusters whose namespaces are read are read themselves.
fn with_holders(mut reading: ReadScope) -> ReadScope {
    let holders: Vec<_> = reading.namespaces_of.iter().copied().collect();
    reading.clusters.extend(holders);
    reading
}

/// The clusters of all declared environments of an app.
fn clusters_of(desired: &DesiredState, app: Uuid) -> impl Iterator<Item = Uuid> {
    desired.resources.values().filter_map(move |resource| match resource.identity {
        Identity::Environment { app: other, .. } if other == app => resource.cluster,
        _ => None,
    })
}

/// Every address that the estate declares or removes.
pub fn addresses(desired: &DesiredState) -> impl Iterator<Item = &Address> {
    let declared = desired.resources.values().map(|resource| &resource.address);
    declared.chain(desired.tombstones.iter().map(|tombstone| &tombstone.address))
}
