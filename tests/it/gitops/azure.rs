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
                "$(System.TeamProject)" => "shop".to_owned(),
                "$(Build.Repository.ID)" => "r1".to_owned(),
                "$(System.PullRequest.PullRequestId)" => "7".to_owned(),
                "$(Pipeline.Workspace)" => self.it.at("artefacts").to_str().unwrap().to_owned(),
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
        let place = self.it.checkout("planned", &after, false);
        let output = self.run("plan", &place).exits(0);
        assert!(output.stdout.contains("##vso[task.uploadsummary]"), "{output}");
        let artefact = self.it.at("artefacts/mxkeep-reviewed");
        fs_err::create_dir_all(&artefact).unwrap();
        fs_err::copy(place.join("plan.json"), artefact.join("plan.json")).unwrap();
        meanwhile();
        self.run("apply", &self.it.checkout("applied", &after, false))
    }

    fn drift(&self) -> CommandOutput {
        self.run("drift", &self.it.checkout("looked-at", "origin/main", false))
    }
}

#[test]
fn from_a_branch_to_a_repair() {
    let azure = Azure::new();
    let it = &azure.it;
    let kept = || azure.kept.lock().unwrap();

    let commit = it.branch("more", "instances: 1", "instances: 2");
    let _ = azure.check(&commit).exits(0);
    let _ = azure.check(&commit).exits(0);
    assert_eq!(kept().notes.len(), 1, "one thread, however often");
    assert_eq!(kept().notes[0], file(&it.at("checked"), "plan.md"), "byte for byte");
    assert!(file(&it.at("checked"), "plan.junit.xml").contains("environment/hello/test"));

    edit(&it.at("work/hello.yaml"), "instances: 2", "instnces: 2");
    let broken = it.commit("more", "a slip");
    let _ = azure.check(&broken).exits(9);
    assert!(kept().notes[0].contains("SHAPE-001"), "{}", kept().notes[0]);
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
    let azure = Azure::new();
    let _ = azure.it.branch("more", "instances: 1", "instances: 2");
    let output = azure.merge("more", || azure.it.edit_in_portal(6));
    assert!([5, 6].contains(&output.code), "{output}");
    assert_eq!(azure.it.instances(), 6);
}
