//! Signals: after a kill the next run converges; the first interrupt starts nothing new, the second waits for nothing.
//!
//! Jobs of these worlds take an hour, so that a run is surely in the middle of one until the clock is put forward.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use mxkeep::apply::{ActionOutcome, ApplyEvent, Phase};
use mxkeep::simulator::Options;

use crate::support::driver::load_valid;
use crate::support::pair::Pair;
use crate::support::{CommandOutput, Mxkeep, Running, World, edit};

const HOUR: Duration = Duration::from_secs(60 * 60);

fn world(job_delay: Duration) -> (World, Pair) {
    // Long enough to be seen, whatever the pause between two looks.
    let ready_delay = job_delay.saturating_mul(4).min(Duration::from_millis(600));
    let world = World::new(Options { job_delay, ready_delay, ..Options::default() });
    let pair = Pair::new();
    world.prepare(pair.path());
    (world, pair)
}

fn start(world: &World, pair: &Pair) -> Running {
    let args = ["apply", pair.arg(), "--yes", "--format", "json", "--progress", "plain", "-v"];
    Mxkeep::new(args).against(world).start()
}

fn converges(world: &World, pair: &Pair) {
    let output = start(world, pair).end().exits(0);
    assert!(output.outcomes().values().all(|outcome| outcome == "done"), "{output}");
    let _ = Mxkeep::new(["plan", pair.arg(), "--exit-code"]).against(world).run().exits(0);
    assert_eq!(world.counts(), [2; 3], "nothing is there twice");
}

/// The outcomes of the halves, as far as they have them.
fn outcomes(output: &CommandOutput, half: &str) -> Vec<String> {
    let outcomes: BTreeMap<_, _> = output.outcomes();
    [format!("cluster/{half}"), format!("namespace/{half}/ns-{half}"), format!("environment/app-{half}/live")]
        .iter()
        .filter_map(|address| outcomes.get(&format!("create:{address}")).cloned())
        .collect()
}

/// Kills a run right after it said something, and runs it again at once: jobs of the first may still be open.
fn killed_at(line: &str) {
    let (world, pair) = world(Duration::from_millis(150));
    let mut first = start(&world, &pair);
    first.until(line);
    first.signal("KILL");
    let output = first.end().exits(-9);
    assert_eq!(output.stdout, "", "it was killed before its end");
    converges(&world, &pair);
}

macro_rules! killing {
    ($($name:ident: $line:literal;)*) => {$(
        #[test]
        fn $name() {
            killed_at($line);
        }
    )*};
}

killing! {
    killed_before_anything: "actions to run";
    killed_while_sending_the_first_create: "sending the create";
    killed_while_the_first_job_runs: "waiting for job";
    killed_between_two_parents: "create  done after";
    killed_while_a_child_is_created: "namespace/one/ns-one  create  waiting for job";
    killed_between_a_create_and_its_update: "namespace/one/ns-one  create  sending the update";
    killed_while_an_environment_is_created: "environment/app-one/live  create  waiting for job";
    killed_while_an_environment_starts: "waiting until it is ready";
}

#[test]
fn killed_while_verifying_an_environment() {
    let (world, pair) = world(Duration::from_millis(150));
    // The other half is slow, so that the run is surely not over.
    world.faults(&["latency=20s,method=GET,path=/api/v4/apps/*/namespaces/*/environments/envone"]);
    let mut first = start(&world, &pair);
    first.until("environment/app-two/live  create  verifying");
    first.signal("KILL");
    let _ = first.end().exits(-9);
    world.faults(&[]);
    converges(&world, &pair);
}

#[test]
fn killed_during_an_update() {
    let (world, pair) = world(Duration::from_millis(150));
    converges(&world, &pair);
    for (line, value) in [("sending the update", "20"), ("waiting for job", "21"), ("is ready", "22")] {
        pair.declare(value);
        let mut first = start(&world, &pair);
        first.until(line);
        first.signal("KILL");
        let _ = first.end();
        converges(&world, &pair);
    }
}

#[test]
fn killed_with_the_built_in_simulator() {
    let pair = Pair::new();
    let apply = || Mxkeep::new(["apply", pair.arg(), "--simulate", "--yes", "--format", "json", "-v"]);
    for line in ["sending the create", "namespace/two/ns-two  create  waiting for job", "is ready"] {
        let mut first = apply().start();
        first.until(line);
        first.signal("KILL");
        let _ = first.end();
    }
    let output = apply().run().exits(0);
    assert!(output.outcomes().values().all(|outcome| outcome == "done"), "{output}");
    let _ = Mxkeep::new(["plan", pair.arg(), "--simulate", "--exit-code"]).run().exits(0);
}

/// Waits until both clusters have their jobs.
fn two_open_jobs(run: &mut Running) {
    run.until("waiting for job");
    run.until("waiting for job");
}

