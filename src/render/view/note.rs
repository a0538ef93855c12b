//! What a person should read.

use super::Place;
use crate::plan::{Note, Problem, Severity};
use crate::render::sanitise::{Message, Name};

/// How much a note matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteSeverity {
    /// A problem: the plan is not applied.
    Error,
    /// Something to act on.
    Warning,
    /// Something to know.
    Info,
}

impl NoteSeverity {
    /// The severity in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            NoteSeverity::Error => "error",
            NoteSeverity::Warning => Severity::Warning.name(),
            NoteSeverity::Info => Severity::Info.name(),
        }
    }
}

/// Something a person should read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteView {
    /// How much it matters.
    pub severity: NoteSeverity,
    /// Its stable code.
    pub code: String,
    /// The resource, where it is about one.
    pub address: Option<Name>,
    /// What to know.
    pub message: Message,
    /// What to do.
    pub help: Option<Message>,
    /// The place in the files.
    pub place: Option<Place>,
}

impl From<&Note> for NoteView {
    fn from(note: &Note) -> NoteView {
        let Note { severity, code, address, message, origin } = note;
        NoteView {
            severity: match severity {
                Severity::Warning => NoteSeverity::Warning,
                Severity::Info => NoteSeverity::Info,
            },
            code: (*code).to_owned(),
            address: address.as_ref().map(Name::new),
            message: Message::new(message),
            help: None,
            place: origin.as_ref().map(Place::from),
        }
    }
}

impl From<&Problem> for NoteView {
    fn from(problem: &Problem) -> NoteView {
        // The message names the field.
        let Problem { code, address, path: _, message, help, origin } = problem;
        NoteView {
            severity: NoteSeverity::Error,
            code: (*code).to_owned(),
            address: Some(Name::new(address)),
            message: Message::new(message),
            help: Some(Message::new(help)),
            place: Some(Place::from(origin)),
        }
    }
}
