//! Texts that may end on a terminal: names and messages, sanitised by their types.

use std::fmt;

pub use crate::model::sanitise;

/// A sanitised text in one line.
pub(super) fn sanitise_line(text: &str) -> String {
    sanitise(text).replace('\n', " ")
}

/// A name that scripts compare: an address, an id, a path, a file. Shown sanitised; exact for formats that escape.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// Takes a name.
    pub fn new(name: impl fmt::Display) -> Name {
        Name(name.to_string())
    }

    /// The name as it is; for formats that escape what a terminal would act on.
    pub fn exact(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&sanitise_line(&self.0))
    }
}

/// A text for people, sanitised when it is taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Message(String);

impl Message {
    /// Takes a text.
    pub fn new(text: &str) -> Message {
        Message(sanitise(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
