//! Every fault of the simulator, and what an apply makes of it: the right end, then convergence without the fault.

use std::time::Duration;

use mxkeep::simulator::{AbsentFields, Options};
use serde_json::Value;

use crate::support::pair::{self, Pair};
use crate::support::{CommandOutput, Mxkeep, World};

/// What the apply that meets the faults is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Create,
    Update,
    Delete,
}

fn quick() -> Options {
    Options { job_delay: Duration::ZERO, ready_delay: Duration::ZERO, ..Options::default() }
}

fn apply(world: &World, estate: &Pair) -> CommandOutput {
    Mxkeep::new(["apply", estate.arg(), "--yes", "--format", "json"]).against(world).run()
}

/// One request at a time, so that `every=2` never hits the same write three times in a row.
fn apply_in_turn(world: &World, estate: &Pair) -> CommandOutput {
    let args = ["apply", estate.arg(), "--yes", "--format", "json", "--concurrency", "1"];
    Mxkeep::new(args).against(world).run()
}

/// A world and an estate before the apply of a stage.
fn before(stage: Stage, options: Options) -> (World, Pair) {
    let (world, estate) = (World::new(options), Pair::new());
    world.prepare(estate.path());
    if stage != Stage::Create {
        let _ = apply(&world, &estate).exits(0);
    }
    match stage {
        Stage::Create => {}
        Stage::Update => estate.declare("11"),
        Stage::Delete => estate.remove(),
    }
    (world, estate)
}

/// Without faults the next run ends well, the one after has nothing to do, and nothing is there twice.
fn converges(world: &World, estate: &Pair, stage: Stage) {
    world.faults(&[]);
    let again = apply(world, estate).exits(0);
    assert!(again.outcomes().values().all(|outcome| outcome == "done"), "{again}");
    let plan = Mxkeep::new(["plan", estate.arg(), "--exit-code"]).against(world).run();
    let _ = plan.exits(0);
    let expected = if stage == Stage::Delete { [0; 3] } else { [2; 3] };
    assert_eq!(world.counts(), expected);
}

/// A fault that passes: the apply ends well all the same.
fn heals(stage: Stage, faults: &[&str], options: Options) -> CommandOutput {
    let (world, estate) = before(stage, options);
    world.faults(faults);
    world.get().clear_requests();
    let output = apply_in_turn(&world, &estate).exits(0);
    let outcomes = output.outcomes();
    assert!(outcomes.values().all(|outcome| outcome == "done"), "{faults:?}: {output}");
    assert_eq!(outcomes.len(), if stage == Stage::Update { 4 } else { 6 });
    assert!(faults.is_empty() || faults.iter().all(|fault| struck(&world, fault)), "{faults:?} never struck");
    converges(&world, &estate, stage);
    output
}

/// Whether the log shows what only the fault can have done; a fault of a job shows elsewhere.
fn struck(world: &World, fault: &str) -> bool {
    let name = fault.split([',', '=']).next().unwrap();
    let requests = world.get().requests();
    match name {
        "429" | "500" | "502" | "503" => {
            requests.iter().any(|request| request.status == Some(name.parse().unwrap()))
        }
        "drop-before" | "drop-after" => requests.iter().any(|request| request.status.is_none()),
        _ => true,
    }
}

/// A fault that does not pass: exit code, outcomes and words are these; then it converges.
fn fails(
    stage: Stage,
    faults: &[&str],
    code: i32,
    expected: &[(&str, &str)],
    says: &[&str],
) -> CommandOutput {
    let (world, estate) = before(stage, quick());
    estate.job_timeout("1s");
    world.faults(faults);
    let output = apply(&world, &estate).exits(code).says(says);
    let outcomes = output.outcomes();
    for (action, outcome) in expected {
        assert_eq!(outcomes.get(*action).map(String::as_str), Some(*outcome), "{action}: {output}");
    }
    assert_eq!(outcomes.len(), expected.len(), "{output}");
    for action in output.json()["actions"].as_array().unwrap() {
        explained(action, &output);
    }
    converges(&world, &estate, stage);
    output
}

