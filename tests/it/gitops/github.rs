//! GitHub Actions.

use super::*;

struct Github(Loop);

/// What the server says of a run.
type Context<'c> = &'c [(&'c str, &'c str)];

impl Github {
    fn new() -> Github {
        Github::of(Loop::new("github"))
    }

    fn of(it: Loop) -> Github {
        for folder in ["bin", "gh-state"] {
            fs_err::create_dir_all(it.at(folder)).unwrap();
        }
        fs_err::copy(crate::support::project().join("tests/it/gitops/gh"), it.at("bin/gh")).unwrap();
        Github(it)
    }

    fn state(&self, name: &str) -> PathBuf {
        self.0.at("gh-state").join(name)
    }

    fn note(&self, name: &str, text: &str) {
        fs_err::create_dir_all(self.state(name).parent().unwrap()).unwrap();
        fs_err::write(self.state(name), text).unwrap();
    }

    /// Runs the one job of a workflow; gives the first output that failed, or the last one.
    fn run(&self, workflow: &str, run: &str, place: &Path, context: Context<'_>) -> CommandOutput {
        let workflow = self.0.file(&format!(".github/workflows/mxkeep-{workflow}.yml"));
        let jobs = workflow["jobs"].as_object().unwrap();
        let (_, job) = jobs.iter().next().filter(|_| jobs.len() == 1).unwrap();
        let summary = self.state("summary");
        let mut said: BTreeMap<String, String> = BTreeMap::new();
        let mut failed: Option<CommandOutput> = None;
        let mut last = None;
        for step in job["steps"].as_array().unwrap() {
            let condition = step["if"].as_str().unwrap_or("success()");
            let is_run = holds(condition, failed.is_some(), context, &said, place);
            if let Some(id) = step["id"].as_str() {
                let outcome = if is_run { "run" } else { "skipped" };
                said.insert(format!("steps.{id}.outcome"), outcome.to_owned());
            }
            if !is_run {
                continue;
            }
            match (step["uses"].as_str(), step["run"].as_str()) {
                (Some("actions/checkout@v4"), None) => {}
                (Some("actions/upload-artifact@v4"), None) => self.upload(run, &step["with"], place),
                (None, Some(script)) if step["name"] == "Install mxkeep" => {
                    let version = env!("CARGO_PKG_VERSION");
                    assert_eq!(script, format!("cargo install mxkeep --locked --version {version}"));
                }
                (None, Some(script)) => {
                    let mut variables = texts(&workflow["env"]);
                    variables.extend(texts(&step["env"]));
                    for value in variables.values_mut() {
                        *value = filled(value, context, &said);
                    }
                    let output = self.state("output");
                    fs_err::write(&output, "").unwrap();
                    for (name, path) in [("GITHUB_OUTPUT", &output), ("GITHUB_STEP_SUMMARY", &summary)] {
                        variables.insert(name.to_owned(), path.to_str().unwrap().to_owned());
                    }
                    variables
                        .insert("GH_STATE".to_owned(), self.0.at("gh-state").to_str().unwrap().to_owned());
                    variables.insert("GITHUB_ACTIONS".to_owned(), "true".to_owned());
                    let ended = self.0.bash(&["-e"], script, &variables, place);
                    for line in fs_err::read_to_string(&output).unwrap().lines() {
                        let (name, value) = line.split_once('=').unwrap();
                        said.insert(
                            format!("steps.{}.outputs.{name}", step["id"].as_str().unwrap()),
                            value.to_owned(),
                        );
                    }
                    if ended.code != 0 {
                        failed.get_or_insert(ended.clone());
                    }
                    last = Some(ended);
                }
                other => panic!("a step that is not known here: {other:?}"),
            }
        }
        failed.or(last).unwrap()
    }

    fn upload(&self, run: &str, with: &Value, place: &Path) {
        let target = self.state("artifacts").join(run).join(with["name"].as_str().unwrap());
        fs_err::create_dir_all(&target).unwrap();
        for name in with["path"].as_str().unwrap().split_whitespace() {
            if place.join(name).is_file() {
                fs_err::copy(place.join(name), target.join(name)).unwrap();
            }
        }
    }

    /// Opens a pull request, or pushes to it: what the check says.
    fn check(&self, number: &str, commit: &str) -> CommandOutput {
        self.check_of("acme/estate", number, commit)
    }

