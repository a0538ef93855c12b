//! Events: what happens in a run, told to scripts while it happens; and reports of runs that did not come to their end.

use std::io::{BufRead, BufReader};
use std::time::Duration;

use mxkeep::render::{Format, schemas};
use mxkeep::simulator::Options;
use serde_json::Value;

use crate::support::pair::Pair;
use crate::support::{Mxkeep, World};

/// The lines, each of which is what the schema says.
fn lines(text: &str) -> Vec<Value> {
    let validator = jsonschema::validator_for(&schemas::events()).unwrap();
    let line = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(validator.is_valid(&line), "{line}");
        line
    };
    text.lines().map(line).collect()
}

fn names(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["event"].as_str().unwrap()).collect()
}

#[test]
fn a_run_is_told_from_its_start_to_its_report() {
    let (world, pair) = (World::quick(), Pair::new());
    world.prepare(pair.path());
    let args = ["apply", "--yes", "--format", "json", "--out", "events=events.jsonl"];
    // What was there before is of another run.
    fs_err::write(pair.path().join("events.jsonl"), "old\n").unwrap();
    let output = Mxkeep::new(args).dir(pair.path()).against(&world).run().exits(0);
    let lines = lines(&fs_err::read_to_string(pair.path().join("events.jsonl")).unwrap());
    let names = names(&lines);
    assert_eq!((names[0], names[names.len() - 2]), ("run-started", "run-finished"));
    let count = |name: &str| names.iter().filter(|it| **it == name).count();
    assert_eq!([count("action-started"), count("action-finished"), count("report")], [6, 6, 1]);
    let times: Vec<_> = lines.iter().filter_map(|line| line["at"].as_str()).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!(lines.last().unwrap()["report"], output.json(), "the report is the one of the other formats");
    let phases = ["sending", "waiting-for-job", "verifying"];
    assert!(phases.iter().all(|phase| lines.iter().any(|line| line["phase"] == *phase)), "{lines:?}");
}

/// Who reads them need not wait for the end.
#[test]
fn lines_come_while_the_run_goes_on() {
    let hour = Duration::from_secs(60 * 60);
    let world = World::new(Options { job_delay: hour, ..Options::default() });
    let pair = Pair::new();
    world.prepare(pair.path());
    let (reader, writer) = std::io::pipe().unwrap();
    let args = ["apply", pair.arg(), "--yes", "--format", "events", "-q"];
    let run = Mxkeep::new(args).against(&world).start_writing_to(writer.into());
    let mut heard = BufReader::new(reader).lines().map(|line| line.unwrap());
    let waits = |line: &String| line.contains(r#""phase":"waiting-for-job""#);
    assert!(heard.by_ref().any(|line| waits(&line)) && heard.by_ref().any(|line| waits(&line)));
    run.signal("INT");
    assert!(heard.by_ref().any(|line| line.contains(r#""event":"interrupted""#)));
    run.signal("INT");
    let rest: Vec<_> = heard.collect();
    let rest = lines(&rest.join("\n"));
    assert_eq!(names(&rest).last(), Some(&"report"));
    assert_eq!(rest.last().unwrap()["report"]["interrupted"], true);
    let _ = run.end().exits(130);
}

#[test]
fn every_format_is_written_of_a_run_that_was_interrupted() {
    let hour = Duration::from_secs(60 * 60);
    let world = World::new(Options { job_delay: hour, ..Options::default() });
    let pair = Pair::new();
    world.prepare(pair.path());
    let outs = Format::ALL.map(|format| format!("--out={format}={format}"));
    let args = ["apply", "--yes", "--progress", "plain"].into_iter().chain(outs.iter().map(String::as_str));
    let mut run = Mxkeep::new(args).dir(pair.path()).against(&world).start();
    run.until("waiting for job");
    run.signal("TERM");
    run.until("interrupt again to wait no longer");
    run.signal("TERM");
    let _ = run.end().exits(130);
    for format in Format::ALL {
        let text = fs_err::read_to_string(pair.path().join(format.name())).unwrap();
        let told = match format {
            Format::Openmetrics => "mxkeep_apply_interrupted",
            _ => "the run ended before the platform was done with it",
        };
        assert!(text.contains(told), "{format}: {text}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_found_before_anything_is_done() {
    let (world, pair) = (World::quick(), Pair::new());
    world.prepare(pair.path());
    let args = ["apply", "--yes", "--out", "events=nowhere/events.jsonl"];
    let output = Mxkeep::new(args).dir(pair.path()).against(&world).run().exits(1);
    let _ = output.says(&["cannot write `nowhere/events.jsonl`"]);
    assert_eq!(world.counts(), [0; 3]);
}

#[test]
fn a_command_without_a_run_has_one_line() {
    let (world, pair) = (World::quick(), Pair::new());
    world.prepare(pair.path());
    let output = Mxkeep::new(["plan", pair.arg(), "--format", "events"]).against(&world).run().exits(0);
    let lines = lines(&output.stdout);
    assert_eq!((lines.len(), &lines[0]["report"]["format"]), (1, &Value::from("mxkeep.plan/1")));
}
