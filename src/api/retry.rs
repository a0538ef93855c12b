//! Whether a failed request is worth another try, and when. Pure: it neither sleeps nor looks at a clock.
//!
//! Reads are repeated on everything that passes by itself. A write is repeated only when the platform has
//! certainly not seen it (429, no connection); after anything else the caller has to look at the resource first
//! (DESIGN 6), because a second POST of the same id makes a job that fails.

use std::time::{Duration, SystemTime};

use super::error::Method;

/// How stubborn the client is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// The most tries of one request, the first one included.
    pub attempts: u32,
    /// The most tries when no connection comes about: a mistyped host should be reported at once.
    pub connect_attempts: u32,
    /// The wait before the second try; it doubles from try to try.
    pub first: Duration,
    /// The longest wait that the client chooses itself.
    pub max: Duration,
    /// The most time that one request takes with all its tries.
    pub total: Duration,
    /// The most time where the server asks for patience with `Retry-After`.
    pub total_if_asked: Duration,
}

impl Default for RetryPolicy {
    /// DESIGN 6: at most 5 attempts and 15 s, longer only when Retry-After says so, 60 s at most.
    fn default() -> RetryPolicy {
        RetryPolicy {
            attempts: 5,
            connect_attempts: 3,
            first: Duration::from_millis(500),
            max: Duration::from_secs(4),
            total: Duration::from_secs(15),
            total_if_asked: Duration::from_secs(60),
        }
    }
}

/// What became of a try, as far as the decision needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// 429: certainly not carried out.
    RateLimited,
    /// No connection came about: certainly not sent.
    NotSent,
    /// 408, 500, 502, 503, 504, no answer in time, connection lost, answer cut off: perhaps carried out.
    Transient,
    /// Anything that would be the same the next time.
    Final,
}

/// A try that failed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Failed {
    /// Which try it was, from 1.
    pub attempt: u32,
    /// The time spent on this request so far; waiting for its turn does not count.
    pub elapsed: Duration,
    /// The method.
    pub method: Method,
    /// What became of it.
    pub outcome: Outcome,
    /// What the server asked for.
    pub retry_after: Option<Duration>,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Wait this long, then try again.
    Wait(Duration),
    /// Give the error to the caller.
    Stop,
}

/// Decides about a failed try. `jitter` is a random number from 0 to 1 that keeps clients from marching in step.
pub fn decide(policy: &RetryPolicy, failed: &Failed, jitter: f64) -> Decision {
    let attempts = match (failed.outcome, failed.method.is_read()) {
        // Before a write is sent again somebody has to look: while a server wants to be left alone, the resource may
        // change, and the body would be an old one.
        (Outcome::Final, _) | (Outcome::Transient | Outcome::RateLimited, false) => return Decision::Stop,
        (Outcome::NotSent, _) => policy.connect_attempts,
        (Outcome::RateLimited | Outcome::Transient, true) => policy.attempts,
    };
    if failed.attempt >= attempts {
        return Decision::Stop;
    }
    let jitter = jitter.clamp(0.0, 1.0);
    let (wait, limit) = match failed.retry_after {
        // A little more than asked for, so that not everybody comes back at the same instant.
        Some(asked) => (asked.saturating_add(scale(policy.first, jitter)), policy.total_if_asked),
        None => (scale(back_off(policy, failed.attempt), 0.5 + jitter / 2.0), policy.total),
    };
    if failed.elapsed.saturating_add(wait) > limit { Decision::Stop } else { Decision::Wait(wait) }
}

/// The full wait after this try, before jitter.
fn back_off(policy: &RetryPolicy, attempt: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1).min(30));
    policy.first.saturating_mul(doubled).min(policy.max)
}

/// A part of a duration, from 0 to 1; unlike `mul_f64` it cannot panic.
fn scale(duration: Duration, part: f64) -> Duration {
    Duration::try_from_secs_f64(duration.as_secs_f64() * part).unwrap_or(duration)
}

