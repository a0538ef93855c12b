//! `mxkeep show`: a saved report is shown as it was shown when it was made.

use mxkeep::apply::plan_file::checksum;
use mxkeep::render::Format;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::pair::Pair;
use crate::support::repository::Repository;
use crate::support::{CommandOutput, Mxkeep, World};

/// Shows the saved report in every format, and compares it with what the command wrote.
fn is_shown_as_it_was(files: &TempDir) {
    let saved = files.path().join("report.json");
    for format in Format::ALL {
        let mut written = fs_err::read_to_string(files.path().join(format.name())).unwrap();
        if format == Format::Events {
            // What happened in the run is not in its report, which is the last line.
            written = format!("{}\n", written.lines().last().unwrap());
        }
        let shown = show(&[saved.to_str().unwrap(), "--format", format.name()]).exits(0);
        assert_eq!(shown.stdout, written, "{format}");
        assert_eq!(shown.stderr, "");
    }
}

fn show(args: &[&str]) -> CommandOutput {
    Mxkeep::new(["show"].iter().chain(args).copied()).run()
}

/// The arguments that write a report in every format.
fn outs(files: &TempDir) -> Vec<String> {
    let out = |format: &str, file: &str| format!("--out={format}={}", files.path().join(file).display());
    let all = Format::ALL.map(|format| out(format.name(), format.name()));
    all.into_iter().chain([out("json", "report.json")]).collect()
}

fn checked(world: &World, pair: &Pair, args: &[&str], code: i32) {
    let files = tempfile::tempdir().unwrap();
    let outs = outs(&files);
    let all = args.iter().copied().chain(outs.iter().map(String::as_str));
    let command = Mxkeep::new(all).dir(pair.path()).against(world);
    let _ = command.run().exits(code);
    is_shown_as_it_was(&files);
}

#[test]
fn what_is_saved_is_shown_as_it_was_shown() {
    let (world, pair) = (World::quick(), Pair::new());
    world.prepare(pair.path());
    checked(&world, &pair, &["plan"], 0);
    checked(&world, &pair, &["drift"], 2);
    world.faults(&["job-fails,nth=1"]);
    checked(&world, &pair, &["apply", "--yes"], 4);
    world.faults(&[]);
    checked(&world, &pair, &["apply", "--yes"], 0);
    pair.declare("11");
    checked(&world, &pair, &["plan"], 0);
    checked(&world, &pair, &["stop", "environment/*/*", "--yes"], 0);
    pair.remove();
    checked(&world, &pair, &["plan"], 0);
}

#[test]
fn a_plan_with_a_base_is_shown_as_it_was_shown() {
    let world = World::quick();
    let pair = Pair::new();
    world.prepare(pair.path());
    let repository = Repository::init(pair.path());
    repository.reference("refs/heads/main", &repository.commit());
    let _ = Mxkeep::new(["apply", "--yes"]).dir(pair.path()).against(&world).run().exits(0);
    pair.declare("11");
    checked(&world, &pair, &["plan", "--base", "main"], 0);
    checked(&world, &pair, &["drift", "--base", "main"], 0);
}

/// In a repository, reports name files from its root.
#[test]
fn a_report_of_a_directory_in_a_repository_is_shown_as_it_was_shown() {
    let (world, pair) = (World::quick(), Pair::new());
    world.prepare(pair.path());
    let place = tempfile::tempdir().unwrap();
    let _ = Repository::init(place.path());
    crate::support::copy_tree(pair.path(), &place.path().join("envs/prod"));
    let out = |format: &str| format!("--out={format}={format}");
    let outs = Format::ALL.map(|format| out(format.name()));
    let plan = ["plan", "envs/prod"].into_iter().chain(outs.iter().map(String::as_str));
    let _ = Mxkeep::new(plan).dir(place.path()).against(&world).run().exits(0);
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Events) {
        let written = fs_err::read_to_string(place.path().join(format.name())).unwrap();
        assert!(
            !matches!(format, Format::Gitlab | Format::Sarif) || written.contains("envs/prod/"),
            "{written}"
        );
        let shown =
            Mxkeep::new(["show", "json", "envs/prod", "--format", format.name()]).dir(place.path()).run();
        assert_eq!(shown.exits(0).stdout, written, "{format}");
    }
}

