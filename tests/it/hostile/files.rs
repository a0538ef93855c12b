//! Files that lead elsewhere: nothing outside the estate is read, and nothing is written through a link.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::{CANARY, cluster, mxkeep, of_cluster, run};
use crate::support::repository::Repository;
use crate::support::{Mxkeep, copy_tree, edit, estate};

/// A directory outside the estate, with a secret in it.
fn outside() -> TempDir {
    estate(&[("secret.txt", CANARY), ("more.yaml", &format!("app: {{name: {CANARY}}}\n"))])
}

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn a_value_comes_from_no_file_outside() {
    let outside = outside();
    let secret = outside.path().join("secret.txt");
    let depth = "../".repeat(30);
    let absolute = secret.to_str().unwrap().to_owned();
    let through = format!("{depth}{}", absolute.trim_start_matches('/'));
    for path in [
        &*absolute,
        &*through,
        "../../etc/passwd",
        "/etc/passwd",
        "sub/../../secret.txt",
        "./../secret.txt",
        "link",
        "folder/secret.txt",
        "chain",
        "zero",
        "environ",
        "loop",
        "loop/x",
        "pipe",
        "dangling",
        ".",
        "sub",
        "nul\\0",
        "file:///etc/passwd",
        "~/secret.txt",
        "C:\\\\secret.txt",
    ] {
        let estate = of_cluster(&format!("  description: {{fromFile: \"{path}\", sensitive: false}}\n"));
        let at = |name: &str| estate.path().join(name);
        fs_err::create_dir(at("sub")).unwrap();
        symlink(&secret, at("link")).unwrap();
        symlink(outside.path(), at("folder")).unwrap();
        symlink("link", at("chain")).unwrap();
        symlink("/dev/zero", at("zero")).unwrap();
        symlink("/proc/self/environ", at("environ")).unwrap();
        symlink("loop", at("loop")).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        fifo(&at("pipe"));
        for args in [&["validate"][..], &["plan", "--simulate", "--format", "json"]] {
            let output = mxkeep(&estate, args).env("HOME", outside.path().to_str().unwrap()).run().exits(9);
            let all = output.to_string();
            assert!(all.contains("REF-003"), "{path}: {output}");
            assert!(!all.contains(CANARY) && !all.contains("root:"), "{path}: {output}");
        }
    }
}

/// A link inside the estate that stays there is as good as its file.
#[test]
fn a_link_that_stays_inside_is_followed() {
    let estate = of_cluster("  description: {fromFile: link, sensitive: false}\n");
    fs_err::write(estate.path().join("real.txt"), "as it is").unwrap();
    symlink("real.txt", estate.path().join("link")).unwrap();
    let plan = run(&estate, &["plan", "--simulate"]).exits(0);
    assert!(plan.stdout.contains("as it is"), "{plan}");
}

#[test]
fn documents_come_from_no_file_behind_a_link() {
    let outside = outside();
    let estate = of_cluster("");
    let at = |name: &str| estate.path().join(name);
    symlink(outside.path().join("more.yaml"), at("one.yaml")).unwrap();
    symlink(outside.path(), at("folder")).unwrap();
    symlink("/dev/zero", at("zero.yaml")).unwrap();
    symlink("loop.yaml", at("loop.yaml")).unwrap();
    symlink(".", at("self")).unwrap();
    symlink("..", at("up")).unwrap();
    fifo(&at("pipe.yaml"));
    let output = run(&estate, &["validate", "--format", "json"]).exits(0);
    let document = output.json();
    let findings = document["findings"].as_array().unwrap();
    let links = findings.iter().filter(|found| found["code"] == "EST-006").count();
    assert_eq!(links, 6, "{output}");
    assert!(!output.to_string().contains(CANARY), "{output}");
    let plan = run(&estate, &["plan", "--simulate", "--format", "json"]).exits(0).json();
    assert_eq!(plan["summary"]["create"], 1, "{plan:#}");
}

