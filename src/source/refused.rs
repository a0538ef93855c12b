//! Why the text of a file was not changed, with the place.

use std::sync::Arc;

use super::edit::Refusal;
use super::file::{SourceFile, Span};
use crate::model::Origin;

/// A file whose text could not be changed as it was meant; it is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EditRefused {
    /// What is in the way.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// Where.
    pub origin: Option<Origin>,
}

impl EditRefused {
    pub(super) fn new(file: &str, text: &str, refusal: Refusal) -> EditRefused {
        let Refusal { message, help, at } = refusal;
        let file = SourceFile::new(Arc::from(file), text.to_owned());
        let origin = file.origin(at.unwrap_or_else(|| Span::new(0, 0)));
        EditRefused { message, help: help.to_owned(), origin: Some(origin) }
    }

    pub(super) fn at(
        origin: Option<Origin>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> EditRefused {
        EditRefused { message: message.into(), help: help.into(), origin }
    }
}
