//! The way of each verb: create, update, delete.

use serde_json::{Value, json};
use tokio::time::Instant;

use super::send::Sent;
use super::settle::{Pauses, is_processing};
use super::stop::Stop;
use super::{SlotGuard, Step};
use crate::api::JobError;
use crate::apply::event::Phase;
use crate::apply::outcome::{self, ActionOutcome, Failure};
use crate::apply::verify::{self, Staleness};
use crate::diff::{self, Change};
use crate::model::{Desired, Live};
use crate::plan::Verb;

impl Step {
    pub(super) async fn create(&mut self, desired: &Desired, changes: &[Change]) -> Result<bool, Box<Stop>> {
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
    pub(super) async fn complete(
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

    pub(super) async fn update(&mut self, desired: &Desired, changes: &[Change]) -> Result<bool, Box<Stop>> {
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
    pub(super) async fn put(
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

    pub(super) async fn delete(&mut self) -> Result<bool, Box<Stop>> {
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
    pub(super) async fn adopt(
        &mut self,
        desired: &Desired,
        changes: &[Change],
        live: Live,
    ) -> Result<bool, Box<Stop>> {
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
    pub(super) async fn after_failed_job(
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
