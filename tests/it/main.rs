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
mod docs;
mod doctor;
mod edits;
mod examples;
mod faults;
mod forbidden;
mod generated;
mod import;
mod interrupt;
mod invalid;
mod layers;
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
mod rules;
mod status;
mod support;
mod tables;
#[cfg(unix)]
mod waiting;
mod why;
