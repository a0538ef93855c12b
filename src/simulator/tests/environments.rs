//! Environments and their deployment.

use super::*;

fn live(bench: &mut Bench) -> Value {
    bench.get(&environment_path("ordprd01"))["environment"].clone()
}

#[test]
fn an_environment_gets_ready_after_its_job() {
    let mut bench = Bench::furnished();
    bench.finish("POST", &environments(), environment("ordprd01"));
    assert_eq!(live(&mut bench)["container"]["state"], "Processing");
    bench.pass(9);
    assert_eq!(live(&mut bench)["container"]["state"], "Processing");
    bench.pass(1);
    assert_eq!(live(&mut bench)["container"]["state"], "Ready");
}

#[test]
fn the_server_fills_in_what_is_missing() {
    let mut bench = Bench::deployed();
    let environment = live(&mut bench);
    assert_eq!(environment["runtime"]["runtimeVersion"], "10.18.2");
    assert_eq!(environment["provider"]["namespaceId"], NAMESPACE);
    assert_eq!(environment["runtimeMetricsConfiguration"], json!({"mode": "default"}));
    assert_eq!(environment["deploymentStrategy"]["switchOverthreshold"], 50);
    assert_eq!(environment["deploymentStrategy"]["runtimeDeploymentStrategyType"], "Reduced App Downtime");
    assert_eq!(environment["container"]["coreResources"]["limits"]["ephemeralStorage"], "1");
    assert_eq!(environment["container"]["lastRunningInstanceCount"], 3);
    assert_eq!(environment["annotations"], json!([]));
    assert_eq!(
        environment["deployment"]["scheduledEvents"],
        json!([{"name": "Orders.SE_Cleanup", "enabled": false}])
    );
}

#[test]
fn constants_come_from_the_model() {
    let mut bench = Bench::deployed();
    let mut sent = environment("ordprd01");
    sent["environment"]["deployment"]["constants"] = json!([
        {"name": "Erp.Timeout", "value": "60"}, {"name": "Erp.Unknown", "value": "x"}, {"value": "nameless"},
    ]);
    bench.finish("PUT", &environment_path("ordprd01"), sent);
    let constants = live(&mut bench)["deployment"]["constants"].clone();
    assert_eq!(names(&constants, "name"), ["Erp.BaseUrl", "Erp.Timeout"]);
    assert_eq!(item(&constants, "name", "Erp.Timeout")["value"], "60");
    assert_eq!(
        item(&constants, "name", "Erp.BaseUrl")["value"],
        "https://erp.example",
        "back to the default"
    );
}

#[test]
fn a_package_registered_twice_knows_the_union() {
    let mut bench = Bench::furnished();
    let more =
        json!({"constants": [{"name": "Erp.New"}, {"name": "Erp.Timeout"}], "scheduledEvents": ["A.B"]});
    bench.world.register_package(APP, PACKAGE, &more, bench.now);
    bench.finish("POST", &environments(), environment("ordprd01"));
    let environment = live(&mut bench);
    let constants = &environment["deployment"]["constants"];
    assert_eq!(names(constants, "name"), ["Erp.BaseUrl", "Erp.New", "Erp.Timeout"]);
    assert_eq!(item(constants, "name", "Erp.Timeout")["value"], "30");
    assert_eq!(names(&environment["deployment"]["scheduledEvents"], "name"), ["A.B", "Orders.SE_Cleanup"]);
}

#[test]
fn secrets_are_kept_cleared_and_never_returned() {
    let mut bench = Bench::deployed();
    let stored = |bench: &Bench| {
        bench.world.snapshot()["environments"][0]["manifest"]["environment"]["runtime"]["mxAdminPassword"]
            .clone()
    };
    assert!(!bench.get(&environments()).to_string().contains("aHVudGVyMg"));
    assert!(live(&mut bench)["runtime"].get("mxAdminPassword").is_none());
    assert_eq!(stored(&bench), "aHVudGVyMg==");
    let mut sent = environment("ordprd01");
    sent["environment"].as_object_mut().unwrap().remove("runtime");
    bench.finish("PUT", &environment_path("ordprd01"), sent.clone());
    assert_eq!(stored(&bench), "aHVudGVyMg==", "omitted means keep");
    sent["environment"]["runtime"] = json!({"mxAdminPassword": "LS0t"});
    bench.finish("PUT", &environment_path("ordprd01"), sent);
    assert_eq!(stored(&bench), Value::Null);
}

#[test]
fn server_owned_fields_are_ignored() {
    let mut bench = Bench::deployed();
    let mut sent = environment("ordprd01");
    sent["environment"]["properties"]["environmentPurpose"] = json!("Test");
    sent["environment"]["container"]["state"] = json!("Failed");
    sent["environment"]["container"]["lastRunningInstanceCount"] = json!("nonsense");
    sent["environment"]["runtime"]["runtimeVersion"] = json!("9.24.2");
    sent["environment"]["deploymentStrategy"] =
        json!({"runtimeDeploymentStrategyType": "Default", "maxSurge": 25});
    bench.finish("PUT", &environment_path("ordprd01"), sent);
    bench.pass(10);
    let environment = live(&mut bench);
    assert!(environment["properties"].get("environmentPurpose").is_none());
    assert_eq!(environment["container"]["state"], "Ready");
    assert_eq!(environment["container"]["lastRunningInstanceCount"], 3);
    assert_eq!(environment["runtime"]["runtimeVersion"], "10.18.2");
    assert_eq!(environment["deploymentStrategy"]["runtimeDeploymentStrategyType"], "Reduced App Downtime");
    assert_eq!(environment["deploymentStrategy"]["maxSurge"], 25);
}

