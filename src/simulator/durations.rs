//! Durations as people write them in flags: `200ms`, `2s`, `10m`, `1h`.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Reads `200ms`, `2s`, `10m` or `1h`; the number may have a fraction.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let seconds_per_unit = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(format!("`{text}` is not a duration; write for example 200ms, 2s or 10m")),
    };
    let number: f64 = number
        .trim()
        .parse()
        .map_err(|_| format!("`{text}` is not a duration; its number is not readable"))?;
    Duration::try_from_secs_f64(number * seconds_per_unit).map_err(|_| format!("`{text}` is out of range"))
}

/// Writes a duration so that [`parse`] reads it back.
pub(super) fn show(duration: Duration) -> String {
    match duration.subsec_millis() {
        0 => format!("{}s", duration.as_secs()),
        _ => format!("{}ms", duration.as_millis()),
    }
}

/// A time later by `by`; the end of time instead of an overflow.
pub(super) fn later(time: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by).ok().and_then(|by| time.checked_add(by).ok()).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        assert_eq!(parse("200ms"), Ok(Duration::from_millis(200)));
        assert_eq!(parse("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse("10m"), Ok(Duration::from_secs(600)));
        for wrong in ["", "5", "s", "-1s", "1e400s", "2 days", "é"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(parse(&show(Duration::from_millis(1500))), Ok(Duration::from_millis(1500)));
    }

    #[test]
    fn the_end_of_time_is_no_panic() {
        assert_eq!(later(Timestamp::MAX, Duration::MAX), Timestamp::MAX);
    }
}
