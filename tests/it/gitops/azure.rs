//! Azure DevOps.

use std::sync::{Arc, Mutex};

use super::server::{Kept, start};
use super::*;

struct Azure {
    it: Loop,
    url: String,
    kept: Arc<Mutex<Kept>>,
}

impl Azure {
    fn new() -> Azure {
        let (url, kept) = start();
        Azure { it: Loop::new("azure"), url, kept }
    }

    /// Runs the steps of a stage that are scripts, with the variables that the service gives.
    fn run(&self, stage: &str, place: &Path) -> CommandOutput {
        let file = self.it.file(".azure/mxkeep.azure-pipelines.yml");
        let stages = file["stages"].as_array().unwrap();
        let stage = stages.iter().find(|it| it["stage"] == stage).unwrap();
        let job = &stage["jobs"][0];
        let steps =
            job["steps"].as_array().or_else(|| job["strategy"]["runOnce"]["deploy"]["steps"].as_array());
        let scripts = steps.unwrap().iter().filter(|step| step["bash"].is_string());
        let step = scripts.filter(|step| step["displayName"] != "Install mxkeep").collect::<Vec<_>>();
        let [step] = step.as_slice() else { panic!("{step:#?}") };
        let mut variables = texts(&step["env"]);
        for value in variables.values_mut() {
            *value = match value.as_str() {
                "$(MXKEEP_READ_TOKEN)" => "simulator-read".to_owned(),
                "$(MXKEEP_WRITE_TOKEN)" => "simulator".to_owned(),
                "$(System.AccessToken)" => "a-token".to_owned(),
                "$(System.PullRequest.targetBranchName)" => "main".to_owned(),
                "$(System.CollectionUri)" => format!("{}/acme/", self.url),
                "$(System.TeamProjectId)" => "6ce9".to_owned(),
                "$(System.DefinitionId)" => "12".to_owned(),
                "$(APPS_TEST_SECRET)" => "not-so-secret".to_owned(),
                "$(Build.Repository.ID)" => "r1".to_owned(),
                "$(System.PullRequest.PullRequestId)" => "7".to_owned(),
                "$(Pipeline.Workspace)/mxkeep-reviewed" => {
                    self.it.at("artefacts/mxkeep-reviewed").to_str().unwrap().to_owned()
                }
                other => panic!("`{other}` is not known"),
            };
        }
        let estate = file["variables"].as_array().unwrap().iter().find(|it| it["name"] == "ESTATE").unwrap();
        variables.insert("ESTATE".to_owned(), estate["value"].as_str().unwrap().to_owned());
        // The service has no `-e` for scripts.
        self.it.bash(&[], step["bash"].as_str().unwrap(), &variables, place)
    }

    fn check(&self, commit: &str) -> CommandOutput {
        self.run("check", &self.it.checkout("checked", commit, true))
    }

    /// Merges, plans, and applies once that is approved.
    fn merge(&self, branch: &str, meanwhile: impl FnOnce()) -> CommandOutput {
        let (_, after) = self.it.merge(branch, &format!("Merged PR 7: {branch}"));
        self.pushed(&after, meanwhile)
    }

    /// A run for a commit of main. A plan that fails is never approved.
    fn pushed(&self, after: &str, meanwhile: impl FnOnce()) -> CommandOutput {
        let place = self.it.checkout("planned", after, false);
        let planned = self.run("plan", &place);
        assert!(planned.stdout.contains("##vso[task.uploadsummary]"), "{planned}");
        if planned.code != 0 {
            return planned;
        }
        let artefact = self.it.at("artefacts/mxkeep-reviewed");
        fs_err::create_dir_all(&artefact).unwrap();
        for name in ["plan.json", "base"] {
            fs_err::copy(place.join("reviewed").join(name), artefact.join(name)).unwrap();
        }
        meanwhile();
        let applied = self.run("apply", &self.it.checkout("applied", after, false));
        if applied.code == 0 {
            self.kept.lock().unwrap().runs.push(after.to_owned());
        }
        applied
    }

    fn drift(&self) -> CommandOutput {
        self.run("drift", &self.it.checkout("looked-at", "origin/main", false))
    }
}

