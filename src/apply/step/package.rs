//! The way of a package: built or uploaded once, and known again by its mark.
//!
//! ```text
//! list: is it there? ─▶ request ─▶ job ─▶ its id ─▶ read back: does it have the mark?
//!                        │ cut in the middle: look, then send again
//!                        │ answer lost: look until it appears; never send again
//! ```
//!
//! Nothing but the mark ties a package to its declaration, and a build that is under way shows nowhere. So a request
//! whose answer was lost is never sent a second time: that would build a second time.

use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use super::send::Sent;
use super::settle::Pauses;
use super::stop::Stop;
use super::verify::VERIFY_TRIES;
use super::{SlotGuard, Step, build_log};
use crate::api::{ApiError, Job, JobError, JobId, fetch, wait};
use crate::apply::event::Phase;
use crate::apply::outcome::{self, ActionOutcome, Failure};
use crate::diff::{self, Change};
use crate::model::{Desired, Identity, Live, Mark, ReadScope};
use crate::plan::Verb;

/// How long a package is looked for whose request was not answered: what a build takes, and then some.
const LOOKING: std::time::Duration = std::time::Duration::from_secs(10 * 60);

impl Step {
    /// Builds or uploads a package, unless one with its mark is there.
    pub(super) async fn make_package(
        &mut self,
        desired: &Desired,
        changes: &[Change],
    ) -> Result<bool, Box<Stop>> {
        let Identity::Package { app, mark } = desired.identity.clone() else {
            return Err(Stop::refused(&self.action, "is no package"));
        };
        let slot = self.slot().await?;
        if let Some(found) = self.find_package(app).await? {
            drop(slot);
            self.warnings.push("exists already, by its mark: nothing was sent".to_owned());
            self.package = found.id;
            return Ok(true);
        }
        let id = match self.send_package(desired, app, &mark, changes, slot).await? {
            Sent::Job(job) => self.package_of(app, &job).await?,
            Sent::Arrived => self.appeared(app).await?,
        };
        self.tell(Phase::Verifying);
        self.check_mark(app, &mark, &id).await?;
        self.package = Some(id);
        Ok(!self.doubtful)
    }

    /// The package with the mark, as the plan would find it.
    async fn find_package(&self, app: Uuid) -> Result<Option<Found>, Box<Stop>> {
        let scope = ReadScope { packages_of: [app].into(), ..ReadScope::default() };
        let state = fetch(&self.context.client, &scope).await.map_err(|error| {
            let stop = self.request_failure(&error);
            let outcome = if self.sent { ActionOutcome::Unknown } else { stop.outcome };
            Box::new(Stop { outcome, ..*stop })
        })?;
        let identity = &self.action.identity;
        Ok(state.get(identity).map(|_| Found { id: state.package_id(identity) }))
    }

    async fn send_package(
        &mut self,
        desired: &Desired,
        app: Uuid,
        mark: &Mark,
        changes: &[Change],
        mut slot: SlotGuard,
    ) -> Result<Sent, Box<Stop>> {
        let mut tries = self.tries();
        loop {
            self.check_stop()?;
            self.note_sending(Verb::Create);
            let sent_before = std::mem::replace(&mut self.sent, true);
            let error = match self.request_package(desired, app, mark, changes).await? {
                Ok(job) => {
                    self.take_job(&job).await;
                    return Ok(Sent::Job(job));
                }
                Err(error) => error,
            };
            match error {
                // Certainly not carried out, so it may be sent again; somebody else may have been faster.
                ApiError::UploadBroken { .. } | ApiError::RateLimited { .. } => {
                    self.sent = sent_before;
                    slot = self.pause(&mut tries, &error, slot).await?;
                    if self.find_package(app).await?.is_some() {
                        return Ok(self.arrived());
                    }
                }
                error if error.maybe_sent() => {
                    drop(slot);
                    self.lost = true;
                    return self.look_for_package(app, &error).await;
                }
                error => return Err(self.request_failure(&error)),
            }
        }
    }

    /// Sends the request once.
    async fn request_package(
        &self,
        desired: &Desired,
        app: Uuid,
        mark: &Mark,
        changes: &[Change],
    ) -> Result<Result<JobId, ApiError>, Box<Stop>> {
        let client = &self.context.client;
        if let Some(upload) = &desired.upload {
            self.tell(Phase::Uploading { sent: 0, total: upload.size });
            let tell = |sent, total| self.tell(Phase::Uploading { sent, total });
            return Ok(client.upload_package(app, &mark.file_name(), upload, tell).await);
        }
        self.tell(Phase::Sending { verb: Verb::Create });
        let table = desired.kind().fields();
        let mut body = diff::create_manifest(table, changes).map_err(|unset| self.unset(&unset))?;
        if let Some(body) = body.as_object_mut() {
            let described = mark.description(body.get("description").and_then(Value::as_str));
            body.insert("description".to_owned(), described.into());
        }
        Ok(client.build_package(app, body).await)
    }

