//! One thread on which time passes only while nothing else is to be done.
//!
//! Client and simulator are tasks of one runtime, and what one sends through the loopback interface the other has
//! at once. So tokio finds the sockets quiet only when everybody waits for the clock, and puts it forward then.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use mxkeep::api::{ApiError, Client, ClientOptions, Random, Token, fetch};
use mxkeep::apply::{ApplyContext, ApplyEvent, Approval, Clock, Outcome, Waits, apply};
use mxkeep::model::{DesiredState, LiveState};
use mxkeep::plan::{Ignores, Plan, PlanInput, Scope, plan};
use mxkeep::simulator::{Options, Simulator};
use mxkeep::source::{LoadOptions, load};
use tokio::sync::mpsc;

/// The day on which runs begin.
pub const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);

/// When they begin.
pub fn start() -> Timestamp {
    TODAY.at(8, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp()
}

/// Runs something to its end by a simulated clock.
pub fn simulated<F: Future>(future: F) -> F::Output {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().start_paused(true).build().unwrap().block_on(future)
}

/// Loads an estate that has to be valid.
pub fn load_valid(directory: &Path) -> DesiredState {
    let loaded = load(directory, &LoadOptions { environment: &|_| None, today: TODAY });
    loaded.desired.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics))
}

/// Writes an estate into a directory of its own.
pub fn estate(files: &[(String, String)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs_err::write(directory.path().join(name), text).unwrap();
    }
    directory
}

/// A simulator whose clock is that of the run.
pub async fn open(options: Options) -> Simulator {
    Simulator::start(Options { starts_at: Some(start()), ..options }).await.unwrap()
}

/// A client with the token that may do everything, and with foreseeable chance.
pub fn client(simulator: &Simulator, seed: u64) -> Client {
    let base = simulator.private_cloud_url().parse().unwrap();
    let options = ClientOptions::new(base, Some(Token::new("simulator").unwrap()));
    let cloud_url = Some(simulator.mendix_cloud_url(4).parse().unwrap());
    Client::new(ClientOptions { cloud_url, random: Random::seeded(seed), ..options }).unwrap()
}

/// Reads what an estate needs.
pub async fn read(client: &Client, desired: &DesiredState) -> Result<LiveState, ApiError> {
    fetch(client, &Scope::default().reading(desired)).await
}

/// Plans an estate against what is live.
pub async fn plan_now(client: &Client, desired: &DesiredState) -> Result<Plan, ApiError> {
    let live = read(client, desired).await?;
    let scope = Scope::default();
    let operators = operators(desired);
    let input = PlanInput { operators: &operators, ..PlanInput::new(desired, &live, &scope, TODAY) };
    Ok(plan(&input).unwrap())
}

fn operators(desired: &DesiredState) -> std::collections::BTreeSet<uuid::Uuid> {
    let namespaces = desired.of_kind(mxkeep::model::Kind::Namespace);
    namespaces.filter_map(|namespace| namespace.identity.id().parse().ok()).collect()
}

/// How a run is made.
pub struct Running {
    pub concurrency: usize,
    pub waits: Waits,
    pub interrupts: mpsc::UnboundedReceiver<()>,
}

impl Running {
    /// Without interrupts, and with waits that end after so long.
    pub fn within(deadline: Duration) -> Running {
        let mut waits = Waits::default();
        waits.each(|waits| waits.deadline = deadline);
        let (_, interrupts) = mpsc::unbounded_channel();
        Running { concurrency: 4, waits, interrupts }
    }
}

/// Runs a plan; also gives everything that it told.
pub async fn run(
    client: &Client,
    desired: &DesiredState,
    plan: &Plan,
    running: Running,
) -> (Outcome, Vec<ApplyEvent>) {
    let (events, mut heard) = mpsc::unbounded_channel();
    let context = ApplyContext {
        client: client.clone(),
        concurrency: running.concurrency,
        waits: running.waits,
        clock: Clock::starting_at(start()),
        ignores: Ignores::new(&desired.settings.ignore, TODAY),
        build_logs: None,
        journal: None,
        approval: Approval::Everything,
        events,
        interrupts: running.interrupts,
    };
    let outcome = apply(plan, desired, context).await;
    let mut seen = Vec::new();
    while let Ok(event) = heard.try_recv() {
        seen.push(event);
    }
    (outcome, seen)
}