#[test]
fn one_signal_starts_nothing_new_and_waits_for_open_jobs() {
    for signal in ["INT", "TERM"] {
        let (world, pair) = world(HOUR);
        let mut run = start(&world, &pair);
        two_open_jobs(&mut run);
        run.signal(signal);
        run.until("interrupted: nothing new is started, waiting for 2 actions");
        let before = writes(&world);
        world.get().advance(HOUR);
        let output = run.end().exits(130);
        for half in ["one", "two"] {
            assert_eq!(outcomes(&output, half), ["done", "not-started", "not-started"], "{output}");
        }
        assert_eq!(writes(&world), before, "nothing new was started");
        assert_eq!(world.counts(), [2, 0, 0]);
        let rest = resumed(&world, &pair);
        assert_eq!(rest.outcomes().len(), 4, "what was done is not repeated: {rest}");
    }
}

#[test]
fn what_waits_for_its_turn_is_cancelled() {
    let (world, pair) = world(Duration::ZERO);
    // Long enough for the signal to come through.
    world.faults(&["latency=2s,method=POST"]);
    let args =
        ["apply", pair.arg(), "--yes", "--format", "json", "-v", "--progress", "plain", "--concurrency", "1"];
    let mut run = Mxkeep::new(args).against(&world).start();
    run.until("sending the create");
    run.signal("INT");
    run.until("interrupted: nothing new is started, waiting for 2 actions");
    let output = run.end().exits(130);
    let mut found = ["one", "two"].map(|half| outcomes(&output, half));
    found.sort();
    assert_eq!(
        found,
        [["cancelled", "not-started", "not-started"], ["done", "not-started", "not-started"]],
        "{output}"
    );
    assert_eq!(writes(&world), 1);
    world.faults(&[]);
    converges(&world, &pair);
}

#[test]
fn two_signals_wait_for_nothing() {
    for signals in [["INT", "INT"], ["TERM", "TERM"], ["INT", "TERM"]] {
        let (world, pair) = world(HOUR);
        let mut run = start(&world, &pair);
        two_open_jobs(&mut run);
        run.signal(signals[0]);
        run.until("interrupt again to wait no longer");
        run.signal(signals[1]);
        let output = run.end().exits(130).says(&["interrupted again: not waiting for 2 actions"]);
        let jobs = world.get().world()["jobs"].clone();
        let jobs: Vec<_> = jobs.as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap()).collect();
        for half in ["one", "two"] {
            assert_eq!(outcomes(&output, half), ["unknown", "not-started", "not-started"], "{output}");
        }
        for action in output.json()["actions"].as_array().unwrap() {
            if action["outcome"] == "unknown" {
                let job = action["job"].as_str().unwrap();
                assert!(jobs.contains(&job), "{output}");
                assert_eq!(action["error"]["code"], "APPLY-007");
                assert!(output.stderr.contains(job), "the job is told: {output}");
            }
        }
        world.get().advance(HOUR);
        let _ = resumed(&world, &pair);
    }
}

#[test]
fn a_signal_while_an_environment_starts() {
    let (world, pair) = (
        World::new(Options { job_delay: Duration::ZERO, ready_delay: HOUR, ..Options::default() }),
        Pair::new(),
    );
    world.prepare(pair.path());
    let mut run = start(&world, &pair);
    run.until("app-one/live  create  waiting until it is ready");
    run.signal("TERM");
    run.until("interrupted: nothing new");
    world.get().advance(HOUR);
    let output = run.end().exits(130);
    assert_eq!(outcomes(&output, "one"), ["done"; 3], "{output}");
}

/// Three signals end the process at once.
#[test]
fn three_signals_end_it() {
    let (world, pair) = world(HOUR);
    let mut run = start(&world, &pair);
    two_open_jobs(&mut run);
    run.signal("INT");
    run.until("interrupted: nothing new");
    // The second ends the run; should it not, the third ends the process.
    run.signal("INT");
    run.signal("INT");
    let _ = run.end().exits(130);
}

/// The third ends the process also when it is stuck in telling the outcome: to a pipe that is full, and that nobody reads.
#[test]
fn three_signals_end_it_while_it_writes() {
    let (world, pair) = world(HOUR);
    let (reader, mut full) = std::io::pipe().unwrap();
    // What a pipe holds.
    full.write_all(&[b' '; 64 * 1024]).unwrap();
    let args = ["apply", pair.arg(), "--yes", "--format", "json", "--progress", "plain", "-v"];
    let mut run = Mxkeep::new(args).against(&world).start_writing_to(full.into());
    two_open_jobs(&mut run);
    run.signal("INT");
    run.until("interrupted: nothing new");
    run.signal("INT");
    run.until("interrupted again");
    run.signal("INT");
    let _ = run.end().exits(130);
    drop(reader);
}

/// A signal while the live state is read: nothing was sent, and the exit is the same.
#[test]
fn a_signal_before_the_run() {
    for signal in ["INT", "TERM"] {
        let (world, pair) = world(Duration::ZERO);
        world.faults(&["latency=20s,method=GET"]);
        let args = ["apply", pair.arg(), "--yes", "-v"];
        let mut run = Mxkeep::new(args).against(&world).start();
        run.until("reading from");
        run.signal(signal);
        let output = run.end().exits(130);
        assert_eq!(output.stdout, "");
        assert_eq!(world.counts(), [0; 3]);
    }
}

