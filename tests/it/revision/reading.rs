//! What is read of a commit: the files of the estate as they were, and nothing of the disk.

use std::collections::BTreeMap;

use base64::Engine;
use mxkeep::model::{DeclaredValue, Kind};
use mxkeep::source::RevisionError;

use super::{Committed, ESTATE, addresses, load, write};
use crate::support::repository::{Node, Repository};
use crate::support::{Mxkeep, edit, estate};

/// A namespace whose secret is in a file.
const NAMESPACE: &str = "namespace:
  namespaceId: 0b1b2c3d-0000-4000-8000-000000000002
  cluster: eu
  name: orders
  secret: {fromFile: secrets/now.txt}
";

/// The API wants it in base64.
fn decoded(value: &str) -> String {
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(value).unwrap()).unwrap()
}

fn secret(based: &mxkeep::source::Based) -> Option<String> {
    let namespace = based.desired.of_kind(Kind::Namespace).next().unwrap();
    match &namespace.fields["secret"].value {
        DeclaredValue::Outside(outside) => outside.expose().map(decoded),
        other => panic!("{other:?}"),
    }
}

fn nodes(files: &[(&str, Node)]) -> BTreeMap<String, Node> {
    let estate = ESTATE.iter().map(|(name, text)| (*name, Node::File(text.as_bytes().to_vec())));
    estate.chain(files.iter().cloned()).map(|(name, node)| (name.to_owned(), node)).collect()
}

fn file(text: &str) -> Node {
    Node::File(text.as_bytes().to_vec())
}

#[test]
fn a_directory_of_the_repository_is_the_estate() {
    let directory = estate(&[]);
    let estate = directory.path().join("estates/prod");
    write(&estate, &ESTATE);
    write(
        directory.path(),
        &[("estates/test/mxkeep.yaml", "estate: test\n"), ("other.yaml", "no: estate\n")],
    );
    let repository = Repository::init(directory.path());
    repository.commit();
    fs_err::remove_dir_all(estate.join("land")).unwrap();
    let based = load(&estate, "main").unwrap();
    assert_eq!(addresses(&based.desired), ["cluster/eu"]);
    // As `git show` takes it.
    let cluster = based.desired.resources.values().next().unwrap();
    assert_eq!(&*cluster.origin.file, "main:estates/prod/land/cluster.yaml");
    assert_eq!(based.directory.as_deref(), Some("estates/prod"));
}

/// Folders and file names carry no meaning; `defaults` reach what is below them, in a commit, too.
#[test]
fn renamed_files_mean_nothing_and_defaults_reach_below() {
    let committed = Committed::new();
    write(
        committed.directory.path(),
        &[("apps/defaults.yaml", "defaults: {environment: {container: {instances: 1}}}\n")],
    );
    fs_err::rename(committed.file("shop.yaml"), committed.file("apps/renamed.yaml")).unwrap();
    edit(&committed.file("apps/renamed.yaml"), "instances: 1, ", "");
    let plan = committed.json(&["plan", "--base", "main"], 0);
    assert_eq!(
        (plan["actions"].as_array().unwrap().len(), plan["notes"].as_array().unwrap().len()),
        (0, 0),
        "{plan:#}"
    );
    for reference in ["main", "feature/with/slashes"] {
        let id = committed.repository.commit();
        committed.repository.reference(&format!("heads/{reference}"), &id);
        let plan = committed.json(&["plan", "--base", reference], 0);
        assert_eq!(plan["summary"]["unchanged"], 4, "{plan:#}");
        edit(&committed.file("apps/defaults.yaml"), "instances: 1", "instances: 2");
        let plan = committed.json(&["plan", "--base", reference], 0);
        assert_eq!(plan["actions"][0]["class"], "change", "{plan:#}");
        edit(&committed.file("apps/defaults.yaml"), "instances: 2", "instances: 1");
    }
}

#[test]
fn a_new_estate_has_an_empty_base() {
    let committed = Committed::new();
    let new = committed.file("new");
    write(&new, &[("mxkeep.yaml", "estate: new\n"), ("eu.yaml", ESTATE[1].1)]);
    let based = load(&new, "main").unwrap();
    assert_eq!((based.desired.resources.len(), based.directory), (0, None));
    let output = Mxkeep::new(["plan", "--base", "main"]).dir(&new).against(&committed.world).run().exits(0);
    let _ = output.says(&["the estate is new: `main` has none here"]);
}

