//! A small server that behaves like the API. An island: imports nothing from the crate.
//!
//! It handles the wire on its own, so that a mistake in the client cannot cancel out against the same mistake
//! here. The quick start, the tests and the benchmarks run against it, over real HTTP.
//!
//! A request's way: `http` reads it, notes it in the `log` and asks the `faults` what goes wrong;
//! `world` answers it as a pure state machine, by the table in `routes`. A write is checked against its
//! model (`contract`, `shape`) and becomes a job (`jobs`); when the job finishes, `clusters`,
//! `namespaces` or `deploy` change the `state`, which is saved to a file that people may edit.
//! `admin` is for everything that happens without the API. `cloud` is another API, that of Mendix Cloud, over `cloud_apps`.
//!
//! Tokens: `simulator` may do everything; `simulator-read` may read all but the apps; `simulator-deploy` may do
//! everything but what the Build API offers (packages).

mod access;
mod admin;
mod apps;
mod cli_versions;
mod cloud;
mod cloud_apps;
mod clusters;
mod contract;
mod deploy;
mod durations;
mod environments;
mod fault;
mod faults;
mod http;
mod installer;
mod jobs;
mod line;
mod log;
mod members;
mod message;
mod namespaces;
mod operators;
mod options;
mod packages;
mod pages;
mod pointer;
mod routes;
mod seed;
mod server;
mod settle;
mod shape;
mod spelling;
mod state;
#[cfg(test)]
mod tests;
mod upload;
mod world;

pub use access::{DEPLOY_TOKEN, READ_TOKEN, TOKEN};
pub use fault::Fault;
pub use log::LoggedRequest;
pub use options::{AbsentFields, Options};
pub use seed::Seed;
pub use server::{Simulator, StartError};
pub use state::StateError;
