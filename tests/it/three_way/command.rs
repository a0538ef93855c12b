//! The commands with a base, from a real repository.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::ENVIRONMENT;
use crate::support::repository::Repository;
use crate::support::{CommandOutput, Mxkeep, World, copy_tree, edit, project};

/// An estate that is applied and committed. Its secret comes from a variable.
struct Committed {
    world: World,
    directory: TempDir,
}

impl Committed {
    fn new() -> Committed {
        let (world, directory) = (World::quick(), tempfile::tempdir().unwrap());
        copy_tree(&project().join("tests/plans/base"), directory.path());
        let committed = Committed { world, directory };
        committed.edit("size: S}", "size: S}\n  runtime: {mxAdminPassword: {fromEnv: ADMIN_PW, version: 1}}");
        committed.world.prepare(committed.directory.path());
        let _ = committed.run(&["apply", "--yes"]).exits(0);
        let _ = Repository::init(committed.directory.path()).commit();
        committed
    }

    fn edit(&self, from: &str, to: &str) {
        edit(&self.directory.path().join("shop.yaml"), from, to);
    }

    fn run(&self, args: &[&str]) -> CommandOutput {
        let mxkeep = Mxkeep::new(args.iter().copied()).dir(self.directory.path()).against(&self.world);
        mxkeep.env("ADMIN_PW", "canary-4711").run()
    }

    fn live(&self) -> Value {
        self.world.get().world()["environments"][0]["manifest"]["environment"].clone()
    }
}

#[test]
fn a_plan_shows_drift_apart_and_an_apply_may_leave_it() {
    let committed = Committed::new();
    committed.edit("{M.One: a}", "{M.One: b}");
    committed.world.edit(ENVIRONMENT, "/container/instances", 5.into());

    let plan = committed.run(&["plan", "--base", "main"]).exits(0).stdout;
    assert!(plan.contains("5 → 1 [drift]"), "{plan}");
    assert!(plan.contains(" · 1 changed, 1 drifted · "), "{plan}");
    let left = committed.run(&["plan", "--base", "main", "--drift", "report"]).exits(0).stdout;
    assert!(left.contains("container.instances: live 5, declared 1"), "{left}");

    let args = ["apply", "--base", "main", "--drift", "report", "--yes", "--format", "json"];
    let outcome = committed.run(&args).exits(0).json();
    assert_eq!(outcome["actions"][0]["verified"], true, "{outcome:#}");
    assert_eq!(outcome["actions"][0]["warnings"], json!([]), "what is left did not change while this ran");
    assert_eq!(committed.live()["container"]["instances"], 5);

    let _ = committed.run(&["apply", "--base", "main", "--yes"]).exits(0);
    assert_eq!(committed.live()["container"]["instances"], 1);
    let alone = committed.run(&["plan", "--drift", "report"]).exits(64);
    assert!(alone.stderr.contains("--base"), "{alone}");
}

#[test]
fn a_drift_report_knows_what_is_not_applied_yet() {
    let committed = Committed::new();
    committed.edit("{M.One: a}", "{M.One: b}");
    let quiet = committed.run(&["drift", "--base", "main"]).exits(0).stdout;
    assert!(quiet.contains("No drift · 1 change is not applied yet"), "{quiet}");
    let _ = committed.run(&["drift"]).exits(2);
    committed.world.edit(ENVIRONMENT, "/container/instances", 5.into());
    let report = committed.run(&["drift", "--base", "main"]).exits(2).stdout;
    assert!(
        report.contains("container.instances: live 5, declared 1") && !report.contains("M.One"),
        "{report}"
    );
}

#[test]
fn a_conflict_stops_its_action_with_6_and_is_never_overwritten() {
    let committed = Committed::new();
    committed.edit("instances: 1", "instances: 2");
    committed.world.edit(ENVIRONMENT, "/container/instances", 5.into());
    let _ = committed.run(&["plan", "--base", "main"]).exits(6);
    let _ = committed.run(&["apply", "--base", "main", "--yes"]).exits(6);
    assert_eq!(committed.live()["container"]["instances"], 5);

    // Taking the live value over ends it.
    let accept = ["drift", "--base", "main", "--accept", "environment/shop/shop1"];
    let _ = committed.run(&accept).exits(0);
    let plan = committed.run(&["plan", "--base", "main"]).exits(0).stdout;
    assert!(plan.contains("PLAN-071") && plan.contains("Nothing to do"), "{plan}");
}