    /// Looks whether a package appears whose request was not answered.
    async fn look_for_package(&mut self, app: Uuid, error: &ApiError) -> Result<Sent, Box<Stop>> {
        self.tell(Phase::WaitingForPackage);
        let deadline = Instant::now() + self.waits().deadline.min(LOOKING);
        let mut pauses = Pauses::new(self.waits());
        while self.find_package(app).await?.is_none() {
            if Instant::now() >= deadline {
                let mut stop = self.unknown(&error.to_string());
                stop.failure = stop.failure.map(|failure| {
                    failure.help(
                        "it may still be under way, and would be known by its mark: look with `mxkeep packages list`, then apply again",
                    )
                });
                return Err(stop);
            }
            tokio::time::sleep(pauses.next()).await;
        }
        Ok(self.arrived())
    }

    /// The id of the package that a job makes.
    async fn package_of(&mut self, app: Uuid, job: &JobId) -> Result<String, Box<Stop>> {
        self.tell(Phase::WaitingForJob { job: job.as_str().to_owned() });
        match wait(&self.context.client, job, self.waits(), |_| {}).await {
            Ok(Job { package_id: Some(id), .. }) => Ok(id),
            Ok(Job { package_id: None, .. }) => self.appeared(app).await,
            Err(error) => self.after_failed_build(app, error).await,
        }
    }

    /// The package that has to be in the list now: the platform did not say which one it made.
    async fn appeared(&self, app: Uuid) -> Result<String, Box<Stop>> {
        let mut pauses = Pauses::new(self.waits());
        for look in 0..VERIFY_TRIES {
            if look > 0 {
                tokio::time::sleep(pauses.next()).await;
            }
            if let Some(Found { id: Some(id) }) = self.find_package(app).await? {
                return Ok(id);
            }
        }
        let message = "the job finished and names no package, and the app has none with its mark".to_owned();
        let failure = self.failure(outcome::PACKAGE_UNKNOWN, message).help(
            "look at the packages of the app in the portal; one that is there can be declared by its `packageId`",
        );
        Err(Stop::with(ActionOutcome::Failed, failure))
    }

    /// A job that did not finish well. The package may be there all the same, by an earlier request.
    async fn after_failed_build(&mut self, app: Uuid, error: JobError) -> Result<String, Box<Stop>> {
        if let Some(Found { id: Some(id) }) = self.find_package(app).await? {
            self.warnings.push(format!("{error}; but the package is there"));
            self.doubtful = true;
            return Ok(id);
        }
        let stop = self.job_failure(&error);
        let (JobError::Failed { job }, Some(desired)) = (&error, self.desired.clone()) else {
            return Err(stop);
        };
        if desired.upload.is_some() {
            return Err(stop);
        }
        let directory = self.context.build_logs.clone();
        let log = build_log::read(&self.context.client, &job.id, &desired.name, directory.as_deref()).await;
        self.log = log.tail;
        self.warnings.extend(log.note);
        let help = match directory {
            Some(_) => "correct what the log names, then apply again",
            None => {
                "correct what the log names, then apply again; `--save-build-logs DIR` saves the whole log"
            }
        };
        Err(Box::new(Stop { failure: stop.failure.map(|failure| failure.help(help)), ..*stop }))
    }

    /// Whether the package has the mark by which the next run will know it. Without it, that run would make another.
    async fn check_mark(&self, app: Uuid, mark: &Mark, id: &str) -> Result<(), Box<Stop>> {
        let identity = Identity::Package { app, mark: Mark::id(id) };
        let mut pauses = Pauses::new(self.waits());
        let mut live: Option<Live> = None;
        for look in 0..VERIFY_TRIES {
            if look > 0 {
                tokio::time::sleep(pauses.next()).await;
            }
            let read = self.context.client.read(&identity, None).await;
            live = read.map_err(|error| {
                Box::new(Stop { outcome: ActionOutcome::Unknown, ..*self.request_failure(&error) })
            })?;
            let marks = live.as_ref().map(|live| Mark::of(live.text("/description"), live.text("/fileName")));
            if marks.is_some_and(|marks| marks.contains(mark)) {
                return Ok(());
            }
        }
        let (code, message) = match live {
            None => (outcome::PACKAGE_UNKNOWN, format!("the package `{id}` does not exist after the job")),
            Some(_) => {
                let message = format!(
                    "the platform did not keep the mark of the package `{id}`, so that the next run would not know it"
                );
                (outcome::MARK_LOST, message)
            }
        };
        let help = format!("declare it by its id: `packageId: {id}`, in the place of what it is made from");
        let failure: Failure = self.failure(code, message).help(&help);
        Err(Stop::with(ActionOutcome::Failed, failure))
    }
}

/// A package with the right mark.
struct Found {
    id: Option<String>,
}
