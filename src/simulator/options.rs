//! How a simulator is started.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use jiff::Timestamp;

use super::{fault::Fault, seed::Seed};

/// How a simulator is started and behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The file that holds the world; without it, the world ends with the process.
    pub state: Option<PathBuf>,
    /// What to fill the world with; what is there already is kept.
    pub seed: Option<Seed>,
    /// What goes wrong from the start.
    pub faults: Vec<Fault>,
    /// From the answer to a write until its job is over; zero means over at the first poll.
    pub job_delay: Duration,
    /// From the end of a job until the environment is `Ready`.
    pub ready_delay: Duration,
    /// The largest page; a larger limit is lowered to it without a word.
    pub max_page: usize,
    /// What an optional field that a PUT lacks means.
    pub absent_fields: AbsentFields,
    /// Whether values come back in another spelling: `4` as `4.000`, booleans as strings, escaped quotes.
    pub respell: bool,
    /// Whether the answer to a write holds the job under the key `job`.
    pub nested_job_ids: bool,
    /// The time at the start; it then goes as fast as tokio's clock, which tests may put forward. Without it, the time
    /// of this machine.
    pub starts_at: Option<Timestamp>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            state: None,
            seed: None,
            faults: Vec::new(),
            job_delay: Duration::from_millis(300),
            ready_delay: Duration::from_millis(300),
            max_page: 100,
            absent_fields: AbsentFields::default(),
            respell: false,
            nested_job_ids: false,
            starts_at: None,
        }
    }
}

/// What an optional field that a PUT lacks means; the contract does not say (NOTES 9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AbsentFields {
    /// The field goes back to its default: the harsh reading, and so the one to test against.
    #[default]
    Reset,
    /// The field stays as it is.
    Keep,
}
