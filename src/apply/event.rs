//! What a run tells while it runs. The only thing that progress renderers hear.

use std::time::Duration;

use super::outcome::ActionOutcome;
use crate::api::size;
use crate::plan::{ActionId, Verb};

/// Something happened in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplyEvent {
    /// The run begins with this many actions that may run.
    RunStarted {
        /// How many.
        actions: usize,
    },
    /// Before the run begins, so many jobs of an earlier one are waited for.
    Reattaching {
        /// How many.
        jobs: usize,
    },
    /// The journal of the run cannot be written any more; the run goes on without.
    JournalLost {
        /// Why.
        reason: String,
    },
    /// An action begins.
    ActionStarted {
        /// Which.
        action: ActionId,
    },
    /// An action entered another phase.
    ActionPhase {
        /// Which.
        action: ActionId,
        /// What it does now.
        phase: Phase,
    },
    /// An action ended.
    ActionFinished {
        /// Which.
        action: ActionId,
        /// How.
        outcome: ActionOutcome,
        /// How long it took.
        duration: Duration,
        /// Why it did not succeed, or what to know.
        message: Option<String>,
    },
    /// A signal came; nothing new starts. With `waiting: false` the run does not wait for open jobs either.
    Interrupted {
        /// Whether the run still waits for open jobs.
        waiting: bool,
        /// How many actions are open.
        open: usize,
    },
    /// The run is over.
    RunFinished,
}

/// What an action does at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Reads the resource again.
    Reading,
    /// Waits until the platform is done with an earlier change.
    WaitingForEarlierChange,
    /// Sends the request.
    Sending {
        /// What it asks for. A create may be followed by an update.
        verb: Verb,
    },
    /// Sends a file.
    Uploading {
        /// How many bytes have gone.
        sent: u64,
        /// How many there are.
        total: u64,
    },
    /// Looks whether a package appears: the answer to the request for it was lost.
    WaitingForPackage,
    /// Waits for a job.
    WaitingForJob {
        /// Its id.
        job: String,
    },
    /// Reads back what the platform made of it.
    Verifying,
    /// Waits until the environment is ready.
    WaitingForReady {
        /// The state that it reports.
        state: String,
    },
}

impl Phase {
    /// The phase for people.
    pub fn describe(&self) -> String {
        match self {
            Phase::Reading => "reading".to_owned(),
            Phase::WaitingForEarlierChange => "waiting for an earlier change".to_owned(),
            Phase::Sending { verb } => format!("sending the {verb}"),
            Phase::Uploading { sent, total } => {
                let percent = (sent.saturating_mul(100)).checked_div(*total).unwrap_or(100);
                format!("uploading {percent} % of {}", size(*total))
            }
            Phase::WaitingForPackage => {
                "waiting whether the package appears: the answer to the request was lost".to_owned()
            }
            Phase::WaitingForJob { job } => format!("waiting for job {job}"),
            Phase::Verifying => "verifying".to_owned(),
            Phase::WaitingForReady { state } => format!("waiting until it is ready (now {state})"),
        }
    }
}