    fn check_of(&self, repository: &str, number: &str, commit: &str) -> CommandOutput {
        let place = self.0.checkout("checked", commit, true);
        let mut context = vec![
            ("github.event.pull_request.head.repo.full_name", repository),
            ("github.base_ref", "main"),
            ("github.event.number", number),
        ];
        // Runs for forks are given no secret.
        context.extend(
            Some(("secrets.MXKEEP_READ_TOKEN", "simulator-read")).filter(|_| repository == "acme/estate"),
        );
        let run = format!("{commit}-{}", repository.replace('/', "-"));
        let output = self.run("check", &run, &place, &context);
        if output.code == 0 {
            let name = format!("runs/{commit}");
            let old = fs_err::read(self.state(&name)).unwrap_or_else(|_| br#"{"workflow_runs": []}"#.into());
            let mut runs: Value = serde_json::from_slice(&old).unwrap();
            let run = serde_json::json!({"id": run, "head_repository": {"full_name": repository}});
            runs["workflow_runs"].as_array_mut().unwrap().insert(0, run);
            self.note(&name, &runs.to_string());
        }
        output
    }

    fn comments(&self) -> Vec<Value> {
        let text = fs_err::read_to_string(self.state("comments.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// What our comment shows, without the line by which it is found.
    fn comment(&self, number: &str) -> String {
        let comments = self.comments();
        let ours = comments.iter().filter(|it| {
            it["number"].as_u64() == number.parse().ok() && it["user"]["login"] == "github-actions[bot]"
        });
        let mut texts = ours.filter_map(|it| it["body"].as_str()?.strip_prefix("<!-- mxkeep:check:. -->\n"));
        let text = texts.next().unwrap().to_owned();
        assert_eq!(texts.next(), None, "one comment, however often");
        text
    }

    /// Merges a pull request: what the apply says.
    fn merge(&self, branch: &str) -> CommandOutput {
        let tip = self.0.git("work", &["rev-parse", branch]);
        let (before, after) = self.0.merge(branch, &format!("Merge pull request from {branch}"));
        let pull = serde_json::json!([
            {"merged_at": null, "merge_commit_sha": after, "base": {"ref": "main"}, "head": {"sha": "another"}},
            {"merged_at": "2026-11-26T08:00:00Z", "merge_commit_sha": after, "base": {"ref": "main"}, "head": {"sha": tip}},
        ]);
        self.note(&format!("pulls/{after}"), &pull.to_string());
        self.apply(&before, &after)
    }

    fn apply(&self, before: &str, after: &str) -> CommandOutput {
        let place = self.0.checkout("applied", after, false);
        let context = [
            ("secrets.MXKEEP_WRITE_TOKEN", "simulator"),
            ("secrets.APPS_TEST_SECRET", "not-so-secret"),
            ("github.event.before", before),
            ("github.sha", after),
        ];
        self.run("apply", after, &place, &context)
    }

    fn drift(&self) -> CommandOutput {
        let place = self.0.checkout("looked-at", "origin/main", false);
        self.run("drift", "drift", &place, &[("secrets.MXKEEP_READ_TOKEN", "simulator-read")])
    }

    fn issues(&self) -> Vec<String> {
        let mut found = Vec::new();
        for number in 1.. {
            let Ok(state) = fs_err::read_to_string(self.state(&format!("issues/{number}/state"))) else {
                break;
            };
            found.push(state.trim().to_owned());
        }
        found
    }
}

/// A value of a workflow with its expressions replaced by what they mean in this run.
fn filled(value: &str, context: Context<'_>, said: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, behind)) = rest.split_once("${{ ") {
        let (expression, behind) = behind.split_once(" }}").unwrap();
        let known =
            context.iter().find(|(name, _)| *name == expression).map(|(_, value)| (*value).to_owned());
        let known = known.or_else(|| said.get(expression).cloned());
        let known = known.or_else(|| (expression == "github.token").then(|| "a-token".to_owned()));
        let known = known.or_else(|| (expression == "github.repository").then(|| "acme/estate".to_owned()));
        out += before;
        out += &known.unwrap_or_else(|| panic!("`{expression}` is not known"));
        rest = behind;
    }
    out + rest
}

/// Whether a step is run.
fn holds(
    condition: &str,
    is_failed: bool,
    context: Context<'_>,
    said: &BTreeMap<String, String>,
    place: &Path,
) -> bool {
    let is_always = condition.split(" && ").any(|part| part == "always()");
    let parts = condition.split(" && ").all(|part| match part {
        "always()" | "success()" => true,
        "hashFiles('plan.md') != ''" => place.join("plan.md").is_file(),
        "steps.plan.outcome != 'skipped'" => said["steps.plan.outcome"] != "skipped",
        "github.event.pull_request.head.repo.full_name == github.repository" => {
            let value = |name| filled(&format!("${{{{ {name} }}}}"), context, said);
            value("github.event.pull_request.head.repo.full_name") == value("github.repository")
        }
        other => panic!("`{other}` is not known"),
    });
    parts && (is_always || !is_failed)
}

#[test]
fn from_a_branch_to_a_repair() {
    if lacks_jq() {
        return;
    }
    let github = Github::new();
    let it = &github.0;
    assert_eq!(it.instances(), 1);

    // A pull request: one comment, annotations, an artefact; nothing changes.
    let commit = it.branch("more", "instances: 1", "instances: 2");
    let output = github.check("7", &commit).exits(0);
    assert!(github.comment("7").starts_with("<!-- mxkeep:plan:acme -->"), "{}", github.comment("7"));
    assert!(github.comment("7").contains("container.instances"));
    assert_eq!(it.instances(), 1);
    let plan: Value = serde_json::from_str(&file(&it.at("checked"), "plan.json")).unwrap();
    assert_eq!(plan["summary"]["update"], 1, "{output}");
    assert_eq!(plan["actions"][0]["class"], "change");

    // A push that breaks it: the check fails, and the same comment says why.
    edit(&it.at("work/hello.yaml"), "instances: 2", "instnces: 2");
    let broken = it.commit("more", "a slip");
    let output = github.check("7", &broken).exits(9);
    assert!(output.stdout.contains("::error file=hello.yaml"), "{output}");
    assert!(github.comment("7").contains("SHAPE-001"), "{}", github.comment("7"));
    edit(&it.at("work/hello.yaml"), "instnces: 2", "instances: 2");
    let commit = it.commit("more", "the slip repaired");
    let _ = github.check("7", &commit).exits(0);
    assert!(github.comment("7").contains("container.instances"));

    // The merge does what the comment showed.
    let _ = github.merge("more").exits(0);
    assert_eq!(it.instances(), 2);
    let outcome: Value = serde_json::from_str(&file(&it.at("applied"), "outcome.json")).unwrap();
    assert_eq!(outcome["summary"]["done"], 1);
    assert!(file(&it.at("applied"), "outcome.jsonl").contains(r#""event":"run-finished""#));

    // Nothing to tell on a schedule.
    let _ = github.drift().exits(0);
    assert!(github.issues().is_empty());

    // An edit in the portal: one issue, however often somebody looks.
    it.edit_in_portal(5);
    let _ = github.drift().exits(0);
    let _ = github.drift().exits(0);
    assert_eq!(github.issues(), ["open"]);
    let told = fs_err::read_to_string(github.state("issues/1/body")).unwrap();
    assert!(told.contains("environment/hello/test") && told.contains("- container.instances: 5"), "{told}");

    // A repair: the next pull request shows the drift apart from its own change, and puts it back.
    let commit = it.branch("url", "https://hello-test.example.com", "https://hello.example.com");
    let _ = github.check("8", &commit).exits(0);
    assert!(github.comment("8").contains("[drift]"), "{}", github.comment("8"));
    let _ = github.merge("url").exits(0);
    assert_eq!(it.instances(), 2);
    let _ = github.drift().exits(0);
    assert_eq!(github.issues(), ["closed"]);
}

#[test]
fn what_was_not_reviewed_is_not_done() {
    if lacks_jq() {
        return;
    }
    let github = Github::new();
    let it = &github.0;

    // A push without a pull request.
    let before = it.head();
    edit(&it.at("work/hello.yaml"), "instances: 1", "instances: 2");
    let after = it.commit("main", "without a review");
    let output = github.apply(&before, &after).exits(5);
    assert!(output.stdout.contains("so no plan was reviewed"), "{output}");
    assert_eq!(it.instances(), 1);
    it.git("work", &["revert", "--no-edit", "HEAD"]);
    it.git("work", &["push", "--quiet", "origin", "HEAD:main"]);

    // An edit of the same field between the review and the merge.
    it.git("work", &["fetch", "--quiet"]);
    let commit = it.branch("more", "instances: 1", "instances: 3");
    let _ = github.check("9", &commit).exits(0);
    it.edit_in_portal(6);
    let output = github.merge("more");
    assert!([5, 6].contains(&output.code), "{output}");
    assert_eq!(it.instances(), 6, "somebody decides first");
}

/// A pull request that touches what is protected fails its check, and cannot take the guard away either.
#[test]
fn a_guard_fails_the_check() {
    if lacks_jq() {
        return;
    }
    let github = Github::new();
    let it = &github.0;
    it.git("work", &["checkout", "--quiet", "-B", "gone", "origin/main"]);
    edit(&it.at("work/mxkeep.yaml"), "maxDeletes: 1", "maxDeletes: 5");
    it.remove_all();
    let commit = it.commit("gone", "everything goes");
    let _ = github.check("10", &commit).exits(6);
    assert!(github.comment("10").contains("maxDeletes"), "{}", github.comment("10"));
}

/// Comments that only look like ours are somebody else's.
#[test]
fn comments_of_others_are_left_alone() {
    if lacks_jq() {
        return;
    }
    let github = Github::new();
    let of = |id: u32, login: &str, body: &str| serde_json::json!({"id": id, "number": 7, "user": {"login": login}, "body": body});
    let others = [
        of(1, "stranger", "<!-- mxkeep:check:. -->\nmine"),
        of(2, "github-actions[bot]", "<!-- mxkeep:check:envs/test -->\nof another estate"),
        of(3, "github-actions[bot]", "of another workflow, about <!-- mxkeep:check:. -->"),
    ];
    github.note("comments.json", &Value::from(others.to_vec()).to_string());
    let commit = github.0.branch("more", "instances: 1", "instances: 2");
    let _ = github.check("7", &commit).exits(0);
    github.note("comments.json", &{
        let mut comments = github.comments();
        comments.push(of(5, "github-actions[bot]", "the last one"));
        Value::from(comments).to_string()
    });
    let _ = github.check("7", &commit).exits(0);
    let comments = github.comments();
    assert_eq!(comments.len(), 5, "{comments:#?}");
    assert_eq!(comments[..3], others);
    assert_eq!(comments[4]["body"], "the last one");
    assert!(github.comment("7").starts_with("<!-- mxkeep:plan:acme -->"));
}

/// A pull request from a fork is validated; a plan that it brings approves nothing.
#[test]
fn a_plan_from_a_fork_approves_nothing() {
    if lacks_jq() {
        return;
    }
    let github = Github::new();
    let it = &github.0;
    let commit = it.branch("more", "instances: 1", "instances: 2");
    let _ = github.check("7", &commit).exits(0);
    fs_err::copy(it.at("checked/plan.json"), it.at("work/plan.json")).unwrap();
    let forged = it.commit("more", "with a plan");
    let _ = github.check_of("stranger/estate", "8", &forged).exits(0);
    assert!(!it.at("checked/plan.json").exists());
    assert!(!github.state("artifacts").join(format!("{forged}-stranger-estate")).exists());
    let output = github.merge("more").exits(5);
    assert!(output.stdout.contains("did not succeed, so no plan was reviewed"), "{output}");
    assert_eq!(it.instances(), 1);
}

/// What a run left that was cancelled is done by the merge of a pull request that changes nothing, once it has shown it.
#[test]
fn what_was_left_is_reviewed_again() {
    if lacks_jq() {
        return;
    }
    let github = Github::new();
    let it = &github.0;
    let commit = it.branch("more", "instances: 1", "instances: 2");
    let _ = github.check("7", &commit).exits(0);
    it.merge("more", "whose run is cancelled");

    it.git("work", &["checkout", "--quiet", "-B", "again", "origin/main"]);
    it.git("work", &["commit", "--quiet", "--allow-empty", "--message", "once more"]);
    it.git("work", &["push", "--quiet", "origin", "again"]);
    let commit = it.head();
    let _ = github.check("8", &commit).exits(0);
    assert!(github.comment("8").contains("container.instances"), "{}", github.comment("8"));
    let _ = github.merge("again").exits(0);
    assert_eq!(it.instances(), 2);
}

/// The first pull request brings the estate. Its check has no secret, and says from where the merge takes one.
#[test]
fn the_first_pull_request_creates_with_a_secret() {
    if lacks_jq() {
        return;
    }
    let github = Github::of(Loop::empty());
    let it = &github.0;
    it.git("work", &["checkout", "--quiet", "-B", "first"]);
    it.init("github");
    let commit = it.commit("first", "the estate");
    let _ = github.check("1", &commit).exits(0);
    let told = github.comment("1");
    assert!(told.contains("namespace/demo/apps-test") && told.contains("APPS_TEST_SECRET"), "{told}");
    let _ = github.merge("first").exits(0);
    assert_eq!(it.instances(), 1);
    let _ = github.drift().exits(0);
}

/// Applies wait for each other in the order of merges, and none of them takes the place of one that waits.
#[test]
fn applies_wait_in_line() {
    if lacks_jq() {
        return;
    }
    let workflow = Github::new().0.file(".github/workflows/mxkeep-apply.yml");
    assert_eq!(
        workflow["concurrency"],
        serde_json::json!({"group": "mxkeep-apply", "cancel-in-progress": false, "queue": "max"})
    );
}
