//! `restart`, `stop`, `start` and `scale`: only the number of instances changes, nobody guesses it, and a restart that
//! dies at any of its requests is brought to its end by the next `start` or `apply`.

use serde_json::{Value, json};

use crate::support::pair::{Pair, app, namespace};
use crate::support::{CommandOutput, Mxkeep, World, edit};

const ONE: &str = "environment/app-one/live";
const TWO: &str = "environment/app-two/live";

/// The estate as declared: three instances of each environment.
fn running() -> (World, Pair) {
    let (world, pair) = (World::quick(), Pair::new());
    world.prepare(pair.path());
    let _ = Mxkeep::new(["apply", pair.arg(), "--yes", "-q"]).against(&world).run().exits(0);
    world.get().clear_requests();
    (world, pair)
}

fn call(world: &World, pair: &Pair, command: &str, addresses: &[&str]) -> Mxkeep {
    let args = [&[command, "-C", pair.arg(), "--yes", "--format", "json"], addresses].concat();
    Mxkeep::new(args).against(world)
}

fn environment(half: &str) -> String {
    format!("environments/{}/{}/env{half}", app(half), namespace(half))
}

/// The live manifest of a half's environment.
fn live(world: &World, half: &str) -> Value {
    let world = world.get().world();
    let all = world["environments"].as_array().unwrap();
    let found = all.iter().find(|it| it["manifest"]["environment"]["id"] == format!("env{half}"));
    found.unwrap()["manifest"]["environment"].clone()
}

fn instances(world: &World) -> [i64; 2] {
    ["one", "two"].map(|half| live(world, half)["container"]["instances"].as_i64().unwrap())
}

fn writes(world: &World) -> Vec<String> {
    world.take_requests().into_iter().filter(|request| !request.starts_with("GET")).collect()
}

/// Takes the number of instances out of the file of a half.
fn undeclare(pair: &Pair, half: &str) {
    edit(&pair.path().join(format!("{half}.yaml")), "    instances: 3\n", "");
}

fn plan(world: &World, pair: &Pair) -> CommandOutput {
    Mxkeep::new(["plan", pair.arg(), "--exit-code"]).against(world).run()
}

