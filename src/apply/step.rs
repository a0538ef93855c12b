//! One action as a sequence of requests and waits.
//!
//! ```text
//! re-read ─▶ compare with what the plan saw ─▶ request ─▶ job ─▶ read back ─▶ verify ─▶ ready
//!              │ differs: refused               │ answer lost: look, then repeat or go on
//! ```
//!
//! A slot is held from the first read until the request is sent, and for every later request; waiting holds none.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;

use super::Waits;
use super::event::Phase;
use super::outcome::{self, ActionOutcome, Failure, FailureKind};
use super::verify::{self, Staleness};
use crate::api::{ApiError, Client, JobError, JobId, WaitOptions, wait};
use crate::diff::{self, Change};
use crate::model::{Desired, Kind, Live};
use crate::plan::{Action, Ignores, Verb, Work};

/// How often a write whose answer was lost is sent again after looking.
const WRITE_TRIES: usize = 3;

/// The longest pause before a write is sent again that a server may ask for, as for reads.
const LONGEST_ASKED: Duration = Duration::from_secs(60);

/// How often a resource that is not as declared is read again before that counts: the platform may answer from a
/// copy that is a moment old.
const VERIFY_TRIES: usize = 3;

/// What every step of a run shares.
#[derive(Debug)]
pub(super) struct StepContext {
    pub(super) client: Client,
    pub(super) waits: Waits,
    /// Fields that something else owns.
    pub(super) ignores: Ignores,
    /// Slots for the part of an action that comes before its job.
    pub(super) slots: Semaphore,
    /// Set when nothing new may be sent.
    pub(super) stopped: AtomicBool,
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
}

/// Runs one action to its end. Never fails: a failure is an end like any other.
pub(super) async fn run(context: Arc<StepContext>, action: Action, desired: Option<Arc<Desired>>) -> StepEnd {
    let mut step = Step { context, action, desired, job: None, sent: false, warnings: Vec::new() };
    let end = match (&step.action.work.clone(), step.desired.clone()) {
        (Work::Create(changes), Some(desired)) => step.create(&desired, changes.as_slice()).await,
        (Work::Update(changes), Some(desired)) => step.update(&desired, changes.as_slice()).await,
        (Work::Delete, _) => step.delete().await,
        // The plan makes creates and updates from declared resources only.
        (Work::Create(_) | Work::Update(_), None) => {
            Err(Stop::refused(&step.action, "is not declared any more"))
        }
    };
    let Step { job, warnings, .. } = step;
    match end {
        Ok(verified) => StepEnd { outcome: ActionOutcome::Done, verified, job, error: None, warnings },
        Err(stop) => {
            let Stop { outcome, failure } = *stop;
            StepEnd { outcome, verified: false, job, error: failure, warnings }
        }
    }
}

/// An end other than success.
#[derive(Debug)]
struct Stop {
    outcome: ActionOutcome,
    failure: Option<Failure>,
}

struct Step {
    context: Arc<StepContext>,
    action: Action,
    desired: Option<Arc<Desired>>,
    job: Option<JobId>,
    /// Whether a write went out, so that the action cannot be cancelled for free any more.
    sent: bool,
    warnings: Vec<String>,
}

/// What a write led to.
enum Sent {
    /// The platform works on it.
    Job(JobId),
    /// The answer was lost, and the resource is already as wanted.
    Arrived,
}

impl Step {
    async fn create(&mut self, desired: &Desired, changes: &[Change]) -> Result<bool, Box<Stop>> {
        let slot = self.slot().await?;
        if let Some(live) = self.read().await? {
            drop(slot);
            return self.adopt(desired, changes, live).await;
        }
        let table = desired.kind().fields();
        let body = diff::create_manifest(table, changes).map_err(|unset| self.unset(&unset))?;
        let sent = self.send(Verb::Create, envelope(desired, None, body)).await?;
        drop(slot);
        let live = match sent {
            Sent::Arrived => self.read_back().await?,
            Sent::Job(job) => match self.wait_for(&job).await {
                Ok(()) => self.read_back().await?,
                Err(error) => {
                    self.after_failed_job(error, |step, live| step.is_created(desired, live)).await?
                }
            },
        };
        let live = self.complete(desired, changes, live).await?;
        self.finish(desired, changes, live).await
    }

