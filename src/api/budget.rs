//! How many requests may be in flight, and how fast they may follow each other.
//!
//! The platform documents no limits and is shared by everybody, so the client starts small, grows while all is well,
//! and backs off when the server struggles: the number of requests in flight halves on 429 and 5xx (DESIGN 6). A
//! server that counts requests by time is not helped by fewer at once, when each takes a millisecond: after a 429
//! requests also keep a pace, taken from what the server allowed so far.
//!
//! [`Law`] decides and neither sleeps nor looks at a clock; [`Budget`] waits as it says. Reads, writes and polls of jobs
//! share one budget. Waiting for a job takes nothing from it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Turnstile, Notify};
use tokio::time::Instant;

/// How many requests may be in flight at first, unless fewer are allowed at all.
const START: f64 = 4.0;

/// The longest pause that one answer can impose on all others. Longer wishes are the business of the request that was
/// refused (see `retry`).
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What the server allowed is read off at least so much time, so that a burst is not taken for a rate.
const SHORTEST_LOOK: Duration = Duration::from_secs(1);

/// How much of what the server allowed is used: a little less, so that clocks need not agree.
const SHARE: f64 = 0.95;

/// How many answers without a refusal it takes before a faster pace is tried. Each try may cost a refusal, so that
/// this bounds them: one in 200 is half a percent.
const CALM: u32 = 200;

/// By how much the pace grows with every answer from then on.
const GROWTH: f64 = 1.01;

/// A pace, in requests a second, that is none any more.
const FREE: f64 = 200.0;

/// What an answer says about the state of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It answered, whatever it said.
    Fine,
    /// 429: too many requests, perhaps with the time to wait.
    Refused(Option<Duration>),
    /// 5xx, no answer in time, connection lost; perhaps with the time to wait.
    Struggling(Option<Duration>),
    /// Nothing: no connection came about, or nobody waited for the answer.
    Silent,
}

/// Whether a request may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Admission {
    /// Now; it counts as in flight. The number says when it started, among all.
    Go(u64),
    /// Not before this moment.
    At(Instant),
    /// When another one has ended.
    Full,
}

/// The decisions of a budget.
#[derive(Debug)]
struct Law {
    most: f64,
    /// How many may be in flight; grows by fractions.
    limit: f64,
    in_flight: usize,
    started: u64,
    /// Requests that started before this one have been punished for already.
    punished: u64,
    /// Nothing starts before this moment.
    gate: Instant,
    /// Requests a second, once the server has refused one.
    pace: Option<f64>,
    /// The earliest start of the next request that keeps the pace.
    next: Instant,
    /// Since when, and how many, answers count towards the next pace.
    look: (Instant, u32),
}

impl Law {
    fn new(most: usize, now: Instant) -> Law {
        let most = most.max(1) as f64;
        Law {
            most,
            limit: START.min(most),
            in_flight: 0,
            started: 0,
            punished: 0,
            gate: now,
            pace: None,
            next: now,
            look: (now, 0),
        }
    }

    fn admit(&mut self, now: Instant) -> Admission {
        if self.in_flight >= self.limit as usize {
            return Admission::Full;
        }
        let earliest = self.gate.max(self.next);
        if now < earliest {
            return Admission::At(earliest);
        }
        if let Some(pace) = self.pace {
            self.next = now + seconds(1.0 / pace);
        }
        self.in_flight += 1;
        self.started += 1;
        Admission::Go(self.started)
    }

    /// Takes note of how the request with this number ended.
    fn end(&mut self, number: u64, verdict: Verdict, now: Instant) {
        self.in_flight = self.in_flight.saturating_sub(1);
        match verdict {
            Verdict::Silent => {}
            Verdict::Fine => self.grow(),
            Verdict::Struggling(asked) => {
                self.close(asked, now);
                self.halve(number);
            }
            Verdict::Refused(asked) => {
                // A server that counts says no again to whoever does not wait.
                let pause = asked.unwrap_or(SHORTEST_LOOK);
                self.close(Some(pause), now);
                if self.halve(number) {
                    self.slow_down(pause, now);
                }
            }
        }
    }

    fn grow(&mut self) {
        self.limit = (self.limit + 1.0 / self.limit).min(self.most);
        self.look.1 = self.look.1.saturating_add(1);
        if self.look.1 > CALM {
            self.pace = self.pace.map(|pace| pace * GROWTH).filter(|pace| *pace < FREE);
        }
    }

    fn close(&mut self, asked: Option<Duration>, now: Instant) {
        self.gate = self.gate.max(now + asked.unwrap_or_default().min(LONGEST_PAUSE));
    }

    /// Halves the limit; not again for requests that were on their way by then. True when it did.
    fn halve(&mut self, number: u64) -> bool {
        if number <= self.punished {
            return false;
        }
        self.punished = self.started;
        self.limit = (self.limit / 2.0).max(1.0);
        true
    }

