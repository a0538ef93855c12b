//! `mxkeep status` through the binary: what it tells, since when, and again and again.

use std::path::Path;

use mxkeep::render::schemas;
use serde_json::{Value, json};
use tempfile::TempDir;
use unicode_width::UnicodeWidthStr;

use crate::support::{CommandOutput, Mxkeep, World, edit, example};

/// The quick start, applied.
struct Shop {
    world: World,
    estate: TempDir,
}

impl Shop {
    fn new() -> Shop {
        let (world, estate) = (World::quick(), example("quickstart"));
        world.prepare(estate.path());
        let shop = Shop { world, estate };
        let _ = shop.run(&["apply", "--yes", "-q"]).exits(0);
        shop
    }

    fn path(&self) -> &Path {
        self.estate.path()
    }

    fn call(&self, args: &[&str]) -> Mxkeep {
        Mxkeep::new(args.iter().copied()).dir(self.path()).against(&self.world)
    }

    fn run(&self, args: &[&str]) -> CommandOutput {
        self.call(args).run()
    }

    fn json(&self, more: &[&str]) -> Value {
        let document = self.run(&[&["status", "--format", "json"], more].concat()).exits(0).json();
        let validator = jsonschema::validator_for(&schemas::status()).unwrap();
        let errors: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
        document
    }

    /// The path of a live environment for edits.
    fn environment(&self, id: &str) -> String {
        let world = self.world.get().world();
        let environments = world["environments"].as_array().unwrap();
        let is_meant = |it: &&Value| it["manifest"]["environment"]["id"] == id;
        let found = environments.iter().find(is_meant).unwrap();
        let text = |key: &str| found[key].as_str().unwrap();
        format!("environments/{}/{}/{id}", text("appId"), text("namespaceId"))
    }
}

fn entry<'v>(document: &'v Value, list: &str, address: &str) -> &'v Value {
    let list = document[list].as_array().unwrap();
    list.iter().find(|it| it["address"] == address).unwrap_or_else(|| panic!("{address}: {list:#?}"))
}

const PRODUCTION: &str = "environment/web-shop/production";

#[test]
fn what_runs_is_told_with_reads_only() {
    let shop = Shop::new();
    let _ = shop.world.take_requests();
    let status = shop.json(&[]);
    let requests = shop.world.take_requests();
    assert!(requests.iter().all(|request| request.starts_with("GET ")), "{requests:#?}");
    let production = entry(&status, "environments", PRODUCTION);
    let expected = json!({"state": "Ready", "instances": 2, "sync": "in-sync", "production": true,
        "namespace": "namespace/demo/shop-prod", "lastRunningInstances": null, "driftedSince": null});
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(production[key], *value, "{key}: {production:#}");
    }
    assert!(production["url"].as_str().unwrap().starts_with("https://"));
    assert!(production["package"]["id"].is_string() && production["runtimeVersion"].is_string());
    assert_eq!(production["lastInSync"], status["takenAt"]);
    let namespace = entry(&status, "namespaces", "namespace/demo/shop-test");
    assert_eq!(namespace["operatorVersion"], "2.25.0");
    assert_eq!(namespace["plans"], json!({"live": 4, "active": 4}));
    assert_eq!((&namespace["members"], &namespace["environments"]), (&json!(1), &json!(2)));
    assert_eq!(entry(&status, "clusters", "cluster/demo")["namespaces"], 2);
    assert_eq!((&status["summary"]["inSync"], &status["summary"]["ready"]), (&json!(7), &json!(4)));
}

