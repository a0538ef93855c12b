//! Repositories that want something: none of them makes a program start, and none is read that only seems to be one.

use std::collections::BTreeMap;
use std::path::Path;

use mxkeep::source::RevisionError;

use super::{Committed, ESTATE, addresses, load, write};
use crate::support::repository::{Node, Repository};
use crate::support::{copy_tree, estate};

fn refused(estate: &Path) -> String {
    match load(estate, "main") {
        Err(error @ RevisionError::NotTrusted { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

/// Makes a directory a linked worktree, as `git worktree add` does.
fn link(main: &Repository, worktree: &Path) {
    let git = main.git().join("worktrees/one");
    main.write("worktrees/one/commondir", "../..\n");
    main.write("worktrees/one/gitdir", &format!("{}\n", worktree.join(".git").display()));
    main.write("worktrees/one/HEAD", "ref: refs/heads/feature\n");
    fs_err::write(worktree.join(".git"), format!("gitdir: {}\n", git.display())).unwrap();
}

#[test]
fn a_linked_worktree_is_read_and_has_a_head_of_its_own() {
    let directory = estate(&ESTATE);
    let repository = Repository::init(directory.path());
    let first = repository.commit();
    repository.reference("heads/feature", &first);
    write(directory.path(), &[("land/cluster.yaml", &ESTATE[1].1.replace("name: eu", "name: us"))]);
    repository.commit();
    let worktree = estate(&[]);
    write(&worktree.path().join("deep"), &ESTATE);
    copy_tree(&worktree.path().join("deep"), worktree.path());
    link(&repository, worktree.path());
    for (reference, name) in [("HEAD", "eu"), ("main", "us"), ("feature", "eu")] {
        let based = load(worktree.path(), reference).unwrap();
        assert_eq!(addresses(&based.desired), [format!("cluster/{name}")], "{reference}");
    }
}

/// A `.git` file can name any directory; only a repository that names it in turn is its own.
#[test]
fn a_git_file_that_names_a_repository_elsewhere_is_refused() {
    let (victim, directory) = (estate(&ESTATE), estate(&ESTATE));
    let repository = Repository::init(victim.path());
    repository.commit();
    let file = directory.path().join(".git");
    for target in [repository.git(), "../nowhere".into()] {
        fs_err::write(&file, format!("gitdir: {}\n", target.display())).unwrap();
        assert!(
            refused(directory.path()).contains(".git` is not read as a repository"),
            "{}",
            target.display()
        );
    }
    fs_err::write(&file, "anything").unwrap();
    assert!(refused(directory.path()).contains("does not name a repository"));
    // A worktree of somebody else.
    let other = estate(&ESTATE);
    link(&repository, other.path());
    fs_err::copy(other.path().join(".git"), &file).unwrap();
    assert!(refused(directory.path()).contains("knows of no worktree here"));
    assert!(load(other.path(), "main").is_ok());
    // A whole repository in the directory that it is said to be of.
    let fake = directory.path().join("fake.git");
    copy_tree(&repository.git(), &fake);
    let git = fake.join("worktrees/one");
    fs_err::write(git.join("gitdir"), format!("{}\n", file.display())).unwrap();
    fs_err::write(&file, format!("gitdir: {}\n", git.display())).unwrap();
    assert!(refused(directory.path()).contains("in the very directory"));
}

#[cfg(unix)]
#[test]
fn links_out_of_a_repository_are_refused() {
    use std::os::unix::fs::symlink;
    let (victim, directory) = (estate(&ESTATE), estate(&ESTATE));
    let repository = Repository::init(victim.path());
    repository.commit();
    symlink(repository.git(), directory.path().join(".git")).unwrap();
    assert!(refused(directory.path()).contains("it is a symbolic link"));
    fs_err::remove_file(directory.path().join(".git")).unwrap();
    let own = Repository::init(directory.path());
    own.commit();
    assert!(load(directory.path(), "main").is_ok());
    fs_err::rename(own.git().join("objects"), own.git().join("aside")).unwrap();
    symlink(repository.git().join("objects"), own.git().join("objects")).unwrap();
    assert!(refused(directory.path()).contains("objects"));
    fs_err::remove_file(own.git().join("objects")).unwrap();
    fs_err::rename(own.git().join("aside"), own.git().join("objects")).unwrap();
    own.write("commondir", &format!("{}\n", repository.git().display()));
    assert!(refused(directory.path()).contains("commondir"));
}

#[test]
fn borrowed_objects_are_not_read() {
    let (victim, directory) = (estate(&ESTATE), estate(&ESTATE));
    let commit = Repository::init(victim.path()).commit();
    let own = Repository::init(directory.path());
    own.reference("heads/main", &commit);
    own.write("objects/info/alternates", &format!("{}\n", victim.path().join(".git/objects").display()));
    assert!(matches!(load(directory.path(), "main"), Err(RevisionError::Borrows { .. })));
}

/// A commit can hold a directory that looks like a bare repository, and no `.git`.
#[test]
fn a_bare_repository_among_the_files_is_passed_over() {
    let directory = estate(&[]);
    let estate = directory.path().join("prod");
    write(&estate, &ESTATE);
    let outer = Repository::init(directory.path());
    outer.commit();
    let other = crate::support::estate(&[("mxkeep.yaml", "estate: planted\n")]);
    let planted = Repository::init(other.path());
    planted.commit();
    copy_tree(&planted.git(), &estate);
    let based = load(&estate, "main").unwrap();
    assert_eq!(based.desired.settings.estate, "acme");
}

/// An object has to be what its id says, wherever it comes from.
#[test]
fn an_object_with_another_content_is_refused() {
    let directory = estate(&ESTATE);
    let repository = Repository::init(directory.path());
    let commit = repository.commit();
    let (own, other) =
        (repository.id_of(&commit, "land/cluster.yaml"), repository.id_of(&commit, "mxkeep.yaml"));
    let path = repository.object(&own);
    fs_err::remove_file(&path).unwrap();
    fs_err::copy(repository.object(&other), &path).unwrap();
    match load(directory.path(), "main") {
        Err(RevisionError::Broken { reason, .. }) => assert!(reason.contains(&own), "{reason}"),
        other => panic!("{other:?}"),
    }
    // `refs/replace` puts one object in the place of another; a commit is what it was all the same.
    let directory = estate(&ESTATE);
    let repository = Repository::init(directory.path());
    let commit = repository.commit();
    write(directory.path(), &[("land/cluster.yaml", "# nothing\n")]);
    let other = repository.commit();
    repository.reference(&format!("replace/{commit}"), &other);
    assert_eq!(addresses(&load(directory.path(), &commit).unwrap().desired), ["cluster/eu"]);
}

/// A value comes from the estate, whatever a commit says.
#[test]
fn a_link_out_of_the_estate_is_refused_in_a_commit_too() {
    let directory = estate(&[]);
    let estate = directory.path().join("prod");
    write(&estate, &ESTATE);
    let repository = Repository::init(directory.path());
    let namespace = "namespace: {namespaceId: 0b1b2c3d-0000-4000-8000-000000000002, cluster: eu, name: orders, secret: {fromFile: secret.txt}}\n";
    for target in ["../outside.txt", "/etc/passwd", "../prod/../outside.txt", "secret.txt"] {
        let mut nodes: BTreeMap<String, Node> = BTreeMap::new();
        for (name, text) in ESTATE.into_iter().chain([("orders.yaml", namespace)]) {
            nodes.insert(format!("prod/{name}"), Node::File(text.as_bytes().to_vec()));
        }
        nodes.insert("prod/secret.txt".to_owned(), Node::Link(target.to_owned()));
        nodes.insert("outside.txt".to_owned(), Node::File(b"not of the estate".to_vec()));
        repository.commit_nodes(&nodes);
        match load(&estate, "main") {
            Err(RevisionError::Invalid { diagnostics, .. }) => {
                assert!(diagnostics[0].message().contains("leads out of the estate"), "{diagnostics:?}");
            }
            other => panic!("{target}: {other:?}"),
        }
    }
}

/// Everything in the settings of a repository that makes Git run a program, and a hook of each kind that reading could
/// meet. None of them runs, nor does anything that variables name, and no settings of the user are read.
#[cfg(unix)]
#[test]
fn no_program_is_started() {
    use std::os::unix::fs::PermissionsExt;

    use crate::support::Mxkeep;
    let committed = Committed::new();
    let (traps, repository) = (tempfile::tempdir().unwrap(), &committed.repository);
    let (trap, ran) = (traps.path().join("trap"), traps.path().join("ran"));
    fs_err::write(&trap, format!("#!/bin/sh\necho \"$0 $*\" >> {}\ncat\n", ran.display())).unwrap();
    fs_err::set_permissions(&trap, std::fs::Permissions::from_mode(0o755)).unwrap();
    let trap = trap.display();
    let settings = format!(
        "[core]\n\trepositoryformatversion = 0\n\tfsmonitor = {trap}\n\tsshCommand = {trap}\n\thooksPath = {0}\n\
         \teditor = {trap}\n\tpager = {trap}\n\tgitProxy = {trap}\n\taskPass = {trap}\n\tworktree = /\n\
         [filter \"x\"]\n\tclean = {trap}\n\tsmudge = {trap}\n\tprocess = {trap}\n\trequired = true\n\
         [diff \"x\"]\n\tcommand = {trap}\n\ttextconv = {trap}\n[credential]\n\thelper = {trap}\n\
         [remote \"origin\"]\n\turl = ext::{trap}\n\tpromisor = true\n\tpartialclonefilter = blob:none\n\
         [uploadpack]\n\tpackObjectsHook = {trap}\n[alias]\n\tx = !{trap}\n[include]\n\tpath = {0}/included\n",
        traps.path().display()
    );
    fs_err::write(traps.path().join("included"), "[extensions]\n\tobjectFormat = sha256\n").unwrap();
    repository.write("config", &settings);
    for hook in ["post-checkout", "reference-transaction", "fsmonitor-watchman", "post-index-change"] {
        fs_err::copy(traps.path().join("trap"), traps.path().join(hook)).unwrap();
        repository.write(&format!("hooks/{hook}"), "");
        fs_err::copy(traps.path().join("trap"), repository.git().join("hooks").join(hook)).unwrap();
    }
    repository.write("info/attributes", "* filter=x diff=x\n");
    write(committed.directory.path(), &[(".gitattributes", "* filter=x diff=x text eol=crlf\n")]);
    repository.commit();
    let elsewhere = estate(&[("mxkeep.yaml", "estate: elsewhere\n")]);
    let foreign = Repository::init(elsewhere.path());
    foreign.commit();
    let (trap, git) = (trap.to_string(), foreign.git().display().to_string());
    let path = traps.path().join("bin");
    fs_err::create_dir(&path).unwrap();
    for program in ["git", "sh", "ssh", "git-lfs", "less"] {
        fs_err::copy(&trap, path.join(program)).unwrap();
    }
    let variables = [
        ("PATH", path.to_str().unwrap()),
        ("HOME", traps.path().to_str().unwrap()),
        ("GIT_DIR", &git),
        ("GIT_OBJECT_DIRECTORY", &git),
        ("GIT_COMMON_DIR", &git),
        ("GIT_WORK_TREE", "/"),
        ("GIT_INDEX_FILE", &git),
        ("GIT_SSH_COMMAND", &trap),
        ("GIT_EXTERNAL_DIFF", &trap),
        ("GIT_ASKPASS", &trap),
        ("GIT_CONFIG_GLOBAL", &trap),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "core.fsmonitor"),
        ("GIT_CONFIG_VALUE_0", &trap),
    ];
    for (command, base) in [("plan", "main"), ("plan", "HEAD~1"), ("plan", "nothing"), ("drift", "main")] {
        let mut mxkeep = Mxkeep::new([command, "--format", "json", "--base", base]);
        for (name, value) in variables {
            mxkeep = mxkeep.env(name, value);
        }
        let output = mxkeep.dir(committed.directory.path()).against(&committed.world).run();
        let output = output.exits(if base == "nothing" { 64 } else { 0 });
        if base == "HEAD~1" {
            assert_eq!(output.json()["base"]["commit"], committed.first);
        }
    }
    let ran = fs_err::read_to_string(&ran).unwrap_or_default();
    assert!(ran.is_empty(), "{ran}");
}
