//! What the README promises, through the binary.

use serde_json::{Value, json};

use crate::support::{CommandOutput, Mxkeep, edit, example};

fn mxkeep(estate: &tempfile::TempDir, args: &[&str]) -> CommandOutput {
    Mxkeep::new(args.iter().copied()).dir(estate.path()).run()
}

fn world(estate: &tempfile::TempDir) -> Value {
    let text = fs_err::read_to_string(estate.path().join(".mxkeep/simulator.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn started() -> tempfile::TempDir {
    let estate = example("quickstart");
    let _ = mxkeep(&estate, &["apply", "--simulate", "--yes"]).exits(0);
    estate
}

#[test]
fn one_command_brings_four_environments_into_being() {
    let estate = started();
    let world = world(&estate);
    let states: Vec<&Value> = world["environments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|environment| &environment["manifest"]["environment"]["container"]["state"])
        .collect();
    assert_eq!(states.len(), 4);
    let counts = ["clusters", "namespaces", "apps"].map(|name| world[name].as_array().unwrap().len());
    assert_eq!(counts, [1, 2, 2]);
    // The world on disk says when an environment settles; the API says that it has.
    let plan = mxkeep(&estate, &["plan", "--simulate", "--exit-code"]).exits(0);
    assert_eq!(plan.stdout.lines().last(), Some("Nothing to do: 7 resources are as declared"));
}

#[test]
fn the_same_command_again_changes_nothing() {
    let estate = started();
    let before = world(&estate);
    let again = mxkeep(&estate, &["apply", "--simulate", "--yes"]).exits(0);
    assert_eq!(again.stdout.trim(), "Nothing to do: 7 resources are as declared");
    let after = world(&estate);
    assert_eq!(before["environments"], after["environments"]);
    assert_eq!(before["jobs"], after["jobs"], "no job was started");
    let drift = mxkeep(&estate, &["drift", "--simulate"]).exits(0);
    assert!(drift.stdout.contains("managed 7 of 7 live resources (100 %)"), "{drift}");
}

#[test]
fn one_edited_constant_is_a_plan_of_one_field() {
    let estate = started();
    edit(&estate.path().join("web-shop.yaml"), "TimeoutSeconds: \"10\"", "TimeoutSeconds: \"11\"");
    let plan = mxkeep(&estate, &["plan", "--simulate", "--exit-code", "--format", "json"]).exits(2).json();
    let actions = plan["actions"].as_array().unwrap();
    assert_eq!(actions.len(), 1, "{plan:#}");
    assert_eq!(actions[0]["address"], "environment/web-shop/production");
    assert_eq!(actions[0]["effect"], "rolling");
    let changes = actions[0]["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "{plan:#}");
    let mut change = changes[0].clone();
    assert_eq!(change["source"]["file"], "web-shop.yaml");
    change.as_object_mut().unwrap().remove("source");
    let expected = json!({
        "path": "deployment.constants[Payment.TimeoutSeconds].value",
        "class": "change",
        "before": "10",
        "after": "11",
        "live": true,
        "intent": "value",
        "sensitive": false,
    });
    assert_eq!(change, expected);
}

#[test]
fn an_edit_in_the_world_is_drift_of_that_field_only() {
    let estate = started();
    edit(
        &estate.path().join(".mxkeep/simulator.json"),
        "https://payment.acme.example",
        "https://elsewhere.example",
    );
    let drift = mxkeep(&estate, &["drift", "--simulate", "--format", "json"]).exits(2).json();
    assert_eq!(drift["summary"]["drifted"], 1);
    let resources = drift["resources"].as_array().unwrap();
    assert_eq!(resources.len(), 1, "{drift:#}");
    assert_eq!(resources[0]["address"], "environment/web-shop/production");
    let paths: Vec<_> =
        resources[0]["changes"].as_array().unwrap().iter().map(|change| &change["path"]).collect();
    assert_eq!(paths, ["deployment.constants[Payment.BaseUrl].value"]);

    // Applying puts it back.
    let _ = mxkeep(&estate, &["apply", "--simulate", "--yes"]).exits(0);
    let _ = mxkeep(&estate, &["drift", "--simulate"]).exits(0);
}

#[test]
fn without_a_terminal_apply_wants_yes() {
    let estate = example("quickstart");
    let refused = mxkeep(&estate, &["apply", "--simulate"]).exits(5);
    assert!(refused.stdout.is_empty(), "{refused}");
    assert!(refused.stderr.contains("pass --yes"), "{refused}");
    assert_eq!(world(&estate)["clusters"], json!([]));
}
