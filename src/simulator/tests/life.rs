//! Jobs, clusters and namespaces.

use super::*;

#[test]
fn a_job_lives_by_the_clock() {
    let mut bench = Bench::empty();
    let answer = bench.send("POST", "/clusters", cluster(CLUSTER, "prod-eu"));
    let location = answer.headers[0].clone();
    let created = body(answer);
    assert_eq!(created["status"], "created");
    assert_eq!(created["details"], "Request to create cluster.");
    let path = format!("/jobs/{}", created["id"].as_str().unwrap());
    assert_eq!(location, ("location", format!("http://127.0.0.1:1/api/v3{path}")));
    bench.pass(4);
    assert_eq!(bench.get(&path)["status"], "created");
    bench.pass(2);
    assert_eq!(bench.get(&path)["status"], "running");
    assert_eq!(
        bench.status("GET", &format!("/clusters/{CLUSTER}"), Value::Null),
        404,
        "no effect before the end"
    );
    bench.pass(4);
    assert_eq!(bench.get(&path)["status"], "finished");
    assert_eq!(bench.status("GET", &format!("/clusters/{CLUSTER}"), Value::Null), 200);
    bench.pass(25 * 60 * 60);
    bench.get("/clusters");
    assert_eq!(bench.status("GET", &path, Value::Null), 404, "forgotten after a day");
}

#[test]
fn a_job_without_delay_is_over_at_the_first_poll() {
    let mut bench = Bench::empty();
    bench.world.settings.job_delay = Duration::ZERO;
    let job = bench.start("POST", "/clusters", cluster(CLUSTER, "prod-eu"));
    assert_eq!(bench.get(&job)["status"], "finished");
}

#[test]
fn a_nested_job_is_read_flat() {
    let mut bench = Bench::empty();
    bench.world.settings.nested_job_ids = true;
    let answer = body(bench.send("POST", "/clusters", cluster(CLUSTER, "prod-eu")));
    let id = answer["job"]["id"].as_str().unwrap();
    assert_eq!(bench.get(&format!("/jobs/{id}"))["id"], id);
}

#[test]
fn a_duplicate_id_fails_the_job_only() {
    let mut bench = Bench::deployed();
    let upper = cluster(&CLUSTER.to_uppercase(), "other");
    assert!(bench.fail("POST", "/clusters", upper).contains("already exists"));
    let path = format!("/clusters/{CLUSTER}/namespaces");
    assert!(bench.fail("POST", &path, namespace(NAMESPACE, "other")).contains("already exists"));
    let other_app = "22222222-2222-3333-4444-555555555555";
    bench.world.register_package(other_app, PACKAGE, &model(), bench.now);
    let path = format!("/apps/{other_app}/environments");
    assert!(bench.fail("POST", &path, environment("ordprd01")).contains("already exists"));
    assert_eq!(bench.get(&format!("/clusters/{CLUSTER}"))["cluster"]["name"], "prod-eu");
}

#[test]
fn a_cluster_gets_what_the_server_owns() {
    let mut bench = Bench::deployed();
    let path = format!("/clusters/{CLUSTER}");
    let mut sent = cluster(CLUSTER, "renamed");
    sent["cluster"]["totalNamespaces"] = json!(77);
    sent["cluster"]["operatorType"] = json!("global_operator");
    sent["cluster"]["unknown"] = json!({"kept": 1.10});
    sent["cluster"]["clusterManagers"] = json!([{"email": "a@acme.example", "autoAcceptInvite": true}, {"email": "b@acme.example", "status": "Accepted"}]);
    bench.finish("PUT", &path, sent);
    let cluster = bench.get(&path)["cluster"].clone();
    assert_eq!(cluster["name"], "renamed");
    assert_eq!(cluster["totalNamespaces"], 1);
    assert_eq!(cluster["totalEnvironments"], 1);
    assert_eq!(cluster["operatorType"], "standard_operator");
    assert_eq!(cluster["unknown"], json!({"kept": 1.10}));
    let managers = &cluster["clusterManagers"];
    assert_eq!(
        item(managers, "email", "a@acme.example"),
        &json!({"email": "a@acme.example", "status": "Accepted", "displayName": "a"})
    );
    assert_eq!(item(managers, "email", "b@acme.example")["status"], "Invitation_Sent");
    bench.finish("PUT", &path, super::cluster(CLUSTER, "renamed"));
    let cluster = bench.get(&path)["cluster"].clone();
    assert_eq!(cluster["clusterManagers"], json!([]), "what a PUT lacks is reset");
    assert!(cluster.get("unknown").is_none());
}

#[test]
fn absent_fields_can_be_kept() {
    let mut bench = Bench::furnished();
    bench.world.settings.absent_fields = AbsentFields::Keep;
    let path = format!("/clusters/{CLUSTER}");
    let mut sent = cluster(CLUSTER, "prod-eu");
    sent["cluster"]["description"] = json!("text");
    bench.finish("PUT", &path, sent);
    bench.finish("PUT", &path, cluster(CLUSTER, "prod-eu"));
    assert_eq!(bench.get(&path)["cluster"]["description"], "text");
}

