//! `runtimeMetricsConfiguration` of environments (DOMAIN 2.10).

use super::super::codes;
use super::super::diagnostic::Problem;
use super::subject::{Estate, Spot};
use crate::model::Kind;

/// What only native metrics use.
const NATIVE_ONLY: [&str; 3] = ["interval", "mxAgentConfig", "mxAgentInstrumentationConfig"];

pub(super) fn check(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    for environment in estate.of(Kind::Environment) {
        let Some(metrics) = environment.find(&["runtimeMetricsConfiguration"]) else { continue };
        interval(&metrics, problems);
        mode(&metrics, problems);
        agent(&metrics, problems);
    }
}

/// A declared field that says something: neither cleared nor empty. A value that is not known says something.
fn given<'a>(metrics: &Spot<'a>, name: &'static str) -> Option<Spot<'a>> {
    let spot = metrics.find(&[name])?;
    let is_empty = spot.is_cleared() || spot.known().is_some_and(|text| text.trim().is_empty());
    (!is_empty).then_some(spot)
}

/// MET-02: an ISO 8601 duration that is not zero.
fn interval(metrics: &Spot<'_>, problems: &mut Vec<Problem>) {
    let Some(spot) = given(metrics, "interval") else { return };
    let Some(text) = spot.known() else { return };
    let what = match seconds_are_positive(text) {
        Some(true) => return,
        Some(false) => "is no time at all",
        None => "is not an ISO 8601 duration",
    };
    // What is secret is not repeated.
    let shown = spot.text().map(|text| format!(": `{text}`")).unwrap_or_default();
    let help = match spot.text().and_then(in_iso) {
        Some(meant) => format!("write `{meant}`"),
        None => "write `PT1M` for a minute, or `PT1H30M` for an hour and a half".to_owned(),
    };
    problems.push(spot.breaks(&codes::MET_02, format!("`interval`{shown} {what}")).help(help));
}

/// Whether a duration in days, hours, minutes and seconds is longer than nothing; nothing for other texts.
fn seconds_are_positive(text: &str) -> Option<bool> {
    let rest = text.strip_prefix('P')?;
    let (date, time) = match rest.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (rest, ""),
    };
    let mut positive = false;
    let mut count = 0;
    for (part, units) in [(date, "D"), (time, "HMS")] {
        let (mut part, mut units) = (part, units);
        while !part.is_empty() {
            let end = part.find(|c: char| c.is_ascii_alphabetic())?;
            let (number, unit) = (part.get(..end)?, part.get(end..end + 1)?);
            let at = units.find(unit)?;
            let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
            let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            if !digits(whole) || !digits(fraction) || number.contains('.') && unit != "S" {
                return None;
            }
            positive |= number.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
            count += 1;
            // Each unit once, and larger ones first.
            units = units.get(at + 1..)?;
            part = part.get(end + 1..)?;
        }
    }
    (count > 0).then_some(positive)
}

/// `90s` or `1h30m` as ISO 8601 spells it.
fn in_iso(text: &str) -> Option<String> {
    let iso = format!("PT{}", text.trim().to_ascii_uppercase());
    (seconds_are_positive(&iso) == Some(true)).then_some(iso)
}

/// MET-03: only native metrics have an interval and an agent. MET-06: compatibility is on its way out.
fn mode(metrics: &Spot<'_>, problems: &mut Vec<Problem>) {
    let Some(mode) = metrics.find(&["mode"]) else { return };
    let Some(word) = mode.text() else { return };
    if word == "compatibility" {
        let message = "`compatibility` is for Mendix 9.6 and older, and deprecated from operator 2.27 on";
        let help = "write `mode: native`, which Mendix has from 9.7 on";
        problems.push(mode.breaks(&codes::MET_06, message).help(help));
    }
    if word == "native" {
        return;
    }
    for name in NATIVE_ONLY {
        if let Some(spot) = given(metrics, name) {
            let message = format!("`{name}` means nothing with `mode: {word}`");
            let problem = spot.breaks(&codes::MET_03, message).related(mode.origin().clone(), "the mode");
            problems.push(problem.help(format!("write `mode: native`, or remove `{name}`")));
        }
    }
}

/// MET-04: instrumentation belongs to an agent. MET-05: both are JSON.
fn agent(metrics: &Spot<'_>, problems: &mut Vec<Problem>) {
    let (config, instrumentation) =
        (given(metrics, "mxAgentConfig"), given(metrics, "mxAgentInstrumentationConfig"));
    if let (None, Some(instrumentation)) = (&config, &instrumentation) {
        let message = "`mxAgentInstrumentationConfig` means nothing without `mxAgentConfig`";
        let help = "add `mxAgentConfig`, or remove the instrumentation";
        problems.push(instrumentation.breaks(&codes::MET_04, message).help(help));
    }
    for spot in [config, instrumentation].into_iter().flatten() {
        let Some(text) = spot.known() else { continue };
        let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) else { continue };
        // Where, not what: the value may be secret.
        let message = format!("`{}` is not JSON", spot.name());
        let help = if error.is_eof() {
            "the text ends too early: a bracket or a quote is not closed".to_owned()
        } else {
            format!("look at line {}, column {} of the text", error.line(), error.column())
        };
        problems.push(spot.breaks(&codes::MET_05, message).help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_iso_durations() {
        for good in ["PT1M", "PT1H30M", "P1D", "P1DT12H", "PT0.5S", "PT90S", "PT1H0M"] {
            assert_eq!(seconds_are_positive(good), Some(true), "{good}");
        }
        for zero in ["PT0S", "P0D", "PT0H0M0S", "PT0.0S"] {
            assert_eq!(seconds_are_positive(zero), Some(false), "{zero}");
        }
        for bad in [
            "", "P", "PT", "P1DT", "1M", "PT1", "PTM", "P1M", "P1W", "PT1.5M", "PT1M1H", "PT1M1M", "pt1m",
            "PT-1M", "PT1.S", "PT.5S", "PT1Mx", "PT1Ä",
        ] {
            assert_eq!(seconds_are_positive(bad), None, "{bad}");
        }
        assert_eq!(in_iso("1h30m").as_deref(), Some("PT1H30M"));
        assert_eq!(in_iso("60"), None);
    }
}