#[test]
fn a_restart_goes_down_and_up_and_carries_everything_else_over() {
    let (world, pair) = running();
    world.edit(&environment("one"), "/container/futureField", json!({"a": [1, 2.50]}));
    let before = live(&world, "one");
    let output = call(&world, &pair, "restart", &[ONE]).run().exits(0);
    let document = output.json();
    assert_eq!(output.outcomes(), [(format!("restart:{ONE}"), "done".to_owned())].into());
    let action = &document["actions"][0];
    assert_eq!(
        (&action["verb"], &action["effect"], &action["verified"]),
        (&json!("restart"), &json!("restart"), &json!(true))
    );
    let steps: Vec<_> = action["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["before"].clone(), it["after"].clone()))
        .collect();
    assert_eq!(steps, [(json!(3), json!(0)), (json!(0), json!(3))]);
    assert_eq!(live(&world, "one"), before);
    let put = format!("PUT /api/v4/apps/{}/namespaces/{}/environments/envone", app("one"), namespace("one"));
    assert_eq!(writes(&world), [put.clone(), put]);
    let _ = plan(&world, &pair).exits(0);
}

#[test]
fn stop_start_and_scale() {
    let (world, pair) = running();
    let all = "environment/*/live";
    let _ = call(&world, &pair, "scale", &[&format!("{ONE}=5"), &format!("{TWO}=2")]).run().exits(0);
    assert_eq!(instances(&world), [5, 2]);
    let stopped = call(&world, &pair, "stop", &[all]).run().exits(0);
    assert_eq!(stopped.json()["actions"][0]["effect"], "stop");
    assert_eq!(instances(&world), [0, 0]);
    // As many as ran last, not as many as are declared.
    let _ = call(&world, &pair, "start", &[ONE]).run().exits(0);
    assert_eq!(instances(&world), [5, 0]);
    world.get().clear_requests();
    for (command, address) in
        [("stop", TWO), ("start", ONE), ("scale", &format!("{ONE}=5")), ("restart", TWO)]
    {
        let output = call(&world, &pair, command, &[address]).run().exits(0);
        assert_eq!(
            (output.json()["summary"]["total"].clone(), output.json()["unchanged"].clone()),
            (json!(0), json!(1)),
            "{output}"
        );
    }
    assert_eq!(writes(&world), [""; 0]);
    let said = call(&world, &pair, "restart", &[TWO]).run().says(&[
        "is stopped, so there is nothing to restart: `mxkeep start environment/app-two/live` starts it with 2",
    ]);
    assert_eq!(said.code, 0);
}

#[test]
fn a_size_is_never_guessed() {
    let (world, pair) = running();
    for half in ["one", "two"] {
        world.edit(&environment(half), "/container/instances", json!(0));
        world.edit(&environment(half), "/container/lastRunningInstanceCount", json!(0));
    }
    undeclare(&pair, "two");
    let output = call(&world, &pair, "start", &[ONE, TWO]).run().exits(6);
    assert_eq!(output.outcomes()[&format!("scale:{ONE}")], "done", "the file says it: {output}");
    assert_eq!(output.outcomes()[&format!("scale:{TWO}")], "blocked", "{output}");
    assert_eq!(instances(&world), [3, 0]);
    let _ = call(&world, &pair, "scale", &[&format!("{TWO}=1")]).run().exits(0);
    assert_eq!(instances(&world), [3, 1]);
}

#[test]
fn guards_hold_and_what_they_hold_is_told() {
    let (world, pair) = running();
    fs_err::write(
        pair.path().join("mxkeep.yaml"),
        "estate: pair\nguards: {protect: [environment/app-one/*]}\n\
         ignore: [{address: 'environment/**', field: container.instances, reason: the autoscaler owns it}]\n",
    )
    .unwrap();
    let output = call(&world, &pair, "stop", &["environment/*/*"]).run().exits(6);
    assert_eq!(output.outcomes()[&format!("scale:{ONE}")], "blocked", "{output}");
    assert_eq!(instances(&world), [3, 0]);
    let _ = call(&world, &pair, "scale", &[&format!("{ONE}=0")]).run().exits(6);
    // A restart is not the end of an app, and what is asked for goes above what is ignored.
    let text = Mxkeep::new(["restart", "-C", pair.arg(), "--yes", ONE]).against(&world).run().exits(0);
    assert!(text.stderr.contains("Plan: 1 to restart"), "{text}");
    assert!(text.stderr.contains("restarts 1 production environment"), "{text}");
    let _ = call(&world, &pair, "scale", &[&format!("{ONE}=4")]).run().exits(0);
    assert_eq!(instances(&world), [4, 0]);
}

#[test]
fn addresses_are_checked_before_anything_is_read() {
    let (world, pair) = running();
    for (command, address) in [
        ("restart", "environment/app-one/lve"),
        ("restart", "cluster/one"),
        ("stop", "environment/[/x"),
        ("scale", ONE),
        ("scale", "environment/app-one/live=11"),
        ("scale", "environment/app-one/live=-1"),
        ("scale", "=1"),
    ] {
        let _ = call(&world, &pair, command, &[address]).run().exits(64);
    }
    let near = call(&world, &pair, "stop", &["environment/app-one/lve"]).run();
    let _ = near.says(&["did you mean `environment/app-one/live`?"]);
    let twice = [format!("{ONE}=1"), "environment/*/live=2".to_owned()];
    let _ = call(&world, &pair, "scale", &[&twice[0], &twice[1]]).run().exits(64);
    assert_eq!(world.take_requests(), [""; 0]);
    // Nobody is there to be asked.
    let asked = Mxkeep::new(["stop", "-C", pair.arg(), ONE]).against(&world).run().exits(5);
    let _ = asked.says(&["1 action to run, and nobody to ask", "pass --yes"]);
    assert_eq!(instances(&world), [3, 3]);
}

#[test]
fn what_is_stopped_on_purpose_stays_stopped_unless_a_file_says_otherwise() {
    let (world, pair) = running();
    undeclare(&pair, "two");
    let _ = call(&world, &pair, "stop", &["environment/*/live"]).run().exits(0);
    let note = "environment/app-two/live: is stopped, and no file says how many instances it is to have: `mxkeep start environment/app-two/live` starts it with 3";
    let planned = plan(&world, &pair).exits(2);
    let unwrapped = planned.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(unwrapped.contains(note) && unwrapped.contains("container.instances: 0 → 3"), "{planned}");
    let _ = Mxkeep::new(["apply", pair.arg(), "--yes"]).against(&world).run().exits(0).says(&[note]);
    assert_eq!(instances(&world), [3, 0]);
    // Alone it is said as well.
    let again = Mxkeep::new(["apply", pair.arg(), "--yes"]).against(&world).run().exits(0).says(&[note]);
    assert!(again.stdout.contains("Nothing to do"), "{again}");
    let _ = call(&world, &pair, "start", &[TWO]).run().exits(0);
    assert_eq!(instances(&world), [3, 3]);
}

/// How many requests a restart takes.
fn requests_of_a_restart() -> usize {
    let (world, pair) = running();
    let _ = call(&world, &pair, "restart", &[ONE]).run().exits(0);
    world.take_requests().len()
}

/// A world in which a restart was killed while its `n`-th request hung: before it took effect, or after.
fn killed_at(n: usize, fault: &str) -> (World, Pair) {
    let (world, pair) = running();
    world.faults(&[&format!("{fault}=1h,nth={n}")]);
    let run = call(&world, &pair, "restart", &[ONE]).start();
    let hangs = || {
        let requests = world.get().requests();
        requests.get(n - 1).is_some_and(|request| fault == "latency" || request.status.is_some())
    };
    while !hangs() {
        std::thread::yield_now();
    }
    run.signal("KILL");
    let _ = run.end().exits(-9);
    world.faults(&[]);
    (world, pair)
}

#[test]
fn a_restart_that_was_killed_at_any_of_its_requests_is_ended_by_start_or_apply() {
    let requests = requests_of_a_restart();
    let mut stopped = 0;
    for n in 1..=requests {
        let (world, pair) = killed_at(n, "latency");
        undeclare(&pair, "one");
        stopped += usize::from(instances(&world)[0] == 0);
        let _ = call(&world, &pair, "start", &[ONE]).run().exits(0);
        assert_eq!(instances(&world), [3, 3], "start, killed before request {n} took effect");
        let _ = plan(&world, &pair).exits(0);

        let (world, pair) = killed_at(n, "stall");
        stopped += usize::from(instances(&world)[0] == 0);
        let _ = Mxkeep::new(["apply", pair.arg(), "--yes", "-q"]).against(&world).run().exits(0);
        assert_eq!(instances(&world), [3, 3], "apply, killed after request {n} took effect");
        let _ = plan(&world, &pair).exits(0);
    }
    assert!(requests >= 10 && stopped >= 8, "{requests} requests, {stopped} times it stood still");
}

/// A signal in the middle of a restart lets it come to its end: an app is not left standing still.
#[test]
fn an_interrupted_restart_is_brought_to_its_end() {
    let (world, pair) = running();
    let args = ["restart", "-C", pair.arg(), "--yes", "--format", "json", "--progress", "plain", "-v", ONE];
    world.faults(&["stall=2s,method=PUT,nth=1"]);
    let mut run = Mxkeep::new(args).against(&world).start();
    run.until("sending the update");
    run.signal("INT");
    run.until("interrupted: nothing new is started");
    let output = run.end().exits(130);
    assert_eq!(output.outcomes()[&format!("restart:{ONE}")], "done", "{output}");
    assert_eq!(instances(&world), [3, 3]);
}
