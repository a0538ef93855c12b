//! Values → YAML that people like to read and that every tool reads alike, YAML 1.1 or 1.2.
//!
//! Pure: text out, nothing else. A text that any tool could take for something else is quoted. The same functions write
//! new files and the parts of a file that an edit changes, in both styles and at any indentation; that is why this is
//! not the emitter of a library (docs/design/0002-dependencies.md).

use uuid::Uuid;

use super::scalar::{Meaning, meaning, old_meaning};
use super::tree::{Layout, Tree};

/// How far a line may reach before a mapping is written on several lines.
const WIDTH: usize = 100;

/// Keys longer than this make a list of a mapping: YAML allows 1,024 characters, and nobody reads half of that.
pub(super) const LONGEST_KEY: usize = 128;

/// How much deeper each level stands.
const STEP: usize = 2;

/// The quotes of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// None, where they are not needed.
    None,
    Single,
    Double,
}

/// Where a scalar stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Behind a key or a dash, on the rest of the line.
    Block,
    /// Between brackets.
    Flow,
    /// In front of a colon.
    Key,
}

/// A document of a mapping, with a line end.
pub(super) fn document(tree: &Tree) -> String {
    let mut out = String::new();
    match tree {
        Tree::Mapping(entries, _) if !entries.is_empty() => block_entries(&mut out, entries, 0),
        other => out.push_str(&flow(other)),
    }
    out.push('\n');
    out
}

/// A value on one line.
pub(super) fn flow(tree: &Tree) -> String {
    match tree {
        Tree::Sequence(items) => {
            let items: Vec<_> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Tree::Mapping(entries, _) => {
            let entries: Vec<_> = entries.iter().map(|(key, value)| flow_entry(key, value)).collect();
            format!("{{{}}}", entries.join(", "))
        }
        scalar => self::scalar(scalar, Place::Flow, Quotes::None),
    }
}

/// A key and its value on one line.
pub(super) fn flow_entry(key: &str, value: &Tree) -> String {
    format!("{}: {}", text(key, Place::Key, Quotes::None), flow(value))
}

/// A key and its value on lines of their own, the first one without its indentation, without a line end.
pub(super) fn block_entry(key: &str, value: &Tree, indent: usize) -> String {
    let mut out = text(key, Place::Key, Quotes::None);
    out.push(':');
    behind(&mut out, value, indent);
    out
}

/// An item with its dash, the first line without its indentation, without a line end.
pub(super) fn block_item(item: &Tree, indent: usize) -> String {
    let mut out = "- ".to_owned();
    match item {
        Tree::Mapping(entries, layout) if !entries.is_empty() => {
            let line = flow(item);
            if *layout == Layout::Flow && is_short(item) && indent + STEP + line.chars().count() <= WIDTH {
                out.push_str(&line);
            } else {
                block_entries(&mut out, entries, indent + STEP);
            }
        }
        Tree::Text(text) if is_literal(text) => literal(&mut out, text, indent),
        other => {
            let place = Place::Block;
            let line = if other.is_scalar() { scalar(other, place, Quotes::None) } else { flow(other) };
            out.push_str(&line);
        }
    }
    out
}

/// The entries of a mapping, the first one without its indentation.
pub(super) fn block_entries(out: &mut String, entries: &[(String, Tree)], indent: usize) {
    for (index, (key, value)) in entries.iter().enumerate() {
        if index > 0 {
            new_line(out, indent);
        }
        out.push_str(&block_entry(key, value, indent));
    }
}

/// What follows a colon.
fn behind(out: &mut String, value: &Tree, indent: usize) {
    let used = out.rsplit('\n').next().unwrap_or_default().chars().count() + indent;
    match value {
        Tree::Mapping(entries, layout) if !entries.is_empty() => {
            let line = flow(value);
            let fits = used + 1 + line.chars().count() <= WIDTH;
            if *layout == Layout::Flow && fits && is_short(value) {
                out.push(' ');
                out.push_str(&line);
            } else {
                new_line(out, indent + STEP);
                block_entries(out, entries, indent + STEP);
            }
        }
        Tree::Sequence(items) if items.iter().any(|item| !item.is_scalar()) => {
            for item in items {
                new_line(out, indent + STEP);
                out.push_str(&block_item(item, indent + STEP));
            }
        }
        Tree::Text(text) if is_literal(text) => {
            out.push(' ');
            literal(out, text, indent);
        }
        Tree::Sequence(_) | Tree::Mapping(..) => {
            out.push(' ');
            out.push_str(&flow(value));
        }
        scalar => {
            out.push(' ');
            out.push_str(&self::scalar(scalar, Place::Block, Quotes::None));
        }
    }
}

/// Whether a mapping may stand on one line: no text in it has several lines.
fn is_short(value: &Tree) -> bool {
    match value {
        Tree::Text(text) => !text.contains('\n'),
        Tree::Mapping(entries, _) => entries.iter().all(|(_, value)| is_short(value)),
        Tree::Sequence(items) => items.iter().all(is_short),
        _ => true,
    }
}

fn new_line(out: &mut String, indent: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

/// A scalar on one line.
pub(super) fn scalar(tree: &Tree, place: Place, quotes: Quotes) -> String {
    match tree {
        Tree::Boolean(truth) => truth.to_string(),
        Tree::Integer(number) => number.to_string(),
        Tree::Number(text) => text.clone(),
        Tree::Text(text) => self::text(text, place, quotes),
        Tree::Null | Tree::Sequence(_) | Tree::Mapping(..) => "null".to_owned(),
    }
}

/// A text on one line: in these quotes where it can be, or else in those that it needs.
pub(super) fn text(text: &str, place: Place, quotes: Quotes) -> String {
    let may_be_single = text.chars().all(|character| is_shown(character) && character != '\n');
    match quotes {
        Quotes::None if is_plain(text, place) => text.to_owned(),
        // Fewer escapes are easier to read.
        Quotes::None if may_be_single && text.contains(['"', '\\']) && !text.contains('\'') => single(text),
        Quotes::Single if may_be_single => single(text),
        Quotes::None | Quotes::Single | Quotes::Double => double(text),
    }
}

fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn double(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            shown if is_shown(shown) => out.push(shown),
            other if u32::from(other) <= 0xFF => out.push_str(&format!("\\x{:02x}", u32::from(other))),
            other if u32::from(other) <= 0xFFFF => out.push_str(&format!("\\u{:04x}", u32::from(other))),
            other => out.push_str(&format!("\\U{:08x}", u32::from(other))),
        }
    }
    out.push('"');
    out
}

