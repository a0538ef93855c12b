//! YAML text → trees with the place of every key and value.
//!
//! No tree is deeper than 64 levels, so that neither walking nor dropping one can exhaust the stack. Aliases
//! share what they repeat, and are counted, so that a small file cannot grow large.

use std::sync::Arc;

use granit_parser::Parser;

use super::diagnostic::Problem;
use super::file::{SourceFile, Span};
use super::reader::Reader;
use super::scalar::Meaning;

/// How many syntax errors of one file are reported. Beyond that it is no YAML file.
const MAX_SYNTAX_ERRORS: usize = 50;

/// One document of a file.
#[derive(Debug)]
pub(super) struct Document {
    /// Its content; nothing when it could not be read.
    pub(super) root: Option<Node>,
    /// The text from its start to that of the next one.
    pub(super) span: Span,
    /// Whether all of its text is in the tree; what is not was reported.
    pub(super) whole: bool,
}

/// A value and its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Where it stands; that of the alias, when an alias repeats it.
    pub(super) span: Span,
    /// Where its text stands.
    pub(super) text: Span,
    /// How many levels it has, and how many values.
    pub(super) height: usize,
    pub(super) weight: usize,
    pub(super) value: Arc<Value>,
}

/// The content of a value.
#[derive(Debug)]
pub(super) enum Value {
    Scalar(Scalar),
    Sequence(Vec<Node>),
    Mapping(Mapping),
    /// It cannot be used, which was reported.
    Broken,
}

/// A scalar.
#[derive(Debug)]
pub(super) struct Scalar {
    /// As written, escapes and folds resolved.
    pub(super) text: String,
    pub(super) meaning: Meaning,
    /// Whether it stands there without quotes and tags.
    pub(super) plain: bool,
    /// Whether variables of a `matrix` were put into it.
    pub(super) filled: bool,
}

/// A mapping.
#[derive(Debug)]
pub(super) struct Mapping {
    pub(super) entries: Vec<Entry>,
    /// Whether all its entries are here; the missing ones were reported.
    pub(super) complete: bool,
}

/// A key and its value.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: Arc<str>,
    pub(super) key_span: Span,
    pub(super) node: Node,
}

impl Mapping {
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| &*entry.key == key)
    }
}

impl Node {
    pub(super) fn mapping(&self) -> Option<&Mapping> {
        match &*self.value {
            Value::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    pub(super) fn scalar(&self) -> Option<&Scalar> {
        match &*self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        self.scalar().is_some_and(|scalar| scalar.meaning == Meaning::Null)
    }

    /// The words for its type in messages.
    pub(super) fn words(&self) -> &'static str {
        match &*self.value {
            Value::Scalar(scalar) => scalar.meaning.words(),
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
            Value::Broken => "unreadable",
        }
    }
}

/// How many values the files of an estate may have together, aliases counted for what they repeat. An estate of 1,000
/// environments has some 150,000.
pub(super) const MOST_VALUES: usize = 1_000_000;

/// Reads all documents of a file. A document with a syntax error has no root; the others are read all the same.
///
/// `room` is how many values there may still be.
pub(super) fn parse(file: &SourceFile, room: &mut usize, problems: &mut Vec<Problem>) -> Vec<Document> {
    let base = file.first_byte();
    let text = file.text().get(base..).unwrap_or_default();
    let options = granit_parser::options! { emit_comments: false, emit_unresolved_aliases: true };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut reader = Reader::new(file, room, problems, base);
    let mut errors = 0;
    loop {
        match parser.next_event() {
            None => break,
            Some(Ok((event, span))) => {
                let range = span.byte_range().unwrap_or_default();
                let tag = span.tag_span().and_then(|tag| tag.byte_range());
                let tag = tag.map(|tag| Span::new(base + tag.start, base + tag.end));
                reader.event(event, Span::new(base + range.start, base + range.end), tag);
                if reader.is_full() {
                    break;
                }
            }
            Some(Err(error)) => {
                reader.syntax_error(&error);
                errors += 1;
                if errors >= MAX_SYNTAX_ERRORS || !parser.proceed_next_document().unwrap_or(false) {
                    break;
                }
            }
        }
    }
    reader.finish()
}
