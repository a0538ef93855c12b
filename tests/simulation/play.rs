//! Plays a scenario.

use std::collections::BTreeMap;
use std::time::Duration;

use mxkeep::apply::plan_file::ApiPlaces;
use mxkeep::apply::{ActionOutcome, ApplyEvent, Outcome};
use mxkeep::model::DesiredState;
use mxkeep::plan::{Plan, Status};
use mxkeep::render::{self, Format, PlanFacts, Style, outcome_view, plan_view};
use mxkeep::simulator::{LoggedRequest, Options, Simulator};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::generate::Generated;
use crate::law::{self, Edit, Memory};
use crate::register::register;
use crate::scenario::{End, Scenario, past};
use crate::stage::{Running, client, estate, load_valid, open, plan_now, run, simulated};

/// How long a run waits for a job at most.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// How many runs without faults it may take until nothing is to be done. The first may meet jobs of earlier runs.
const LAST_ROUNDS: usize = 3;

/// What a run was, as far as others can tell.
#[derive(Debug, Default, PartialEq)]
pub struct Report {
    /// What happened, with the time at which it did.
    pub story: Vec<String>,
    /// Every request, with its answer.
    pub requests: Vec<LoggedRequest>,
    /// How often what happened: kills, edits, outcomes, answers that were none of success.
    pub counts: BTreeMap<String, usize>,
    /// How many runs without faults it took.
    pub last_rounds: usize,
    /// How long it took by the simulated clock.
    pub took: Duration,
}

/// A run while it is played.
struct Play<'a> {
    desired: &'a DesiredState,
    simulator: &'a Simulator,
    seed: u64,
    started: Instant,
    report: Report,
    /// Everything that anybody could have read.
    said: String,
}

/// What there was before a run.
pub struct Past {
    pub estate: Generated,
    /// The world in which that estate was applied.
    pub world: Value,
}

impl Past {
    /// The past of the run of a seed.
    pub fn of(seed: u64) -> Past {
        let past = past(seed);
        let world = simulated(async {
            let directory = estate(&past.files());
            let desired = load_valid(directory.path());
            let quick = Duration::ZERO;
            let simulator =
                open(Options { job_delay: quick, ready_delay: quick, ..Options::default() }).await;
            register(&simulator, &desired);
            let client = client(&simulator, seed);
            let plan = plan_now(&client, &desired).await.unwrap();
            let (outcome, _) = run(&client, &desired, &plan, Running::within(PATIENCE)).await;
            let done = outcome.actions.iter().all(|report| report.outcome == ActionOutcome::Done);
            assert!(done, "{:#?}", outcome.actions);
            simulator.world()
        });
        Past { estate: past, world }
    }
}

/// Plays a scenario, and checks what has to hold.
///
/// # Errors
///
/// What does not hold.
pub async fn play(seed: u64, past: &Past, scenario: &Scenario) -> Result<Report, String> {
    let directory = estate(&scenario.estate.files());
    let desired = load_valid(directory.path());
    let simulator = open(scenario.options.clone()).await;
    let started = Instant::now();
    let mut play = Play {
        desired: &desired,
        simulator: &simulator,
        seed,
        started,
        report: Report::default(),
        said: String::new(),
    };
    let result = play.acts(past, scenario).await;
    play.report.story.sort();
    play.report.took = started.elapsed();
    play.report.requests = simulator.requests();
    match result {
        Ok(()) => Ok(play.report),
        Err(error) => Err(format!("{error}\n{:#?}", play.report.story)),
    }
}