/// Reads `Retry-After`: seconds, or an HTTP date, which counts from the answer's own `Date` so that a wrong
/// clock here does not matter. Without a readable `Date` a date says nothing.
pub fn retry_after(value: &str, date: Option<&str>) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now: SystemTime = httpdate::parse_http_date(date?.trim()).ok()?;
    Some(until.duration_since(now).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn decisions() {
        use Decision::{Stop, Wait};
        use Method::{Delete, Get, Post, Put};
        use Outcome::{Final, NotSent, RateLimited, Transient};
        let s = Duration::from_secs;
        // (try, elapsed, method, outcome, Retry-After) → decision, with a jitter of 1
        #[rustfmt::skip]
        let table = [
            // Reads back off 0.5, 1, 2, 4 s and stop after five tries.
            (1, s(0), Get, Transient, None, Wait(MS(500))),
            (2, s(1), Get, Transient, None, Wait(MS(1_000))),
            (3, s(3), Get, Transient, None, Wait(MS(2_000))),
            (4, s(5), Get, Transient, None, Wait(MS(4_000))),
            (5, s(9), Get, Transient, None, Stop),
            // ... or when the next try would begin after 15 s.
            (4, s(11), Get, Transient, None, Wait(MS(4_000))),
            (4, MS(11_001), Get, Transient, None, Stop),
            (1, s(30), Get, Transient, None, Stop),
            // The server may ask for more patience, up to 60 s.
            (1, s(0), Get, RateLimited, Some(s(2)), Wait(MS(2_500))),
            (1, s(0), Get, RateLimited, Some(s(59)), Wait(MS(59_500))),
            (1, s(0), Get, RateLimited, Some(s(60)), Stop),
            (2, s(31), Get, RateLimited, Some(s(29)), Stop),
            (2, s(30), Get, RateLimited, Some(s(29)), Wait(MS(29_500))),
            (5, s(1), Get, RateLimited, Some(s(1)), Stop),
            (1, s(0), Get, Transient, Some(s(3)), Wait(MS(3_500))),
            (1, s(0), Get, RateLimited, Some(s(0)), Wait(MS(500))),
            (1, s(0), Get, RateLimited, Some(Duration::MAX), Stop),
            (1, s(0), Get, RateLimited, None, Wait(MS(500))),
            // A mistyped host is reported after three tries.
            (2, s(1), Get, NotSent, None, Wait(MS(1_000))),
            (3, s(2), Get, NotSent, None, Stop),
            // Writes: only what the platform certainly has not seen.
            (1, s(0), Post, Transient, None, Stop),
            (1, s(0), Put, Transient, None, Stop),
            (1, s(0), Delete, Transient, None, Stop),
            (1, s(0), Post, Transient, Some(s(1)), Stop),
            (1, s(0), Post, RateLimited, None, Stop),
            (1, s(0), Put, RateLimited, Some(s(1)), Stop),
            (1, s(0), Delete, NotSent, None, Wait(MS(500))),
            (1, s(0), Post, NotSent, None, Wait(MS(500))),
            // Nothing helps against the rest.
            (1, s(0), Get, Final, None, Stop),
            (1, s(0), Get, Final, Some(s(1)), Stop),
            (1, s(0), Put, Final, None, Stop),
            (u32::MAX, s(0), Get, Transient, None, Stop),
        ];
        for (attempt, elapsed, method, outcome, retry_after, expected) in table {
            let failed = Failed { attempt, elapsed, method, outcome, retry_after };
            assert_eq!(decide(&RetryPolicy::default(), &failed, 1.0), expected, "{failed:?}");
        }
    }

    #[test]
    fn jitter_takes_at_most_half_away_and_is_bounded() {
        let failed = Failed {
            attempt: 3,
            elapsed: Duration::ZERO,
            method: Method::Get,
            outcome: Outcome::Transient,
            retry_after: None,
        };
        let wait = |jitter| decide(&RetryPolicy::default(), &failed, jitter);
        assert_eq!(wait(0.0), Decision::Wait(MS(1_000)));
        assert_eq!(wait(-3.0), wait(0.0));
        assert_eq!(wait(7.0), wait(1.0));
    }

    #[test]
    fn never_overflows() {
        let policy = RetryPolicy { attempts: u32::MAX, max: Duration::MAX, ..RetryPolicy::default() };
        for attempt in [31, 32, 33, 1_000, u32::MAX - 1] {
            assert!(back_off(&policy, attempt) >= Duration::from_secs(1 << 28), "{attempt}");
        }
        assert_eq!(scale(Duration::MAX, 1.0), Duration::MAX);
    }

    #[test]
    fn reads_retry_after() {
        let date = Some("Wed, 21 Oct 2026 07:28:00 GMT");
        for (value, date, expected) in [
            ("7", None, Some(7)),
            (" 7 ", None, Some(7)),
            ("Wed, 21 Oct 2026 07:28:30 GMT", date, Some(30)),
            ("Wed, 21 Oct 2026 07:27:30 GMT", date, Some(0)),
            ("Wed, 21 Oct 2026 07:28:30 GMT", None, None),
            ("Wed, 21 Oct 2026 07:28:30 GMT", Some("yesterday"), None),
            ("soon", date, None),
            ("-1", date, None),
            ("", date, None),
            ("99999999999999999999999", date, None),
        ] {
            assert_eq!(retry_after(value, date), expected.map(Duration::from_secs), "{value:?}");
        }
    }
}
