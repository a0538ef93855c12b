//! `mxkeep packages`, through the binary.

use mxkeep::render::schemas;
use serde_json::json;

use super::{Desk, packages, running, world};
use crate::support::Mxkeep;
use crate::support::generate::id;

#[test]
fn a_list_says_what_is_there_and_where_it_runs() {
    let desk = Desk::new();
    let world = world(&desk);
    let empty = desk.run(&world, &["packages", "list"]).exits(0);
    assert!(empty.stdout.contains("0 packages"), "{empty}");
    let _ = desk.apply(&world).exits(0);
    let build = ["packages", "build", "--app", "desk", "--branch", "main", "--revision", "b2", "-q"];
    let _ = desk.run(&world, &build).exits(0);
    let _ = world.take_requests();
    let listed = desk.run(&world, &["packages", "list", "--format", "json"]).exits(0);
    assert!(world.take_requests().iter().all(|request| request.starts_with("GET ")));
    let document = listed.json();
    let validator = jsonschema::validator_for(&schemas::packages()).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let find = |name: &str| {
        document["packages"].as_array().unwrap().iter().find(|it| it["name"] == name).cloned().unwrap()
    };
    let declared = find("desk-1.0.0");
    assert_eq!(declared["address"], "package/desk-1.0.0");
    let users =
        json!(["environment/desk/acceptance", "environment/desk/production", "environment/desk/test"]);
    let mut found = declared["environments"].as_array().unwrap().clone();
    found.sort_by_key(ToString::to_string);
    assert_eq!(json!(found), users);
    let by_hand = find("desk-b2");
    assert_eq!((&by_hand["address"], &by_hand["environments"]), (&json!(null), &json!([])));
    let text = desk.run(&world, &["packages", "list", "--app", "desk"]).exits(0);
    assert!(text.stdout.contains("RUNS IN") && text.stdout.contains("2 packages"), "{text}");
    let unknown = desk.run(&world, &["packages", "list", "--app", "shop"]).exits(64);
    assert!(unknown.stderr.contains("the estate declares `desk`"), "{unknown}");
}

#[test]
fn what_is_made_by_hand_is_what_a_declaration_finds() {
    let desk = Desk::new();
    let world = world(&desk);
    let _ = desk.apply(&world).exits(0);
    let build = |extra: &[&str]| {
        let args = [
            "packages",
            "build",
            "--app",
            "desk",
            "--branch",
            "main",
            "--revision",
            "b2",
            "--package-version",
            "1.1.0",
        ];
        desk.run(&world, &[&args, extra].concat())
    };
    let built = build(&["--format", "json"]).exits(0);
    let id = built.json()["actions"][0]["packageId"].as_str().unwrap().to_owned();
    assert_eq!(packages(&world)[1]["id"], id.as_str());
    // Once more is nothing to do.
    let again = build(&[]).exits(0);
    assert!(again.stderr.contains(&format!("`package/desk-1.1.0` exists already: {id}")), "{again}");
    assert_eq!(packages(&world).len(), 2);
    // With a declaration of its name the estate knows it, too.
    desk.packages(&[("desk-1.1.0", "branch: main, revision: b2, version: 1.1.0")]);
    desk.runs(&["desk-1.1.0"; 3]);
    let _ = desk.apply(&world).exits(0);
    assert_eq!((packages(&world).len(), running(&world, "test")), (2, id));
    // A name that is declared otherwise is refused, and so is what the platform would refuse.
    let other =
        ["packages", "build", "--app", "desk", "--branch", "x", "--revision", "y", "--name", "desk-1.1.0"];
    let other = desk.run(&world, &other).exits(64);
    assert!(
        other.stderr.contains("declares `package/desk-1.1.0` otherwise, at packages.yaml:1:1"),
        "{other}"
    );
    let wrong = [
        "packages",
        "build",
        "--app",
        "desk",
        "--branch",
        "x",
        "--revision",
        "y",
        "--package-version",
        "one",
    ];
    let wrong = desk.run(&world, &wrong).exits(64);
    assert!(wrong.stderr.contains("`one` is not a version"), "{wrong}");
}