    /// What the server let through since the last look, over the time until it lets the next one through, is what it
    /// allows.
    fn slow_down(&mut self, pause: Duration, now: Instant) {
        let (since, answers) = self.look;
        let time = now.duration_since(since) + pause.min(LONGEST_PAUSE);
        let allowed = f64::from(answers.max(1)) / time.max(SHORTEST_LOOK).as_secs_f64();
        let pace = SHARE * self.pace.map_or(allowed, |pace| pace.min(allowed));
        self.pace = Some(pace);
        self.next = self.next.max(self.gate);
        self.look = (self.gate, 0);
    }
}

/// A duration, for a number of seconds that is never negative and never too large.
fn seconds(number: f64) -> Duration {
    Duration::try_from_secs_f64(number).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE)
}

/// Lets requests start as the [`Law`] says, in the order in which they came.
#[derive(Debug)]
pub(super) struct Budget {
    law: Mutex<Law>,
    /// Only the first in line waits for the law.
    line: Turnstile<()>,
    ended: Notify,
}

impl Budget {
    /// A budget of at most so many requests in flight; 0 counts as 1.
    pub(super) fn new(most: usize) -> Budget {
        Budget {
            law: Mutex::new(Law::new(most, Instant::now())),
            line: Turnstile::new(()),
            ended: Notify::new(),
        }
    }

    /// Waits until a request may start.
    pub(super) async fn start(&self) -> Permit<'_> {
        let _turn = self.line.lock().await;
        loop {
            let admission = self.law().admit(Instant::now());
            match admission {
                Admission::Go(number) => return Permit { budget: self, number, verdict: Verdict::Silent },
                // An answer meanwhile can only make it later; the law is asked again then.
                Admission::At(moment) => tokio::time::sleep_until(moment).await,
                Admission::Full => self.ended.notified().await,
            }
        }
    }

    fn law(&self) -> MutexGuard<'_, Law> {
        // Nothing in the law can panic half-way; if it did, its numbers would still be good enough.
        self.law.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is in flight until this goes.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    budget: &'a Budget,
    number: u64,
    verdict: Verdict,
}

