//! Waiting: for jobs, and for environments that the platform still works on.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::Step;
use super::stop::Stop;
use super::waiter::{self, End, Found, Verdict};
use crate::api::{Job, JobError, JobId, WaitOptions, wait};
use crate::apply::event::Phase;
use crate::apply::outcome::{self, ActionOutcome};
use crate::model::{Kind, Live};
use crate::plan::Verb;

impl Step {
    async fn wait_for(&self, job: &JobId) -> Result<Job, JobError> {
        self.tell(Phase::WaitingForJob { job: job.as_str().to_owned() });
        wait(&self.context.client, job, self.waits(), |_| {}).await
    }

    /// Waits for a job, and gives what is live after it. `is_wanted` says whether that is what was asked for, which
    /// matters where the job did not end well.
    pub(super) async fn after_job(
        &mut self,
        verb: Verb,
        job: &JobId,
        is_wanted: impl Fn(&Step, &Live) -> bool,
    ) -> Result<Option<Live>, Box<Stop>> {
        let ended = self.wait_for(job).await;
        let end = End::of(&ended);
        let error = match ended {
            Ok(job) => {
                if let Some(error) = job.error.filter(|error| !error.message.is_empty()) {
                    self.warnings.push(format!("job {} finished, and says: {}", job.id, error.message));
                }
                return self.read().await;
            }
            Err(error) if end == End::Unauthorised => return Err(self.job_failure(&error)),
            Err(error) => error,
        };
        let live = self.read().await?;
        let found = match &live {
            None => Found::Nothing,
            Some(live) if is_wanted(self, live) => Found::Wanted,
            Some(_) => Found::Other,
        };
        match waiter::decide(verb, end, found) {
            Verdict::GoOn => Ok(live),
            Verdict::Doubtful => {
                let what = if verb == Verb::Delete { "gone" } else { "as declared" };
                self.warnings.push(format!("{error}; but the resource is {what}"));
                self.doubtful |= verb != Verb::Delete;
                Ok(live)
            }
            Verdict::Adopt => {
                self.warnings.push(format!("{error}; it is as declared"));
                Ok(live)
            }
            Verdict::Taken => Err(self.taken(&error, live.is_some())),
            Verdict::Fail | Verdict::Unknown | Verdict::Unauthorised => Err(self.job_failure(&error)),
        }
    }

    /// Waits until the platform is done with an earlier change of an environment. Nothing when it is gone by then.
    pub(super) async fn unprocessed(&self, mut live: Live) -> Result<Option<Live>, Box<Stop>> {
        let deadline = Instant::now() + self.waits().deadline;
        let mut pauses = Pauses::new(self.waits());
        while is_processing(&live) {
            if Instant::now() >= deadline {
                let message = "the platform was not done with an earlier change in time".to_owned();
                let failure = self.failure(outcome::NOT_READY, message);
                let help = "look at it in the portal, then plan again; `apply.jobTimeout` sets the time";
                return Err(Stop::with(ActionOutcome::Failed, failure.help(help)));
            }
            self.check_stop()?;
            self.tell(Phase::WaitingForEarlierChange);
            tokio::time::sleep(pauses.next()).await;
            let Some(now) = self.read().await? else { return Ok(None) };
            live = now;
        }
        Ok(Some(live))
    }

    /// Waits until the platform is done with an environment, well or not.
    pub(super) async fn settled(&mut self, mut live: Live) -> Result<Live, Box<Stop>> {
        let deadline = Instant::now() + self.waits().deadline;
        let mut pauses = Pauses::new(self.waits());
        while let Some(state) = unsettled_state(&live) {
            if Instant::now() >= deadline {
                let failure = self
                    .failure(
                        outcome::NOT_READY,
                        format!("the environment was not ready in time; it is `{state}`"),
                    )
                    .help("look at it in the portal, then plan again; `apply.jobTimeout` sets the time");
                return Err(Stop::with(ActionOutcome::Failed, failure));
            }
            self.check_stop()?;
            self.tell(Phase::WaitingForReady { state });
            tokio::time::sleep(pauses.next()).await;
            live = self.read_back().await?;
        }
        Ok(live)
    }
}

/// The growing pauses between two looks.
pub(super) struct Pauses {
    next: Duration,
    factor: f64,
    max: Duration,
}

impl Pauses {
    pub(super) fn new(waits: &WaitOptions) -> Pauses {
        Pauses { next: waits.first, factor: waits.factor.max(1.0), max: waits.max }
    }

    pub(super) fn next(&mut self) -> Duration {
        let pause = self.next.min(self.max);
        self.next = Duration::try_from_secs_f64(pause.as_secs_f64() * self.factor).unwrap_or(self.max);
        pause
    }
}

pub(super) fn is_processing(live: &Live) -> bool {
    live.text("/container/state") == Some("Processing")
}

/// The state of an environment that the platform still works on. A missing state says nothing, and is taken as
/// ready: the contract does not require it.
pub(super) fn unsettled_state(live: &Live) -> Option<String> {
    if live.identity.kind() != Kind::Environment {
        return None;
    }
    // What a stopped environment reports is not documented; only that the platform still works on it counts.
    let is_stopped = live.manifest().pointer("/container/instances").and_then(Value::as_i64) == Some(0);
    let is_settled = |state: &str| matches!(state, "Ready" | "Failed") || is_stopped && state != "Processing";
    live.text("/container/state").filter(|state| !is_settled(state)).map(str::to_owned)
}
