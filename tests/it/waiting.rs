//! A person has to run mxpc-cli: everything that does not need it is done, the command is told, and the next run, or a
//! run that waits, goes on.

use serde_json::{Value, json};

use crate::support::pair::{Pair, app, namespace};
use crate::support::{CommandOutput, Mxkeep, Running, World, edit};

fn start() -> (World, Pair) {
    let (world, pair) = (World::quick(), Pair::new());
    let _ = world.prepare_apps(pair.path());
    for half in ["one", "two"] {
        let secret = format!("secret: {{fromEnv: SECRET_{}}}", half.to_uppercase());
        edit(&pair.path().join(format!("{half}.yaml")), "secret: {fromFile: secret.txt}", &secret);
    }
    (world, pair)
}

fn mxkeep(world: &World, args: &[&str]) -> Mxkeep {
    let mxkeep = Mxkeep::new(args.iter().copied()).against(world);
    mxkeep.env("SECRET_ONE", "canary-one").env("SECRET_TWO", "canary-two")
}

fn apply(world: &World, pair: &Pair, further: &[&str]) -> Mxkeep {
    let args = ["apply", pair.arg(), "--yes", "--format", "json", "--progress", "plain"];
    mxkeep(world, &[&args, further].concat())
}

fn command(half: &str) -> String {
    let variable = format!("SECRET_{}", half.to_uppercase());
    format!("mxpc-cli installer -n ns-{half} -i {} -s \"${variable}\"", namespace(half))
}

fn install(world: &World, half: &str) {
    world.install_operator(&namespace(half));
}

fn writes(world: &World) -> usize {
    world.get().requests().iter().filter(|request| request.method != "GET").count()
}

/// The action with this id.
fn action(output: &CommandOutput, id: &str) -> Value {
    let document = output.json();
    let actions = document["actions"].as_array().unwrap();
    actions.iter().find(|action| action["id"] == id).unwrap_or_else(|| panic!("{id}: {output}")).clone()
}

fn never_tells(output: &CommandOutput) {
    assert!(!output.to_string().contains("canary"), "{output}");
}

#[test]
fn a_plan_says_what_waits_and_for_which_command() {
    let (world, pair) = start();
    let text = mxkeep(&world, &["plan", pair.arg()]).run().exits(0);
    for half in ["one", "two"] {
        assert!(text.stdout.contains(&format!("    {}\n", command(half))), "{text}");
        assert!(text.stdout.contains(&format!("? create environment/app-{half}/live")), "{text}");
    }
    assert!(text.stdout.contains("Plan: 4 to create, 0 to update, 0 to delete, 2 waiting"), "{text}");
    never_tells(&text);

    let plan = mxkeep(&world, &["plan", pair.arg(), "--format", "json", "--exit-code"]).run().exits(2);
    assert_eq!(plan.json()["summary"]["waiting"], 2);
    assert_eq!(plan.json()["summary"]["create"], 4);
    let waiting = action(&plan, "create:environment/app-one/live");
    assert_eq!(waiting["status"], "waiting");
    assert_eq!(waiting["waitsFor"], "namespace/one/ns-one");
    assert_eq!(waiting["command"], command("one"));
    assert_eq!(waiting["code"], "PLAN-301");
    never_tells(&plan);
}

#[test]
fn a_run_does_what_needs_nobody_and_the_next_one_goes_on() {
    let (world, pair) = start();
    let first = apply(&world, &pair, &[]).run().exits(8);
    for half in ["one", "two"] {
        let outcomes = first.outcomes();
        assert_eq!(outcomes[&format!("create:namespace/{half}/ns-{half}")], "done", "{first}");
        assert_eq!(outcomes[&format!("create:environment/app-{half}/live")], "waiting", "{first}");
    }
    assert_eq!(action(&first, "create:environment/app-one/live")["command"], command("one"));
    assert_eq!(world.counts(), [2, 2, 0]);
    never_tells(&first);

    // Nothing changes until somebody does something: only reading, and the same answer to scripts.
    let sent = writes(&world);
    let text = mxkeep(&world, &["apply", pair.arg(), "--yes"]).run().exits(8);
    assert!(text.stdout.contains(&command("two")) && text.stdout.contains("2 waiting"), "{text}");
    let _ = mxkeep(&world, &["plan", pair.arg(), "--exit-code"]).run().exits(2);
    assert_eq!(writes(&world), sent);

    // Only what is not waited for any more is done.
    install(&world, "two");
    let second = apply(&world, &pair, &[]).run().exits(8);
    assert_eq!(second.outcomes()["create:environment/app-two/live"], "done", "{second}");
    assert_eq!(second.outcomes()["create:environment/app-one/live"], "waiting", "{second}");
    install(&world, "one");
    let third = apply(&world, &pair, &[]).run().exits(0);
    assert_eq!(third.outcomes().len(), 1, "{third}");
    let _ = mxkeep(&world, &["plan", pair.arg(), "--exit-code"]).run().exits(0);
}