/// The simulator of the command line runs until a signal, and keeps its world.
#[test]
fn the_simulator_ends_with_a_signal() {
    let pair = Pair::new();
    for signal in ["INT", "TERM"] {
        let args = ["simulator", "--state", "world.json", "--seed", "1,1,1,1"];
        let mut run = Mxkeep::new(args).dir(pair.path()).start();
        run.until("tokens: `simulator`");
        run.signal(signal);
        let output = run.end().exits(0);
        assert!(output.stdout.starts_with("private cloud  http://127.0.0.1:"), "{output}");
        let world = fs_err::read_to_string(pair.path().join("world.json")).unwrap();
        let world: serde_json::Value = serde_json::from_str(&world).unwrap();
        assert_eq!(world["environments"].as_array().unwrap().len(), 1);
    }
}

fn writes(world: &World) -> usize {
    world.get().requests().iter().filter(|request| request.method != "GET").count()
}

/// Goes on in a world whose jobs are quick, and ends well.
fn resumed(slow: &World, pair: &Pair) -> CommandOutput {
    let (quick, _) = world(Duration::ZERO);
    quick.reset(&slow.get().world());
    let output = start(&quick, pair).end().exits(0);
    let _ = Mxkeep::new(["plan", pair.arg(), "--exit-code"]).against(&quick).run().exits(0);
    assert_eq!(quick.counts(), [2; 3]);
    output
}

/// The job of a killed run may end after the plan of the next one was made: what exists then is as a create leaves it.
#[test]
fn a_create_of_a_killed_run_is_brought_to_its_end() {
    let (world, pair) = world(Duration::ZERO);
    let desired = load_valid(pair.path());
    let plan = world.plan(&desired);
    for half in ["one", "two"] {
        let members = format!("  membership: {{dev@{half}.example: Developer}}\n");
        edit(&pair.path().join(format!("{half}.yaml")), &members, "");
    }
    converges(&world, &pair);

    let (outcome, _) = world.apply(&desired, &plan);
    for report in &outcome.actions {
        assert_eq!(report.outcome, ActionOutcome::Done, "{}: {:?}", report.action.id, report.error);
        assert!(report.verified, "{}: {:?}", report.action.id, report.warnings);
    }
    assert!(world.plan(&desired).actions.is_empty());

    // Anything else than what a create leaves open is somebody else's doing.
    pair.declare("13");
    let changed = load_valid(pair.path());
    let (outcome, _) = world.apply(&changed, &plan);
    assert!(outcome.count(ActionOutcome::Refused) == 2, "{outcome:#?}");
}

/// What the platform is still working on is waited for, whatever is to be done with it.
#[test]
fn a_delete_waits_for_a_change_that_is_under_way() {
    let world = World::new(Options { job_delay: Duration::ZERO, ready_delay: HOUR, ..Options::default() });
    let pair = Pair::new();
    world.prepare(pair.path());
    let mut first = start(&world, &pair);
    first.until("app-one/live  create  waiting until it is ready");
    first.signal("KILL");
    let _ = first.end().exits(-9);
    pair.remove();
    let mut run = start(&world, &pair);
    run.until("environment/app-one/live  delete  waiting for an earlier change");
    let deletes = |world: &World| {
        let requests = world.get().requests();
        requests.iter().filter(|it| it.method == "DELETE" && it.path.ends_with("envone")).count()
    };
    assert_eq!(deletes(&world), 0);
    world.get().advance(HOUR);
    let _ = run.end().exits(0);
    assert_eq!((deletes(&world), world.counts()), (1, [0; 3]));
}

/// A create that finds an environment in the making waits for it, and then looks whether it is as declared.
#[test]
fn a_create_waits_for_one_that_is_under_way() {
    let world = World::new(Options { job_delay: Duration::ZERO, ready_delay: HOUR, ..Options::default() });
    let pair = Pair::new();
    world.prepare(pair.path());
    let desired = load_valid(pair.path());
    let plan = world.plan(&desired);
    let mut first = start(&world, &pair);
    first.until("waiting until it is ready");
    first.until("waiting until it is ready");
    first.signal("KILL");
    let _ = first.end().exits(-9);
    world.get().clear_requests();
    let (outcome, events) = std::thread::scope(|scope| {
        let run = scope.spawn(|| world.apply(&desired, &plan));
        // Once the create has found it, and looks again.
        let looks = || world.get().requests().iter().filter(|it| it.path.ends_with("envtwo")).count();
        while looks() < 2 && !run.is_finished() {
            std::thread::yield_now();
        }
        world.get().advance(HOUR);
        run.join().unwrap()
    });
    assert_eq!(outcome.count(ActionOutcome::Done), outcome.actions.len(), "{outcome:#?}");
    let waited = |event: &&ApplyEvent| {
        let ApplyEvent::ActionPhase { action, phase: Phase::WaitingForEarlierChange } = event else {
            return false;
        };
        action.starts_with("create:environment")
    };
    assert_eq!(events.iter().filter(waited).count(), 2, "{events:#?}");
}
