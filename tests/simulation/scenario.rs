//! Everything that chance decides about a run.

use std::time::Duration;

use mxkeep::simulator::{AbsentFields, Options};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::generate::{Generated, of_sizes};

/// A run, before it is played.
#[derive(Debug)]
pub struct Scenario {
    /// Whether the past of the run was applied before, so that the world is not empty.
    pub has_past: bool,
    /// The estate.
    pub estate: Generated,
    pub options: Options,
    /// What goes wrong while it does.
    pub faults: Vec<String>,
    /// How often apply is tried while it does, and how each try ends.
    pub rounds: Vec<End>,
    /// Edits in the portal, by the time since the last one.
    pub edits: Vec<(Duration, u64)>,
    /// Whether every resource has fields that no table knows.
    pub unknown_fields: bool,
}

/// How a try to apply ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By itself.
    Itself,
    /// It is killed after so long.
    Killed(Duration),
    /// It is interrupted after so long, and again after so long.
    Interrupted(Duration, Option<Duration>),
}

impl Scenario {
    /// The run of a seed, with the past that it shares with the others of its group.
    pub fn of(seed: u64, past: &Generated) -> Scenario {
        let mut random = StdRng::seed_from_u64(seed);
        let has_past = random.random_bool(0.7);
        Scenario {
            has_past,
            estate: if has_past { later(past, &mut random) } else { past.clone() },
            options: options(&mut random),
            faults: faults(&mut random),
            rounds: (0..random.random_range(1..=4)).map(|_| end(&mut random)).collect(),
            edits: (0..random.random_range(0..=8))
                .map(|_| (some_time(&mut random), random.random()))
                .collect(),
            unknown_fields: random.random_bool(0.7),
        }
    }
}

/// How many runs have the same past: making one costs as much as a run.
pub const GROUP: u64 = 10;

/// The estate that there was before the run of a seed.
pub fn past(seed: u64) -> Generated {
    let random = &mut StdRng::seed_from_u64(u64::MAX - seed / GROUP);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &random.random::<[u8; 32]>());
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    // Small, so that there can be many.
    let estates = of_sizes((1_usize..=2, 1_usize..=2, 0_usize..=2, 0_usize..=1));
    let generated = estates.new_tree(&mut runner).unwrap().current();
    match random.random_bool(0.3) {
        true => generated.with_packages(random.random()),
        false => generated,
    }
}

/// From some milliseconds to a minute: each order of magnitude is as likely as the others.
fn some_time(random: &mut StdRng) -> Duration {
    Duration::from_millis(10_f64.powf(random.random_range(0.8..4.8)) as u64)
}

fn end(random: &mut StdRng) -> End {
    match random.random_range(0..10) {
        0..5 => End::Killed(some_time(random)),
        5 => End::Interrupted(some_time(random), None),
        6 => End::Interrupted(some_time(random), Some(some_time(random))),
        _ => End::Itself,
    }
}

fn options(random: &mut StdRng) -> Options {
    let delays = [0, 2, 12].map(Duration::from_secs);
    Options {
        job_delay: *delays.choose(random).unwrap(),
        ready_delay: *delays.choose(random).unwrap(),
        max_page: *[20, 50, 100].choose(random).unwrap(),
        absent_fields: *[AbsentFields::Reset, AbsentFields::Keep].choose(random).unwrap(),
        respell: random.random_bool(0.3),
        nested_job_ids: random.random_bool(0.3),
        ..Options::default()
    }
}

/// Every request takes its time, before and after it takes effect, so that a kill may come at any point of it.
fn faults(random: &mut StdRng) -> Vec<String> {
    let mut faults = vec![
        format!("latency={}ms", random.random_range(1..40)),
        format!("stall={}ms", random.random_range(0..20)),
    ];
    for _ in 0..random.random_range(1..=5) {
        let fault = *FAULTS.choose(random).unwrap();
        let which = *WHICH.choose(random).unwrap();
        let often = match random.random_range(0..4) {
            0 => format!(",nth={}", random.random_range(1..10)),
            1 => format!(",times={}", random.random_range(1..6)),
            _ => format!(",every={},times=60", random.random_range(1..8)),
        };
        faults.push(format!("{fault}{which}{often}"));
    }
    faults
}