#[test]
fn an_operator_that_was_there_before_its_namespace_needs_no_second_run() {
    let (world, pair) = start();
    install(&world, "one");
    install(&world, "two");
    let output = apply(&world, &pair, &[]).run().exits(0);
    assert!(output.outcomes().values().all(|outcome| outcome == "done"), "{output}");
    assert_eq!(output.outcomes().len(), 6);
    let _ = mxkeep(&world, &["plan", pair.arg(), "--exit-code"]).run().exits(0);
}

#[test]
fn a_failure_is_no_wait() {
    let (world, pair) = start();
    world.faults(&["job-fails,method=POST,path=/api/v4/clusters/*/namespaces"]);
    let output = apply(&world, &pair, &[]).run().exits(4);
    assert_eq!(output.outcomes()["create:environment/app-one/live"], "skipped", "{output}");
}

#[test]
fn plans_that_are_not_there_hold_up_nothing_else_of_their_namespace() {
    let (world, pair) = start();
    install(&world, "two");
    let _ = apply(&world, &pair, &[]).run().exits(8);
    let member = "membership: {dev@one.example: Developer}";
    let more =
        format!("plans: {{db: true, later: true}}\n  {}", member.replace("Developer", "Administrator"));
    edit(&pair.path().join("one.yaml"), member, &more);
    let output = apply(&world, &pair, &[]).run().exits(8);
    assert_eq!(output.outcomes()["update:namespace/one/ns-one"], "done", "{output}");
    assert_eq!(output.outcomes()["update:namespace/one/ns-one#plans"], "waiting", "{output}");
    let drift = mxkeep(&world, &["drift", pair.arg(), "--format", "json"]).run().exits(2).json();
    let resources = drift["resources"].as_array().unwrap();
    let home = resources.iter().find(|it| it["address"] == "namespace/one/ns-one").unwrap();
    assert_eq!(
        (&home["state"], &home["changes"][0]["path"]),
        (&json!("drifted"), &json!("plans[db].activate"))
    );

    // The environment goes on without the plan that it does not use.
    install(&world, "one");
    let output = apply(&world, &pair, &[]).run().exits(8);
    assert_eq!(output.outcomes()["create:environment/app-one/live"], "done", "{output}");
    let waiting = action(&output, "update:namespace/one/ns-one#plans");
    let paths: Vec<_> = waiting["changes"].as_array().unwrap().iter().map(|it| it["path"].clone()).collect();
    assert_eq!(paths, ["plans[later].activate"]);
    assert!(waiting["reason"].as_str().unwrap().contains("its operator reports `db`"), "{waiting}");
}

#[test]
fn a_namespace_with_the_external_secrets_store_needs_no_plans() {
    let (world, pair) = start();
    for half in ["one", "two"] {
        let file = pair.path().join(format!("{half}.yaml"));
        let text = fs_err::read_to_string(&file).unwrap();
        let services = text.find("  services:\n").unwrap();
        fs_err::write(&file, &text[..services]).unwrap();
        edit(&file, "  membership:", "  enableExternalSecretsStore: true\n  membership:");
    }
    let output = apply(&world, &pair, &[]).run().exits(0);
    assert!(output.outcomes().values().all(|outcome| outcome == "done"), "{output}");
}

/// Waits until the run has told what a person has to do.
fn told(run: &mut Running) {
    run.until("looking for another");
    run.until("mxpc-cli installer");
}

#[test]
fn a_run_that_waits_goes_on_when_the_operators_are_there() {
    let (world, pair) = start();
    let mut run = apply(&world, &pair, &["--wait-for-human", "1m"]).start();
    told(&mut run);
    let sent = writes(&world);
    install(&world, "two");
    run.until("environment/app-two/live  create  done");
    assert_eq!(writes(&world), sent + 1, "looking is reading");
    install(&world, "one");
    let output = run.end().exits(0);
    assert!(output.outcomes().values().all(|outcome| outcome == "done"), "{output}");
    assert_eq!(output.outcomes().len(), 6);
    never_tells(&output);
    let _ = mxkeep(&world, &["plan", pair.arg(), "--exit-code"]).run().exits(0);
}

