//! Edits that keep comments: `tests/edits/CASE/` has what differs from the estate in `tests/edits/base`, what somebody
//! does in the portal, a command line, and the output with the difference that it makes to the files.
//!
//! `base` with `keep/` and `beside/` is applied first, and `beside/` is then taken away; `edits.json` is what happens in the portal; `input/` are files that are added
//! or changed; `args` is the command line. `UPDATE=1` writes `expected.txt`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use crate::support::driver::load_valid;
use crate::support::{Mxkeep, World, copy_tree, project};

fn cases() -> PathBuf {
    project().join("tests/edits")
}

fn texts(directory: &Path) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let mut open = vec![directory.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs_err::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                let name = path.strip_prefix(directory).unwrap().to_string_lossy().replace('\\', "/");
                texts.insert(name, fs_err::read_to_string(&path).unwrap());
            }
        }
    }
    texts
}

/// The estate with what is live beside it, and the world.
fn start(case: &Path) -> (World, tempfile::TempDir) {
    let (world, estate) = (World::quick(), tempfile::tempdir().unwrap());
    copy_tree(&cases().join("base"), estate.path());
    if case.join("keep").is_dir() {
        copy_tree(&case.join("keep"), estate.path());
    }
    let beside = case.join("beside");
    if beside.is_dir() {
        copy_tree(&beside, estate.path());
    }
    let desired = load_valid(estate.path());
    world.register(&desired);
    let (outcome, _) = world.apply(&desired, &world.plan(&desired));
    assert!(outcome.actions.iter().all(|report| report.verified), "{outcome:#?}");
    if beside.is_dir() {
        for entry in fs_err::read_dir(&beside).unwrap() {
            fs_err::remove_file(estate.path().join(entry.unwrap().file_name())).unwrap();
        }
    }
    let edits = fs_err::read_to_string(case.join("edits.json")).unwrap_or_else(|_| "[]".to_owned());
    for edit in serde_json::from_str::<Vec<(String, String, Value)>>(&edits).unwrap() {
        world.edit(&edit.0, &edit.1, edit.2);
    }
    if case.join("input").is_dir() {
        copy_tree(&case.join("input"), estate.path());
    }
    (world, estate)
}

/// Random ids, told apart only by what they are.
fn without_ids(text: &str, before: &BTreeMap<String, String>, written: &BTreeMap<String, String>) -> String {
    let mut text = text.to_owned();
    let written_before: String = before.values().map(String::as_str).collect();
    let all: String = written.values().map(String::as_str).collect();
    let is_id = |word: &str| {
        let is_uuid = word.len() == 36 && word.matches('-').count() == 4;
        let is_short =
            word.len() == 8 && word.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
        is_uuid || is_short
    };
    for word in all.split(|it: char| !it.is_ascii_alphanumeric() && it != '-').filter(|word| is_id(word)) {
        // Those that stand in the case are no random ones.
        if !written_before.contains(word) {
            text = text.replace(word, if word.len() == 36 { "UUID" } else { "ID" });
        }
    }
    text
}

fn run(case: &Path) -> String {
    let (world, estate) = start(case);
    let before = texts(estate.path());
    let args = fs_err::read_to_string(case.join("args")).unwrap();
    let args: Vec<&str> = args.split_whitespace().collect();
    let output = Mxkeep::new(args.iter().copied()).dir(estate.path()).against(&world).run();
    let after = texts(estate.path());
    let is_dry = args.contains(&"--dry-run");
    for (name, text) in &after {
        let old = before.get(name).map_or("", String::as_str);
        assert!(!is_dry || text == old, "{name} was written");
        let difference = TextDiff::from_lines(old, text);
        // The files differ in the lines that the output shows, and in no other.
        for change in difference.iter_all_changes().filter(|change| change.tag() != ChangeTag::Equal) {
            let sign = if change.tag() == ChangeTag::Delete { '-' } else { '+' };
            let line = format!("{sign}{}", change.value().trim_end());
            assert!(output.stdout.contains(&line), "`{line}` is not shown:\n{output}");
        }
        if let Some(old) = before.get(name) {
            let comments = |text: &str| text.matches('#').count();
            assert!(
                comments(text) >= comments(old) || text.len() < old.len(),
                "{name} lost a comment:\n{text}"
            );
        }
    }
    let printed = format!("{}--- stderr\n{}--- exit {}\n", output.stdout, output.stderr, output.code);
    if args.contains(&"id") { without_ids(&printed, &before, &after) } else { printed }
}

