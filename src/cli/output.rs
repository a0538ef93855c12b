//! Results: one on stdout, and one in each file that was asked for.

use super::args::OutputArgs;
use super::error::CliError;
use super::ui::Ui;
use crate::render::{Format, Style, render_findings};

/// Writes why a command ended without a result: to the files of `--out`, and to stdout where a script reads it.
///
/// # Errors
///
/// When a file or stdout cannot be written.
pub(super) fn write_error(ui: &Ui, args: &OutputArgs, error: &CliError) -> Result<(), CliError> {
    let findings = error.findings();
    for out in &args.out {
        let text = render_findings(&findings, out.format);
        fs_err::write(&out.path, text).map_err(|error| CliError::file("write", &out.path, &error))?;
    }
    match args.format {
        // A person has read it on stderr.
        Format::Text => Ok(()),
        Format::Json => {
            ui.result(&render_findings(&findings, Format::Json)).map_err(|error| CliError::output(&error))
        }
    }
}

/// Writes a result to stdout and to the files of `--out`. Files come first, so that a closed pipe costs none.
///
/// # Errors
///
/// When a file or stdout cannot be written.
pub(super) fn write(
    ui: &Ui,
    args: &OutputArgs,
    render: impl Fn(Format, &Style) -> String,
) -> Result<(), CliError> {
    for out in &args.out {
        let text = render(out.format, &Ui::file_style());
        fs_err::write(&out.path, text).map_err(|error| CliError::file("write", &out.path, &error))?;
    }
    ui.result(&render(args.format, &ui.stdout_style())).map_err(|error| CliError::output(&error))
}
