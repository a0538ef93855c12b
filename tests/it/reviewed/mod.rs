//! Reviewed plan = applied plan: `plan --out json=FILE`, then `apply --plan FILE`.

mod files;
mod values;

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::pair::{self, Pair};
use crate::support::{CommandOutput, Mxkeep, World, edit};

/// An estate, its world, and a place for plans.
struct Review {
    world: World,
    pair: Pair,
    files: TempDir,
}

impl Review {
    /// Nothing is there yet.
    fn new() -> Review {
        let review = Review { world: World::quick(), pair: Pair::new(), files: tempfile::tempdir().unwrap() };
        review.world.prepare(review.pair.path());
        review
    }

    /// Everything is as declared, and then the files ask for something else.
    fn of_an_update() -> Review {
        let review = Review::new();
        let _ = review.run(&["apply", "--yes"]).exits(0);
        review.pair.declare("11");
        review
    }

    fn file(&self) -> PathBuf {
        self.files.path().join("plan.json")
    }

    fn command(&self, args: &[&str]) -> Mxkeep {
        Mxkeep::new(args.iter().copied()).dir(self.pair.path()).against(&self.world)
    }

    fn run(&self, args: &[&str]) -> CommandOutput {
        self.command(args).run()
    }

    /// Plans into the file.
    fn plan(&self, code: i32) -> Value {
        let out = format!("json={}", self.file().display());
        let _ = self.run(&["plan", "--out", &out]).exits(code);
        serde_json::from_str(&fs_err::read_to_string(self.file()).unwrap()).unwrap()
    }

    /// Applies the file. Nobody is asked, and nobody has to say `--yes`.
    fn apply(&self) -> CommandOutput {
        self.run(&["apply", "--plan", self.file().to_str().unwrap(), "--format", "json"])
    }

    fn is_settled(&self) {
        let _ = self.run(&["plan", "--exit-code"]).exits(0);
    }

    /// What is live of one half.
    fn live(&self, kind: &str, half: &str) -> Value {
        let world = self.world.get().world();
        let all = world[kind].as_array().unwrap().clone();
        let is_it = |it: &&Value| it.to_string().contains(&format!("\"{}\"", id(kind, half)));
        all.iter().find(is_it).unwrap()["manifest"].clone()
    }
}

fn id(kind: &str, half: &str) -> String {
    match kind {
        "clusters" => pair::cluster(half),
        "namespaces" => pair::namespace(half),
        _ => format!("env{half}"),
    }
}

fn environment(half: &str) -> String {
    format!("environments/{}/{}/env{half}", pair::app(half), pair::namespace(half))
}

fn error<'a>(document: &'a Value, id: &str) -> &'a Value {
    let actions = document["actions"].as_array().unwrap();
    &actions.iter().find(|action| action["id"] == id).unwrap()["error"]
}

fn all_done(output: &CommandOutput, count: usize) {
    let outcomes = output.outcomes();
    assert!(outcomes.values().all(|outcome| outcome == "done"), "{output}");
    assert_eq!(outcomes.len(), count, "{output}");
}

#[test]
fn what_was_reviewed_is_done_and_nobody_is_asked() {
    let review = Review::new();
    let plan = review.plan(0);
    assert_eq!(plan["estate"], "pair");
    let url = review.world.url();
    assert_eq!(plan["api"], json!({"privateCloud": url, "mendixCloud": null, "name": url}));
    all_done(&review.apply().exits(0), 6);
    review.is_settled();

    review.pair.declare("11");
    let plan = review.plan(0);
    assert!(plan["actions"].as_array().unwrap().iter().any(|action| action["effect"] != "none"));
    all_done(&review.apply().exits(0), 4);
    review.is_settled();

    review.pair.remove();
    let _ = review.plan(0);
    all_done(&review.apply().exits(0), 6);
    assert_eq!(review.world.counts(), [0; 3]);
}

/// Somebody edits a field that the plan is about to change: that action is refused, and the others run.
#[test]
fn an_edit_of_what_a_plan_touches_refuses_that_action_and_no_other() {
    let review = Review::of_an_update();
    let _ = review.plan(0);
    review.world.edit(&format!("clusters/{}", pair::cluster("one")), "/description", json!("by hand"));
    let _ = review.world.take_requests();
    let output = review.apply().exits(5).says(&["Not approved, and refused:", "by hand", "holds 11"]);
    let mut outcomes = output.outcomes();
    assert_eq!(outcomes.remove("update:cluster/one").as_deref(), Some("refused"), "{output}");
    assert!(outcomes.len() == 3 && outcomes.values().all(|outcome| outcome == "done"), "{output}");
    let document = output.json();
    assert_eq!(error(&document, "update:cluster/one")["code"], "APPLY-030");
    assert_eq!(error(&document, "update:cluster/one")["source"]["file"], "one.yaml");
    assert_eq!(review.live("clusters", "one")["cluster"]["description"], "by hand");
    let requests = review.world.take_requests();
    let cluster = format!("PUT /api/v4/clusters/{}", pair::cluster("one"));
    assert!(!requests.contains(&cluster), "{requests:#?}");
    // The fresh diff is of what was refused alone.
    let refused = output.stderr.split("Not approved").nth(1).unwrap().split("Plan:").next().unwrap();
    assert!(refused.contains("cluster/one") && !refused.contains("two"), "{output}");
}

