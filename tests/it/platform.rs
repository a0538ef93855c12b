//! What the platform would refuse: a plan says so before anything is sent, and only then.

use mxkeep::apply::ActionOutcome;
use mxkeep::model::DesiredState;
use mxkeep::plan::{Plan, Status};
use serde_json::json;

use crate::support::driver::load_valid;
use crate::support::{World, estate};

const CLUSTER: &str =
    "cluster: {clusterId: 0b1b2c3d-0000-4000-8000-000000000001, name: eu, clusterType: eks}\n";
const NAMESPACE: &str = "namespace: {namespaceId: 0b1b2c3d-0000-4000-8000-000000000002, cluster: eu, name: orders, secret: {fromFile: s.txt}}\n";
const APP: &str = "app: {appId: 0b1b2c3d-0000-4000-8000-000000000004, name: shop}\n";

fn environment(id: &str) -> String {
    format!(
        "environment:
  id: {id}
  app: shop
  properties: {{name: {id}, production: true}}
  provider: {{namespace: orders}}
  deployment: {{appUrl: 'https://{id}.x.example', packageId: p1}}
  container: {{instances: 2, size: S}}
  services: {{db: {{plan: OnDemand, config: '{{type: \"database\"}}'}}, fs: {{plan: OnDemand, config: '{{type: \"storage\"}}'}}}}
"
    )
}

fn target(id: &str, is_target: bool) -> String {
    environment(id)
        .replace("production: true", &format!("production: true, defaultStudioTarget: {is_target}"))
}

fn load(documents: &[&str]) -> DesiredState {
    let all = documents.join("---\n");
    load_valid(estate(&[("mxkeep.yaml", "estate: test\n"), ("all.yaml", &all), ("s.txt", "secret")]).path())
}

/// Applies everything; nothing may be left.
fn settle(world: &World, desired: &DesiredState) {
    let (outcome, _) = world.apply(desired, &world.plan(desired));
    assert!(outcome.actions.iter().all(|report| report.verified), "{outcome:#?}");
    let again = world.plan(desired);
    assert!(again.actions.is_empty(), "{:#?}", again.actions);
}

fn running(documents: &[&str]) -> World {
    let (world, desired) = (World::quick(), load(documents));
    world.register(&desired);
    settle(&world, &desired);
    world
}

fn blocks(plan: &Plan) -> Vec<(&str, &'static str)> {
    let blocked = plan.actions.iter().filter_map(|action| match &action.status {
        Status::Blocked(block) => Some((action.id.as_str(), block.code)),
        _ => None,
    });
    blocked.collect()
}

#[test]
fn the_target_of_studio_pro_is_moved_before_its_environment_goes() {
    let (first, second) = (target("shop1", true), target("shop2", false));
    let world = running(&[CLUSTER, NAMESPACE, APP, &first, &second]);
    let remove = "remove: [{address: environment/shop/shop1, id: shop1}]\n";
    let plan = world.plan(&load(&[CLUSTER, NAMESPACE, APP, &second, remove]));
    assert_eq!(blocks(&plan), [("delete:environment/shop/shop1", "PROP-06")]);

    let moved = load(&[CLUSTER, NAMESPACE, APP, &target("shop1", false), &target("shop2", true)]);
    settle(&world, &moved);
    let gone = load(&[CLUSTER, NAMESPACE, APP, &target("shop2", true), remove]);
    settle(&world, &gone);
    assert_eq!(world.counts(), [1, 1, 1]);
}

#[test]
fn the_last_environment_of_an_app_has_no_successor() {
    let world = running(&[CLUSTER, NAMESPACE, APP, &target("shop1", true)]);
    let remove = "remove: [{address: environment/shop/shop1, id: shop1}]\n";
    let plan = world.plan(&load(&[CLUSTER, NAMESPACE, APP, remove]));
    assert_eq!(blocks(&plan), []);
    // Nor has the last but one, when both go.
    let world = running(&[CLUSTER, NAMESPACE, APP, &target("shop1", true), &environment("shop2")]);
    let both = "remove: [{address: environment/shop/shop1, id: shop1}, {address: environment/shop/shop2, id: shop2}]\n";
    assert_eq!(blocks(&world.plan(&load(&[CLUSTER, NAMESPACE, APP, both]))), []);
}

