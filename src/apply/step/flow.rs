//! The way of each verb: create, update, delete.

use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use super::send::{Attempt, Sent};
use super::settle::{Pauses, is_processing};
use super::stop::Stop;
use super::verify::VERIFY_TRIES;
use super::{SlotGuard, Step};
use crate::api::ApiError;
use crate::apply::event::Phase;
use crate::apply::outcome::{self, ActionOutcome, Failure};
use crate::apply::verify::{self, Staleness};
use crate::diff::{self, Change};
use crate::model::{Desired, Identity, Kind, Live};
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
        let live = match self.send_create(&envelope(desired, None, body), slot).await? {
            Sent::Arrived => self.read_back().await?,
            Sent::Job(job) => {
                let is_created = |step: &Step, live: &Live| step.is_created(desired, live);
                let live = self.after_job(Verb::Create, &job, is_created).await?;
                self.existing(live)?
            }
        };
        let live = self.complete(desired, changes, live).await?;
        self.finish(desired, changes, live).await
    }

    /// Sends a create. When its answer is lost, looks whether the resource is there before sending it again.
    async fn send_create(&mut self, body: &Value, mut slot: SlotGuard) -> Result<Sent, Box<Stop>> {
        let mut tries = self.tries();
        loop {
            match self.attempt(Verb::Create, body).await? {
                Attempt::Job(job) => return Ok(Sent::Job(job)),
                Attempt::Done => return Ok(Sent::Arrived),
                Attempt::Lost(error) => {
                    slot = self.pause(&mut tries, &error, slot).await?;
                    if self.read().await?.is_some() {
                        return Ok(self.arrived());
                    }
                }
            }
        }
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
        let open = self.still_open(desired, &live, changes)?;
        if open.is_empty() {
            drop(slot);
            self.warnings.push("was as declared already: nothing was sent".to_owned());
            return self.finish(desired, changes, live).await;
        }
        let live = self.put(desired, &open, &live, slot).await?;
        self.finish(desired, changes, live).await
    }

    /// The planned changes that are still to be made.
    fn still_open(
        &self,
        desired: &Desired,
        live: &Live,
        changes: &[Change],
    ) -> Result<Vec<Change>, Box<Stop>> {
        match verify::staleness(desired, &self.differences(desired, live), changes) {
            Staleness::Fresh(open) => Ok(open),
            Staleness::Stale { path, origin } => {
                let stale = self.failure(outcome::STALE, format!("`{path}` changed since the plan was made"));
                let origin = origin.or_else(|| stale.origin.clone());
                let stale = Failure { path: Some(path), origin, ..stale };
                let stale = stale.help("plan again and look at the difference");
                Err(Stop::with(ActionOutcome::Refused, stale))
            }
        }
    }

    /// Sends an update that lays these changes over the live manifest, waits for its job and reads back.
    async fn put(
        &mut self,
        desired: &Desired,
        changes: &[Change],
        live: &Live,
        slot: SlotGuard,
    ) -> Result<Live, Box<Stop>> {
        if desired.kind() == Kind::CloudApp {
            return self.patch(desired, changes, live, slot).await;
        }
        match self.send_update(desired, changes, live.clone(), slot).await? {
            Sent::Arrived => self.read_back().await,
            Sent::Job(job) => {
                let is_wanted = |step: &Step, live: &Live| step.is_as_wanted(desired, changes, live);
                let live = self.after_job(Verb::Update, &job, is_wanted).await?;
                self.existing(live)
            }
        }
    }

    /// Sends an update. Before it is sent again the resource is read again, and the body made anew: what somebody
    /// else changed meanwhile is carried over, or makes the plan stale.
    pub(super) async fn send_update(
        &mut self,
        desired: &Desired,
        changes: &[Change],
        mut live: Live,
        mut slot: SlotGuard,
    ) -> Result<Sent, Box<Stop>> {
        let mut tries = self.tries();
        let mut open = changes.to_vec();
        loop {
            let body = match desired.kind() {
                Kind::CloudApp => diff::patch(live.manifest(), &open),
                kind => diff::update_manifest(kind.fields(), live.manifest(), &open)
                    .map(|manifest| envelope(desired, Some(&live), manifest)),
            };
            let body = body.map_err(|unset| self.unset(&unset))?;
            match self.attempt(Verb::Update, &body).await? {
                Attempt::Job(job) => return Ok(Sent::Job(job)),
                Attempt::Done => return Ok(Sent::Arrived),
                Attempt::Lost(error) => {
                    slot = self.pause(&mut tries, &error, slot).await?;
                    let found = self.read().await?;
                    live = found.ok_or_else(|| Stop::refused(&self.action, "does not exist any more"))?;
                    if is_processing(&live) {
                        // Perhaps with this change, perhaps with somebody else's.
                        drop(slot);
                        live = self.settled(live).await?;
                        slot = self.slot().await?;
                    }
                    open = self.still_open(desired, &live, changes)?;
                    if open.is_empty() {
                        return Ok(self.arrived());
                    }
                }
            }
        }
    }

    pub(super) async fn delete(&mut self, name: &str) -> Result<bool, Box<Stop>> {
        let mut slot = self.slot().await?;
        let mut found = self.find(name).await?;
        if let Some(live) = found.take_if(|live| is_processing(live)) {
            drop(slot);
            let live = self.unprocessed(live).await?;
            slot = self.slot().await?;
            found = if live.is_some() { self.find(name).await? } else { None };
        }
        if found.is_none() {
            self.warnings.push("was gone already: nothing was sent".to_owned());
            return Ok(true);
        }
        let mut left = match self.send_delete(name, slot).await? {
            Sent::Job(job) => self.after_job(Verb::Delete, &job, |_, _| false).await?,
            Sent::Arrived => self.read().await?,
        };
        self.tell(Phase::Verifying);
        let deadline = Instant::now() + self.waits().deadline;
        let mut pauses = Pauses::new(self.waits());
        while left.is_some() {
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
            left = self.read().await?;
        }
        Ok(true)
    }

    /// Sends a delete. When its answer is lost, looks whether it is still the same resource before sending it again.
    async fn send_delete(&mut self, name: &str, mut slot: SlotGuard) -> Result<Sent, Box<Stop>> {
        let mut tries = self.tries();
        loop {
            match self.attempt(Verb::Delete, &Value::Null).await? {
                Attempt::Job(job) => return Ok(Sent::Job(job)),
                Attempt::Done => return Ok(Sent::Arrived),
                Attempt::Lost(ApiError::NotFound { .. }) => return Ok(Sent::Arrived),
                Attempt::Lost(error) => {
                    slot = self.pause(&mut tries, &error, slot).await?;
                    if self.find(name).await?.is_none() {
                        return Ok(self.arrived());
                    }
                }
            }
        }
    }

    /// The resource that is to be deleted, if it is there, and still what the plan saw: a delete of a cluster takes
    /// empty namespaces along (DOMAIN 2.14), so there must be none.
    async fn find(&self, name: &str) -> Result<Option<Live>, Box<Stop>> {
        let Some(live) = self.read().await? else { return Ok(None) };
        if live.name() != name {
            let message = format!("is called `{}` now; the plan saw `{name}`", live.name());
            return Err(Stop::refused(&self.action, &message));
        }
        if let Identity::Cluster(cluster) = self.action.identity {
            self.is_empty(cluster).await?;
        }
        Ok(Some(live))
    }

    /// Looks a few times: a list may be a moment behind the deletes of this plan.
    async fn is_empty(&self, cluster: Uuid) -> Result<(), Box<Stop>> {
        let mut pauses = Pauses::new(self.waits());
        for _ in 1..VERIFY_TRIES {
            if self.namespace_of(cluster).await?.is_none() {
                return Ok(());
            }
            tokio::time::sleep(pauses.next()).await;
        }
        match self.namespace_of(cluster).await? {
            None => Ok(()),
            Some(name) => Err(Stop::refused(
                &self.action,
                &format!("holds the namespace `{name}`, which the plan did not see"),
            )),
        }
    }

    /// The name of a namespace that a cluster holds.
    async fn namespace_of(&self, cluster: Uuid) -> Result<Option<String>, Box<Stop>> {
        let namespaces = self.context.client.list_namespaces(cluster).await;
        let namespaces = namespaces.map_err(|error| self.request_failure(&error))?.unwrap_or_default();
        let name =
            |document: &Value| document.pointer("/namespace/name").and_then(Value::as_str).map(str::to_owned);
        Ok(namespaces.first().map(|document| name(document).unwrap_or_else(|| "without a name".to_owned())))
    }

    /// A resource that should not exist yet, perhaps by a create of a run that was killed. As declared it is as good
    /// as created; as a create leaves it, what follows a create is still to be done; otherwise the plan is stale.
    pub(super) async fn adopt(
        &mut self,
        desired: &Desired,
        changes: &[Change],
        live: Live,
    ) -> Result<bool, Box<Stop>> {
        // Perhaps a change of it is under way, and what it will be is not to be seen yet.
        let live = self.unprocessed(live).await?;
        let live = self.existing(live)?;
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
