//! `--since FILE`: an earlier picture of the estate, as `mxkeep status` wrote it in JSON.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use super::error::CliError;
use super::ui::Ui;
use crate::plan::status::{Earlier, Seen};
use crate::render::schemas::STATUS;

/// The lists of a picture that hold resources.
const LISTS: [&str; 4] = ["environments", "namespaces", "clusters", "others"];

/// Reads an earlier picture; nothing when there is no file, as before the first of a series.
///
/// # Errors
///
/// When the file cannot be read, or holds something else.
pub(super) fn read(file: &Path, ui: &Ui) -> Result<Option<Earlier>, CliError> {
    let text = match fs_err::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            ui.detail(&format!("there is no `{}` yet: this picture is the first", file.display()));
            return Ok(None);
        }
        Err(error) => return Err(CliError::file("read", file, &error)),
    };
    let document: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    match parse(&document) {
        Some(earlier) => Ok(Some(earlier)),
        None => Err(CliError::usage(
            format!("`{}` is not an earlier status in the format `{STATUS}`", file.display()),
            "`--since` takes what `mxkeep status --out json=FILE` wrote; delete the file to begin anew",
        )),
    }
}

/// Makes sure that a picture is one of this estate: addresses of another mean something else.
///
/// # Errors
///
/// When it is not.
pub(super) fn check_estate(earlier: &Earlier, estate: &str, file: Option<&Path>) -> Result<(), CliError> {
    if earlier.estate.as_deref().is_none_or(|other| other == estate) {
        return Ok(());
    }
    let name = file.map(|file| file.display().to_string()).unwrap_or_default();
    let other = earlier.estate.as_deref().unwrap_or_default();
    Err(CliError::usage(
        format!(
            "`{name}` is the status of the estate `{}`, not of `{estate}`",
            crate::render::sanitise(other)
        ),
        "keep one file for each estate",
    ))
}

fn parse(document: &Value) -> Option<Earlier> {
    (document.get("format")?.as_str()? == STATUS).then_some(())?;
    let time = |value: &Value| value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let mut resources = BTreeMap::new();
    for item in LISTS.iter().filter_map(|list| document.get(list)?.as_array()).flatten() {
        let is_drift = matches!(item.get("sync")?.as_str()?, "drifted" | "missing" | "not-removed");
        let seen = Seen {
            is_drift,
            drifted_since: item.get("driftedSince").and_then(time),
            last_in_sync: item.get("lastInSync").and_then(time),
        };
        resources.insert(item.get("address")?.as_str()?.to_owned(), seen);
    }
    let estate = document.get("estate")?.as_str()?.to_owned();
    Some(Earlier { estate: Some(estate), taken_at: time(document.get("takenAt")?)?, resources })
}
