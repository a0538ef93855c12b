//! What could not be read.

use super::Place;
use crate::plan::Unreadable;
use crate::render::sanitise::{Message, Name};

/// A resource of which the API does not tell this token whether it exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableView {
    /// The resource.
    pub address: Name,
    /// Whose reading was refused.
    pub because: Name,
    /// What the API said.
    pub reason: Message,
    /// The document or tombstone.
    pub place: Place,
}

impl From<&Unreadable> for UnreadableView {
    fn from(unreadable: &Unreadable) -> UnreadableView {
        let Unreadable { address, because, reason, origin } = unreadable;
        UnreadableView {
            address: Name::new(address),
            because: Name::new(because),
            reason: Message::new(reason),
            place: Place::from(origin),
        }
    }
}
