//! Values as people would write them in an estate file.
//!
//! A rule of our own instead of a YAML writer: a value has to stand in one line, between an arrow and a file name,
//! flow lists and mappings included; and it has to be safe to show, which a writer of documents does not promise.
//! A test reads every spelling back with the YAML reader.

use std::fmt::Write;

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::layout::cut;
use super::plural::{CHARACTER, LINE};
use crate::model::is_hidden;

/// How wide a text may be to be shown whole; longer ones are told apart by their difference.
pub(super) const LONG: usize = 60;

/// A value that may be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown(Value);

impl Shown {
    /// Takes a value that may be shown.
    pub const fn new(value: Value) -> Shown {
        Shown(value)
    }

    /// The value as it is; for formats that escape what a terminal would act on.
    pub const fn exact(&self) -> &Value {
        &self.0
    }

    /// The value in YAML, in one line, whatever its length. Hidden characters are escaped, so that they can be seen.
    pub fn spell(&self) -> String {
        let mut out = String::new();
        spell(&self.0, false, &mut out);
        out
    }

    /// The value in YAML, cut where it is long.
    pub(super) fn brief(&self, ellipsis: &str) -> String {
        let spelt = self.spell();
        if spelt.width() <= LONG {
            return spelt;
        }
        let Value::String(text) = &self.0 else {
            return format!(
                "{}{ellipsis} ({})",
                cut(&spelt, LONG - 20),
                CHARACTER.count(spelt.chars().count())
            );
        };
        let first = visible(text.lines().next().unwrap_or_default());
        let size = match text.lines().count() {
            0 | 1 => CHARACTER.count(text.chars().count()),
            lines => LINE.count(lines),
        };
        format!("{}{ellipsis} ({size})", cut(&first, LONG - 20))
    }

    /// The lines of a text that is too long to be shown in one line; hidden characters are escaped.
    pub(super) fn long_lines(&self) -> Option<Vec<String>> {
        let text = self.0.as_str()?;
        let is_long = text.contains('\n') || visible(text).width() > LONG;
        is_long.then(|| text.split('\n').map(visible_line).collect())
    }

    /// The lines of a text.
    pub(super) fn lines(&self) -> Option<Vec<String>> {
        self.0.as_str().map(|text| text.split('\n').map(visible_line).collect())
    }
}

/// A text with its hidden characters escaped.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) { escape(character, &mut out) } else { out.push(character) }
    }
    out
}

/// A line with its hidden characters escaped, and a blank at its end, which cannot be seen either.
fn visible_line(line: &str) -> String {
    let mut out = visible(line);
    if out.ends_with(' ') {
        out.pop();
        escape(' ', &mut out);
    }
    out
}

fn spell(value: &Value, flow: bool, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => spell_text(text, flow, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                spell(item, true, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            out.push('{');
            for (index, (key, field)) in fields.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                spell_text(key, true, out);
                out.push_str(": ");
                spell(field, true, out);
            }
            out.push('}');
        }
    }
}

fn spell_text(text: &str, flow: bool, out: &mut String) {
    if is_plain(text, flow) {
        out.push_str(text);
    } else if text.contains(['"', '\\']) && !text.contains(is_hidden) {
        // Single quotes leave JSON inside a value readable.
        let _ = write!(out, "'{}'", text.replace('\'', "''"));
    } else {
        out.push('"');
        for character in text.chars() {
            match character {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                hidden if is_hidden(hidden) => escape(hidden, out),
                shown => out.push(shown),
            }
        }
        out.push('"');
    }
}