/// A directory with another name is still what it was: were it taken for a new one, its guards would be gone.
#[test]
fn an_estate_that_moved_is_found() {
    let directory = estate(&[("a/mxkeep.yaml", "estate: a\n"), ("b/mxkeep.yaml", "estate: b\n")]);
    write(&directory.path().join("a"), &ESTATE[1..]);
    let repository = Repository::init(directory.path());
    repository.commit();
    let moved = directory.path().join("c");
    fs_err::rename(directory.path().join("a"), &moved).unwrap();
    let based = load(&moved, "main").unwrap();
    assert_eq!(
        (addresses(&based.desired), based.directory.as_deref()),
        (vec!["cluster/eu".to_owned()], Some("a"))
    );
    // Two are gone: which of them it was has to be said.
    fs_err::remove_dir_all(directory.path().join("b")).unwrap();
    match load(&moved, "main") {
        Err(RevisionError::Moved { directories, .. }) => assert_eq!(directories, ["a", "b"]),
        other => panic!("{other:?}"),
    }
    let output = Mxkeep::new(["plan", "--simulate", "--base", "main"]).dir(&moved).run().exits(64);
    let _ = output.says(&["`--base main:a`"]);
    let based = load(&moved, "main:a").unwrap();
    assert_eq!(addresses(&based.desired), ["cluster/eu"]);
    assert!(matches!(load(&moved, "main:nowhere"), Err(RevisionError::NoEstate { .. })));
}

/// The name that a pipeline uses leads to the estate still, so that nothing else tells that it moved.
#[cfg(unix)]
#[test]
fn an_estate_that_left_a_link_in_its_place_has_moved() {
    let directory = tempfile::tempdir().unwrap();
    let top = directory.path();
    write(&top.join("envs/prod"), &ESTATE);
    Repository::init(top).commit();
    fs_err::create_dir(top.join("x")).unwrap();
    fs_err::rename(top.join("envs"), top.join("x/envs")).unwrap();
    std::os::unix::fs::symlink("x/envs", top.join("envs")).unwrap();
    for estate in ["envs/prod", "x/envs/prod"] {
        let based = load(&top.join(estate), "HEAD").unwrap();
        assert_eq!(based.directory.as_deref(), Some("envs/prod"), "{estate}");
        assert_eq!(addresses(&based.desired), ["cluster/eu"], "{estate}");
    }
}

#[test]
fn a_value_from_a_file_is_that_of_the_commit() {
    let directory = estate(&ESTATE);
    write(directory.path(), &[("orders.yaml", NAMESPACE), ("secrets/now.txt", "before")]);
    let repository = Repository::init(directory.path());
    repository.commit();
    write(directory.path(), &[("secrets/now.txt", "today")]);
    assert_eq!(secret(&load(directory.path(), "main").unwrap()).as_deref(), Some("before"));
    // Through a link that stays inside, as on disk.
    let link = [
        ("orders.yaml", file(NAMESPACE)),
        ("secrets/now.txt", Node::Link("../kept/./old.txt".to_owned())),
        ("kept", Node::Link("vault".to_owned())),
        ("vault/old.txt", file("behind a link")),
    ];
    repository.commit_nodes(&nodes(&link));
    assert_eq!(secret(&load(directory.path(), "main").unwrap()).as_deref(), Some("behind a link"));
    // Not committed, kept elsewhere, or encrypted: not known, and not an error.
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 3\n";
    for node in [None, Some(file(pointer)), Some(file("\0GITCRYPT\0…"))] {
        let mut files = nodes(&[("orders.yaml", file(NAMESPACE))]);
        files.extend(node.map(|node| ("secrets/now.txt".to_owned(), node)));
        repository.commit_nodes(&files);
        assert_eq!(secret(&load(directory.path(), "main").unwrap()), None);
    }
}

/// Values from the environment are those of today, in the files of yesterday.
#[test]
fn a_value_from_the_environment_is_that_of_the_run() {
    let directory = estate(&ESTATE);
    write(
        directory.path(),
        &[("orders.yaml", &NAMESPACE.replace("fromFile: secrets/now.txt", "fromEnv: SECRET"))],
    );
    Repository::init(directory.path()).commit();
    assert_eq!(secret(&load(directory.path(), "main").unwrap()).as_deref(), Some("from the environment"));
}

