//! A value as YAML can say it, without places: what is written, and what an edit has to come out as.

use super::edit::Step;
use super::scalar::Meaning;
use super::yaml::{Node, Value};

/// A value.
#[derive(Debug, Clone)]
pub(super) enum Tree {
    Null,
    Boolean(bool),
    Integer(i64),
    /// A number that is not a whole one that fits, as it was written.
    Number(String),
    Text(String),
    Sequence(Vec<Tree>),
    Mapping(Vec<(String, Tree)>, Layout),
}

/// How a mapping is laid out. It does not change what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// One line per key.
    Block,
    /// On one line, where it fits.
    Flow,
}

impl Tree {
    /// A text.
    pub(super) fn text(text: impl Into<String>) -> Tree {
        Tree::Text(text.into())
    }

    /// A mapping on lines of its own.
    pub(super) fn block<K: Into<String>>(entries: impl IntoIterator<Item = (K, Tree)>) -> Tree {
        Tree::Mapping(entries.into_iter().map(|(key, value)| (key.into(), value)).collect(), Layout::Block)
    }

    /// A mapping on one line, where it fits.
    pub(super) fn flow<K: Into<String>>(entries: impl IntoIterator<Item = (K, Tree)>) -> Tree {
        Tree::Mapping(entries.into_iter().map(|(key, value)| (key.into(), value)).collect(), Layout::Flow)
    }

    /// What a node says, aliases followed. Nothing when a part of it could not be read.
    pub(super) fn of(node: &Node) -> Option<Tree> {
        Some(match &*node.value {
            Value::Broken => return None,
            Value::Scalar(scalar) => match scalar.meaning {
                Meaning::Null => Tree::Null,
                Meaning::Boolean(truth) => Tree::Boolean(truth),
                Meaning::Integer(Some(number)) => Tree::Integer(number),
                Meaning::Integer(None) | Meaning::Float => Tree::Number(scalar.text.clone()),
                Meaning::Text => Tree::Text(scalar.text.clone()),
            },
            Value::Sequence(nodes) => Tree::Sequence(nodes.iter().map(Tree::of).collect::<Option<_>>()?),
            Value::Mapping(mapping) if mapping.complete => {
                let entries = mapping
                    .entries
                    .iter()
                    .map(|entry| Some((entry.key.to_string(), Tree::of(&entry.node)?)))
                    .collect::<Option<_>>()?;
                Tree::Mapping(entries, Layout::Block)
            }
            Value::Mapping(_) => return None,
        })
    }

    /// Whether both say the same; the order of keys means nothing.
    pub(super) fn says(&self, other: &Tree) -> bool {
        match (self, other) {
            (Tree::Null, Tree::Null) => true,
            (Tree::Boolean(one), Tree::Boolean(two)) => one == two,
            (Tree::Integer(one), Tree::Integer(two)) => one == two,
            (Tree::Number(one), Tree::Number(two)) | (Tree::Text(one), Tree::Text(two)) => one == two,
            (Tree::Sequence(one), Tree::Sequence(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.says(two))
            }
            (Tree::Mapping(one, _), Tree::Mapping(two, _)) => {
                let same = |(key, value): &(String, Tree)| {
                    let found = two.iter().find(|(other, _)| other == key);
                    found.is_some_and(|(_, other)| value.says(other))
                };
                one.len() == two.len() && one.iter().all(same)
            }
            _ => false,
        }
    }

    /// Whether it has no parts.
    pub(super) fn is_scalar(&self) -> bool {
        !matches!(self, Tree::Sequence(_) | Tree::Mapping(..))
    }

    /// The value behind a key.
    pub(super) fn get(&self, key: &str) -> Option<&Tree> {
        match self {
            Tree::Mapping(entries, _) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value at a path.
    pub(super) fn at(&self, path: &[Step]) -> Option<&Tree> {
        let Some((step, rest)) = path.split_first() else { return Some(self) };
        let inner = match (self, step) {
            (Tree::Mapping(..), Step::Key(key)) => self.get(key),
            (Tree::Sequence(items), Step::Index(index)) => items.get(*index),
            _ => None,
        };
        inner?.at(rest)
    }
}
