//! The pipelines that `mxkeep init` writes, run: a branch, a pull request, a merge, an edit in the portal, the drift of a
//! schedule, a repair; on a local bare repository and the simulator.
//!
//! The shell steps are run as they stand in the files. What hosts them is not there: steps that check out, install or
//! upload are done by the tests, and what the steps call besides mxkeep, Git and jq is `gh` or `curl` with something that
//! answers as the real thing is documented to.

mod azure;
mod github;
mod gitlab;
mod server;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{CommandOutput, Mxkeep, World, edit};

/// A repository with an estate, the world that it describes, and the place of a build server.
struct Loop {
    world: World,
    directory: TempDir,
}

/// Whether the machine has no jq, which the pipelines need: then they are not run here. `.ci/run` installs it.
fn lacks_jq() -> bool {
    Command::new("jq").arg("--version").output().is_err()
}

impl Loop {
    /// An estate and a pipeline as `mxkeep init` writes them, committed, pushed, and applied by hand once.
    fn new(pipeline: &str) -> Loop {
        let it = Loop::empty();
        it.init(pipeline);
        let apply = Mxkeep::new(["apply", "--yes"]).dir(&it.at("work")).against(&it.world);
        let _ = apply.env("APPS_TEST_SECRET", "not-so-secret").run().exits(0);
        it.commit("main", "the estate");
        it
    }

    /// A repository with nothing in it but a commit, and a world with nothing in it.
    fn empty() -> Loop {
        let it = Loop { world: World::quick(), directory: tempfile::tempdir().unwrap() };
        it.git(".", &["init", "--quiet", "--bare", "--initial-branch=main", "origin.git"]);
        it.git(".", &["clone", "--quiet", "origin.git", "work"]);
        it.git("work", &["checkout", "--quiet", "-B", "main"]);
        it.git("work", &["commit", "--quiet", "--allow-empty", "--message", "nothing yet"]);
        it.git("work", &["push", "--quiet", "origin", "main"]);
        it
    }

    /// Writes an estate and a pipeline into the work tree.
    fn init(&self, pipeline: &str) {
        let init = ["init", "--name", "acme", "--pipeline", pipeline];
        let _ = Mxkeep::new(init).dir(&self.at("work")).run().exits(0);
        self.world.prepare(&self.at("work"));
        self.uncomment();
    }