#[test]
fn from_a_branch_to_a_repair() {
    if lacks_jq() {
        return;
    }
    let azure = Azure::new();
    let it = &azure.it;
    let kept = || azure.kept.lock().unwrap();

    let commit = it.branch("more", "instances: 1", "instances: 2");
    let _ = azure.check(&commit).exits(0);
    let _ = azure.check(&commit).exits(0);
    assert_eq!(kept().notes.len(), 1, "one thread, however often");
    assert_eq!(kept().comment(), file(&it.at("checked"), "plan.md"), "byte for byte");
    assert!(file(&it.at("checked"), "plan.junit.xml").contains("environment/hello/test"));

    edit(&it.at("work/hello.yaml"), "instances: 2", "instnces: 2");
    let broken = it.commit("more", "a slip");
    let _ = azure.check(&broken).exits(9);
    assert!(kept().comment().contains("SHAPE-001"), "{}", kept().comment());
    edit(&it.at("work/hello.yaml"), "instnces: 2", "instances: 2");
    it.commit("more", "the slip repaired");

    let _ = azure.merge("more", || {}).exits(0);
    assert_eq!(it.instances(), 2);
    let _ = azure.drift().exits(0);

    it.edit_in_portal(5);
    let _ = azure.drift().exits(2);
    assert!(file(&it.at("looked-at"), "drift.junit.xml").contains("container.instances"));

    let commit = it.branch("url", "https://hello-test.example.com", "https://hello.example.com");
    let _ = azure.check(&commit).exits(0);
    let _ = azure.merge("url", || {}).exits(0);
    assert_eq!(it.instances(), 2);
    let _ = azure.drift().exits(0);
}

#[test]
fn what_changed_while_somebody_looked_is_not_done() {
    if lacks_jq() {
        return;
    }
    let azure = Azure::new();
    let _ = azure.it.branch("more", "instances: 1", "instances: 2");
    let output = azure.merge("more", || azure.it.edit_in_portal(6));
    assert!([5, 6].contains(&output.code), "{output}");
    assert_eq!(azure.it.instances(), 6);
}

#[test]
fn threads_of_others_are_left_alone() {
    if lacks_jq() {
        return;
    }
    let azure = Azure::new();
    let others = azure.kept.lock().unwrap().add_others();
    let commit = azure.it.branch("more", "instances: 1", "instances: 2");
    let _ = azure.check(&commit).exits(0);
    let _ = azure.check(&commit).exits(0);
    let kept = azure.kept.lock().unwrap();
    assert_eq!(kept.notes.len(), others.len() + 1);
    assert_eq!(kept.notes[..others.len()], others);
    assert!(kept.comment().contains("container.instances"), "{}", kept.comment());
}

#[test]
fn a_plan_that_fails_fails_its_step() {
    if lacks_jq() {
        return;
    }
    let azure = Azure::new();
    let _ = azure.it.branch("slip", "instances: 1", "instnces: 2");
    let _ = azure.merge("slip", || panic!("nothing to approve")).exits(9);
    assert_eq!(azure.it.instances(), 1);
    // Stages see no more than results.
    let file = azure.it.file(".azure/mxkeep.azure-pipelines.yml");
    let apply = file["stages"].as_array().unwrap().iter().find(|it| it["stage"] == "apply").unwrap();
    assert_eq!(apply["dependsOn"], "plan");
    assert_eq!(apply["condition"], "and(succeeded(), eq(dependencies.plan.result, 'Succeeded'))");
    assert_eq!(apply["lockBehavior"], "sequential");
}

/// The first of two commits takes a guard away, the second does what it forbade; one push brings both.
#[test]
fn the_base_is_what_was_applied_last() {
    if lacks_jq() {
        return;
    }
    let azure = Azure::new();
    let it = &azure.it;
    azure.kept.lock().unwrap().runs.push(it.head());
    edit(&it.at("work/mxkeep.yaml"), "maxDeletes: 1", "maxDeletes: 5");
    it.commit("main", "a guard less");
    it.remove_all();
    let after = it.commit("main", "everything goes");
    let output = azure.pushed(&after, || panic!("nothing to approve")).exits(6);
    assert!(output.stdout.contains("maxDeletes"), "{output}");
}

#[test]
fn one_place_says_what_is_installed() {
    if lacks_jq() {
        return;
    }
    let file = Azure::new().it.file(".azure/mxkeep.azure-pipelines.yml");
    let install = file["variables"].as_array().unwrap().iter().find(|it| it["name"] == "INSTALL").unwrap();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(install["value"], format!("cargo install mxkeep --locked --version {version}"));
    // Of each stage, and with no variable of its own.
    let step = serde_json::json!({"bash": "$(INSTALL)", "displayName": "Install mxkeep"}).to_string();
    assert_eq!(file.to_string().matches(&step).count(), 4);
    assert_eq!(file.to_string().matches("Install mxkeep").count(), 4);
}

/// A pull request runs this file as its branch has it, so no stage that it runs may name the group with the other token.
#[test]
fn the_token_that_may_write_is_named_in_one_stage() {
    if lacks_jq() {
        return;
    }
    let file = Azure::new().it.file(".azure/mxkeep.azure-pipelines.yml");
    assert_eq!(file["variables"][0], serde_json::json!({"group": "mxkeep"}));
    for stage in file["stages"].as_array().unwrap() {
        let is_apply = stage["stage"] == "apply";
        assert_eq!(stage.to_string().contains("MXKEEP_WRITE_TOKEN"), is_apply, "{stage:#}");
        let group = serde_json::json!([{"group": "mxkeep-write"}]);
        assert_eq!(stage["variables"], if is_apply { group } else { Value::Null });
    }
}