#[test]
fn links_hidden_files_and_submodules_are_no_files_of_the_estate() {
    let directory = estate(&ESTATE);
    let repository = Repository::init(directory.path());
    let other = "cluster: {clusterId: 0b1b2c3d-0000-4000-8000-000000000009, name: other, clusterType: eks}\n";
    repository.commit_nodes(&nodes(&[
        ("link.yaml", Node::Link("land/cluster.yaml".to_owned())),
        ("folder", Node::Link("elsewhere".to_owned())),
        (".hidden.yaml", file(other)),
        (".hidden/other.yaml", file(other)),
        ("module", Node::Submodule),
        ("notes.txt", file("no: yaml")),
    ]));
    let based = load(directory.path(), "main").unwrap();
    assert_eq!(addresses(&based.desired), ["cluster/eu"]);
    // The file that makes it an estate has to be one.
    let mut linked = nodes(&[("other.txt", file("estate: acme\n"))]);
    linked.insert("mxkeep.yaml".to_owned(), Node::Link("other.txt".to_owned()));
    repository.commit_nodes(&linked);
    assert_eq!(load(directory.path(), "main").unwrap().directory, None);
}

#[test]
fn other_ends_of_lines_are_no_difference() {
    let committed = Committed::new();
    for name in ["mxkeep.yaml", "shop.yaml", "platform.yaml", "orders.yaml", "spare.yaml"] {
        let text = fs_err::read_to_string(committed.file(name)).unwrap();
        fs_err::write(committed.file(name), text.replace('\n', "\r\n")).unwrap();
    }
    let plan = committed.json(&["plan", "--base", "main"], 0);
    assert_eq!(
        (&plan["summary"]["unchanged"], &plan["head"]["clean"]),
        (&4.into(), &true.into()),
        "{plan:#}"
    );
    // And the other way round.
    committed.repository.commit();
    assert_eq!(committed.json(&["plan", "--base", "main"], 0)["summary"]["unchanged"], 4);
}

#[test]
fn the_head_is_clean_only_when_every_file_of_the_estate_is_as_committed() {
    let committed = Committed::new();
    let clean = || committed.json(&["plan", "--base", "main"], 0)["head"]["clean"].as_bool().unwrap();
    assert!(clean());
    write(committed.directory.path(), &[("README.md", "no file of the estate")]);
    assert!(clean());
    write(committed.directory.path(), &[("new.yaml", "# nothing\n")]);
    assert!(!clean());
    fs_err::remove_file(committed.file("new.yaml")).unwrap();
    write(committed.directory.path(), &[("secret.txt", "something else")]);
    assert!(!clean());
}

/// What does not hold by the rules of today cannot be compared with.
#[test]
fn an_invalid_base_is_an_error_with_its_place() {
    let committed = Committed::new();
    edit(&committed.file("shop.yaml"), "instances: 1", "instances: many");
    committed.repository.commit();
    edit(&committed.file("shop.yaml"), "instances: many", "instances: 1");
    let output = committed.run(&["plan", "--base", "main"]).exits(9);
    assert!(output.stdout.is_empty(), "{output}");
    let _ = output.says(&[
        "main:shop.yaml:7:26",
        "the estate in `main` is invalid: 1 error",
        "choose a base that is valid",
    ]);
    let _ = committed.run(&["plan", "--base", "HEAD~1"]).exits(0);
}

/// A package is known by its content. Where a commit does not hold it, nothing of it is known, and that is no error.
#[test]
fn packages_are_those_of_the_commit() {
    let directory = estate(&[]);
    let repository = Repository::init(directory.path());
    let documents = "app: {appId: 0b1b2c3d-0000-4000-8000-000000000004, name: desk}\n---\n\
                     package: {name: desk-1, app: desk, file: packages/desk.mda}\n";
    let mark = || {
        let based = load(directory.path(), "main").unwrap();
        let mut packages = based.desired.of_kind(Kind::Package);
        let package = packages.next().map(|package| (package.identity.to_string(), package.upload.is_none()));
        assert!(packages.next().is_none());
        package
    };
    let commit = |content: Option<Node>| {
        let mut files = nodes(&[("desk.yaml", file(documents))]);
        files.extend(content.map(|content| ("packages/desk.mda".to_owned(), content)));
        repository.commit_nodes(&files);
        mark()
    };
    let (stored, nothing_to_upload) = commit(Some(file("the content"))).unwrap();
    assert!(nothing_to_upload);
    let sha256 = "8f4d4f4d1c3a9d8f1f8f8c9a0b0e3c1d5a7e6b9c8d7f6e5a4b3c2d1e0f9a8b7c";
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize 11\n");
    let (pointed, _) = commit(Some(file(&pointer))).unwrap();
    assert!(pointed.contains(&sha256[..16]), "{pointed}");
    assert_ne!(stored, pointed);
    write(directory.path(), &[("packages/desk.mda", "on disk only")]);
    assert_eq!(commit(None), None);
}
