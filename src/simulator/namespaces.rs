//! Namespaces: endpoints, and what their jobs do.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    clusters::{checked, same_id},
    contract,
    jobs::{Target, Verb, Work},
    members,
    message::{Answer, Call, Refusal, Reply},
    pages::Page,
    pointer, settle, spelling,
    state::{Environment, Namespace, same},
    world::World,
};

/// Set by the server, and the types, which cannot change once set.
const SERVER_OWNED: &[&str] = &[
    "/namespace/namespaceId",
    "/namespace/namespaceType",
    "/namespace/installationType",
    "/namespace/additionalInformation",
    "/namespace/environments",
];
/// What the model of POST does not have (NOTES 5: "create, wait for the job, then PUT").
const NOT_ON_CREATE: &[&str] = &[
    "/namespace/productTypePCLM",
    "/namespace/plans",
    "/namespace/enableDevelopmentMode",
    "/namespace/enableExternalSecretsStore",
    "/namespace/membership",
    "/namespace/operationalLinks",
    "/namespace/additionalInformation",
    "/namespace/environments",
];

impl World {
    /// `GET /clusters/{clusterId}/namespaces`.
    pub(super) fn list_namespaces(&self, call: &Call, [cluster]: [&str; 1]) -> Reply {
        self.cluster(cluster)?;
        let page = Page::of(call, 20, self.settings.max_page);
        let all = self
            .state
            .namespaces_of(cluster)
            .map(|namespace| (namespace.id().to_owned(), namespace))
            .collect();
        let shown: Vec<Value> =
            page.cut(all).into_iter().map(|namespace| self.show_namespace(call, namespace)).collect();
        Ok(Answer::ok(json!({ "namespaces": shown })))
    }

    /// `GET /clusters/{clusterId}/namespaces/{namespaceId}`.
    pub(super) fn get_namespace(&self, call: &Call, ids: [&str; 2]) -> Reply {
        Ok(Answer::ok(self.show_namespace(call, self.namespace(ids)?)))
    }

    /// `POST /clusters/{clusterId}/namespaces`; no 404 is declared for it, so an unknown cluster is a 400.
    pub(super) fn create_namespace(&mut self, call: &Call, [cluster]: [&str; 1], now: Timestamp) -> Reply {
        let Some(cluster_id) = self.state.cluster(cluster).map(|cluster| cluster.id().to_owned()) else {
            return Err(Refusal::bad("clusterId", format!("Cluster {cluster} could not be found")));
        };
        let manifest = checked(call, contract::NAMESPACE_CREATE)?;
        let namespace_id = pointer::text(&manifest, "/namespace/namespaceId").to_owned();
        let target = Target::Namespace { cluster_id, namespace_id };
        self.start_job(Work { verb: Verb::Create, target, manifest }, &call.faults, now)
    }

    /// `PUT /clusters/{clusterId}/namespaces/{namespaceId}`.
    pub(super) fn update_namespace(&mut self, call: &Call, ids: [&str; 2], now: Timestamp) -> Reply {
        let namespace = self.namespace(ids)?;
        if namespace.is_main() {
            let reason = "The Main namespace of a Global Operator cannot be updated";
            return Err(Refusal::bad("namespaceId", reason));
        }
        let target = target(namespace);
        let manifest = checked(call, contract::NAMESPACE_UPDATE)?;
        same_id(&manifest, "/namespace/namespaceId", ids[1])?;
        self.start_job(Work { verb: Verb::Update, target, manifest }, &call.faults, now)
    }

    /// `DELETE /clusters/{clusterId}/namespaces/{namespaceId}`.
    pub(super) fn delete_namespace(&mut self, call: &Call, ids: [&str; 2], now: Timestamp) -> Reply {
        let target = target(self.namespace(ids)?);
        self.no_environments(ids[1]).map_err(|reason| Refusal::bad("namespaceId", reason))?;
        self.start_job(Work { verb: Verb::Delete, target, manifest: Value::Null }, &call.faults, now)
    }

    /// What the job of a namespace does.
    pub(super) fn perform_namespace(
        &mut self,
        verb: Verb,
        cluster: &str,
        id: &str,
        manifest: Value,
    ) -> Result<(), String> {
        let index = self.state.namespaces.iter().position(|namespace| same(namespace.id(), id));
        match (verb, index) {
            (Verb::Create, Some(_)) => Err(format!("A namespace with id {id} already exists")),
            (Verb::Create, None) if self.state.cluster(cluster).is_none() => {
                Err(format!("Cluster {cluster} could not be found"))
            }
            (Verb::Create, None) => {
                self.add_namespace(cluster, manifest);
                Ok(())
            }
            (Verb::Update, Some(index)) => {
                self.change_namespace(index, manifest);
                Ok(())
            }
            (Verb::Delete, Some(index)) => {
                self.no_environments(id)?;
                self.state.namespaces.remove(index);
                // A namespace of the same id made later needs an installation of its own.
                self.state.operators.retain(|operator| !same(&operator.namespace_id, id));
                Ok(())
            }
            (Verb::Update | Verb::Delete, None) => Err(format!("Namespace {id} could not be found")),
        }
    }

