//! Faults of jobs; those of connections are in `server`.

use super::*;

#[test]
fn a_job_fails_without_effect() {
    let mut bench = Bench::empty();
    bench.faults.fails = Some("No capacity".into());
    let job = bench.job("POST", "/clusters", cluster(CLUSTER, "prod-eu"));
    assert_eq!(job["status"], "failed");
    assert_eq!(job["error"], json!({"message": "No capacity"}), "the code may be absent");
    assert_eq!(bench.get("/clusters")["clusters"], json!([]));
}

#[test]
fn a_job_hangs() {
    let mut bench = Bench::empty();
    bench.faults.hangs = true;
    let job = bench.start("POST", "/clusters", cluster(CLUSTER, "prod-eu"));
    bench.pass(10_000_000);
    assert_eq!(bench.get(&job)["status"], "running");
    assert_eq!(bench.get("/clusters")["clusters"], json!([]));
}

#[test]
fn a_job_vanishes_but_takes_effect() {
    let mut bench = Bench::empty();
    bench.faults.vanishes = true;
    let job = bench.start("POST", "/clusters", cluster(CLUSTER, "prod-eu"));
    assert_eq!(bench.status("GET", &job, Value::Null), 404);
    bench.pass(10);
    assert_eq!(bench.status("GET", &format!("/clusters/{CLUSTER}"), Value::Null), 200);
}

#[test]
fn an_environment_fails_after_its_job() {
    let mut bench = Bench::furnished();
    bench.faults.environment_fails = true;
    bench.finish("POST", &environments(), environment("ordprd01"));
    let state = |bench: &mut Bench| {
        bench.get(&environment_path("ordprd01"))["environment"]["container"]["state"].clone()
    };
    assert_eq!(state(&mut bench), "Processing");
    bench.pass(10);
    assert_eq!(state(&mut bench), "Failed");
    bench.faults = JobFaults::default();
    bench.finish("PUT", &environment_path("ordprd01"), environment("ordprd01"));
    bench.pass(10);
    assert_eq!(state(&mut bench), "Ready");
}

#[test]
fn a_field_is_ignored_without_a_word() {
    let mut bench = Bench::deployed();
    bench.faults.dropped_fields = vec![
        "/container/instances".into(),
        "/environment/deployment/constants/name=Erp.BaseUrl/value".into(),
    ];
    let mut sent = environment("ordprd01");
    sent["environment"]["container"]["instances"] = json!(1);
    sent["environment"]["deployment"]["appUrl"] = json!("https://new.acme.example");
    sent["environment"]["deployment"]["constants"] = json!([{"name": "Erp.BaseUrl", "value": "https://new"}]);
    bench.finish("PUT", &environment_path("ordprd01"), sent);
    let environment = bench.get(&environment_path("ordprd01"))["environment"].clone();
    assert_eq!(environment["container"]["instances"], 3);
    assert_eq!(environment["deployment"]["appUrl"], "https://new.acme.example");
    let constants = &environment["deployment"]["constants"];
    assert_eq!(item(constants, "name", "Erp.BaseUrl")["value"], "https://erp.acme.example");
}