/// Edits elsewhere are nobody's business: fields that no file manages, and fields of resources that need nothing.
#[test]
fn an_unrelated_edit_blocks_nothing() {
    let review = Review::of_an_update();
    let _ = review.plan(0);
    let settings = json!([{"name": "com.mendix.x", "value": "by hand"}]);
    review.world.edit(&environment("one"), "/runtime/customRuntimeSettings", settings.clone());
    let kept: Value = serde_json::from_str(r#"{"b":1.50,"a":12345678901234567890}"#).unwrap();
    review.world.edit(&environment("two"), "/unknownField", kept.clone());
    all_done(&review.apply().exits(0), 4);
    let one = review.live("environments", "one");
    assert_eq!(one["environment"]["runtime"]["customRuntimeSettings"], settings);
    let two = review.live("environments", "two");
    assert_eq!(two["environment"]["unknownField"].to_string(), kept.to_string());

    review.pair.declare("12");
    let _ = review.plan(0);
    let members = json!([{"email": "dev@one.example", "role": "Administrator"}]);
    review.world.edit(&format!("namespaces/{}", pair::namespace("one")), "/membership", members.clone());
    let output = review.apply().exits(5);
    let mut outcomes = output.outcomes();
    assert_eq!(outcomes.remove("update:namespace/one/ns-one").as_deref(), Some("refused"), "{output}");
    assert!(outcomes.len() == 4 && outcomes.values().all(|outcome| outcome == "done"), "{output}");
    let namespace = review.live("namespaces", "one");
    assert_eq!(namespace["namespace"]["membership"][0]["role"], "Administrator", "{namespace}");
}

#[test]
fn an_edit_of_the_files_is_not_what_was_reviewed() {
    let review = Review::new();
    let _ = review.plan(0);
    edit(&review.pair.path().join("one.yaml"), "description: holds 10", "description: holds 1000");
    let output = review.apply().exits(5);
    let outcomes = output.outcomes();
    let of = |id: &str| outcomes[id].as_str();
    assert_eq!(of("create:cluster/one"), "refused", "{output}");
    assert_eq!(of("create:namespace/one/ns-one"), "skipped", "what needs it: {output}");
    assert_eq!(of("create:environment/app-one/live"), "skipped", "{output}");
    assert_eq!(of("create:cluster/two"), "done", "{output}");
    assert_eq!(of("create:environment/app-two/live"), "done", "{output}");
    assert_eq!(review.world.counts(), [1; 3]);
}

/// Half of the plan fails; the same file does the rest, and a third time there is nothing left.
#[test]
fn a_plan_that_was_applied_in_part_can_be_applied_again() {
    let review = Review::new();
    let _ = review.plan(0);
    review.world.faults(&["job-fails,method=POST,path=/apps/*/environments,nth=1"]);
    let first = review.apply().exits(4);
    assert_eq!(first.outcomes().values().filter(|outcome| *outcome == "done").count(), 5, "{first}");
    review.world.faults(&[]);
    let second = review.apply().exits(0).says(&["create:cluster/one: is not to be done any more"]);
    all_done(&second, 1);
    let third =
        review.apply().exits(0).says(&["create:environment/app-one/live: is not to be done any more"]);
    all_done(&third, 0);
    review.is_settled();
}

/// A guard that stood in the way of the reviewed plan is gone: nobody has reviewed the plan without it.
#[test]
fn what_was_blocked_was_not_approved() {
    let review = Review::new();
    let _ = review.run(&["apply", "--yes"]).exits(0);
    review.pair.remove();
    let settings = review.pair.path().join("mxkeep.yaml");
    fs_err::write(&settings, "estate: pair\nguards: {protect: [environment/app-one/*]}\n").unwrap();
    let _ = review.plan(6);
    fs_err::write(&settings, "estate: pair\n").unwrap();
    let output = review.apply().exits(5);
    let outcomes = output.outcomes();
    assert_eq!(outcomes["delete:environment/app-one/live"], "refused", "{output}");
    assert_eq!(outcomes["delete:environment/app-two/live"], "done", "{output}");
    // And a guard that came later holds, whatever was approved.
    let _ = review.plan(0);
    fs_err::write(&settings, "estate: pair\nguards: {protect: [environment/app-one/*]}\n").unwrap();
    let output = review.apply().exits(6);
    assert_eq!(output.outcomes()["delete:environment/app-one/live"], "blocked", "{output}");
    assert_eq!(review.world.counts()[2], 1);
}
