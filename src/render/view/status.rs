//! The live picture of an estate to be shown.

use jiff::Timestamp;

use super::{NoteView, Place};
use crate::plan::status::{
    ClusterStatus, EnvironmentStatus, EstateStatus, NamespaceStatus, PackageStatus, Standing, Sync,
};
use crate::render::sanitise::Name;

/// The live picture of an estate to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct EstateStatusView {
    /// The name of the estate.
    pub estate: Name,
    /// The base URL of the API.
    pub api: Name,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// The numbers.
    pub summary: StatusSummary,
    /// Production first, then by address.
    pub environments: Vec<EnvironmentView>,
    /// Ordered by address.
    pub namespaces: Vec<NamespaceView>,
    /// Ordered by address.
    pub clusters: Vec<ClusterView>,
    /// Resources of other kinds.
    pub others: Vec<StandingView>,
    /// What a person should read.
    pub notes: Vec<NoteView>,
}

/// The numbers of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusSummary {
    /// How many resources stand in which way to the files; those that do not happen included.
    pub sync: Vec<(Sync, usize)>,
    /// How many environments there are.
    pub environments: usize,
    /// How many of them run as they should.
    pub ready: usize,
    /// How many of them have no instances.
    pub stopped: usize,
    /// How many of them the platform works on.
    pub processing: usize,
    /// How many of them have failed.
    pub failed: usize,
}

/// What is told of every resource.
#[derive(Debug, Clone, PartialEq)]
pub struct StandingView {
    /// Its address.
    pub address: Name,
    /// Its names without the kind: `order-desk/production`.
    pub short: Name,
    /// Its id.
    pub id: Name,
    /// Whether it is as declared.
    pub sync: Sync,
    /// How many fields are not.
    pub fields: usize,
    /// Since when it has been seen as anything but declared.
    pub drifted_since: Option<Timestamp>,
    /// When it was last seen as declared.
    pub last_in_sync: Option<Timestamp>,
    /// The document or tombstone that names it.
    pub place: Option<Place>,
}

/// An environment.
#[derive(Debug, Clone, PartialEq)]
pub struct EnvironmentView {
    /// What is told of every resource.
    pub standing: StandingView,
    /// Whether it is in production mode.
    pub production: bool,
    /// The namespace it is in.
    pub namespace: Option<Name>,
    /// What the platform reports.
    pub state: Option<Name>,
    /// How many instances it is to have.
    pub instances: Option<u64>,
    /// How many it had before it was stopped.
    pub last_running_instances: Option<u64>,
    /// What is deployed.
    pub package: Option<PackageView>,
    /// Where the app is reached.
    pub url: Option<Name>,
    /// The version of the Mendix runtime.
    pub runtime_version: Option<Name>,
}

/// What is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageView {
    /// Its id.
    pub id: Name,
    /// The version of the model.
    pub version: Option<Name>,
    /// When it was built or uploaded.
    pub created_on: Option<Name>,
}

/// A namespace.
#[derive(Debug, Clone, PartialEq)]
pub struct NamespaceView {
    /// What is told of every resource.
    pub standing: StandingView,
    /// The version of its operator.
    pub operator_version: Option<Name>,
    /// How many plans it has, and how many of them are active.
    pub plans: Option<(usize, usize)>,
    /// How many members it has.
    pub members: Option<usize>,
    /// How many environments are in it.
    pub environments: Option<usize>,
}

/// A cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterView {
    /// What is told of every resource.
    pub standing: StandingView,
    /// Its type.
    pub cluster_type: Option<Name>,
    /// Which operator it runs.
    pub operator_type: Option<Name>,
    /// How many managers it has.
    pub managers: Option<usize>,
    /// How many namespaces are in it.
    pub namespaces: Option<usize>,
}

/// Views a picture; `api` is the base URL of the API.
pub fn status_view(status: &EstateStatus, api: &str) -> EstateStatusView {
    let EstateStatus { estate, taken_at, environments, namespaces, clusters, others, notes } = status;
    EstateStatusView {
        estate: Name::new(estate),
        api: Name::new(api),
        taken_at: *taken_at,
        summary: summary(status),
        environments: environments.iter().map(EnvironmentView::from).collect(),
        namespaces: namespaces.iter().map(NamespaceView::from).collect(),
        clusters: clusters.iter().map(ClusterView::from).collect(),
        others: others.iter().map(StandingView::from).collect(),
        notes: notes.iter().map(NoteView::from).collect(),
    }
}

fn summary(status: &EstateStatus) -> StatusSummary {
    let in_state = |state: &str| {
        let environments = status.environments.iter().filter(|it| it.instances != Some(0));
        environments.filter(|it| it.state.as_deref() == Some(state)).count()
    };
    StatusSummary {
        sync: Sync::ALL
            .map(|sync| (sync, status.standings().filter(|standing| standing.sync == sync).count()))
            .to_vec(),
        environments: status.environments.len(),
        ready: in_state("Ready"),
        stopped: status.environments.iter().filter(|it| it.instances == Some(0)).count(),
        processing: in_state("Processing"),
        failed: in_state("Failed"),
    }
}

impl From<&Standing> for StandingView {
    fn from(standing: &Standing) -> StandingView {
        let Standing { address, id, sync, fields, drifted_since, last_in_sync, origin } = standing;
        let text = address.to_string();
        let short = text.split_once('/').map_or(text.as_str(), |(_, names)| names);
        StandingView {
            address: Name::new(address),
            short: Name::new(short),
            id: Name::new(id),
            sync: *sync,
            fields: *fields,
            drifted_since: *drifted_since,
            last_in_sync: *last_in_sync,
            place: origin.as_ref().map(Place::from),
        }
    }
}

impl From<&EnvironmentStatus> for EnvironmentView {
    fn from(status: &EnvironmentStatus) -> EnvironmentView {
        let EnvironmentStatus {
            standing,
            production,
            namespace,
            state,
            instances,
            last_running_instances,
            package,
            url,
            runtime_version,
        } = status;
        EnvironmentView {
            standing: StandingView::from(standing),
            production: *production,
            namespace: namespace.as_ref().map(Name::new),
            state: state.as_ref().map(Name::new),
            instances: *instances,
            last_running_instances: *last_running_instances,
            package: package.as_ref().map(PackageView::from),
            url: url.as_ref().map(Name::new),
            runtime_version: runtime_version.as_ref().map(Name::new),
        }
    }
}

impl From<&PackageStatus> for PackageView {
    fn from(package: &PackageStatus) -> PackageView {
        let PackageStatus { id, version, created_on } = package;
        PackageView {
            id: Name::new(id),
            version: version.as_ref().map(Name::new),
            created_on: created_on.as_ref().map(Name::new),
        }
    }
}

impl From<&NamespaceStatus> for NamespaceView {
    fn from(status: &NamespaceStatus) -> NamespaceView {
        let NamespaceStatus { standing, operator_version, plans, members, environments } = status;
        NamespaceView {
            standing: StandingView::from(standing),
            operator_version: operator_version.as_ref().map(Name::new),
            plans: *plans,
            members: *members,
            environments: *environments,
        }
    }
}

impl From<&ClusterStatus> for ClusterView {
    fn from(status: &ClusterStatus) -> ClusterView {
        let ClusterStatus { standing, cluster_type, operator_type, managers, namespaces } = status;
        ClusterView {
            standing: StandingView::from(standing),
            cluster_type: cluster_type.as_ref().map(Name::new),
            operator_type: operator_type.as_ref().map(Name::new),
            managers: *managers,
            namespaces: *namespaces,
        }
    }
}
