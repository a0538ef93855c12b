//! `--base`: the estate as it was at a revision of the repository that it lies in.

use super::args::BaseArgs;
use super::context::{Estate, load_options};
use super::env;
use super::error::CliError;
use super::ui::Ui;
use crate::model::{DesiredState, Revisions};
use crate::source::{Based, Repository};

/// An estate as it was at the revision that `--base` names.
#[derive(Debug)]
pub(super) struct Base {
    pub(super) desired: DesiredState,
    /// That revision, and the one that is checked out.
    pub(super) revisions: Revisions,
}

impl Base {
    /// Reads it, if one is named.
    pub(super) fn read(args: &BaseArgs, estate: &Estate, ui: &Ui) -> Result<Option<Base>, CliError> {
        let Some(reference) = &args.base else { return Ok(None) };
        let repository = Repository::open(&estate.directory)?;
        let Based { mut desired, files: _, revision, directory } =
            repository.load(reference, &load_options())?;
        let name = &revision.reference;
        match directory {
            None => ui.status(&format!("the estate is new: `{name}` has none here")),
            Some(there) if there != repository.directory() => {
                let there = if there.is_empty() { "." } else { &there };
                ui.status(&format!("the estate has moved: in `{name}` it is `{there}`"));
            }
            Some(_) => {}
        }
        let head = repository.head(&estate.files, &estate.taken);
        // Whoever says whose the token is says it of both.
        desired.settings.user = env::read(env::USER.name).or(desired.settings.user);
        Ok(Some(Base { desired, revisions: Revisions { base: revision, head } }))
    }
}
