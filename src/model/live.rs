//! Live state: what the API reported.
//!
//! Manifests stay JSON as they came, so that a field that no table knows survives an update untouched.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use super::{Identity, Kind, Mark};

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
            Kind::Package => return self.package_name(),
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
    /// The list of the packages of an app.
    PackagesOf(Uuid),
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
    /// Apps whose packages were read.
    pub packages_of: BTreeSet<Uuid>,
}

impl Live {
    /// The name that the declaration of a package had; that of its file where none made it.
    fn package_name(&self) -> String {
        let marks = Mark::of(self.text("/description"), self.text("/fileName"));
        let marked = marks.iter().find_map(Mark::name).map(str::to_owned);
        let file = || Some(self.text("/fileName")?.trim_end_matches(".mda").to_owned());
        marked.or_else(file).filter(|name| !name.is_empty()).unwrap_or_else(|| self.identity.id())
    }

    /// Whether this package is whole and has this mark. A build that failed may leave one without content.
    fn is_made_as(&self, mark: &Mark) -> bool {
        let is_empty = self.manifest().get("fileSize").and_then(Value::as_u64) == Some(0);
        !is_empty && Mark::of(self.text("/description"), self.text("/fileName")).contains(mark)
    }
}

impl LiveState {
    /// The resource with this identity. A package that was built or uploaded is found by its mark.
    pub fn get(&self, identity: &Identity) -> Option<&Live> {
        self.resources.get(identity).or_else(|| self.made(identity))
    }

    /// The package with a mark; of several, always the same: one that is in use, and thus does not expire, before the
    /// others, then the first that was made.
    fn made(&self, identity: &Identity) -> Option<&Live> {
        let Identity::Package { app, mark } = identity else { return None };
        let of_app = self
            .of_kind(Kind::Package)
            .filter(|live| matches!(&live.identity, Identity::Package { app: other, .. } if other == app));
        of_app.filter(|live| live.is_made_as(mark)).min_by_key(|live| {
            (
                live.text("/expiryDate").is_some(),
                live.text("/createdOn").map(str::to_owned),
                live.identity.clone(),
            )
        })
    }

    /// The id that the platform gave to a declared package.
    pub fn package_id(&self, identity: &Identity) -> Option<String> {
        match &self.get(identity)?.identity {
            Identity::Package { mark: Mark::Id(id), .. } => Some(id.clone()),
            _ => self.get(identity)?.text("/id").map(str::to_owned),
        }
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
            Identity::Package { app, .. } => Some(Reading::PackagesOf(*app)),
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
    /// Apps whose packages are listed.
    pub packages_of: BTreeSet<Uuid>,
    /// Single environments, where one GET is cheaper than a list.
    pub environments: BTreeSet<Identity>,
    /// Apps on Mendix Cloud, each with the environments whose permissions are read.
    pub cloud_apps: BTreeMap<Uuid, BTreeSet<Uuid>>,
}

impl ReadScope {
    /// Reads also what another one names.
    pub fn extend(&mut self, other: ReadScope) {
        let ReadScope {
            list_clusters,
            clusters,
            namespaces_of,
            environments_of,
            packages_of,
            environments,
            cloud_apps,
        } = other;
        self.list_clusters |= list_clusters;
        self.clusters.extend(clusters);
        self.namespaces_of.extend(namespaces_of);
        self.environments_of.extend(environments_of);
        self.packages_of.extend(packages_of);
        self.environments.extend(environments);
        for (app, environments) in cloud_apps {
            self.cloud_apps.entry(app).or_default().extend(environments);
        }
    }
}
