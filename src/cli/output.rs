//! Results: one on stdout, and one in each file that was asked for.

use super::args::OutputArgs;
use super::error::CliError;
use super::ui::Ui;
use super::{events, files};
use crate::render::{FindingsView, Format, OutputFormat, Report, Style};

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
    let report = Report::Findings(FindingsView { findings: error.findings(), waived: 0 });
    let to_files = write_files(ui, args, |format, style| report.render(format, style));
    // A person has read it on stderr.
    let to_stdout = match args.format {
        Format::Text => Ok(()),
        format => {
            ui.result(&report.render(format, &ui.stdout_style())).map_err(|error| CliError::output(&error))
        }
    };
    to_files.and(to_stdout)
}

/// Writes a report to stdout and to the files of `--out`.
///
/// # Errors
///
/// As [`write()`].
pub(super) fn write_report(ui: &Ui, args: &OutputArgs, report: &Report) -> Result<(), CliError> {
    write(ui, args, |format, style| report.render(format, style))
}

/// Writes a result to stdout and to the files of `--out`: to all that can be written, whatever becomes of the others.
/// Files come first, so that a closed pipe costs none.
///
/// # Errors
///
/// When a file or stdout cannot be written; the first of them.
pub(super) fn write<F: OutputFormat>(
    ui: &Ui,
    args: &OutputArgs<F>,
    render: impl Fn(F, &Style) -> String,
) -> Result<(), CliError> {
    let to_files = write_files(ui, args, &render);
    let text = render(args.format, &ui.stdout_style());
    let to_stdout = if args.format.is_orders() { ui.program(&text) } else { ui.result(&text) };
    let to_stdout = to_stdout.map_err(|error| CliError::output(&error));
    to_files.and(to_stdout).map_err(|error| CliError { after_result: true, ..error })
}

/// Writes a result to the files of `--out`, to all that can be written.
///
/// # Errors
///
/// When a file cannot be written; the first of them.
pub(super) fn write_files<F: OutputFormat>(
    ui: &Ui,
    args: &OutputArgs<F>,
    render: impl Fn(F, &Style) -> String,
) -> Result<(), CliError> {
    let mut first = Ok(());
    for out in &args.out {
        let written = files::refuse_planted(&out.path).and_then(|()| {
            let text = render(out.format, &ui.file_style());
            // The lines of the run stand there already.
            let written = match out.format.report() {
                Format::Events => events::append(&out.path, &text),
                _ => fs_err::write(&out.path, text),
            };
            written.map_err(|error| CliError::file("write", &out.path, &error))
        });
        first = first.and(written);
    }
    first
}