    /// Gives the apply the values that the estate takes from variables, as the comments in the files say.
    fn uncomment(&self) {
        let files = [".github/workflows/mxkeep-apply.yml", ".azure/mxkeep.azure-pipelines.yml"];
        for path in files.map(|name| self.at("work").join(name)).iter().filter(|path| path.exists()) {
            let text = fs_err::read_to_string(path).unwrap();
            assert_eq!(text.matches("# APPS_TEST_SECRET: $").count(), 1, "{}", path.display());
            fs_err::write(path, text.replace("# APPS_TEST_SECRET: $", "APPS_TEST_SECRET: $")).unwrap();
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn git(&self, place: &str, args: &[&str]) -> String {
        let output = Command::new("git")
            .args([
                "-c",
                "user.name=dev",
                "-c",
                "user.email=dev@acme.example",
                "-c",
                "advice.detachedHead=false",
            ])
            .args(args)
            .current_dir(self.at(place))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("HOME", self.directory.path())
            .output()
            .expect("Git is on the machine of whoever has cloned this");
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Commits everything of the work tree to a branch and pushes it; gives the commit.
    fn commit(&self, branch: &str, message: &str) -> String {
        self.git("work", &["add", "--all"]);
        self.git("work", &["commit", "--quiet", "--message", message]);
        self.git("work", &["push", "--quiet", "origin", &format!("HEAD:{branch}")]);
        self.head()
    }

    fn head(&self) -> String {
        self.git("work", &["rev-parse", "HEAD"])
    }

    /// A branch off main with an edit of the environment; gives its commit.
    fn branch(&self, name: &str, from: &str, to: &str) -> String {
        self.git("work", &["checkout", "--quiet", "-B", name, "origin/main"]);
        edit(&self.at("work/hello.yaml"), from, to);
        self.commit(name, &format!("{name}: {to}"))
    }

    /// Merges a branch into main as build servers do; gives main before and after.
    fn merge(&self, branch: &str, message: &str) -> (String, String) {
        self.git("work", &["checkout", "--quiet", "main"]);
        let before = self.head();
        self.git("work", &["merge", "--quiet", "--no-ff", "--message", message, branch]);
        self.git("work", &["push", "--quiet", "origin", "main"]);
        (before, self.head())
    }

    /// A fresh checkout of a commit, of which a pull request's is merged into main already.
    fn checkout(&self, name: &str, commit: &str, is_request: bool) -> PathBuf {
        // Build servers begin with nothing.
        if self.at(name).exists() {
            fs_err::remove_dir_all(self.at(name)).unwrap();
        }
        self.git(".", &["clone", "--quiet", "origin.git", name]);
        if is_request {
            self.git(name, &["checkout", "--quiet", "--detach", "origin/main"]);
            self.git(
                name,
                &["merge", "--quiet", "--no-ff", "--message", "the merge that is checked", commit],
            );
        } else {
            self.git(name, &["checkout", "--quiet", "--detach", commit]);
        }
        self.at(name)
    }

    /// Runs a script as a build server does: with these options of bash and these variables, and nothing else.
    fn bash(
        &self,
        options: &[&str],
        script: &str,
        variables: &BTreeMap<String, String>,
        place: &Path,
    ) -> CommandOutput {
        let bin = Path::new(env!("CARGO_BIN_EXE_mxkeep")).parent().unwrap().to_owned();
        let system = ["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from);
        let path = std::env::join_paths([self.at("bin"), bin].into_iter().chain(system)).unwrap();
        let output = Command::new("bash")
            .args(["--noprofile", "--norc"])
            .args(options)
            .args(["-c", script])
            .current_dir(place)
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.directory.path())
            .env("MXKEEP_API_URL", self.world.url())
            .envs(variables)
            .output()
            .unwrap();
        CommandOutput {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code().unwrap_or(-1),
        }
    }

    /// How many instances the environment has live.
    fn instances(&self) -> Value {
        self.world.get().world()["environments"][0]["manifest"]["environment"]["container"]["instances"]
            .clone()
    }

    /// What somebody does in the portal.
    fn edit_in_portal(&self, instances: u32) {
        let environment = self.world.get().world()["environments"][0].clone();
        let [app, namespace] = ["appId", "namespaceId"].map(|name| environment[name].as_str().unwrap());
        let id = environment["manifest"]["environment"]["id"].as_str().unwrap();
        let resource = format!("environments/{app}/{namespace}/{id}");
        self.world.edit(&resource, "/container/instances", instances.into());
    }

    /// Has the files ask for the removal of the environment and its namespace.
    fn remove_all(&self) {
        let text = fs_err::read_to_string(self.at("work/hello.yaml")).unwrap();
        let id = text.lines().find_map(|line| line.strip_prefix("  id: ")).unwrap();
        let app = text.lines().find(|line| line.starts_with("app:")).unwrap();
        let tombstone = format!("{app}\n---\nremove:\n  - {{address: environment/hello/test, id: {id}}}\n");
        fs_err::write(self.at("work/hello.yaml"), tombstone).unwrap();
        let namespace = fs_err::read_to_string(self.at("work/platform.yaml")).unwrap();
        let (cluster, namespace) = namespace.split_once("---\n").unwrap();
        let id = namespace.lines().find_map(|line| line.strip_prefix("  namespaceId: ")).unwrap();
        let tombstone =
            format!("{cluster}---\nremove:\n  - {{address: namespace/demo/apps-test, id: {id}}}\n");
        fs_err::write(self.at("work/platform.yaml"), tombstone).unwrap();
    }

    /// A file of the pipeline, read as YAML.
    fn file(&self, name: &str) -> Value {
        serde_yaml::from_str(&fs_err::read_to_string(self.at("work").join(name)).unwrap()).unwrap()
    }
}

/// The text members of a mapping.
fn texts(value: &Value) -> BTreeMap<String, String> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

fn file(place: &Path, name: &str) -> String {
    fs_err::read_to_string(place.join(name)).unwrap_or_else(|error| panic!("{error}"))
}