#[test]
fn waiting_ends_with_the_time_and_with_a_signal() {
    let (world, pair) = start();
    let output = apply(&world, &pair, &["--wait-for-human", "1s"]).run().exits(8);
    assert_eq!(output.outcomes()["create:environment/app-one/live"], "waiting", "{output}");
    for signal in ["INT", "TERM"] {
        let mut run = apply(&world, &pair, &["--wait-for-human", "1h"]).start();
        told(&mut run);
        run.signal(signal);
        let output = run.end().exits(130);
        assert_eq!(output.outcomes()["create:environment/app-one/live"], "waiting", "{output}");
    }
    let _ = apply(&world, &pair, &["--wait-for-human", "soon"]).run().exits(64);
}

#[test]
fn nothing_is_done_that_was_not_shown_before() {
    let (world, pair) = start();
    install(&world, "two");
    let _ = apply(&world, &pair, &[]).run().exits(8);
    let member = "membership: {dev@one.example: Developer}";
    edit(&pair.path().join("one.yaml"), member, &format!("plans: {{db: true}}\n  {member}"));
    let mut run = apply(&world, &pair, &["--wait-for-human", "1m"]).start();
    told(&mut run);
    let home = format!("namespaces/{}", namespace("one"));
    world.edit(&home, "/membership", json!([{"email": "dev@one.example", "role": "Administrator"}]));
    let plan = |name: &str, kind: &str| {
        let config = format!("{{type: \"{kind}\"}}");
        json!({"planName": name, "planType": "OnDemand", "planConfig": config, "activate": false})
    };
    world.edit(&home, "/plans", json!([plan("db", "database"), plan("fs", "storage")]));
    let output = run.end().exits(5);
    assert_eq!(output.outcomes()["update:namespace/one/ns-one#plans"], "refused", "{output}");
    assert_eq!(output.outcomes()["create:environment/app-one/live"], "blocked", "{output}");
    let members = world.get().world()["namespaces"].clone();
    assert!(members.to_string().contains("Administrator"), "what was not shown was not undone");
}

/// A reading that fails, or is refused, while a run waits says nothing about what it waits for, and is tried again.
#[test]
fn what_cannot_be_read_for_a_while_is_neither_done_nor_forgotten() {
    for (fault, status) in [("403", 403), ("500", 500)] {
        let (world, pair) = start();
        install(&world, "two");
        let mut run = apply(&world, &pair, &["--wait-for-human", "1m"]).start();
        told(&mut run);
        world.faults(&[&format!("{fault},path=/apps/{}/*", app("one"))]);
        install(&world, "one");
        if status == 500 {
            run.until("cannot look now");
        } else {
            while !world.get().requests().iter().any(|request| request.status == Some(status)) {
                std::thread::yield_now();
            }
        }
        world.faults(&[]);
        let output = run.end().exits(0);
        assert_eq!(output.outcomes()["create:environment/app-one/live"], "done", "{output}");
        assert_eq!(world.counts(), [2, 2, 2], "{fault}: {output}");
    }
}

#[test]
fn what_stays_hidden_still_waits_and_the_token_is_told() {
    let (world, pair) = start();
    install(&world, "two");
    let mut run = apply(&world, &pair, &["--wait-for-human", "3s"]).start();
    told(&mut run);
    world.faults(&[&format!("403,path=/apps/{}/*", app("one"))]);
    install(&world, "one");
    let output = run.end().exits(7);
    assert_eq!(output.outcomes()["create:environment/app-one/live"], "waiting", "{output}");
    assert_eq!(world.counts(), [2, 2, 1]);
}

#[test]
fn a_token_that_is_refused_while_waiting_is_told_before_the_wait() {
    let (world, pair) = start();
    let mut run = apply(&world, &pair, &["--wait-for-human", "1m"]).start();
    told(&mut run);
    world.faults(&["401"]);
    let output = run.end().exits(7).says(&["cannot look again"]);
    assert_eq!(output.outcomes()["create:environment/app-one/live"], "waiting", "{output}");
}
