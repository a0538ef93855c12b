//! What time it is: one place, so that a simulated run has simulated times.
//!
//! Waiting and measuring go by tokio's clock everywhere. A [`Clock`] is for times that are written down.

use jiff::Timestamp;
use tokio::time::Instant;

/// Tells the time of day.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock(Option<(Timestamp, Instant)>);

impl Clock {
    /// The clock of this machine.
    pub const fn system() -> Clock {
        Clock(None)
    }

    /// A clock that shows this time now, and goes as fast as tokio's, which tests may put forward.
    pub fn starting_at(time: Timestamp) -> Clock {
        Clock(Some((time, Instant::now())))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        match self.0 {
            None => Timestamp::now(),
            Some((start, since)) => start.saturating_add(since.elapsed()).unwrap_or(Timestamp::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_simulated_clock_goes_with_the_waits() {
        let start: Timestamp = "2026-11-22T08:00:00Z".parse().unwrap();
        let clock = Clock::starting_at(start);
        assert_eq!(clock.now(), start);
        tokio::time::sleep(Duration::from_secs(3600)).await;
        assert_eq!(clock.now().to_string(), "2026-11-22T09:00:00Z");
    }

    #[test]
    fn the_clock_of_the_machine_goes_on() {
        let before = Timestamp::now();
        let now = Clock::system().now();
        assert!(before <= now && now <= Timestamp::now());
    }
}
