//! The end of a run: what became of every action.

use std::time::Duration;

use crate::model::Origin;
use crate::plan::{Action, Unreadable};

/// What became of a run. It always adds up: every action of the plan is here, once.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The name of the estate.
    pub estate: String,
    /// The digest of the plan that was applied.
    pub plan: String,
    /// Every action, in the order of the plan.
    pub actions: Vec<ActionReport>,
    /// How many resources needed nothing.
    pub unchanged: usize,
    /// What could not be read with this token, and was left alone.
    pub unreadable: Vec<Unreadable>,
    /// Whether a signal ended the run early.
    pub interrupted: bool,
    /// How long it took.
    pub duration: Duration,
    /// The file in which the run has kept its journal, where that is still there.
    pub journal: Option<String>,
    /// The command that goes on with the run, where something is left of it.
    pub resume: Option<String>,
}

/// What became of one action.
#[derive(Debug, Clone)]
pub struct ActionReport {
    /// The action.
    pub action: Action,
    /// How it ended.
    pub outcome: ActionOutcome,
    /// The last job that was started for it.
    pub job: Option<String>,
    /// Whether every managed field was read back as declared.
    pub verified: bool,
    /// How long it took, from its first request on.
    pub duration: Duration,
    /// Why it did not succeed.
    pub error: Option<Failure>,
    /// What to know although it succeeded.
    pub warnings: Vec<String>,
    /// The id of the package that it made.
    pub package: Option<String>,
    /// The last lines of the log of a build that failed.
    pub log: Vec<String>,
}

/// How an action ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionOutcome {
    /// As declared.
    Done,
    /// Tried, in vain.
    Failed,
    /// Not tried, because something that it needs did not succeed.
    Skipped,
    /// Not tried, because what it found is not what the plan saw, or because nobody approved it.
    Refused,
    /// Stopped before it changed anything, by a signal.
    Cancelled,
    /// Not tried, because the run ended early.
    NotStarted,
    /// Not tried, because the plan blocks it.
    Blocked,
    /// Not tried, because a person has to do something first.
    Waiting,
    /// A request or job was sent, and its end is not known. Look before repeating.
    Unknown,
}

impl ActionOutcome {
    /// Every outcome, in the order of reports.
    pub const ALL: [ActionOutcome; 9] = [
        ActionOutcome::Done,
        ActionOutcome::Failed,
        ActionOutcome::Unknown,
        ActionOutcome::Skipped,
        ActionOutcome::Refused,
        ActionOutcome::Blocked,
        ActionOutcome::Waiting,
        ActionOutcome::Cancelled,
        ActionOutcome::NotStarted,
    ];

    /// The outcome in JSON and text.
    pub const fn name(self) -> &'static str {
        match self {
            ActionOutcome::Done => "done",
            ActionOutcome::Failed => "failed",
            ActionOutcome::Skipped => "skipped",
            ActionOutcome::Refused => "refused",
            ActionOutcome::Cancelled => "cancelled",
            ActionOutcome::NotStarted => "not-started",
            ActionOutcome::Blocked => "blocked",
            ActionOutcome::Waiting => "waiting",
            ActionOutcome::Unknown => "unknown",
        }
    }
}

/// Why an action did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The stable code.
    pub code: &'static str,
    /// What is wrong, for people; no secrets, no terminal escapes.
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
    /// The field that matters most, where it is one.
    pub path: Option<String>,
    /// Its place in the files, or the document's.
    pub origin: Option<Origin>,
    /// What kind of failure it is, for the exit code.
    pub kind: FailureKind,
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureKind {
    /// The platform did not do what was asked.
    Platform,
    /// The token is missing, rejected or not allowed to.
    Unauthorised,
    /// The API cannot be reached or speaks nonsense.
    Unreachable,
}

