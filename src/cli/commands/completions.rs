//! `mxkeep completions`: what a shell needs to complete commands and options.

use clap::CommandFactory;

use crate::cli::args::{Cli, CompletionsArgs};
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::ui::Ui;

pub(in crate::cli) fn run(args: &CompletionsArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "mxkeep", &mut script);
    let script = String::from_utf8_lossy(&script);
    ui.result(&script).map_err(|error| CliError::output(&error))?;
    Ok(ExitStatus::Done)
}
