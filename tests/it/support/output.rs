//! Running the binary.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::World;

/// A call of the binary in a clean environment.
pub struct Mxkeep(Command);

/// What a call printed, and its exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct CommandOutput {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

impl Mxkeep {
    /// The binary with these arguments, without any variable of this process.
    pub fn new<'a>(args: impl IntoIterator<Item = &'a str>) -> Mxkeep {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mxkeep"));
        command.env_clear().args(args).stdin(Stdio::null());
        Mxkeep(command)
    }

    /// In this directory.
    pub fn dir(mut self, directory: &Path) -> Mxkeep {
        self.0.current_dir(directory);
        self
    }

    /// With this variable.
    pub fn env(mut self, name: &str, value: &str) -> Mxkeep {
        self.0.env(name, value);
        self
    }

    /// With these variables.
    pub fn envs(mut self, variables: &BTreeMap<String, String>) -> Mxkeep {
        self.0.envs(variables);
        self
    }

    /// Against this simulator, with the token that may do everything.
    pub fn against(self, world: &World) -> Mxkeep {
        self.env("MXKEEP_API_URL", &world.url())
            .env("MXKEEP_CLOUD_API_URL", &world.cloud_url())
            .env("MXKEEP_TOKEN", "simulator")
    }

    /// Runs it to its end.
    pub fn run(mut self) -> CommandOutput {
        let output = self.0.output().unwrap();
        CommandOutput {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code().unwrap_or(-1),
        }
    }

    /// Starts it, for tests that send signals.
    #[cfg(unix)]
    pub fn start(self) -> super::Running {
        self.start_writing_to(Stdio::piped())
    }

    /// The same with another stdout.
    #[cfg(unix)]
    pub fn start_writing_to(mut self, stdout: Stdio) -> super::Running {
        super::Running::new(self.0.stdout(stdout).stderr(Stdio::piped()).spawn().unwrap())
    }
}

impl CommandOutput {
    /// The output, once it has this exit code.
    pub fn exits(self, code: i32) -> CommandOutput {
        assert_eq!(self.code, code, "{self}");
        self
    }

    /// The outcome of every action of an apply in JSON, by its id, once the summary adds up to them.
    pub fn outcomes(&self) -> BTreeMap<String, String> {
        let document = self.json();
        let text = |action: &serde_json::Value, key: &str| action[key].as_str().unwrap().to_owned();
        let actions = document["actions"].as_array().unwrap();
        let outcomes: BTreeMap<String, String> =
            actions.iter().map(|action| (text(action, "id"), text(action, "outcome"))).collect();
        assert_eq!(outcomes.len(), actions.len(), "an action is there twice: {self}");
        let mut counts: BTreeMap<&str, u64> = BTreeMap::from([("total", actions.len() as u64)]);
        for outcome in outcomes.values() {
            let key = if outcome == "not-started" { "notStarted" } else { outcome };
            *counts.entry(key).or_default() += 1;
        }
        for (key, count) in document["summary"].as_object().unwrap() {
            let expected = counts.remove(key.as_str()).unwrap_or(0);
            assert_eq!(count.as_u64(), Some(expected), "`{key}` does not add up: {self}");
        }
        assert!(counts.is_empty(), "the summary lacks {counts:?}: {self}");
        outcomes
    }

    /// The output, once stderr has every one of these texts.
    pub fn says(self, texts: &[&str]) -> CommandOutput {
        for text in texts {
            assert!(self.unwrapped().contains(text), "`{text}` is not said: {self}");
        }
        self
    }

    /// stderr on one line, so that a text is found wherever it was wrapped.
    fn unwrapped(&self) -> String {
        let frame = |character: char| "│×─╭╰·".contains(character);
        let words = self.stderr.split_whitespace().filter(|word| !word.chars().all(frame));
        words.collect::<Vec<_>>().join(" ")
    }

    /// stdout as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }
}

impl fmt::Display for CommandOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n--- stderr\n{}\n--- exit {}", self.stdout, self.stderr, self.code)
    }
}
