//! The format for people. Readable without colour: every symbol has a word beside it.

mod changes;
mod creates;
mod drift;
mod long;
mod notes;
mod outcome;
mod packages;
mod plan;
mod status;
mod steps;
mod why;

pub(super) use drift::drift;
pub(super) use outcome::outcome;
pub(super) use packages::packages;
pub(super) use plan::plan;
pub(super) use status::status;
pub(super) use steps::human_steps;
pub(super) use why::why;

use std::time::Duration;

use super::plural::RESOURCE;

/// The line for a run that finds everything as declared.
fn nothing_to_do(unchanged: usize) -> String {
    let verb = if unchanged == 1 { "is" } else { "are" };
    format!("Nothing to do: {} {verb} as declared", RESOURCE.count(unchanged))
}

/// A duration as people say it: `0.4s`, `12s`, `2m10s`, `1h02m`.
pub(super) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        // A second and more is rounded down: what has lasted 59.9 s has not lasted a minute.
        0 => format!("0.{}s", duration.subsec_millis() / 100),
        1..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        let spelt = [0, 400, 12_900, 59_999, 60_000, 130_000, 3_720_000]
            .map(|millis| duration(Duration::from_millis(millis)));
        assert_eq!(spelt, ["0.0s", "0.4s", "12s", "59s", "1m00s", "2m10s", "1h02m"]);
    }
}