/// The codes of failures, with what each of them means. The reference page is made from this list.
pub const CODES: &[(&str, &str)] = &[
    (JOB_FAILED, "The platform accepted the request, and its job failed."),
    (NOT_CONVERGED, "The job finished, and a managed field does not have the declared value."),
    (ENVIRONMENT_FAILED, "The environment reports the state Failed."),
    (NOT_READY, "The environment was not ready in time."),
    (STALE, "What the action found is not what the plan saw."),
    (REQUEST_FAILED, "The API did not accept a request, or could not be reached."),
    (OUTCOME_UNKNOWN, "A request or job was sent, and its end is not known."),
    (STILL_THERE, "The job of a delete finished, and the resource is still there."),
    (NEED_FAILED, "An action that has to succeed first did not."),
    (PACKAGE_UNKNOWN, "The job of a build or upload finished, and there is no package to be seen."),
    (
        MARK_LOST,
        "A package was made, and the platform did not keep the mark by which mxkeep would know it again.",
    ),
    (NOT_APPROVED, "The action is not what was approved: not in the plan file, or not in the journal."),
    (ID_TAKEN, "The platform says that the id of a resource that is to be created is taken by another one."),
    (INTERRUPTED, "A signal ended the run."),
    (NO_PLAN_FILE, "The file of `apply --plan` is no plan."),
    (PLAN_NEWER, "The plan of `apply --plan` is in a newer format."),
    (PLAN_EDITED, "The plan of `apply --plan` was edited after it was written."),
    (PLAN_FOREIGN, "The plan of `apply --plan` is for another estate or another API."),
    (PLAN_EXPIRED, "The plan of `apply --plan` is too old, or from the future."),
    (PLAN_PROBLEMS, "The plan of `apply --plan` has problems, and is never applied."),
];

/// See [`CODES`].
pub const JOB_FAILED: &str = "APPLY-001";
/// See [`CODES`].
pub const NOT_CONVERGED: &str = "APPLY-002";
/// See [`CODES`].
pub const ENVIRONMENT_FAILED: &str = "APPLY-003";
/// See [`CODES`].
pub const NOT_READY: &str = "APPLY-004";
/// See [`CODES`].
pub const STALE: &str = "APPLY-005";
/// See [`CODES`].
pub const REQUEST_FAILED: &str = "APPLY-006";
/// See [`CODES`].
pub const OUTCOME_UNKNOWN: &str = "APPLY-007";
/// See [`CODES`].
pub const STILL_THERE: &str = "APPLY-008";
/// See [`CODES`].
pub const NEED_FAILED: &str = "APPLY-009";
/// See [`CODES`].
pub const PACKAGE_UNKNOWN: &str = "APPLY-020";
/// See [`CODES`].
pub const MARK_LOST: &str = "APPLY-021";
/// See [`CODES`].
pub const NOT_APPROVED: &str = "APPLY-030";
/// See [`CODES`].
pub const ID_TAKEN: &str = "APPLY-040";
/// See [`CODES`].
pub const INTERRUPTED: &str = "APPLY-010";
/// See [`CODES`].
pub const NO_PLAN_FILE: &str = "APPLY-031";
/// See [`CODES`].
pub const PLAN_NEWER: &str = "APPLY-032";
/// See [`CODES`].
pub const PLAN_EDITED: &str = "APPLY-033";
/// See [`CODES`].
pub const PLAN_FOREIGN: &str = "APPLY-034";
/// See [`CODES`].
pub const PLAN_EXPIRED: &str = "APPLY-035";
/// See [`CODES`].
pub const PLAN_PROBLEMS: &str = "APPLY-036";

impl Outcome {
    /// How many actions ended this way.
    pub fn count(&self, outcome: ActionOutcome) -> usize {
        self.actions.iter().filter(|report| report.outcome == outcome).count()
    }

    /// Whether some action failed in this way.
    pub fn has_failure(&self, kind: FailureKind) -> bool {
        self.actions.iter().filter_map(|report| report.error.as_ref()).any(|error| error.kind == kind)
    }
}
