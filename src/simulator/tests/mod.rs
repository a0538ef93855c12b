//! Tests of the world by plain values, and of the server over real HTTP.

mod access;
mod admin;
mod cloud;
mod environments;
mod faults;
mod hostile;
mod life;
mod server;
mod statuses;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    AbsentFields,
    faults::{Faults, JobFaults},
    message::{Answer, Call, Content},
    pointer,
    state::State,
    world::{Settings, World},
};

pub(super) const CLUSTER: &str = "085a0e34-69ec-4c61-9c7d-5cd42554f9f2";
pub(super) const NAMESPACE: &str = "80a5f23d-8b2a-5233-b614-07348d4d7a23";
pub(super) const APP: &str = "ef41475b-98bf-5149-b98f-cd77fa66d08a";
pub(super) const PACKAGE: &str = "045b8cf4-c9cd-41b4-b241-414b87a7f219";

/// A world with a clock of its own, and calls in one line.
pub(super) struct Bench {
    pub(super) world: World,
    pub(super) now: Timestamp,
    pub(super) faults: JobFaults,
}

impl Bench {
    /// An empty world whose jobs take 10 s and whose environments are ready 10 s later.
    pub(super) fn empty() -> Self {
        let settings = Settings {
            origin: "http://127.0.0.1:1".into(),
            job_delay: Duration::from_secs(10),
            ready_delay: Duration::from_secs(10),
            max_page: 100,
            absent_fields: AbsentFields::Reset,
            respell: false,
            nested_job_ids: false,
        };
        let world = World::new(State::default(), settings);
        Self { world, now: "2026-08-01T12:00:00Z".parse().unwrap(), faults: JobFaults::default() }
    }

    /// A cluster, a namespace with plans, an app with a package; no environment yet.
    pub(super) fn furnished() -> Self {
        let mut bench = Self::empty();
        bench.world.install_operator(NAMESPACE, &plans());
        bench.world.register_app(APP, "order-desk");
        bench.world.register_package(APP, PACKAGE, &model(), bench.now);
        bench.finish("POST", "/clusters", cluster(CLUSTER, "prod-eu"));
        bench.finish("POST", &format!("/clusters/{CLUSTER}/namespaces"), namespace(NAMESPACE, "orders"));
        bench
    }

    /// The same with an environment that is ready.
    pub(super) fn deployed() -> Self {
        let mut bench = Self::furnished();
        bench.finish("POST", &environments(), environment("ordprd01"));
        bench.pass(10);
        bench
    }

    pub(super) fn pass(&mut self, seconds: u64) {
        self.now = super::durations::later(self.now, Duration::from_secs(seconds));
    }

    /// Sends a request with the token for everything.
    pub(super) fn send(&mut self, method: &str, path: &str, body: Value) -> Answer {
        let body = bytes(body);
        self.send_as(Some("MxToken simulator"), method, path, body)
    }

    pub(super) fn send_as(&mut self, token: Option<&str>, method: &str, path: &str, body: Vec<u8>) -> Answer {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let call = Call {
            method: method.into(),
            path: format!("/api/v4{path}"),
            query: query.into(),
            authorization: token.map(str::to_owned),
            body,
            faults: self.faults.clone(),
        };
        self.world.handle(&call, self.now)
    }

    pub(super) fn status(&mut self, method: &str, path: &str, body: Value) -> u16 {
        self.send(method, path, body).status
    }

    pub(super) fn get(&mut self, path: &str) -> Value {
        let answer = self.send("GET", path, Value::Null);
        assert_eq!(answer.status, 200, "{path}: {:?}", answer.body);
        body(answer)
    }

    /// Sends a write and returns its job's path.
    pub(super) fn start(&mut self, method: &str, path: &str, manifest: Value) -> String {
        let answer = self.send(method, path, manifest);
        assert_eq!(answer.status, 202, "{method} {path}: {:?}", answer.body);
        format!("/jobs/{}", body(answer)["id"].as_str().unwrap())
    }

    /// Sends a write, waits, and returns its job.
    pub(super) fn job(&mut self, method: &str, path: &str, manifest: Value) -> Value {
        let job = self.start(method, path, manifest);
        self.pass(10);
        self.get(&job)
    }

    /// Sends a write that succeeds.
    pub(super) fn finish(&mut self, method: &str, path: &str, manifest: Value) {
        let job = self.job(method, path, manifest);
        assert_eq!(job["status"], "finished", "{method} {path}: {job}");
    }

