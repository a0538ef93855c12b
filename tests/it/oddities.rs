//! Live resources as nobody expects them: unknown fields, null lists, missing optional fields, other types.

use mxkeep::model::{Identity, Live, LiveState};
use serde_json::{Value, json};

use crate::support::driver::{load_valid, plan_of};
use crate::support::{World, estate};

const ESTATE: &str = "
cluster: {clusterId: 0b1b2c3d-0000-4000-8000-000000000001, name: eu, clusterType: eks, description: ''}
---
namespace: {namespaceId: 0b1b2c3d-0000-4000-8000-000000000002, cluster: eu, name: orders, namespaceType: standard, enableDevelopmentMode: false, membership: {}, plans: {}}
---
app: {appId: 0b1b2c3d-0000-4000-8000-000000000004, name: shop}
---
environment:
  id: shop1
  app: shop
  properties: {name: shop1, production: true, defaultStudioTarget: false}
  provider: {cluster: eu, namespace: orders}
  deployment: {appUrl: 'https://shop.example', packageId: p1, constants: {M.One: ''}, scheduledEvents: {}}
  container: {instances: 3, coreResources: {limits: {cpu: '1', memory: '4', ephemeralStorage: '1'}, requests: {cpu: '1', memory: '4'}}}
  network: {outgoingConnectionCertificate: []}
  runtime: {environmentVariables: {}}
  annotations: {}
";

/// The same estate as a platform may return it that spells, omits and adds as the contract lets it.
fn odd() -> LiveState {
    let cluster = uuid::uuid!("0b1b2c3d-0000-4000-8000-000000000001");
    let namespace = uuid::uuid!("0b1b2c3d-0000-4000-8000-000000000002");
    let app = uuid::uuid!("0b1b2c3d-0000-4000-8000-000000000004");
    let mut live = LiveState::default();
    let mut add =
        |identity: Identity, cluster, document: Value| live.insert(Live { identity, cluster, document });
    add(
        Identity::Cluster(cluster),
        None,
        json!({"cluster": {"clusterId": "0B1B2C3D-0000-4000-8000-000000000001", "name": "eu", "clusterType": "eks", "creator": " somebody", "totalNamespaces": "1", "new": {"deep": [null]}}}),
    );
    add(
        Identity::Namespace(namespace),
        Some(cluster),
        json!({"manifestVersion": "string", "namespace": {"namespaceId": namespace.to_string(), "name": "orders", "membership": null, "plans": [{"planName": null}, {}, "x"], "environments": [null, {"environmentId": 7}], "additionalInformation": "odd"}}),
    );
    add(
        Identity::Environment { app, namespace, id: "shop1".into() },
        None,
        json!({"environment": {
            "id": "shop1",
            "properties": {"name": "shop1", "production": "true"},
            "deployment": {"appUrl": "HTTPS://SHOP.example/", "packageId": "p1", "constants": [{"name": "M.One"}, {"name": "M.Other", "value": 5}, {"value": "nameless"}, null], "scheduledEvents": null},
            "container": {"instances": "3", "coreResources": {"limits": {"cpu": 1, "memory": "4.000"}, "requests": {"cpu": "1.0", "memory": 4.0}}},
            "network": null,
            "runtime": {},
            "provider": {"clusterId": cluster.to_string(), "namespace": "orders"},
            "services": null,
        }}),
    );
    live
}

#[test]
fn odd_answers_are_no_drift() {
    let directory = estate(&[("mxkeep.yaml", "estate: odd"), ("all.yaml", ESTATE)]);
    let desired = load_valid(directory.path());
    let plan = plan_of(&desired, &odd());
    let changes: Vec<_> = plan
        .actions
        .iter()
        .flat_map(|action| {
            action.changes().iter().map(move |change| format!("{} {}", action.address, change.path))
        })
        .collect();
    assert!(changes.is_empty(), "{changes:#?}");
}

#[test]
fn odd_answers_survive_an_update_untouched() {
    let directory =
        estate(&[("mxkeep.yaml", "estate: odd"), ("all.yaml", &ESTATE.replace("M.One: ''", "M.One: new"))]);
    let desired = load_valid(directory.path());
    let live = odd();
    let plan = plan_of(&desired, &live);
    assert_eq!(plan.actions.len(), 1);
    let action = &plan.actions[0];
    let before = live.get(&action.identity).unwrap().manifest();
    let mut body =
        mxkeep::diff::update_manifest(action.identity.kind().fields(), before, action.changes()).unwrap();
    let constant = body.pointer_mut("/deployment/constants/0").unwrap();
    assert_eq!(*constant, json!({"name": "M.One", "value": "new"}));
    constant.as_object_mut().unwrap().shift_remove("value");
    assert_eq!(body.to_string(), before.to_string());
}

#[test]
fn manifests_of_no_shape_at_all_do_not_crash() {
    let directory = estate(&[("mxkeep.yaml", "estate: odd"), ("all.yaml", ESTATE)]);
    let desired = load_valid(directory.path());
    let shapes = [json!(null), json!([]), json!("x"), json!(1), json!({}), json!({"a": 1})];
    for shape in &shapes {
        let mut live = odd();
        for resource in live.resources.values_mut() {
            for name in ["cluster", "namespace", "environment"] {
                if let Some(manifest) = resource.document.get_mut(name) {
                    *manifest = shape.clone();
                }
            }
        }
        let plan = plan_of(&desired, &live);
        for action in &plan.actions {
            let before = live.get(&action.identity).unwrap().manifest();
            let table = action.identity.kind().fields();
            let body = mxkeep::diff::update_manifest(table, before, action.changes()).unwrap();
            assert!(body.is_object());
        }
    }
}

#[test]
fn a_world_whose_lists_hold_the_unexpected_can_be_applied_to() {
    let world = World::quick();
    let directory = estate(&[
        ("mxkeep.yaml", "estate: odd"),
        (
            "all.yaml",
            "cluster: {clusterId: 0b1b2c3d-0000-4000-8000-000000000001, name: eu, clusterType: eks, clusterManagers: [{email: a@x.example}]}",
        ),
    ]);
    let desired = load_valid(directory.path());
    let (outcome, _) = world.apply(&desired, &world.plan(&desired));
    assert!(outcome.actions[0].verified, "{outcome:#?}");
    world.edit(
        "clusters/0b1b2c3d-0000-4000-8000-000000000001",
        "/unknown",
        json!({"null": null, "list": [{}, [], 1.5e3]}),
    );
    assert!(world.plan(&desired).actions.is_empty());
}
