//! What the command line asks of a plan, besides what the files ask for.

use std::collections::BTreeSet;

use crate::model::{FieldPath, Identity};

/// What the command line asks of a plan.
#[derive(Debug, Clone, Default)]
pub struct PlanOptions {
    /// Secrets that are sent although nothing tells that they changed.
    pub rotate: BTreeSet<Rotation>,
    /// The digests of actions whose guards are waived.
    pub waive: BTreeSet<String>,
    /// Those that were waived in a run that is resumed; what is done of it is not in the plan any more.
    pub waived_before: BTreeSet<String>,
    /// What becomes of fields that changed on the live side only.
    pub drift: DriftMode,
    /// Where the values that stand outside of the files are known.
    pub values: ValuesAt,
}

impl PlanOptions {
    /// Nothing is asked for.
    pub const fn new() -> PlanOptions {
        PlanOptions {
            rotate: BTreeSet::new(),
            waive: BTreeSet::new(),
            waived_before: BTreeSet::new(),
            drift: DriftMode::Correct,
            values: ValuesAt::Plan,
        }
    }
}

/// Secrets of a resource that are to be sent again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rotation {
    /// The resource.
    pub identity: Identity,
    /// The field, everything below it included; all of them where there is none.
    pub field: Option<FieldPath>,
}

/// What becomes of fields that changed on the live side only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DriftMode {
    /// They become as declared again.
    #[default]
    Correct,
    /// They are reported and left as they are.
    Report,
}

/// Where the values that stand outside of the files are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ValuesAt {
    /// Where the plan is made: one that has to be sent and is not set is a problem.
    #[default]
    Plan,
    /// Where it is applied: a person approves where a value comes from, and the version that the files give it.
    Apply,
}
