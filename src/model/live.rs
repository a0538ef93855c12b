//! Live state: what the API reported.
//!
//! Manifests stay JSON as they came, so that a field that no table knows survives an update untouched.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use super::{Identity, Kind};

/// One resource as the API returned it.
#[derive(Debug, Clone, PartialEq)]
pub struct Live {
    /// Who it is.
    pub identity: Identity,
    /// The cluster that holds it; only namespaces have one here (it stands in the path, not in the manifest).
    pub cluster: Option<Uuid>,
    /// The whole document, `{"manifestVersion": …, "<kind>": {…}}`, unknown fields included.
    pub document: Value,
}

impl Live {
    /// The kind's own object inside the document; JSON null when the document has none.
    pub fn manifest(&self) -> &Value {
        self.document.get(self.identity.kind().name()).unwrap_or(&Value::Null)
    }

    /// The text at a JSON pointer of the manifest.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.manifest().pointer(pointer).and_then(Value::as_str)
    }

    /// The name that people know it by; its id where the API gave no name.
    pub fn name(&self) -> String {
        let pointer = match self.identity.kind() {
            Kind::Cluster | Kind::Namespace => "/name",
            Kind::App => "/appName",
            Kind::Environment => "/properties/name",
            // Version 3 of the API does not tell it.
            Kind::CloudApp => "/name",
        };
        self.text(pointer).map_or_else(|| self.identity.id(), str::to_owned)
    }
}

/// What is asked of the API as one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reading {
    /// A resource by itself.
    One(Identity),
    /// The list of the namespaces of a cluster.
    NamespacesOf(Uuid),
    /// The list of the environments of an app.
    EnvironmentsOf(Uuid),
}

/// Everything that was read, what was looked for in vain, and what was not shown.
///
/// A resource that is not in `resources` is absent only where [`LiveState::hidden_by`] gives nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LiveState {
    /// What exists.
    pub resources: BTreeMap<Identity, Live>,
    /// Apps that the API does not know, or does not show to this token.
    pub missing_apps: BTreeSet<Uuid>,
    /// What the API does not let this token read (403), with what it said. What lies below is not known, which is
    /// something else than absent.
    pub refused: BTreeMap<Reading, String>,
}

impl LiveState {
    /// The resource with this identity.
    pub fn get(&self, identity: &Identity) -> Option<&Live> {
        self.resources.get(identity)
    }

    /// The refused reading that leaves open whether a resource exists; nothing when it was read, or is known not to
    /// exist. `cluster` is the one that holds it, for namespaces.
    pub fn hidden_by(&self, identity: &Identity, cluster: Option<Uuid>) -> Option<Reading> {
        if self.refused.is_empty() || self.get(identity).is_some() {
            return None;
        }
        let list = match identity {
            Identity::Namespace(_) => cluster.map(Reading::NamespacesOf),
            Identity::Environment { app, .. } => Some(Reading::EnvironmentsOf(*app)),
            Identity::Cluster(_) | Identity::App(_) | Identity::CloudApp(_) => None,
        };
        let readings = list.into_iter().chain([Reading::One(identity.clone())]);
        readings.into_iter().find(|reading| self.refused.contains_key(reading))
    }

    /// All resources of one kind, ordered by identity.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Live> {
        self.resources.values().filter(move |live| live.identity.kind() == kind)
    }

    /// Adds a resource, replacing an earlier reading of it.
    pub fn insert(&mut self, live: Live) {
        self.resources.insert(live.identity.clone(), live);
    }
}

/// What to read: one request per parent and page (DESIGN 1, promise 7).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadScope {
    /// Whether to list the clusters; otherwise each of `clusters` is read by itself.
    pub list_clusters: bool,
    /// Declared clusters: confirmed one by one when the list does not show them, because the list holds only
    /// clusters that the caller manages.
    pub clusters: BTreeSet<Uuid>,
    /// Clusters whose namespaces are listed.
    pub namespaces_of: BTreeSet<Uuid>,
    /// Apps whose environments are listed.
    pub environments_of: BTreeSet<Uuid>,
    /// Single environments, where one GET is cheaper than a list.
    pub environments: BTreeSet<Identity>,
}
