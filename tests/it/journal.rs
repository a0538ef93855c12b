//! The journal of a run, and the run that goes on with it. Jobs of these worlds take an hour, until the clock is put
//! forward.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mxkeep::apply::journal::Recorded;
use mxkeep::render::schemas;
use mxkeep::simulator::Options;
use serde_json::Value;

use crate::support::pair::{HALVES, Pair};
use crate::support::{CommandOutput, Mxkeep, Running, World, edit};

const HOUR: Duration = Duration::from_secs(60 * 60);

fn slow() -> (World, Pair) {
    let world = World::new(Options { job_delay: HOUR, ready_delay: Duration::ZERO, ..Options::default() });
    let pair = Pair::new();
    world.prepare(pair.path());
    (world, pair)
}

fn quick() -> (World, Pair) {
    let (world, pair) = (World::quick(), Pair::new());
    world.prepare(pair.path());
    (world, pair)
}

fn apply(world: &World, pair: &Pair, more: &[&str]) -> Mxkeep {
    let args = ["apply", pair.arg(), "--yes", "--format", "json", "--progress", "plain", "-v"];
    Mxkeep::new(args.into_iter().chain(more.iter().copied())).against(world)
}

/// The journals in the default place.
fn journals(pair: &Pair) -> Vec<PathBuf> {
    let Ok(files) = fs_err::read_dir(pair.path().join(".mxkeep/journal")) else { return Vec::new() };
    files.map(|file| file.unwrap().path()).collect()
}