/// The escape of a character in double-quoted YAML.
fn escape(character: char, out: &mut String) {
    let code = u32::from(character);
    let _ = match code {
        0..=0xff => write!(out, "\\x{code:02x}"),
        0x100..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

/// Whether YAML reads a text without quotes as that same text, in version 1.1 as well as in 1.2.
fn is_plain(text: &str, flow: bool) -> bool {
    let starts = |characters: &[char]| text.starts_with(characters);
    let ambiguous = text.is_empty()
        || text.starts_with(char::is_whitespace)
        || text.ends_with(char::is_whitespace)
        || text.ends_with(':')
        || starts(&[',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`'])
        || (starts(&['-', '?', ':', '=', '<']) && !is_word(text))
        || text.contains(": ")
        || text.contains(" #")
        || text.contains(is_hidden)
        || (flow && text.contains([',', '[', ']', '{', '}', ':', '"']) && !is_url(text));
    !ambiguous && !is_keyword(text) && !is_number(text)
}

/// Whether what looks like an indicator is one character of a word: `-Xmx512m`.
fn is_word(text: &str) -> bool {
    text.starts_with('-') && text.chars().nth(1).is_some_and(char::is_alphabetic)
}

fn is_url(text: &str) -> bool {
    text.contains("://") && !text.contains([',', '[', ']', '{', '}', '"']) && text.matches(':').count() == 1
}

fn is_keyword(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let keywords = ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "~"];
    keywords.contains(&lower.as_str()) || ["---", "..."].contains(&text)
}

/// Whether some version of YAML might read a text as a number or a date.
fn is_number(text: &str) -> bool {
    let unsigned = text.trim_start_matches(['+', '-']);
    let lower = unsigned.to_ascii_lowercase();
    if [".inf", ".nan"].contains(&lower.as_str()) {
        return true;
    }
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return false;
    }
    let digits = unsigned.replace('_', "");
    let is_time = |separator| unsigned.split(separator).all(|part| part.parse::<f64>().is_ok());
    digits.parse::<f64>().is_ok()
        || lower.starts_with("0x")
        || lower.starts_with("0o")
        || lower.starts_with("0b")
        || is_time(':')
        || looks_like_a_date(unsigned)
}

fn looks_like_a_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let mut digits = |count: usize| {
        parts
            .next()
            .is_some_and(|part| part.len() >= count && part.bytes().take(count).all(|b| b.is_ascii_digit()))
    };
    text.get(4..5) == Some("-") && digits(4) && digits(1) && digits(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn spelt(value: Value) -> String {
        Shown::new(value).spell()
    }

    #[test]
    fn values_look_as_in_a_file() {
        assert_eq!(spelt(json!(3)), "3");
        assert_eq!(spelt(json!("3")), r#""3""#);
        assert_eq!(spelt(json!("1.4.2")), "1.4.2");
        assert_eq!(spelt(json!("2027-06-30")), r#""2027-06-30""#);
        assert_eq!(spelt(json!("on")), r#""on""#);
        assert_eq!(spelt(json!("")), r#""""#);
        assert_eq!(spelt(json!("https://erp.acme.example/a b")), "https://erp.acme.example/a b");
        assert_eq!(spelt(json!("{type: \"database\"}")), r#"'{type: "database"}'"#);
        assert_eq!(spelt(json!("93de884c")), "93de884c");
        assert_eq!(spelt(json!("a\u{1b}[31m\n")), r#""a\x1b[31m\n""#);
        assert_eq!(
            spelt(json!({"name": "S3", "value": "a, b", "on": [true]})),
            r#"{name: S3, value: "a, b", "on": [true]}"#
        );
    }

    #[test]
    fn long_values_are_cut() {
        assert_eq!(
            Shown::new(json!("x".repeat(100))).brief("…"),
            format!("{}… (100 characters)", "x".repeat(40))
        );
        assert_eq!(Shown::new(json!(format!("first\n{}\n", "x".repeat(100)))).brief("…"), "first… (2 lines)");
    }

    proptest! {
        #[test]
        fn yaml_reads_a_text_back(text in prop_oneof![any::<String>(), "[-+0-9a-fxo.:_e~ #'\"\\\\,{}\\[\\]?!&*|>%@`=<nyNT]{0,8}", "\\PC{0,20}"]) {
            for value in [json!(text), json!([text]), json!({text.clone(): text})] {
                let spelt = spelt(value.clone());
                prop_assert!(!spelt.contains(is_hidden));
                let read: Result<Value, _> = serde_yaml::from_str(&spelt);
                prop_assert_eq!(read.map_err(|error| error.to_string()), Ok(value), "{}", spelt);
            }
        }
    }
}