#[test]
fn the_settings_come_from_no_file_behind_a_link() {
    let outside = estate(&[("mxkeep.yaml", "estate: elsewhere\n")]);
    for target in [outside.path().join("mxkeep.yaml"), "/dev/zero".into(), "mxkeep.yaml".into()] {
        let estate = estate(&[("cluster.yaml", &cluster(""))]);
        symlink(target, estate.path().join("mxkeep.yaml")).unwrap();
        let output = run(&estate, &["plan", "--simulate"]).exits(9);
        assert!(output.stderr.contains("EST-001") && !output.to_string().contains("elsewhere"), "{output}");
    }
}

#[test]
fn the_world_of_the_simulator_is_kept_behind_no_link() {
    let outside = outside();
    let shared = outside.path().join("secret.txt");
    let plant: [&dyn Fn(&Path); 4] = [
        &|folder| symlink(outside.path(), folder).unwrap(),
        &|folder| link_in(folder, "simulator.json", &shared),
        &|folder| link_in(folder, ".gitignore", &outside.path().join("new")),
        &|folder| link_in(folder, "simulator.json", Path::new("/dev/zero")),
    ];
    for plant in plant {
        let estate = of_cluster("");
        plant(&estate.path().join(".mxkeep"));
        for command in [&["plan", "--simulate"][..], &["apply", "--simulate", "--yes"]] {
            let output = run(&estate, command).exits(1).says(&["is a symbolic link"]);
            assert!(!output.to_string().contains(CANARY), "{output}");
        }
        let mut left: Vec<_> =
            fs_err::read_dir(outside.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["more.yaml", "secret.txt"]);
        assert_eq!(fs_err::read_to_string(&shared).unwrap(), CANARY);
    }
}

fn link_in(folder: &Path, name: &str, target: &Path) {
    fs_err::create_dir(folder).unwrap();
    symlink(target, folder.join(name)).unwrap();
}

/// A world that a pull request brings along is an error where it is none, and never a crash.
#[test]
fn a_planted_world_does_no_harm() {
    let deep = format!("{{\"format\": \"mxkeep.simulator/1\", \"clusters\": {}", "[".repeat(100_000));
    for text in ["", "[]", "{}", "null", "{\"format\": \"other/9\"}", "\u{1b}]0;x\u{7}", &deep] {
        let estate = of_cluster("");
        fs_err::create_dir(estate.path().join(".mxkeep")).unwrap();
        fs_err::write(estate.path().join(".mxkeep/simulator.json"), text).unwrap();
        let output = run(&estate, &["plan", "--simulate"]);
        assert!([0, 1, 9].contains(&output.code), "{output}");
        assert!(
            !output.to_string().contains(['\u{1b}', '\u{7}']) && !output.stderr.contains("panicked"),
            "{output}"
        );
    }
}

#[test]
fn results_are_written_through_no_link() {
    let outside = outside();
    let target = outside.path().join("secret.txt");
    let place = |estate: &TempDir, name: &str| format!("json={}", estate.path().join(name).display());
    let estate = of_cluster("");
    symlink(&target, estate.path().join("plan.json")).unwrap();
    symlink(outside.path(), estate.path().join("reports")).unwrap();
    symlink(outside.path().join("new"), estate.path().join("dangling.json")).unwrap();
    fs_err::create_dir(estate.path().join("sub")).unwrap();
    let absolute = place(&estate, "plan.json");
    for out in
        ["json=plan.json", "json=reports/plan.json", "json=dangling.json", "json=sub/../plan.json", &absolute]
    {
        for command in [&["validate", "--out", out][..], &["plan", "--simulate", "--out", out]] {
            let _ = run(&estate, command).exits(1).says(&["is a symbolic link"]);
        }
    }
    let up = run(&estate, &["validate", "-C", "sub", "..", "--out", "json=../plan.json"]);
    let _ = up.exits(1).says(&["is a symbolic link"]);
    assert_eq!(fs_err::read_to_string(&target).unwrap(), CANARY);
    assert_eq!(fs_err::read_dir(outside.path()).unwrap().count(), 2);
    // What the system itself links is no trap.
    let output = run(&estate, &["validate", "-q", "--out", "json=/dev/stdout"]).exits(0);
    assert!(output.stdout.contains("mxkeep.validate/1"), "{output}");
}

