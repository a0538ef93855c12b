//! Desired state: what the files of an estate ask for.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::declared::{Fields, dig, secrets};
use super::{Address, Identity, Kind, Origin, Settings};

/// Everything that an estate declares.
#[derive(Debug, Clone)]
pub struct DesiredState {
    /// What `mxkeep.yaml` says.
    pub settings: Settings,
    /// The declared resources.
    pub resources: BTreeMap<Identity, Desired>,
    /// What is to be deleted, ordered by address.
    pub tombstones: Vec<Tombstone>,
}

/// One declared resource. References are resolved and shorthands expanded, so that `fields` holds only what the API
/// knows, in the API's own names.
#[derive(Debug, Clone)]
pub struct Desired {
    /// Its human name.
    pub address: Address,
    /// Who it is.
    pub identity: Identity,
    /// The cluster that holds it (namespaces and environments).
    pub cluster: Option<Uuid>,
    /// The name in the files.
    pub name: String,
    /// `manifestVersion`, when the document gives one.
    pub manifest_version: Option<String>,
    /// The declared fields.
    pub fields: Fields,
    /// Resources that have to be as declared first, beyond cluster, namespace and app.
    pub depends_on: Vec<(Address, Origin)>,
    /// Where the document starts: the key that names its kind.
    pub origin: Origin,
}

/// A declared delete.
#[derive(Debug, Clone)]
pub struct Tombstone {
    /// The address that the deleted resource has to have.
    pub address: Address,
    /// What is known of its identity.
    pub target: TombstoneTarget,
    /// Why it goes.
    pub reason: Option<String>,
    /// Where it was declared: its address.
    pub origin: Origin,
}

/// What a tombstone says about the identity of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TombstoneTarget {
    /// A cluster, by id.
    Cluster(Uuid),
    /// A namespace, by id, and the cluster that its address names.
    Namespace {
        /// Its id.
        namespace: Uuid,
        /// The cluster that holds it.
        cluster: Uuid,
    },
    /// An environment, by app and id; the namespace only where the tombstone names one.
    Environment {
        /// Its app.
        app: Uuid,
        /// Its namespace, when given.
        namespace: Option<Uuid>,
        /// Its id.
        id: String,
    },
}

impl TombstoneTarget {
    /// Whether the resource with this identity is meant.
    pub fn matches(&self, identity: &Identity) -> bool {
        match (self, identity) {
            (TombstoneTarget::Cluster(target), Identity::Cluster(cluster)) => target == cluster,
            (TombstoneTarget::Namespace { namespace: target, .. }, Identity::Namespace(namespace)) => {
                target == namespace
            }
            (
                TombstoneTarget::Environment { app, namespace, id },
                Identity::Environment { app: other_app, namespace: other_namespace, id: other_id },
            ) => {
                app == other_app
                    && id == other_id
                    && namespace.is_none_or(|namespace| namespace == *other_namespace)
            }
            _ => false,
        }
    }
}

impl Desired {
    /// The kind of the resource.
    pub const fn kind(&self) -> Kind {
        self.identity.kind()
    }

    /// The declared text at a path of field names.
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        dig(&self.fields, path)?.as_text()
    }

    /// The declared boolean at a path of field names.
    pub fn boolean(&self, path: &[&str]) -> Option<bool> {
        match &dig(&self.fields, path)?.value {
            super::DeclaredValue::Scalar(value) => value.as_bool(),
            _ => None,
        }
    }
}

impl DesiredState {
    /// The resource with this address.
    pub fn by_address(&self, address: &Address) -> Option<&Desired> {
        self.resources.values().find(|desired| desired.address == *address)
    }

    /// Every secret value that the files give, as it is sent: what no output may show.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.resources.values().flat_map(|desired| secrets(&desired.fields))
    }

    /// All resources of one kind, ordered by identity.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Desired> {
        self.resources.values().filter(move |desired| desired.kind() == kind)
    }
}