/// To which requests it may happen.
const WHICH: [&str; 8] = [
    "",
    "",
    ",method=GET",
    ",method=POST",
    ",method=PUT",
    ",path=/apps/*",
    ",path=/jobs/*",
    ",path=*/environments/*",
];

/// What may go wrong. Fields that are dropped are managed ones: what else a server drops, nobody can put back.
const FAULTS: [&str; 24] = [
    "latency=45s",
    "stall=45s",
    "limit=5/s",
    "401",
    "403",
    "429",
    "429=2s",
    "429=90s",
    "500",
    "502",
    "503",
    "503=3s",
    "drop-before",
    "drop-after",
    "html",
    "truncate",
    "job-fails",
    "job-fails=no capacity",
    "job-hangs",
    "job-vanishes",
    "env-fails",
    "drop-field=/container/instances",
    "no-package-id",
    "no-package",
];

/// The estate after some time: some resources are no longer declared, some are to be removed, some have other values,
/// and some say less.
fn later(whole: &Generated, random: &mut StdRng) -> Generated {
    let mut documents = Vec::new();
    let mut gone: Vec<Value> = Vec::new();
    for document in &whole.documents {
        let mut document = document.clone();
        let (kind, body) = document.as_object_mut().unwrap().iter_mut().next().unwrap();
        let parent = match kind.as_str() {
            "namespace" => body["cluster"].clone(),
            "environment" => body["provider"]["namespace"].clone(),
            _ => Value::Null,
        };
        let is_orphan = !parent.is_null() && gone.contains(&parent);
        let may_go = kind != "app" && kind != "package";
        if is_orphan || may_go && random.random_bool(0.2) {
            if kind == "environment" && !is_orphan && random.random_bool(0.5) {
                let id = &body["id"];
                documents.push(json!({"remove": [
                    {"address": format!("environment/app0/{}", id.as_str().unwrap()), "id": id, "reason": "not used any more"},
                ]}));
            }
            gone.push(body.get("name").cloned().unwrap_or_default());
            continue;
        }
        if random.random_bool(0.7) {
            change(kind, body, random);
        }
        documents.push(document);
    }
    Generated { documents }
}

fn change(kind: &str, body: &mut Value, random: &mut StdRng) {
    let optional: &[&str] = match kind {
        "cluster" => &["/description", "/clusterManagers"],
        "namespace" => &["/membership", "/operationalLinks", "/enableDevelopmentMode"],
        "environment" => &[
            "/deployment/constants",
            "/deployment/scheduledEvents",
            "/deployment/appLogLevels",
            "/runtime/environmentVariables",
            "/runtime/customRuntimeSettings",
            "/annotations",
            "/runtimeMetricsConfiguration",
            "/deploymentStrategy",
        ],
        _ => &[],
    };
    for path in optional {
        let (parent, name) = path.rsplit_once('/').unwrap();
        if random.random_bool(0.3)
            && let Some(fields) = body.pointer_mut(parent).and_then(Value::as_object_mut)
        {
            fields.remove(name);
        }
    }
    match kind {
        "cluster" if random.random_bool(0.5) => {
            body["description"] = format!("d{}", random.random_range(0..9)).into();
        }
        "environment" => {
            body["container"]["instances"] = random.random_range(0..=5).into();
            if let Some(constants) = body.pointer_mut("/deployment/constants").and_then(Value::as_object_mut)
            {
                constants.insert("M.Two".to_owned(), format!("v{}", random.random_range(0..9)).into());
            }
        }
        _ => {}
    }
}