#[test]
fn every_way_to_stand_has_its_word() {
    let shop = Shop::new();
    let stopped = shop.environment("backprd1");
    shop.world.edit(&stopped, "/container/instances", json!(0));
    shop.world.edit(&stopped, "/container/lastRunningInstanceCount", json!("3"));
    let failed = shop.environment("shoptst1");
    shop.world.edit(&failed, "/container/state", json!("Failed"));
    // Out of the files: live, and declared nowhere.
    let text = fs_err::read_to_string(shop.path().join("back-office.yaml")).unwrap();
    let kept: Vec<_> = text.split("---\n").filter(|document| !document.contains("backtst1")).collect();
    fs_err::write(shop.path().join("back-office.yaml"), kept.join("---\n")).unwrap();
    // Into the files: declared, and not live.
    fs_err::write(
        shop.path().join("new.yaml"),
        "cluster: {clusterId: 0b1b2c3d-0000-4000-8000-000000000001, name: new, clusterType: eks}\n",
    )
    .unwrap();
    let status = shop.json(&[]);
    let sync = |list: &str, address: &str| entry(&status, list, address)["sync"].clone();
    assert_eq!(sync("environments", "environment/back-office/production"), "drifted");
    assert_eq!(sync("environments", "environment/back-office/test"), "unmanaged");
    assert_eq!(sync("environments", "environment/web-shop/test"), "in-sync");
    assert_eq!(sync("clusters", "cluster/new"), "missing");
    let stopped = entry(&status, "environments", "environment/back-office/production");
    assert_eq!((&stopped["driftedFields"], &stopped["lastRunningInstances"]), (&json!(1), &json!(3)));
    let summary = &status["summary"];
    assert_eq!((&summary["stopped"], &summary["failed"]), (&json!(1), &json!(1)));
    let total: u64 = ["inSync", "drifted", "missing", "notRemoved", "unmanaged", "unreadable"]
        .iter()
        .map(|key| summary[*key].as_u64().unwrap())
        .sum();
    assert_eq!(total, 8);

    let text = shop.call(&["status"]).env("COLUMNS", "140").run().exits(0).stdout;
    for part in ["drifted (1)", "stopped", "0 (was 3)", "Failed", "unmanaged", "missing", "1 failed"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    // A tombstone for what is still there.
    fs_err::write(
        shop.path().join("gone.yaml"),
        "remove: [{address: environment/back-office/test, id: backtst1}]\n",
    )
    .unwrap();
    let status = shop.json(&[]);
    assert_eq!(entry(&status, "environments", "environment/back-office/test")["sync"], "not-removed");
}

#[test]
fn what_may_not_be_read_is_told_and_is_no_failure() {
    let shop = Shop::new();
    let environment = shop.environment("shopprd1");
    let app = environment.split('/').nth(1).unwrap();
    shop.world.faults(&[&format!("403,path=/apps/{app}/*")]);
    let status = shop.json(&[]);
    assert_eq!(entry(&status, "environments", PRODUCTION)["sync"], "unreadable");
    assert_eq!(entry(&status, "environments", PRODUCTION)["state"], Value::Null);
    assert_eq!(status["summary"]["unreadable"], 2);
    assert_eq!(status["notes"][0]["code"], "PLAN-030");
    // Production first all the same, as it is declared.
    assert_eq!(status["environments"][0]["production"], true);
}

#[test]
fn the_age_of_drift_is_told_by_an_earlier_picture() {
    let shop = Shop::new();
    let file = shop.path().join("status.json");
    let series = ["--since", "status.json", "--out", "json=status.json"];
    // The first of a series has no file yet.
    let first = shop.json(&series);
    assert_eq!(entry(&first, "environments", PRODUCTION)["driftedSince"], Value::Null);
    let old = |key: &str, value: &Value| {
        let text = fs_err::read_to_string(&file)
            .unwrap()
            .replace(&format!("\"{key}\": {value}"), &format!("\"{key}\": \"2026-01-02T03:04:05Z\""));
        fs_err::write(&file, text).unwrap();
    };
    old("lastInSync", &first["takenAt"]);
    old("takenAt", &first["takenAt"]);

    let environment = shop.environment("shopprd1");
    shop.world.edit(&environment, "/container/instances", json!(5));
    let second = shop.json(&series);
    let drifted = entry(&second, "environments", PRODUCTION);
    // First seen now; it began at some time after it was last seen in sync.
    assert_eq!(drifted["driftedSince"], second["takenAt"]);
    assert_eq!(drifted["lastInSync"], "2026-01-02T03:04:05Z");
    assert!(shop.run(&["status", "--since", "status.json"]).exits(0).stdout.contains("DRIFT AGE"));

    // The same drift keeps its time, however often it is looked at.
    old("driftedSince", &second["takenAt"]);
    for _ in 0..2 {
        let third = shop.json(&series);
        let drifted = entry(&third, "environments", PRODUCTION);
        assert_eq!(drifted["driftedSince"], "2026-01-02T03:04:05Z");
        assert_eq!(drifted["lastInSync"], "2026-01-02T03:04:05Z");
    }
    // Hidden for a while is not over.
    shop.world.faults(&["403,path=/apps/*"]);
    let hidden = shop.json(&series);
    assert_eq!(entry(&hidden, "environments", PRODUCTION)["driftedSince"], "2026-01-02T03:04:05Z");
    shop.world.faults(&[]);
    // As declared again, and then not: a new drift.
    shop.world.edit(&environment, "/container/instances", json!(2));
    let settled = shop.json(&series);
    assert_eq!(entry(&settled, "environments", PRODUCTION)["driftedSince"], Value::Null);
}

#[test]
fn versions_of_packages_are_told_where_they_can_be_read() {
    let shop = Shop::new();
    let package = || entry(&shop.json(&[]), "environments", PRODUCTION)["package"].clone();
    let known = package();
    assert!(known["version"].is_string() && known["createdOn"].is_string(), "{known}");
    let text = shop.run(&["status"]).exits(0).stdout;
    assert!(text.contains(known["version"].as_str().unwrap()), "{text}");
    // Good to know, and nothing more.
    for fault in ["403", "500", "html"] {
        shop.world.faults(&[&format!("{fault},path=/apps/*/packages")]);
        let unknown = package();
        assert_eq!((&unknown["id"], &unknown["version"]), (&known["id"], &Value::Null), "{fault}");
    }
    let short: String = known["id"].as_str().unwrap().chars().take(8).collect();
    assert!(shop.run(&["status"]).exits(0).stdout.contains(&format!("{short}…")));
}

/// A status that was taken without an earlier one knows no times, but it is known when it was taken.
#[test]
fn a_picture_without_times_still_bounds_the_age() {
    let shop = Shop::new();
    let environment = shop.environment("shopprd1");
    shop.world.edit(&environment, "/container/instances", json!(5));
    let first = shop.json(&["--out", "json=first.json"]);
    assert_eq!(entry(&first, "environments", PRODUCTION)["driftedSince"], Value::Null);
    let second = shop.json(&["--since", "first.json"]);
    assert_eq!(entry(&second, "environments", PRODUCTION)["driftedSince"], first["takenAt"]);
}

#[test]
fn an_earlier_picture_has_to_be_one_of_the_same_estate() {
    let shop = Shop::new();
    fs_err::write(shop.path().join("plan.json"), "{\"format\": \"mxkeep.plan/1\"}").unwrap();
    fs_err::write(shop.path().join("half.json"), "{\"format\": \"mxkeep.status/1\", \"estate\"").unwrap();
    for file in ["plan.json", "half.json"] {
        let _ = shop.run(&["status", "--since", file]).exits(64).says(&[file, "mxkeep.status/1"]);
    }
    let _ = shop.run(&["status", "-q", "--out", "json=other.json"]).exits(0);
    edit(&shop.path().join("other.json"), "\"quickstart\"", "\"another\"");
    let _ = shop.run(&["status", "--since", "other.json"]).exits(64).says(&["another"]);
}

#[test]
fn names_of_the_platform_cannot_talk_to_the_terminal() {
    let shop = Shop::new();
    let environment = shop.environment("shopprd1");
    shop.world.edit(
        &environment,
        "/deployment/appUrl",
        json!("https://x.example/\u{1b}]0;owned\u{7}\u{202e}"),
    );
    shop.world.edit(&environment, "/container/state", json!("\u{1b}[31mReady\r\n"));
    let output = shop.call(&["status"]).env("COLUMNS", "140").run().exits(0);
    assert!(!output.stdout.contains(['\u{1b}', '\u{7}', '\r', '\u{202e}']), "{output}");
    assert!(!output.stdout.contains("owned"), "{output}");
    // Exact for scripts, and escaped.
    let json = shop.run(&["status", "--format", "json"]).exits(0);
    assert!(!json.stdout.contains('\u{1b}') && json.stdout.contains("\\u001b"), "{json}");
}

#[test]
fn a_narrow_terminal_gets_fewer_columns_and_is_told_so() {
    let shop = Shop::new();
    for width in ["40", "60", "80", "100", "140"] {
        let text = shop.call(&["status"]).env("COLUMNS", width).run().exits(0).stdout;
        let room: usize = width.parse().unwrap();
        // The first and the last line are one line each, whatever the width.
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1..lines.len() - 1].iter().all(|line| line.width() <= room), "{width}\n{text}");
        assert!(text.contains("URL"), "told, or told to be left out:\n{text}");
        assert_eq!(text.contains("left out for want of room"), room < 140, "{text}");
        assert!(text.contains("web-shop/production") && text.contains("in sync"), "{text}");
    }
}

