//! Live values into the files: what `drift --accept` and `import --merge` share.

use std::collections::BTreeMap;

use super::context::{Estate, invalid, today};
use super::env;
use super::error::CliError;
use super::exit::ExitStatus;
use super::files;
use crate::diff::Change;
use crate::model::{DesiredState, Identity, LiveState};
use crate::plan::{Plan, PlanInput, Scope, plan};
use crate::source::{Accept, Accepted, EditRefused, LoadOptions, Loaded, accept, load_with};

/// The texts of all files of an estate.
pub(super) fn texts(estate: &Estate) -> Result<BTreeMap<String, String>, CliError> {
    files::read(&estate.directory, estate.files.names())
}

/// Accepts those changes of a plan that are wanted.
pub(super) fn accept_changes(
    desired: &DesiredState,
    live: &LiveState,
    plan: &Plan,
    texts: &BTreeMap<String, String>,
    wanted: impl Fn(&Identity, &Change) -> bool,
) -> Result<Accepted, CliError> {
    let mut accepts = Vec::new();
    for action in &plan.actions {
        let desired = desired.resources.get(&action.identity);
        let (Some(desired), Some(live)) = (desired, live.get(&action.identity)) else { continue };
        let changes: Vec<&Change> =
            action.changes().iter().filter(|change| wanted(&action.identity, change)).collect();
        if !changes.is_empty() {
            accepts.push(Accept { desired, live, changes });
        }
    }
    Ok(accept(texts, &accepts)?)
}

/// The estate as it would be with these texts.
pub(super) fn loaded(estate: &Estate, texts: &BTreeMap<String, String>) -> Loaded {
    load_with(&estate.directory, &LoadOptions { environment: &env::read_for_estate, today: today() }, texts)
}

/// Makes sure that an estate with these texts is a valid one that says what it is meant to say: what was accepted is
/// no difference any more, and nothing else became one.
pub(super) fn verify(
    estate: &Estate,
    live: &LiveState,
    scope: &Scope,
    before: &Plan,
    accepted: &Accepted,
    wanted: impl Fn(&Identity, &Change) -> bool,
) -> Result<(), CliError> {
    if accepted.files.is_empty() {
        return Ok(());
    }
    let loaded = loaded(estate, &accepted.files);
    let Some(desired) = loaded.desired else { return Err(invalid(loaded.diagnostics)) };
    let input = PlanInput::new(&desired, live, scope, today());
    let after = plan(&input)?;
    for action in &after.actions {
        let old = before.actions.iter().find(|old| old.identity == action.identity);
        for change in action.changes() {
            let was = old.is_some_and(|old| old.changes().iter().any(|old| old.path == change.path));
            let path = change.path.to_string();
            let is_refused = accepted.refused.iter().any(|(refused, _)| {
                refused.address == action.address.to_string() && refused.path.as_ref() == Some(&path)
            });
            if !is_refused && (!was || wanted(&action.identity, change)) {
                let message = format!("`{path}` of {} would still differ from what is live", action.address);
                return Err(CliError::new(
                    ExitStatus::Refused,
                    message,
                    "nothing was written; change it by hand",
                ));
            }
        }
    }
    Ok(())
}

impl From<EditRefused> for CliError {
    fn from(refused: EditRefused) -> CliError {
        let EditRefused { message, help, origin } = refused;
        let message = match origin {
            Some(origin) => format!("{}:{}:{}: {message}", origin.file, origin.line, origin.column),
            None => message,
        };
        CliError::new(ExitStatus::Refused, message, &help)
    }
}
