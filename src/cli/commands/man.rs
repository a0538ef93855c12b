//! `mxkeep man`: manual pages, one for each command.

use clap::CommandFactory;

use crate::cli::args::{Cli, ManArgs};
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::ui::Ui;

pub(in crate::cli) fn run(args: &ManArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let command = Cli::command();
    let Some(directory) = &args.pages else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page).map_err(|error| CliError::output(&error))?;
        ui.program(&String::from_utf8_lossy(&page)).map_err(|error| CliError::output(&error))?;
        return Ok(ExitStatus::Done);
    };
    fs_err::create_dir_all(directory).map_err(|error| CliError::file("make", directory, &error))?;
    clap_mangen::generate_to(command, directory)
        .map_err(|error| CliError::file("write the pages in", directory, &error))?;
    Ok(ExitStatus::Done)
}
