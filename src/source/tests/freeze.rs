//! When freeze windows hold.

use jiff::Timestamp;

use super::load_files;
use crate::model::Freeze;

fn window(text: &str) -> Freeze {
    let settings = format!("estate: acme\nguards: {{freeze: [{{{text}, reason: r}}]}}\n");
    let loaded = load_files(&[("mxkeep.yaml", settings.as_str())]);
    let desired = loaded.desired.unwrap_or_else(|| panic!("{text}: {:#?}", loaded.diagnostics));
    desired.settings.guards.freeze[0].clone()
}

/// Holds at the moments of the first list, and not at those of the second.
fn holds(text: &str, at: &[&str], not_at: &[&str]) {
    let window = window(text);
    for (moments, expected) in [(at, true), (not_at, false)] {
        for moment in moments {
            let now: Timestamp = moment.parse().unwrap();
            assert_eq!(window.holds(now), expected, "{text} at {moment}");
        }
    }
}

#[test]
fn days_are_whole_and_belong_to_the_window() {
    holds(
        "from: 2026-12-18, until: 2027-01-04",
        &["2026-12-18T00:00Z", "2026-12-31T12:00Z", "2027-01-04T23:59:59Z"],
        &["2026-12-17T23:59:59Z", "2027-01-05T00:00Z", "2027-12-20T00:00Z"],
    );
    holds("until: 2026-12-18", &["2000-01-01T00:00Z", "2026-12-18T23:59Z"], &["2026-12-19T00:00Z"]);
    holds("from: 2026-12-18", &["2026-12-18T00:00Z", "2999-01-01T00:00Z"], &["2026-12-17T23:59Z"]);
}

#[test]
fn days_are_those_of_the_zone() {
    // Winter time, an hour ahead of UTC; summer time, two.
    holds(
        "from: 2026-12-18, until: 2026-12-18, timeZone: Europe/Amsterdam",
        &["2026-12-17T23:00Z", "2026-12-18T22:59Z"],
        &["2026-12-17T22:59Z", "2026-12-18T23:00Z"],
    );
    holds(
        "from: 2026-07-01, until: 2026-07-01, timeZone: Europe/Amsterdam",
        &["2026-06-30T22:00Z", "2026-07-01T21:59Z"],
        &["2026-06-30T21:59Z", "2026-07-01T22:00Z"],
    );
    // A day of 25 hours.
    holds(
        "from: 2026-10-25, until: 2026-10-25, timeZone: Europe/Amsterdam",
        &["2026-10-24T22:00Z", "2026-10-25T22:59Z"],
        &["2026-10-25T23:00Z"],
    );
}

#[test]
fn moments_are_exact_and_an_offset_outweighs_the_zone() {
    let at = &["2026-12-18T17:00:00Z", "2026-12-18T18:59:59Z"];
    let not_at = &["2026-12-18T16:59:59Z", "2026-12-18T19:00Z"];
    holds("from: 2026-12-18T18:00+01:00, until: 2026-12-18T20:00+01:00", at, not_at);
    holds("from: 2026-12-18T18:00, until: 2026-12-18T20:00, timeZone: Europe/Amsterdam", at, not_at);
    holds("from: 2026-12-18T17:00Z, until: 2026-12-18T19:00Z, timeZone: Asia/Tokyo", at, not_at);
}

#[test]
fn days_of_the_week_and_hours_narrow_it() {
    // 18 December 2026 is a Friday.
    holds(
        "days: fri",
        &["2026-12-18T00:00Z", "2026-12-25T23:59Z"],
        &["2026-12-17T23:59Z", "2026-12-19T00:00Z"],
    );
    holds(
        "days: sat-mon",
        &["2026-12-19T00:00Z", "2026-12-20T00:00Z", "2026-12-21T23:59Z"],
        &["2026-12-18T23:59Z", "2026-12-22T00:00Z"],
    );
    holds("days: \"Mon, wed\"", &["2026-12-21T12:00Z", "2026-12-23T12:00Z"], &["2026-12-22T12:00Z"]);
    holds(
        "days: fri, hours: \"15:00-24:00\", timeZone: Europe/Amsterdam",
        &["2026-12-18T14:00Z", "2026-12-18T22:59:59Z", "2026-07-03T13:00Z"],
        &["2026-12-18T13:59Z", "2026-12-18T23:00Z", "2026-12-19T14:00Z", "2026-07-03T12:59Z"],
    );
    holds("hours: \"00:00-06:30\"", &["2026-12-18T00:00Z", "2026-12-18T06:29:59Z"], &["2026-12-18T06:30Z"]);
    holds(
        "from: 2026-12-01, until: 2026-12-31, days: fri",
        &["2026-12-18T12:00Z"],
        &["2026-12-17T12:00Z", "2026-11-27T12:00Z", "2027-01-01T12:00Z"],
    );
}

#[test]
fn a_window_is_over_when_it_will_never_hold_again() {
    let over = |text: &str, at: &str| window(text).is_over(at.parse().unwrap());
    assert!(over("until: 2026-12-18", "2026-12-19T00:00Z"));
    assert!(!over("until: 2026-12-18", "2026-12-18T23:59Z"));
    assert!(!over("days: fri", "2999-01-01T00:00Z"));
}

#[test]
fn windows_are_the_same_whatever_their_spelling() {
    let one = window("from: 2026-12-18, until: 2026-12-20T00:00Z, days: fri-sun");
    let other = window("from: 2026-12-18T01:00+01:00, until: 2026-12-19, days: \"sun, sat, fri\"");
    assert!(one.is_same(&other) && one.window != other.window);
    assert!(!one.is_same(&window("from: 2026-12-18, until: 2026-12-20, days: fri-sun")));
}
