//! What a plan does not do, and why: tombstones, blocks, guards, problems.

use mxkeep::apply::ActionOutcome;
use mxkeep::model::DesiredState;
use mxkeep::plan::{Action, Plan, PlanInput, Scope, Status, Verb, plan};
use serde_json::json;

use crate::support::driver::{TODAY, load_valid, operators};
use crate::support::{World, estate};

const CLUSTER: &str =
    "cluster: {clusterId: 0b1b2c3d-0000-4000-8000-000000000001, name: eu, clusterType: eks}\n";
const NAMESPACE: &str = "namespace: {namespaceId: 0b1b2c3d-0000-4000-8000-000000000002, cluster: eu, name: orders, secret: {fromFile: s.txt}}\n";
const OTHER_NAMESPACE: &str = "namespace: {namespaceId: 0b1b2c3d-0000-4000-8000-000000000003, cluster: eu, name: spare, secret: {fromFile: s.txt}}\n";
const APP: &str = "app: {appId: 0b1b2c3d-0000-4000-8000-000000000004, name: shop}\n";

fn environment(id: &str, namespace: &str) -> String {
    format!(
        "environment:
  id: {id}
  app: shop
  properties: {{name: {id}, production: true}}
  provider: {{cluster: eu, namespace: {namespace}}}
  deployment: {{appUrl: 'https://{id}.x.example', packageId: p1, constants: {{M.One: a}}}}
  container: {{instances: 1, size: S}}
  services: {{db: {{plan: OnDemand, config: '{{type: \"database\"}}'}}, fs: {{plan: OnDemand, config: '{{type: \"storage\"}}'}}}}
"
    )
}

fn load(settings: &str, documents: &[&str]) -> DesiredState {
    let all = documents.join("---\n");
    let settings = format!("estate: test\n{settings}");
    let directory = estate(&[("mxkeep.yaml", settings.as_str()), ("all.yaml", &all), ("s.txt", "secret")]);
    load_valid(directory.path())
}

/// A world in which one environment runs, and the estate that declares it.
fn running() -> (World, DesiredState) {
    let world = World::quick();
    let desired = load("", &[CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, &environment("shop1", "orders")]);
    world.register(&desired);
    let (outcome, _) = world.apply(&desired, &world.plan(&desired));
    assert_eq!(outcome.count(ActionOutcome::Done), 4, "{outcome:#?}");
    (world, desired)
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.actions.iter().map(|action| action.id.as_str()).collect()
}

fn action<'p>(plan: &'p Plan, id: &str) -> &'p Action {
    plan.actions
        .iter()
        .find(|action| action.id == id)
        .unwrap_or_else(|| panic!("{id} is not in {:?}", ids(plan)))
}

fn block(plan: &Plan, id: &str) -> (&'static str, String) {
    match &action(plan, id).status {
        Status::Blocked(block) => (block.code, block.reason.clone()),
        Status::Waiting(wait) => panic!("{id} waits: {wait:?}"),
        Status::Ready => panic!("{id} is not blocked"),
    }
}

const REMOVE_ALL: &str = "remove:
- {address: cluster/eu, id: 0b1b2c3d-0000-4000-8000-000000000001}
- {address: namespace/eu/orders, id: 0b1b2c3d-0000-4000-8000-000000000002}
- {address: namespace/eu/spare, id: 0b1b2c3d-0000-4000-8000-000000000003}
- {address: environment/shop/shop1, id: shop1, reason: CHG-1}
";

