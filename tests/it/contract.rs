//! The contract with scripts, through the binary: exit codes, streams, formats, and flags that work everywhere.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use clap::{CommandFactory, Parser};
use mxkeep::cli::args::Cli;
use mxkeep::cli::exit;
use mxkeep::simulator::Options;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::pair::Pair;
use crate::support::{CommandOutput, Mxkeep, World, edit, estate, example};

const CLUSTER: &str = "estate: acme
---
cluster:
  clusterId: 085a0e34-69ec-4c61-9c7d-5cd42554f9f2
  name: prod-eu
  clusterType: eks
  operatorType: standard_operator
";

fn cluster() -> TempDir {
    estate(&[("mxkeep.yaml", CLUSTER)])
}

fn run(directory: &Path, args: &[&str]) -> CommandOutput {
    Mxkeep::new(args.iter().copied()).dir(directory).run()
}

/// An estate that is as declared in the world of `--simulate`.
fn applied(directory: TempDir) -> TempDir {
    let _ = run(directory.path(), &["apply", "--simulate", "--yes", "-q"]).exits(0);
    directory
}

/// A simulator in which every job of a create fails.
fn failing() -> World {
    World::new(Options { faults: vec!["job-fails,method=POST".parse().unwrap()], ..Options::default() })
}

/// An apply whose namespace has no operator.
fn waiting() -> CommandOutput {
    let (world, pair) = (World::quick(), Pair::new());
    let _ = world.prepare_apps(pair.path());
    Mxkeep::new(["apply", pair.arg(), "--yes"]).against(&world).run()
}

/// One call for each exit code that can be provoked without a fault in the program or a signal.
fn provoked() -> BTreeMap<u8, CommandOutput> {
    let settled = applied(cluster());
    let changed = applied(cluster());
    edit(&changed.path().join("mxkeep.yaml"), "prod-eu", "prod-us");
    let immutable = applied(cluster());
    edit(&immutable.path().join("mxkeep.yaml"), "standard_operator", "global_operator");
    let invalid = estate(&[("mxkeep.yaml", "estat: acme\n")]);
    let world = failing();
    let closed = ["plan", "--api-url", "http://127.0.0.1:1/api/v4"];
    BTreeMap::from([
        (0, run(settled.path(), &["plan", "--simulate", "--exit-code"])),
        (2, run(changed.path(), &["plan", "--simulate", "--exit-code"])),
        (4, Mxkeep::new(["apply", "--yes"]).dir(cluster().path()).against(&world).run()),
        (5, run(changed.path(), &["apply", "--simulate"])),
        (6, run(immutable.path(), &["plan", "--simulate", "--exit-code"])),
        (7, Mxkeep::new(["plan"]).dir(settled.path()).env("MXKEEP_API_URL", &world.url()).run()),
        (8, waiting()),
        (9, run(invalid.path(), &["plan", "--simulate"])),
        (10, Mxkeep::new(closed).dir(settled.path()).env("MXKEEP_TOKEN", "any").run()),
        (64, run(settled.path(), &["plan", "--no-such-flag"])),
    ])
}

#[test]
fn every_exit_code_can_be_met() {
    let mut met = provoked();
    for (status, meaning) in exit::ALL {
        // A fault of mxkeep cannot be provoked, and signals have tests of their own.
        if [1, 130].contains(&status.code()) {
            continue;
        }
        let output = met.remove(&status.code()).unwrap_or_else(|| panic!("{meaning} is never met"));
        let output = output.exits(i32::from(status.code()));
        // Whoever fails says why, and where no result was made there is none on stdout.
        let has_result = [0, 2, 4, 6, 8].contains(&status.code());
        assert_eq!(output.stdout.is_empty(), !has_result, "{output}");
        assert!(has_result || output.stderr.contains("error:"), "{output}");
    }
    assert!(met.is_empty(), "unknown exit codes");
}

