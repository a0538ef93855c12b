//! What goes wrong with a build or an upload, and that nothing is made twice for it.

use std::collections::BTreeMap;
use std::time::Duration;

use mxkeep::simulator::Options;

use super::{Desk, packages, world, world_with};
use crate::support::{CommandOutput, Mxkeep, World};

const BUILD: &str = "create:package/desk-1.0.0";

/// A few megabytes: more than the buffers of a connection hold.
const FILE: u64 = 24 * 1024 * 1024;

fn uploading() -> Desk {
    let desk = Desk::new();
    desk.sparse("desk.mda", FILE);
    desk.packages(&[("desk-1.0.0", "file: desk.mda")]);
    desk
}

fn outcome_of_build(output: &CommandOutput) -> String {
    output.outcomes()[BUILD].clone()
}

/// The error of the build as the outcome tells it: code, message, help.
fn error_of_build(output: &CommandOutput) -> [String; 3] {
    let document = output.json();
    let actions = document["actions"].as_array().unwrap();
    let build = actions.iter().find(|action| action["id"] == BUILD).unwrap();
    ["code", "message", "help"].map(|key| build["error"][key].as_str().unwrap_or_default().to_owned())
}

/// Without the fault the next run ends well, there is one package, and then there is nothing to do.
fn converges(desk: &Desk, world: &World) {
    world.faults(&[]);
    let again = desk.apply(world).exits(0);
    assert!(again.outcomes().values().all(|outcome| outcome == "done"), "{again}");
    let whole: Vec<_> = packages(world).into_iter().filter(|it| it["fileSize"] != 0).collect();
    assert_eq!(whole.len(), 1, "{whole:#?}");
    desk.is_settled(world);
}

#[test]
fn an_answer_that_is_lost_makes_no_second_package() {
    for (name, desk) in [("build", Desk::new()), ("upload", uploading())] {
        for fault in ["drop-after", "truncate"] {
            let world = world(&desk);
            world.faults(&[&format!("{fault},method=POST,path=*/packages*")]);
            let output = desk.apply(&world).exits(0);
            assert_eq!(outcome_of_build(&output), "done", "{name} {fault}: {output}");
            assert!(output.stdout.contains("the answer to the request was lost"), "{name} {fault}: {output}");
            converges(&desk, &world);
        }
    }
}

#[test]
fn a_request_that_may_have_arrived_is_not_sent_again() {
    for fault in ["drop-before", "500", "502", "html"] {
        let desk = Desk::new();
        desk.write("mxkeep.yaml", "estate: desks\napply: {jobTimeout: 1s}\n");
        let world = world(&desk);
        world.faults(&[&format!("{fault},method=POST,path=*/packages/build")]);
        let output = desk.apply(&world);
        assert_eq!(outcome_of_build(&output), "unknown", "{fault}: {output}");
        assert!(error_of_build(&output)[2].contains("mxkeep packages list"), "{fault}: {output}");
        let sent = world.take_requests().iter().filter(|request| request.starts_with("POST")).count();
        assert!(sent <= 3, "{fault}: cluster, namespace and one build");
        converges(&desk, &world);
    }
}

#[test]
fn what_certainly_did_not_arrive_is_sent_again() {
    for (desk, fault) in [
        (Desk::new(), "429=1s,method=POST,path=*/packages/build,times=1"),
        (uploading(), "429,method=POST,path=*/packages,times=1"),
        (uploading(), "cut-upload=1000000,method=POST,path=*/packages,times=2"),
    ] {
        let world = world(&desk);
        world.faults(&[fault]);
        let output = desk.apply(&world).exits(0);
        assert_eq!(outcome_of_build(&output), "done", "{fault}: {output}");
        converges(&desk, &world);
    }
}