    /// What the create model lacks follows as an update of the same action (DESIGN 4).
    async fn complete(
        &mut self,
        desired: &Desired,
        changes: &[Change],
        live: Live,
    ) -> Result<Live, Box<Stop>> {
        let table = desired.kind().fields();
        if !diff::needs_update_after_create(table, changes) {
            return Ok(live);
        }
        let rest = verify::update_only(table, self.differences(desired, &live));
        if rest.is_empty() {
            return Ok(live);
        }
        let slot = self.slot().await?;
        self.put(desired, &rest, &live, slot).await
    }

    async fn update(&mut self, desired: &Desired, changes: &[Change]) -> Result<bool, Box<Stop>> {
        let mut slot = self.slot().await?;
        let Some(mut live) = self.read().await? else {
            return Err(Stop::refused(&self.action, "does not exist any more"));
        };
        if is_processing(&live) {
            drop(slot);
            self.tell(Phase::WaitingForEarlierChange);
            live = self.settled(live).await?;
            slot = self.slot().await?;
        }
        let open = match verify::staleness(desired, &self.differences(desired, &live), changes) {
            Staleness::Fresh(open) => open,
            Staleness::Stale { path, origin } => {
                let stale = self.failure(outcome::STALE, format!("`{path}` changed since the plan was made"));
                let origin = origin.or_else(|| stale.origin.clone());
                let stale = Failure { path: Some(path), origin, ..stale };
                return Err(Stop::with(
                    ActionOutcome::Refused,
                    stale.help("plan again and look at the difference"),
                ));
            }
        };
        if open.is_empty() {
            drop(slot);
            self.warnings.push("was as declared already: nothing was sent".to_owned());
            return self.finish(desired, changes, live).await;
        }
        let live = self.put(desired, &open, &live, slot).await?;
        self.finish(desired, changes, live).await
    }

    /// Sends an update that lays these changes over the live manifest, waits for its job and reads back.
    async fn put(
        &mut self,
        desired: &Desired,
        changes: &[Change],
        live: &Live,
        slot: SlotGuard,
    ) -> Result<Live, Box<Stop>> {
        let manifest = diff::update_manifest(desired.kind().fields(), live.manifest(), changes)
            .map_err(|unset| self.unset(&unset))?;
        let sent = self.send(Verb::Update, envelope(desired, Some(live), manifest)).await?;
        drop(slot);
        match sent {
            Sent::Arrived => self.read_back().await,
            Sent::Job(job) => match self.wait_for(&job).await {
                Ok(()) => self.read_back().await,
                Err(error) => {
                    self.after_failed_job(error, |step, live| {
                        step.missed(desired, changes, live).0.is_empty()
                    })
                    .await
                }
            },
        }
    }

    async fn delete(&mut self) -> Result<bool, Box<Stop>> {
        let slot = self.slot().await?;
        if self.read().await?.is_none() {
            self.warnings.push("was gone already: nothing was sent".to_owned());
            return Ok(true);
        }
        let sent = self.send(Verb::Delete, Value::Null).await?;
        drop(slot);
        if let Sent::Job(job) = sent
            && let Err(error) = self.wait_for(&job).await
        {
            if self.read().await?.is_some() {
                return Err(self.job_failure(&error));
            }
            self.warnings.push(format!("{error}; but the resource is gone"));
        }
        self.tell(Phase::Verifying);
        let deadline = Instant::now() + self.waits().deadline;
        let mut pauses = Pauses::new(self.waits());
        while self.read().await?.is_some() {
            if Instant::now() >= deadline {
                let failure = self
                    .failure(
                        outcome::STILL_THERE,
                        "the job finished, and the resource is still there".to_owned(),
                    )
                    .help("look at the resource in the portal, then plan again");
                return Err(Stop::with(ActionOutcome::Failed, failure));
            }
            tokio::time::sleep(pauses.next()).await;
        }
        Ok(true)
    }

    /// A resource that should not exist yet, perhaps by a create of a run that was killed. As declared it is as good
    /// as created; as a create leaves it, what follows a create is still to be done; otherwise the plan is stale.
    async fn adopt(&mut self, desired: &Desired, changes: &[Change], live: Live) -> Result<bool, Box<Stop>> {
        let differences = self.differences(desired, &live);
        if !differences.is_empty() && self.is_created(desired, &live) {
            self.warnings.push("exists already: only what a create leaves open was sent".to_owned());
            let live = self.settled(live).await?;
            let live = self.complete(desired, changes, live).await?;
            return self.finish(desired, changes, live).await;
        }
        if let Some(change) = differences.first() {
            let stale = self
                .failure(outcome::STALE, format!("exists now, and `{}` differs from the file", change.path))
                .help("plan again: it will be an update");
            return Err(Stop::with(
                ActionOutcome::Refused,
                Failure { path: Some(change.path.to_string()), ..stale },
            ));
        }
        self.warnings.push("exists already, as declared: nothing was sent".to_owned());
        self.settled(live).await.and_then(|live| self.not_failed(&live))?;
        Ok(true)
    }

