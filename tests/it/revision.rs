//! `--base REF`: the estate as it was at a revision, from real repositories.

mod hostile;
mod names;
mod reading;

use std::path::Path;

use mxkeep::model::DesiredState;
use mxkeep::source::{Based, LoadOptions, Repository as Source, RevisionError};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::driver::TODAY;
use crate::support::repository::Repository;
use crate::support::{CommandOutput, Mxkeep, World, copy_tree, edit, project};

/// A small estate.
const ESTATE: [(&str, &str); 2] = [
    ("mxkeep.yaml", "estate: acme\n"),
    (
        "land/cluster.yaml",
        "cluster: {clusterId: 0b1b2c3d-0000-4000-8000-000000000001, name: eu, clusterType: eks}\n",
    ),
];

/// Writes files below a directory.
fn write(directory: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = directory.join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
}

/// The estate as it was at a revision.
fn load(estate: &Path, reference: &str) -> Result<Based, RevisionError> {
    let environment = |name: &str| (name == "SECRET").then(|| "from the environment".to_owned());
    Source::open(estate)?.load(reference, &LoadOptions { environment: &environment, today: TODAY })
}

/// The addresses of everything that is declared.
fn addresses(desired: &DesiredState) -> Vec<String> {
    desired.resources.values().map(|resource| resource.address.to_string()).collect()
}

/// An estate that is applied and committed; the whole repository is the estate.
struct Committed {
    world: World,
    directory: TempDir,
    repository: Repository,
    /// The first commit.
    first: String,
}

impl Committed {
    fn new() -> Committed {
        let (world, directory) = (World::quick(), tempfile::tempdir().unwrap());
        copy_tree(&project().join("tests/plans/base"), directory.path());
        world.prepare(directory.path());
        let applied = Mxkeep::new(["apply", "--yes", "-q"]).dir(directory.path()).against(&world).run();
        let _ = applied.exits(0);
        let repository = Repository::init(directory.path());
        let first = repository.commit();
        Committed { world, directory, repository, first }
    }

    fn run(&self, args: &[&str]) -> CommandOutput {
        Mxkeep::new(args.iter().copied()).dir(self.directory.path()).against(&self.world).run()
    }

    fn json(&self, args: &[&str], code: i32) -> Value {
        self.run(&[args, &["--format", "json"]].concat()).exits(code).json()
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }
}

#[test]
fn every_result_tells_what_it_is_compared_with() {
    let committed = Committed::new();
    let short = &committed.first[..7];
    let (base, head) = (
        json!({"ref": "main", "commit": committed.first}),
        json!({"commit": committed.first, "clean": true}),
    );
    for (args, code) in [(&["plan"][..], 0), (&["drift"], 0), (&["apply", "--yes"], 0)] {
        let result = committed.json(&[args, &["--base", "main"]].concat(), code);
        assert_eq!((&result["base"], &result["head"]), (&base, &head), "{args:?}");
        let result = committed.json(args, code);
        assert_eq!((&result["base"], &result["head"]), (&Value::Null, &Value::Null), "{args:?}");
    }
    for command in ["plan", "drift"] {
        let text = committed.run(&[command, "--base", "main"]).exits(0).stdout;
        assert!(text.contains(&format!("compared with main ({short})")), "{text}");
        assert!(!committed.run(&[command]).exits(0).stdout.contains("compared with"));
    }
}

#[test]
fn the_class_of_a_change_comes_from_the_revision() {
    let committed = Committed::new();
    edit(&committed.file("shop.yaml"), "instances: 1", "instances: 2");
    let plan = committed.json(&["plan", "--base", "main"], 0);
    assert_eq!(plan["actions"][0]["class"], "change");
    assert_eq!(plan["head"]["clean"], false);
    // Committed, the same difference is none between the two revisions any more.
    let second = committed.repository.commit();
    let plan = committed.json(&["plan", "--base", "main"], 0);
    assert_eq!((&plan["actions"][0]["class"], &plan["base"]["commit"]), (&json!("drift"), &json!(second)));
    assert_eq!(plan["head"], json!({"commit": second, "clean": true}));
    let plan = committed.json(&["plan", "--base", "HEAD~1"], 0);
    assert_eq!(
        (&plan["actions"][0]["class"], &plan["base"]["commit"]),
        (&json!("change"), &json!(committed.first))
    );
}

/// Whether what the files declare no more is still there can only be told when it is read.
#[test]
fn what_only_the_base_declares_is_read_with_no_request_twice() {
    let committed = Committed::new();
    for gone in ["shop.yaml", "spare.yaml", "orders.yaml"] {
        fs_err::remove_file(committed.file(gone)).unwrap();
    }
    let _ = committed.world.take_requests();
    let plan = committed.json(&["plan", "--base", "main"], 0);
    let mut paths = committed.world.take_requests();
    paths.sort();
    let all = paths.len();
    paths.dedup();
    assert_eq!(paths.len(), all, "{paths:#?}");
    let (made, budget) =
        (plan["requests"]["made"].as_u64().unwrap(), plan["requests"]["budget"].as_u64().unwrap());
    assert!(made <= budget, "{plan:#}");
    assert_eq!(plan["actions"], json!([]), "nothing is deleted because a file is gone");
}