#[test]
fn drift_exits_with_2_and_the_stronger_exit_wins() {
    let changed = applied(cluster());
    edit(&changed.path().join("mxkeep.yaml"), "prod-eu", "prod-us");
    let _ = run(changed.path(), &["drift", "--simulate"]).exits(2);
    let _ = run(changed.path(), &["plan", "--simulate"]).exits(0);
    // Blocked comes before something to do.
    edit(&changed.path().join("mxkeep.yaml"), "standard_operator", "global_operator");
    let _ = run(changed.path(), &["plan", "--simulate", "--exit-code"]).exits(6);
    let _ = run(changed.path(), &["apply", "--simulate", "--yes"]).exits(6);
}

#[test]
fn warnings_fail_validate_only_when_strict() {
    let directory = estate(&[("mxkeep.yaml", &CLUSTER.replace("name:", "creator: me\n  name:"))]);
    let _ = run(directory.path(), &["validate"]).exits(0);
    let _ = run(directory.path(), &["validate", "--strict"]).exits(9);
}

#[test]
fn json_documents_are_what_their_schemas_say() {
    let shop = applied(example("quickstart"));
    edit(&shop.path().join("web-shop.yaml"), "TimeoutSeconds: \"10\"", "TimeoutSeconds: \"11\"");
    let broken = estate(&[("mxkeep.yaml", "estate: acme\nguard: {}\n")]);
    let world = failing();
    let args = ["apply", "--yes", "--format", "json"];
    let documents = [
        ("mxkeep.validate/1", run(shop.path(), &["validate", "--format", "json"])),
        ("mxkeep.validate/1", run(broken.path(), &["validate", "--format", "json"])),
        ("mxkeep.plan/1", run(shop.path(), &["plan", "--simulate", "--format", "json"])),
        ("mxkeep.drift/1", run(shop.path(), &["drift", "--simulate", "--format", "json"])),
        ("mxkeep.status/1", run(shop.path(), &["status", "--simulate", "--format", "json"])),
        (
            "mxkeep.why/1",
            run(shop.path(), &["why", "environment/web-shop/production", "--simulate", "--format", "json"]),
        ),
        (
            "mxkeep.why/1",
            run(shop.path(), &["why", "namespace/demo/shop-test", "--offline", "--format", "json"]),
        ),
        ("mxkeep.doctor/1", run(shop.path(), &["doctor", "--simulate", "--format", "json"])),
        ("mxkeep.outcome/1", run(shop.path(), &["apply", "--simulate", "--yes", "--format", "json"])),
        ("mxkeep.outcome/1", run(shop.path(), &["apply", "--simulate", "--yes", "--format", "json"])),
        ("mxkeep.outcome/1", Mxkeep::new(args).dir(cluster().path()).against(&world).run()),
    ];
    for (name, output) in documents {
        let schema = run(shop.path(), &["schema", name]).exits(0).json();
        let document = output.json();
        assert_eq!(document["format"], name);
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}\n{document:#}");
    }
}

