//! Freeze windows: times at which nothing is changed.

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::Origin;

/// A time at which nothing is changed. Everything that it says narrows it: a window of Fridays in December holds on the
/// Fridays of December.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// Its first moment; it has held for ever where there is none.
    pub from: Option<Timestamp>,
    /// The first moment after it; it has no end where there is none.
    pub until: Option<Timestamp>,
    /// The days of the week on which it holds; all of them where there are none.
    pub days: Vec<Weekday>,
    /// The time of the day at which it holds, in minutes since midnight, the last of them excluded.
    pub hours: Option<(u16, u16)>,
    /// Where days and hours are counted.
    pub zone: TimeZone,
    /// Which resources: a glob over addresses; all where there is none.
    pub address: Option<String>,
    /// Why.
    pub reason: String,
    /// When, in the words of the file.
    pub window: String,
    /// Where it was written.
    pub origin: Origin,
}

impl Freeze {
    /// Whether it holds at this moment.
    pub fn holds(&self, now: Timestamp) -> bool {
        let local = now.to_zoned(self.zone.clone());
        let minute = u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
        self.from.is_none_or(|from| from <= now)
            && !self.is_over(now)
            && (self.days.is_empty() || self.days.contains(&local.weekday()))
            && self.hours.is_none_or(|(from, until)| (from..until).contains(&minute))
    }

    /// Whether it will never hold again.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Whether it says the same of the same resources, whatever the reason and the place.
    pub fn is_same(&self, other: &Freeze) -> bool {
        let Freeze { from, until, days, hours, zone, address, reason: _, window: _, origin: _ } = self;
        (from, until, days, hours, zone, address)
            == (&other.from, &other.until, &other.days, &other.hours, &other.zone, &other.address)
    }
}