#[test]
fn tombstones_delete_children_first_and_a_second_run_finds_nothing() {
    let (world, _) = running();
    let gone = load("", &[APP, REMOVE_ALL]);
    let plan = world.plan(&gone);
    assert_eq!(
        ids(&plan),
        [
            "delete:environment/shop/shop1",
            "delete:namespace/eu/orders",
            "delete:namespace/eu/spare",
            "delete:cluster/eu"
        ]
    );
    let (outcome, _) = world.apply(&gone, &plan);
    assert_eq!(outcome.count(ActionOutcome::Done), 4, "{outcome:#?}");
    let requests = world.take_requests();
    let at = |end: &str| {
        requests.iter().position(|request| request.starts_with("DELETE") && request.ends_with(end)).unwrap()
    };
    assert!(at("/environments/shop1") < at("0002") && at("0002") < at("0001"), "{requests:#?}");
    let again = world.plan(&gone);
    assert!(again.actions.is_empty());
    assert_eq!(again.notes.iter().filter(|note| note.code == "PLAN-005").count(), 4, "{:#?}", again.notes);
}

#[test]
fn a_missing_file_deletes_nothing() {
    let (world, _) = running();
    let fewer = load("", &[CLUSTER, APP]);
    let plan = world.plan(&fewer);
    assert!(plan.actions.is_empty());
    let unmanaged: Vec<_> = plan.unmanaged.iter().map(|it| it.address.to_string()).collect();
    assert_eq!(unmanaged, ["namespace/eu/orders", "namespace/eu/spare", "environment/shop/shop1"]);
}

#[test]
fn a_tombstone_has_to_name_what_its_id_names() {
    let (world, _) = running();
    let wrong =
        load("", &[CLUSTER, NAMESPACE, APP, "remove: [{address: environment/shop/other, id: shop1}]\n"]);
    let (code, reason) = block(&world.plan(&wrong), "delete:environment/shop/other");
    assert_eq!(
        (code, reason.as_str()),
        ("PLAN-104", "the id names `environment/shop/shop1@eu/orders`, not `environment/shop/other`")
    );
}

#[test]
fn what_holds_others_is_not_deleted() {
    let (world, _) = running();
    let remove = "remove: [{address: namespace/eu/orders, id: 0b1b2c3d-0000-4000-8000-000000000002}]\n";
    let plan = world.plan(&load("", &[CLUSTER, OTHER_NAMESPACE, APP, remove]));
    let (code, reason) = block(&plan, "delete:namespace/eu/orders");
    assert_eq!((code, reason.as_str()), ("NS-13", "still holds `environment/shop/shop1`"));
    // The app need not be declared for its environments to count.
    let plan = world.plan(&load("", &[CLUSTER, OTHER_NAMESPACE, remove]));
    assert_eq!(block(&plan, "delete:namespace/eu/orders").0, "NS-13");
}

#[test]
fn an_immutable_field_blocks_its_action_and_no_other() {
    let (world, _) = running();
    let changed = environment("shop1", "orders").replace("fs: {plan: OnDemand", "fs: {plan: Dedicated");
    let described = CLUSTER.replace("clusterType", "description: new, clusterType");
    let desired = load("", &[&described, NAMESPACE, OTHER_NAMESPACE, APP, &changed]);
    let plan = world.plan(&desired);
    let (code, reason) = block(&plan, "update:environment/shop/shop1");
    assert_eq!(
        (code, reason.as_str()),
        ("SVC-04", "`services[fs].plan` cannot change once the resource exists")
    );
    assert!(action(&plan, "update:cluster/eu").is_ready());
    let (outcome, _) = world.apply(&desired, &plan);
    assert_eq!((outcome.count(ActionOutcome::Done), outcome.count(ActionOutcome::Blocked)), (1, 1));
    assert!(
        world
            .take_requests()
            .iter()
            .all(|request| !request.starts_with("PUT") || !request.contains("environments"))
    );
}

#[test]
fn a_move_is_blocked_unless_it_is_written_down_as_delete_and_create() {
    let (world, _) = running();
    let moved = environment("shop1", "spare");
    let plan = world.plan(&load("", &[CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, &moved]));
    let (code, reason) = block(&plan, "create:environment/shop/shop1");
    assert_eq!(code, "PRV-04");
    assert!(reason.contains("environment/shop/shop1"), "{reason}");

    let remove = "remove: [{address: environment/shop/shop1, id: shop1, namespace: eu/orders}]\n";
    let desired = load("", &[CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, &moved, remove]);
    let plan = world.plan(&desired);
    assert_eq!(ids(&plan), ["delete:environment/shop/shop1", "create:environment/shop/shop1"]);
    assert_eq!(action(&plan, "create:environment/shop/shop1").needs, ["delete:environment/shop/shop1"]);
    let (outcome, _) = world.apply(&desired, &plan);
    assert_eq!(outcome.count(ActionOutcome::Done), 2, "{outcome:#?}");
}

