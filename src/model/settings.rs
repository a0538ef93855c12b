//! What `mxkeep.yaml` says about the estate as a whole.

use std::time::Duration;

use super::Origin;

/// The settings of an estate.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The name of the estate.
    pub estate: String,
    /// The base URL of the Private Cloud API, when the file gives one, and where.
    pub private_cloud_api: Option<(String, Origin)>,
    /// How many requests may be in flight.
    pub concurrency: Option<usize>,
    /// How long a job may take.
    pub job_timeout: Option<Duration>,
    /// Fields that are left alone.
    pub ignore: Vec<IgnoreRule>,
    /// What says no to an action.
    pub guards: Guards,
    /// Whether a literal in a secret field is a warning instead of an error.
    pub allow_literal_secrets: bool,
}

/// A field that something else owns, such as the number of instances under an autoscaler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreRule {
    /// Which resources: a glob over addresses.
    pub address: String,
    /// Which field: its path, everything below included.
    pub field: String,
    /// Why.
    pub reason: Option<String>,
    /// The last day on which the rule holds, `2027-06-30`.
    pub until: Option<jiff::civil::Date>,
    /// Where it was written.
    pub origin: Origin,
}

/// What says no to an action.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guards {
    /// Addresses (globs) that are never deleted or stopped.
    pub protect: Vec<(String, Origin)>,
    /// How many deletes one plan may hold.
    pub max_deletes: Option<(usize, Origin)>,
}