    /// A job that did not finish well: what it was for may be there all the same, because an earlier request whose
    /// answer was lost had succeeded.
    async fn after_failed_job(
        &mut self,
        error: JobError,
        is_wanted: impl Fn(&Step, &Live) -> bool,
    ) -> Result<Live, Box<Stop>> {
        match self.read().await? {
            Some(live) if is_wanted(self, &live) => {
                self.warnings.push(format!("{error}; but the resource is as declared"));
                Ok(live)
            }
            _ => Err(self.job_failure(&error)),
        }
    }

    /// Waits until the platform is done, then verifies every managed field.
    async fn finish(&mut self, desired: &Desired, changes: &[Change], live: Live) -> Result<bool, Box<Stop>> {
        let mut live = self.settled(live).await?;
        self.tell(Phase::Verifying);
        let mut pauses = Pauses::new(self.waits());
        for _ in 1..VERIFY_TRIES {
            if self.missed(desired, changes, &live).0.is_empty() {
                break;
            }
            tokio::time::sleep(pauses.next()).await;
            live = self.read_back().await?;
        }
        let (missed, others) = self.missed(desired, changes, &live);
        self.not_failed(&live)?;
        if !missed.is_empty() {
            return Err(Stop::with(ActionOutcome::Failed, self.not_converged(&missed)));
        }
        for other in &others {
            self.warnings.push(format!("`{}` changed while this ran: plan again", other.path));
        }
        Ok(others.is_empty())
    }

    /// Managed fields that differ: those that this action was to change, and others.
    fn missed(&self, desired: &Desired, changes: &[Change], live: &Live) -> (Vec<Change>, Vec<Change>) {
        self.differences(desired, live)
            .into_iter()
            .partition(|found| changes.iter().any(|change| verify::overlap(&change.path, &found.path)))
    }

    fn differences(&self, desired: &Desired, live: &Live) -> Vec<Change> {
        let mut found = verify::differences(desired, live);
        found.retain(|change| !self.context.ignores.covers(&desired.address, &change.path));
        found
    }

    fn is_created(&self, desired: &Desired, live: &Live) -> bool {
        let table = desired.kind().fields();
        let differences = self.differences(desired, live);
        let late = verify::update_only(table, differences.clone());
        late.len() == differences.len()
    }

    fn not_converged(&self, missed: &[Change]) -> Failure {
        let fields: Vec<_> = missed.iter().map(|change| format!("`{}`", change.path)).collect();
        let verb = if fields.len() == 1 { "does" } else { "do" };
        let help = match missed.iter().any(|change| change.path.to_string().starts_with("deployment.")) {
            true => {
                "the platform drops constants and events that the package does not know: compare the file with the model of the package"
            }
            false => {
                "the platform accepted the request and kept another value: correct the file, or look in the portal"
            }
        };
        Failure {
            path: missed.first().map(|change| change.path.to_string()),
            origin: missed
                .iter()
                .find_map(|change| change.origin.clone())
                .or_else(|| Some(self.action.origin.clone())),
            ..self
                .failure(
                    outcome::NOT_CONVERGED,
                    format!("{} {verb} not have the declared value after the job", fields.join(", ")),
                )
                .help(help)
        }
    }

    fn not_failed(&self, live: &Live) -> Result<(), Box<Stop>> {
        if live.text("/container/state") != Some("Failed") {
            return Ok(());
        }
        let failure = self
            .failure(outcome::ENVIRONMENT_FAILED, "the environment reports the state `Failed`".to_owned())
            .help("look at its logs in the portal; apply tries again only when something changes");
        Err(Stop::with(ActionOutcome::Failed, failure))
    }