#[test]
fn guards_stop_deletes_and_what_needs_them() {
    let (world, _) = running();
    let guarded = load("guards: {protect: ['environment/*/shop1']}\n", &[APP, REMOVE_ALL]);
    let plan = world.plan(&guarded);
    assert_eq!(block(&plan, "delete:environment/shop/shop1").0, "PLAN-108");
    assert_eq!(block(&plan, "delete:namespace/eu/orders").0, "PLAN-107");
    assert_eq!(block(&plan, "delete:cluster/eu").0, "PLAN-107");
    assert!(action(&plan, "delete:namespace/eu/spare").is_ready());

    // A protected environment may be changed, and not be stopped.
    let stopped = environment("shop1", "orders").replace("instances: 1", "instances: 0");
    let protect = "guards: {protect: ['environment/**']}\n";
    let plan = world.plan(&load(protect, &[CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, &stopped]));
    assert_eq!(block(&plan, "update:environment/shop/shop1").0, "PLAN-108");
    let scaled = environment("shop1", "orders").replace("instances: 1", "instances: 2");
    let plan = world.plan(&load(protect, &[CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, &scaled]));
    assert!(action(&plan, "update:environment/shop/shop1").is_ready());

    let plan = world.plan(&load("guards: {maxDeletes: 3}\n", &[APP, REMOVE_ALL]));
    assert!(plan.actions.iter().all(|action| !action.is_ready()), "{:?}", ids(&plan));
    let (code, reason) = block(&plan, "delete:cluster/eu");
    assert_eq!(
        (code, reason.as_str()),
        ("PLAN-109", "the guard `maxDeletes: 3` says no: the plan holds 4 deletes")
    );
    let plan = world.plan(&load("guards: {maxDeletes: 4}\n", &[APP, REMOVE_ALL]));
    assert!(plan.actions.iter().all(Action::is_ready));
}

#[test]
fn an_app_that_is_not_there_blocks_its_environments() {
    let world = World::quick();
    let desired = load("", &[CLUSTER, NAMESPACE, APP, &environment("shop1", "orders")]);
    let plan = world.plan(&desired);
    assert_eq!(block(&plan, "create:environment/shop/shop1").0, "PLAN-105");
    assert!(action(&plan, "create:cluster/eu").is_ready());
}

#[test]
fn the_main_namespace_of_a_global_operator_is_not_updated() {
    let world = World::quick();
    let global = CLUSTER.replace("clusterType", "operatorType: global_operator, clusterType");
    let main = NAMESPACE.replace("name: orders", "name: main-ns, namespaceType: main");
    let managed = OTHER_NAMESPACE.replace("name: spare", "name: spare, namespaceType: managed");
    let desired = load("", &[&managed, &main, &global]);
    let plan = world.plan(&desired);
    assert_eq!(ids(&plan), ["create:cluster/eu", "create:namespace/eu/main-ns", "create:namespace/eu/spare"]);
    let (outcome, _) = world.apply(&desired, &plan);
    assert_eq!(outcome.count(ActionOutcome::Done), 3, "{outcome:#?}");
    let main = main.replace("name: main-ns", "name: main-ns, enableDevelopmentMode: true");
    let plan = world.plan(&load("", &[&managed, &main, &global]));
    assert_eq!(block(&plan, "update:namespace/eu/main-ns").0, "NS-05");
}