#[test]
fn a_stopped_environment_remembers_its_size() {
    let mut bench = Bench::deployed();
    let mut sent = environment("ordprd01");
    sent["environment"]["container"]["instances"] = json!(0);
    bench.finish("PUT", &environment_path("ordprd01"), sent);
    let container = live(&mut bench)["container"].clone();
    assert_eq!(
        (container["instances"].clone(), container["lastRunningInstanceCount"].clone()),
        (json!(0), json!(3))
    );
}

#[test]
fn the_provider_is_for_ever() {
    let mut bench = Bench::deployed();
    let other = "11111111-2222-3333-4444-555555555555";
    bench.finish("POST", &format!("/clusters/{CLUSTER}/namespaces"), namespace(other, "other"));
    let mut sent = environment("ordprd01");
    sent["environment"]["provider"]["namespace"] = json!("other");
    assert_eq!(bench.status("PUT", &environment_path("ordprd01"), sent), 400);
}

#[test]
fn services_need_active_plans_and_stay() {
    let mut bench = Bench::furnished();
    let mut sent = environment("a");
    sent["environment"]["services"][0]["name"] = json!("mysql");
    assert!(bench.fail("POST", &environments(), sent.clone()).contains("Plan mysql does not exist"));
    sent["environment"]["services"][0] =
        json!({"name": "rds", "plan": "Dedicated", "config": "{type: \"database\"}"});
    assert!(bench.fail("POST", &environments(), sent.clone()).contains("Plan rds is OnDemand"));
    sent["environment"]["services"] = json!([]);
    assert!(bench.fail("POST", &environments(), sent.clone()).contains("needs a database"));
    let mut update = namespace_update();
    update["namespace"]["enableExternalSecretsStore"] = json!(true);
    bench.finish("PUT", &namespace_path(), update);
    assert!(bench.fail("POST", &environments(), environment("b")).contains("Plan rds is not active"));
    bench.finish("POST", &environments(), sent);
    let message = bench.fail("PUT", &environment_path("a"), environment("a"));
    assert!(message.contains("services"), "{message}");
}

#[test]
fn an_unknown_package_fails_the_job() {
    let mut bench = Bench::deployed();
    let mut sent = environment("ordprd01");
    sent["environment"]["deployment"]["packageId"] = json!("nothing");
    assert!(bench.fail("PUT", &environment_path("ordprd01"), sent).contains("Package nothing"));
    assert_eq!(live(&mut bench)["deployment"]["packageId"], PACKAGE);
}

#[test]
fn unknown_fields_and_odd_numbers_survive_a_round_trip() {
    let mut bench = Bench::deployed();
    let path = environment_path("ordprd01");
    let target = bench.world.target(&["environments", APP, NAMESPACE, "ordprd01"]).unwrap();
    let odd: Value =
        serde_json::from_str(r#"{"ratio": 1.10, "big": 123456789012345678901234567890}"#).unwrap();
    bench.world.edit(&target, vec![("/network/new".into(), odd.clone())]).unwrap();
    let got = bench.get(&path);
    bench.finish("PUT", &path, got.clone());
    bench.pass(10);
    assert_eq!(live(&mut bench)["network"]["new"].to_string(), odd.to_string());
    let again = bench.get(&path);
    bench.finish("PUT", &path, environment("ordprd01"));
    assert!(live(&mut bench)["network"].get("new").is_none());
    assert_eq!(names(&again["environment"]["services"], "name"), ["rds", "s3"]);
}

#[test]
fn the_old_path_works_while_it_is_unambiguous() {
    let mut bench = Bench::deployed();
    let old = format!("/apps/{APP}/environments/ordprd01");
    assert_eq!(bench.get(&old), bench.get(&environment_path("ordprd01")));
    bench.finish("PUT", &old, environment("ordprd01"));
    let other = "11111111-2222-3333-4444-555555555555";
    bench.world.install_operator(other, &plans());
    bench.finish("POST", &format!("/clusters/{CLUSTER}/namespaces"), namespace(other, "other"));
    let mut sent = environment("ordprd01");
    sent["environment"]["provider"]["namespace"] = json!("other");
    bench.finish("POST", &environments(), sent);
    assert_eq!(bench.status("GET", &old, Value::Null), 404);
    assert_eq!(bench.get(&environments())["environments"].as_array().unwrap().len(), 2);
}

#[test]
fn values_come_back_respelled_and_may_be_sent_so() {
    let mut bench = Bench::deployed();
    bench.world.settings.respell = true;
    let path = environment_path("ordprd01");
    let got = bench.get(&path);
    assert_eq!(got["environment"]["container"]["coreResources"]["limits"]["memory"], "4.000");
    assert_eq!(item(&got["environment"]["services"], "name", "rds")["config"], "{type: \\\"database\\\"}");
    bench.finish("PUT", &path, got);
}
