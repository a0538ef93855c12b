//! One action as a sequence of requests and waits.
//!
//! ```text
//! re-read ─▶ compare with what the plan saw ─▶ request ─▶ job ─▶ read back ─▶ verify ─▶ ready
//!              │ differs: refused               │ answer lost: look, then repeat or go on
//! ```
//!
//! A slot is held from the first read until the request is sent, and for every later request; waiting holds none.
//!
//! `package` is the way of a build or upload; `flow` is the way of create, update and delete through these, `operate` that of restart and scale; `send`, `settle` and `verify` are its stations; `waiter` says what the end of a job means; `stop` is every end
//! other than success.

mod access;
mod build_log;
mod flow;
mod operate;
mod package;
mod send;
mod settle;
mod stop;
mod verify;
mod waiter;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Semaphore, mpsc};

use super::event::Phase;
use super::journal::{Entry, Journal};
use super::outcome::{self, ActionOutcome, Failure};
use super::{Clock, Waits};
use crate::api::{Client, JobId, WaitOptions};
use crate::model::{Desired, Identity, Kind, Live};
use crate::plan::{Action, Ignores, Verb, Work};
use stop::Stop;

/// What every step of a run shares.
#[derive(Debug)]
pub(super) struct StepContext {
    pub(super) client: Client,
    pub(super) waits: Waits,
    /// What time it is, for what is written down.
    pub(super) clock: Clock,
    /// Fields that something else owns.
    pub(super) ignores: Ignores,
    /// Where the logs of builds that fail go, if anywhere.
    pub(super) build_logs: Option<PathBuf>,
    /// Slots for the part of an action that comes before its job.
    pub(super) slots: Semaphore,
    /// Set when nothing new may be sent.
    pub(super) stopped: AtomicBool,
    /// Where what happens is noted.
    pub(super) journal: Option<Journal>,
    pub(super) messages: mpsc::UnboundedSender<StepMessage>,
}

/// What a step tells the dispatcher.
#[derive(Debug)]
pub(super) struct StepMessage {
    pub(super) action: String,
    pub(super) phase: Phase,
}

/// How a step ended.
#[derive(Debug)]
pub(super) struct StepEnd {
    pub(super) outcome: ActionOutcome,
    pub(super) verified: bool,
    pub(super) job: Option<JobId>,
    pub(super) error: Option<Failure>,
    pub(super) warnings: Vec<String>,
    /// The id of the package that it made.
    pub(super) package: Option<String>,
    /// The last lines of the log of a build that failed.
    pub(super) log: Vec<String>,
}

/// Runs one action to its end. Never fails: a failure is an end like any other.
pub(super) async fn run(context: Arc<StepContext>, action: Action, desired: Option<Arc<Desired>>) -> StepEnd {
    let mut step = Step {
        context,
        action,
        desired,
        job: None,
        sent: false,
        lost: false,
        doubtful: false,
        warnings: Vec::new(),
        package: None,
        log: Vec::new(),
    };
    let end = match (&step.action.work.clone(), step.desired.clone()) {
        (Work::Create(changes), Some(desired)) if desired.kind() == Kind::Package => {
            step.make_package(&desired, changes.as_slice()).await
        }
        (Work::Create(changes), Some(desired)) => step.create(&desired, changes.as_slice()).await,
        (Work::Update(changes), Some(desired)) => step.update(&desired, changes.as_slice()).await,
        (Work::Restart(changes) | Work::Scale(changes), Some(desired)) => {
            step.operate(&desired, changes).await
        }
        (Work::Delete { name }, _) => step.delete(name).await,
        // The plan makes everything but deletes from declared resources only.
        (Work::Create(_) | Work::Update(_) | Work::Restart(_) | Work::Scale(_), None) => {
            Err(Stop::refused(&step.action, "is not declared any more"))
        }
    };
    let Step { job, warnings, package, log, .. } = step;
    match end {
        Ok(verified) => {
            StepEnd { outcome: ActionOutcome::Done, verified, job, error: None, warnings, package, log }
        }
        Err(stop) => {
            let Stop { outcome, failure } = *stop;
            StepEnd { outcome, verified: false, job, error: failure, warnings, package: None, log }
        }
    }
}

