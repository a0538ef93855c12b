//! Results: one on stdout, and one in each file that was asked for.

use super::args::OutputArgs;
use super::error::CliError;
use super::ui::Ui;
use crate::render::{Format, Style, render_findings};

/// Writes why a command ended without a result: to the files of `--out`, and to stdout where a script reads it. What
/// has a result already keeps it: then the error is that a result could not be written.
///
/// # Errors
///
/// When a file or stdout cannot be written.
pub(super) fn write_error(ui: &Ui, args: &OutputArgs, error: &CliError) -> Result<(), CliError> {
    if error.after_result {
        return Ok(());
    }
    let findings = error.findings();
    let to_files = write_files(args, |format, _| render_findings(&findings, 0, format));
    // A person has read it on stderr.
    let to_stdout = match args.format {
        Format::Text => Ok(()),
        Format::Json => {
            ui.result(&render_findings(&findings, 0, Format::Json)).map_err(|error| CliError::output(&error))
        }
    };
    to_files.and(to_stdout)
}

/// Writes a result to stdout and to the files of `--out`: to all that can be written, whatever becomes of the others.
/// Files come first, so that a closed pipe costs none.
///
/// # Errors
///
/// When a file or stdout cannot be written; the first of them.
pub(super) fn write(
    ui: &Ui,
    args: &OutputArgs,
    render: impl Fn(Format, &Style) -> String,
) -> Result<(), CliError> {
    let to_files = write_files(args, &render);
    let text = render(args.format, &ui.stdout_style());
    let to_stdout = ui.result(&text).map_err(|error| CliError::output(&error));
    to_files.and(to_stdout).map_err(|error| CliError { after_result: true, ..error })
}

/// Writes a result to the files of `--out`, to all that can be written.
///
/// # Errors
///
/// When a file cannot be written; the first of them.
pub(super) fn write_files(
    args: &OutputArgs,
    render: impl Fn(Format, &Style) -> String,
) -> Result<(), CliError> {
    let mut first = Ok(());
    for out in &args.out {
        let written = fs_err::write(&out.path, render(out.format, &Ui::file_style()));
        first = first.and(written.map_err(|error| CliError::file("write", &out.path, &error)));
    }
    first
}
