//! One file per command.

pub(super) mod apply;
pub(super) mod cli;
pub(super) mod completions;
pub(super) mod doctor;
mod download;
pub(super) mod drift;
pub(super) mod graph;
mod human;
pub(super) mod id;
pub(super) mod import;
pub(super) mod init;
pub(super) mod lsp;
pub(super) mod man;
pub(super) mod operate;
pub(super) mod packages;
pub(super) mod plan;
mod run;
pub(super) mod schema;
pub(super) mod show;
pub(super) mod simulator;
pub(super) mod status;
pub(super) mod validate;
mod waive;
pub(super) mod why;