    /// Waits until the platform is done with an environment, well or not.
    async fn settled(&mut self, mut live: Live) -> Result<Live, Box<Stop>> {
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
            self.tell(Phase::WaitingForReady { state });
            tokio::time::sleep(pauses.next()).await;
            live = self.read_back().await?;
        }
        Ok(live)
    }

    /// Sends one write. When its answer is lost, looks at the resource before sending it again.
    async fn send(&mut self, verb: Verb, body: Value) -> Result<Sent, Box<Stop>> {
        let (identity, cluster) = (self.action.identity.clone(), self.action.cluster);
        let mut pauses = Pauses::new(self.waits());
        let mut tries = 0;
        loop {
            self.check_stop()?;
            self.tell(Phase::Sending { verb });
            self.sent = true;
            tries += 1;
            let answer = match verb {
                Verb::Create => self.context.client.create(&identity, cluster, body.clone()).await,
                Verb::Update => self.context.client.update(&identity, cluster, body.clone()).await,
                Verb::Delete => self.context.client.delete(&identity, cluster).await,
            };
            let error = match answer {
                Ok(job) => {
                    self.job = Some(job.clone());
                    return Ok(Sent::Job(job));
                }
                Err(error) => error,
            };
            if verb == Verb::Delete && matches!(error, ApiError::NotFound { .. }) {
                return Ok(Sent::Arrived);
            }
            if !error.maybe_sent() {
                return Err(self.request_failure(&error));
            }
            tokio::time::sleep(pauses.next().max(asked(&error))).await;
            if self.has_arrived(verb).await? {
                self.warnings
                    .push("the answer to the request was lost; the platform had carried it out".to_owned());
                return Ok(Sent::Arrived);
            }
            if tries >= WRITE_TRIES {
                let mut stop = self.unknown(&error.to_string());
                if let Some(failure) = &mut stop.failure {
                    failure.kind = kind_of(&error);
                }
                return Err(stop);
            }
        }
    }

    /// Whether a write whose answer was lost took effect.
    async fn has_arrived(&self, verb: Verb) -> Result<bool, Box<Stop>> {
        let live = self.read().await?;
        Ok(match (verb, live, self.desired.as_ref()) {
            (Verb::Delete, live, _) => live.is_none(),
            (Verb::Create, live, _) => live.is_some(),
            (Verb::Update, Some(live), Some(desired)) => {
                is_processing(&live) || self.differences(desired, &live).is_empty()
            }
            (Verb::Update, _, _) => false,
        })
    }

    async fn wait_for(&mut self, job: &JobId) -> Result<(), JobError> {
        self.tell(Phase::WaitingForJob { job: job.as_str().to_owned() });
        wait(&self.context.client, job, self.waits(), |_| {}).await.map(|_| ())
    }

    fn waits(&self) -> &WaitOptions {
        self.context.waits.of(self.action.identity.kind())
    }

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
        let read = self.context.client.read(&self.action.identity, self.action.cluster).await;
        read.map_err(|error| {
            let stop = self.request_failure(&error);
            // Where a request that was sent has led is not known.
            let outcome = if self.sent { ActionOutcome::Unknown } else { stop.outcome };
            Box::new(Stop { outcome, ..*stop })
        })
    }

    /// Reads what has to exist now.
    async fn read_back(&self) -> Result<Live, Box<Stop>> {
        self.read().await?.ok_or_else(|| {
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

    fn failure(&self, code: &'static str, message: String) -> Failure {
        Failure {
            code,
            message,
            help: None,
            path: None,
            origin: Some(self.action.origin.clone()),
            kind: FailureKind::Platform,
        }
    }

    fn request_failure(&self, error: &ApiError) -> Box<Stop> {
        let kind = kind_of(error);
        let help = match kind {
            FailureKind::Unauthorised => {
                // A token that is not accepted now is not accepted for the rest either. Said here, while this step
                // still holds its slot, so that no other step sends anything in between.
                self.context.stopped.store(true, Ordering::SeqCst);
                "the token needs the scope `mx:deployment:write`, and its owner a role that may do this"
            }
            FailureKind::Unreachable => {
                "apply again when the API answers as it should: what succeeded is not repeated"
            }
            FailureKind::Platform => "correct what the API names, then apply again",
        };
        let failure = Failure { kind, ..self.failure(outcome::REQUEST_FAILED, error.to_string()) };
        Stop::with(ActionOutcome::Failed, failure.help(help))
    }

    fn job_failure(&self, error: &JobError) -> Box<Stop> {
        match error {
            JobError::Failed { .. } => {
                let failure = self.failure(outcome::JOB_FAILED, error.to_string()).help(
                    "correct what the platform names, then apply again: what succeeded is not repeated",
                );
                Stop::with(ActionOutcome::Failed, failure)
            }
            JobError::Unreadable { error: cause, .. } if cause.is_unauthorised() => {
                let failure = Failure {
                    kind: FailureKind::Unauthorised,
                    ..self.failure(outcome::OUTCOME_UNKNOWN, error.to_string())
                };
                Stop::with(ActionOutcome::Unknown, failure)
            }
            JobError::Vanished { .. } | JobError::Deadline { .. } | JobError::Unreadable { .. } => {
                self.unknown(&error.to_string())
            }
        }
    }

    fn unknown(&self, message: &str) -> Box<Stop> {
        let failure = self
            .failure(outcome::OUTCOME_UNKNOWN, message.to_owned())
            .help("plan again: it shows where the resource stands now");
        Stop::with(ActionOutcome::Unknown, failure)
    }

    fn unset(&self, unset: &diff::UnsetValue) -> Box<Stop> {
        Stop::with(ActionOutcome::Failed, self.failure(outcome::REQUEST_FAILED, unset.to_string()))
    }

    fn cancelled(&self) -> Box<Stop> {
        let failure = self.failure(outcome::INTERRUPTED, "nothing was sent".to_owned());
        Stop::with(ActionOutcome::Cancelled, failure)
    }
}

/// What a failed request says about the API: it answered no, or it did not answer as itself.
fn kind_of(error: &ApiError) -> FailureKind {
    match error {
        _ if error.is_unauthorised() => FailureKind::Unauthorised,
        ApiError::NotFound { .. } | ApiError::Rejected { .. } | ApiError::Unaddressable { .. } => {
            FailureKind::Platform
        }
        _ => FailureKind::Unreachable,
    }
}

/// How long the server asks to wait, within reason.
fn asked(error: &ApiError) -> Duration {
    error.retry_after().unwrap_or_default().min(LONGEST_ASKED)
}

/// The whole document of a request: the live one, with another manifest.
fn envelope(desired: &Desired, live: Option<&Live>, manifest: Value) -> Value {
    let mut document = live.map_or_else(|| json!({}), |live| live.document.clone());
    let version = desired.manifest_version.clone().map(Value::from);
    let version = version.or_else(|| document.get("manifestVersion").cloned().filter(Value::is_string));
    if let Some(fields) = document.as_object_mut() {
        fields.insert("manifestVersion".to_owned(), version.unwrap_or_else(|| "2.0.0".into()));
        fields.insert(desired.kind().name().to_owned(), manifest);
    }
    document
}

/// A slot that is given back when it goes.
struct SlotGuard(Arc<StepContext>);

impl Drop for SlotGuard {
    fn drop(&mut self) {
        self.0.slots.add_permits(1);
    }
}

impl Stop {
    fn with(outcome: ActionOutcome, failure: Failure) -> Box<Stop> {
        Box::new(Stop { outcome, failure: Some(failure) })
    }

    fn refused(action: &Action, message: &str) -> Box<Stop> {
        Stop::with(
            ActionOutcome::Refused,
            Failure {
                code: outcome::STALE,
                message: message.to_owned(),
                help: Some("plan again and look at the difference".to_owned()),
                path: None,
                origin: Some(action.origin.clone()),
                kind: FailureKind::Platform,
            },
        )
    }
}

impl Failure {
    fn help(self, help: &str) -> Failure {
        Failure { help: Some(help.to_owned()), ..self }
    }
}

/// The growing pauses between two looks.
struct Pauses {
    next: Duration,
    factor: f64,
    max: Duration,
}

impl Pauses {
    fn new(waits: &WaitOptions) -> Pauses {
        Pauses { next: waits.first, factor: waits.factor.max(1.0), max: waits.max }
    }

    fn next(&mut self) -> Duration {
        let pause = self.next.min(self.max);
        self.next = Duration::try_from_secs_f64(pause.as_secs_f64() * self.factor).unwrap_or(self.max);
        pause
    }
}

fn is_processing(live: &Live) -> bool {
    live.text("/container/state") == Some("Processing")
}

/// The state of an environment that the platform still works on. A missing state says nothing, and is taken as
/// ready: the contract does not require it.
fn unsettled_state(live: &Live) -> Option<String> {
    if live.identity.kind() != Kind::Environment {
        return None;
    }
    live.text("/container/state").filter(|state| !matches!(*state, "Ready" | "Failed")).map(str::to_owned)
}
