//! Runs a plan: ready-queue, dispatcher, steps, outcome.
//!
//! A failed action is data, not an error: every run ends with an [`Outcome`] in which every action of the plan
//! appears once.

mod approval;
mod clock;
mod dispatcher;
mod event;
pub mod journal;
pub mod outcome;
pub mod plan_file;
mod queue;
mod redact;
mod resume;
mod rounds;
mod step;
mod verify;

pub use crate::api::size;
pub use approval::{Approval, ApprovedAction};
pub use clock::Clock;
pub use event::{ApplyEvent, Phase};
pub use journal::Journal;
pub use outcome::{ActionOutcome, ActionReport, Failure, FailureKind, Outcome};
pub use queue::Queue;
pub use resume::{Reattached, reattach};

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};

use crate::api::{Client, WaitOptions};
use crate::model::{DesiredState, Kind};
use crate::plan::{Ignores, Plan};

/// How to wait for jobs, and for environments to be ready after theirs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Waits {
    /// For clusters and namespaces.
    pub records: WaitOptions,
    /// For packages.
    pub packages: WaitOptions,
    /// For environments.
    pub environments: WaitOptions,
}

impl Default for Waits {
    /// The portal only writes clusters and namespaces down, which takes seconds. For an environment images are built,
    /// databases made and apps started; a package is built from its sources.
    fn default() -> Waits {
        let within = |minutes: u64| WaitOptions {
            deadline: Duration::from_secs(minutes * 60),
            ..WaitOptions::default()
        };
        Waits { records: within(5), packages: within(30), environments: within(30) }
    }
}

impl Waits {
    /// The same for every kind.
    pub const fn all(waits: WaitOptions) -> Waits {
        Waits { records: waits, packages: waits, environments: waits }
    }

    /// How to wait for resources of a kind.
    pub const fn of(&self, kind: Kind) -> &WaitOptions {
        match kind {
            Kind::Cluster | Kind::Namespace | Kind::App | Kind::CloudApp => &self.records,
            Kind::Package => &self.packages,
            Kind::Environment => &self.environments,
        }
    }

    /// The same waits with one of their settings changed for every kind.
    pub fn each(&mut self, change: impl Fn(&mut WaitOptions)) {
        change(&mut self.records);
        change(&mut self.packages);
        change(&mut self.environments);
    }
}

/// What a run needs besides its plan.
#[derive(Debug)]
pub struct ApplyContext {
    /// The client of the API.
    pub client: Client,
    /// How many actions may be in front of their job at a time; 0 counts as 1.
    pub concurrency: usize,
    /// How to wait for jobs, and for environments to be ready.
    pub waits: Waits,
    /// What time it is, for what is written down.
    pub clock: Clock,
    /// Fields that something else owns, and that are therefore not verified.
    pub ignores: Ignores,
    /// The directory that receives the logs of builds that fail, where somebody wants them whole.
    pub build_logs: Option<PathBuf>,
    /// What may run. Everything else is refused.
    pub approval: Approval,
    /// Where what happens is noted, for a run that goes on should this one be killed.
    pub journal: Option<Journal>,
    /// Who hears what happens.
    pub events: mpsc::UnboundedSender<ApplyEvent>,
    /// Interrupts: the first starts nothing new, the second waits for nothing more.
    pub interrupts: mpsc::UnboundedReceiver<()>,
}

/// Runs the actions of a plan that are ready, and reports what became of all of them.
pub async fn apply(plan: &Plan, desired: &DesiredState, context: ApplyContext) -> Outcome {
    let ApplyContext {
        client,
        concurrency,
        waits,
        clock,
        ignores,
        build_logs,
        approval,
        journal,
        events,
        interrupts,
    } = context;
    let (messages, heard) = mpsc::unbounded_channel();
    let shared = Arc::new(step::StepContext {
        client,
        waits,
        clock,
        // What is left as it is need not become as declared.
        ignores: ignores.and_left(&plan.drift),
        build_logs,
        slots: Semaphore::new(concurrency.max(1)),
        stopped: AtomicBool::new(false),
        journal,
        messages,
    });
    dispatcher::Dispatcher::new(plan, desired, shared, &approval, &events).run(heard, interrupts).await
}
