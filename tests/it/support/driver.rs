//! The library end to end: files → desired state → plan → apply, against a simulator over real HTTP.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use mxkeep::api::{Client, ClientOptions, Token, WaitOptions, fetch};
use mxkeep::apply::{ApplyContext, ApplyEvent, Approval, Clock, Outcome, Waits, apply};
use mxkeep::model::{DesiredState, Identity, Kind, LiveState};
use mxkeep::plan::{Ignores, Plan, PlanInput, Scope, plan};
use mxkeep::source::{LoadOptions, Loaded, load};
use serde_json::Value;
use tokio::sync::mpsc;

use super::World;
use super::register::register;

/// The day on which tests run.
pub const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);

/// Loads an estate that has to be valid.
pub fn load_valid(directory: &Path) -> DesiredState {
    let Loaded { desired, diagnostics, .. } =
        load(directory, &LoadOptions { environment: &|_| None, today: TODAY });
    desired.unwrap_or_else(|| panic!("{diagnostics:#?}"))
}

/// The namespaces of an estate: their operators are there as soon as they exist.
pub fn operators(desired: &DesiredState) -> BTreeSet<uuid::Uuid> {
    let namespaces = desired.of_kind(Kind::Namespace);
    namespaces
        .map(|namespace| match namespace.identity {
            Identity::Namespace(id) => id,
            _ => unreachable!(),
        })
        .collect()
}

/// Plans without reading anything.
pub fn plan_of(desired: &DesiredState, live: &LiveState) -> Plan {
    planned(desired, live, &operators(desired))
}

/// Plans without reading anything, and without knowing that an operator is about to report.
pub fn plan_of_strangers(desired: &DesiredState, live: &LiveState) -> Plan {
    planned(desired, live, &BTreeSet::new())
}

fn planned(desired: &DesiredState, live: &LiveState, operators: &BTreeSet<uuid::Uuid>) -> Plan {
    plan(&PlanInput { operators, ..PlanInput::new(desired, live, &Scope::default(), TODAY) }).unwrap()
}

impl World {
    /// A client with the token that may do everything.
    pub fn client(&self) -> Client {
        self.client_at(&self.url())
    }

    /// The same through another address.
    pub fn client_at(&self, url: &str) -> Client {
        let base = url.parse().unwrap();
        let options = ClientOptions::new(base, Some(Token::new("simulator").unwrap()));
        let cloud_url = Some(self.cloud_url().parse().unwrap());
        Client::new(ClientOptions { cloud_url, ..options }).unwrap()
    }

    /// Registers the apps, packages and operators that an estate needs, as `--simulate` does.
    pub fn register(&self, desired: &DesiredState) {
        register(self.get(), desired);
    }

    /// Reads what an estate needs.
    pub fn read(&self, desired: &DesiredState) -> LiveState {
        self.block_on(fetch(&self.client(), &Scope::default().reading(desired))).unwrap()
    }

    /// Plans an estate against what is live.
    pub fn plan(&self, desired: &DesiredState) -> Plan {
        plan_of(desired, &self.read(desired))
    }

    /// Runs a plan.
    pub fn apply(&self, desired: &DesiredState, plan: &Plan) -> (Outcome, Vec<ApplyEvent>) {
        self.apply_with(self.client(), desired, plan)
    }

    /// Runs a plan with this client.
    pub fn apply_with(
        &self,
        client: Client,
        desired: &DesiredState,
        plan: &Plan,
    ) -> (Outcome, Vec<ApplyEvent>) {
        let (events, mut heard) = mpsc::unbounded_channel();
        let (_interrupt, interrupts) = mpsc::unbounded_channel();
        let waits = WaitOptions {
            first: Duration::from_millis(1),
            max: Duration::from_millis(20),
            factor: 1.5,
            deadline: Duration::from_secs(20),
        };
        let context = ApplyContext {
            client,
            concurrency: 4,
            waits: Waits::all(waits),
            clock: Clock::system(),
            ignores: Ignores::new(&desired.settings.ignore, TODAY),
            build_logs: None,
            approval: Approval::Everything,
            journal: None,
            events,
            interrupts,
        };
        let outcome = self.block_on(apply(plan, desired, context));
        let mut seen = Vec::new();
        while let Ok(event) = heard.try_recv() {
            seen.push(event);
        }
        (outcome, seen)
    }

    /// Replaces the whole world.
    pub fn reset(&self, world: &Value) {
        let url = format!("{}/_admin/world", self.get().origin());
        let client = self.client_for_admin();
        let answer = self.block_on(client.put(url).json(world).send()).unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    /// Made once: it takes its time to read the certificates of the system. It keeps no connection, since each world has
    /// a runtime of its own.
    fn client_for_admin(&self) -> reqwest::Client {
        static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();
        let make = || {
            let _ = rustls::crypto::ring::default_provider().install_default();
            reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap()
        };
        CLIENT.get_or_init(make).clone()
    }
}
