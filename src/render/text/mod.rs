//! The format for people. Readable without colour: every symbol has a word beside it.

mod changes;
mod creates;
mod drift;
mod long;
mod notes;
mod outcome;
mod packages;
mod plan;
mod status;
mod steps;
mod why;

pub(super) use changes::{live_piece, wanted_piece};
pub(super) use drift::drift;
pub(super) use outcome::outcome;
pub(super) use packages::packages;
pub(super) use plan::plan;
pub(super) use status::status;
pub(super) use steps::{human_commands, human_steps};
pub(super) use why::why;