#[test]
fn a_target_narrows_the_picture_down() {
    let shop = Shop::new();
    let status = shop.json(&["--target", "environment/web-shop/*"]);
    let addresses: Vec<_> =
        status["environments"].as_array().unwrap().iter().map(|it| &it["address"]).collect();
    assert_eq!(addresses, [PRODUCTION, "environment/web-shop/test"]);
    assert_eq!((&status["namespaces"], &status["clusters"]), (&json!([]), &json!([])));
    // What was not asked for is not counted as nothing.
    let status = shop.json(&["--target", "cluster/demo"]);
    assert_eq!(entry(&status, "clusters", "cluster/demo")["namespaces"], Value::Null);
}

#[cfg(unix)]
mod watch {
    use super::*;

    /// How many pictures a text holds.
    fn pictures(output: &CommandOutput) -> usize {
        output.stdout.matches("Ctrl-C ends it").count()
    }

    #[test]
    fn pictures_follow_each_other_until_a_signal() {
        let shop = Shop::new();
        let mut running = shop.call(&["status", "--watch=1", "-v", "--out", "json=live.json"]).start();
        running.until("once more");
        let environment = shop.environment("shopprd1");
        shop.world.edit(&environment, "/container/instances", json!(5));
        running.until("once more");
        running.until("once more");
        running.signal("INT");
        let output = running.end().exits(130);
        assert!(pictures(&output) >= 3, "{output}");
        assert!(output.stdout.contains("drifted (1)"), "{output}");
        assert!(output.stdout.contains("DRIFT AGE"), "a watch knows its own pictures: {output}");
        let text = fs_err::read_to_string(shop.path().join("live.json")).unwrap();
        let last: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(entry(&last, "environments", PRODUCTION)["instances"], 5);
    }

    #[test]
    fn a_failure_that_passes_does_not_end_it() {
        let shop = Shop::new();
        let mut running = shop.call(&["status", "--watch=1", "-v"]).start();
        running.until("read 7 resources with");
        shop.world.faults(&["html"]);
        let warning = running.until("warning:");
        assert!(
            warning.contains("is not the Mendix API") && warning.contains("the picture is that of"),
            "{warning}"
        );
        shop.world.faults(&[]);
        running.until("once more");
        // A token that is not accepted any more does.
        shop.world.faults(&["401"]);
        running.until("error:");
        let output = running.end().exits(7);
        assert!(pictures(&output) >= 1, "{output}");
    }
}