/// What did not go well has a code, a message and its place in the files.
fn explained(action: &Value, output: &CommandOutput) {
    let error = &action["error"];
    match action["outcome"].as_str().unwrap() {
        "done" => assert_eq!(*error, Value::Null, "{output}"),
        "skipped" => assert!(error["message"].as_str().unwrap().starts_with("needs `"), "{output}"),
        _ => {
            assert!(error["code"].as_str().unwrap().starts_with("APPLY-"), "{output}");
            assert!(!error["message"].as_str().unwrap().is_empty(), "{output}");
            let file = error["source"]["file"].as_str().unwrap();
            assert!(["one.yaml", "two.yaml"].contains(&file), "{output}");
            assert!(error["source"]["line"].as_u64().unwrap() > 0, "{output}");
        }
    }
}

const ALL_DONE: [(&str, &str); 6] = [
    ("create:cluster/one", "done"),
    ("create:namespace/one/ns-one", "done"),
    ("create:environment/app-one/live", "done"),
    ("create:cluster/two", "done"),
    ("create:namespace/two/ns-two", "done"),
    ("create:environment/app-two/live", "done"),
];

/// All done, but for these.
fn but(changed: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    ALL_DONE
        .iter()
        .map(|(id, done)| {
            let other = changed.iter().find(|(end, _)| id.ends_with(end));
            (*id, other.map_or(*done, |(_, outcome)| *outcome))
        })
        .collect()
}

/// A test for each fault that passes by itself.
macro_rules! healing {
    ($($name:ident: $stage:ident, [$($fault:literal),*];)*) => {$(
        #[test]
        fn $name() {
            let _ = heals(Stage::$stage, &[$($fault),*], quick());
        }
    )*};
}

healing! {
    create_meets_429_on_writes: Create, ["429=1s,method=POST,nth=2"];
    create_meets_429_on_reads: Create, ["429,method=GET,every=5"];
    create_meets_500_on_writes: Create, ["500,method=POST,every=3"];
    create_meets_500_on_reads: Create, ["500,method=GET,every=4"];
    create_meets_502_on_writes: Create, ["502,method=POST,every=2"];
    create_meets_502_on_reads: Create, ["502,method=GET,every=4"];
    create_meets_503_on_reads: Create, ["503=1s,method=GET,nth=4"];
    create_loses_requests: Create, ["drop-before,method=POST,every=2"];
    create_loses_answers_to_writes: Create, ["drop-after,method=POST,every=2"];
    create_loses_every_answer_to_writes: Create, ["drop-after,method=POST"];
    create_loses_answers_to_reads: Create, ["drop-after,method=GET,every=4"];
    create_loses_reads: Create, ["drop-before,method=GET,every=4"];
    create_gets_html_for_writes: Create, ["html,method=POST,every=2"];
    create_gets_html_for_jobs: Create, ["html,method=GET,path=/jobs/*,every=2"];
    create_gets_half_answers_to_writes: Create, ["truncate,method=POST,every=2"];
    create_gets_half_answers_to_reads: Create, ["truncate,method=GET,every=4"];
    create_is_slow: Create, ["latency=20ms"];
    update_meets_429: Update, ["429=1s,method=PUT,nth=1"];
    update_meets_500: Update, ["500,method=PUT,every=2"];
    update_meets_502: Update, ["502,method=PUT,every=2"];
    update_loses_requests: Update, ["drop-before,method=PUT,every=2"];
    update_loses_answers: Update, ["drop-after,method=PUT"];
    update_gets_html: Update, ["html,method=PUT,every=2"];
    update_gets_half_answers: Update, ["truncate,method=PUT"];
    update_loses_jobs: Update, ["job-vanishes"];
    delete_meets_429: Delete, ["429=1s,method=DELETE,nth=1"];
    delete_meets_500: Delete, ["500,method=DELETE,every=2"];
    delete_loses_requests: Delete, ["drop-before,method=DELETE,every=2"];
    delete_loses_answers: Delete, ["drop-after,method=DELETE"];
    delete_gets_html: Delete, ["html,method=DELETE,every=2"];
    delete_gets_half_answers: Delete, ["truncate,method=DELETE"];
    delete_loses_jobs: Delete, ["job-vanishes"];
    create_loses_jobs: Create, ["job-vanishes"];
}

