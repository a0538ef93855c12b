//! Conflicts: files and live side changed the same thing to different ends, and nobody but a person can say which is
//! right.

use serde_json::Value;

use super::Asked;
use crate::diff::{Change, Class, field_at};
use crate::model::{DesiredState, FieldPath};
use crate::plan::PlanInput;
use crate::plan::action::{Action, Block};
use crate::plan::note;

/// How many fields a reason tells of.
const TOLD: usize = 3;

/// How much of a value it shows.
const LONGEST: usize = 60;

/// Stops an action that would overwrite what somebody changed in the meantime.
pub(in crate::plan) fn conflict(input: &PlanInput<'_>, action: &Action) -> Option<Block> {
    let base = input.base?;
    let changes: Vec<&Change> =
        action.changes().iter().filter(|change| change.class == Some(Class::Conflict)).collect();
    let first = changes.first()?;
    let mut told: Vec<String> =
        changes.iter().take(TOLD).map(|change| tell(base, input, action, change)).collect();
    if let Some(more) = changes.len().checked_sub(TOLD).filter(|more| *more > 0) {
        told.push(format!("and {more} more"));
    }
    Some(Block {
        code: note::CONFLICT,
        reason: format!("changed in the files and on the live side: {}", told.join("; ")),
        help: Some(format!(
            "take the live value into the files with `mxkeep drift --accept {}`; a waiver lets the files win",
            action.address
        )),
        origin: first.origin.clone().or_else(|| Some(action.origin.clone())),
        is_guard: true,
    })
}

fn tell(base: &DesiredState, input: &PlanInput<'_>, action: &Action, change: &Change) -> String {
    let Change { path, before, after, sensitive, .. } = change;
    let live = match before {
        None => "none".to_owned(),
        Some(_) if *sensitive => "a secret".to_owned(),
        Some(value) => brief(value),
    };
    let was = was(base, input, action, path, *sensitive);
    format!("`{path}` (declared before: {was}, now: {}, live: {live})", shown(Asked::of(after), *sensitive))
}

/// What base asked for.
fn was(
    base: &DesiredState,
    input: &PlanInput<'_>,
    action: &Action,
    path: &FieldPath,
    sensitive: bool,
) -> String {
    let Some(base) = base.resources.get(&action.identity) else { return "not declared".to_owned() };
    let base = super::settled(input, base);
    let table = action.identity.kind().fields();
    let is_secret = sensitive || field_at(table, path).is_some_and(|field| field.sensitive);
    shown(super::asked(table, &base.fields, path), is_secret)
}

fn shown(asked: Asked<'_>, sensitive: bool) -> String {
    match asked {
        Asked::Nothing => "not declared".to_owned(),
        Asked::Gone | Asked::GoneWithItem => "none".to_owned(),
        Asked::Default => "the default".to_owned(),
        Asked::Value(_) if sensitive => "a secret".to_owned(),
        Asked::Value(value) => brief(value),
        Asked::Outside(outside) => format!("({})", outside.reference),
        Asked::Later(later) => format!("the id of `{}`", later.address),
        Asked::Below { is_empty: true } => "empty".to_owned(),
        Asked::Below { is_empty: false } => "declared".to_owned(),
    }
}

/// A value in a sentence.
fn brief(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= LONGEST {
        return format!("`{text}`");
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("`{start}…`")
}
