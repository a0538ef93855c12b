//! One file per command.

pub(super) mod apply;
pub(super) mod completions;
pub(super) mod drift;
pub(super) mod plan;
pub(super) mod schema;
pub(super) mod simulator;
pub(super) mod validate;
