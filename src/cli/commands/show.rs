//! `mxkeep show`: a report that was saved as JSON, in any format, as if it were written now.

use crate::cli::args::ShowArgs;
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::ui::Ui;
use crate::cli::{output, saved};

pub(in crate::cli) fn run(args: &ShowArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let ShowArgs { file, estate: _, output } = args;
    output::write_report(ui, output, &saved::read(file)?)?;
    Ok(ExitStatus::Done)
}
