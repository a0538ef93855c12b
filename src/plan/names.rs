//! Addresses of live resources, as the estate would spell them.

use serde_json::Value;
use uuid::Uuid;

use crate::model::{Address, DesiredState, Identity, Live, LiveState};

/// Names of what is live: the estate's own names where it has some, the platform's otherwise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'a> {
    desired: &'a DesiredState,
    live: &'a LiveState,
}

impl<'a> Names<'a> {
    pub(crate) const fn new(desired: &'a DesiredState, live: &'a LiveState) -> Names<'a> {
        Names { desired, live }
    }

    /// The declared address of a resource, or the one that its live names make.
    pub(crate) fn address(&self, live: &Live) -> Address {
        match self.desired.resources.get(&live.identity) {
            Some(desired) => desired.address.clone(),
            None => self.live_address(live),
        }
    }

    /// The address that the live names make, whatever the files say. An environment carries its place only where
    /// its name is not unique among the live environments of its app.
    pub(crate) fn live_address(&self, live: &Live) -> Address {
        match &live.identity {
            Identity::Cluster(_) => Address::cluster(&live.name()),
            Identity::Namespace(_) => Address::namespace(&self.cluster_name(live.cluster), &live.name()),
            Identity::App(app) => Address::app(&self.app_name(*app)),
            Identity::CloudApp(_) => Address::cloud_app(&live.name()),
            Identity::Package { .. } => Address::package(&live.name()),
            Identity::Environment { app, namespace, id } => {
                let name = live.name();
                let short = Address::environment(&self.app_name(*app), &name);
                let twins: Vec<_> =
                    self.twins(*app, &name).filter(|twin| twin.identity != live.identity).collect();
                if twins.is_empty() {
                    return short;
                }
                let place = self.place(*namespace);
                match twins.iter().any(|twin| self.place(namespace_of(twin)) == place) {
                    // Nothing but the id tells them apart.
                    true => Address::environment(&self.app_name(*app), id),
                    false => short.at_cluster_namespace(&place.0, &place.1),
                }
            }
        }
    }

    /// The address with its place, where there is one.
    pub(crate) fn full_address(&self, live: &Live) -> Address {
        let address = self.live_address(live).without_place();
        match self.place_of(live) {
            Some((cluster, namespace)) => address.at_cluster_namespace(&cluster, &namespace),
            None => address,
        }
    }

    /// The names of the cluster and namespace that an environment is in, where they were read.
    pub(crate) fn place_of(&self, live: &Live) -> Option<(String, String)> {
        match live.identity {
            Identity::Environment { namespace, .. } => {
                self.live.get(&Identity::Namespace(namespace)).map(|_| self.place(namespace))
            }
            _ => None,
        }
    }

    fn twins(&self, app: Uuid, name: &str) -> impl Iterator<Item = &'a Live> {
        self.live.resources.values().filter(move |other| {
            matches!(other.identity, Identity::Environment { app: other, .. } if other == app)
                && other.name() == name
        })
    }

    /// The names of a namespace's cluster and of the namespace.
    fn place(&self, namespace: Uuid) -> (String, String) {
        match self.live.get(&Identity::Namespace(namespace)) {
            Some(live) => (self.cluster_name(live.cluster), live.name()),
            None => (String::new(), namespace.to_string()),
        }
    }

    /// The address of an environment that only its namespace tells of.
    pub(crate) fn tenant_address(&self, tenant: &Tenant) -> Address {
        let declared = match &tenant.identity {
            Identity::Environment { app, .. } => self.desired.resources.get(&Identity::App(*app)),
            _ => None,
        };
        let app = declared.map_or(&tenant.app_name, |app| &app.name);
        Address::environment(app, &tenant.name)
    }

    /// The name of a cluster.
    pub(crate) fn cluster_name(&self, cluster: Option<Uuid>) -> String {
        let Some(cluster) = cluster else { return "unknown".to_owned() };
        let identity = Identity::Cluster(cluster);
        let declared = self.desired.resources.get(&identity).map(|desired| desired.name.clone());
        let live = || self.live.get(&identity).map(Live::name);
        declared.or_else(live).unwrap_or_else(|| cluster.to_string())
    }

    /// The name of an app: the declared one, or the one that a namespace reports for its environments.
    pub(crate) fn app_name(&self, app: Uuid) -> String {
        match self.desired.resources.get(&Identity::App(app)) {
            Some(desired) => desired.name.clone(),
            None => app.to_string(),
        }
    }
}

fn namespace_of(live: &Live) -> Uuid {
    match live.identity {
        Identity::Environment { namespace, .. } => namespace,
        _ => Uuid::nil(),
    }
}

/// An environment as its namespace lists it (`retrieveEnvironments=true`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tenant {
    pub(crate) identity: Identity,
    pub(crate) app_name: String,
    pub(crate) name: String,
}

/// The environments that a live namespace reports.
pub(crate) fn tenants(namespace: &Live) -> Vec<Tenant> {
    let Identity::Namespace(id) = namespace.identity else { return Vec::new() };
    let listed = namespace.manifest().get("environments").and_then(Value::as_array);
    let read = |entry: &Value| {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
        let environment = text("environmentId")?;
        let app = text("applicationId")?.trim().parse().ok()?;
        Some(Tenant {
            identity: Identity::Environment { app, namespace: id, id: environment.clone() },
            app_name: text("applicationName").unwrap_or_else(|| app.to_string()),
            name: text("environmentName").unwrap_or(environment),
        })
    };
    listed.map(|entries| entries.iter().filter_map(read).collect()).unwrap_or_default()
}