#[test]
fn estate_files_are_what_their_schema_says() {
    let shop = example("quickstart");
    let schema = run(shop.path(), &["schema"]).exits(0).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for file in ["mxkeep.yaml", "platform.yaml", "web-shop.yaml", "back-office.yaml"] {
        let text = fs_err::read_to_string(shop.path().join(file)).unwrap();
        for document in text.split("---\n") {
            let value: Value = serde_yaml::from_str(document).unwrap();
            let errors: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{file}: {errors:#?}");
        }
    }
}

#[test]
fn files_hold_what_stdout_shows_in_the_same_format() {
    let shop = applied(example("quickstart"));
    edit(&shop.path().join("web-shop.yaml"), "TimeoutSeconds: \"10\"", "TimeoutSeconds: \"11\"");
    let calls: [&[&str]; 4] =
        [&["validate"], &["plan", "--simulate"], &["drift", "--simulate"], &["apply", "--simulate", "--yes"]];
    for call in calls {
        for format in ["text", "json"] {
            let mut args = call.to_vec();
            args.extend(["--format", format, "--out", "text=out.txt", "--out", "json=out.json"]);
            let output = run(shop.path(), &args);
            let read = |name: &str| fs_err::read_to_string(shop.path().join(name)).unwrap();
            let same = if format == "text" { read("out.txt") } else { read("out.json") };
            assert_eq!(output.stdout, same, "{args:?}");
            assert!(serde_json::from_str::<Value>(&read("out.json")).is_ok(), "{args:?}");
        }
    }
}

#[test]
fn files_are_written_also_on_failure() {
    let broken = estate(&[("mxkeep.yaml", "estate: acme\nguard: {}\n")]);
    let _ = run(broken.path(), &["validate", "--out", "json=out.json"]).exits(9);
    let found: Value =
        serde_json::from_str(&fs_err::read_to_string(broken.path().join("out.json")).unwrap()).unwrap();
    assert_eq!(found["summary"]["errors"], 1);
    let directory = cluster();
    let args = ["apply", "--yes", "--out", "json=out.json"];
    let _ = Mxkeep::new(args).dir(directory.path()).against(&failing()).run().exits(4);
    let outcome: Value =
        serde_json::from_str(&fs_err::read_to_string(directory.path().join("out.json")).unwrap()).unwrap();
    assert_eq!(outcome["summary"]["failed"], 1);
}

#[test]
fn every_path_is_meant_from_the_directory_of_c() {
    let (directory, elsewhere) = (cluster(), tempfile::tempdir().unwrap());
    let from = directory.path().to_str().unwrap();
    let args = ["-C", from, "plan", "--simulate=world.json", "--out", "json=plan.json"];
    let _ = run(elsewhere.path(), &args).exits(0);
    for name in ["world.json", "plan.json"] {
        assert!(directory.path().join(name).exists(), "{name}");
    }
    assert_eq!(fs_err::read_dir(elsewhere.path()).unwrap().count(), 0);
    let parent = directory.path().parent().unwrap().to_str().unwrap();
    let name = directory.path().file_name().unwrap().to_str().unwrap();
    let _ = run(elsewhere.path(), &["validate", name, "-C", parent]).exits(0);
    let _ = run(elsewhere.path(), &["validate", "-C", "missing"]).exits(64);
}

#[test]
fn targets_narrow_a_run_down() {
    let shop = example("quickstart");
    let plan = |target: &[&str]| {
        let args = [&["plan", "--simulate", "--format", "json"], target].concat();
        let plan = run(shop.path(), &args).json();
        let actions = plan["actions"].as_array().unwrap().clone();
        actions.iter().map(|it| it["address"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(plan(&["--target", "cluster/demo"]), ["cluster/demo"]);
    let two = plan(&["--target", "cluster/*", "--target", "namespace/demo/shop-test"]);
    assert_eq!(two, ["cluster/demo", "namespace/demo/shop-test"]);
    let args = ["plan", "--simulate", "--target", "environment/webshop/production"];
    let unmatched = run(shop.path(), &args).exits(64);
    assert!(unmatched.stderr.contains("did you mean `environment/web-shop/production`?"), "{unmatched}");
    let _ = run(shop.path(), &["plan", "--simulate", "--target", "environment/["]).exits(64);
}

#[test]
fn colours_are_where_they_are_wanted() {
    let directory = cluster();
    let plan = |more: &[&str], variable: Option<(&str, &str)>| {
        let args = [&["plan", "--simulate"], more].concat();
        let call = Mxkeep::new(args).dir(directory.path());
        let call = variable.into_iter().fold(call, |call, (name, value)| call.env(name, value));
        let output = call.run().exits(0);
        assert!(!output.stderr.contains('\u{1b}') || more.contains(&"always"), "{output}");
        output.stdout.contains('\u{1b}')
    };
    // stdout is a pipe here.
    assert!(!plan(&[], None));
    assert!(!plan(&["--color", "never"], None));
    assert!(plan(&["--color", "always"], None));
    assert!(!plan(&[], Some(("NO_COLOR", "1"))));
    assert!(plan(&["--color", "always"], Some(("NO_COLOR", "1"))), "the flag wins");
    let _ = run(directory.path(), &["plan", "--simulate", "--color", "pink"]).exits(64);
}

#[test]
fn quiet_says_the_result_only() {
    let loud = run(cluster().path(), &["apply", "--simulate", "--yes"]).exits(0);
    assert!(loud.stderr.contains("create cluster/prod-eu"), "{loud}");
    let quiet = run(cluster().path(), &["apply", "--simulate", "--yes", "-q"]).exits(0);
    assert!(quiet.stderr.is_empty() && quiet.stdout.contains("1 done"), "{quiet}");
    let _ = run(cluster().path(), &["apply", "--simulate", "--yes", "-q", "-v"]).exits(64);
}

#[test]
fn every_command_has_help_with_an_example_that_it_understands() {
    let nowhere = tempfile::tempdir().unwrap();
    let mut commands: Vec<String> =
        Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    commands.push(String::new());
    for command in commands {
        let args: Vec<_> = [command.as_str(), "--help"].into_iter().filter(|arg| !arg.is_empty()).collect();
        let help = run(nowhere.path(), &args).exits(0);
        assert!(help.stderr.is_empty(), "{help}");
        let examples = ["Example: mxkeep ", "Try it without an account: mxkeep "];
        let example =
            help.stdout.lines().find_map(|line| examples.iter().find_map(|it| line.strip_prefix(it)));
        let example = example.unwrap_or_else(|| panic!("{command} has no example\n{help}"));
        assert!(example.starts_with(&command), "{example}");
        let words = example.split(" > ").next().unwrap().split_whitespace();
        let parsed = Cli::try_parse_from(["mxkeep"].into_iter().chain(words));
        assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    let output = run(tempfile::tempdir().unwrap().path(), &["--version"]).exits(0);
    assert_eq!(output.stdout, format!("mxkeep {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_are_there_for_every_shell() {
    let nowhere = tempfile::tempdir().unwrap();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run(nowhere.path(), &["completions", shell]).exits(0).stdout;
        assert!(script.contains("mxkeep") && script.contains("MXKEEP_COMPLETE"), "{shell}: {script}");
        if shell == "bash" {
            assert!(is_bash(&script).unwrap_or(true), "bash does not understand it:\n{script}");
        }
    }
    let _ = run(nowhere.path(), &["completions", "cmd"]).exits(64);
}

/// What a shell is told that asks about the last of these words.
fn completed(directory: &Path, words: &[&str]) -> Vec<String> {
    let words = ["--", "mxkeep"].into_iter().chain(words.iter().copied());
    let told = Mxkeep::new(words).dir(directory).env("MXKEEP_COMPLETE", "fish").run().exits(0).stdout;
    told.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn commands_options_and_addresses_complete() {
    let shop = example("quickstart");
    let commands = completed(shop.path(), &[""]);
    assert!(commands.contains(&"plan".to_owned()), "{commands:?}");
    assert!(completed(shop.path(), &["plan", "--ta"]).contains(&"--target".to_owned()));
    let production = ["environment/back-office/production", "environment/back-office/test"];
    assert_eq!(completed(shop.path(), &["restart", "environment/back"]), production);
    assert_eq!(completed(shop.path(), &["plan", "--target", "environment/back"]), production);
    assert_eq!(completed(shop.path(), &["why", "cluster/"]), ["cluster/demo"]);
    // From elsewhere, and with an estate that is named.
    let above = shop.path().parent().unwrap();
    let name = shop.path().file_name().unwrap().to_str().unwrap();
    assert_eq!(completed(above, &["-C", name, "why", "cluster/"]), ["cluster/demo"]);
    assert_eq!(completed(above, &[&format!("-C{name}"), "why", "cluster/"]), ["cluster/demo"]);
    assert_eq!(completed(above, &["plan", name, "--target", "cluster/"]), ["cluster/demo"]);
    // Where there is no estate, there is nothing to complete.
    let nowhere = tempfile::tempdir().unwrap();
    assert!(completed(nowhere.path(), &["restart", "environment/"]).is_empty());
    let _ = Mxkeep::new(["plan"]).env("MXKEEP_COMPLETE", "cmd").run().exits(64);
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let directory = tempfile::tempdir().unwrap();
    let _ = run(directory.path(), &["man", "pages"]).exits(0);
    let page = run(directory.path(), &["man"]).exits(0).stdout;
    assert!(page.contains(".TH mxkeep 1"), "{page}");
    for (name, _) in commands() {
        let file = directory.path().join(format!("pages/{}.1", name.replace(' ', "-")));
        assert!(fs_err::read_to_string(file).unwrap().contains(".SH SYNOPSIS"), "{name}");
    }
}

/// Every command with its name, those of groups as well.
fn commands() -> Vec<(String, clap::Command)> {
    fn walk(name: &str, command: &clap::Command, found: &mut Vec<(String, clap::Command)>) {
        found.push((name.to_owned(), command.clone()));
        for inner in command.get_subcommands() {
            walk(&format!("{name} {}", inner.get_name()), inner, found);
        }
    }
    let mut found = Vec::new();
    walk("mxkeep", &Cli::command(), &mut found);
    found
}

/// Whether bash finds nothing wrong with a script; nothing where there is no bash.
fn is_bash(script: &str) -> Option<bool> {
    let bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut bash = bash.ok()?;
    bash.stdin.take()?.write_all(script.as_bytes()).ok()?;
    Some(bash.wait().ok()?.success())
}

#[test]
fn an_estate_does_not_get_the_token() {
    for sensitive in ["", ", sensitive: false"] {
        let directory = estate(&[(
            "mxkeep.yaml",
            &format!("{CLUSTER}  description: {{fromEnv: MXKEEP_TOKEN{sensitive}}}\n"),
        )]);
        let call = Mxkeep::new(["plan", "--simulate", "-v"]).dir(directory.path());
        let output = call.env("MXKEEP_TOKEN", "canary-4711").run().exits(9);
        assert!(!output.to_string().contains("canary-4711"), "{output}");
        assert!(output.stdout.contains("PLAN-202"), "{output}");
    }
}

#[test]
fn a_wrong_command_line_is_64() {
    let directory = cluster();
    let wrong: [&[&str]; 10] = [
        &[],
        &["destroy"],
        &["validate", "--no-such-flag"],
        &["drift", "--no-such-flag"],
        &["apply", "--no-such-flag"],
        &["simulator", "--fault", "500,often"],
        &["schema", "no-such-schema"],
        &["plan", "--format", "yaml"],
        &["plan", "--out", "plan.json"],
        &["plan", "--simulate", "--api-url", "http://127.0.0.1:1"],
    ];
    for args in wrong {
        let output = run(directory.path(), args).exits(64);
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{args:?}: {output}");
    }
}

/// A file that cannot be written costs no other its result.
#[test]
fn a_result_survives_a_file_that_cannot_be_written() {
    let estate = example("quickstart");
    let kept = estate.path().join("kept.json");
    let (first, second) = (format!("json={}", kept.display()), "json=/nonexistent/lost.json");
    let args = ["apply", "--simulate", "--yes", "-q", "--format", "json", "--out", second, "--out", &first];
    let output = Mxkeep::new(args).dir(estate.path()).run().exits(1);
    assert_eq!(output.json()["format"], "mxkeep.outcome/1");
    assert_eq!(fs_err::read_to_string(kept).unwrap(), output.stdout);
    assert_eq!(output.stderr.matches("/nonexistent/lost.json").count(), 1, "{output}");
}

/// "Nothing to do" is not all that there is to say where a value was not compared.
#[test]
fn apply_tells_of_a_value_that_is_not_set() {
    let estate = example("quickstart");
    let apply = || Mxkeep::new(["apply", "--simulate", "--yes"]).dir(estate.path()).run();
    let _ = apply().exits(0);
    edit(
        &estate.path().join("platform.yaml"),
        "{fromFile: secrets/shop-test.txt}",
        "{fromEnv: NOT_SET_HERE}",
    );
    let output = apply().exits(0);
    assert!(
        output.stderr.contains("`secret` is not compared") && output.stderr.contains("NOT_SET_HERE"),
        "{output}"
    );
}
