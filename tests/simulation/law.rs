//! What has to hold after a run, whatever happened in it.

use std::collections::BTreeMap;

use mxkeep::apply::Outcome;
use mxkeep::model::{DesiredState, Identity};
use mxkeep::plan::Plan;
use mxkeep::simulator::{LoggedRequest, Simulator};
use serde_json::{Map, Value, json};

use crate::play::{SECRET, values};
use crate::scenario::Scenario;

/// An edit in the portal.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Of what, `clusters/ID`.
    pub resource: String,
    pub path: String,
    pub value: Value,
    /// How many requests had come before it.
    after: usize,
}

/// What was live, and what others did to it since: nothing else may differ at the end, beyond what is declared.
pub struct Memory {
    live: BTreeMap<String, Value>,
    declared: BTreeMap<String, Value>,
    edits: Vec<Edit>,
}

/// Where the simulator keeps what, and the keys of its ids.
const KINDS: [(&str, &str); 3] =
    [("clusters", "cluster"), ("namespaces", "namespace"), ("environments", "environment")];

/// Set by the server.
const SERVER_OWNED: [&str; 9] = [
    "state",
    "lastRunningInstanceCount",
    "environmentPurpose",
    "runtimeVersion",
    "runtimeDeploymentStrategyType",
    "totalNamespaces",
    "creator",
    "status",
    "additionalInformation",
];

/// Lists whose undeclared items stay, and the keys of their items.
const MERGED: [(&str, &str); 6] = [
    ("constants", "name"),
    ("scheduledEvents", "name"),
    ("appLogLevels", "name"),
    ("membership", "email"),
    ("clusterManagers", "email"),
    ("plans", "planName"),
];

/// The resources of a world, by where they are edited.
fn resources(simulator: &Simulator) -> BTreeMap<String, Value> {
    let world = simulator.world();
    let mut found = BTreeMap::new();
    for (list, kind) in KINDS {
        for item in world[list].as_array().unwrap() {
            let body = &item["manifest"][kind];
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let resource = match kind {
                "cluster" => format!("clusters/{}", text(&body["clusterId"])),
                "namespace" => format!("namespaces/{}", text(&body["namespaceId"])),
                _ => format!(
                    "environments/{}/{}/{}",
                    text(&item["appId"]),
                    text(&item["namespaceId"]),
                    text(&body["id"])
                ),
            };
            found.insert(resource, body.clone());
        }
    }
    found
}

/// Gives every resource fields that no table knows, of every JSON type, and numbers that a float would spoil.
pub fn add_unknown_fields(simulator: &Simulator) {
    for resource in resources(simulator).keys() {
        for (choice, path) in unknown_paths(resource).iter().enumerate() {
            simulator.edit(resource, path, values(choice as u64)).unwrap();
        }
    }
}

fn unknown_paths(resource: &str) -> &'static [&'static str] {
    match resource.split('/').next() {
        Some("environments") => &[
            "/unknownField",
            "/container/unknownField",
            "/deployment/unknownField",
            "/properties/unknownField",
        ],
        _ => &["/unknownField"],
    }
}

/// What else is edited: sometimes declared, and then it is drift.
fn known_paths(resource: &str) -> &'static [&'static str] {
    match resource.split('/').next() {
        Some("clusters") => &["/description"],
        Some("namespaces") => &["/operationalLinks/logsUrl"],
        _ => &["/container/instances", "/deployment/appUrl", "/deploymentStrategy/maxSurge"],
    }
}

fn known_value(path: &str, choice: u64) -> Value {
    match path {
        "/description" => json!(format!("edit {choice}")),
        "/container/instances" | "/deploymentStrategy/maxSurge" => json!(choice % 11),
        _ => json!(format!("https://edit{choice}.x.example")),
    }
}

impl Memory {
    /// What is live now, and the documents of the estate.
    pub fn new(simulator: &Simulator, documents: &[Value]) -> Memory {
        let mut declared = BTreeMap::new();
        let namespaces: Vec<_> = documents.iter().filter_map(|document| document.get("namespace")).collect();
        for document in documents {
            let (kind, body) = document.as_object().unwrap().iter().next().unwrap();
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let resource = match kind.as_str() {
                "cluster" => format!("clusters/{}", text(&body["clusterId"])),
                "namespace" => format!("namespaces/{}", text(&body["namespaceId"])),
                "environment" => {
                    let namespace = namespaces.iter().find(|it| it["name"] == body["provider"]["namespace"]);
                    let namespace = text(&namespace.unwrap()["namespaceId"]);
                    format!("environments/{}/{namespace}/{}", crate::generate::id("app0"), text(&body["id"]))
                }
                _ => continue,
            };
            declared.insert(resource, body.clone());
        }
        Memory { live: resources(simulator), declared, edits: Vec::new() }
    }

