//! Waits for the jobs that an earlier run has left open, before anything is planned: what they are about is not over.

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::event::{ApplyEvent, Phase};
use super::journal::{Entry, Journal, OpenJob};
use super::outcome::ActionOutcome;
use super::{Clock, Waits};
use crate::api::{Client, JobError, JobId, wait};
use crate::model::Kind;

/// How the wait for a job of an earlier run ended.
#[derive(Debug)]
pub struct Reattached {
    /// The job.
    pub open: OpenJob,
    /// Why it did not end well, or why its end is not known.
    pub error: Option<JobError>,
}

impl Reattached {
    /// Whether the job is over, so that a plan shows where its resource stands. A job that the API does not know any more
    /// is as good as over.
    pub const fn is_over(&self) -> bool {
        matches!(self.error, None | Some(JobError::Failed { .. } | JobError::Vanished { .. }))
    }
}

/// Waits for all of them at the same time; none of them takes a slot. What is over is noted in the journal. May be left at
/// any point.
pub async fn reattach(
    jobs: &[OpenJob],
    client: &Client,
    waits: &Waits,
    clock: Clock,
    journal: Option<&Journal>,
    events: &mpsc::UnboundedSender<ApplyEvent>,
) -> Vec<Reattached> {
    // Nobody has to listen.
    let tell = |event| drop(events.send(event));
    tell(ApplyEvent::Reattaching { jobs: jobs.len() });
    let mut tasks = JoinSet::new();
    let started = Instant::now();
    for open in jobs.iter().cloned() {
        tell(ApplyEvent::ActionStarted { action: open.action.clone() });
        let phase = Phase::WaitingForJob { job: open.job.clone() };
        tell(ApplyEvent::ActionPhase { action: open.action.clone(), phase });
        let (client, waits) = (client.clone(), *waits.of(kind_of(&open.action)));
        tasks.spawn(async move {
            let error = wait(&client, &JobId::new(open.job.clone()), &waits, |_| {}).await.err();
            Reattached { open, error }
        });
    }
    let mut ended = Vec::new();
    // A task that breaks off is not known to be over, and is missed by nobody: its job stays open in the journal.
    while let Some(joined) = tasks.join_next().await {
        let Ok(end) = joined else { continue };
        let OpenJob { action, job } = end.open.clone();
        if let Some(journal) = journal.filter(|_| end.is_over()) {
            journal.note(clock.now(), Entry::JobEnded { action: action.clone(), job });
        }
        let outcome = match &end.error {
            None => ActionOutcome::Done,
            Some(JobError::Failed { .. }) => ActionOutcome::Failed,
            Some(_) => ActionOutcome::Unknown,
        };
        let message = end.error.as_ref().map(ToString::to_string);
        tell(ApplyEvent::ActionFinished { action, outcome, duration: started.elapsed(), message });
        ended.push(end);
    }
    tell(ApplyEvent::RunFinished);
    ended.sort_by(|one, other| one.open.action.cmp(&other.open.action));
    ended
}

/// The kind that an action is about, from its id: `update:environment/order-desk/test`.
fn kind_of(action: &str) -> Kind {
    let address = action.split_once(':').map_or(action, |(_, address)| address);
    match address.split('/').next() {
        Some("environment") => Kind::Environment,
        Some("package") => Kind::Package,
        _ => Kind::Namespace,
    }
}
