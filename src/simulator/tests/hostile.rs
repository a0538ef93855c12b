//! No input makes the world panic.

use proptest::prelude::*;

use super::*;

/// JSON of any shape, rich in the words that the server looks for.
fn json_value() -> impl Strategy<Value = Value> {
    let words =
        prop::sample::select(vec![CLUSTER, NAMESPACE, PACKAGE, "orders", "ordprd01", "LS0t", "", "é~1/="]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        words.prop_map(Value::from),
    ];
    let keys = prop::sample::select(vec![
        "environment",
        "namespace",
        "cluster",
        "manifestVersion",
        "id",
        "name",
        "clusterId",
        "namespaceId",
        "deployment",
        "constants",
        "membership",
        "clusterManagers",
        "plans",
        "container",
        "provider",
        "services",
        "email",
        "path",
        "value",
        "jobs",
        "clusters",
    ]);
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((keys.clone(), inner), 0..6)
                .prop_map(|fields| fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

fn path() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "/clusters".to_owned(),
        format!("/clusters/{CLUSTER}"),
        format!("/clusters/{CLUSTER}/namespaces"),
        namespace_path(),
        environments(),
        environment_path("ordprd01"),
        format!("/apps/{APP}/environments/ordprd01?force=true"),
        format!("/apps/{APP}/packages"),
        "/cli/2.25.0?os=linux&architecture=x86".to_owned(),
        "/jobs/x".to_owned(),
    ]);
    prop_oneof![known, "/[a-z%/?=&0-9é]{0,30}"]
}

/// A valid manifest with one value in it exchanged.
fn spoilt() -> impl Strategy<Value = Value> {
    let place = prop::sample::select(vec![
        "/environment",
        "/environment/id",
        "/environment/runtime",
        "/environment/services",
        "/environment/services/0",
        "/environment/services/0/config",
        "/environment/deployment/constants",
        "/environment/deployment/constants/0",
        "/environment/container/instances",
        "/environment/container/coreResources/limits",
        "/environment/provider",
        "/environment/network",
        "/environment/runtimeMetricsConfiguration",
        "/environment/deploymentStrategy",
    ]);
    (place, json_value()).prop_map(|(place, value)| {
        let mut manifest = environment("ordprd01");
        pointer::put(&mut manifest, place, value);
        manifest
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn requests(
        requests in prop::collection::vec((prop::sample::select(vec!["GET", "POST", "PUT", "DELETE"]), path(), json_value()), 1..8),
        respell: bool,
    ) {
        let mut bench = Bench::deployed();
        bench.world.settings.respell = respell;
        for (method, path, body) in requests {
            bench.send(method, &path, body);
            bench.pass(20);
        }
        bench.get("/clusters");
    }

    #[test]
    fn manifests(manifest in spoilt()) {
        let mut bench = Bench::deployed();
        bench.send("PUT", &environment_path("ordprd01"), manifest.clone());
        bench.send("POST", &environments(), manifest);
        bench.pass(20);
        bench.get(&environments());
    }

    #[test]
    fn worlds_edited_by_hand(place in "(/(environments|clusters|namespaces|0|manifest|environment|cluster|deployment|id)){1,5}", value in json_value()) {
        let mut bench = Bench::deployed();
        let mut world = bench.world.snapshot();
        pointer::put(&mut world, &place, value);
        bench.admin("PUT", "/world", world);
        for path in ["/clusters".to_owned(), environments(), environment_path("ordprd01"), namespace_path()] {
            bench.send("GET", &path, Value::Null);
        }
        bench.send("PUT", &environment_path("ordprd01"), environment("ordprd01"));
        bench.pass(20);
        bench.send("GET", &environments(), Value::Null);
    }

    #[test]
    fn edits(edits in json_value(), path in "(/[a-z0-9=~]{0,6}){0,5}", value in json_value()) {
        let mut bench = Bench::deployed();
        let resource = format!("/environments/{APP}/{NAMESPACE}/ordprd01");
        bench.admin("PATCH", &resource, edits);
        bench.admin("PATCH", &resource, json!([{"path": path, "value": value}]));
        bench.send("GET", &environments(), Value::Null);
        bench.send("PUT", &environment_path("ordprd01"), environment("ordprd01"));
        bench.pass(20);
        bench.send("GET", &environments(), Value::Null);
    }

    #[test]
    fn fault_texts(text in "\\PC{0,40}") {
        if let Ok(fault) = text.parse::<crate::simulator::Fault>() {
            prop_assert_eq!(fault.to_string().parse(), Ok(fault));
        }
    }
}
