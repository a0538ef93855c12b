//! Commands, arguments, exit codes. Knows every module and is known by none.
//!
//! The only place that reads the environment, the clock and the terminal, and the only one that writes files: those of
//! `--out`, the world of `--simulate`, and the files of an estate where a command is asked to.

mod accept;
mod approval;
pub mod args;
mod base;
pub mod codes;
mod commands;
mod complete;
mod context;
mod doctor;
mod earlier;
pub mod env;
mod error;
mod events;
pub mod exit;
mod explain;
mod files;
mod hosts;
mod init;
mod journal;
mod links;
mod output;
mod progress;
mod report;
mod saved;
mod screen;
mod signals;
mod simulate;
mod ui;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use error::CliError;
use exit::ExitStatus;
use signals::Signals;
use ui::Ui;

use crate::plan::Operation;

/// Runs mxkeep: parses the command line, runs the command, reports its error, and gives the exit code.
pub fn main() -> ExitCode {
    match complete::answer() {
        Ok(false) => {}
        Ok(true) => return ExitStatus::Done.into(),
        Err(error) => {
            // A shell that is not known, in a variable of ours.
            let _ = error.print();
            return ExitStatus::Usage.into();
        }
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results; a closed pipe changes nothing about them.
            let _ = error.print();
            let status = if error.use_stderr() { ExitStatus::Usage } else { ExitStatus::Done };
            return status.into();
        }
    };
    let ui = Ui::new(&cli.global, cli.command.estate());
    let status = run(&cli, &ui).unwrap_or_else(|error| {
        report::error(&ui, &error);
        let written = cli.command.output().map_or(Ok(()), |args| output::write_error(&ui, &args, &error));
        if let Err(second) = written {
            report::error(&ui, &second);
        }
        error.status
    });
    status.into()
}

fn run(cli: &Cli, ui: &Ui) -> Result<ExitStatus, CliError> {
    if let Some(directory) = &cli.global.directory {
        // Every relative path on the command line is meant from there.
        std::env::set_current_dir(directory).map_err(|error| {
            let message = format!("cannot work in `{}`: {error}", directory.display());
            CliError::usage(message, "`-C` has to name a directory")
        })?;
    }
    if let Some(args) = cli.command.output() {
        events::begin(&args)?;
    }
    match &cli.command {
        Command::Validate(args) => commands::validate::run(args, ui),
        Command::Plan(args) => block_on(interruptible(commands::plan::run(args, ui))),
        Command::Apply(args) => block_on(commands::apply::run(args, ui)),
        Command::Drift(args) => block_on(interruptible(commands::drift::run(args, ui))),
        Command::Import(args) => block_on(interruptible(commands::import::run(args, ui))),
        Command::Init(args) => commands::init::run(args, ui),
        Command::Id(args) => commands::id::run(args, ui),
        Command::Restart(args) => block_on(commands::operate::run(args, Operation::Restart, ui)),
        Command::Stop(args) => block_on(commands::operate::run(args, Operation::Stop, ui)),
        Command::Start(args) => block_on(commands::operate::run(args, Operation::Start, ui)),
        Command::Scale(args) => block_on(commands::operate::scale(args, ui)),
        Command::Status(args) => block_on(commands::status::run(args, ui)),
        Command::Why(args) => block_on(interruptible(commands::why::run(args, ui))),
        Command::Doctor(args) => block_on(interruptible(commands::doctor::run(args, ui))),
        Command::Packages(args) => block_on(commands::packages::run(args, ui)),
        Command::Cli(args) => block_on(commands::cli::run(args, ui)),
        Command::Simulator(args) => block_on(commands::simulator::run(args, ui)),
        Command::Schema(args) => commands::schema::run(args, ui),
        Command::Show(args) => commands::show::run(args, ui),
        Command::Graph(args) => commands::graph::run(args, ui),
        Command::Lsp => block_on(commands::lsp::run()),
        Command::Man(args) => commands::man::run(args, ui),
        Command::Completions(args) => commands::completions::run(args, ui),
    }
}

/// A command that changes nothing, so that a signal ends it at any point.
async fn interruptible(
    command: impl Future<Output = Result<ExitStatus, CliError>>,
) -> Result<ExitStatus, CliError> {
    Signals::listen()?.end(command).await
}

fn block_on(command: impl Future<Output = Result<ExitStatus, CliError>>) -> Result<ExitStatus, CliError> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(
            |error| {
                CliError::new(ExitStatus::Unexpected, error.to_string(), "check the limits of the system")
            },
        )?;
    runtime.block_on(command)
}