#[test]
fn an_upload_that_is_always_cut_says_where() {
    let desk = uploading();
    let world = world(&desk);
    world.faults(&["cut-upload=1000000,method=POST,path=*/packages"]);
    let output = desk.apply(&world).exits(10);
    assert_eq!(outcome_of_build(&output), "failed", "{output}");
    let [code, message, _] = error_of_build(&output);
    assert_eq!(code, "APPLY-006");
    assert!(
        message.starts_with("the upload broke off after ") && message.contains(" of 25.2 MB ("),
        "{message}"
    );
    assert_eq!(packages(&world).len(), 0);
    converges(&desk, &world);
}

#[test]
fn the_progress_of_an_upload_is_told() {
    let desk = uploading();
    let world = world(&desk);
    let output = desk.run(&world, &["apply", "--yes", "--progress", "plain"]).exits(0);
    assert!(output.stderr.contains("uploading 0 % of 25.2 MB"), "{output}");
    assert!(output.stderr.contains("uploading 100 % of 25.2 MB"), "{output}");
    assert!(output.stderr.matches("uploading").count() <= 12, "{output}");
}

#[test]
fn a_job_that_names_no_package_is_no_reason_to_make_another() {
    for desk in [Desk::new(), uploading()] {
        let world = world(&desk);
        world.faults(&["no-package-id,path=*/packages*"]);
        let output = desk.apply(&world).exits(0);
        assert_eq!(outcome_of_build(&output), "done", "{output}");
        converges(&desk, &world);
    }
}

#[test]
fn a_job_without_any_package_is_a_failure() {
    let desk = Desk::new();
    let world = world(&desk);
    world.faults(&["no-package,path=*/packages/build"]);
    let output = desk.apply(&world).exits(4);
    let [code, message, _] = error_of_build(&output);
    assert_eq!(code, "APPLY-020");
    assert!(message.contains("names no package"), "{message}");
    assert!(output.outcomes()["create:environment/desk/test"] == "skipped", "{output}");
    converges(&desk, &world);
}

#[test]
fn a_mark_that_the_platform_does_not_keep_is_told() {
    let desk = Desk::new();
    let world = world(&desk);
    world.faults(&["drop-field=/description,path=*/packages/build"]);
    let output = desk.apply(&world).exits(4);
    let [code, _, help] = error_of_build(&output);
    assert_eq!(code, "APPLY-021");
    let id = packages(&world)[0]["id"].as_str().unwrap().to_owned();
    assert!(help.contains(&format!("packageId: {id}")), "{help}");
    // As it says.
    desk.packages(&[("desk-1.0.0", &format!("packageId: {id}"))]);
    converges(&desk, &world);
}

