//! Every example is valid, comes into being, and is then as declared.

use serde_json::Value;

use crate::support::{CommandOutput, Mxkeep, edit, example};

/// Variables of a run, and their values.
type Variables = &'static [(&'static str, &'static str)];

/// What each example needs from outside, by the values of its own documentation, and how many resources it declares.
const EXAMPLES: &[(&str, Variables, &str)] = &[
    ("quickstart", &[], "7 resources"),
    ("solo-trial", &[("PLAY_NS_SECRET", "demo")], "4 resources"),
    (
        "dtap-classic-eks",
        &[
            ("ACME_NONPROD_SECRET", "demo-nonprod"),
            ("ACME_PROD_SECRET", "demo-prod"),
            ("ORDERS_ADMIN_PW", "demo-admin"),
            ("ORDERS_SUBSCRIPTION", "demo-subscription"),
        ],
        "8 resources",
    ),
];

fn mxkeep(estate: &tempfile::TempDir, variables: &[(&str, &str)], args: &[&str]) -> CommandOutput {
    let command = Mxkeep::new(args.iter().copied()).dir(estate.path());
    variables.iter().fold(command, |command, (name, value)| command.env(name, value)).run()
}

fn applied(name: &str) -> (tempfile::TempDir, &'static [(&'static str, &'static str)]) {
    let (_, variables, _) = *EXAMPLES.iter().find(|(of, ..)| *of == name).unwrap();
    let estate = example(name);
    let outcome = mxkeep(&estate, variables, &["apply", "--simulate", "--yes", "--format", "json"]).exits(0);
    let text = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(!text.contains("demo-"), "a secret is shown: {text}");
    (estate, variables)
}

#[test]
fn each_is_valid_planned_applied_and_then_as_declared() {
    std::thread::scope(|scope| {
        for (name, variables, resources) in EXAMPLES {
            scope.spawn(move || {
                let estate = example(name);
                let validate = mxkeep(&estate, &[], &["validate", "--format", "json"]).exits(0).json();
                assert_eq!(validate["summary"]["errors"], 0, "{name}: {validate:#}");
                let plan = mxkeep(&estate, variables, &["plan", "--simulate", "--exit-code"]).exits(2);
                assert!(plan.stdout.contains("to create"), "{name}: {plan}");
                let (estate, variables) = applied(name);
                let again = mxkeep(&estate, variables, &["plan", "--simulate", "--exit-code"]).exits(0);
                let last = again.stdout.lines().last().unwrap();
                assert_eq!(last, format!("Nothing to do: {resources} are as declared"), "{name}");
            });
        }
    });
}

#[test]
fn a_name_that_clusters_may_refuse_is_a_warning_of_the_trial() {
    let validate = mxkeep(&example("solo-trial"), &[], &["validate", "--format", "json"]).exits(0).json();
    let codes: Vec<&Value> =
        validate["findings"].as_array().unwrap().iter().map(|found| &found["code"]).collect();
    let known = mxkeep::source::codes::find("NS-02").is_some();
    assert_eq!(codes.iter().any(|code| **code == "NS-02"), known, "{codes:?}");
}

#[test]
fn promotion_is_one_changed_word() {
    let (estate, variables) = applied("dtap-classic-eks");
    edit(&estate.path().join("order-desk/prod.yaml"), "package: r142", "package: r143");
    let plan = mxkeep(&estate, variables, &["plan", "--simulate", "--exit-code", "--format", "json"])
        .exits(2)
        .json();
    let actions = plan["actions"].as_array().unwrap();
    assert_eq!(actions.len(), 1, "{plan:#}");
    assert_eq!(actions[0]["address"], "environment/order-desk/prod");
    assert_eq!(actions[0]["effect"], "stop");
    let changes = actions[0]["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "{plan:#}");
    assert_eq!(changes[0]["path"], "deployment.packageId");
    assert_eq!(changes[0]["after"], "5d900286-a184-5e63-88fd-ebd02c7bbf1d");
    assert_eq!(changes[0]["source"]["file"], "order-desk/prod.yaml");
}

#[test]
fn a_plan_points_into_the_defaults() {
    let (estate, variables) = applied("dtap-classic-eks");
    edit(&estate.path().join("order-desk/defaults.yaml"), "Erp.Retries: \"3\"", "Erp.Retries: \"4\"");
    let plan = mxkeep(&estate, variables, &["plan", "--simulate", "--format", "json"]).exits(0).json();
    let actions = plan["actions"].as_array().unwrap();
    assert_eq!(actions.len(), 3, "{plan:#}");
    for action in actions {
        let changes = action["changes"].as_array().unwrap();
        assert_eq!(changes.len(), 1, "{action:#}");
        assert_eq!(changes[0]["source"]["file"], "order-desk/defaults.yaml");
        assert_eq!(changes[0]["source"]["line"], 9);
    }
}