/// Whether a character stands for itself in every version of YAML, and can be seen.
fn is_shown(character: char) -> bool {
    matches!(character, ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
        // Line and paragraph separators, and what turns the direction of writing.
        && !matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        && u32::from(character) & 0xFFFE != 0xFFFE
}

/// Whether a text needs no quotes: no tool reads anything else in it.
fn is_plain(text: &str, place: Place) -> bool {
    let starts = text.starts_with(|first: char| first.is_alphabetic() || matches!(first, '_' | '/'));
    let is_id = text.len() == 36 && Uuid::try_parse(text).is_ok();
    let inside = |character: char| is_shown(character) && (character == ' ' || !character.is_whitespace());
    (starts || is_id)
        && text.chars().all(inside)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && (place == Place::Block || !text.contains([',', '[', ']', '{', '}', ':', '#', '"', '\'', '?']))
        && (place != Place::Key || text.len() <= LONGEST_KEY)
        && !is_word(text)
        && meaning(text) == Meaning::Text
        && old_meaning(text).is_none()
}

/// Words that some version of YAML reads as a boolean, null or number.
fn is_word(text: &str) -> bool {
    const WORDS: &[&str] =
        &["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"];
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether a text is best read line by line.
fn is_literal(text: &str) -> bool {
    let Some(body) = text.strip_suffix('\n').or(Some(text)) else { return false };
    body.contains('\n')
        && !body.starts_with([' ', '\n', '\t'])
        && !body.ends_with('\n')
        && body.split('\n').all(|line| {
            line.chars().all(is_shown) && !line.ends_with(' ') && (line.is_empty() || !line.trim().is_empty())
        })
}

fn literal(out: &mut String, text: &str, indent: usize) {
    out.push_str(if text.ends_with('\n') { "|" } else { "|-" });
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        if line.is_empty() {
            out.push('\n');
        } else {
            new_line(out, indent + STEP);
            out.push_str(line);
        }
    }
}
