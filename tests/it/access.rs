//! Members of namespaces and managers of clusters: who is added, who goes, and who stays.

use mxkeep::apply::ActionOutcome;
use mxkeep::model::DesiredState;
use mxkeep::plan::{Plan, Status};
use serde_json::{Value, json};

use crate::support::driver::load_valid;
use crate::support::{Mxkeep, World, estate};

const CLUSTER: &str = "0b1b2c3d-0000-4000-8000-000000000001";
const NAMESPACE: &str = "0b1b2c3d-0000-4000-8000-000000000002";

/// An estate of a cluster with these managers and a namespace with these members, both in YAML.
fn files(managers: &str, members: &str) -> tempfile::TempDir {
    let land = format!(
        "cluster: {{clusterId: {CLUSTER}, name: eu, clusterType: eks{}}}
---
namespace: {{namespaceId: {NAMESPACE}, cluster: eu, name: orders, secret: {{fromFile: s.txt}}{}}}
",
        if managers.is_empty() { String::new() } else { format!(", clusterManagers: {managers}") },
        if members.is_empty() { String::new() } else { format!(", membership: {members}") },
    );
    estate(&[("mxkeep.yaml", "estate: access\n"), ("land.yaml", &land), ("s.txt", "secret")])
}

fn declare(managers: &str, members: &str) -> DesiredState {
    load_valid(files(managers, members).path())
}

fn person(email: &str, role: &str) -> Value {
    json!({"email": email, "role": role, "status": "Accepted", "displayName": email, "permissions": {"deployApp": true}, "seat": 7})
}

/// A world in which the cluster and the namespace exist, with a creator among the managers, a technical contact whom
/// the platform made an administrator, and others.
fn populated() -> World {
    let world = World::quick();
    let desired = declare("", "");
    let (outcome, _) = world.apply(&desired, &world.plan(&desired));
    assert_eq!(outcome.count(ActionOutcome::Done), 2, "{outcome:#?}");
    world.edit(&format!("clusters/{CLUSTER}"), "/creator", json!(" Ada Founder"));
    let managers = json!([
        {"email": "Ada@acme.example", "displayName": "Ada Founder", "status": "Accepted"},
        {"email": "ops@acme.example", "displayName": "Ops", "status": "Accepted"},
    ]);
    world.edit(&format!("clusters/{CLUSTER}"), "/clusterManagers", managers);
    let members = json!([
        person("Tech.Contact@Acme.example", "Administrator"),
        person("lead@acme.example", "Administrator"),
        person("Dev1@ACME.example", "Developer"),
        person("leaver@acme.example", "Developer"),
    ]);
    world.edit(&format!("namespaces/{NAMESPACE}"), "/membership", members);
    world
}

fn live(world: &World, list: &str, kind: &str) -> Vec<Value> {
    let state = world.get().world();
    let manifest = &state[list][0]["manifest"];
    assert!(manifest.is_object(), "{state:#}");
    manifest[kind][if kind == "cluster" { "clusterManagers" } else { "membership" }]
        .as_array()
        .unwrap()
        .clone()
}

fn members(world: &World) -> Vec<String> {
    let mails = live(world, "namespaces", "namespace");
    let mut mails: Vec<_> = mails.iter().map(|it| it["email"].as_str().unwrap().to_owned()).collect();
    mails.sort();
    mails
}

fn managers(world: &World) -> Vec<String> {
    let mails = live(world, "clusters", "cluster");
    let mut mails: Vec<_> = mails.iter().map(|it| it["email"].as_str().unwrap().to_owned()).collect();
    mails.sort();
    mails
}

fn paths(plan: &Plan) -> Vec<String> {
    plan.actions
        .iter()
        .flat_map(mxkeep::plan::Action::changes)
        .map(|change| change.path.to_string())
        .collect()
}

fn notes(plan: &Plan, code: &str) -> Vec<String> {
    plan.notes.iter().filter(|note| note.code == code).map(|note| note.message.clone()).collect()
}

/// Applies, and plans again: nothing may be left.
fn converge(world: &World, desired: &DesiredState) -> Plan {
    let plan = world.plan(desired);
    let (outcome, _) = world.apply(desired, &plan);
    assert!(outcome.actions.iter().all(|report| report.verified), "{outcome:#?}");
    let again = world.plan(desired);
    assert!(again.actions.is_empty(), "{:#?}", again.actions);
    plan
}

