//! Freeze windows, as `mxkeep.yaml` spells them.
//!
//! A window is a conjunction: from a moment, until a moment, on days of the week, at hours of the day, for resources. No
//! part of it crosses midnight, so that there is never a question which day it belongs to.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;

use super::settings::Reader;
use super::suggest;
use crate::model::field::{Field, Format, ListKey, ListShape, Literal, Need};
use crate::model::{Declared, Fields, Freeze, Origin, dig};

/// The list of windows in the settings.
pub(super) const SHAPE: ListShape =
    ListShape::exact(WINDOW, ListKey::Natural(&["from", "until", "days", "hours", "timeZone", "address"]));

static WINDOW: &[Field] = &[
    Field::text(
        "from",
        Format::NonEmpty,
        "Its first day, or its first moment: `2026-12-18`, `2026-12-18T18:00` or `2026-12-18T18:00+01:00`.",
    )
    .example(Literal::Text("2026-12-18")),
    Field::text(
        "until",
        Format::NonEmpty,
        "Its last day, which belongs to it, or the moment at which it ends. Without it, it ends when it is removed.",
    )
    .example(Literal::Text("2027-01-04")),
    Field::text("days", Format::NonEmpty, "Only on these days of the week: `fri-sun`, or `mon, wed`.")
        .example(Literal::Text("fri-sun")),
    Field::text("hours", Format::NonEmpty, "Only at this time of the day: `15:00-24:00`.")
        .example(Literal::Text("15:00-24:00")),
    Field::text(
        "timeZone",
        Format::NonEmpty,
        "Where days and times without an offset are counted: a name of the IANA database; UTC when left out.",
    )
    .example(Literal::Text("Europe/Amsterdam")),
    Field::text(
        "address",
        Format::NonEmpty,
        "Which resources: a glob over addresses; every resource when left out.",
    )
    .example(Literal::Text("environment/*/production")),
    Field::text("reason", Format::NonEmpty, "Why.")
        .need(Need::Always)
        .example(Literal::Text("year end")),
];

/// The setting.
const PATH: &str = "guards.freeze";

/// The days of the week, as files spell them.
const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// The minutes of a day.
const MIDNIGHT: u16 = 24 * 60;