#[test]
fn every_format_is_written_when_files_are_invalid() {
    let directory =
        crate::support::estate(&[("mxkeep.yaml", "estate: acme\n"), ("a.yaml", "nonsense: {}\n")]);
    let files = tempfile::tempdir().unwrap();
    let outs = outs(&files);
    for command in ["validate", "plan", "apply", "drift"] {
        let args = [command].into_iter().chain(outs.iter().map(String::as_str));
        let _ = Mxkeep::new(args).dir(directory.path()).run().exits(9);
        for format in Format::ALL.into_iter().filter(|format| *format != Format::Text) {
            let file = files.path().join(format.name());
            let text = fs_err::read_to_string(&file).unwrap();
            let told = if format == Format::Openmetrics { r#"severity="error"} 1"# } else { "SHAPE-001" };
            assert!(text.contains(told), "{command} {format}: {text}");
            fs_err::remove_file(file).unwrap();
        }
    }
}

#[test]
fn findings_are_shown_too() {
    let directory =
        crate::support::estate(&[("mxkeep.yaml", "estate: acme\n"), ("a.yaml", "nonsense: {}\n")]);
    let file = directory.path().join("found.json");
    let out = format!("json={}", file.display());
    let _ = Mxkeep::new(["plan", "--out", &out]).dir(directory.path()).run().exits(9);
    let shown = show(&[file.to_str().unwrap(), "--format", "json"]).exits(0);
    assert_eq!(shown.stdout, fs_err::read_to_string(&file).unwrap());
    let text = show(&[file.to_str().unwrap()]).exits(0).stdout;
    assert_eq!(text, "a.yaml:1:1: error: unknown key `nonsense` at the top of a document [SHAPE-001]\n");
}

#[test]
fn what_is_no_report_is_told_and_never_shown() {
    let (world, pair) = (World::quick(), Pair::new());
    world.prepare(pair.path());
    let plan =
        Mxkeep::new(["plan", "--format", "json"]).dir(pair.path()).against(&world).run().exits(0).json();
    let refused = |document: &Value, says: &str| {
        let file = pair.path().join("saved.json");
        fs_err::write(&file, document.to_string()).unwrap();
        let output = show(&[file.to_str().unwrap()]).exits(9).says(&[says]);
        assert_eq!(output.stdout, "");
    };
    let with = |change: &dyn Fn(&mut Value)| {
        let mut document = plan.clone();
        change(&mut document);
        document["checksum"] = checksum(&document).into();
        document
    };
    let mut edited = plan.clone();
    edited["summary"]["create"] = 0.into();
    refused(&edited, "it was edited after it was written");
    refused(&with(&|plan| plan["format"] = "mxkeep.plan/2".into()), "it is in the format `mxkeep.plan/2`");
    refused(&with(&|plan| plan["format"] = "mxkeep.status/1".into()), "it is no report, but in the format");
    refused(
        &with(&|plan| plan["actions"][0]["verb"] = "destroy".into()),
        "`destroy` is none of create, update",
    );
    refused(&with(&|plan| plan["actions"][0]["digest"] = "\u{1b}[2J".into()), "is no digest");
    refused(&with(&|plan| drop(plan.as_object_mut().unwrap().remove("notes"))), "missing field `notes`");
    refused(&json!([]), "it is no report, but something else");
    let file = pair.path().join("saved.json");
    fs_err::write(&file, &plan.to_string()[..200]).unwrap();
    let _ = show(&[file.to_str().unwrap()]).exits(9).says(&["it ends in the middle"]);
    let _ = show(&["nowhere.json"]).exits(1).says(&["cannot read `nowhere.json`"]);
}
