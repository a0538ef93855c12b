//! Clusters: endpoints, and what their jobs do.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    contract,
    jobs::{Target, Verb, Work},
    members,
    message::{Answer, Call, Refusal, Reply},
    pages::Page,
    pointer, settle, shape, spelling,
    state::{Cluster, same},
    world::World,
};

/// Set by the server, and `operatorType`, which "cannot be changed after it has been set".
const SERVER_OWNED: &[&str] =
    &["/cluster/operatorType", "/cluster/totalNamespaces", "/cluster/totalEnvironments", "/cluster/creator"];
/// What the model of POST does not have.
const NOT_ON_CREATE: &[&str] =
    &["/cluster/totalNamespaces", "/cluster/totalEnvironments", "/cluster/clusterManagers"];

impl World {
    /// `GET /clusters`.
    pub(super) fn list_clusters(&self, call: &Call) -> Reply {
        let page = Page::of(call, 20, self.settings.max_page);
        let clusters = self.state.clusters.iter().map(|cluster| (cluster.id().to_owned(), cluster)).collect();
        let shown: Vec<Value> =
            page.cut(clusters).into_iter().map(|cluster| self.show_cluster(cluster)).collect();
        Ok(Answer::ok(json!({ "clusters": shown })))
    }

    /// `GET /clusters/{clusterId}`.
    pub(super) fn get_cluster(&self, [id]: [&str; 1]) -> Reply {
        Ok(Answer::ok(self.show_cluster(self.cluster(id)?)))
    }

    /// `POST /clusters`.
    pub(super) fn create_cluster(&mut self, call: &Call, now: Timestamp) -> Reply {
        let manifest = checked(call, contract::CLUSTER_CREATE)?;
        let cluster_id = pointer::text(&manifest, "/cluster/clusterId").to_owned();
        let target = Target::Cluster { cluster_id };
        self.start_job(Work { verb: Verb::Create, target, manifest }, &call.faults, now)
    }

    /// `PUT /clusters/{clusterId}`.
    pub(super) fn update_cluster(&mut self, call: &Call, [id]: [&str; 1], now: Timestamp) -> Reply {
        let cluster_id = self.cluster(id)?.id().to_owned();
        let manifest = checked(call, contract::CLUSTER_UPDATE)?;
        same_id(&manifest, "/cluster/clusterId", id)?;
        self.keeps_creator(id, &manifest)?;
        let target = Target::Cluster { cluster_id };
        self.start_job(Work { verb: Verb::Update, target, manifest }, &call.faults, now)
    }

    /// `DELETE /clusters/{clusterId}`.
    pub(super) fn delete_cluster(&mut self, call: &Call, [id]: [&str; 1], now: Timestamp) -> Reply {
        let cluster_id = self.cluster(id)?.id().to_owned();
        self.no_namespaces(&cluster_id).map_err(|reason| Refusal::bad("clusterId", reason))?;
        let target = Target::Cluster { cluster_id };
        self.start_job(Work { verb: Verb::Delete, target, manifest: Value::Null }, &call.faults, now)
    }

    /// What the job of a cluster does.
    pub(super) fn perform_cluster(
        &mut self,
        verb: Verb,
        id: &str,
        mut manifest: Value,
    ) -> Result<(), String> {
        let index = self.state.clusters.iter().position(|cluster| same(cluster.id(), id));
        match (verb, index) {
            (Verb::Create, Some(_)) => return Err(format!("A cluster with id {id} already exists")),
            (Verb::Create, None) => {
                settle::keep_server_owned(&mut manifest, None, NOT_ON_CREATE);
                settle::default(&mut manifest, "/cluster/operatorType", json!("standard_operator"));
                // With the blank of the contract's example (NOTES 8, 18).
                pointer::put(&mut manifest, "/cluster/creator", json!(" Simulated Creator"));
                pointer::put(&mut manifest, "/cluster/clusterManagers", json!([]));
                self.state.clusters.push(Cluster { manifest });
            }
            (Verb::Update, Some(index)) => {
                let absent = self.settings.absent_fields;
                let Some(cluster) = self.state.clusters.get_mut(index) else { return Ok(()) };
                let live = Some(&cluster.manifest);
                settle::fill_absent(&mut manifest, live, absent);
                settle::keep_server_owned(&mut manifest, live, SERVER_OWNED);
                settle::default(&mut manifest, "/cluster/clusterManagers", json!([]));
                members::settle(&mut manifest, live, "/cluster/clusterManagers");
                cluster.manifest = manifest;
            }
            (Verb::Delete, Some(index)) => {
                self.no_namespaces(id)?;
                self.state.clusters.remove(index);
            }
            (Verb::Update | Verb::Delete, None) => return Err(format!("Cluster {id} could not be found")),
        }
        Ok(())
    }

    /// The cluster, or 404.
    pub(super) fn cluster(&self, id: &str) -> Result<&Cluster, Refusal> {
        self.state.cluster(id).ok_or_else(|| Refusal::not_found("Cluster", id))
    }

    /// CL-03: "the creator cannot be removed" from the managers.
    fn keeps_creator(&self, id: &str, sent: &Value) -> Result<(), Refusal> {
        let live = &self.cluster(id)?.manifest;
        let creator = pointer::text(live, "/cluster/creator").trim();
        let mut managers = pointer::items(live, "/cluster/clusterManagers").iter();
        let is_creator = |it: &&Value| {
            ["/email", "/displayName"].iter().any(|path| same(pointer::text(it, path), creator))
        };
        let Some(email) = managers.find(is_creator).map(|it| pointer::text(it, "/email")) else {
            return Ok(());
        };
        let stay = pointer::items(sent, "/cluster/clusterManagers");
        if stay.iter().any(|it| same(pointer::text(it, "/email"), email)) {
            return Ok(());
        }
        Err(Refusal::bad("clusterManagers", "The creator of a cluster cannot be removed"))
    }

    /// Children block their parent's delete (CLU: the portal removes nothing that is in use).
    fn no_namespaces(&self, id: &str) -> Result<(), String> {
        match self.state.namespaces_of(id).count() {
            0 => Ok(()),
            count => Err(format!("Cluster {id} still has {count} namespace(s)")),
        }
    }

    fn show_cluster(&self, cluster: &Cluster) -> Value {
        let mut shown = cluster.manifest.clone();
        let namespaces: Vec<&str> =
            self.state.namespaces_of(cluster.id()).map(super::state::Namespace::id).collect();
        let environments: usize = namespaces.iter().map(|id| self.state.environments_in(id).count()).sum();
        pointer::put(&mut shown, "/cluster/totalNamespaces", json!(namespaces.len()));
        pointer::put(&mut shown, "/cluster/totalEnvironments", json!(environments));
        spelling::dress(&mut shown, self.settings.respell);
        shown
    }
}

/// The body, if it fits the model.
pub(super) fn checked(call: &Call, model: &[shape::Field]) -> Result<Value, Refusal> {
    let manifest = call.json()?;
    match shape::check(&manifest, model) {
        problems if problems.is_empty() => Ok(manifest),
        problems => Err(Refusal::invalid(problems)),
    }
}

/// Refuses a body that speaks of another resource than the path.
pub(super) fn same_id(manifest: &Value, path: &str, id: &str) -> Result<(), Refusal> {
    let found = pointer::text(manifest, path);
    if same(found, id) {
        return Ok(());
    }
    Err(Refusal::bad(path, format!("is {found}, but the path says {id}")))
}