#[test]
fn what_a_create_needs_and_the_files_lack_is_a_problem_of_the_create_only() {
    let (world, _) = running();
    let partial = "environment: {id: shop1, app: shop, properties: {name: shop1}, provider: {namespace: orders}, container: {instances: 2}}\n";
    let plan = world.plan(&load("", &[CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, partial]));
    assert!(plan.problems.is_empty(), "{:#?}", plan.problems);
    assert_eq!(action(&plan, "update:environment/shop/shop1").changes().len(), 1);

    let new = partial.replace("shop1", "shop2");
    let plan = world.plan(&load("", &[CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, &new]));
    assert_eq!(plan.problems.len(), 1);
    let problem = &plan.problems[0];
    assert_eq!(problem.code, "PLAN-201");
    for field in [
        "properties.production",
        "deployment.appUrl",
        "deployment.packageId",
        "container.coreResources.limits.cpu",
        "services",
    ] {
        assert!(problem.message.contains(&format!("`{field}`")), "{field}: {}", problem.message);
    }
}

#[test]
fn a_value_that_is_not_set_is_noted_where_it_is_compared_and_a_problem_where_it_is_sent() {
    let (world, _) = running();
    let secret = NAMESPACE.replace("fromFile: s.txt", "fromEnv: NOT_SET");
    let plan = world.plan(&load("", &[CLUSTER, &secret, OTHER_NAMESPACE, APP]));
    assert!(plan.actions.is_empty() && plan.problems.is_empty());
    let note = plan.notes.iter().find(|note| note.code == "PLAN-002").unwrap();
    assert_eq!(note.message, "`secret` is not compared: its value is not set (fromEnv: NOT_SET)");

    let world = World::quick();
    let plan = world.plan(&load("", &[CLUSTER, &secret]));
    assert_eq!(plan.problems.len(), 1);
    assert_eq!(plan.problems[0].code, "PLAN-202");
    assert_eq!(plan.problems[0].path.as_deref(), Some("secret"));
}

#[test]
fn ignored_fields_are_left_alone_until_the_rule_expires() {
    let (world, desired) = running();
    let resource =
        "environments/0b1b2c3d-0000-4000-8000-000000000004/0b1b2c3d-0000-4000-8000-000000000002/shop1";
    world.edit(resource, "/container/instances", json!(7));
    assert_eq!(world.plan(&desired).actions.len(), 1);
    let rule = |until: &str| {
        let rule = format!(
            "ignore: [{{address: 'environment/*/*', field: container.instances, reason: autoscaler, until: {until}}}]\n"
        );
        load(&rule, &[CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, &environment("shop1", "orders")])
    };
    let today = world.plan(&rule(&TODAY.to_string()));
    assert!(today.actions.is_empty());
    assert_eq!(today.notes.iter().filter(|note| note.code == "PLAN-003").count(), 1);
    let expired = world.plan(&rule(&TODAY.yesterday().unwrap().to_string()));
    assert_eq!(expired.actions.len(), 1);
    assert_eq!(expired.notes.iter().filter(|note| note.code == "PLAN-004").count(), 1);
}

#[test]
fn a_target_without_its_parent_says_what_to_add() {
    let world = World::quick();
    let desired = load("", &[CLUSTER, NAMESPACE, APP, &environment("shop1", "orders")]);
    world.register(&desired);
    let scope = Scope::new(vec![mxkeep::model::AddressGlob::new("environment/**").unwrap()]);
    let live = world.block_on(mxkeep::api::fetch(&world.client(), &scope.reading(&desired))).unwrap();
    let plan = plan(&PlanInput {
        operators: &operators(&desired),
        ..PlanInput::new(&desired, &live, &scope, TODAY)
    })
    .unwrap();
    assert_eq!(ids(&plan), ["create:environment/shop/shop1"]);
    let Status::Blocked(block) = &plan.actions[0].status else { panic!("not blocked") };
    assert_eq!(block.code, "PLAN-106");
    assert_eq!(block.help.as_deref(), Some("add `--target namespace/eu/orders`"));
    assert_eq!(plan.actions[0].verb(), Verb::Create);
}