fn only_journal(pair: &Pair) -> PathBuf {
    let found = journals(pair);
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

fn lines(journal: &Path) -> Vec<Value> {
    let text = fs_err::read_to_string(journal).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn jobs(world: &World) -> Vec<String> {
    let world = world.get().world();
    world["jobs"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap().to_owned()).collect()
}

fn writes(world: &World) -> Vec<String> {
    let requests = world.get().requests();
    let writes = requests.iter().filter(|request| request.method != "GET");
    writes.map(|request| format!("{} {}", request.method, request.path)).collect()
}

fn two_open_jobs(run: &mut Running) {
    run.until("waiting for job");
    run.until("waiting for job");
}

/// Kills a run whose two clusters have their jobs, and gives its journal.
fn killed(world: &World, pair: &Pair) -> PathBuf {
    let mut run = apply(world, pair, &[]).start();
    two_open_jobs(&mut run);
    run.signal("KILL");
    let _ = run.end().exits(-9);
    only_journal(pair)
}

/// What is open is done, and the jobs that follow are quick.
fn quicker(slow: &World, pair: &Pair) -> World {
    slow.get().advance(HOUR);
    let world = World::quick();
    world.prepare(pair.path());
    world.reset(&slow.get().world());
    world
}

/// The API is another address for the test, and the same for the journal.
fn moved(journal: &Path, from: &World, to: &World) {
    edit(journal, &from.url(), &to.url());
}

fn converged(world: &World, pair: &Pair) {
    let _ = Mxkeep::new(["plan", pair.arg(), "--exit-code"]).against(world).run().exits(0);
    assert_eq!(world.counts(), [2; 3], "nothing is there twice");
}

#[test]
fn a_killed_run_leaves_its_jobs_and_no_value() {
    let (world, pair) = slow();
    let journal = killed(&world, &pair);
    let lines = lines(&journal);
    let schema = jsonschema::validator_for(&schemas::journal()).unwrap();
    for line in &lines {
        assert!(schema.is_valid(line), "{line:#}");
    }
    let noted: Vec<_> = lines.iter().filter(|line| line["event"] == "job").map(|line| &line["job"]).collect();
    assert_eq!(noted.len(), 2);
    assert!(jobs(&world).iter().all(|job| noted.iter().any(|noted| *noted == job)), "{lines:#?}");
    let text = fs_err::read_to_string(&journal).unwrap();
    for value in ["pair-secret", "holds 10", "acme.example", "OnDemand"] {
        assert!(!text.contains(value), "{value} is in the journal: {text}");
    }
    assert!(text.contains("deployment.appUrl"), "the path is");
    let ignore = fs_err::read_to_string(pair.path().join(".mxkeep/.gitignore")).unwrap();
    assert_eq!(ignore, "*\n");
}

#[test]
fn a_resumed_run_waits_for_the_jobs_before_it_sends_anything() {
    let (world, pair) = slow();
    let journal = killed(&world, &pair);
    let before = writes(&world);
    let mut run = apply(&world, &pair, &["--resume", journal.to_str().unwrap()]).start();
    run.until("waiting for 2 open jobs of the run before");
    two_open_jobs(&mut run);
    assert_eq!(writes(&world), before, "nothing is sent while they are open");
    world.get().advance(HOUR);
    run.until("namespace/one/ns-one  create  waiting for job");
    run.signal("KILL");
    let _ = run.end().exits(-9);
    assert_eq!(writes(&world).len(), before.len() + 2, "the clusters were not sent again");

    // Once more, and to the end.
    let world = {
        let quick = quicker(&world, &pair);
        moved(&journal, &world, &quick);
        quick
    };
    let output = apply(&world, &pair, &["--resume", journal.to_str().unwrap()]).run().exits(0);
    assert!(output.outcomes().values().all(|outcome| outcome == "done"), "{output}");
    converged(&world, &pair);
    assert!(journals(&pair).is_empty(), "nothing is left to go on with");
}

#[test]
fn two_signals_list_what_is_open_and_the_command_that_goes_on() {
    let (world, pair) = slow();
    let args = ["-C", pair.arg(), "apply", ".", "--yes", "--progress", "plain", "-v"];
    let mut run = Mxkeep::new(args).against(&world).start();
    two_open_jobs(&mut run);
    run.signal("TERM");
    run.until("interrupt again");
    run.signal("INT");
    let output = run.end().exits(130);
    let journal = only_journal(&pair);
    for job in jobs(&world) {
        assert!(output.stdout.contains(&format!("open job {job} of create cluster/")), "{output}");
    }
    let name = journal.file_name().unwrap().to_str().unwrap();
    let command =
        format!("mxkeep -C {} apply . --progress plain -v --resume ./.mxkeep/journal/{name}", pair.arg());
    assert!(output.stdout.contains(&format!("\n  {command}\n")), "{command}\n{output}");

    // The command as it stands there, and nobody is asked.
    let quick = quicker(&world, &pair);
    moved(&journal, &world, &quick);
    let words = command.split(' ').skip(1);
    let _ = Mxkeep::new(words).against(&quick).run().exits(0);
    converged(&quick, &pair);
}

#[test]
fn the_outcome_for_scripts_names_jobs_journal_and_command() {
    let (world, pair) = slow();
    let file = pair.path().join("run.jsonl");
    let mut run = apply(&world, &pair, &["--journal", file.to_str().unwrap()]).start();
    two_open_jobs(&mut run);
    run.signal("INT");
    run.until("interrupt again");
    run.signal("INT");
    let outcome = run.end().exits(130).json();
    let open = outcome["openJobs"].as_array().unwrap();
    let mut listed: Vec<_> = open.iter().map(|open| open["job"].as_str().unwrap().to_owned()).collect();
    let mut there = jobs(&world);
    listed.sort();
    there.sort();
    assert_eq!(listed, there);
    assert_eq!(outcome["journal"], file.to_str().unwrap());
    let command = outcome["resume"].as_str().unwrap();
    assert!(
        command.ends_with(&format!("--resume {}", file.display())) && !command.contains("--yes"),
        "{command}"
    );
    assert!(journals(&pair).is_empty());
}

#[test]
fn a_journal_stays_only_where_somebody_chose_its_place() {
    let (world, pair) = quick();
    let outcome = apply(&world, &pair, &[]).run().exits(0).json();
    assert_eq!((&outcome["journal"], &outcome["resume"]), (&Value::Null, &Value::Null));
    assert!(journals(&pair).is_empty());
    let file = pair.path().join("run.jsonl");
    for value in ["20", "21"] {
        // The second takes the place of the first, in which nothing is open.
        pair.declare(value);
        let outcome = apply(&world, &pair, &["--journal", file.to_str().unwrap()]).run().exits(0).json();
        assert_eq!(outcome["journal"], file.to_str().unwrap());
        assert_eq!(outcome["resume"], Value::Null);
        let recorded = Recorded::read(&file).unwrap();
        assert!(recorded.open_jobs().is_empty());
    }
}

#[test]
fn a_place_that_cannot_be_used() {
    let (world, pair) = quick();
    let refused = |file: &str, code: i32, says: &str| {
        let output = apply(&world, &pair, &["--journal", file]).run().exits(code).says(&[says]);
        assert_eq!(writes(&world), Vec::<String>::new(), "{output}");
    };
    refused("nowhere/run.jsonl", 1, "cannot write `nowhere/run.jsonl`");
    let file = pair.path().join("notes.txt");
    fs_err::write(&file, "not a journal\n").unwrap();
    refused(file.to_str().unwrap(), 5, "is there already, and no journal");
    assert_eq!(fs_err::read_to_string(&file).unwrap(), "not a journal\n");

    // Where nobody chose it, the run goes on, and ends in the same place.
    fs_err::write(pair.path().join(".mxkeep"), "in the way").unwrap();
    let output = apply(&world, &pair, &[]).run().exits(0).says(&["warning: the run keeps no journal"]);
    assert_eq!(output.json()["journal"], Value::Null);
    converged(&world, &pair);
}

#[test]
fn a_journal_with_open_jobs_is_not_replaced() {
    let (world, pair) = slow();
    let file = pair.path().join("run.jsonl");
    let chosen = ["--journal", file.to_str().unwrap()];
    let mut run = apply(&world, &pair, &chosen).start();
    two_open_jobs(&mut run);
    run.signal("KILL");
    let _ = run.end();
    let before = fs_err::read_to_string(&file).unwrap();
    let output = apply(&world, &pair, &chosen).run().exits(5);
    let _ = output.says(&["is of a run whose jobs may be open", "--resume"]);
    assert_eq!(fs_err::read_to_string(&file).unwrap(), before);
}

/// A limit on the size of files stands in for a disk that is full.
#[test]
fn a_disk_that_is_full_ends_the_journal_and_not_the_run() {
    let (world, pair) = quick();
    let file = pair.path().join("run.jsonl");
    let chosen = file.to_str().unwrap();
    let _ = apply(&world, &pair, &["--journal", chosen]).run().exits(0);
    // Room for the first line of the next run, and for no more than 512 bytes behind it.
    pair.declare("20");
    let _ = apply(&world, &pair, &["--journal", chosen]).run().exits(0);
    let first = fs_err::read_to_string(&file).unwrap().lines().next().unwrap().len() as u64 + 1;
    pair.declare("21");
    let blocks = first.div_ceil(512);
    let binary = env!("CARGO_BIN_EXE_mxkeep");
    let script = format!(
        "trap '' XFSZ; ulimit -f {blocks}; exec {binary} apply {} --yes --journal {chosen} --progress plain",
        pair.arg()
    );
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .env_clear()
        .envs([("MXKEEP_API_URL", world.url()), ("MXKEEP_TOKEN", "simulator".to_owned())])
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    assert_eq!(stderr.matches("warning: the journal cannot be written any more").count(), 1, "{stderr}");
    converged(&world, &pair);
    // What is there can still be read.
    let _ = Recorded::read(&file).unwrap();
}

#[test]
fn a_journal_that_is_not_of_this_run() {
    let (world, pair) = slow();
    let journal = killed(&world, &pair);
    let good = fs_err::read_to_string(&journal).unwrap();
    let before = writes(&world);
    let refused = |text: &str, code: i32, says: &str| {
        fs_err::write(&journal, text).unwrap();
        let output = apply(&world, &pair, &["--resume", journal.to_str().unwrap()]).run().exits(code);
        let output = output.says(&[says]);
        assert_eq!(writes(&world), before, "{output}");
    };
    refused(
        &good.replacen("\"estate\":\"pair\"", "\"estate\":\"other\"", 1),
        5,
        "is of the estate `other`, not of `pair`",
    );
    refused(
        &good.replacen(&world.url(), "https://other.example/api/v4", 1),
        5,
        "is of a run against https://other.example",
    );
    refused(
        &good.replacen("mxkeep.journal/1", "mxkeep.journal/2", 1),
        5,
        "has the format `mxkeep.journal/2`",
    );
    refused(&good.replacen("\"event\":\"job\"", "\"event\":\"jab\"", 1), 5, "is damaged");
    refused(&good.replacen("\"identity\"", "\"identitie\"", 1), 5, "line 1 is damaged");
    refused(&good[..40], 9, "is no journal of mxkeep");
    refused("", 9, "is no journal of mxkeep");
    refused("{\"format\": \"mxkeep.plan/1\"}\n", 9, "is no journal of mxkeep");
}

/// What stands in the files only now was not approved; the rest of the run is.
#[test]
fn a_resumed_run_does_nothing_that_was_not_approved() {
    let (world, pair) = slow();
    let journal = killed(&world, &pair);
    edit(&pair.path().join("one.yaml"), "instances: 3", "instances: 4");
    let quick = quicker(&world, &pair);
    moved(&journal, &world, &quick);
    let output = apply(&quick, &pair, &["--resume", journal.to_str().unwrap()]).run().exits(5);
    let outcomes = output.outcomes();
    assert_eq!(outcomes["create:environment/app-one/live"], "refused", "{output}");
    assert_eq!(outcomes["create:environment/app-two/live"], "done", "{output}");
    assert_eq!(outcomes["create:namespace/one/ns-one"], "done", "{output}");
    assert_eq!(quick.counts(), [2, 2, 1]);
}

#[test]
fn a_job_that_failed_meanwhile_is_made_good() {
    let (world, pair) = slow();
    world.faults(&["job-fails=No room,method=POST,times=1"]);
    let journal = killed(&world, &pair);
    let quick = quicker(&world, &pair);
    moved(&journal, &world, &quick);
    let output = apply(&quick, &pair, &["--resume", journal.to_str().unwrap()]).run().exits(0);
    let _ = output.says(&["create failed after", "No room"]);
    converged(&quick, &pair);
}

#[test]
fn a_job_that_hangs_stops_the_resumed_run() {
    let (world, pair) = slow();
    let journal = killed(&world, &pair);
    pair.job_timeout("1s");
    let before = writes(&world);
    let resume = ["--resume", journal.to_str().unwrap()];
    let output =
        apply(&world, &pair, &resume).run().exits(4).says(&["a job of the run before is still open"]);
    assert_eq!(output.json()["findings"][0]["code"], "EXIT-4");
    assert_eq!(writes(&world), before);
}

#[test]
fn a_signal_while_a_resumed_run_waits() {
    let (world, pair) = slow();
    let journal = killed(&world, &pair);
    let before = writes(&world);
    let mut run = apply(&world, &pair, &["--resume", journal.to_str().unwrap()]).start();
    two_open_jobs(&mut run);
    run.signal("TERM");
    let output = run.end().exits(130).says(&["go on with `mxkeep apply"]);
    assert_eq!(output.json()["findings"][0]["code"], "EXIT-130");
    assert_eq!(writes(&world), before);
    assert_eq!(Recorded::read(&journal).unwrap().open_jobs().len(), 2, "they stay open in the journal");
}

/// The built-in simulator is another one every time, and the journal is of the same run all the same.
#[test]
fn with_the_built_in_simulator() {
    let pair = Pair::new();
    let args = ["apply", pair.arg(), "--simulate", "--yes", "--format", "json", "-v"];
    let mut run = Mxkeep::new(args).start();
    run.until("namespace/one/ns-one  create  waiting for job");
    run.signal("KILL");
    let _ = run.end();
    let journal = only_journal(&pair);
    let resume = ["--resume", journal.to_str().unwrap()];
    let output: CommandOutput = Mxkeep::new(args.into_iter().chain(resume)).run().exits(0);
    assert!(output.outcomes().values().all(|outcome| outcome == "done"), "{output}");
    assert!(journals(&pair).is_empty());
    let _ = HALVES;
}