    /// Edits something that is there, unless the platform works on it at the moment.
    pub fn edit(&mut self, simulator: &Simulator, choice: u64) -> Option<Edit> {
        let resources = resources(simulator);
        let index = usize::try_from(choice % resources.len().max(1) as u64).unwrap();
        let (resource, body) = resources.iter().nth(index)?;
        let paths = if choice & 64 == 0 { unknown_paths(resource) } else { known_paths(resource) };
        let path = paths[usize::try_from(choice >> 8).unwrap() % paths.len()];
        let parent = path.rsplit_once('/').unwrap().0;
        if !body.pointer(parent).is_some_and(Value::is_object) || is_busy(simulator, resource) {
            return None;
        }
        let choice = choice >> 32;
        let value = if choice & 64 == 0 && path.ends_with("unknownField") {
            values(choice)
        } else {
            known_value(path, choice)
        };
        simulator.edit(resource, path, value.clone()).unwrap();
        let after = simulator.requests().len();
        let edit = Edit { resource: resource.clone(), path: path.to_owned(), value, after };
        self.edits.push(edit.clone());
        Some(edit)
    }

    /// How many edits came between a look and the request that followed it.
    pub fn unprotected(&self, requests: &[LoggedRequest]) -> usize {
        self.edits.iter().filter(|edit| is_unprotected(edit, requests)).count()
    }

    /// Compares what is live now with what has to be.
    pub fn check(&self, simulator: &Simulator, requests: &[LoggedRequest]) -> Result<(), String> {
        let mut expected = self.live.clone();
        let mut now = resources(simulator);
        for edit in &self.edits {
            // What came to be after the run began has only its edits to be remembered.
            let body = expected.entry(edit.resource.clone()).or_insert_with(|| json!({}));
            set(body, &edit.path, edit.value.clone());
        }
        for edit in self.edits.iter().filter(|edit| is_unprotected(edit, requests)) {
            for body in [expected.get_mut(&edit.resource), now.get_mut(&edit.resource)].into_iter().flatten()
            {
                set(body, &edit.path, Value::Null);
            }
        }
        let mut wrong = Vec::new();
        for (resource, expected) in &expected {
            let declared = self.declared.get(resource);
            let Some(now) = now.get(resource) else {
                if declared.is_none() && was_deleted(resource, requests) {
                    continue;
                }
                wrong.push(format!("{resource} is gone"));
                continue;
            };
            compare(resource, "", expected, now, declared, &mut wrong);
        }
        if wrong.is_empty() { Ok(()) } else { Err(format!("unmanaged, and touched: {wrong:#?}")) }
    }
}

/// Whether the resource has an open job, or a request is on its way to it.
fn is_busy(simulator: &Simulator, resource: &str) -> bool {
    let id = resource.rsplit('/').next().unwrap();
    let world = simulator.world();
    let is_open = |job: &Value| !job["work"].is_null() && job["work"]["target"].to_string().contains(id);
    let on_its_way = |request: &LoggedRequest| {
        request.method != "GET" && request.status.is_none() && is_at(&request.path, resource)
    };
    world["jobs"].as_array().unwrap().iter().any(is_open) || simulator.requests().iter().any(on_its_way)
}

/// Whether a path is that of a resource.
fn is_at(path: &str, resource: &str) -> bool {
    let path = path.split('?').next().unwrap();
    match resource.split('/').collect::<Vec<_>>().as_slice() {
        ["environments", app, namespace, id] => {
            path.ends_with(&format!("/apps/{app}/namespaces/{namespace}/environments/{id}"))
        }
        _ => path.ends_with(&format!("/{resource}")),
    }
}

/// Whether the edit came between a look and the request that follows it: nobody can save it then.
fn is_unprotected(edit: &Edit, requests: &[LoggedRequest]) -> bool {
    let mut later = requests[edit.after..].iter().filter(|request| is_at(&request.path, &edit.resource));
    later.next().is_some_and(|first| first.method == "PUT")
}

fn was_deleted(resource: &str, requests: &[LoggedRequest]) -> bool {
    requests.iter().any(|request| request.method == "DELETE" && is_at(&request.path, resource))
}

fn set(body: &mut Value, path: &str, value: Value) {
    let mut node = body;
    for step in path.split('/').skip(1) {
        if !node.is_object() {
            *node = json!({});
        }
        node = node.as_object_mut().unwrap().entry(step).or_insert(Value::Null);
    }
    *node = value;
}

/// Everything that is not declared has to be as it was, to the last digit.
fn compare(
    resource: &str,
    path: &str,
    expected: &Value,
    now: &Value,
    declared: Option<&Value>,
    wrong: &mut Vec<String>,
) {
    let name = path.rsplit('/').next().unwrap();
    let key = MERGED.iter().find(|(list, _)| *list == name).map(|(_, key)| *key);
    match (expected, now, declared) {
        (Value::Object(expected), Value::Object(now), declared) => {
            for (field, value) in expected {
                if SERVER_OWNED.contains(&field.as_str()) {
                    continue;
                }
                let declared = declared.and_then(|declared| part(declared, field));
                let now = now.get(field).unwrap_or(&Value::Null);
                compare(resource, &format!("{path}/{field}"), value, now, declared, wrong);
            }
        }
        (Value::Array(expected), Value::Array(now), Some(declared)) if key.is_some() => {
            let key = key.unwrap();
            let is_declared = |item: &Value| is_named(declared, key, item[key].as_str().unwrap_or_default());
            for item in expected.iter().filter(|item| !is_declared(item)) {
                if !now.contains(item) {
                    wrong.push(format!("{resource}{path}: {item} is not in {}", Value::from(now.clone())));
                }
            }
        }
        (_, _, Some(_)) => {}
        (expected, now, None) => {
            // Numbers as they are spelled: 1.0 is not 1 for those who read what was sent.
            let [expected_text, now_text] = [expected, now].map(|value| sorted(value).to_string());
            let is_same = expected_text == now_text;
            if !is_same && !is_respelled(expected, now) {
                wrong.push(format!("{resource}{path}: {now} instead of {expected}"));
            }
        }
    }
}