#[test]
fn a_build_that_fails_shows_the_end_of_its_log_and_saves_it_whole() {
    let desk = Desk::new();
    let world = world(&desk);
    // The log repeats the token, and tries to colour the terminal.
    let fault = "job-fails=no such module: simulator \u{1b}[31mred,path=*/packages/build";
    world.faults(&[fault, "build-log=500,path=*/packages/build"]);
    let output =
        desk.run(&world, &["apply", "--yes", "--format", "json", "--save-build-logs", "logs"]).exits(4);
    let document = output.json();
    let build = document["actions"].as_array().unwrap().iter().find(|it| it["id"] == BUILD).unwrap();
    let log: Vec<&str> = build["log"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    assert_eq!(log.len(), 20);
    assert_eq!(log[0], "[build] step 481 of 500: compiling module Module481");
    assert_eq!(log[19], "[build] FAILED: no such module: [token] red");
    let saved = fs_err::read_to_string(desk.path().join("logs/desk-1.0.0.log")).unwrap();
    assert_eq!(saved.lines().count(), 500);
    assert!(!saved.contains("simulator"), "the token is in the log");
    // For people, without escapes of somebody else.
    let text = desk.run(&world, &["apply", "--yes"]).exits(4);
    assert!(text.stdout.contains("step 499 of 500") && !text.stdout.contains("step 480 of 500"), "{text}");
    assert!(!text.stdout.contains('\u{1b}') && text.stdout.contains("--save-build-logs DIR"), "{text}");
    // What failed left packages without content, and none of them counts as made.
    assert_eq!(packages(&world).len(), 2);
    converges(&desk, &world);
}

/// A run that is killed while the platform builds is followed by one that finds the package.
#[cfg(unix)]
#[test]
fn a_run_that_is_killed_behind_its_request_is_taken_up() {
    for desk in [Desk::new(), uploading()] {
        let options = Options {
            job_delay: Duration::from_millis(500),
            ready_delay: Duration::ZERO,
            ..Options::default()
        };
        let world = world_with(&desk, options);
        let mut running =
            Mxkeep::new(["apply", "--yes", "--progress", "plain"]).dir(desk.path()).against(&world).start();
        running.until("package/desk-1.0.0  create  waiting for job");
        running.signal("KILL");
        let _ = running.end();
        // The platform goes on by itself.
        world.get().advance(Duration::from_secs(60));
        let _ = world.take_requests();
        converges(&desk, &world);
    }
}

#[test]
fn a_token_without_the_scopes_of_the_build_api_is_told_which() {
    let desk = Desk::new();
    let world = world(&desk);
    let url = world.url();
    let run = |args: &[&str]| {
        let run = Mxkeep::new(args.iter().copied()).dir(desk.path()).env("MXKEEP_API_URL", &url);
        run.env("MXKEEP_TOKEN", "simulator-deploy").run()
    };
    let plan = run(&["plan"]);
    assert_ne!(plan.code, 0, "{plan}");
    assert!(plan.stdout.contains("its packages cannot be read"), "{plan}");
    assert!(plan.stdout.contains("`mx:privatecloud-build:read`"), "{plan}");
    assert!(plan.stdout.contains("needs `package/desk-1.0.0`, which cannot be read"), "{plan}");
    assert!(plan.stdout.contains("create cluster/eu"), "{plan}");
    // A token that only reads is enough to plan.
    let read = Mxkeep::new(["plan"]).dir(desk.path()).env("MXKEEP_API_URL", &url);
    let _ = read.env("MXKEEP_TOKEN", "simulator-read").run().exits(0);
}

/// What expires within a week and runs nowhere is a warning; in three weeks it is gone, and would be made again.
#[test]
fn a_package_that_nobody_runs_expires() {
    let desk = Desk::new();
    let world = world(&desk);
    desk.packages(&[
        ("desk-1.0.0", "branch: main, revision: a1"),
        ("desk-0.9.0", "branch: main, revision: z0"),
    ]);
    let _ = desk.apply(&world).exits(0);
    let notes = || {
        let plan = desk.run(&world, &["plan", "--format", "json"]);
        let notes = plan.json()["notes"].as_array().unwrap().clone();
        let text = |note: &serde_json::Value, key: &str| note[key].as_str().unwrap_or_default().to_owned();
        notes.iter().map(|note| (text(note, "address"), text(note, "severity"))).collect::<BTreeMap<_, _>>()
    };
    assert_eq!(notes(), BTreeMap::from([("package/desk-0.9.0".to_owned(), "info".to_owned())]));
    let soon = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(80)).to_string();
    let old = packages(&world)
        .into_iter()
        .find(|it| it["description"].as_str().unwrap().contains("0.9.0"))
        .unwrap();
    let resource = format!("packages/{}/{}", old["appId"].as_str().unwrap(), old["id"].as_str().unwrap());
    world.edit(&resource, "/expiryDate", soon.into());
    assert_eq!(notes(), BTreeMap::from([("package/desk-0.9.0".to_owned(), "warning".to_owned())]));
    world.get().advance(Duration::from_secs(21 * 24 * 60 * 60));
    assert_eq!(packages(&world).len(), 1, "the one that runs stays");
    let plan = desk.run(&world, &["plan"]).exits(0);
    assert!(plan.stdout.contains("create package/desk-0.9.0"), "{plan}");
}
