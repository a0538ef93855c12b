//! The administration.

use super::*;

#[test]
fn edits_happen_at_once_and_all_or_none() {
    let mut bench = Bench::deployed();
    let path = format!("/environments/{APP}/{NAMESPACE}/ordprd01");
    let edits = json!([
        {"path": "/deployment/constants/name=Erp.BaseUrl/value", "value": "https://console"},
        {"path": "/annotations/key=prometheus.io~1port/value", "value": "8900"},
        {"path": "/environment/container/instances", "value": 5},
    ]);
    assert_eq!(bench.admin("PATCH", &path, edits).status, 200);
    let environment = bench.get(&environment_path("ordprd01"))["environment"].clone();
    assert_eq!(
        item(&environment["deployment"]["constants"], "name", "Erp.BaseUrl")["value"],
        "https://console"
    );
    assert_eq!(environment["annotations"], json!([{"key": "prometheus.io/port", "value": "8900"}]));
    assert_eq!(environment["container"]["instances"], 5);

    let half = json!([{"path": "/container/instances", "value": 6}, {"path": "/nothing", "value": null}]);
    assert_eq!(bench.admin("PATCH", &path, half).status, 400);
    assert_eq!(bench.get(&environment_path("ordprd01"))["environment"]["container"]["instances"], 5);
    let remove = json!([{"path": "/annotations/0", "value": null}]);
    assert_eq!(bench.admin("PATCH", &path, remove).status, 200);
    assert_eq!(bench.get(&environment_path("ordprd01"))["environment"]["annotations"], json!([]));
}

#[test]
fn clusters_and_namespaces_are_edited_and_removed_too() {
    let mut bench = Bench::deployed();
    let name = json!([{"path": "/name", "value": "by hand"}]);
    assert_eq!(bench.admin("PATCH", &format!("/clusters/{CLUSTER}"), name.clone()).status, 200);
    assert_eq!(bench.admin("PATCH", &format!("/namespaces/{NAMESPACE}"), name.clone()).status, 200);
    assert_eq!(bench.get(&namespace_path())["namespace"]["name"], "by hand");
    assert_eq!(bench.admin("PATCH", "/clusters/unknown", name.clone()).status, 404);
    assert_eq!(bench.admin("PATCH", "/elsewhere", name).status, 404);
    assert_eq!(bench.admin("PATCH", &format!("/clusters/{CLUSTER}"), json!({})).status, 400);
    assert_eq!(bench.admin("DELETE", &format!("/clusters/{CLUSTER}"), Value::Null).status, 200);
    let world = bench.world.snapshot();
    for list in ["clusters", "namespaces", "environments"] {
        assert_eq!(world[list], json!([]), "{list}");
    }
}

#[test]
fn a_world_can_be_taken_along() {
    let mut bench = Bench::deployed();
    let open = bench.start("POST", "/clusters", cluster("11111111-2222-3333-4444-555555555555", "open"));
    let world = body(bench.admin("GET", "/world", Value::Null));
    let mut other = Bench::empty();
    other.now = bench.now;
    assert_eq!(other.admin("PUT", "/world", world.clone()).status, 200);
    assert_eq!(other.world.snapshot(), world);
    other.pass(10);
    assert_eq!(other.get(&open)["status"], "finished", "open jobs go on");
    assert_eq!(other.admin("PUT", "/world", json!({"environments": 1})).status, 400);
}

#[test]
fn the_clock_can_be_put_forward() {
    let mut bench = Bench::empty();
    let job = bench.start("POST", "/clusters", cluster(CLUSTER, "prod-eu"));
    assert_eq!(bench.admin("PUT", "/clock", json!({"advance": "soon"})).status, 400);
    let answer = bench.admin("PUT", "/clock", json!({"advance": "10m"}));
    assert_eq!(body(answer)["now"], "2026-08-01T12:10:00Z");
    bench.now = bench.world.time(bench.now);
    assert_eq!(bench.get(&job)["status"], "finished");
}

#[test]
fn faults_are_checked_before_they_are_taken() {
    let mut bench = Bench::empty();
    assert_eq!(bench.admin("PUT", "/faults", json!(["429=1s", "html"])).status, 200);
    let answer = bench.admin("PUT", "/faults", json!(["coffee"]));
    assert_eq!(answer.status, 400);
    assert!(body(answer).to_string().contains("unknown name `coffee`"));
    assert_eq!(bench.admin("PUT", "/faults", json!("html")).status, 400);
}

#[test]
fn apps_packages_and_operators_come_this_way() {
    let mut bench = Bench::empty();
    bench.finish("POST", "/clusters", cluster(CLUSTER, "prod-eu"));
    bench.finish("POST", &format!("/clusters/{CLUSTER}/namespaces"), namespace(NAMESPACE, "orders"));
    assert_eq!(bench.admin("PUT", &format!("/apps/{APP}"), json!({"name": "order-desk"})).status, 200);
    assert_eq!(bench.admin("PUT", &format!("/apps/{APP}/packages/{PACKAGE}"), model()).status, 200);
    assert_eq!(bench.admin("PUT", &format!("/namespaces/{NAMESPACE}/operator"), plans()).status, 200);
    bench.finish("POST", &environments(), environment("ordprd01"));
    assert_eq!(bench.get("/apps")["apps"][0]["app"]["appName"], "order-desk");
}

#[test]
fn a_seed_gives_the_same_world_and_adds_nothing_twice() {
    let seed = "2,10,50,1000".parse().unwrap();
    let mut bench = Bench::empty();
    crate::simulator::seed::seed(&mut bench.world, seed, bench.now);
    let clusters = bench.get("/clusters")["clusters"].clone();
    assert_eq!(clusters.as_array().unwrap().len(), 2);
    for cluster in clusters.as_array().unwrap() {
        assert_eq!(cluster["cluster"]["totalNamespaces"], 5);
        assert_eq!(cluster["cluster"]["totalEnvironments"], 500);
    }
    let world = bench.world.snapshot();
    assert_eq!(world["environments"].as_array().unwrap().len(), 1000);
    assert_eq!(world["apps"].as_array().unwrap().len(), 50);
    let app = world["apps"][0]["appId"].as_str().unwrap();
    let page = bench.get(&format!("/apps/{app}/environments?limit=100"));
    let page = page["environments"].as_array().unwrap();
    assert_eq!(page.len(), 20);
    assert!(page.iter().all(|it| it["environment"]["container"]["state"] == "Ready"));
    assert!(
        page.iter().all(|it| it["environment"]["deployment"]["constants"].as_array().unwrap().len() == 5)
    );
    crate::simulator::seed::seed(&mut bench.world, seed, bench.now);
    assert_eq!(bench.world.snapshot(), world);
}

#[test]
fn an_edited_state_stays() {
    let mut bench = Bench::furnished();
    bench.finish("POST", &environments(), environment("ordprd01"));
    let edit = json!([{"path": "/container/state", "value": "Unknown"}]);
    bench.admin("PATCH", &format!("/environments/{APP}/{NAMESPACE}/ordprd01"), edit);
    bench.pass(20);
    assert_eq!(bench.get(&environment_path("ordprd01"))["environment"]["container"]["state"], "Unknown");
}