#[test]
fn everything_at_once() {
    let faults = [
        "latency=5ms",
        "500,method=GET,every=6",
        "drop-after,method=POST,every=3",
        "truncate,method=GET,every=11",
        "429,method=PUT,nth=1",
    ];
    let _ = heals(Stage::Create, &faults[..4], quick());
    let _ = heals(
        Stage::Update,
        &["latency=5ms", "drop-after,method=PUT,nth=2", "429,method=PUT,nth=1"],
        quick(),
    );
}

#[test]
fn values_come_back_in_another_spelling() {
    let options = || Options { respell: true, ..quick() };
    let _ = heals(Stage::Create, &[], options());
    let _ = heals(Stage::Update, &[], options());
}

#[test]
fn job_ids_stand_below_job() {
    for stage in [Stage::Create, Stage::Update, Stage::Delete] {
        let output = heals(stage, &[], Options { nested_job_ids: true, ..quick() });
        let jobs: Vec<_> =
            output.json()["actions"].as_array().unwrap().iter().map(|action| action["job"].clone()).collect();
        assert!(jobs.iter().all(Value::is_string), "{jobs:?}");
    }
}

#[test]
fn absent_fields_are_kept() {
    for stage in [Stage::Create, Stage::Update] {
        let _ = heals(stage, &[], Options { absent_fields: AbsentFields::Keep, ..quick() });
    }
}

#[test]
fn a_write_is_sent_again_no_sooner_than_the_server_asks() {
    let output = heals(Stage::Create, &["503=1s,method=POST,nth=1"], quick());
    let actions = output.json()["actions"].clone();
    let slowest = actions.as_array().unwrap().iter().filter_map(|action| action["duration"].as_f64());
    assert!(slowest.fold(0.0, f64::max) >= 1.0, "{output}");
}

#[test]
fn a_failed_cluster_takes_everything_below_it_along_and_nothing_else() {
    let faults = ["job-fails=No capacity left,path=/clusters,nth=1"];
    let (world, estate) = before(Stage::Create, quick());
    world.faults(&faults);
    // The clusters are created in either order.
    let output = apply(&world, &estate).exits(4).says(&["No capacity left", "APPLY-001"]);
    let outcomes = output.outcomes();
    let failed = if outcomes["create:cluster/one"] == "failed" { "one" } else { "two" };
    for (id, outcome) in &outcomes {
        let expected = match id.strip_prefix("create:").unwrap() {
            id if id == format!("cluster/{failed}") => "failed",
            id if id.contains(&format!("/{failed}/")) || id.contains(&format!("app-{failed}/")) => "skipped",
            _ => "done",
        };
        assert_eq!(outcome, expected, "{id}: {output}");
    }
    converges(&world, &estate, Stage::Create);
}

#[test]
fn two_failures_in_one_run() {
    let (namespace, environment) = (
        format!("job-fails=No namespace,path=/clusters/{}/namespaces", pair::cluster("one")),
        format!("job-fails=No environment,path=/apps/{}/environments", pair::app("two")),
    );
    let output = fails(
        Stage::Create,
        &[&namespace, &environment],
        4,
        &but(&[("/ns-one", "failed"), ("app-one/live", "skipped"), ("app-two/live", "failed")]),
        &["one.yaml:7", "No namespace", "two.yaml:16", "No environment"],
    );
    let document = output.json();
    let skipped =
        document["actions"].as_array().unwrap().iter().find(|action| action["outcome"] == "skipped");
    assert_eq!(
        skipped.unwrap()["error"]["message"],
        "needs `create:namespace/one/ns-one`, which did not succeed",
        "{output}"
    );
}

