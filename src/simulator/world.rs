//! The world: a state machine from a request and a time to an answer. No I/O, no clock, no randomness.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    access, cloud, durations,
    jobs::Target,
    message::{Answer, Call, Refusal, Reply},
    options::AbsentFields,
    pointer,
    routes::{self, Endpoint, Found},
    state::State,
};

/// How the world behaves.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// The server's own URL, for `Location` headers.
    pub(super) origin: String,
    /// From the answer to a write until its job is over.
    pub(super) job_delay: Duration,
    /// From the end of a job until the environment is `Ready`.
    pub(super) ready_delay: Duration,
    /// The largest page.
    pub(super) max_page: usize,
    /// What an optional field that a PUT lacks means.
    pub(super) absent_fields: AbsentFields,
    /// Whether values come back in another spelling.
    pub(super) respell: bool,
    /// Whether the answer to a write nests the job.
    pub(super) nested_job_ids: bool,
}

/// The world.
#[derive(Debug)]
pub(super) struct World {
    pub(super) state: State,
    pub(super) settings: Settings,
    /// Whether there is something to save.
    pub(super) changed: bool,
}

impl World {
    /// A world that starts with what was saved.
    pub(super) fn new(state: State, settings: Settings) -> Self {
        Self { state, settings, changed: false }
    }

    /// The simulated time, from the real one.
    pub(super) fn time(&self, real: Timestamp) -> Timestamp {
        durations::later(real, Duration::from_millis(self.state.clock_ahead_ms))
    }

    /// Answers a request to the API.
    pub(super) fn handle(&mut self, call: &Call, now: Timestamp) -> Answer {
        self.advance_to(now);
        self.dispatch(call, now).unwrap_or_else(Answer::from)
    }

    /// Lets time pass: jobs end, environments become ready.
    pub(super) fn advance_to(&mut self, now: Timestamp) {
        self.run_jobs(now);
        self.expire_packages(now);
        for environment in &mut self.state.environments {
            if environment.settles_at.is_some_and(|at| at <= now) {
                let state = if environment.settles_as_failed { "Failed" } else { "Ready" };
                environment.settles_at = None;
                environment.settles_as_failed = false;
                pointer::put(&mut environment.manifest, "/environment/container/state", json!(state));
                self.changed = true;
            }
        }
    }

    /// The whole state, with write-only values.
    pub(super) fn snapshot(&self) -> Value {
        serde_json::to_value(&self.state).unwrap_or_default()
    }

    fn dispatch(&mut self, call: &Call, now: Timestamp) -> Reply {
        if let Some((version, path)) = cloud::below(&call.path) {
            return self.answer_cloud(call, version, path);
        }
        let Some(path) = call.path.strip_prefix(routes::BASE).filter(|p| p.is_empty() || p.starts_with('/'))
        else {
            return routes::outside(self, call, now);
        };
        let token = access::token(call.authorization.as_deref())?;
        match routes::find(&call.method, path) {
            Found::Endpoint { endpoint, access, ids } => {
                access::check(token, access)?;
                let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
                self.call(endpoint, call, &ids, now)
            }
            Found::WrongMethod => Err(Refusal::new(405, format!("Method {} not allowed", call.method))),
            Found::Nothing => Err(Refusal::not_found("Path", &call.path)),
        }
    }

    fn call(&mut self, endpoint: Endpoint, call: &Call, ids: &[&str], now: Timestamp) -> Reply {
        match endpoint {
            Endpoint::None(run) => run(self, call, now),
            Endpoint::One(run) => run(self, call, take(ids)?, now),
            Endpoint::Two(run) => run(self, call, take(ids)?, now),
            Endpoint::Three(run) => run(self, call, take(ids)?, now),
        }
    }

    /// The manifest of a resource.
    pub(super) fn manifest_of(&self, target: &Target) -> Option<&Value> {
        match target {
            // What the API says of a package is no manifest.
            Target::Package { .. } => None,
            Target::Cluster { cluster_id } => self.state.cluster(cluster_id).map(|it| &it.manifest),
            Target::Namespace { namespace_id, .. } => {
                self.state.namespace(namespace_id).map(|it| &it.manifest)
            }
            Target::Environment { app_id, namespace_id, environment_id } => {
                self.state.environment(app_id, namespace_id, environment_id).map(|it| &it.manifest)
            }
        }
    }
}

/// As many ids as the endpoint's path has; a mismatch would be a mistake in the table of endpoints.
fn take<'a, const N: usize>(ids: &[&'a str]) -> Result<[&'a str; N], Refusal> {
    ids.try_into().map_err(|_| Refusal::new(500, "The table of endpoints is wrong"))
}
