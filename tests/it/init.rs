//! `mxkeep init`: what it writes is valid, can be tried at once, and overwrites nothing.

use serde_json::Value;

use crate::support::{CommandOutput, Mxkeep, project};

fn run(directory: &std::path::Path, args: &[&str]) -> CommandOutput {
    Mxkeep::new(args.iter().copied()).dir(directory).env("APPS_TEST_SECRET", "try-it").run()
}

#[test]
fn a_new_estate_is_valid_and_can_be_tried_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let output = run(directory.path(), &["init", "estate"]).exits(0);
    let next = output.stderr.lines().find_map(|line| line.split_once("mxkeep apply ")).unwrap().1;
    assert_eq!(next, "estate --simulate --yes", "{output}");
    let _ = run(directory.path(), &["validate", "estate", "--strict"]).exits(0);
    let _ = run(directory.path(), &["apply", "estate", "--simulate", "--yes"]).exits(0);
    let _ = run(directory.path(), &["plan", "estate", "--simulate", "--exit-code"]).exits(0);
    // Another estate has other ids.
    let _ = run(directory.path(), &["init", "other", "--name", "Ünlikely: \"name\""]).exits(0);
    let _ = run(directory.path(), &["validate", "other", "--strict"]).exits(0);
    let read = |name: &str| fs_err::read_to_string(directory.path().join(name)).unwrap();
    assert_ne!(read("estate/platform.yaml"), read("other/platform.yaml"));
}

#[test]
fn nothing_is_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    fs_err::write(at("mxkeep.yaml"), "estate: mine\n").unwrap();
    fs_err::create_dir_all(at(".vscode")).unwrap();
    fs_err::write(at(".vscode/settings.json"), "{}\n").unwrap();
    let output = run(directory.path(), &["init"]).exits(0);
    assert!(output.stdout.contains("kept, which has other content: ./.vscode/settings.json"), "{output}");
    assert_eq!(fs_err::read_to_string(at("mxkeep.yaml")).unwrap(), "estate: mine\n");
    assert_eq!(fs_err::read_to_string(at(".vscode/settings.json")).unwrap(), "{}\n");
    assert!(!at("hello.yaml").exists(), "an estate that is there is not filled with examples");
    let again = run(directory.path(), &["init"]).exits(0);
    assert!(again.stdout.contains("as it is ./.vscode/mxkeep.schema.json"), "{again}");
}

#[cfg(unix)]
#[test]
fn a_planted_link_is_not_followed() {
    let directory = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), directory.path().join(".vscode")).unwrap();
    let _ = run(directory.path(), &["init"]).exits(1).says(&[".vscode` is a symbolic link"]);
    assert_eq!(fs_err::read_dir(elsewhere.path()).unwrap().count(), 0);
    assert!(!directory.path().join("mxkeep.yaml").exists(), "nothing was written before");
}

#[test]
fn pipelines_stand_at_the_root_and_know_where_the_estate_is() {
    let directory = tempfile::tempdir().unwrap();
    fs_err::create_dir_all(directory.path().join(".git")).unwrap();
    let servers = ["--pipeline", "github", "--pipeline", "gitlab", "--pipeline", "azure"];
    let args: Vec<_> = ["init", "teams/shop"].into_iter().chain(servers).collect();
    let _ = run(directory.path(), &args).exits(0);
    let names = [
        ".github/workflows/mxkeep-check.yml",
        ".github/workflows/mxkeep-apply.yml",
        ".github/workflows/mxkeep-drift.yml",
        ".gitlab/mxkeep.gitlab-ci.yml",
        ".azure/mxkeep.azure-pipelines.yml",
    ];
    for name in names {
        let text = fs_err::read_to_string(directory.path().join(name)).unwrap();
        assert!(text.contains("\"teams/shop\""), "{name}");
        assert!(
            !text.contains('@') || !text.contains("@ESTATE@") && !text.contains("@VERSION@"),
            "{name}: {text}"
        );
        let _: Value = serde_yaml::from_str(&text).unwrap();
    }
    let _ = run(directory.path(), &["validate", "teams/shop", "--strict"]).exits(0);
    let _ =
        run(directory.path(), &["init", "--pipeline", "jenkins"]).exits(64).says(&["github, gitlab, azure"]);
}

