//! What the job of an environment does: checks that only the cluster can make, and what the server fills in.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    durations,
    jobs::Verb,
    pointer, settle,
    shape::config_kind,
    state::{Environment, Namespace, Package},
    world::World,
};

/// Accepted and never returned (contract A, `getEnvironmentManifest`).
pub(super) const WRITE_ONLY: &[&str] = &[
    "/environment/runtime/subscriptionSecret",
    "/environment/runtime/debuggerPassword",
    "/environment/runtime/mxAdminPassword",
];
/// The base64 of `---`: clears a write-only field.
const CLEAR: &str = "LS0t";
/// Set by the server, ignored when sent.
const SERVER_OWNED: &[&str] = &[
    "/environment/properties/environmentPurpose",
    "/environment/container/state",
    "/environment/container/lastRunningInstanceCount",
    "/environment/runtime/runtimeVersion",
    "/environment/deploymentStrategy/runtimeDeploymentStrategyType",
];
/// Lists that are empty when nothing is said.
const LISTS: &[&str] = &[
    "/environment/deployment/appLogLevels",
    "/environment/network/outgoingConnectionCertificate",
    "/environment/runtime/environmentVariables",
    "/environment/runtime/customRuntimeSettings",
    "/environment/annotations",
];

impl World {
    /// Creates, changes or removes an environment.
    pub(super) fn perform_environment(
        &mut self,
        verb: Verb,
        [app, namespace, id]: [&str; 3],
        manifest: Value,
        fails: bool,
        at: Timestamp,
    ) -> Result<(), String> {
        let index = self.state.environments.iter().position(|it| it.is(app, namespace, id));
        match (verb, index) {
            (Verb::Create, _) if self.state.environments_in(namespace).any(|it| it.id() == id) => {
                return Err(format!("An environment with id {id} already exists in namespace {namespace}"));
            }
            (Verb::Update | Verb::Delete, None) => {
                return Err(format!("Environment {id} could not be found"));
            }
            (Verb::Delete, Some(index)) => {
                self.state.environments.remove(index);
                return Ok(());
            }
            (Verb::Create, _) | (Verb::Update, Some(_)) => {}
        }
        let live = index.and_then(|index| self.state.environments.get(index)).map(|it| &it.manifest);
        let manifest = self.deploy(app, namespace, manifest, live)?;
        let environment = Environment {
            app_id: app.into(),
            namespace_id: namespace.into(),
            manifest,
            settles_at: Some(durations::later(at, self.settings.ready_delay)),
            settles_as_failed: fails,
        };
        match index.and_then(|index| self.state.environments.get_mut(index)) {
            Some(place) => *place = environment,
            None => self.state.environments.push(environment),
        }
        self.lock_package(app, namespace, id);
        Ok(())
    }

    /// The manifest as the server will show it, or why the cluster cannot run it.
    fn deploy(
        &self,
        app: &str,
        namespace: &str,
        mut sent: Value,
        live: Option<&Value>,
    ) -> Result<Value, String> {
        let place = self.state.namespace(namespace);
        let place = place.ok_or_else(|| format!("Namespace {namespace} could not be found"))?;
        let package_id = pointer::text(&sent, "/environment/deployment/packageId");
        let package = self.state.package(app, package_id);
        let package =
            package.ok_or_else(|| format!("Package {package_id} could not be found for app {app}"))?.clone();
        match live {
            Some(live) if services(live) != services(&sent) => {
                // SVC-04: the database is chosen once.
                return Err("The services of an environment cannot be changed".into());
            }
            // Existing environments keep working when a plan is switched off (SVC-02).
            Some(_) => {}
            None => check_services(&sent, place)?,
        }
        settle::fill_absent(&mut sent, live, self.settings.absent_fields);
        keep_secrets(&mut sent, live);
        settle::keep_server_owned(&mut sent, live, SERVER_OWNED);
        fill_model(&mut sent, &package);
        fill_container(&mut sent, live);
        fill_defaults(&mut sent, &package, place);
        Ok(sent)
    }
}

/// What identifies the services, whatever their order and spelling.
fn services(manifest: &Value) -> Vec<(&str, &str, Option<&str>)> {
    let mut services: Vec<_> = pointer::items(manifest, "/environment/services")
        .iter()
        .map(|it| {
            (
                pointer::text(it, "/name"),
                pointer::text(it, "/plan"),
                config_kind(pointer::text(it, "/config")),
            )
        })
        .collect();
    services.sort_unstable();
    services
}

