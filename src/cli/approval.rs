//! `apply --plan FILE`: reads what somebody approved.

use std::io::Read;
use std::path::Path;

use super::context::Session;
use super::error::CliError;
use crate::apply::plan_file::{ApprovedPlan, Here};
use crate::apply::plan_file::{LARGEST, MAX_AGE};

/// Reads a plan file, however large what it names may be.
///
/// # Errors
///
/// When it cannot be read, or approves nothing.
pub(super) fn read(path: &Path) -> Result<ApprovedPlan, CliError> {
    let mut bytes = Vec::new();
    // One byte more than is allowed tells that there are more.
    fs_err::File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| CliError::no_plan_file(path, &error))?;
    ApprovedPlan::parse(&bytes).map_err(|reason| CliError::not_approved(path, &reason))
}

/// Makes sure that an approval is good for this run.
///
/// # Errors
///
/// When it is for another estate or API, or not for this time.
pub(super) fn check(approved: &ApprovedPlan, path: &Path, session: &Session) -> Result<(), CliError> {
    let settings = &session.estate.desired.settings;
    let here = Here {
        estate: &settings.estate,
        api: &session.places,
        now: session.now,
        max_age: settings.plan_max_age.unwrap_or(MAX_AGE),
    };
    approved.check(&here).map_err(|reason| CliError::not_approved(path, &reason))
}