/// Pipelines of two estates share a repository: neither is left without one, and neither touches what is the other's.
#[test]
fn a_second_estate_has_pipelines_of_its_own() {
    let directory = tempfile::tempdir().unwrap();
    fs_err::create_dir_all(directory.path().join(".git")).unwrap();
    let read = |name: &str| fs_err::read_to_string(directory.path().join(name)).unwrap();
    let servers = ["--pipeline", "github", "--pipeline", "gitlab", "--pipeline", "azure"];
    let init = |estate| run(directory.path(), &[&["init", estate][..], &servers].concat());
    let _ = init("envs/prod").exits(0);
    let _ = init("envs/test").exits(0);
    let names = [
        ".github/workflows/mxkeep-check@.yml",
        ".github/workflows/mxkeep-apply@.yml",
        ".github/workflows/mxkeep-drift@.yml",
        ".gitlab/mxkeep@.gitlab-ci.yml",
        ".azure/mxkeep@.azure-pipelines.yml",
    ];
    // Once named, always named, also where the plain names are free again.
    for again in [false, true] {
        if again {
            let _ = init("envs/prod").exits(0);
            for name in names {
                fs_err::remove_file(directory.path().join(name.replace('@', ""))).unwrap();
            }
            let output = init("envs/test").exits(0);
            assert!(!output.stdout.contains("kept") && !output.stdout.contains("wrote"), "{output}");
            let _ = init("envs/prod").exits(0);
        }
        for name in names {
            assert!(read(&name.replace('@', "")).contains("\"envs/prod\""), "{name}");
            assert!(read(&name.replace('@', "-envs-test")).contains("\"envs/test\""), "{name}");
        }
    }
    for name in names {
        let parsed = |name: String| serde_yaml::from_str::<Value>(&read(&name)).unwrap();
        let (prod, test) = (parsed(name.replace('@', "")), parsed(name.replace('@', "-envs-test")));
        for key in ["name", "concurrency"].iter().filter(|key| prod.get(**key).is_some()) {
            assert_ne!(prod[*key], test[*key], "{name}");
        }
        // Jobs of GitLab are one list, whatever file they come from.
        if name.contains("gitlab") {
            let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
            assert!(keys(&prod).iter().all(|key| !keys(&test).contains(key)), "{:?}", keys(&test));
        }
        // Whatever is named after mxkeep in the repository or on the server.
        let (prod, test) = (read(&name.replace('@', "")), read(&name.replace('@', "-envs-test")));
        for mark in [
            "<!-- mxkeep:check:",
            "--label mxkeep-drift",
            "labels=mxkeep-drift",
            "title \"Drift",
            "title=Drift",
            "artifact: mxkeep-reviewed",
            "artifact: mxkeep-plan",
            "group: mxkeep",
            "environment: mxkeep",
            "resource_group: mxkeep",
            "workflows/mxkeep-check",
            "--name mxkeep-plan",
            "job=mxkeep check",
            "$(Pipeline.Workspace)/mxkeep-reviewed",
        ] {
            let rests = |text: &str| -> Vec<String> {
                text.split(mark).skip(1).map(|rest| rest.chars().take(22).collect()).collect()
            };
            let (prod, test) = (rests(&prod), rests(&test));
            assert_eq!(prod.len(), test.len(), "{name}: {mark}");
            assert!(prod.iter().all(|rest| !test.contains(rest)), "{name}: {mark}: {prod:?} {test:?}");
            let is_named = |rest: &String| rest.contains("envs");
            assert!(test.iter().all(is_named), "{name}: {mark}: {test:?}");
        }
    }
    // Two places that make the same name.
    let output = init("envs-test").exits(64);
    assert!(output.stderr.contains("is the pipeline of another estate: `envs/test`"), "{output}");
    assert!(!directory.path().join("envs-test").exists());
}

#[test]
fn what_is_refused_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    fs_err::create_dir_all(directory.path().join(".git")).unwrap();
    let args = ["init", "teams/my estate", "--pipeline", "github"];
    let _ = run(directory.path(), &args).exits(64).says(&["`teams/my estate` cannot be named in a pipeline"]);
    assert!(!directory.path().join("teams").exists());
}

/// What the YAML extension makes of the patterns: each at any depth, and the last one that fits decides.
#[test]
fn editors_check_the_files_of_the_estate_and_no_others() {
    let directory = tempfile::tempdir().unwrap();
    let _ = run(directory.path(), &["init", "--name", "acme"]).exits(0);
    let settings = fs_err::read_to_string(directory.path().join(".vscode/settings.json")).unwrap();
    let settings: Value = serde_json::from_str(&settings).unwrap();
    let patterns = settings["yaml.schemas"]["./.vscode/mxkeep.schema.json"].as_array().unwrap();
    let is_checked = |name: &str| {
        let path = format!("/home/me/.work/acme/{name}");
        patterns.iter().fold(false, |is_checked, pattern| {
            let pattern = pattern.as_str().unwrap();
            let glob = format!("**/{}", pattern.trim_start_matches('!'));
            let glob = globset::GlobBuilder::new(&glob).literal_separator(true).build().unwrap();
            let fits = glob.compile_matcher().is_match(&path);
            if fits { !pattern.starts_with('!') } else { is_checked }
        })
    };
    for name in ["mxkeep.yaml", "hello.yml", "apps/orders/team/production.yaml"] {
        assert!(is_checked(name), "{name}");
    }
    for name in [
        ".github/workflows/mxkeep-check.yml",
        ".gitlab/mxkeep.gitlab-ci.yml",
        ".gitlab-ci.yml",
        ".azure/mxkeep.azure-pipelines.yml",
        ".pre-commit-config.yaml",
        "README.md",
    ] {
        assert!(!is_checked(name), "{name}");
    }
}

/// What others use this repository by: an action, hooks, an image.
#[test]
fn what_others_take_from_the_repository_names_what_is_there() {
    let read = |name: &str| fs_err::read_to_string(project().join(name)).unwrap();
    let action: Value = serde_yaml::from_str(&read(".github/actions/mxkeep/action.yml")).unwrap();
    let step = action["runs"]["steps"][0]["run"].as_str().unwrap();
    let path = step.split('"').nth(1).unwrap().replace("$GITHUB_ACTION_PATH", ".github/actions/mxkeep");
    assert!(project().join(path).join("Cargo.toml").is_file(), "{step}");
    let hooks: Value = serde_yaml::from_str(&read(".pre-commit-hooks.yaml")).unwrap();
    let entry = hooks[0]["entry"].as_str().unwrap().strip_prefix("mxkeep ").unwrap().to_owned();
    let quickstart = project().join("examples/quickstart");
    let _ = run(&quickstart, &entry.split(' ').collect::<Vec<_>>()).exits(0);
    // An estate below the root is named by `args`, which come behind.
    let args: Vec<_> = entry.split(' ').chain(["quickstart"]).collect();
    let _ = run(&project().join("examples"), &args).exits(0);
    for line in read(".docker/Dockerfile")
        .lines()
        .filter(|line| line.starts_with("COPY ") && !line.contains("--from"))
    {
        let words: Vec<_> = line.split(' ').collect();
        for source in &words[1..words.len() - 1] {
            assert!(project().join(source).exists(), "{line}");
        }
    }
}
