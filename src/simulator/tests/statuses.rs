//! Every status code of the contract, and pages.

use super::*;

const OTHER: &str = "11111111-2222-3333-4444-555555555555";

#[test]
fn unknown_things_are_404_with_the_json_error() {
    let mut bench = Bench::furnished();
    let (app, cluster) = (format!("/apps/{OTHER}"), format!("/clusters/{OTHER}"));
    for path in [
        "/jobs/nothing".into(),
        cluster.clone(),
        format!("{cluster}/namespaces"),
        format!("/clusters/{CLUSTER}/namespaces/{OTHER}"),
        app.clone(),
        format!("{app}/environments"),
        format!("{app}/packages"),
        format!("/apps/{APP}/packages/{OTHER}"),
        environment_path("nothing"),
        format!("/apps/{APP}/environments/nothing"),
        "/nothing".into(),
    ] {
        let answer = bench.send("GET", &path, Value::Null);
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(body(answer)["error"]["code"], 404, "{path}");
    }
    let answer = body(bench.send("GET", &app, Value::Null));
    assert_eq!(
        answer,
        json!({"error": {"code": 404, "message": "App not found", "invalid-params": [
            {"name": "Validation", "reason": format!("App {OTHER} could not be found")}]}})
    );
    assert_eq!(bench.status("PUT", &cluster, super::cluster(OTHER, "x")), 404);
    assert_eq!(bench.status("DELETE", &environment_path("nothing"), Value::Null), 404);
    assert_eq!(bench.status("PATCH", "/clusters", Value::Null), 405);
    assert_eq!(bench.status("GET", "/apps/no-uuid", Value::Null), 400);
}

#[test]
fn bad_bodies_are_400_with_every_problem() {
    let mut bench = Bench::furnished();
    for text in ["", "{", "[]", "null", r#""x""#, &"[".repeat(10_000)] {
        let answer = bench.send_as(Some("MxToken simulator"), "POST", "/clusters", text.into());
        assert_eq!(answer.status, 400, "{text}");
    }
    let mut wrong = environment("ordprd01");
    wrong["environment"]["container"]["instances"] = json!(11);
    wrong["environment"]["properties"]["production"] = json!("true");
    wrong["environment"]["deployment"]["appLogLevels"] = json!([{"name": "x", "level": "WARNING"}]);
    wrong["environment"]["deployment"].as_object_mut().unwrap().remove("appUrl");
    wrong["environment"].as_object_mut().unwrap().remove("services");
    let answer = body(bench.send("POST", &environments(), wrong));
    assert_eq!(answer["error"]["message"], "Request validation errors");
    assert_eq!(
        names(&answer["error"]["invalid-params"], "name"),
        [
            "/environment/container/instances",
            "/environment/deployment/appLogLevels/0/level",
            "/environment/deployment/appUrl",
            "/environment/properties/production",
            "/environment/services",
        ]
    );
    assert_eq!(bench.status("POST", &environments(), environment(&"x".repeat(33))), 400);
    assert_eq!(
        bench.status("PUT", &namespace_path(), namespace(NAMESPACE, "orders")),
        400,
        "no productTypePCLM"
    );
}

#[test]
fn references_to_nothing_are_400_where_no_404_is_declared() {
    let mut bench = Bench::furnished();
    let path = format!("/clusters/{OTHER}/namespaces");
    assert_eq!(bench.status("POST", &path, namespace(OTHER, "x")), 400);
    assert_eq!(bench.status("POST", &format!("/apps/{OTHER}/environments"), environment("a")), 400);
    for (field, value) in [("clusterId", OTHER), ("namespace", "other"), ("namespaceId", OTHER)] {
        let mut manifest = environment("a");
        manifest["environment"]["provider"][field] = json!(value);
        assert_eq!(bench.status("POST", &environments(), manifest), 400, "{field}");
    }
}

#[test]
fn path_and_body_must_agree() {
    let mut bench = Bench::deployed();
    let path = format!("/clusters/{CLUSTER}");
    assert_eq!(bench.status("PUT", &path, cluster(OTHER, "x")), 400);
    assert_eq!(bench.status("PUT", &environment_path("ordprd01"), environment("ordprd02")), 400);
    let mut manifest = namespace_update();
    manifest["namespace"]["namespaceId"] = json!(OTHER);
    assert_eq!(bench.status("PUT", &namespace_path(), manifest), 400);
}

#[test]
fn children_block_their_parents_delete() {
    let mut bench = Bench::deployed();
    let cluster = format!("/clusters/{CLUSTER}");
    assert_eq!(bench.status("DELETE", &cluster, Value::Null), 400);
    assert_eq!(bench.status("DELETE", &namespace_path(), Value::Null), 400);
    bench.finish("DELETE", &environment_path("ordprd01"), Value::Null);
    assert_eq!(bench.status("GET", &environment_path("ordprd01"), Value::Null), 404);
    bench.finish("DELETE", &namespace_path(), Value::Null);
    bench.finish("DELETE", &cluster, Value::Null);
    assert_eq!(bench.get("/clusters")["clusters"], json!([]));
}