#[test]
fn a_new_namespace_has_defaults_only() {
    let mut bench = Bench::empty();
    bench.finish("POST", "/clusters", cluster(CLUSTER, "prod-eu"));
    let mut sent = namespace(NAMESPACE, "orders");
    sent["namespace"]["enableDevelopmentMode"] = json!(true);
    sent["namespace"]["membership"] = json!([{"email": "a@acme.example", "role": "Developer"}]);
    sent["namespace"]["productTypePCLM"] = json!("other");
    bench.finish("POST", &format!("/clusters/{CLUSTER}/namespaces"), sent);
    assert_eq!(
        bench.get(&namespace_path())["namespace"],
        json!({
            "namespaceId": NAMESPACE, "name": "orders", "installationType": "Connected", "secret": "c2VjcmV0",
            "namespaceType": "standard", "productTypePCLM": "standard", "plans": [], "enableDevelopmentMode": false,
            "enableExternalSecretsStore": false, "membership": [], "operationalLinks": {}, "additionalInformation": {},
        })
    );
}

#[test]
fn an_operator_may_come_before_the_namespace_and_again() {
    let mut bench = Bench::furnished();
    let namespace = bench.get(&namespace_path())["namespace"].clone();
    assert_eq!(names(&namespace["plans"], "planName"), ["rds", "s3"]);
    assert!(namespace["plans"].as_array().unwrap().iter().all(|plan| plan["activate"] == true));
    assert_eq!(namespace["additionalInformation"]["componentsVersion"]["operatorVersion"], "2.25.0");

    let mut sent = namespace_update();
    sent["namespace"]["plans"] = json!([
        {"planName": "rds", "planType": "Dedicated", "activate": true},
        {"planName": "s3", "activate": false},
        {"planName": "invented", "activate": true},
    ]);
    bench.finish("PUT", &namespace_path(), sent);
    let more = json!({"plans": [{"planName": "s3"}, {"planName": "pg", "planType": "Dedicated"}]});
    bench.world.install_operator(NAMESPACE, &more);
    let plans = bench.get(&namespace_path())["namespace"]["plans"].clone();
    assert_eq!(names(&plans, "planName"), ["pg", "rds", "s3"]);
    assert_eq!(item(&plans, "planName", "rds")["planType"], "OnDemand", "not editable");
    assert_eq!(item(&plans, "planName", "s3")["activate"], false, "switched off by hand");
    assert_eq!(item(&plans, "planName", "pg")["activate"], true);
}

#[test]
fn members_are_the_list_that_was_sent() {
    let mut bench = Bench::furnished();
    let mut sent = namespace_update();
    sent["namespace"]["namespaceType"] = json!("managed");
    sent["namespace"]["membership"] = json!([
        {"email": "a@acme.example", "role": "Administrator", "autoAcceptInvite": true},
        {"email": "b@acme.example", "role": "Developer", "permissions": {"deployApp": "nonsense"}},
        {"email": "c@acme.example", "role": "Custom"},
    ]);
    bench.finish("PUT", &namespace_path(), sent.clone());
    let namespace = bench.get(&namespace_path())["namespace"].clone();
    assert_eq!(namespace["namespaceType"], "standard", "immutable");
    let members = &namespace["membership"];
    let (a, b, c) = (
        item(members, "email", "a@acme.example"),
        item(members, "email", "b@acme.example"),
        item(members, "email", "c@acme.example"),
    );
    assert_eq!((a["status"].clone(), b["status"].clone()), (json!("Accepted"), json!("Invitation_Sent")));
    assert!(a.get("autoAcceptInvite").is_none());
    assert_eq!(a["permissions"]["manageEnvironment"], true);
    assert_eq!(b["permissions"]["manageEnvironment"], false);
    assert_eq!(b["permissions"]["deployApp"], true);
    assert_eq!(c["permissions"]["deployApp"], false);
    sent["namespace"]["membership"] = json!([{"email": "A@acme.example", "role": "Developer"}]);
    bench.finish("PUT", &namespace_path(), sent);
    let members = bench.get(&namespace_path())["namespace"]["membership"].clone();
    assert_eq!(members.as_array().unwrap().len(), 1);
    assert_eq!(members[0]["status"], "Accepted", "still the same person");
}

#[test]
fn a_namespace_tells_its_environments_on_request() {
    let mut bench = Bench::deployed();
    let plain = bench.get(&namespace_path());
    assert!(plain["namespace"].get("environments").is_none());
    let expected = json!([{
        "environmentId": "ordprd01", "environmentName": "production",
        "applicationId": APP, "applicationName": "order-desk",
    }]);
    let full = bench.get(&format!("{}?retrieveEnvironments=true", namespace_path()));
    assert_eq!(full["namespace"]["environments"], expected);
    let list = bench.get(&format!("/clusters/{CLUSTER}/namespaces?retrieveEnvironments=true"));
    assert_eq!(list["namespaces"][0]["namespace"]["environments"], expected);
}

#[test]
fn environments_follow_a_renamed_namespace() {
    let mut bench = Bench::deployed();
    let mut sent = namespace_update();
    sent["namespace"]["name"] = json!("renamed");
    bench.finish("PUT", &namespace_path(), sent);
    let environment = bench.get(&environment_path("ordprd01"));
    assert_eq!(environment["environment"]["provider"]["namespace"], "renamed");
}