#[test]
fn existing_environments_keep_working_whatever_becomes_of_their_plans() {
    let world = running(&[CLUSTER, NAMESPACE, APP, &environment("shop1")]);
    let namespace = "namespaces/0b1b2c3d-0000-4000-8000-000000000002";
    for plan in ["/plans/0/activate", "/plans/1/activate"] {
        world.edit(namespace, plan, json!(false));
    }
    let more = environment("shop1").replace("instances: 2", "instances: 3");
    let desired = load(&[CLUSTER, NAMESPACE, APP, &more, &environment("shop2")]);
    let plan = world.plan(&desired);
    assert_eq!(blocks(&plan), [("create:environment/shop/shop2", "SVC-02")]);
    let (outcome, _) = world.apply(&desired, &plan);
    assert_eq!((outcome.count(ActionOutcome::Done), outcome.count(ActionOutcome::Blocked)), (1, 1));

    // Switched on by the same plan, they may be used.
    let active = NAMESPACE.replace("cluster: eu", "cluster: eu, plans: {db: true, fs: true}");
    settle(&world, &load(&[CLUSTER, &active, APP, &more, &environment("shop2")]));
}

#[test]
fn a_plan_that_may_have_to_be_made_is_waited_for() {
    let world = running(&[CLUSTER, NAMESPACE, APP, &environment("shop1")]);
    let namespace = "namespaces/0b1b2c3d-0000-4000-8000-000000000002";
    let database = json!([{"planName": "db", "planType": "OnDemand", "planConfig": "{type: \"database\"}", "activate": true}]);
    world.edit(namespace, "/plans", database);
    // There is no storage yet, so nobody can have meant another one.
    let plan = world.plan(&load(&[CLUSTER, NAMESPACE, APP, &environment("shop2")]));
    assert_eq!(blocks(&plan), []);
    assert!(plan.actions.iter().any(|action| action.wait().is_some()), "{plan:#?}");
}

#[test]
fn a_main_namespace_takes_no_update_that_would_have_to_follow_its_create() {
    let world = World::quick();
    let cluster = CLUSTER.replace("clusterType", "operatorType: global_operator, clusterType");
    let main = NAMESPACE.replace("cluster: eu", "cluster: eu, namespaceType: main");
    let with_members = main.replace("cluster: eu", "cluster: eu, membership: {dev@x.example: Developer}");
    assert_eq!(
        blocks(&world.plan(&load(&[&cluster, &with_members]))),
        [("create:namespace/eu/orders", "NS-05")]
    );
    settle(&world, &load(&[&cluster, &main]));
    let managed = "namespace: {namespaceId: 0b1b2c3d-0000-4000-8000-000000000003, cluster: eu, name: team, namespaceType: managed, secret: {fromFile: s.txt}}\n";
    // The live main namespace need not be declared.
    settle(&world, &load(&[&cluster, managed]));
    // Nor need the cluster say which operator it has; but a namespace of the wrong type is not created.
    let standard = managed.replace("0003", "0005").replace("managed", "standard").replace("team", "other");
    assert_eq!(
        blocks(&world.plan(&load(&[CLUSTER, managed, &standard]))),
        [("create:namespace/eu/other", "NS-03")]
    );
}

#[test]
fn limits_for_disruptions_that_are_not_declared_are_sent_back() {
    let world = running(&[CLUSTER, NAMESPACE, APP, &environment("shop1")]);
    let path = "environments/0b1b2c3d-0000-4000-8000-000000000004/0b1b2c3d-0000-4000-8000-000000000002/shop1";
    world.edit(path, "/deploymentStrategy/podDisruptionMaxUnavailable", json!(50));
    // STR-07: the portal once lost it.
    settle(
        &world,
        &load(&[CLUSTER, NAMESPACE, APP, &environment("shop1").replace("instances: 2", "instances: 3")]),
    );
    let state = world.get().world();
    let strategy = &state["environments"][0]["manifest"]["environment"]["deploymentStrategy"];
    assert_eq!(strategy["podDisruptionMaxUnavailable"], 50, "{state:#}");
}
