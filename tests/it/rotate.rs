//! Secrets that the API never returns, sent again because somebody asks for it.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Mxkeep, World, copy_tree, edit, project};

const ADDRESS: &str = "environment/shop/shop1";
const OLD: &str = "canary-old-4711";
const NEW: &str = "canary-new-4712";

/// An estate with two secrets that the API never returns, applied.
fn applied() -> (World, TempDir) {
    let (world, estate) = (World::quick(), tempfile::tempdir().unwrap());
    copy_tree(&project().join("tests/plans/base"), estate.path());
    edit(
        &estate.path().join("shop.yaml"),
        "  container:",
        "  runtime:\n    mxAdminPassword: {fromEnv: ADMIN_PW}\n    debuggerPassword: {fromEnv: DEBUG_PW}\n  container:",
    );
    world.prepare(estate.path());
    let _ = mxkeep(&world, estate.path(), OLD, &["apply", "--yes"]).exits(0);
    assert_eq!(held(&world), [Some(base64(OLD)), Some(base64(OLD))]);
    (world, estate)
}

fn mxkeep(world: &World, estate: &Path, secret: &str, args: &[&str]) -> crate::support::CommandOutput {
    let output = Mxkeep::new(args.iter().copied())
        .dir(estate)
        .against(world)
        .env("ADMIN_PW", secret)
        .env("DEBUG_PW", secret)
        .run();
    assert!(!format!("{output}").contains("canary"), "{output}");
    output
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// What the platform holds: the passwords of the administrator and of the debugger.
fn held(world: &World) -> [Option<String>; 2] {
    let state = world.get().world();
    let runtime = &state["environments"][0]["manifest"]["environment"]["runtime"];
    ["mxAdminPassword", "debuggerPassword"].map(|name| runtime[name].as_str().map(str::to_owned))
}

fn changes(plan: &Value) -> Vec<(String, Value)> {
    let actions = plan["actions"].as_array().unwrap();
    let changes = actions.iter().flat_map(|action| action["changes"].as_array().unwrap());
    changes.map(|change| (change["path"].as_str().unwrap().to_owned(), change.clone())).collect()
}

#[test]
fn a_secret_is_sent_again_only_when_somebody_asks() {
    let (world, estate) = applied();
    let run = |args: &[&str]| mxkeep(&world, estate.path(), NEW, args);

    // Another value alone is no difference: nothing tells.
    let quiet = run(&["plan"]).exits(0);
    assert!(quiet.stdout.contains("Nothing to do") && quiet.stdout.contains("PLAN-001"), "{quiet}");

    let admin = "environment/shop/shop1.runtime.mxAdminPassword";
    let plan = run(&["plan", "--rotate", admin, "--format", "json"]).exits(0).json();
    let found = changes(&plan);
    let [(path, change)] = found.as_slice() else { panic!("{plan:#}") };
    assert_eq!(path, "runtime.mxAdminPassword");
    assert_eq!(change["sensitive"], true);
    assert_eq!(plan["actions"][0]["effect"], "rolling", "it counts like every other change: {plan:#}");
    let noted: Vec<_> =
        plan["notes"].as_array().unwrap().iter().filter(|note| note["code"] == "PLAN-001").collect();
    assert_eq!(noted.len(), 1, "what is sent needs no note: {plan:#}");

    world.take_requests();
    let _ = run(&["apply", "--yes", "--rotate", admin]).exits(0);
    assert_eq!(held(&world), [Some(base64(NEW)), Some(base64(OLD))]);
    let puts = world.take_requests().into_iter().filter(|request| request.starts_with("PUT")).count();
    assert_eq!(puts, 1);

    let _ = run(&["apply", "--yes", "--rotate", ADDRESS]).exits(0);
    assert_eq!(held(&world), [Some(base64(NEW)), Some(base64(NEW))]);
    world.take_requests();
    let _ = run(&["apply", "--yes"]).exits(0);
    assert!(!world.take_requests().iter().any(|request| request.starts_with("PUT")));
}

#[test]
fn a_secret_is_sent_again_together_with_other_changes() {
    let (world, estate) = applied();
    edit(&estate.path().join("shop.yaml"), "instances: 1", "instances: 2");
    let _ = mxkeep(&world, estate.path(), NEW, &["apply", "--yes", "--rotate", ADDRESS]).exits(0);
    assert_eq!(held(&world), [Some(base64(NEW)), Some(base64(NEW))]);
    let state = world.get().world();
    assert_eq!(state["environments"][0]["manifest"]["environment"]["container"]["instances"], 2);
}

#[test]
fn a_declared_null_clears_when_somebody_asks() {
    let (world, estate) = applied();
    edit(&estate.path().join("shop.yaml"), "{fromEnv: DEBUG_PW}", "null");
    let rotate = ["apply", "--yes", "--rotate", "environment/shop/shop1.runtime.debuggerPassword"];
    let _ = mxkeep(&world, estate.path(), NEW, &rotate).exits(0);
    assert_eq!(held(&world), [Some(base64(OLD)), None]);
}

/// Everything is as it was, as far as anybody can see; that the job failed is all that tells.
#[test]
fn a_job_that_fails_is_never_taken_for_a_secret_that_arrived() {
    let (world, estate) = applied();
    world.faults(&["job-fails=No capacity left,method=PUT"]);
    let output = mxkeep(&world, estate.path(), NEW, &["apply", "--yes", "--rotate", ADDRESS]).exits(4);
    assert!(output.stdout.contains("No capacity left"), "{output}");
    assert_eq!(held(&world), [Some(base64(OLD)), Some(base64(OLD))]);
}

#[test]
fn an_answer_that_is_lost_is_asked_for_again() {
    let (world, estate) = applied();
    world.faults(&["drop-before,method=PUT,times=1"]);
    let _ = mxkeep(&world, estate.path(), NEW, &["apply", "--yes", "--rotate", ADDRESS]).exits(0);
    assert_eq!(held(&world), [Some(base64(NEW)), Some(base64(NEW))]);
}

#[test]
fn what_cannot_be_sent_again_is_told_before_anything_is_read() {
    let (world, estate) = applied();
    world.take_requests();
    let told = |args: &[&str]| {
        let output = Mxkeep::new(args.iter().copied()).dir(estate.path()).against(&world).run().exits(64);
        output.stderr
    };
    let near = told(&["plan", "--rotate", "environment/shop/shop2"]);
    assert!(near.contains("did you mean `environment/shop/shop1`?"), "{near}");
    let field = told(&["plan", "--rotate", "environment/shop/shop1.container.instances"]);
    assert!(
        field.contains("its secrets are `runtime.debuggerPassword`, `runtime.mxAdminPassword`"),
        "{field}"
    );
    let none = told(&["plan", "--rotate", "namespace/eu/orders"]);
    assert!(none.contains("declares no secret that can be sent again"), "{none}");
    let outside = told(&["plan", "--rotate", ADDRESS, "--target", "cluster/eu"]);
    assert!(outside.contains("lies outside of what `--target` names"), "{outside}");
    assert_eq!(world.take_requests(), Vec::<String>::new());

    // A secret whose value is not known cannot be sent.
    let unset = Mxkeep::new(["plan", "--rotate", ADDRESS]).dir(estate.path()).against(&world).run().exits(9);
    assert!(unset.stdout.contains("PLAN-202") && unset.stdout.contains("ADMIN_PW"), "{unset}");
}
