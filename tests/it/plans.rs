//! Golden plans: `tests/plans/CODE/` has, for every code that a plan may carry, what differs from the estate in
//! `tests/plans/base` and what `mxkeep plan` prints then.
//!
//! `base` and `before/` are applied first; `edits.json` is what somebody does in the portal; `gone` names files that
//! are taken out, `input/` those that are added or changed; `faults` is what goes wrong then, `args` are further
//! arguments, where `CLOUD3` stands for version 3 of the API of Mendix Cloud, and `command` is what is run instead of
//! `plan`. With a directory `base/`, the plan has a base: the estate that was applied, with what is in that directory.
//! `UPDATE=1` writes `expected.txt`.

use std::path::{Path, PathBuf};

use mxkeep::plan::note::CODES;
use serde_json::Value;

use crate::support::driver::load_valid;
use crate::support::repository::Repository;
use crate::support::{Mxkeep, World, copy_tree, project};

fn plans() -> PathBuf {
    project().join("tests/plans")
}

fn overlay(from: &Path, to: &Path) {
    if from.is_dir() {
        copy_tree(from, to);
    }
}

fn lines(path: &Path) -> Vec<String> {
    fs_err::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// The plan of a case, as the binary prints it, and its exit code.
fn print(case: &Path) -> String {
    print_with(case, "")
}

/// The same with further settings.
fn print_with(case: &Path, settings: &str) -> String {
    let (world, estate) = (World::quick(), tempfile::tempdir().unwrap());
    overlay(&plans().join("base"), estate.path());
    overlay(&case.join("before"), estate.path());
    let desired = load_valid(estate.path());
    world.register(&desired);
    let (outcome, _) = world.apply(&desired, &world.plan(&desired));
    assert!(outcome.actions.iter().all(|report| report.verified), "{outcome:#?}");

    // What is committed is what was applied, and what `base/` makes of it.
    let has_base = case.join("base").is_dir();
    let mut commit = String::new();
    if has_base {
        overlay(&case.join("base"), estate.path());
        commit = Repository::init(estate.path()).commit();
    }

    let edits = fs_err::read_to_string(case.join("edits.json")).unwrap_or_else(|_| "[]".to_owned());
    for edit in serde_json::from_str::<Vec<(String, String, Value)>>(&edits).unwrap() {
        world.edit(&edit.0, &edit.1, edit.2);
    }
    for gone in lines(&case.join("gone")) {
        fs_err::remove_file(estate.path().join(gone)).unwrap();
    }
    overlay(&case.join("input"), estate.path());
    let home = estate.path().join("mxkeep.yaml");
    let text = fs_err::read_to_string(&home).unwrap();
    fs_err::write(&home, format!("{text}{settings}")).unwrap();
    let faults = lines(&case.join("faults"));
    world.faults(&faults.iter().map(String::as_str).collect::<Vec<_>>());

    let cloud3 = world.get().mendix_cloud_url(3);
    let further: Vec<String> = lines(&case.join("args"))
        .iter()
        .flat_map(|line| line.replace("CLOUD3", &cloud3).split(' ').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let plan = if has_base { "plan --base main" } else { "plan" };
    let command = fs_err::read_to_string(case.join("command")).unwrap_or_else(|_| plan.to_owned());
    let args = command.split_whitespace().chain(further.iter().map(String::as_str));
    let output = Mxkeep::new(args).dir(estate.path()).against(&world).run();
    assert!(output.stderr.is_empty(), "{output}");
    let stdout = output.stdout.replace(&world.url(), "API").replace(&cloud3, "CLOUD3");
    let stdout = stdout.replace(&world.cloud_url(), "CLOUD");
    let stdout = commit.get(..7).map_or(stdout.clone(), |commit| stdout.replace(commit, "COMMIT"));
    format!("{stdout}\nexit {}\n", output.code)
}

#[test]
fn each_case_is_planned_as_expected() {
    #[expect(clippy::disallowed_methods, reason = "asked for by whoever runs the tests")]
    let update = std::env::var("UPDATE").is_ok();
    let mut wrong = Vec::new();
    for (code, _) in CODES {
        let case = plans().join(code);
        let printed = print(&case);
        let file = case.join("expected.txt");
        if update {
            fs_err::write(&file, &printed).unwrap();
        }
        let expected = fs_err::read_to_string(&file).unwrap_or_default();
        if printed != expected {
            wrong.push(format!("{code} prints\n{printed}\nand not\n{expected}"));
        }
        if !printed.contains(&format!("[{code}]")) {
            wrong.push(format!("{code} is not in its own case:\n{printed}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_rule_that_is_waived_is_no_note() {
    let waiver = |until: &str| {
        format!(
            "waivers: [{{rule: PKG-02, address: package/shop-*, reason: kept for an audit, until: {until}}}]\n"
        )
    };
    let case = plans().join("PKG-02");
    let printed = print_with(&case, &waiver("2199-12-31"));
    assert!(!printed.contains("PKG-02") && printed.contains("Nothing to do"), "{printed}");
    let other = waiver("2199-12-31").replace("shop-*", "desk-*");
    assert!(print_with(&case, &other).contains("[PKG-02]"));
}

/// Codes that the command line finds before it talks to any API; they are told on stderr.
#[test]
fn each_code_of_the_command_line_is_told_as_expected() {
    #[expect(clippy::disallowed_methods, reason = "asked for by whoever runs the tests")]
    let update = std::env::var("UPDATE").is_ok();
    for (code, _) in mxkeep::cli::codes::CODES {
        let (case, estate) = (plans().join(code), tempfile::tempdir().unwrap());
        overlay(&plans().join("base"), estate.path());
        overlay(&case.join("input"), estate.path());
        let output = Mxkeep::new(["plan"]).dir(estate.path()).env("MXKEEP_TOKEN", "canary-4711").run();
        assert!(output.stdout.is_empty(), "{output}");
        let printed = format!("{}\nexit {}\n", output.stderr, output.code);
        if update {
            fs_err::write(case.join("expected.txt"), &printed).unwrap();
        }
        assert!(printed.starts_with(code) && !printed.contains("canary"), "{printed}");
        assert_eq!(printed, fs_err::read_to_string(case.join("expected.txt")).unwrap_or_default());
    }
}

#[test]
fn every_case_has_a_code() {
    for entry in fs_err::read_dir(plans()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let of_cli = mxkeep::cli::codes::CODES.iter().any(|(code, _)| *code == name);
        assert!(
            name == "base" || of_cli || CODES.iter().any(|(code, _)| *code == name),
            "no plan carries {name}"
        );
    }
}
