//! Which faults strike a request, and what they do to it. Their grammar is in [`super::fault`].

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::fault::Fault;

/// What shall go wrong with one job; kept with it, so that a restart does not heal it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct JobFaults {
    /// The job fails with this message and has no effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fails: Option<String>,
    /// The job never leaves `running`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) hangs: bool,
    /// The job takes effect, but reading it is a 404.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) vanishes: bool,
    /// The environment ends in state `Failed`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) environment_fails: bool,
    /// The job of a build or upload finishes and does not say which package it made.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) hides_package: bool,
    /// The job of a build or upload finishes, and there is no package.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) makes_nothing: bool,
    /// How many lines the log of a build has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) log_lines: Option<u64>,
    /// Fields that are ignored without a word.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) dropped_fields: Vec<String>,
}

/// What takes the place of the right answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Instead {
    /// This status, with `Retry-After` in seconds; the request has no effect.
    Status(u16, Option<u64>),
    /// The connection is closed; the request has no effect.
    DropBefore,
    /// The request takes effect, then the connection is closed.
    DropAfter,
    /// The connection is closed when so many bytes of the body have come; the request has no effect.
    CutUpload(u64),
    /// A page of HTML with status 200; the request has no effect.
    Html,
    /// The request takes effect; the answer ends in the middle.
    Truncate,
}

/// What waits until the faults in force are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// The request, before it takes effect.
    Request,
    /// Its answer.
    Answer,
}

/// Everything that goes wrong with one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mishap {
    /// How long the answer takes.
    pub(super) latency: Duration,
    /// How long a request that took effect goes without its answer.
    pub(super) stall: Duration,
    /// What waits until the faults in force are replaced.
    pub(super) hold: Option<Hold>,
    /// How far ahead the clock of the answer is, in seconds; nothing where it is right.
    pub(super) clock: Option<i64>,
    /// What is answered instead; the first fault that matches wins.
    pub(super) instead: Option<Instead>,
    /// What happens to the job.
    pub(super) job: JobFaults,
}

/// The faults in force.
#[derive(Debug, Default)]
pub(super) struct Faults {
    active: Vec<Active>,
}

/// A fault, and what it has seen.
#[derive(Debug)]
struct Active {
    fault: Fault,
    /// How many requests it has matched.
    matches: u64,
    /// The second of the last of them, and how many it has matched in that second.
    second: (i64, u64),
}

impl Faults {
    /// Starts counting from nothing.
    pub(super) fn new(faults: Vec<Fault>) -> Self {
        Self {
            active: faults.into_iter().map(|fault| Active { fault, matches: 0, second: (0, 0) }).collect(),
        }
    }

    /// The faults as text.
    pub(super) fn show(&self) -> Vec<String> {
        self.active.iter().map(|active| active.fault.to_string()).collect()
    }

    /// What happens to the next request; counts it.
    pub(super) fn next(&mut self, method: &str, path: &str, now: Timestamp) -> Mishap {
        let mut mishap = Mishap::default();
        for Active { fault, matches, second } in &mut self.active {
            if fault.covers(method, path) {
                *matches += 1;
                let now = now.as_second();
                *second = (now, if second.0 == now { second.1 + 1 } else { 1 });
                fault.strike(*matches, second.1, &mut mishap);
            }
        }
        mishap
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(texts: &[&str]) -> Faults {
        Faults::new(texts.iter().map(|text| text.parse().unwrap()).collect())
    }

    #[test]
    fn selectors_choose_the_requests() {
        let mut some = faults(&["500,method=PUT,path=/clusters/*,nth=2"]);
        let hit = |faults: &mut Faults, method, path| {
            faults.next(method, path, Timestamp::UNIX_EPOCH).instead.is_some()
        };
        assert!(!hit(&mut some, "PUT", "/api/v4/clusters/1"));
        assert!(!hit(&mut some, "GET", "/api/v4/clusters/1"));
        assert!(!hit(&mut some, "PUT", "/api/v4/apps/1"));
        assert!(hit(&mut some, "PUT", "/api/v4/clusters/2"));
        assert!(!hit(&mut some, "PUT", "/api/v4/clusters/3"));
        let mut often = faults(&["500,every=2,times=4"]);
        let hits: Vec<_> = (0..6).map(|_| hit(&mut often, "GET", "/x")).collect();
        assert_eq!(hits, [false, true, false, true, false, false]);
    }

    #[test]
    fn a_limit_counts_by_the_second() {
        let mut all = faults(&["limit=2/s,method=GET"]);
        let mut refused = |method, ms| {
            let now = Timestamp::from_millisecond(ms).unwrap();
            all.next(method, "/x", now).instead == Some(Instead::Status(429, Some(1)))
        };
        let seen: Vec<_> = [0, 400, 999, 1000, 1000, 1001, 5000].map(|ms| refused("GET", ms)).into();
        assert_eq!(seen, [false, false, true, false, false, true, false]);
        assert!(!refused("PUT", 5000) && !refused("PUT", 5000) && !refused("GET", 5000));
        assert!(refused("GET", 5000));
    }

    #[test]
    fn faults_add_up_and_job_faults_leave_reads_alone() {
        let mut all = faults(&["latency=1s", "latency=2s", "429=1s", "500", "job-fails", "drop-field=/name"]);
        let read = all.next("GET", "/x", Timestamp::UNIX_EPOCH);
        assert_eq!(read.latency, Duration::from_secs(3));
        assert_eq!(read.instead, Some(Instead::Status(429, Some(1))));
        assert_eq!(read.job, JobFaults::default());
        let write = all.next("POST", "/x", Timestamp::UNIX_EPOCH);
        assert_eq!(write.job.fails.as_deref(), Some("The job failed"));
        assert_eq!(write.job.dropped_fields, ["/name"]);
    }
}