impl Play<'_> {
    /// What was there, the bad days, the good days, and what has to hold then.
    async fn acts(&mut self, past: &Past, scenario: &Scenario) -> Result<(), String> {
        let simulator = self.simulator;
        if scenario.has_past {
            simulator.replace_world(&past.world).unwrap();
        }
        register(simulator, self.desired);
        if scenario.unknown_fields {
            law::add_unknown_fields(simulator);
        }
        let mut memory = Memory::new(simulator, &scenario.estate.documents);
        self.bad_days(scenario, &mut memory).await?;
        let calm = simulator.requests().len();
        self.good_days(calm).await?;
        let requests = simulator.requests();
        memory.check(simulator, &requests)?;
        law::no_delete_without_tombstone(self.desired, &requests)?;
        law::no_package_twice(simulator, scenario)?;
        law::no_secret(&self.said)?;
        self.count_many("edit that nothing could save", memory.unprotected(&requests));
        let failed =
            |request: &&LoggedRequest| request.status.is_none_or(|status| status >= 400 && status != 404);
        self.count_many("request that failed", requests.iter().filter(failed).count());
        self.count(&format!("last rounds: {}", self.report.last_rounds));
        Ok(())
    }

    fn tell(&mut self, what: impl std::fmt::Display) {
        let at = self.started.elapsed();
        // The port is another one each time.
        let what = what.to_string().replace(&self.simulator.origin(), "");
        let what = what.replace(&self.simulator.address().to_string(), "(simulator)");
        self.report.story.push(format!("{:>9.3} {what}", at.as_secs_f64()));
    }

    fn count(&mut self, what: &str) {
        self.count_many(what, 1);
    }

    fn count_many(&mut self, what: &str, times: usize) {
        *self.report.counts.entry(what.to_owned()).or_default() += times;
    }

    /// Runs while everything goes wrong that may, and while others are at work in the portal.
    async fn bad_days(&mut self, scenario: &Scenario, memory: &mut Memory) -> Result<(), String> {
        self.simulator.set_faults(scenario.faults.iter().map(|fault| fault.parse().unwrap()).collect());
        self.tell(format!("faults: {:?}", scenario.faults));
        let simulator = self.simulator;
        let started = self.started;
        let mut edits = Vec::new();
        let portal = async {
            for (pause, choice) in &scenario.edits {
                tokio::time::sleep(*pause).await;
                if let Some(edit) = memory.edit(simulator, *choice) {
                    edits.push(format!("{:>9.3} {edit}", started.elapsed().as_secs_f64()));
                }
            }
            std::future::pending::<()>().await;
        };
        let rounds = async {
            for (number, end) in scenario.rounds.iter().enumerate() {
                self.round(number as u64, *end).await?;
            }
            Ok::<(), String>(())
        };
        let result = tokio::select! {
            biased;
            () = portal => Ok(()),
            result = rounds => result,
        };
        self.count_many("edit", edits.len());
        self.report.story.extend(edits);
        self.simulator.set_faults(Vec::new());
        self.tell("no faults any more");
        result
    }

    async fn round(&mut self, number: u64, end: End) -> Result<(), String> {
        self.tell(format!("round {number}: {end:?}"));
        match end {
            End::Itself => self.plan_and_apply(number, Running::within(PATIENCE)).await.map(drop),
            End::Killed(after) => {
                match tokio::time::timeout(after, self.plan_and_apply(number, Running::within(PATIENCE)))
                    .await
                {
                    Ok(result) => return result.map(drop),
                    Err(_) => {
                        self.count("kill");
                        self.tell("killed");
                    }
                }
                Ok(())
            }
            End::Interrupted(first, second) => {
                let (interrupt, interrupts) = mpsc::unbounded_channel();
                let running = Running { interrupts, ..Running::within(PATIENCE) };
                let signals = async {
                    tokio::time::sleep(first).await;
                    let _ = interrupt.send(());
                    if let Some(second) = second {
                        tokio::time::sleep(second).await;
                        let _ = interrupt.send(());
                    }
                    std::future::pending::<()>().await;
                };
                tokio::select! {
                    biased;
                    () = signals => Ok(()),
                    result = self.plan_and_apply(number, running) => result.map(drop),
                }
            }
        }
    }

    /// One call of `mxkeep apply`; the plan that it ran, if it came to that.
    async fn plan_and_apply(&mut self, number: u64, running: Running) -> Result<Option<Plan>, String> {
        let client = client(self.simulator, self.seed.wrapping_mul(31).wrapping_add(number));
        let plan = match plan_now(&client, self.desired).await {
            Ok(plan) => plan,
            Err(error) => {
                self.said.push_str(&format!("{error} {error:?}"));
                self.count("no plan");
                self.tell(format!("no plan: {error}"));
                return Ok(None);
            }
        };
        self.say_plan(&plan, client.requests_made());
        let (outcome, events) = run(&client, self.desired, &plan, running).await;
        self.say_outcome(&outcome, &events);
        law::adds_up(&plan, &outcome)?;
        Ok(Some(plan))
    }

    fn say_plan(&mut self, plan: &Plan, requests_made: u64) {
        let api = self.simulator.private_cloud_url();
        let places = ApiPlaces::default();
        let created = jiff::Timestamp::UNIX_EPOCH;
        let facts = PlanFacts { requests_made, requests_budget: 0, api, revisions: None, places, created };
        let report = render::Report::Plan(plan_view(plan, &facts));
        for format in Format::ALL {
            self.said.push_str(&report.render(format, &Style::default()));
        }
        let ids: Vec<_> = plan.actions.iter().map(|action| action.id.as_str()).collect();
        self.tell(format!("plan: {ids:?}"));
    }

    fn say_outcome(&mut self, outcome: &Outcome, events: &[ApplyEvent]) {
        let report = render::Report::Outcome(outcome_view(outcome));
        for format in Format::ALL {
            self.said.push_str(&report.render(format, &Style::default()));
        }
        self.said.push_str(&format!("{events:?}"));
        for report in &outcome.actions {
            self.count(report.outcome.name());
            let why = report.error.as_ref().map(|error| error.message.as_str()).unwrap_or_default();
            self.tell(format!("{}: {} {why} {:?}", report.action.id, report.outcome.name(), report.warnings));
        }
    }

    /// Runs without faults, until nothing is left to be done.
    async fn good_days(&mut self, calm: usize) -> Result<(), String> {
        let mut planned: Vec<String> = Vec::new();
        for round in 1..=LAST_ROUNDS + 1 {
            let number = 1000 + round as u64;
            let client = client(self.simulator, self.seed.wrapping_mul(31).wrapping_add(number));
            let plan =
                plan_now(&client, self.desired).await.map_err(|error| format!("last plan: {error}"))?;
            let is_explained = |status: &Status| matches!(status, Status::Blocked(_) | Status::Waiting(_));
            if plan.actions.iter().all(|action| is_explained(&action.status)) && plan.unreadable.is_empty() {
                self.report.last_rounds = round - 1;
                self.say_plan(&plan, 0);
                let requests = self.simulator.requests();
                return law::hardly_a_request_too_many(&requests[calm..], &planned);
            }
            planned.extend(plan.actions.iter().map(|action| law::path_of(&action.identity)));
            if round <= LAST_ROUNDS {
                self.plan_and_apply(number, Running::within(PATIENCE)).await?;
            } else {
                let left: Vec<_> =
                    plan.actions.iter().filter(|action| !is_explained(&action.status)).collect();
                return Err(format!("does not converge: {left:#?}"));
            }
        }
        Ok(())
    }
}

/// The value in the place of a secret, which nothing may repeat.
pub const SECRET: &str = "generated-secret";

/// Values for edits.
pub fn values(choice: u64) -> Value {
    match choice % 4 {
        0 => json!({"a": [1, 1.10, "x", null, true], "big": 12_345_678_901_234_567_890_u64}),
        1 => json!(format!("edit {choice}")),
        2 => json!([choice, "list"]),
        _ => json!(choice),
    }
}

/// What an edit was, for the story.
impl std::fmt::Display for Edit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "edit of {} {}: {}", self.resource, self.path, self.value)
    }
}
