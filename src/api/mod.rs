//! The one client of the platform: authentication, retries, paging, jobs, live state.
//!
//! One request's way through the client:
//!
//! ```text
//! endpoints   a method per endpoint makes a Call (method, path, query, body); cloud: those of Mendix Cloud
//! client      send(): URL, token, the exchange; repeats where `retry` allows it
//! budget      how many requests may be in flight, and at which pace
//! transport   no answer: the HTTP library's error becomes an ApiError
//! wire        an answer: status and body become a document or an ApiError
//! page, job   more calls, until a list is whole or a job is done
//! packages    builds, uploads, logs and downloads            (upload, log: as streams)
//! fetch       many calls at a time: live state, all or nothing
//! ```
//!
//! `retry`, `budget`, `page`, `wire` and the decisions of `job` are pure. Nothing outside this module knows HTTP. There is no
//! trait in front of it: tests talk to a server on the other side of a socket.

mod budget;
mod client;
mod cloud;
mod download;
mod endpoints;
mod error;
mod fetch;
mod job;
mod log;
mod mxpc;
mod packages;
mod page;
mod probe;
mod random;
mod redact;
mod retry;
mod server;
mod survey;
mod survey_cloud;
mod tls;
mod token;
mod transport;
mod upload;
mod wire;

#[cfg(test)]
mod simulated;
#[cfg(test)]
mod tests;

pub use client::{Answer, Api, Call, Client, ClientOptions, SetupError};
pub use cloud::CloudVersion;
pub use download::{Download, DownloadError};
pub use error::{ApiError, InvalidParam, Method, RequestLine};
pub use fetch::{fetch, fetch_more};
pub use job::{Job, JobError, JobFailure, JobId, JobState, Poll, Step, WaitOptions, step, wait};
pub use mxpc::CliVersion;
pub use probe::Probe;
pub use random::Random;
pub use redact::Redactor;
pub use retry::{Decision, Failed, Outcome, RetryPolicy, decide, retry_after};
pub use server::is_loopback;
pub use survey::{Survey, Wanted, survey};
pub use token::{Token, TokenError};
pub use upload::size;
pub use wire::read_answer;