    fn add_namespace(&mut self, cluster: &str, mut manifest: Value) {
        settle::keep_server_owned(&mut manifest, None, NOT_ON_CREATE);
        defaults(&mut manifest);
        let mut namespace = Namespace { cluster_id: cluster.to_owned(), manifest };
        if let Some(operator) = self.state.operator(namespace.id()) {
            operator.appear_in(&mut namespace);
        }
        self.state.namespaces.push(namespace);
    }

    fn change_namespace(&mut self, index: usize, mut manifest: Value) {
        let absent = self.settings.absent_fields;
        let Some(namespace) = self.state.namespaces.get_mut(index) else { return };
        let live = Some(&namespace.manifest);
        settle::fill_absent(&mut manifest, live, absent);
        settle::keep_server_owned(&mut manifest, live, SERVER_OWNED);
        keep_plans(&mut manifest, &namespace.manifest);
        defaults(&mut manifest);
        members::settle(&mut manifest, live, "/namespace/membership");
        namespace.manifest = manifest;
        let (id, name) = (namespace.id().to_owned(), namespace.name().to_owned());
        // Environments refer to their namespace by name as well (NOTES 5, provider).
        for environment in self.state.environments.iter_mut().filter(|it| same(&it.namespace_id, &id)) {
            pointer::put(&mut environment.manifest, "/environment/provider/namespace", json!(name));
        }
    }

    /// The namespace in the cluster, or 404.
    pub(super) fn namespace(&self, [cluster, id]: [&str; 2]) -> Result<&Namespace, Refusal> {
        self.cluster(cluster)?;
        let namespace = self.state.namespace(id).filter(|namespace| same(&namespace.cluster_id, cluster));
        namespace.ok_or_else(|| Refusal::not_found("Namespace", id))
    }

    /// NS-13: a namespace that environments still target is not removed.
    fn no_environments(&self, id: &str) -> Result<(), String> {
        match self.state.environments_in(id).count() {
            0 => Ok(()),
            count => Err(format!("Namespace {id} still has {count} environment(s)")),
        }
    }

    fn show_namespace(&self, call: &Call, namespace: &Namespace) -> Value {
        let mut shown = namespace.manifest.clone();
        pointer::remove(&mut shown, "/namespace/environments");
        if call.flag("retrieveEnvironments") {
            let environments = self.state.environments_in(namespace.id());
            let list = environments.map(|environment| self.show_tenant(environment)).collect();
            pointer::put(&mut shown, "/namespace/environments", Value::Array(list));
        }
        spelling::dress(&mut shown, self.settings.respell);
        shown
    }

    fn show_tenant(&self, environment: &Environment) -> Value {
        let app = self.state.app(&environment.app_id);
        json!({
            "environmentId": environment.id(),
            "environmentName": pointer::text(&environment.manifest, "/environment/properties/name"),
            "applicationId": environment.app_id,
            "applicationName": app.map(|app| app.app_name.as_str()).unwrap_or_default(),
        })
    }
}

fn target(namespace: &Namespace) -> Target {
    let (cluster_id, namespace_id) = (namespace.cluster_id.clone(), namespace.id().to_owned());
    Target::Namespace { cluster_id, namespace_id }
}

/// NS-08: plans come from the operator; a client only switches them on and off.
fn keep_plans(sent: &mut Value, live: &Value) {
    let wanted = pointer::items(sent, "/namespace/plans");
    let plans: Vec<Value> = pointer::items(live, "/namespace/plans")
        .iter()
        .map(|plan| {
            let name = pointer::text(plan, "/planName");
            let sent = wanted.iter().find(|wanted| pointer::text(wanted, "/planName") == name);
            let active = sent.is_some_and(|sent| pointer::is_true(sent, "/activate"));
            let mut plan = plan.clone();
            pointer::put(&mut plan, "/activate", json!(active));
            plan
        })
        .collect();
    pointer::put(sent, "/namespace/plans", Value::Array(plans));
}

fn defaults(manifest: &mut Value) {
    for (path, value) in [
        ("/namespace/namespaceType", json!("standard")),
        ("/namespace/productTypePCLM", json!("standard")),
        ("/namespace/plans", json!([])),
        ("/namespace/enableDevelopmentMode", json!(false)),
        ("/namespace/enableExternalSecretsStore", json!(false)),
        ("/namespace/membership", json!([])),
        ("/namespace/operationalLinks", json!({})),
        ("/namespace/additionalInformation", json!({})),
    ] {
        settle::default(manifest, path, value);
    }
}