impl Permit<'_> {
    /// Says how the request ended. A permit that just goes says nothing about the server.
    pub(super) fn end(mut self, verdict: Verdict) {
        self.verdict = verdict;
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.budget.law().end(self.number, self.verdict, Instant::now());
        self.budget.ended.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BinaryHeap;

    use super::*;

    fn ms(number: u64) -> Duration {
        Duration::from_millis(number)
    }

    fn go(law: &mut Law, now: Instant) -> u64 {
        match law.admit(now) {
            Admission::Go(number) => number,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn starts_at_four_grows_on_success_and_halves_on_trouble() {
        let now = Instant::now();
        let mut law = Law::new(8, now);
        let first: Vec<_> = (0..4).map(|_| go(&mut law, now)).collect();
        assert_eq!(law.admit(now), Admission::Full);
        for number in first {
            law.end(number, Verdict::Fine, now);
        }
        let more: Vec<_> = (0..4).map(|_| go(&mut law, now)).collect();
        assert_eq!(law.limit as usize, 4, "not all four answers of a round are in");
        law.end(more[0], Verdict::Fine, now);
        assert_eq!(law.limit as usize, 5);
        for _ in 0..200 {
            let number = go(&mut law, now);
            law.end(number, Verdict::Fine, now);
        }
        assert_eq!(law.limit as usize, 8, "never more than allowed");
        for number in &more[1..] {
            law.end(*number, Verdict::Struggling(None), now);
        }
        assert_eq!(law.limit as usize, 4, "one bad moment counts once, however many requests it hits");
        let number = go(&mut law, now);
        law.end(number, Verdict::Struggling(None), now);
        assert_eq!(law.limit as usize, 2);
        for _ in 0..5 {
            let number = go(&mut law, now);
            law.end(number, Verdict::Struggling(None), now);
        }
        assert_eq!(law.limit as usize, 1, "never none at all");
        assert_eq!(law.pace, None, "a struggling server does not count requests");
    }

    #[test]
    fn nobody_starts_before_the_server_says_so() {
        let now = Instant::now();
        for verdict in [Verdict::Refused(Some(ms(2_000))), Verdict::Struggling(Some(ms(2_000)))] {
            let mut law = Law::new(8, now);
            let number = go(&mut law, now);
            law.end(number, verdict, now);
            assert_eq!(law.admit(now + ms(1_999)), Admission::At(now + ms(2_000)));
            go(&mut law, now + ms(2_000));
        }
        let mut law = Law::new(8, now);
        let number = go(&mut law, now);
        law.end(number, Verdict::Refused(Some(ms(3_600_000))), now);
        assert_eq!(law.admit(now), Admission::At(now + LONGEST_PAUSE), "an hour would look like a hang");
    }

    #[test]
    fn the_pace_is_what_the_server_allowed() {
        let now = Instant::now();
        let mut law = Law::new(8, now);
        for _ in 0..60 {
            let number = go(&mut law, now);
            law.end(number, Verdict::Fine, now);
        }
        let number = go(&mut law, now);
        law.end(number, Verdict::Refused(Some(ms(60_000))), now);
        let pace = law.pace.unwrap();
        assert!((0.9..=1.0).contains(&pace), "60 a minute is one a second, not {pace}");
    }

    /// Requests against a server that lets so many through in each second and answers the others with 429, all by a
    /// simulated clock: (requests sent, requests refused, how long it took).
    fn race(
        count: usize,
        allowed: usize,
        took: Duration,
        most: usize,
        tells: bool,
    ) -> (usize, usize, Duration) {
        let start = Instant::now();
        let mut law = Law::new(most, start);
        let (mut now, mut left, mut sent, mut refused) = (start, count, 0, 0);
        let mut window = (0, 0);
        // Ends to come: the earliest first.
        type End = (Instant, u64, Option<Duration>, bool);
        let mut flying: BinaryHeap<std::cmp::Reverse<End>> = BinaryHeap::new();
        while left > 0 || !flying.is_empty() {
            let admission = if left > 0 { law.admit(now) } else { Admission::Full };
            match admission {
                Admission::Go(number) => {
                    left -= 1;
                    sent += 1;
                    let arrived = now + took / 2;
                    let second = arrived.duration_since(start).as_secs();
                    if window.0 != second {
                        window = (second, 0);
                    }
                    window.1 += 1;
                    let is_refused = window.1 > allowed;
                    let rest = ms(1_000 - u64::from(arrived.duration_since(start).subsec_millis()));
                    flying.push(std::cmp::Reverse((
                        now + took,
                        number,
                        Some(rest).filter(|_| tells),
                        is_refused,
                    )));
                }
                Admission::At(moment) if flying.peek().is_none_or(|next| moment <= next.0.0) => now = moment,
                Admission::At(_) | Admission::Full => {
                    let std::cmp::Reverse((end, number, rest, is_refused)) = flying.pop().unwrap();
                    now = end.max(now);
                    let verdict = if is_refused { Verdict::Refused(rest) } else { Verdict::Fine };
                    law.end(number, verdict, now);
                    refused += usize::from(is_refused);
                    left += usize::from(is_refused);
                }
            }
        }
        (sent, refused, now.duration_since(start))
    }

    #[test]
    fn a_server_that_allows_five_a_second_refuses_less_than_two_percent() {
        for (took, most) in [(ms(2), 8), (ms(2), 64), (ms(40), 8), (ms(150), 8), (ms(900), 16)] {
            for tells in [true, false] {
                let (sent, refused, time) = race(1_000, 5, took, most, tells);
                assert!(refused * 50 < sent, "{refused} of {sent} refused ({took:?}, {most}, {tells})");
                let ideal = Duration::from_secs(200);
                assert!(time < ideal * 3 / 2, "{time:?} instead of {ideal:?} ({took:?}, {most}, {tells})");
            }
        }
    }

    #[test]
    fn a_server_without_limits_is_used_to_the_full() {
        let (sent, refused, time) = race(1_000, usize::MAX, ms(100), 8, true);
        assert_eq!((sent, refused), (1_000, 0));
        let ideal = ms(100 * 1_000 / 8);
        assert!(time < ideal * 11 / 10, "{time:?} instead of {ideal:?}");
    }

    #[tokio::test]
    async fn requests_start_in_the_order_in_which_they_came() {
        let budget = std::sync::Arc::new(Budget::new(1));
        let (tell, mut heard) = tokio::sync::mpsc::unbounded_channel();
        let first = budget.start().await;
        for number in 0..5 {
            let (budget, tell) = (std::sync::Arc::clone(&budget), tell.clone());
            tokio::spawn(async move {
                let permit = budget.start().await;
                tell.send(number).unwrap();
                permit.end(Verdict::Fine);
            });
            tokio::task::yield_now().await;
        }
        drop(tell);
        first.end(Verdict::Fine);
        let mut order = Vec::new();
        while let Some(number) = heard.recv().await {
            order.push(number);
        }
        assert_eq!(order, [0, 1, 2, 3, 4]);
    }

    #[tokio::test]
    async fn a_permit_that_is_dropped_gives_its_place_back() {
        let budget = Budget::new(1);
        drop(budget.start().await);
        let permit = budget.start().await;
        let before = Instant::now();
        permit.end(Verdict::Refused(Some(ms(20))));
        drop(budget.start().await);
        assert!(before.elapsed() >= ms(20));
    }
}
