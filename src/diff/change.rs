//! A change: one field, before and after.

use serde_json::Value;

use super::class::Class;
use crate::model::field::Effect;
use crate::model::{FieldPath, Identity, Later, Origin, Outside};

/// One field that differs.
#[derive(Debug, Clone)]
pub struct Change {
    /// Where in the manifest.
    pub path: FieldPath,
    /// The live value; nothing when the live manifest has none.
    pub before: Option<Value>,
    /// What the files ask for.
    pub after: After,
    /// Whether neither side may be shown.
    pub sensitive: bool,
    /// What changing the field does.
    pub effect: Effect,
    /// Whether the platform refuses the change on an existing resource.
    pub immutable: bool,
    /// Where the files ask for it; nothing for a value that mxkeep fills in on create.
    pub origin: Option<Origin>,
    /// Whose difference it is; nothing where no earlier state of the files is known.
    pub class: Option<Class>,
}

/// The wanted end of a change.
#[derive(Debug, Clone)]
pub enum After {
    /// This value.
    Set(Value),
    /// A value that stands elsewhere.
    Outside(Outside),
    /// A value that the platform tells once another resource is there.
    Later(Later),
    /// Cleared, by sending this value.
    ClearTo(Value),
    /// Cleared, by leaving the field out.
    Omit,
    /// The item of a list is gone.
    Remove,
}

impl After {
    /// Whether both ask for the same. What stands elsewhere is known by where.
    pub fn is_same(&self, other: &After) -> bool {
        match (self, other) {
            (After::Set(one), After::Set(other)) | (After::ClearTo(one), After::ClearTo(other)) => {
                one == other
            }
            (After::Outside(one), After::Outside(other)) => {
                one.reference == other.reference && one.version == other.version
            }
            (After::Later(one), After::Later(other)) => one == other,
            (After::Omit, After::Omit) | (After::Remove, After::Remove) => true,
            _ => false,
        }
    }

    /// The value to show: nothing for a removal, a clearing, or a value that stands elsewhere or is still to come.
    pub fn shown(&self) -> Option<&Value> {
        match self {
            After::Set(value) => Some(value),
            After::Outside(_) | After::Later(_) | After::ClearTo(_) | After::Omit | After::Remove => None,
        }
    }
}

/// A difference: at least one change. There is no way to write down an update that changes nothing.
#[derive(Debug, Clone)]
pub struct Changes(Vec<Change>);

impl Changes {
    /// The changes, if there are any.
    pub fn new(changes: Vec<Change>) -> Option<Changes> {
        if changes.is_empty() { None } else { Some(Changes(changes)) }
    }

    /// Puts the values that are known by now in the place of those that are still to come.
    pub fn settle(&mut self, known: impl Fn(&Identity) -> Option<String>) {
        for change in &mut self.0 {
            if let After::Later(later) = &change.after
                && let Some(value) = known(&later.identity)
            {
                change.after = After::Set(value.into());
            }
        }
    }

    /// All of them, in the order of the field table.
    pub fn as_slice(&self) -> &[Change] {
        &self.0
    }
}
