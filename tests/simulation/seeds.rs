//! Thousands of runs, each from one seed.
//!
//! `MXKEEP_RUNS=N` says how many; `MXKEEP_SEED=N` plays one of them and tells its story.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::play::{Past, Report, play};
use crate::scenario::{GROUP, Scenario};
use crate::stage::simulated;

/// As many as somebody waits for; `.ci/run` asks for more.
const RUNS: u64 = 200;

/// How many runs play at a time.
const THREADS: usize = 2;

#[expect(clippy::disallowed_methods, reason = "variables for those who run the tests, not for mxkeep")]
fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a whole number"))
}

fn played(seed: u64, past: &Past) -> Result<Report, String> {
    let run = || simulated(play(seed, past, &Scenario::of(seed, &past.estate)));
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(format!("panicked: {}", text.unwrap_or_default()))
    })
}

/// What the runs came to.
#[derive(Default)]
struct Tally {
    requests: usize,
    simulated: Duration,
    counts: BTreeMap<String, usize>,
    failures: Vec<(u64, String)>,
}

impl Tally {
    fn add(&mut self, seed: u64, result: Result<Report, String>) {
        let report = match result {
            Ok(report) => report,
            Err(error) => return self.failures.push((seed, error)),
        };
        self.requests += report.requests.len();
        self.simulated += report.took;
        for (what, times) in report.counts {
            *self.counts.entry(what).or_default() += times;
        }
    }
}

#[test]
fn every_run_converges_and_touches_nothing_else() {
    if let Some(seed) = number("MXKEEP_SEED") {
        let past = Past::of(seed);
        println!("{:#?}", Scenario::of(seed, &past.estate));
        match played(seed, &past) {
            Ok(report) => println!("{:#?}\n{} requests", report.story, report.requests.len()),
            Err(error) => panic!("seed {seed}: {error}"),
        }
        return;
    }
    let runs = number("MXKEEP_RUNS").unwrap_or(RUNS);
    let (next, tally) = (AtomicU64::new(0), Mutex::new(Tally::default()));
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let first = next.fetch_add(GROUP, Ordering::Relaxed);
                    if first >= runs {
                        return;
                    }
                    let past = Past::of(first);
                    for seed in first..runs.min(first + GROUP) {
                        // Before the lock, or one run would wait for the other.
                        let result = played(seed, &past);
                        tally.lock().unwrap().add(seed, result);
                    }
                }
            });
        }
    });
    let Tally { requests, simulated, counts, mut failures } = tally.into_inner().unwrap();
    failures.sort();
    let hours = simulated.as_secs() / 3600;
    println!(
        "{runs} runs: {requests} requests, {hours} simulated hours, in {} s; {} failed",
        began.elapsed().as_secs(),
        failures.len()
    );
    println!("{counts:?}");
    for (seed, error) in failures.iter().take(5) {
        println!("seed {seed}: {error}");
    }
    // Runs in which nothing happens would show nothing.
    for what in ["done", "kill", "edit", "request that failed"] {
        let times = counts.get(what).copied().unwrap_or_default();
        assert!(times as u64 * 5 > runs, "`{what}` happened {times} times only");
    }
    let seeds: Vec<_> = failures.iter().map(|(seed, _)| seed).collect();
    assert!(failures.is_empty(), "MXKEEP_SEED=N cargo test --test simulation plays one again: {seeds:?}");
}

#[test]
fn a_seed_is_one_run() {
    for seed in 0..10 {
        let past = Past::of(seed);
        let first = played(seed, &past);
        assert_eq!(first, played(seed, &Past::of(seed)), "seed {seed}");
    }
}
