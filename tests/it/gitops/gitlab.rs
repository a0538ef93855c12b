//! GitLab CI.

use std::sync::{Arc, Mutex};

use super::server::{Kept, Note, start};
use super::*;

struct Gitlab {
    it: Loop,
    url: String,
    kept: Arc<Mutex<Kept>>,
}

impl Gitlab {
    fn new() -> Gitlab {
        let (url, kept) = start();
        Gitlab { it: Loop::new("gitlab"), url, kept }
    }

    /// Runs a job with the variables that GitLab and the project give it.
    fn run(&self, job: &str, place: &Path, variables: &[(&str, &str)]) -> CommandOutput {
        let file = self.it.file(".gitlab/mxkeep.gitlab-ci.yml");
        let (base, job) = (&file[".mxkeep"], &file[job]);
        assert_eq!(job["extends"], ".mxkeep");
        let api = format!("{}/api/v4", self.url);
        let given = [
            ("CI_API_V4_URL", api.as_str()),
            ("CI_PROJECT_ID", "3"),
            ("MXKEEP_READ_TOKEN", "simulator-read"),
            ("MXKEEP_GITLAB_TOKEN", "a-token"),
            ("CI", "true"),
        ];
        let mut all: BTreeMap<String, String> = given
            .iter()
            .chain(variables)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        for (name, value) in texts(&base["variables"]) {
            // GitLab puts variables into variables; the longest name that fits is meant.
            let value = all
                .iter()
                .rev()
                .fold(value, |value, (name, other)| value.replace(&format!("${name}"), other));
            all.insert(name, value);
        }
        let lines: Vec<_> =
            job["script"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        self.it.bash(&["-e", "-o", "pipefail"], &lines.join("\n"), &all, place)
    }

    fn check(&self, commit: &str) -> CommandOutput {
        let place = self.it.checkout("checked", commit, true);
        let base = self.it.git("work", &["merge-base", "origin/main", commit]);
        let variables = [
            ("CI_MERGE_REQUEST_IID", "7"),
            ("CI_MERGE_REQUEST_PROJECT_ID", "3"),
            ("CI_MERGE_REQUEST_DIFF_BASE_SHA", base.as_str()),
        ];
        let output = self.run("mxkeep check", &place, &variables);
        if output.code == 0 {
            self.kept.lock().unwrap().plan = Some(file(&place, "plan.json"));
        }
        output
    }

    fn merge(&self, branch: &str, message: &str) -> CommandOutput {
        let (before, after) = self.it.merge(branch, message);
        self.apply(&before, &after, message)
    }

    fn apply(&self, before: &str, after: &str, message: &str) -> CommandOutput {
        let place = self.it.checkout("applied", after, false);
        let variables = [
            ("CI_COMMIT_MESSAGE", message),
            ("CI_COMMIT_SHA", after),
            ("CI_COMMIT_BEFORE_SHA", before),
            ("CI_DEFAULT_BRANCH", "main"),
            // Protected, or for the environment of this job.
            ("MXKEEP_WRITE_TOKEN", "simulator"),
            ("APPS_TEST_SECRET", "not-so-secret"),
        ];
        self.run("mxkeep apply", &place, &variables)
    }

    fn drift(&self) -> CommandOutput {
        let place = self.it.checkout("looked-at", "origin/main", false);
        self.run("mxkeep drift", &place, &[])
    }
}

#[test]
fn from_a_branch_to_a_repair() {
    if lacks_jq() {
        return;
    }
    let gitlab = Gitlab::new();
    let it = &gitlab.it;
    let kept = || gitlab.kept.lock().unwrap();

    let commit = it.branch("more", "instances: 1", "instances: 2");
    let _ = gitlab.check(&commit).exits(0);
    let _ = gitlab.check(&commit).exits(0);
    assert_eq!(kept().notes.len(), 1, "one note, however often");
    assert!(kept().comment().contains("container.instances"), "{}", kept().comment());
    for report in ["plan.quality.json", "plan.junit.xml", "plan.html"] {
        assert!(file(&it.at("checked"), report).contains("environment/hello/test"), "{report}");
    }

    edit(&it.at("work/hello.yaml"), "instances: 2", "instnces: 2");
    let broken = it.commit("more", "a slip");
    let _ = gitlab.check(&broken).exits(9);
    assert_eq!(kept().notes.len(), 1);
    assert!(kept().comment().contains("SHAPE-001"), "{}", kept().comment());
    edit(&it.at("work/hello.yaml"), "instnces: 2", "instances: 2");
    let commit = it.commit("more", "the slip repaired");
    let _ = gitlab.check(&commit).exits(0);

    let _ = gitlab
        .merge("more", "Merge branch 'more' into 'main'\n\nMore\n\nSee merge request acme/estate!7")
        .exits(0);
    assert_eq!(it.instances(), 2);

    it.edit_in_portal(5);
    let _ = gitlab.drift().exits(0);
    let _ = gitlab.drift().exits(0);
    assert_eq!(kept().issues.len(), 1);
    assert!(kept().issues[0].0 && kept().issues[0].1.contains("container.instances"), "{:?}", kept().issues);

    let commit = it.branch("url", "https://hello-test.example.com", "https://hello.example.com");
    let _ = gitlab.check(&commit).exits(0);
    let _ = gitlab.merge("url", "Merge branch 'url' into 'main'\n\nSee merge request acme/estate!7").exits(0);
    assert_eq!(it.instances(), 2);
    let _ = gitlab.drift().exits(0);
    assert!(!kept().issues[0].0, "the issue is closed");
}

#[test]
fn what_was_not_reviewed_is_not_done() {
    if lacks_jq() {
        return;
    }
    let gitlab = Gitlab::new();
    let _ = gitlab.it.branch("more", "instances: 1", "instances: 2");
    let output = gitlab.merge("more", "pushed by hand").exits(5);
    assert!(output.stdout.contains("so no plan was reviewed"), "{output}");
    let output = gitlab.merge("more", "See merge request acme/estate!7");
    assert_eq!(output.code, 5, "{output}");
    assert!(output.stdout.contains("the check of !7 did not succeed"), "{output}");
    assert_eq!(gitlab.it.instances(), 1);
}

/// The message of a fast-forward does not name its merge request.
#[test]
fn a_fast_forward_is_a_merge() {
    if lacks_jq() {
        return;
    }
    let gitlab = Gitlab::new();
    let it = &gitlab.it;
    let before = it.head();
    let commit = it.branch("more", "instances: 1", "instances: 2");
    let _ = gitlab.check(&commit).exits(0);
    let merged = |branch: &str| {
        gitlab.kept.lock().unwrap().merged = vec![(commit.clone(), branch.to_owned())];
        gitlab.apply(&before, &commit, "more")
    };
    let output = merged("next").exits(5);
    assert!(output.stdout.contains("so no plan was reviewed"), "{output}");
    assert_eq!(it.instances(), 1);
    gitlab.kept.lock().unwrap().is_forgetful = true;
    let output = merged("main").exits(1);
    assert!(output.stdout.contains("Run this job again"), "{output}");
    assert_eq!(it.instances(), 1);
    gitlab.kept.lock().unwrap().is_forgetful = false;
    let _ = merged("main").exits(0);
    assert_eq!(it.instances(), 2);
}

#[test]
fn notes_of_others_are_left_alone() {
    if lacks_jq() {
        return;
    }
    let gitlab = Gitlab::new();
    let others = gitlab.kept.lock().unwrap().add_others();
    let commit = gitlab.it.branch("more", "instances: 1", "instances: 2");
    let _ = gitlab.check(&commit).exits(0);
    // Ours is on the second page by now.
    let talk = Note { author: 8, text: "a long discussion".to_owned() };
    gitlab.kept.lock().unwrap().notes.extend(vec![talk; 120]);
    let _ = gitlab.check(&commit).exits(0);
    let kept = gitlab.kept.lock().unwrap();
    assert_eq!(kept.notes.len(), others.len() + 1 + 120);
    assert_eq!(kept.notes[..others.len()], others);
    assert!(kept.comment().contains("container.instances"), "{}", kept.comment());
}

/// The merge request of a fork is validated where there is no token, and says what to do.
#[test]
fn a_fork_is_validated() {
    if lacks_jq() {
        return;
    }
    let gitlab = Gitlab::new();
    let commit = gitlab.it.branch("more", "instances: 1", "instances: 2");
    let place = gitlab.it.checkout("checked", &commit, true);
    let variables =
        [("CI_MERGE_REQUEST_IID", "7"), ("CI_MERGE_REQUEST_PROJECT_ID", "2"), ("MXKEEP_READ_TOKEN", "")];
    let output = gitlab.run("mxkeep check", &place, &variables).exits(0);
    assert!(output.stdout.contains("push its commits to a branch of the project"), "{output}");
    assert!(!place.join("plan.json").exists());
    assert!(gitlab.kept.lock().unwrap().notes.is_empty());
}

/// A comment that cannot be written is said, and the check still tells what it found.
#[test]
fn a_comment_that_cannot_be_written_hides_nothing() {
    if lacks_jq() {
        return;
    }
    let gitlab = Gitlab::new();
    let commit = gitlab.it.branch("more", "instances: 1", "instances: 2");
    let place = gitlab.it.checkout("checked", &commit, true);
    let base = gitlab.it.git("work", &["merge-base", "origin/main", &commit]);
    let variables = [
        ("CI_MERGE_REQUEST_IID", "404"),
        ("CI_MERGE_REQUEST_PROJECT_ID", "3"),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", base.as_str()),
    ];
    let output = gitlab.run("mxkeep check", &place, &variables).exits(0);
    assert!(
        output.stdout.contains("The comment was not written") && output.stderr.contains("404"),
        "{output}"
    );
}

/// What is built with mxkeep sees no token.
#[test]
fn the_step_that_installs_has_no_token() {
    if lacks_jq() {
        return;
    }
    let file = Gitlab::new().it.file(".gitlab/mxkeep.gitlab-ci.yml");
    let step = file[".mxkeep"]["before_script"][0].as_str().unwrap();
    let (tokens, install) = step.split_once("cargo ").unwrap();
    assert_eq!(install, format!("install mxkeep --locked --version {}", env!("CARGO_PKG_VERSION")));
    for token in ["MXKEEP_READ_TOKEN", "MXKEEP_WRITE_TOKEN", "MXKEEP_GITLAB_TOKEN"] {
        assert!(tokens.contains(&format!("-u {token} ")), "{step}");
    }
}