/// Whether it is the same amount, as a server spelled it that does so in another way than it was told: what it showed
/// is what it was sent back.
fn is_respelled(expected: &Value, now: &Value) -> bool {
    let amount = |value: &Value| value.as_str().and_then(|text| text.parse::<f64>().ok());
    amount(expected).is_some() && amount(expected) == amount(now)
}

/// What the files say of a field.
fn part<'a>(declared: &'a Value, field: &str) -> Option<&'a Value> {
    let other = match field {
        "coreResources" => "size",
        "packageId" => "package",
        field => field,
    };
    declared.get(field).or_else(|| declared.get(other))
}

/// Whether a list, or a mapping in its place, has an item.
fn is_named(declared: &Value, key: &str, name: &str) -> bool {
    let same = |other: &str| other.eq_ignore_ascii_case(name);
    match declared {
        Value::Object(items) => items.keys().any(|other| same(other)),
        Value::Array(items) => items.iter().any(|item| item[key].as_str().is_some_and(same)),
        _ => false,
    }
}

/// The simulator returns lists in another order each time, and the order of keys means nothing.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(sorted).collect();
            items.sort_by_key(Value::to_string);
            items.into()
        }
        Value::Object(fields) => {
            let fields: BTreeMap<_, _> =
                fields.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
            fields.into_iter().collect::<Map<_, _>>().into()
        }
        scalar => scalar.clone(),
    }
}

/// The path by which a resource is read and changed.
pub fn path_of(identity: &Identity) -> String {
    match identity {
        Identity::Cluster(id) => format!("clusters/{id}"),
        Identity::Namespace(id) => format!("namespaces/{id}"),
        Identity::Environment { app, namespace, id } => format!("environments/{app}/{namespace}/{id}"),
        other => other.to_string(),
    }
}

/// Without faults an object needs one PUT at most; another one may be sent because a job of before had not ended.
pub fn hardly_a_request_too_many(requests: &[LoggedRequest], planned: &[String]) -> Result<(), String> {
    for resource in planned {
        let puts = requests.iter().filter(|it| it.method == "PUT" && is_at(&it.path, resource)).count();
        if puts > 2 {
            return Err(format!("{puts} PUTs of {resource}"));
        }
    }
    Ok(())
}

/// Every action of a plan is reported once.
pub fn adds_up(plan: &Plan, outcome: &Outcome) -> Result<(), String> {
    let planned: Vec<_> = plan.actions.iter().map(|action| &action.id).collect();
    let mut reported: Vec<_> = outcome.actions.iter().map(|report| &report.action.id).collect();
    let mut sorted = planned.clone();
    sorted.sort();
    reported.sort();
    if sorted == reported { Ok(()) } else { Err(format!("{planned:?} were planned, {reported:?} reported")) }
}

/// Only what has a tombstone is deleted.
pub fn no_delete_without_tombstone(desired: &DesiredState, requests: &[LoggedRequest]) -> Result<(), String> {
    for request in requests.iter().filter(|request| request.method == "DELETE") {
        let id = request.path.split('?').next().unwrap().rsplit('/').next().unwrap();
        let is_meant =
            desired.tombstones.iter().any(|tombstone| format!("{:?}", tombstone.target).contains(id));
        if !is_meant {
            return Err(format!("deleted without tombstone: {}", request.path));
        }
    }
    Ok(())
}

/// A run builds a package once at most, and the last runs build what is missing.
pub fn no_package_twice(simulator: &Simulator, scenario: &Scenario) -> Result<(), String> {
    let world = simulator.world();
    let mut built: BTreeMap<&str, usize> = BTreeMap::new();
    for package in world["packages"].as_array().unwrap() {
        if let Some(description) = package["description"].as_str() {
            *built.entry(description).or_default() += 1;
        }
    }
    let runs = scenario.rounds.len() + 1;
    match built.into_iter().find(|(_, times)| *times > runs) {
        Some((package, times)) => Err(format!("{package} was built {times} times in {runs} runs")),
        None => Ok(()),
    }
}

/// Nothing that was said holds a secret.
pub fn no_secret(said: &str) -> Result<(), String> {
    match said.find(SECRET) {
        Some(at) => Err(format!(
            "a secret was told: …{}…",
            said[..at + SECRET.len()]
                .chars()
                .rev()
                .take(200)
                .collect::<String>()
                .chars()
                .rev()
                .collect::<String>()
        )),
        None => Ok(()),
    }
}
