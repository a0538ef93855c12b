//! The endpoints of environments.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    clusters::{checked, same_id},
    contract, deploy,
    jobs::{Target, Verb, Work},
    message::{Answer, Call, Refusal, Reply},
    pages::Page,
    pointer, spelling,
    state::{Environment, Namespace, same},
    world::World,
};

/// App, namespace and id of an environment.
pub(super) struct Key([String; 3]);

impl Key {
    /// The three parts.
    pub(super) fn each(&self) -> [&str; 3] {
        self.0.each_ref().map(String::as_str)
    }
}

impl World {
    /// `GET /apps/{appId}/environments`.
    pub(super) fn list_environments(&self, call: &Call, [app]: [&str; 1]) -> Reply {
        self.app(app)?;
        let page = Page::of(call, 20, self.settings.max_page);
        let of_app = self.state.environments.iter().filter(|environment| same(&environment.app_id, app));
        let key = |environment: &Environment| format!("{} {}", environment.namespace_id, environment.id());
        let environments = page.cut(of_app.map(|environment| (key(environment), environment)).collect());
        let shown: Vec<Value> = environments.into_iter().map(|it| self.show_environment(it)).collect();
        Ok(Answer::ok(json!({ "environments": shown })))
    }

    /// `GET /apps/{appId}/namespaces/{namespaceId}/environments/{environmentId}`.
    pub(super) fn get_environment(&self, key: [&str; 3]) -> Reply {
        Ok(Answer::ok(self.show_environment(self.environment(key)?)))
    }

    /// `POST /apps/{appId}/environments`; no 404 is declared for it, so an unknown app is a 400.
    pub(super) fn create_environment(&mut self, call: &Call, [app]: [&str; 1], now: Timestamp) -> Reply {
        let Some(app_id) = self.state.app(app).map(|app| app.app_id.clone()) else {
            return Err(Refusal::bad("appId", format!("App {app} could not be found")));
        };
        let manifest = checked(call, contract::ENVIRONMENT)?;
        let namespace_id = self.provider(&manifest)?.id().to_owned();
        let environment_id = pointer::text(&manifest, "/environment/id").to_owned();
        let target = Target::Environment { app_id, namespace_id, environment_id };
        self.start_job(Work { verb: Verb::Create, target, manifest }, &call.faults, now)
    }

    /// `PUT /apps/{appId}/namespaces/{namespaceId}/environments/{environmentId}`.
    pub(super) fn update_environment(&mut self, call: &Call, key: [&str; 3], now: Timestamp) -> Reply {
        let target = target(self.environment(key)?);
        let manifest = checked(call, contract::ENVIRONMENT)?;
        same_id(&manifest, "/environment/id", key[2])?;
        // There is no move (PRV-04): the provider has to be the one that the environment has.
        if !same(self.provider(&manifest)?.id(), key[1]) {
            return Err(Refusal::bad("/environment/provider", "cannot be changed"));
        }
        self.start_job(Work { verb: Verb::Update, target, manifest }, &call.faults, now)
    }

    /// `DELETE /apps/{appId}/namespaces/{namespaceId}/environments/{environmentId}`.
    pub(super) fn delete_environment(&mut self, call: &Call, key: [&str; 3], now: Timestamp) -> Reply {
        let environment = self.environment(key)?;
        let is_target =
            pointer::is_true(&environment.manifest, "/environment/properties/defaultStudioTarget");
        if is_target && !call.flag("force") {
            let reason = "The Default Studio Target cannot be deleted without force";
            return Err(Refusal::bad("environmentId", reason));
        }
        let target = target(environment);
        self.start_job(Work { verb: Verb::Delete, target, manifest: Value::Null }, &call.faults, now)
    }

    /// The namespace that the deprecated paths leave out, if the environment is in one only.
    pub(super) fn full_key(&self, [app, id]: [&str; 2]) -> Result<Key, Refusal> {
        self.app(app)?;
        let mut found = self.state.environments.iter().filter(|it| same(&it.app_id, app) && it.id() == id);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(Key([app.to_owned(), one.namespace_id.clone(), id.to_owned()])),
            (Some(_), Some(_)) => {
                let message = "The app has environments of this id in several namespaces; name the namespace";
                Err(Refusal::new(404, message))
            }
            (None, _) => Err(Refusal::not_found("Environment", id)),
        }
    }

    fn environment(&self, [app, namespace, id]: [&str; 3]) -> Result<&Environment, Refusal> {
        self.app(app)?;
        let environment = self.state.environment(app, namespace, id);
        environment.ok_or_else(|| Refusal::not_found("Environment", id))
    }

    /// The namespace that a manifest names three times over: by cluster, by name and perhaps by id.
    fn provider(&self, manifest: &Value) -> Result<&Namespace, Refusal> {
        let part = |name: &str| pointer::text(manifest, &format!("/environment/provider/{name}"));
        let (cluster, name, id) = (part("clusterId"), part("namespace"), part("namespaceId"));
        let refuse =
            |field: &str, reason: String| Refusal::bad(&format!("/environment/provider/{field}"), reason);
        if self.state.cluster(cluster).is_none() {
            return Err(refuse("clusterId", format!("Cluster {cluster} could not be found")));
        }
        let fits = |it: &&Namespace| it.name() == name && (id.is_empty() || same(it.id(), id));
        let Some(namespace) = self.state.namespaces_of(cluster).find(fits) else {
            let reason = format!("Namespace {name} {id} could not be found in cluster {cluster}");
            return Err(refuse("namespace", reason));
        };
        if namespace.is_main() {
            let reason = "Environments cannot be deployed to the Main namespace of a Global Operator";
            return Err(refuse("namespace", reason.into()));
        }
        Ok(namespace)
    }

    fn show_environment(&self, environment: &Environment) -> Value {
        let mut shown = environment.manifest.clone();
        for secret in deploy::WRITE_ONLY {
            pointer::remove(&mut shown, secret);
        }
        spelling::dress(&mut shown, self.settings.respell);
        shown
    }
}

fn target(environment: &Environment) -> Target {
    Target::Environment {
        app_id: environment.app_id.clone(),
        namespace_id: environment.namespace_id.clone(),
        environment_id: environment.id().to_owned(),
    }
}