#[test]
fn a_plan_of_a_namespace_waits_for_the_operator() {
    let world = World::quick();
    let with_plan = NAMESPACE.replace("name: orders", "name: orders, plans: {db: false}");
    let desired = load("", &[CLUSTER, &with_plan]);
    let first = world.plan(&desired);
    let not_live = |plan: &Plan| plan.notes.iter().filter(|note| note.code == "PLAN-007").count();
    assert_eq!(not_live(&first), 1, "{:#?}", first.notes);
    let (outcome, _) = world.apply(&desired, &first);
    assert!(outcome.actions.iter().all(|report| report.verified), "{outcome:#?}");
    assert!(world.plan(&desired).actions.is_empty());

    world.register(&desired);
    let then = world.plan(&desired);
    assert_eq!(not_live(&then), 0);
    assert_eq!(ids(&then), ["update:namespace/eu/orders"]);
    assert_eq!(then.actions[0].changes()[0].path.to_string(), "plans[db].activate");
    let (outcome, _) = world.apply(&desired, &then);
    assert!(outcome.actions[0].verified, "{outcome:#?}");
}

#[test]
fn a_tombstone_with_another_place_names_something_else() {
    let (world, _) = running();
    let remove = |address: &str| format!("remove: [{{address: '{address}', id: shop1}}]\n");
    for (address, is_meant) in [
        ("environment/shop/shop1@orders", true),
        ("environment/shop/shop1@eu/orders", true),
        ("environment/shop/shop1@spare", false),
        ("environment/shop/shop1@us/orders", false),
    ] {
        let plan = world.plan(&load("", &[CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, &remove(address)]));
        assert_eq!(plan.actions[0].is_ready(), is_meant, "{address}: {:?}", plan.actions[0].status);
        // And no spelling takes it out of a guard.
        let guarded = "guards: {protect: ['environment/*/shop1']}\n";
        let plan = world.plan(&load(guarded, &[CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, &remove(address)]));
        assert!(!plan.actions[0].is_ready(), "{address}");
    }
}

#[test]
fn twins_are_deleted_each_by_an_action_of_its_own() {
    let (world, _) = running();
    let twin = environment("shop2", "spare").replace("name: shop2", "name: shop1");
    let both = load("", &[CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, &environment("shop1", "orders"), &twin]);
    let (outcome, _) = world.apply(&both, &world.plan(&both));
    assert_eq!(outcome.count(ActionOutcome::Done), 1, "{outcome:#?}");
    let remove = "remove:\n- {address: environment/shop/shop1, id: shop1}\n- {address: environment/shop/shop1, id: shop2}\n";
    let plan =
        world.plan(&load("guards: {maxDeletes: 1}\n", &[CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, remove]));
    assert_eq!(plan.actions.len(), 2, "{:?}", ids(&plan));
    assert!(plan.actions.iter().all(|action| !action.is_ready()), "two are more than one");
}

#[test]
fn a_namespace_that_is_declared_in_another_cluster_is_a_move() {
    let (world, _) = running();
    let other = "cluster: {clusterId: 0b1b2c3d-0000-4000-8000-000000000009, name: us, clusterType: eks}\n";
    let moved = OTHER_NAMESPACE.replace("cluster: eu", "cluster: us");
    let desired = load("", &[CLUSTER, other, NAMESPACE, &moved, APP]);
    let plan = world.plan(&desired);
    let (code, reason) = block(&plan, "update:namespace/us/spare");
    assert_eq!(
        (code, reason.as_str()),
        ("PLAN-102", "lives elsewhere as `namespace/eu/spare`, and the platform has no move")
    );
}

#[test]
fn what_is_in_production_is_marked_however_it_is_spelt() {
    let (world, _) = running();
    let resource =
        "environments/0b1b2c3d-0000-4000-8000-000000000004/0b1b2c3d-0000-4000-8000-000000000002/shop1";
    world.edit(resource, "/properties/production", json!("true"));
    let remove = "remove: [{address: environment/shop/shop1, id: shop1}]\n";
    assert!(world.plan(&load("", &[CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, remove])).actions[0].production);
    let demoted = environment("shop1", "orders").replace("production: true", "production: false");
    let plan = world.plan(&load("", &[CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, &demoted]));
    assert!(action(&plan, "update:environment/shop/shop1").production);
}