impl Reader<'_> {
    /// Reads the windows. One with a mistake is left out: the mistake is an error.
    pub(super) fn freezes(&mut self, fields: &Fields) -> Vec<Freeze> {
        let list = dig(fields, &["guards", "freeze"]).and_then(Declared::as_list);
        let items = list.into_iter().flat_map(|list| list.items.values());
        items.filter_map(|item| self.freeze(&item.fields, &item.origin)).collect()
    }

    fn freeze(&mut self, fields: &Fields, origin: &Origin) -> Option<Freeze> {
        let text = |name| fields.get(name).and_then(|field| Some((field.as_text()?, &field.origin)));
        if let Some((address, origin)) = text("address") {
            self.glob(address, origin, PATH);
        }
        let zone = match text("timeZone") {
            Some((name, origin)) => self.zone(name, origin)?,
            None => TimeZone::UTC,
        };
        let from = match text("from") {
            Some((from, origin)) => Some(self.moment("from", from, origin, &zone, false)?),
            None => None,
        };
        let until = match text("until") {
            Some((until, origin)) => Some(self.moment("until", until, origin, &zone, true)?),
            None => None,
        };
        if let (Some(from), Some(until), Some((_, origin))) = (from, until, text("until"))
            && until <= from
        {
            let message = "the window ends before it begins".to_owned();
            self.wrong(origin, PATH, message, "write a later `until`, or an earlier `from`".to_owned());
            return None;
        }
        let days = match text("days") {
            Some((days, origin)) => self.days(days, origin)?,
            None => Vec::new(),
        };
        let hours = match text("hours") {
            Some((hours, origin)) => Some(self.hours(hours, origin)?),
            None => None,
        };
        Some(Freeze {
            from,
            until,
            days,
            hours,
            zone,
            address: text("address").map(|(address, _)| address.to_owned()),
            reason: text("reason")?.0.to_owned(),
            window: window(&|name| text(name).map(|(text, _)| text)),
            origin: origin.clone(),
        })
    }

    fn zone(&mut self, name: &str, origin: &Origin) -> Option<TimeZone> {
        let zone = TimeZone::get(name).ok();
        if zone.is_none() {
            let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
            let help = suggest::nearest(name, names.iter().map(String::as_str)).map_or_else(
                || "write a name of the IANA database: `Europe/Amsterdam`, `UTC`".to_owned(),
                |nearest| format!("did you mean `{nearest}`?"),
            );
            self.wrong(origin, PATH, format!("no time zone has the name `{name}`"), help);
        }
        zone
    }

    /// A day, which belongs to the window as a whole, or a moment.
    fn moment(
        &mut self,
        name: &str,
        text: &str,
        origin: &Origin,
        zone: &TimeZone,
        is_end: bool,
    ) -> Option<Timestamp> {
        let moment = if text.contains(['T', 't', ' ']) { exact(text, zone) } else { day(text, zone, is_end) };
        if moment.is_none() {
            let help =
                "write a day, `2026-12-18`, or a moment, `2026-12-18T18:00` or `2026-12-18T18:00+01:00`";
            let message = format!("`{name}` is neither a day of the calendar nor a moment");
            self.wrong(origin, PATH, message, help.to_owned());
        }
        moment
    }

    fn days(&mut self, text: &str, origin: &Origin) -> Option<Vec<Weekday>> {
        let mut days = Vec::new();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (self.weekday(first.trim(), origin)?, self.weekday(last.trim(), origin)?);
            // Around the end of the week, too: `sat-mon`.
            let mut day = first;
            while day != last {
                days.push(day);
                day = day.next();
            }
            days.push(last);
        }
        days.sort_by_key(|day| day.to_monday_zero_offset());
        days.dedup();
        Some(days)
    }

    fn weekday(&mut self, text: &str, origin: &Origin) -> Option<Weekday> {
        let day = DAYS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, day)| *day);
        if day.is_none() {
            let names = DAYS.iter().map(|(name, _)| *name);
            let help = suggest::did_you_mean(text, names, "the days are").unwrap_or_default();
            self.wrong(origin, PATH, format!("`{text}` is no day of the week"), help);
        }
        day
    }

    fn hours(&mut self, text: &str, origin: &Origin) -> Option<(u16, u16)> {
        let hours = text.split_once('-').and_then(|(from, until)| Some((minute(from)?, minute(until)?)));
        let (message, help) = match hours {
            Some((from, until)) if from < until => return Some((from, until)),
            Some(_) => (
                "the hours of a window do not cross midnight",
                "write two windows: one to `24:00`, and one from `00:00` for the day after",
            ),
            None => ("these are no hours of a day", "write them as `15:00-24:00`"),
        };
        self.wrong(origin, PATH, message.to_owned(), help.to_owned());
        None
    }
}

fn day(text: &str, zone: &TimeZone, is_end: bool) -> Option<Timestamp> {
    let date: Date = text.parse().ok()?;
    let date = if is_end { date.tomorrow().ok()? } else { date };
    Some(date.to_zoned(zone.clone()).ok()?.timestamp())
}

fn exact(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let with_offset = text.parse::<Timestamp>().ok();
    with_offset.or_else(|| Some(text.parse::<DateTime>().ok()?.to_zoned(zone.clone()).ok()?.timestamp()))
}

/// The minute of the day: `00:00` to `24:00`.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |text: &str| {
        let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|_| is_number)
    };
    let (hour, minute) = (number(hour)?, number(minute).filter(|minute| *minute < 60)?);
    Some(hour * 60 + minute).filter(|minute| *minute <= MIDNIGHT)
}

/// When it holds, in the words of the file.
fn window<'a>(text: &dyn Fn(&'static str) -> Option<&'a str>) -> String {
    let period = match (text("from"), text("until")) {
        (Some(from), Some(until)) => Some(format!("{from} to {until}")),
        (Some(from), None) => Some(format!("from {from}")),
        (None, Some(until)) => Some(format!("until {until}")),
        (None, None) => None,
    };
    let rest = ["days", "hours", "timeZone"].into_iter().filter_map(|name| text(name).map(str::to_owned));
    let parts: Vec<String> = period.into_iter().chain(rest).collect();
    if parts.is_empty() { "at all times".to_owned() } else { parts.join(" ") }
}
