//! What a plain scalar means in YAML 1.2 (core schema), and what other tools make of it.

/// What a scalar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number; without a value when it does not fit.
    Integer(Option<i64>),
    /// A number with a fraction, an exponent, infinite, or none.
    Float,
    /// Anything else.
    Text,
}

impl Meaning {
    /// The words for it in messages.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Meaning::Null => "null",
            Meaning::Boolean(_) => "a boolean",
            Meaning::Integer(_) | Meaning::Float => "a number",
            Meaning::Text => "text",
        }
    }
}

/// The meaning of a plain scalar.
pub(super) fn meaning(text: &str) -> Meaning {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Meaning::Null,
        "true" | "True" | "TRUE" => return Meaning::Boolean(true),
        "false" | "False" | "FALSE" => return Meaning::Boolean(false),
        ".nan" | ".NaN" | ".NAN" => return Meaning::Float,
        _ => {}
    }
    if let Some(value) = integer(text) {
        return Meaning::Integer(value);
    }
    if is_float(text) { Meaning::Float } else { Meaning::Text }
}

fn integer(text: &str) -> Option<Option<i64>> {
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let fits = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
            return fits.then(|| i64::from_str_radix(digits, radix).ok());
        }
    }
    is_digits(unsigned(text)).then(|| text.parse().ok())
}

fn is_float(text: &str) -> bool {
    let unsigned = unsigned(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    let (number, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let some = |digits: &str| digits.is_empty() || is_digits(digits);
    (is_digits(whole) || (whole.is_empty() && is_digits(fraction)))
        && some(fraction)
        && exponent.is_none_or(|exponent| is_digits(self::unsigned(exponent)))
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The boolean that YAML 1.1 reads in a plain text, which YAML 1.2 does not.
pub(super) fn old_boolean(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// What YAML 1.1 reads in a plain text: `a boolean`, `a date`, `a number`. Nothing where it agrees that it is text.
pub(super) fn old_meaning(text: &str) -> Option<&'static str> {
    if old_boolean(text).is_some() {
        return Some("a boolean");
    }
    if is_date(text) {
        return Some("a date");
    }
    if is_sexagesimal(text) || is_grouped(text) {
        return Some("a number");
    }
    None
}

/// `2024-01-31`, with or without a time behind it.
fn is_date(text: &str) -> bool {
    let (date, rest) = match text.find(['T', 't', ' ']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let digits =
        |part: &str, range: std::ops::RangeInclusive<usize>| range.contains(&part.len()) && is_digits(part);
    let has_date = digits(year, 4..=4) && digits(month, 1..=2) && digits(day, 1..=2);
    has_date && (rest.is_empty() || rest.get(1..).is_some_and(|time| time.contains(':')))
}

/// `12:30:45` is a number to the base of 60.
fn is_sexagesimal(text: &str) -> bool {
    let mut parts = unsigned(text).split(':');
    let first = parts.next().is_some_and(|part| is_digits(part) && !part.starts_with('0'));
    let rest: Vec<&str> = parts.collect();
    first && !rest.is_empty() && rest.iter().all(|part| is_digits(part) && part.len() <= 2)
}

/// `1_000` is a number, and so is `0b101`.
fn is_grouped(text: &str) -> bool {
    let unsigned = unsigned(text);
    if let Some(digits) = unsigned.strip_prefix("0b") {
        return !digits.is_empty() && digits.bytes().all(|byte| matches!(byte, b'0' | b'1' | b'_'));
    }
    unsigned.starts_with(|first: char| first.is_ascii_digit())
        && unsigned.contains('_')
        && unsigned.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_mean_what_yaml_1_2_says() {
        let table: &[(Meaning, &[&str])] = &[
            (Meaning::Null, &["", "~", "null", "Null", "NULL"]),
            (Meaning::Boolean(true), &["true", "True", "TRUE"]),
            (Meaning::Boolean(false), &["false", "False", "FALSE"]),
            (Meaning::Integer(Some(17)), &["17", "+17", "017", "0o21", "0x11"]),
            (Meaning::Integer(Some(-3)), &["-3"]),
            (Meaning::Integer(None), &["99999999999999999999"]),
            (Meaning::Float, &["1.10", "1.", ".5", "-0.5", "1e3", "1.5E-3", ".inf", "-.INF", ".nan", "00.5"]),
            (
                Meaning::Text,
                &[
                    "nULL",
                    "yes",
                    "no",
                    "on",
                    "off",
                    "y",
                    "n",
                    "2024-01-01",
                    "12:30:45",
                    "0b1",
                    "1_000",
                    "1.2.3",
                    "0o8",
                    "0x",
                    "-",
                    "+",
                    ".",
                    "e3",
                    "1e",
                    "-.nan",
                    "--1",
                    "tRUE",
                    "Infinity",
                    "0o",
                    "１",
                ],
            ),
        ];
        for (expected, texts) in table {
            for text in *texts {
                assert_eq!(meaning(text), *expected, "{text:?}");
            }
        }
    }

    #[test]
    fn texts_that_yaml_1_1_reads_otherwise_are_known() {
        for text in ["yes", "No", "ON", "off"] {
            assert_eq!(old_meaning(text), Some("a boolean"), "{text}");
        }
        for text in ["2024-01-31", "2024-1-1", "2022-03-10T13:15:00", "2022-03-10 13:15:00Z"] {
            assert_eq!(old_meaning(text), Some("a date"), "{text}");
        }
        for text in ["12:30:45", "1_000", "0b1", "190:20"] {
            assert_eq!(old_meaning(text), Some("a number"), "{text}");
        }
        for text in
            ["y", "yess", "2024-01", "2024-01-31-x", "10.0.0.1", "order_1", "1:a", "08:15", "a:b", "::"]
        {
            assert_eq!(old_meaning(text), None, "{text}");
        }
    }
}
