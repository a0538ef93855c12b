//! Desired state: what the files of an estate ask for.

use std::collections::BTreeMap;
use std::path::PathBuf;

use uuid::Uuid;

use super::declared::{DeclaredValue, Fields, Later, dig, secrets, settle};
use super::{Address, Identity, Kind, Layer, Mark, Origin, Overridden, Settings};

/// Everything that an estate declares.
#[derive(Debug, Clone, Default)]
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
    /// The file that it is made from (packages that are uploaded).
    pub upload: Option<Upload>,
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
    /// The documents and defaults that it is made of, nearest first.
    pub layers: Vec<Layer>,
    /// The values that nearer layers replaced.
    pub overridden: Vec<Overridden>,
}

/// A file of the estate that is to be uploaded, as it was when the estate was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Where it is.
    pub path: PathBuf,
    /// How many bytes it has.
    pub size: u64,
    /// The SHA-256 of its content, in hexadecimal digits.
    pub sha256: String,
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
    /// A package, by app and id.
    Package {
        /// Its app.
        app: Uuid,
        /// Its id.
        id: String,
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
            (TombstoneTarget::Package { app, id }, Identity::Package { app: other_app, mark }) => {
                app == other_app && *mark == Mark::id(id)
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
            DeclaredValue::Scalar(value) => value.as_bool(),
            _ => None,
        }
    }
}

impl Desired {
    /// The package that an environment names and that is not known by an id yet.
    pub fn later_package(&self) -> Option<&Later> {
        match &dig(&self.fields, &["deployment", "packageId"])?.value {
            DeclaredValue::Later(later) => Some(later),
            _ => None,
        }
    }

    /// The same resource with what is known by now in the place of what was still to come.
    #[must_use]
    pub fn settled(&self, known: impl Fn(&Identity) -> Option<String>) -> Desired {
        let mut settled = self.clone();
        settle(&mut settled.fields, &known);
        settled
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