struct Step {
    context: Arc<StepContext>,
    action: Action,
    desired: Option<Arc<Desired>>,
    job: Option<JobId>,
    /// Whether a write went out, so that the action cannot be cancelled for free any more.
    sent: bool,
    /// Whether the answer to a write was lost.
    lost: bool,
    /// Whether a job failed although everything is as declared; then nothing counts as verified.
    doubtful: bool,
    warnings: Vec<String>,
    /// The id of the package that it made.
    package: Option<String>,
    /// The last lines of the log of a build that failed.
    log: Vec<String>,
}

impl Step {
    /// A slot, once there is one; waiting for it is the last moment at which an action can be cancelled for free.
    async fn slot(&self) -> Result<SlotGuard, Box<Stop>> {
        let context = Arc::clone(&self.context);
        // The semaphore is never closed, so that waiting for it cannot fail.
        let permit = match context.slots.acquire().await {
            Ok(permit) => {
                permit.forget();
                SlotGuard(Arc::clone(&context))
            }
            Err(_) => return Err(self.cancelled()),
        };
        self.check_stop()?;
        self.tell(Phase::Reading);
        Ok(permit)
    }

    fn check_stop(&self) -> Result<(), Box<Stop>> {
        // What has begun is brought to its end.
        let cancel = !self.sent && self.context.stopped.load(Ordering::SeqCst);
        if cancel { Err(self.cancelled()) } else { Ok(()) }
    }

    async fn read(&self) -> Result<Option<Live>, Box<Stop>> {
        let read = match self.action.identity {
            Identity::CloudApp(app) => self.read_access(app).await,
            _ => self.context.client.read(&self.action.identity, self.action.cluster).await,
        };
        read.map_err(|error| {
            let stop = self.request_failure(&error);
            // Where a request that was sent has led is not known.
            let outcome = if self.sent { ActionOutcome::Unknown } else { stop.outcome };
            Box::new(Stop { outcome, ..*stop })
        })
    }

    /// Reads what has to exist now.
    async fn read_back(&self) -> Result<Live, Box<Stop>> {
        let live = self.read().await?;
        self.existing(live)
    }

    fn existing(&self, live: Option<Live>) -> Result<Live, Box<Stop>> {
        live.ok_or_else(|| {
            let failure = self
                .failure(outcome::NOT_CONVERGED, "the resource does not exist after the job".to_owned())
                .help("look at it in the portal, then plan again");
            Stop::with(ActionOutcome::Failed, failure)
        })
    }

    fn tell(&self, phase: Phase) {
        // The dispatcher is gone only when the run is over.
        let _ = self.context.messages.send(StepMessage { action: self.action.id.clone(), phase });
    }

    /// Notes that a request is about to go out.
    fn note_sending(&self, verb: Verb) {
        if let Some(journal) = &self.context.journal {
            journal.note(
                self.context.clock.now(),
                Entry::Sending { action: self.action.id.clone(), verb: verb.into() },
            );
        }
    }

    /// Takes note of the job. It is on disk before anybody looks at the job: whoever kills this run from here on leaves
    /// a trace of it.
    async fn take_job(&mut self, job: &JobId) {
        self.job = Some(job.clone());
        if let Some(journal) = &self.context.journal {
            let (action, job) = (self.action.id.clone(), job.as_str().to_owned());
            journal.note_durably(self.context.clock.now(), Entry::Job { action, job }).await;
        }
    }

    fn waits(&self) -> &WaitOptions {
        self.context.waits.of(self.action.identity.kind())
    }
}

/// A slot that is given back when it goes.
struct SlotGuard(Arc<StepContext>);

impl Drop for SlotGuard {
    fn drop(&mut self) {
        self.0.slots.add_permits(1);
    }
}
