//! What `mxkeep.yaml` says about the estate as a whole.

use std::time::Duration;

use super::{Address, AddressGlob, Freeze, Origin, lies_in};

/// The settings of an estate.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The name of the estate.
    pub estate: String,
    /// The base URL of the Private Cloud API, when the file gives one, and where.
    pub private_cloud_api: Option<(String, Origin)>,
    /// The base URL of the API of Mendix Cloud, when the file gives one, and where.
    pub mendix_cloud_api: Option<(String, Origin)>,
    /// The mail address of the owner of the token, where somebody tells it.
    pub user: Option<String>,
    /// How many requests may be in flight.
    pub concurrency: Option<usize>,
    /// How long a job may take.
    pub job_timeout: Option<Duration>,
    /// How old a plan may be that `apply --plan` takes.
    pub plan_max_age: Option<Duration>,
    /// Fields that are left alone.
    pub ignore: Vec<IgnoreRule>,
    /// Warnings that were looked at and accepted.
    pub waivers: Vec<Waiver>,
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

/// A warning that was looked at and accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The code of the warning.
    pub rule: String,
    /// Which resources: a glob over addresses; all of them when there is none.
    pub address: Option<String>,
    /// Which field: its path, everything below included; any when there is none.
    pub field: Option<String>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Option<jiff::civil::Date>,
    /// Where it was written.
    pub origin: Origin,
}

impl Waiver {
    /// Whether it holds on this day; it does through its last one.
    pub fn holds(&self, today: jiff::civil::Date) -> bool {
        self.until.is_none_or(|until| today <= until)
    }

    /// Whether it is about a finding with this code, about this resource and this field.
    pub fn covers(&self, code: &str, address: Option<&Address>, path: Option<&str>) -> bool {
        let is_meant = |glob: &String| {
            AddressGlob::new(glob).is_ok_and(|glob| address.is_some_and(|address| glob.matches(address)))
        };
        self.rule == code
            && self.address.as_ref().is_none_or(is_meant)
            && self.field.as_ref().is_none_or(|field| path.is_some_and(|path| lies_in(path, field)))
    }
}

/// What says no to an action.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guards {
    /// Addresses (globs) that are never deleted or stopped.
    pub protect: Vec<(String, Origin)>,
    /// Times at which nothing is changed.
    pub freeze: Vec<Freeze>,
    /// How many deletes one plan may hold.
    pub max_deletes: Option<(usize, Origin)>,
    /// How many environments in production mode one plan may restart or stop.
    pub max_restarts: Option<(usize, Origin)>,
}