#[test]
fn a_child_that_appears_meanwhile_fails_the_delete() {
    let mut bench = Bench::furnished();
    let delete = bench.start("DELETE", &namespace_path(), Value::Null);
    bench.world.settings.job_delay = Duration::ZERO;
    bench.start("POST", &environments(), environment("a"));
    bench.pass(10);
    assert_eq!(bench.get(&delete)["status"], "failed");
}

#[test]
fn the_default_studio_target_needs_force() {
    let mut bench = Bench::furnished();
    let mut manifest = environment("a");
    manifest["environment"]["properties"]["defaultStudioTarget"] = json!(true);
    bench.finish("POST", &environments(), manifest);
    let path = environment_path("a");
    assert_eq!(bench.status("DELETE", &path, Value::Null), 400);
    assert_eq!(bench.status("DELETE", &format!("{path}?force=false"), Value::Null), 400);
    bench.finish("DELETE", &format!("{path}?force=true"), Value::Null);
}

#[test]
fn main_namespaces_take_no_update_and_no_environment() {
    let mut bench = Bench::furnished();
    let mut main = namespace(OTHER, "operator");
    main["namespace"]["namespaceType"] = json!("main");
    bench.finish("POST", &format!("/clusters/{CLUSTER}/namespaces"), main.clone());
    main["namespace"]["productTypePCLM"] = json!("standard");
    assert_eq!(bench.status("PUT", &format!("/clusters/{CLUSTER}/namespaces/{OTHER}"), main), 400);
    let mut manifest = environment("a");
    manifest["environment"]["provider"]["namespace"] = json!("operator");
    assert_eq!(bench.status("POST", &environments(), manifest), 400);
}

#[test]
fn the_cli_is_a_redirect_to_another_host() {
    let mut bench = Bench::empty();
    assert!(names(&bench.get("/cli")["cliVersionList"], "cliVersion").contains(&"2.10.0"));
    let answer = bench.send("POST", "/cli/2.25.0?os=linux&architecture=x86", Value::Null);
    assert_eq!(answer.status, 303);
    let location = answer.headers.iter().find(|(name, _)| *name == "location").unwrap();
    assert!(location.1.starts_with("http://localhost:1/cdn/mxpc-cli-2.25.0-linux-x86"), "{location:?}");
    assert_eq!(bench.status("POST", "/cli/2.25.0?os=linux", Value::Null), 400);
    assert_eq!(bench.status("POST", "/cli/2.25.0?os=beos&architecture=x86", Value::Null), 400);
    assert_eq!(bench.status("POST", "/cli/1.9.0?os=linux&architecture=arm", Value::Null), 400);
    assert_eq!(bench.status("POST", "/cli/9.9.9?os=linux&architecture=x86", Value::Null), 404);
}

#[test]
fn lists_come_in_pages_in_an_order_of_their_own() {
    let mut bench = Bench::empty();
    for n in 10..40 {
        bench.start("POST", "/clusters", cluster(&format!("085a0e34-69ec-4c61-9c7d-5cd42554f9{n}"), "c"));
    }
    bench.pass(10);
    assert_eq!(bench.get("/clusters")["clusters"].as_array().unwrap().len(), 20);
    bench.world.settings.max_page = 7;
    let mut ids = Vec::new();
    for offset in (0..35).step_by(7) {
        let page = bench.get(&format!("/clusters?offset={offset}&limit=1000"));
        let page = page["clusters"].as_array().unwrap();
        ids.extend(page.iter().map(|it| it["cluster"]["clusterId"].as_str().unwrap().to_owned()));
    }
    assert_eq!(ids.len(), 30);
    assert!(!ids.is_sorted(), "the order of creation");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 30);
}

#[test]
fn packages_are_flat_in_the_list_and_wrapped_alone() {
    let mut bench = Bench::furnished();
    let list = bench.get(&format!("/apps/{APP}/packages?limit=1000"));
    assert_eq!(list["pagination"], json!({"offset": 0, "limit": 50, "size": 1}));
    assert_eq!(list["packages"][0]["id"], PACKAGE);
    let path = format!("/apps/{APP}/packages/{PACKAGE}");
    let package = bench.get(&path)["package"].clone();
    assert_eq!(package["runtimeVersion"], "10.18.2.1234");
    assert_eq!(package["createdOn"], "2026-08-01T12:00:00Z");
    for absent in ["constants", "scheduledEvents", "url", "buildLog"] {
        assert!(package.get(absent).is_none(), "{absent}");
    }
    let more = bench.get(&format!("{path}?url=true&log=true"))["package"].clone();
    assert_eq!(more["url"]["ttl"], 900);
    assert!(more["buildLog"].is_string());
}

#[test]
fn apps_are_listed_and_read() {
    let mut bench = Bench::furnished();
    let app = json!({"manifestVersion": "2.0.0", "app": {"appId": APP, "appName": "order-desk"}});
    assert_eq!(bench.get("/apps"), json!({"apps": [app]}));
    assert_eq!(bench.get(&format!("/apps/{APP}")), app);
}
