//! A simulator on threads of its own, for tests that are not asynchronous.

use std::path::Path;

use mxkeep::model::{Declared, DesiredState, Identity, ItemKey, Kind, dig};
use mxkeep::simulator::{LoggedRequest, Options, Simulator};
use mxkeep::source::{LoadOptions, load};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::driver::TODAY;
use super::register::register_cloud_apps;

/// A running simulator.
pub struct World {
    runtime: Option<Runtime>,
    pub simulator: Option<Simulator>,
}

impl World {
    /// A simulator whose jobs are over at the first look.
    pub fn quick() -> World {
        World::new(Options {
            job_delay: std::time::Duration::ZERO,
            ready_delay: std::time::Duration::ZERO,
            ..Options::default()
        })
    }

    /// A simulator with these options.
    pub fn new(options: Options) -> World {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let simulator = runtime.block_on(Simulator::start(options)).unwrap();
        World { runtime: Some(runtime), simulator: Some(simulator) }
    }

    /// Registers the apps, packages and operators that an estate needs, with the constants and events that its
    /// environments set.
    pub fn prepare(&self, estate: &Path) {
        let desired = self.prepare_apps(estate);
        for namespace in desired.of_kind(Kind::Namespace) {
            self.install_operator(&namespace.identity.id());
        }
    }

    /// Registers the apps and packages alone: the operators are for a person to install.
    pub fn prepare_apps(&self, estate: &Path) -> DesiredState {
        let loaded = load(estate, &LoadOptions { environment: &|_| None, today: TODAY });
        let desired = loaded.desired.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics));
        for app in desired.of_kind(Kind::App) {
            self.get().register_app(&app.identity.id(), &app.name);
        }
        self.register_packages(&desired);
        register_cloud_apps(self.get(), &desired);
        desired
    }

    /// What a person does with mxpc-cli.
    pub fn install_operator(&self, namespace: &str) {
        let plan = |name: &str, kind: &str| {
            let config = format!("{{type: \"{kind}\"}}");
            json!({"planName": name, "planType": "OnDemand", "planConfig": config})
        };
        let plans =
            [plan("db", "database"), plan("rds", "database"), plan("fs", "storage"), plan("s3", "storage")];
        self.get().install_operator(namespace, &json!({"version": "2.25.0", "plans": plans}));
    }

    /// The base URL of its API of Mendix Cloud.
    pub fn cloud_url(&self) -> String {
        self.get().mendix_cloud_url(4)
    }

    fn register_packages(&self, desired: &DesiredState) {
        for environment in desired.of_kind(Kind::Environment) {
            let Identity::Environment { app, .. } = &environment.identity else { unreachable!() };
            let names = |list: &str| -> Vec<String> {
                let declared = dig(&environment.fields, &["deployment", list]).and_then(Declared::as_list);
                let keys = declared.into_iter().flat_map(|list| list.items.keys());
                keys.filter_map(|key| match key {
                    ItemKey::Natural(parts) => parts.first().cloned(),
                    ItemKey::Content(_) => None,
                })
                .collect()
            };
            let constants = names("constants").into_iter().map(|name| json!({"name": name, "default": ""}));
            let model = json!({
                "constants": constants.collect::<Vec<_>>(),
                "scheduledEvents": names("scheduledEvents"),
            });
            if let Some(package) = environment.text(&["deployment", "packageId"]) {
                self.get().register_package(&app.to_string(), package, &model);
            }
            // Packages that are still to be made.
            self.get().teach_app(&app.to_string(), &model);
        }
    }

    /// What goes wrong from now on.
    pub fn faults(&self, faults: &[&str]) {
        self.get().set_faults(faults.iter().map(|fault| fault.parse().unwrap()).collect());
    }

    /// How many clusters, namespaces and environments there are.
    pub fn counts(&self) -> [usize; 3] {
        let world = self.get().world();
        ["clusters", "namespaces", "environments"].map(|kind| world[kind].as_array().unwrap().len())
    }

    /// Runs something asynchronous to its end.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.as_ref().unwrap().block_on(future)
    }

    /// The simulator.
    pub fn get(&self) -> &Simulator {
        self.simulator.as_ref().unwrap()
    }

    /// The base URL of its private cloud API.
    pub fn url(&self) -> String {
        self.get().private_cloud_url()
    }

    /// Its requests so far, `GET /api/v4/clusters`, and forgets them.
    pub fn take_requests(&self) -> Vec<String> {
        let requests = self.get().requests();
        self.get().clear_requests();
        requests.iter().map(|LoggedRequest { method, path, .. }| format!("{method} {path}")).collect()
    }

    /// An edit behind the tool's back.
    pub fn edit(&self, resource: &str, path: &str, value: Value) {
        self.get().edit(resource, path, value).unwrap();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let (Some(runtime), Some(simulator)) = (&self.runtime, self.simulator.take()) {
            runtime.block_on(simulator.stop());
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
