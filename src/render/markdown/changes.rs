//! The fields of one resource, as a difference.

use similar::ChangeTag;

use super::Links;
use super::escape::block;
use super::place;
use crate::render::difference;
use crate::render::plural::{MORE_LINE, number};
use crate::render::view::ChangeView;
use crate::render::window;

/// How many lines of one difference are shown.
const MOST_LINES: usize = 80;
/// How many characters of a difference are shown.
const LONGEST: usize = 8_000;
/// How many characters of one line are shown.
const LONGEST_LINE: usize = 400;
/// How many places are named.
const MOST_PLACES: usize = 8;

/// The lines of a difference, and the places in the files that ask for it.
pub(super) fn difference(changes: &[ChangeView], links: Links<'_>) -> String {
    if changes.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = changes.iter().flat_map(fitting).collect();
    let (mut text, mut length, mut shown) = (String::new(), 0, 0);
    for line in lines.iter().take(MOST_LINES) {
        length += line.chars().count() + 1;
        if length > LONGEST {
            break;
        }
        text.push_str(line);
        text.push('\n');
        shown += 1;
    }
    if let Some(more) = lines.len().checked_sub(shown).filter(|more| *more > 0) {
        text.push_str(&format!("  … and {}\n", MORE_LINE.count(more)));
    }
    format!("{}{}", block("diff", &text), places(changes, links))
}

/// The lines of one change, none of them too long. Two that belong together are shown from where they differ.
fn fitting(change: &ChangeView) -> Vec<String> {
    let sign = |line: &str| match line.as_bytes().first() {
        Some(b'-') => ChangeTag::Delete,
        Some(b'+') => ChangeTag::Insert,
        _ => ChangeTag::Equal,
    };
    let lines = difference::lines(change);
    let (marks, mut inner): (Vec<_>, Vec<_>) = lines
        .iter()
        .map(|line| {
            let mark = if line.get(1..4) == Some("   ") { 4 } else { 2 };
            let (mark, text) = line.split_at_checked(mark).unwrap_or((line, ""));
            (mark, (sign(line), text.to_owned()))
        })
        .unzip();
    window::fit(&mut inner, LONGEST_LINE, "…");
    marks.iter().zip(inner).map(|(mark, (_, text))| format!("{mark}{text}")).collect()
}

/// Where the files ask for it, each line once.
fn places(changes: &[ChangeView], links: Links<'_>) -> String {
    let mut places: Vec<_> = changes.iter().filter_map(|change| change.place.as_ref()).collect();
    places.sort_by_key(|place| (place.file.exact(), place.line));
    places.dedup_by_key(|place| (place.file.exact(), place.line));
    if places.is_empty() {
        return String::new();
    }
    let named: Vec<_> = places.iter().take(MOST_PLACES).map(|it| place(links, it)).collect();
    let more = match places.len().saturating_sub(MOST_PLACES) {
        0 => String::new(),
        more => format!(", and {} more", number(more)),
    };
    format!("\nDeclared at {}{more}\n", named.join(", "))
}
