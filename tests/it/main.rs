//! Integration tests: one binary, one file per subject.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that breaks off has failed, and nobody imports it"
)]

mod access;
mod bad_days;
mod blocked;
mod canary;
#[cfg(unix)]
mod cli_tool;
mod cloud;
mod contract;
#[cfg(unix)]
mod crash;
mod deletes;
mod docs;
mod doctor;
mod edits;
mod events;
mod examples;
mod faults;
mod forbidden;
mod fuzz;
mod generated;
#[cfg(unix)]
mod gitops;
mod graph;
mod guard_properties;
mod guards;
mod hostile;
mod import;
mod init;
mod interrupt;
mod invalid;
#[cfg(unix)]
mod journal;
mod layers;
mod lsp;
mod main_job;
mod oddities;
#[cfg(unix)]
mod operations;
mod packages;
mod plans;
mod platform;
mod properties;
mod quickstart;
mod readme;
#[cfg(unix)]
mod recipe;
mod requests;
mod reviewed;
mod revision;
mod rotate;
mod rules;
mod show;
mod status;
mod support;
mod tables;
mod three_way;
mod two_applies;
#[cfg(unix)]
mod waiting;
mod why;