#[test]
fn every_value_that_is_not_set_is_told() {
    let secret =
        |document: &str, name: &str| document.replace("fromFile: s.txt", &format!("fromEnv: {name}"));
    let member = "environment:\n  id: e\n  app: shop\n  properties: {name: e}\n  provider: {namespace: orders}\n  runtime: {mxAdminPassword: {fromEnv: ONE}, debuggerPassword: {fromEnv: TWO}}\n";
    let world = World::quick();
    let plan = world.plan(&load("", &[CLUSTER, &secret(NAMESPACE, "THREE"), APP, member]));
    assert_eq!(
        plan.problems.iter().filter(|problem| problem.code == "PLAN-202").count(),
        3,
        "{:#?}",
        plan.problems
    );
}

#[test]
fn an_ambiguous_tombstone_is_drift() {
    let (world, _) = running();
    let twin =
        environment("shop1", "spare").replace("name: shop1", "name: twin").replace("//shop1", "//twin");
    let both = load("", &[CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, &environment("shop1", "orders"), &twin]);
    let _ = world.apply(&both, &world.plan(&both));
    let desired = load(
        "",
        &[
            CLUSTER,
            NAMESPACE,
            OTHER_NAMESPACE,
            APP,
            "remove: [{address: environment/shop/shop1, id: shop1}]\n",
        ],
    );
    let (live, scope) = (world.read(&desired), Scope::default());
    let drift = mxkeep::plan::drift::drift(&PlanInput {
        operators: &operators(&desired),
        ..PlanInput::new(&desired, &live, &scope, TODAY)
    })
    .unwrap();
    assert_eq!(drift.resources.len(), 1);
    assert_eq!(drift.resources[0].state, mxkeep::plan::drift::DriftState::NotRemoved);
}

#[test]
fn a_delete_of_something_that_got_another_name_is_refused() {
    let (world, _) = running();
    let remove = "remove: [{address: environment/shop/shop1, id: shop1}]\n";
    let desired = load("", &[CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, remove]);
    let plan = world.plan(&desired);
    let resource =
        "environments/0b1b2c3d-0000-4000-8000-000000000004/0b1b2c3d-0000-4000-8000-000000000002/shop1";
    world.edit(resource, "/properties/name", json!("keep-me"));
    let (outcome, _) = world.apply(&desired, &plan);
    assert_eq!(outcome.count(ActionOutcome::Refused), 1, "{outcome:#?}");
    assert_eq!(world.read(&desired).of_kind(mxkeep::model::Kind::Environment).count(), 1);
}

/// While a server wants to be left alone somebody else may change the resource. What the plan does not touch is carried
/// over all the same, and what it touches makes it stale.
#[test]
fn a_write_that_is_sent_again_is_made_anew() {
    let resource =
        "environments/0b1b2c3d-0000-4000-8000-000000000004/0b1b2c3d-0000-4000-8000-000000000002/shop1";
    for (path, outcome) in [
        ("/container/instances", ActionOutcome::Done),
        ("/deployment/constants/name=M.One/value", ActionOutcome::Refused),
    ] {
        let (world, _) = running();
        let changed = environment("shop1", "orders").replace("M.One: a", "M.One: b");
        let changed = changed.replace("container: {instances: 1, size: S}", "");
        let desired = load("", &[CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, &changed]);
        let plan = world.plan(&desired);
        let _ = world.take_requests();
        world.faults(&["503=1s,method=PUT,nth=1"]);
        let (ended, _) = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !world.get().requests().iter().any(|request| request.method == "PUT") {
                    std::thread::yield_now();
                }
                world.edit(
                    resource,
                    path,
                    if path.ends_with("instances") { json!(4) } else { json!("theirs") },
                );
            });
            world.apply(&desired, &plan)
        });
        assert_eq!(ended.actions[0].outcome, outcome, "{ended:#?}");
        let live = world.read(&desired);
        let live = live.get(&plan.actions[0].identity).unwrap().manifest().clone();
        if outcome == ActionOutcome::Done {
            assert_eq!(live.pointer("/container/instances"), Some(&json!(4)), "theirs is carried over");
        } else {
            assert!(live.to_string().contains("theirs"), "theirs is not overwritten");
        }
    }
}