/// A file that the pipeline made beside the files, such as a secret, is used and not shown; one that is committed can be
/// read by everybody who proposes a change.
#[test]
fn a_file_is_shown_only_as_it_is_committed() {
    let estate = of_cluster("  description: {fromFile: ./note.txt, sensitive: false}\n");
    let write = |text: &str| fs_err::write(estate.path().join("note.txt"), text).unwrap();
    let plan = || run(&estate, &["plan", "--simulate"]).exits(0);
    let repository = Repository::init(estate.path());
    let _ = repository.commit();
    // Made by the pipeline; and then committed.
    write(CANARY);
    assert!(!plan().to_string().contains(CANARY));
    write("for everybody\n");
    let _ = repository.commit();
    assert!(plan().stdout.contains("for everybody"), "{}", plan());
    write("for everybody\r\n");
    assert!(plan().stdout.contains("for everybody"), "{}", plan());
    write(CANARY);
    assert!(!plan().to_string().contains(CANARY));
    let validate = run(&estate, &["validate", "--format", "json"]).exits(0);
    assert!(validate.stdout.contains("EST-030") && !validate.stdout.contains(CANARY), "{validate}");
    // The settings of the repository may hold the token that it was cloned with.
    let config = estate.path().join(".git/config");
    fs_err::write(&config, format!("[http]\n\textraheader = {CANARY}\n")).unwrap();
    edit(&estate.path().join("cluster.yaml"), "./note.txt", ".git/config");
    for args in [&["plan", "--simulate"][..], &["validate"], &["why", "cluster/prod-eu", "--simulate"]] {
        let output = run(&estate, args).exits(0);
        assert!(!output.to_string().contains(CANARY), "{output}");
    }
}

/// What a pull request can plant beside or in place of the repository that it is compared with.
#[test]
fn the_base_is_that_of_no_other_repository() {
    let top = estate(&[
        ("acme/mxkeep.yaml", "estate: acme\nguards: {maxDeletes: 0}\n"),
        ("acme/cluster.yaml", &cluster("")),
    ]);
    let real = Repository::init(top.path()).commit();
    let estate = top.path().join("acme");
    let other = of_cluster("  description: planted\n");
    let _ = Repository::init(other.path()).commit();
    let git = other.path().join(".git");
    let plan = || {
        let args = ["plan", "--simulate", "--base", "main", "--format", "json"];
        Mxkeep::new(args).dir(&estate).run()
    };
    assert_eq!(plan().exits(0).json()["base"]["commit"], real.as_str());
    // Files of a bare repository can be committed, and are none to us.
    copy_tree(&git, &estate);
    assert_eq!(plan().exits(0).json()["base"]["commit"], real.as_str());
    // Git commits nothing that is named `.git`; whatever else brings it is refused.
    let dot = estate.join(".git");
    let plant: [&dyn Fn(); 4] = [
        &|| symlink(&git, &dot).unwrap(),
        &|| fs_err::write(&dot, format!("gitdir: {}\n", git.display())).unwrap(),
        &|| fs_err::write(&dot, "gitdir: ../../../../../../../../etc\n").unwrap(),
        &|| {
            fs_err::create_dir(&dot).unwrap();
            fs_err::write(dot.join("HEAD"), "ref: refs/heads/main\n").unwrap();
            fs_err::write(dot.join("commondir"), git.to_str().unwrap()).unwrap();
        },
    ];
    for plant in plant {
        plant();
        let output = plan();
        assert_ne!(output.code, 0, "{output}");
        assert!(!output.to_string().contains("planted"), "{output}");
        if dot.is_dir() && !dot.is_symlink() {
            fs_err::remove_dir_all(&dot).unwrap();
        } else {
            fs_err::remove_file(&dot).unwrap();
        }
    }
}
