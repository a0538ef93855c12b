//! Canonical forms: two values are equal when their canonical forms are.
//!
//! The API re-spells what it was sent (`1` comes back as `1.0`, a boolean as a text, a map in text with other
//! quotes). None of that is a change (DESIGN 1, promise 3).

use serde_json::Value;
use url::Url;

use crate::model::field::{Field, Format, Shape};

/// The canonical form of a live or declared value of a field; an absent one has the form of what absence means.
pub fn canonical(field: &Field, value: Option<&Value>) -> Value {
    let value = match value {
        None | Some(Value::Null) => match field.default {
            Some(literal) => literal.to_json(),
            None => return absent(field.shape),
        },
        Some(value) => value.clone(),
    };
    match field.shape {
        Shape::Text(format) => match scalar_text(&value) {
            Some(text) => canonical_text(format, &text).into(),
            None => value,
        },
        Shape::Boolean => boolean(&value).map_or(value, Value::from),
        Shape::Integer(..) => integer(&value).map_or(value, Value::from),
        Shape::Object(_) | Shape::List(_) | Shape::Addresses => value,
    }
}

/// What absence means where the table gives no default: no text, false. A number has no such value.
fn absent(shape: Shape) -> Value {
    match shape {
        Shape::Text(_) => "".into(),
        Shape::Boolean => false.into(),
        Shape::Object(_) | Shape::List(_) | Shape::Addresses | Shape::Integer(..) => Value::Null,
    }
}

fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Booleans may arrive as texts.
fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Whole numbers may arrive as texts, or with a fraction of zero.
fn integer(value: &Value) -> Option<i64> {
    canonical_decimal(&scalar_text(value)?).parse().ok()
}

/// The canonical form of a text of this format.
pub fn canonical_text(format: Format, text: &str) -> String {
    match format {
        Format::Plain
        | Format::NonEmpty
        | Format::Enum(_)
        | Format::Short(_)
        | Format::Version
        | Format::PackageName
        | Format::EnvironmentId => text.to_owned(),
        Format::Uuid | Format::Mail => text.trim().to_lowercase(),
        Format::Url => canonical_url(text),
        Format::Base64 => text.split_ascii_whitespace().collect(),
        Format::Decimal => canonical_decimal(text),
        Format::RelaxedJson => {
            text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '\\')).collect()
        }
    }
}

/// The parser of the `url` crate lower-cases scheme and host and drops a default port; a trailing slash is nothing.
fn canonical_url(text: &str) -> String {
    match Url::parse(text.trim()) {
        Ok(url) => url.as_str().trim_end_matches('/').to_owned(),
        Err(_) => text.trim().to_owned(),
    }
}

/// Leading zeros, trailing zeros of a fraction and a plus sign are nothing. Digits are kept as text, so that no
/// value is too long or loses precision.
fn canonical_decimal(text: &str) -> String {
    let trimmed = text.trim();
    let (sign, digits) = match trimmed.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = !digits.is_empty()
        && digits != "."
        && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    if !is_number {
        return trimmed.to_owned();
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    };
    match fraction.trim_end_matches('0') {
        "" if whole == "0" => "0".to_owned(),
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn spellings_of_one_value_have_one_canonical_form() {
        let same: &[(Format, &[&str])] = &[
            (Format::Decimal, &["1", "1.0", "1.000", "01", "+1", " 1 "]),
            (Format::Decimal, &["0", "0.0", "-0", ".0", "0."]),
            (Format::Decimal, &["0.512", ".512", "0.5120"]),
            (
                Format::RelaxedJson,
                &[
                    r#"{type: "database"}"#,
                    r#"{type: \"database\"}"#,
                    r#"{"type":"database"}"#,
                    "{ type: 'database' }",
                ],
            ),
            (
                Format::Url,
                &["https://a.example", "https://A.example/", "HTTPS://a.example:443", " https://a.example "],
            ),
            (Format::Mail, &["dev@acme.example", "Dev@ACME.example"]),
            (Format::Uuid, &["85a3b1f0-0000-0000-0000-00000000000a", "85A3B1F0-0000-0000-0000-00000000000A"]),
            (Format::Base64, &["dGVzdA==", " dGVz\ndA== "]),
        ];
        for (format, texts) in same {
            let forms: Vec<_> = texts.iter().map(|text| canonical_text(*format, text)).collect();
            assert!(forms.windows(2).all(|pair| pair[0] == pair[1]), "{format:?}: {forms:?}");
        }
    }

    #[test]
    fn different_values_stay_different() {
        for (format, one, other) in [
            (Format::Decimal, "1", "10"),
            (Format::Decimal, "1.01", "1.1"),
            (Format::Decimal, "-1", "1"),
            (Format::Decimal, "1Gi", "1"),
            (Format::Plain, "30", "30.0"),
            (Format::Plain, "a", "A"),
            (Format::Url, "https://a.example/x", "https://a.example/X"),
            (Format::RelaxedJson, r#"{type: "database"}"#, r#"{type: "storage"}"#),
        ] {
            assert_ne!(canonical_text(format, one), canonical_text(format, other), "{format:?}");
        }
    }

    #[test]
    fn scalars_are_read_in_every_type_they_arrive_in() {
        let flag = Field::boolean("flag", "");
        assert_eq!(canonical(&flag, Some(&json!("True"))), json!(true));
        assert_eq!(canonical(&flag, None), json!(false));
        let count = Field::integer("count", 0, 10, "");
        assert_eq!(canonical(&count, Some(&json!("3"))), json!(3));
        assert_eq!(canonical(&count, Some(&json!(3.0))), json!(3));
        assert_eq!(canonical(&count, None), Value::Null);
        let text = Field::text("text", Format::Plain, "");
        assert_eq!(canonical(&text, Some(&json!(30))), json!("30"));
        assert_eq!(canonical(&text, Some(&Value::Null)), json!(""));
    }
}
