//! Where the cursor is in a file that is being written, and that therefore is often no YAML.
//!
//! The word at the cursor is replaced by a marker, with what may be missing behind it, until there is a document in which
//! the marker stands somewhere.

use std::ops::Range;

use crate::source::outline::{Entry, Step, outline};

/// What is written at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The way to the mapping that the key is written in, or to the value that is written.
    pub(super) path: Vec<Step>,
    /// Whether a key is written there, as far as can be told. What has no colon yet may become one.
    pub(super) is_key: bool,
    /// Whether a colon stands behind it already.
    pub(super) has_colon: bool,
    /// The word at the cursor.
    pub(super) word: Range<usize>,
    /// The keys that the mapping has already.
    pub(super) siblings: Vec<String>,
    /// The entries of its document, the marker not among them.
    pub(super) document: Vec<Entry>,
}

const MARKER: &str = "mxkeepCursor0";

/// What may be missing behind a word for its document to be YAML.
const ENDS: [&str; 7] = ["", ":", ": x", "}", ": x}", "]", "}}"];

/// What is written at an offset; nothing where that cannot be told, as in a comment.
pub(super) fn cursor(text: &str, offset: usize) -> Option<Cursor> {
    let word = word(text, offset)?;
    let has_colon = text.get(word.end..)?.starts_with(':');
    ENDS.iter().find_map(|end| {
        let marked = format!("{}{MARKER}{end}{}", text.get(..word.start)?, text.get(word.end..)?);
        let entries = outline(&marked);
        let here = |entry: &&Entry| {
            entry.text.as_deref() == Some(MARKER) || entry.path.last().and_then(Step::key) == Some(MARKER)
        };
        let found = entries.iter().find(here)?;
        let is_key = found.path.last().and_then(Step::key) == Some(MARKER);
        let mut path = found.path.clone();
        if is_key {
            path.pop();
        }
        let document = entries.iter().filter(|entry| entry.document == found.document && !here(entry));
        let document: Vec<Entry> = document.cloned().collect();
        let siblings = document
            .iter()
            .filter(|entry| is_key && entry.path.len() == path.len() + 1 && entry.path.starts_with(&path))
            .filter_map(|entry| entry.path.last().and_then(Step::key).map(str::to_owned))
            .collect();
        Some(Cursor { path, is_key, has_colon, word: word.clone(), siblings, document })
    })
}

/// The word around an offset; nothing in a comment.
fn word(text: &str, offset: usize) -> Option<Range<usize>> {
    let (before, behind) = text.split_at_checked(offset)?;
    let line = before.rsplit('\n').next().unwrap_or_default();
    if line.trim_start().starts_with('#') || line.contains(" #") {
        return None;
    }
    let is_end = |character: char| character.is_whitespace() || "{}[],\"'".contains(character);
    let start = before.rfind(is_end).map_or(0, |at| at + before.get(at..).map_or(1, first_width));
    let end = behind.find(|character| is_end(character) || character == ':').unwrap_or(behind.len());
    Some(start..offset + end)
}

fn first_width(text: &str) -> usize {
    text.chars().next().map_or(1, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The path, whether it is a key, and the siblings, at the `|`.
    fn at(text: &str) -> (String, bool, Vec<String>) {
        let offset = text.find('|').unwrap();
        let cursor = cursor(&text.replacen('|', "", 1), offset).unwrap();
        let step = |step: &Step| match step {
            Step::Key(key) => key.clone(),
            Step::Index(index) => index.to_string(),
        };
        let path: Vec<_> = cursor.path.iter().map(step).collect();
        (path.join("."), cursor.is_key, cursor.siblings)
    }

    #[test]
    fn the_way_is_found_in_what_is_half_written() {
        let root = "environment:\n  container:\n    instances: 1\n";
        let siblings = || vec!["instances".to_owned()];
        assert_eq!(at(&format!("{root}    si|")), ("environment.container".into(), true, siblings()));
        assert_eq!(at(&format!("{root}    |\n")), ("environment.container".into(), true, siblings()));
        assert_eq!(at(&format!("{root}    size: |")), ("environment.container.size".into(), false, vec![]));
        assert_eq!(
            at("environment:\n  container: {instances: 1, si|"),
            ("environment.container".into(), true, siblings())
        );
        assert_eq!(
            at("environment:\n  container: {instances: 1, size: |}\nx: 1"),
            ("environment.container.size".into(), false, vec![])
        );
        assert_eq!(at("remove:\n  - |"), ("remove.0".into(), false, vec![]));
        assert_eq!(at("remove:\n  - {address: environment/a/|"), ("remove.0.address".into(), false, vec![]));
        assert_eq!(at("a: 1\n---\nnames|\n---\nb: 2"), (String::new(), true, vec![]));
        assert_eq!(at("|"), (String::new(), true, vec![]));
        assert_eq!(cursor("a: 1 # about", 9), None);
    }
}