    /// Sends a write whose job fails; returns the message.
    pub(super) fn fail(&mut self, method: &str, path: &str, manifest: Value) -> String {
        let job = self.job(method, path, manifest);
        assert_eq!(job["status"], "failed", "{method} {path}: {job}");
        job["error"]["message"].as_str().unwrap().to_owned()
    }

    /// Uses the administration.
    pub(super) fn admin(&mut self, method: &str, path: &str, body: Value) -> Answer {
        let call = Call {
            method: method.into(),
            path: format!("/_admin{path}"),
            body: bytes(body),
            ..Call::default()
        };
        let (mut faults, mut log) = (Faults::default(), super::log::Log::default());
        let now = self.world.time(self.now);
        super::admin::Admin { world: &mut self.world, faults: &mut faults, log: &mut log, now }.handle(&call)
    }
}

/// The bytes of a body; none for null.
fn bytes(body: Value) -> Vec<u8> {
    match body {
        Value::Null => Vec::new(),
        body => body.to_string().into_bytes(),
    }
}

pub(super) fn body(answer: Answer) -> Value {
    match answer.body {
        Content::Json(body) => body,
        other => panic!("no JSON: {other:?}"),
    }
}

/// Names in a list, sorted.
pub(super) fn names<'a>(list: &'a Value, key: &str) -> Vec<&'a str> {
    let mut names: Vec<_> = list.as_array().unwrap().iter().map(|item| item[key].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

/// The item of a list with this key.
pub(super) fn item<'a>(list: &'a Value, key: &str, name: &str) -> &'a Value {
    list.as_array().unwrap().iter().find(|item| item[key] == name).unwrap()
}

pub(super) fn environments() -> String {
    format!("/apps/{APP}/environments")
}

pub(super) fn environment_path(id: &str) -> String {
    format!("/apps/{APP}/namespaces/{NAMESPACE}/environments/{id}")
}

pub(super) fn namespace_path() -> String {
    format!("/clusters/{CLUSTER}/namespaces/{NAMESPACE}")
}

pub(super) fn plans() -> Value {
    json!({"version": "2.25.0", "plans": [
        {"planName": "rds", "planType": "OnDemand", "planConfig": "{type: \"database\"}"},
        {"planName": "s3", "planType": "OnDemand", "planConfig": "{type: \"storage\"}"},
    ]})
}

pub(super) fn model() -> Value {
    json!({
        "runtimeVersion": "10.18.2.1234",
        "constants": [
            {"name": "Erp.BaseUrl", "default": "https://erp.example"},
            {"name": "Erp.Timeout", "default": "30"},
        ],
        "scheduledEvents": ["Orders.SE_Cleanup"],
    })
}

pub(super) fn cluster(id: &str, name: &str) -> Value {
    json!({"manifestVersion": "2.0.0", "cluster": {"clusterId": id, "name": name, "clusterType": "eks"}})
}

pub(super) fn namespace(id: &str, name: &str) -> Value {
    json!({"manifestVersion": "2.0.0", "namespace": {
        "namespaceId": id, "name": name, "installationType": "Connected", "secret": "c2VjcmV0",
    }})
}

/// The update of a namespace with nothing optional in it.
pub(super) fn namespace_update() -> Value {
    let mut manifest = namespace(NAMESPACE, "orders");
    manifest["namespace"]["productTypePCLM"] = json!("standard");
    manifest
}

pub(super) fn environment(id: &str) -> Value {
    let resources = json!({"cpu": "1", "memory": "4"});
    json!({"manifestVersion": "2.0.0", "environment": {
        "id": id,
        "properties": {
            "name": "production", "production": true, "defaultStudioTarget": false, "secretsStoreEnabled": false,
        },
        "deployment": {
            "appUrl": "https://orders.acme.example", "packageId": PACKAGE,
            "constants": [{"name": "Erp.BaseUrl", "value": "https://erp.acme.example"}],
        },
        "container": {"instances": 3, "coreResources": {"limits": resources, "requests": resources}},
        "runtime": {"mxAdminPassword": "aHVudGVyMg=="},
        "provider": {"clusterId": CLUSTER, "namespace": "orders"},
        "services": [
            {"name": "rds", "plan": "OnDemand", "config": "{type: \"database\"}"},
            {"name": "s3", "plan": "OnDemand", "config": "{type: \\\"storage\\\"}"},
        ],
    }})
}