#[test]
fn a_target_without_what_it_depends_on_says_what_to_add() {
    let (world, _) = running();
    let first = environment("shop2", "spare");
    let second = format!("{}  dependsOn: [environment/shop/shop2]\n", environment("shop1", "orders"))
        .replace("M.One: a", "M.One: b");
    let desired = load("", &[CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, &first, &second]);
    let scope = Scope::new(vec![mxkeep::model::AddressGlob::new("environment/shop/shop1").unwrap()]);
    let live = world.block_on(mxkeep::api::fetch(&world.client(), &scope.reading(&desired))).unwrap();
    let targeted = plan(&PlanInput {
        operators: &operators(&desired),
        ..PlanInput::new(&desired, &live, &scope, TODAY)
    })
    .unwrap();
    assert_eq!(block(&targeted, "update:environment/shop/shop1").0, "PLAN-106");
    // Without a target both are in the plan, one after the other.
    let whole = world.plan(&desired);
    assert_eq!(action(&whole, "update:environment/shop/shop1").needs, ["create:environment/shop/shop2"]);
    assert!(whole.actions.iter().all(Action::is_ready));
}

#[test]
fn clearing_a_list_does_not_take_an_ignored_item_along() {
    let (world, _) = running();
    let resource =
        "environments/0b1b2c3d-0000-4000-8000-000000000004/0b1b2c3d-0000-4000-8000-000000000002/shop1";
    let theirs = json!([{"annotationType": "Pod", "key": "theirs", "value": "x"}]);
    world.edit(resource, "/annotations", theirs);
    let cleared = format!("{}  annotations: null\n", environment("shop1", "orders"));
    let documents = [CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, &cleared];
    assert_eq!(world.plan(&load("", &documents)).actions.len(), 1);
    let ignore = "ignore: [{address: 'environment/**', field: 'annotations[Pod,theirs]'}]\n";
    assert!(world.plan(&load(ignore, &documents)).actions.is_empty());
}

/// Somebody else's change that the platform works on is not taken for this one.
#[test]
fn a_change_of_somebody_else_is_waited_for_and_not_taken_for_ones_own() {
    let (world, _) = running();
    let changed = environment("shop1", "orders").replace("M.One: a", "M.One: b");
    let desired = load("", &[CLUSTER, NAMESPACE, OTHER_NAMESPACE, APP, &changed]);
    let plan = world.plan(&desired);
    let _ = world.take_requests();
    world.faults(&["429=1s,method=PUT,nth=1"]);
    let resource =
        "environments/0b1b2c3d-0000-4000-8000-000000000004/0b1b2c3d-0000-4000-8000-000000000002/shop1";
    let (ended, _) = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !world.get().requests().iter().any(|request| request.method == "PUT") {
                std::thread::yield_now();
            }
            world.edit(resource, "/container/state", json!("Processing"));
            // Until it has been looked at in this state.
            let looks = || world.get().requests().iter().filter(|request| request.method == "GET").count();
            let before = looks();
            while looks() < before + 2 {
                std::thread::yield_now();
            }
            world.edit(resource, "/container/state", json!("Ready"));
        });
        world.apply(&desired, &plan)
    });
    assert_eq!(ended.actions[0].outcome, ActionOutcome::Done, "{ended:#?}");
    assert!(ended.actions[0].verified, "{ended:#?}");
    assert!(world.plan(&desired).actions.is_empty());
}