#[test]
fn a_file_goes_up_and_comes_down() {
    let desk = Desk::new();
    let world = world(&desk);
    desk.sparse("out/desk-3.0.0.mda", 3_000_000);
    let up = desk.run(&world, &["packages", "upload", "out/desk-3.0.0.mda", "--app", "desk"]).exits(0);
    assert!(up.stdout.contains("package/desk-3.0.0"), "{up}");
    let missing = desk.run(&world, &["packages", "upload", "none.mda", "--app", "desk"]).exits(64);
    assert!(missing.stderr.contains("there is no file `none.mda`"), "{missing}");

    let down = ["packages", "download", "desk-3.0.0", "--app", "desk", "--to", "down.mda"];
    let down = desk.run(&world, &down).exits(0);
    assert!(down.stderr.contains("wrote down.mda (3.0 MB)"), "{down}");
    assert_eq!(fs_err::metadata(desk.path().join("down.mda")).unwrap().len(), 3_000_000);
    // What is cut or incomplete leaves nothing.
    let [made] = packages(&world).try_into().unwrap();
    let resource = format!("packages/{}/{}", made["appId"].as_str().unwrap(), made["id"].as_str().unwrap());
    world.faults(&["truncate,path=/cdn/*"]);
    let cut = ["packages", "download", "desk-3.0.0", "--app", "desk", "--to", "cut.mda"];
    let output = desk.run(&world, &cut).exits(10);
    assert!(output.stderr.contains("the file came with "), "{output}");
    assert_eq!(left_of(&desk, "cut.mda"), [""; 0]);
    // Nor does what is interrupted.
    world.faults(&["stall=1h,path=/cdn/*"]);
    world.get().clear_requests();
    let run = Mxkeep::new(cut).dir(desk.path()).against(&world).start();
    while !world.get().requests().iter().any(|request| request.path.starts_with("/cdn/")) {
        std::thread::yield_now();
    }
    assert_eq!(left_of(&desk, "cut.mda").len(), 1, "it has begun");
    run.signal("INT");
    let _ = run.end().exits(130);
    assert_eq!(left_of(&desk, "cut.mda"), [""; 0]);
    world.faults(&[]);
    world.edit(&resource, "/fileName", json!("../../evil.mda"));
    let _ =
        desk.run(&world, &["packages", "download", made["id"].as_str().unwrap(), "--app", "desk"]).exits(0);
    assert!(desk.path().join("evil.mda").exists());
}

#[test]
fn a_delete_asks_and_spares_what_runs() {
    let desk = Desk::new();
    let world = world(&desk);
    let _ = desk.apply(&world).exits(0);
    let build = ["packages", "build", "--app", "desk", "--branch", "main", "--revision", "b2"];
    let _ = desk.run(&world, &build).exits(0);
    let refused = desk.run(&world, &["packages", "delete", "desk-b2", "--app", "desk"]).exits(5);
    assert!(refused.stderr.contains("--yes"), "{refused}");
    let _ = desk.run(&world, &["packages", "delete", "desk-b2", "--app", "desk", "--yes"]).exits(0);
    assert_eq!(packages(&world).len(), 1);
    let blocked = desk.run(&world, &["packages", "delete", "desk-1.0.0", "--app", "desk", "--yes"]).exits(6);
    assert!(blocked.stdout.contains("is declared and is this package"), "{blocked}");
    let none = desk.run(&world, &["packages", "delete", "desk-9", "--app", "desk", "--yes"]).exits(64);
    assert!(none.stderr.contains("has no package `desk-9`"), "{none}");
}

#[test]
fn packages_of_one_name_are_deleted_by_their_ids() {
    let desk = Desk::new();
    let world = world(&desk);
    let ids = ["first", "second"].map(id);
    for package in &ids {
        world.get().register_package(&id("desk app"), package, &json!({"fileName": "twin.mda"}));
    }
    let several = desk.run(&world, &["packages", "delete", "twin", "--app", "desk", "--yes"]).exits(64);
    assert!(several.stderr.contains(&ids[0]) && several.stderr.contains(&ids[1]), "{several}");
    let delete = ["packages", "delete", &ids[0], &ids[1], &ids[0], "--app", "desk", "--yes"];
    let output = desk.run(&world, &[&delete[..], &["--format", "json"]].concat()).exits(0);
    assert_eq!(output.json()["summary"]["done"], 2, "{output}");
    assert_eq!(packages(&world).len(), 0);
}

#[test]
fn a_list_that_is_not_whole_says_so() {
    let desk = Desk::new();
    let world = world(&desk);
    desk.write("other.yaml", &format!("app: {{appId: {}, name: other}}\n", id("other app")));
    world.get().register_app(&id("other app"), "other");
    let _ = desk.run(&world, &["packages", "list"]).exits(0);
    world.faults(&[&format!("403,path=/apps/{}/packages", id("other app"))]);
    let listed = desk.run(&world, &["packages", "list"]).exits(7);
    assert!(listed.stderr.contains("not shown: the packages of `other`"), "{listed}");
    world.faults(&[]);
    desk.write("other.yaml", &format!("app: {{appId: {}, name: other}}\n", id("mistyped app")));
    let listed = desk.run(&world, &["packages", "list"]).exits(7);
    assert!(listed.stderr.contains("does not know the app"), "{listed}");
}

/// The files whose names have this in them.
fn left_of(desk: &Desk, name: &str) -> Vec<String> {
    let entries = fs_err::read_dir(desk.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|found| found.contains(name)).collect()
}