fn check_services(sent: &Value, namespace: &Namespace) -> Result<(), String> {
    let services = services(sent);
    let external = pointer::is_true(&namespace.manifest, "/namespace/enableExternalSecretsStore");
    if services.is_empty() && !external {
        return Err(format!(
            "An environment in namespace {} needs a database and a storage plan",
            namespace.name()
        ));
    }
    for (name, kind, config) in services {
        let plans = pointer::items(&namespace.manifest, "/namespace/plans");
        let plan = plans.iter().find(|plan| pointer::text(plan, "/planName") == name);
        let plan =
            plan.ok_or_else(|| format!("Plan {name} does not exist in namespace {}", namespace.name()))?;
        if !pointer::is_true(plan, "/activate") {
            return Err(format!("Plan {name} is not active in namespace {}", namespace.name()));
        }
        let real = pointer::text(plan, "/planType");
        if real != kind {
            return Err(format!("Plan {name} is {real}, not {kind}"));
        }
        if config != config_kind(pointer::text(plan, "/planConfig")) {
            return Err(format!("Plan {name} is not of the type that its config says"));
        }
    }
    Ok(())
}

/// What is not sent is kept, since nobody can read it to send it back; `LS0t` clears.
fn keep_secrets(sent: &mut Value, live: Option<&Value>) {
    for path in WRITE_ONLY {
        match pointer::get(sent, path).and_then(Value::as_str) {
            Some(CLEAR) => drop(pointer::remove(sent, path)),
            Some(_) => {}
            None => settle::keep_server_owned(sent, live, &[path]),
        }
    }
}

/// Constants and events belong to the model: unknown ones are dropped, missing ones get the default.
fn fill_model(sent: &mut Value, package: &Package) {
    let find = |list: &str, name: &str, field: &str| {
        let list = pointer::items(sent, list);
        let item = list.iter().find(|item| pointer::text(item, "/name") == name);
        item.and_then(|item| item.get(field)).filter(|value| !value.is_null()).cloned()
    };
    let constants: Vec<Value> = package
        .constants
        .iter()
        .map(|constant| {
            let value = find("/environment/deployment/constants", &constant.name, "value");
            json!({"name": constant.name, "value": value.unwrap_or_else(|| json!(constant.default))})
        })
        .collect();
    let events: Vec<Value> = package
        .scheduled_events
        .iter()
        .map(|name| {
            // A new event is off until somebody switches it on.
            let enabled = find("/environment/deployment/scheduledEvents", name, "enabled");
            json!({"name": name, "enabled": enabled.unwrap_or(json!(false))})
        })
        .collect();
    pointer::put(sent, "/environment/deployment/constants", Value::Array(constants));
    pointer::put(sent, "/environment/deployment/scheduledEvents", Value::Array(events));
}

fn fill_container(sent: &mut Value, live: Option<&Value>) {
    let instances = pointer::get(sent, "/environment/container/instances").cloned().unwrap_or(json!(1));
    let stopped = instances.as_i64() == Some(0);
    // "If the application is stopped, … the number of instances which the application was running before".
    let last = live.and_then(|live| pointer::get(live, "/environment/container/lastRunningInstanceCount"));
    let last = if stopped { last.cloned().unwrap_or(json!(0)) } else { instances.clone() };
    pointer::put(sent, "/environment/container/instances", instances);
    pointer::put(sent, "/environment/container/lastRunningInstanceCount", last);
    pointer::put(sent, "/environment/container/state", json!("Processing"));
    for side in ["limits", "requests"] {
        let path = format!("/environment/container/coreResources/{side}/ephemeralStorage");
        settle::default(sent, &path, json!("1"));
    }
}

fn fill_defaults(sent: &mut Value, package: &Package, namespace: &Namespace) {
    for path in LISTS {
        settle::default(sent, path, json!([]));
    }
    settle::default(sent, "/environment/runtimeMetricsConfiguration/mode", json!("default"));
    for (name, value) in [
        ("runtimeDeploymentStrategyType", json!("Reduced App Downtime")),
        ("switchOverthreshold", json!(50)),
        ("maxSurge", json!(0)),
        ("maxUnavailable", json!(50)),
    ] {
        settle::default(sent, &format!("/environment/deploymentStrategy/{name}"), value);
    }
    // RT-01: operators read the version from the package; manifests show it without the build number.
    let version: Vec<&str> = package.runtime_version.split('.').take(3).collect();
    pointer::put(sent, "/environment/runtime/runtimeVersion", json!(version.join(".")));
    let provider = json!({
        "clusterId": namespace.cluster_id,
        "namespace": namespace.name(),
        "namespaceId": namespace.id(),
    });
    pointer::put(sent, "/environment/provider", provider);
}
