//! Saved reports, read from files or stdin.

use std::io::Read;
use std::path::Path;

use super::error::CliError;
use super::exit::ExitStatus;
use crate::apply::plan_file::LARGEST;
use crate::render::{NotSaved, Report};

/// Reads a report that was saved as JSON; `-` is stdin.
///
/// # Errors
///
/// When it cannot be read, or is none.
pub(super) fn read(file: &Path) -> Result<Report, CliError> {
    let bytes = bytes(file).map_err(|error| CliError::file("read", file, &error))?;
    Report::parse(&bytes).map_err(|reason| not_shown(file, &reason))
}

/// Reads a file, however large what it names may be: one byte more than is allowed tells that there are more.
fn bytes(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes)?;
    } else {
        fs_err::File::open(file)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn not_shown(file: &Path, reason: &NotSaved) -> CliError {
    let help = match reason {
        NotSaved::Newer { .. } => "show it with the mxkeep that wrote it, or a later one",
        NotSaved::Edited => "make the plan again: a plan is shown as it was made, or not at all",
        NotSaved::Bytes(_) | NotSaved::OtherFormat(_) | NotSaved::Malformed { .. } => {
            "it has to be what plan, apply, drift or validate wrote with `--out json=FILE`"
        }
    };
    let message = format!("cannot show `{}`: {reason}", file.display());
    CliError::new(ExitStatus::InvalidInput, message, help)
}