#[test]
fn each_case_changes_the_intended_lines_and_no_others() {
    #[expect(clippy::disallowed_methods, reason = "asked for by whoever runs the tests")]
    let update = std::env::var("UPDATE").is_ok();
    let mut wrong = Vec::new();
    for entry in fs_err::read_dir(cases()).unwrap() {
        let case = entry.unwrap().path();
        if case.ends_with("base") {
            continue;
        }
        let printed = run(&case);
        let file = case.join("expected.txt");
        if update {
            fs_err::write(&file, &printed).unwrap();
        }
        let expected = fs_err::read_to_string(&file).unwrap_or_default();
        if printed != expected {
            wrong.push(format!("{} prints\n{printed}\nand not\n{expected}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What was accepted is no drift any more.
#[test]
fn after_accepting_there_is_nothing_to_do() {
    for name in [
        "accept-values",
        "accept-size",
        "accept-no-size",
        "accept-exact-lists",
        "accept-flow-and-cluster",
        "accept-over-defaults",
        "accept-alias",
        "merge",
    ] {
        let (world, estate) = start(&cases().join(name));
        let accept = ["drift", "--accept", "**"];
        let _ = Mxkeep::new(accept).dir(estate.path()).against(&world).run().exits(0);
        let output = Mxkeep::new(["plan", "--exit-code"]).dir(estate.path()).against(&world).run();
        assert_eq!(output.code, 0, "{name}: {output}");
        let before = texts(estate.path());
        let again = Mxkeep::new(accept).dir(estate.path()).against(&world).run().exits(0);
        assert!(again.stdout.is_empty() && texts(estate.path()) == before, "{name}: {again}");
    }
}

/// Files keep their permissions, and nothing is left beside them.
#[cfg(unix)]
#[test]
fn files_are_replaced_whole() {
    use std::os::unix::fs::PermissionsExt;
    let (world, estate) = start(&cases().join("accept-values"));
    let file = estate.path().join("shop.yaml");
    fs_err::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    let untouched = fs_err::metadata(estate.path().join("land.yaml")).unwrap().modified().unwrap();
    let args = ["drift", "--accept", "environment/web-shop/test"];
    let _ = Mxkeep::new(args).dir(estate.path()).against(&world).run().exits(0);
    assert_eq!(fs_err::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs_err::metadata(estate.path().join("land.yaml")).unwrap().modified().unwrap(), untouched);
    let names = fs_err::read_dir(estate.path()).unwrap().count();
    assert_eq!(names, 4, "mxkeep.yaml, land.yaml, shop.yaml, secret.txt");
}

/// A secret is never written.
#[test]
fn a_secret_is_refused() {
    let (world, estate) = start(&cases().join("accept-nothing"));
    world.edit("namespaces/7d4a1b1e-0002-4000-8000-000000000002", "/secret", "Y2FuYXJ5".into());
    let before = texts(estate.path());
    let args = ["drift", "--accept", "namespace/prod-eu/shop"];
    let output = Mxkeep::new(args).dir(estate.path()).against(&world).run().exits(5);
    assert!(output.stderr.contains("not accepted: namespace/prod-eu/shop secret (land.yaml:15:"), "{output}");
    assert!(!output.to_string().contains("Y2FuYXJ5") && texts(estate.path()) == before, "{output}");
}

/// What is not live has no value to accept.
#[test]
fn what_is_not_live_cannot_be_accepted() {
    let (world, estate) = start(&cases().join("accept-nothing"));
    let mut gone = world.get().world();
    gone["environments"]
        .as_array_mut()
        .unwrap()
        .retain(|it| it["manifest"]["environment"]["id"] != "shoptst1");
    world.reset(&gone);
    let before = texts(estate.path());
    let args = ["drift", "--accept", "environment/web-shop/test"];
    let output = Mxkeep::new(args).dir(estate.path()).against(&world).run().exits(5);
    assert!(
        output.stderr.contains("environment/web-shop/test (shop.yaml:1:1): it is declared and not live"),
        "{output}"
    );
    assert_eq!(texts(estate.path()), before);
    let args = ["drift", "--accept", "environment/web-shop/tset"];
    let output = Mxkeep::new(args).dir(estate.path()).against(&world).run().exits(64);
    assert!(output.stderr.contains("did you mean `environment/web-shop/test`?"), "{output}");
}

/// What a run does not look at is neither read nor judged.
#[test]
fn a_target_is_accepted_without_the_rest() {
    let pair = crate::support::pair::Pair::new();
    let world = World::quick();
    world.prepare(pair.path());
    let _ = Mxkeep::new(["apply", pair.arg(), "--yes", "-q"]).against(&world).run().exits(0);
    let (app, namespace) = (crate::support::pair::app("one"), crate::support::pair::namespace("one"));
    world.edit(&format!("environments/{app}/{namespace}/envone"), "/container/instances", Value::from(5));
    let one = "environment/app-one/live";
    let args = ["drift", pair.arg(), "--target", one, "--accept", one];
    let output = Mxkeep::new(args).against(&world).run().exits(0);
    assert!(output.stdout.contains("+    instances: 5"), "{output}");
    let _ = Mxkeep::new(["plan", pair.arg(), "--exit-code"]).against(&world).run().exits(0);
}