#[test]
fn a_job_that_hangs_is_given_up_after_the_timeout_of_the_estate() {
    let fault = format!("job-hangs,path=/clusters/{}/namespaces", pair::cluster("one"));
    let output = fails(
        Stage::Create,
        &[&fault],
        4,
        &but(&[("/ns-one", "unknown"), ("app-one/live", "skipped")]),
        &["was not done after 1 s", "APPLY-007"],
    );
    let job = output.json()["actions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|a| a["outcome"] == "unknown")
        .unwrap()["job"]
        .clone();
    assert!(output.stderr.contains(job.as_str().unwrap()), "{output}");
}

#[test]
fn an_environment_that_fails_is_a_failure() {
    let fault = format!("env-fails,path=/apps/{}/*", pair::app("one"));
    let _ = fails(
        Stage::Create,
        &[&fault],
        4,
        &but(&[("app-one/live", "failed")]),
        &["APPLY-003", "one.yaml:16", "the environment reports the state `Failed`"],
    );
}

#[test]
fn a_field_that_the_platform_ignores_is_named_with_its_line() {
    let fault = format!("drop-field=/container/instances,path=/apps/{}/*", pair::app("one"));
    let output = fails(
        Stage::Create,
        &[&fault],
        4,
        &but(&[("app-one/live", "failed")]),
        &["APPLY-002", "`container.instances` does not have the declared value", "one.yaml:26"],
    );
    assert!(output.stderr.contains("instances: 3"), "{output}");
}

#[test]
fn an_update_that_fails_says_so() {
    let fault = format!("job-fails=Try later,method=PUT,path=/apps/{}/*", pair::app("one"));
    let expected = [
        ("update:cluster/one", "done"),
        ("update:cluster/two", "done"),
        ("update:environment/app-one/live", "failed"),
        ("update:environment/app-two/live", "done"),
    ];
    let _ = fails(Stage::Update, &[&fault], 4, &expected, &["Try later", "APPLY-001"]);
}

#[test]
fn a_delete_that_fails_keeps_the_parents() {
    let fault = format!("job-fails=Still in use,method=DELETE,path=/apps/{}/*", pair::app("one"));
    let expected = [
        ("delete:environment/app-one/live", "failed"),
        ("delete:namespace/one/ns-one", "skipped"),
        ("delete:cluster/one", "skipped"),
        ("delete:environment/app-two/live", "done"),
        ("delete:namespace/two/ns-two", "done"),
        ("delete:cluster/two", "done"),
    ];
    let _ = fails(Stage::Delete, &[&fault], 4, &expected, &["Still in use", "APPLY-001"]);
}

/// Where writes never come through, the API counts as unreachable, and where they have led is not known.
#[test]
fn writes_that_never_come_through() {
    let expected = but(&[("/ns-one", "unknown"), ("app-one/live", "skipped")]);
    for (fault, says) in [
        ("500", "500: Simulated failure"),
        ("502", "502: Simulated failure"),
        ("503", "503: Simulated failure"),
        ("drop-before", "the connection ended before an answer"),
        ("html", "is not the Mendix API"),
    ] {
        let fault = format!("{fault},method=POST,path=/clusters/{}/namespaces", pair::cluster("one"));
        let _ = fails(Stage::Create, &[&fault], 10, &expected, &[says, "APPLY-007", "one.yaml:7"]);
    }
}

#[test]
fn a_limit_of_requests_that_does_not_pass_is_a_failure() {
    let fault = format!("429,method=POST,path=/clusters/{}/namespaces", pair::cluster("one"));
    let expected = but(&[("/ns-one", "failed"), ("app-one/live", "skipped")]);
    let _ = fails(Stage::Create, &[&fault], 10, &expected, &["allows no more requests", "one.yaml:7"]);
}

/// A page of HTML is not "absent" and not the platform's own refusal.
#[test]
fn html_for_the_read_before_a_write_stops_the_action() {
    let path = format!("/clusters/{}/namespaces/{}", pair::cluster("one"), pair::namespace("one"));
    let fault = format!("html,method=GET,path={path}");
    let expected = but(&[("/ns-one", "failed"), ("app-one/live", "skipped")]);
    let _ = fails(Stage::Create, &[&fault], 10, &expected, &["is not the Mendix API", "one.yaml:7"]);
}
