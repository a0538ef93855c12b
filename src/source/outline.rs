//! Every key and value of a file with its path: what an editor asks about.
//!
//! Whether a key is one that a document may have is asked elsewhere; here is what stands in the file.

use std::ops::Range;
use std::sync::Arc;

use super::file::{SourceFile, Span};
use super::yaml::{self, Node, Value};

/// A value of a file, with the key or index at which it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The document of the file, from 0.
    pub document: usize,
    /// The way to the value.
    pub path: Vec<Step>,
    /// Where its key stands; nothing for the item of a list.
    pub key: Option<Range<usize>>,
    /// Where the value stands.
    pub value: Range<usize>,
    /// The value, when it is a scalar.
    pub text: Option<String>,
    /// Whether it stands there without quotes.
    pub is_plain: bool,
}

/// A step of a way into a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// To what stands behind a key.
    Key(String),
    /// To an item of a list.
    Index(usize),
}

impl Step {
    /// The key, when it is one.
    pub fn key(&self) -> Option<&str> {
        match self {
            Step::Key(key) => Some(key),
            Step::Index(_) => None,
        }
    }
}

/// Every key and value of a file, each before what it holds. A document that is no YAML has none; what an alias repeats
/// has none either.
pub fn outline(text: &str) -> Vec<Entry> {
    let file = SourceFile::new(Arc::from("outline"), text.to_owned());
    let documents = yaml::parse(&file, &mut { yaml::MOST_VALUES }, &mut Vec::new());
    let mut entries = Vec::new();
    for (document, found) in documents.iter().enumerate() {
        if let Some(root) = &found.root {
            walk(document, root, &mut Vec::new(), &mut entries);
        }
    }
    entries
}

fn walk(document: usize, node: &Node, path: &mut Vec<Step>, entries: &mut Vec<Entry>) {
    // An alias stands elsewhere than its text.
    if node.span != node.text {
        return;
    }
    let mut visit = |step: Step, key: Option<Span>, inner: &Node| {
        path.push(step);
        entries.push(Entry {
            document,
            path: path.clone(),
            key: key.map(range),
            value: range(inner.span),
            text: inner.scalar().map(|scalar| scalar.text.clone()),
            is_plain: inner.scalar().is_some_and(|scalar| scalar.plain),
        });
        walk(document, inner, path, entries);
        path.pop();
    };
    match &*node.value {
        Value::Mapping(mapping) => {
            for entry in &mapping.entries {
                visit(Step::Key(entry.key.to_string()), Some(entry.key_span), &entry.node);
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                visit(Step::Index(index), None, item);
            }
        }
        Value::Scalar(_) | Value::Broken => {}
    }
}

const fn range(span: Span) -> Range<usize> {
    span.start..span.end
}
