//! `mxkeep completions`: what a shell needs to complete commands, options and addresses.

use crate::cli::args::CompletionsArgs;
use crate::cli::complete;
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::ui::Ui;

pub(in crate::cli) fn run(args: &CompletionsArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let Some(script) = complete::script(&args.shell.to_string()) else {
        return Err(CliError::usage(
            format!("there are no completions for {}", args.shell),
            "name another shell",
        ));
    };
    let script = script.map_err(|error| CliError::output(&error))?;
    ui.program(&String::from_utf8_lossy(&script)).map_err(|error| CliError::output(&error))?;
    Ok(ExitStatus::Done)
}