/// Whoever has seen both sides says so by the digest, which stands in the outcome.
#[test]
fn a_conflict_that_was_acknowledged_is_applied() {
    let committed = Committed::new();
    committed.edit("instances: 1", "instances: 2");
    committed.world.edit(ENVIRONMENT, "/container/instances", 5.into());
    let plan = committed.run(&["plan", "--base", "main", "--format", "json"]).exits(6).json();
    let action = &plan["actions"][0];
    assert_eq!((&action["class"], &action["status"]), (&json!("conflict"), &json!("blocked")), "{plan:#}");
    let digest = action["digest"].as_str().unwrap();
    // A live value that is another one by now was not acknowledged.
    committed.world.edit(ENVIRONMENT, "/container/instances", 6.into());
    let apply = ["apply", "--base", "main", "--yes", "--format", "json", "--waive", digest];
    let _ = committed.run(&apply).exits(5);
    assert_eq!(committed.live()["container"]["instances"], 6);
    committed.world.edit(ENVIRONMENT, "/container/instances", 5.into());
    let outcome = committed.run(&apply).exits(0).json();
    assert_eq!(outcome["actions"][0]["outcome"], "done", "{outcome:#}");
    assert_eq!(outcome["actions"][0]["waived"][0]["code"], "PLAN-070", "{outcome:#}");
    assert_eq!(committed.live()["container"]["instances"], 2);
}

#[test]
fn another_version_of_a_secret_is_sent() {
    let committed = Committed::new();
    let quiet = committed.run(&["plan", "--base", "main"]).exits(0).stdout;
    assert!(quiet.contains("Nothing to do"), "{quiet}");
    committed.edit("version: 1", "version: 2");
    let plan = committed.run(&["plan", "--base", "main"]).exits(0).stdout;
    assert!(plan.contains("runtime.mxAdminPassword: ") && plan.contains("1 changed"), "{plan}");
    committed.world.take_requests();
    let _ = committed.run(&["apply", "--base", "main", "--yes"]).exits(0);
    let puts = committed.world.take_requests().iter().filter(|request| request.starts_with("PUT")).count();
    assert_eq!(puts, 1);
}

#[test]
fn a_document_that_is_gone_is_told_with_its_place_in_the_base() {
    let committed = Committed::new();
    fs_err::remove_file(committed.directory.path().join("shop.yaml")).unwrap();
    let plan = committed.run(&["plan", "--base", "main", "--format", "json"]).exits(0).json();
    assert_eq!(plan["actions"], json!([]));
    let notes = plan["notes"].as_array().unwrap();
    let orphaned = notes.iter().find(|note| note["code"] == "PLAN-073").unwrap_or_else(|| panic!("{plan:#}"));
    assert_eq!(orphaned["address"], "environment/shop/shop1");
    assert_eq!(orphaned["source"]["file"], "main:shop.yaml");
    assert!(orphaned["message"].as_str().unwrap().contains("id: shop1"), "{orphaned:#}");
}

#[test]
fn why_tells_what_the_base_said() {
    let committed = Committed::new();
    committed.edit("instances: 1", "instances: 2");
    let args = ["why", "environment/shop/shop1", "container.instances", "--base", "main"];
    let text = committed.run(&args).exits(0).stdout;
    let told: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().take(2).collect()).collect();
    for expected in [["desired", "2"], ["base", "1"], ["live", "1"]] {
        assert!(told.iter().any(|line| *line == expected), "{text}");
    }
    let document = committed.run(&[args.as_slice(), &["--format", "json"]].concat()).exits(0).json();
    let base = &document["fields"][0]["base"];
    assert_eq!((&base["desired"], &base["source"]["file"]), (&json!(1), &json!("main:shop.yaml")));
}
