//! What `--base` may name, and what is said of what it may not.

use mxkeep::source::RevisionError;

use super::{Committed, ESTATE, addresses, load, write};
use crate::support::repository::Repository;
use crate::support::{Mxkeep, copy_tree, edit, estate, project};

/// A repository with packs and packed references, as Git wrote it.
fn packed() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let (from, git) = (project().join("tests/revision/packed"), directory.path().join(".git"));
    copy_tree(&from.join("pack"), &git.join("objects/pack"));
    fs_err::create_dir_all(git.join("refs")).unwrap();
    fs_err::copy(from.join("packed-refs"), git.join("packed-refs")).unwrap();
    fs_err::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    fs_err::write(git.join("config"), "[core]\n\trepositoryformatversion = 0\n\tbare = false\n").unwrap();
    write(directory.path(), &[("mxkeep.yaml", "estate: acme\n")]);
    directory
}

#[test]
fn packs_with_deltas_and_packed_references() {
    let repository = packed();
    for (reference, seventh, eighth) in [
        ("v1", "c7", "c8"),
        ("main~2", "c7", "c8"),
        ("origin/main", "seven", "c8"),
        ("refs/remotes/origin/main", "seven", "c8"),
        ("HEAD^", "seven", "c8"),
        ("f5176a0", "seven", "c8"),
        ("f5176a03ba62ab73b62e466124a738249830df8b", "seven", "c8"),
        ("main", "seven", "eight"),
        ("@", "seven", "eight"),
    ] {
        let based = load(repository.path(), reference).unwrap();
        let addresses = addresses(&based.desired);
        assert_eq!(addresses.len(), 40);
        for name in [seventh, eighth] {
            assert!(addresses.contains(&format!("cluster/{name}")), "{reference}: {addresses:?}");
        }
        assert_eq!(based.revision.reference, reference);
        assert_eq!(based.revision.commit.len(), 40, "{reference}: an annotated tag is not its commit");
    }
}

#[test]
fn a_loose_branch_a_tag_and_an_annotated_tag() {
    let directory = estate(&ESTATE);
    let repository = Repository::init(directory.path());
    let first = repository.commit();
    repository.tag("v1", &first);
    repository.reference("tags/light", &first);
    repository.reference("heads/feature/one", &first);
    edit(&directory.path().join("land/cluster.yaml"), "name: eu", "name: us");
    let second = repository.commit();
    for (reference, commit, name) in [
        ("v1", &first, "eu"),
        ("light", &first, "eu"),
        ("feature/one", &first, "eu"),
        ("main", &second, "us"),
        ("HEAD~1", &first, "eu"),
        (&first[..8], &first, "eu"),
    ] {
        let based = load(directory.path(), reference).unwrap();
        assert_eq!(
            (&based.revision.commit, addresses(&based.desired)),
            (commit, vec![format!("cluster/{name}")])
        );
    }
}

#[test]
fn a_name_that_there_is_not_is_told_with_the_nearest_one() {
    let committed = Committed::new();
    committed.repository.reference("remotes/origin/develop", &committed.first);
    for (reference, near) in [
        ("mian", "did you mean `main`?"),
        ("develop", "did you mean `origin/develop`?"),
        ("upstream/main", "`main`?"),
    ] {
        let output = committed.run(&["plan", "--base", reference]).exits(64);
        let _ = output.says(&[&format!("the repository has no revision `{reference}`"), near]);
    }
    let output = committed.run(&["plan", "--base", "zzz"]).exits(64);
    let _ = output.says(&["no revision `zzz`", "name a branch, a tag or a commit"]);
    // A checkout of one branch is what build servers make: the remote branch is what is missing then.
    let output = committed.run(&["plan", "--base", "origin/release-7"]).exits(64);
    let _ = output.says(&["no revision `origin/release-7`", "git fetch origin release-7", "fetch-depth: 0"]);
    let output = committed.run(&["plan", "--base", "main..main"]).exits(64);
    let _ = output.says(&["`main..main` is no commit"]);
    let blob = committed.repository.id_of(&committed.first, "mxkeep.yaml");
    let _ = committed.run(&["plan", "--base", &blob]).exits(64).says(&["is no commit"]);
}

#[test]
fn an_estate_outside_of_any_repository() {
    let directory = estate(&ESTATE);
    let output = Mxkeep::new(["plan", "--simulate", "--base", "main"]).dir(directory.path()).run().exits(64);
    let _ = output.says(&["lies in no Git repository", "git init"]);
}

/// A directory that is named `.git` and is none does not hide the repository around it; a repository without a commit has
/// no revisions.
#[test]
fn odd_repositories() {
    let directory = estate(&ESTATE);
    let repository = Repository::init(directory.path());
    assert!(matches!(load(directory.path(), "main"), Err(RevisionError::Unknown { near: None, .. })));
    repository.commit();
    fs_err::create_dir_all(directory.path().join("land/.git")).unwrap();
    write(directory.path(), &[("land/mxkeep.yaml", "estate: land\n")]);
    repository.commit();
    assert!(load(&directory.path().join("land"), "main").is_ok());
}

/// What lies beyond the end of a shallow clone is not absent.
#[test]
fn a_shallow_clone_says_so() {
    let committed = Committed::new();
    edit(&committed.file("shop.yaml"), "instances: 1", "instances: 2");
    let second = committed.repository.commit();
    committed.repository.write("shallow", &format!("{second}\n"));
    fs_err::remove_file(committed.repository.object(&committed.first)).unwrap();
    for reference in ["HEAD~1", &committed.first] {
        let output = committed.run(&["plan", "--base", reference]).exits(64);
        let _ = output.says(&["shallow clone", "git fetch --unshallow", "fetch-depth: 0"]);
    }
    // What is there can be used.
    let _ = committed.run(&["plan", "--base", "HEAD"]).exits(0);
    // A branch that was not fetched.
    let output = committed.run(&["plan", "--base", "origin/main"]).exits(64);
    let _ = output.says(&["no revision `origin/main`"]);
    // The name of a branch whose commit was not fetched.
    committed.repository.reference("remotes/origin/main", &committed.first);
    let output = committed.run(&["plan", "--base", "origin/main"]).exits(64);
    let _ = output.says(&["shallow clone", "git fetch origin main"]);
}

#[test]
fn a_partial_clone_and_a_broken_one_say_so() {
    let directory = estate(&ESTATE);
    let repository = Repository::init(directory.path());
    let commit = repository.commit();
    let blob = repository.id_of(&commit, "land/cluster.yaml");
    fs_err::remove_file(repository.object(&blob)).unwrap();
    match load(directory.path(), "main") {
        Err(RevisionError::Missing { object, .. }) => assert_eq!(object, blob),
        other => panic!("{other:?}"),
    }
    repository.write("objects/pack/pack-1.promisor", "");
    assert!(matches!(load(directory.path(), "main"), Err(RevisionError::Partial { .. })));
}

/// `git fetch` leaves what it has fetched there, also where no branch of the remote is kept.
#[test]
fn what_was_fetched_last() {
    let directory = estate(&ESTATE);
    let repository = Repository::init(directory.path());
    let commit = repository.commit();
    repository.write("FETCH_HEAD", &format!("{commit}\t\tbranch 'main' of https://git.example/acme\n"));
    assert_eq!(load(directory.path(), "FETCH_HEAD").unwrap().revision.commit, commit);
}
