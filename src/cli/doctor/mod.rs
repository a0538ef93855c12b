//! What `mxkeep doctor` looks at, one thing after the other. It sends only GET, and nothing before it is known where to.

mod estate;
mod rights;
mod way;

pub(super) use estate::estate;
pub(super) use rights::{Rights, present, rights};
use way::NO_PRIVATE;
pub(super) use way::{connection, way};

use super::error::CliError;
use super::exit::ExitStatus;
use crate::render::{Able, Check, Commands, Message, Verdict};

/// The commands that only read.
const READING: &[&str] = &["plan", "drift", "status"];

/// The commands that change things.
const CHANGING: &[&str] = &["apply", "restart", "stop", "start", "scale"];

/// Whether there is an estate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// One that is valid.
    Valid,
    /// One with mistakes.
    Invalid,
    /// None.
    Nothing,
}

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Examination {
    pub(super) checks: Vec<Check>,
    /// The exits that were met.
    pub(super) met: Vec<ExitStatus>,
}

impl Examination {
    pub(super) fn ok(&mut self, check: &'static str, message: impl AsRef<str>) {
        self.add(check, Verdict::Ok, message.as_ref(), None);
    }

    pub(super) fn warn(&mut self, check: &'static str, message: impl AsRef<str>, help: &str) {
        self.add(check, Verdict::Warning, message.as_ref(), Some(help));
    }

    pub(super) fn skip(&mut self, check: &'static str, message: impl AsRef<str>) {
        self.add(check, Verdict::Skipped, message.as_ref(), None);
    }

    pub(super) fn fail(&mut self, check: &'static str, status: ExitStatus, message: &str, help: &str) {
        self.met.push(status);
        self.add(check, Verdict::Failed, message, Some(help));
    }

    /// A check that ended with an error of the command line.
    pub(super) fn fail_with(&mut self, check: &'static str, error: &CliError) {
        // The diagnostic says it better than the sum of all of them.
        let found = error.diagnostics.first();
        let message = found.map_or(error.message.clone(), |found| found.message().to_owned());
        let help = found.and_then(|found| found.help()).or(error.help.first().map(String::as_str));
        self.met.push(error.status);
        self.add(check, Verdict::Failed, &message, help);
    }

    fn add(&mut self, check: &'static str, verdict: Verdict, message: &str, help: Option<&str>) {
        self.checks.push(Check {
            check,
            verdict,
            message: Message::new(message),
            help: help.map(Message::new),
        });
    }

    /// What the checks mean for the commands.
    pub(super) fn commands(&self, found: Found, rights: Option<&Rights>) -> Vec<Commands> {
        let told = |commands: &[&'static str], able, because: Option<&str>| Commands {
            commands: commands.to_vec(),
            able,
            because: because.map(Message::new),
        };
        let validate = match found {
            Found::Valid => told(&["validate"], Able::Yes, None),
            Found::Invalid => told(&["validate"], Able::Yes, Some("it tells what is wrong with the estate")),
            Found::Nothing => told(&["validate"], Able::No, Some("there is no estate")),
        };
        // What some resources hide spoils a part of the work only.
        let failure = self.checks.iter().find(|it| it.verdict == Verdict::Failed && it.check != "resources");
        if let Some(check) = failure {
            let because = format!("because of `{}`", check.check);
            return vec![validate, told(&[READING, CHANGING].concat(), Able::No, Some(&because))];
        }
        let Some(rights) = rights else { return vec![validate] };
        let later = (found == Found::Nothing).then_some("once there is an estate");
        let (read, change) = (rights.reads(), rights.writes());
        vec![validate, told(READING, read.0, read.1.or(later)), told(CHANGING, change.0, change.1.or(later))]
    }
}