#[test]
fn the_case_of_a_mail_address_is_no_drift() {
    let world = populated();
    let desired = declare(
        "[{email: OPS@acme.example}]",
        "{DEV1@acme.example: Developer, tech.contact@acme.EXAMPLE: Administrator}",
    );
    assert!(world.plan(&desired).actions.is_empty());
    let files = files("[{email: OPS@acme.example}]", "{DEV1@acme.example: Developer}");
    let output = Mxkeep::new(["drift"]).dir(files.path()).against(&world).run();
    assert_eq!(output.code, 0, "{output}");
}

#[test]
fn members_who_are_not_declared_stay_as_they_are() {
    let world = populated();
    let before = live(&world, "namespaces", "namespace");
    let plan =
        converge(&world, &declare("", "{new@acme.example: Developer, Leaver@acme.example: Administrator}"));
    assert_eq!(paths(&plan), ["membership[leaver@acme.example].role", "membership[new@acme.example].role"]);
    let after = live(&world, "namespaces", "namespace");
    for member in before.iter().filter(|member| member["email"] != "leaver@acme.example") {
        // Bit for bit, what no table knows included.
        assert!(
            after.iter().any(|it| it["email"] == member["email"] && it["seat"] == member["seat"]),
            "{after:#?}"
        );
    }
    assert_eq!(after.len(), before.len() + 1);
}

#[test]
fn absent_removes_exactly_that_person() {
    let world = populated();
    let desired = declare("{OPS@acme.example: {absent: true}}", "{Leaver@ACME.example: {absent: true}}");
    let plan = converge(&world, &desired);
    assert_eq!(paths(&plan), ["clusterManagers[ops@acme.example]", "membership[leaver@acme.example]"]);
    assert_eq!(members(&world), ["Dev1@ACME.example", "Tech.Contact@Acme.example", "lead@acme.example"]);
    assert_eq!(managers(&world), ["Ada@acme.example"]);
}

#[test]
fn an_exact_list_keeps_administrators_and_the_creator() {
    let world = populated();
    let desired = declare("{exact: [{email: new@acme.example}]}", "{exact: {dev1@acme.example: Developer}}");
    let plan = converge(&world, &desired);
    assert_eq!(
        paths(&plan),
        [
            "clusterManagers[new@acme.example]",
            "clusterManagers[ops@acme.example]",
            "membership[leaver@acme.example]"
        ]
    );
    assert_eq!(members(&world), ["Dev1@ACME.example", "Tech.Contact@Acme.example", "lead@acme.example"]);
    assert_eq!(managers(&world), ["Ada@acme.example", "new@acme.example"]);
    let spared = notes(&plan, "PLAN-008");
    assert_eq!(spared.len(), 3, "{spared:#?}");
    assert!(
        spared
            .iter()
            .any(|note| note.contains("`clusterManagers[ada@acme.example]`") && note.contains("created"))
    );
    assert!(
        spared.iter().any(|note| note.contains("`membership[tech.contact@acme.example]`")
            && note.contains("technical contact"))
    );
}

#[test]
fn an_empty_exact_list_keeps_them_too() {
    let world = populated();
    converge(&world, &declare("{exact: []}", "{exact: []}"));
    assert_eq!(members(&world), ["Tech.Contact@Acme.example", "lead@acme.example"]);
    assert_eq!(managers(&world), ["Ada@acme.example"]);
}

#[test]
fn absent_in_an_exact_list_removes_an_administrator() {
    let world = populated();
    let desired = declare("", "{exact: {dev1@acme.example: Developer, Lead@acme.example: {absent: true}}}");
    converge(&world, &desired);
    assert_eq!(members(&world), ["Dev1@ACME.example", "Tech.Contact@Acme.example"]);
}

#[test]
fn the_creator_of_a_cluster_cannot_be_removed() {
    let world = populated();
    let desired = declare("{ada@acme.example: {absent: true}}", "{leaver@acme.example: {absent: true}}");
    let plan = world.plan(&desired);
    let blocked: Vec<_> = plan.actions.iter().filter(|action| !action.is_ready()).collect();
    let [action] = blocked.as_slice() else { panic!("{plan:#?}") };
    let Status::Blocked(block) = &action.status else { unreachable!() };
    assert_eq!((action.id.as_str(), block.code), ("update:cluster/eu", "CL-03"));
    // What does not need the cluster's update goes on.
    let (outcome, _) = world.apply(&desired, &plan);
    assert_eq!((outcome.count(ActionOutcome::Done), outcome.count(ActionOutcome::Blocked)), (1, 1));
    assert_eq!(managers(&world), ["Ada@acme.example", "ops@acme.example"]);
}
