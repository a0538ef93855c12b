//! Variables of the pipeline that an estate names: used, and shown only where somebody outside said so.

use super::{CANARY, mxkeep, of_cluster};
use crate::support::CommandOutput;

const COMMANDS: &[&[&str]] = &[
    &["validate"],
    &["validate", "--format", "json"],
    &["plan", "--simulate", "-v"],
    &["plan", "--simulate", "--format", "json"],
    &["why", "cluster/prod-eu", "--simulate"],
    &["apply", "--simulate", "--yes", "-v"],
    &["drift", "--simulate", "--format", "json"],
    &["status", "--simulate"],
];

/// Every command over an estate that wants the variable `NAME` in the open, and its output.
fn outputs(name: &str, public: &str) -> Vec<CommandOutput> {
    let estate = of_cluster(&format!("  description: {{fromEnv: {name}, sensitive: false}}\n"));
    let run = |args: &&[&str]| {
        let call = mxkeep(&estate, args).env("MXKEEP_TOKEN", CANARY).env("DEPLOY_KEY", CANARY);
        call.env("MXKEEP_PUBLIC_ENV", public).run()
    };
    COMMANDS.iter().map(run).collect()
}

#[test]
fn a_variable_is_shown_only_where_that_is_said_outside() {
    for public in ["", "DEPLOY", "DEPLOY_KEY2,deploy_key", "*", "REGION"] {
        for output in outputs("DEPLOY_KEY", public) {
            assert!(!output.to_string().contains(CANARY), "{public}: {output}");
        }
    }
    let shown = outputs("DEPLOY_KEY", "REGION, DEPLOY_KEY");
    assert!(shown.iter().any(|output| output.stdout.contains(CANARY)), "{}", shown[2]);
    assert!(shown.iter().all(|output| !output.to_string().contains("EST-030")), "{}", shown[0]);
}

#[test]
fn what_is_kept_secret_is_told_and_used() {
    let outputs = outputs("DEPLOY_KEY", "");
    let [validate, json, plan, ..] = outputs.as_slice() else { unreachable!() };
    for output in [validate, plan] {
        assert_eq!(output.code, 0, "{output}");
        assert!(output.stderr.contains("EST-030") && output.stderr.contains("MXKEEP_PUBLIC_ENV"), "{output}");
    }
    assert_eq!(json.json()["summary"]["warnings"], 1, "{json}");
    assert!(plan.stdout.contains("(secret, fromEnv: DEPLOY_KEY)"), "{plan}");
    // It is what was applied, and nothing drifts from it.
    assert_eq!(outputs[6].json()["summary"]["drifted"], 0, "{}", outputs[6]);
}

#[test]
fn the_token_is_never_a_value() {
    for output in outputs("MXKEEP_TOKEN", "MXKEEP_TOKEN") {
        assert!(!output.to_string().contains(CANARY), "{output}");
    }
}
