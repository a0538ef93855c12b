//! `mxkeep cli`: mxpc-cli, the tool that a person runs where the platform cannot.

use std::path::Path;

use crate::cli::args::{CliArgs, CliCommand, CliCommandArgs, CliListArgs};
use crate::cli::context::{Connection, read_estate};
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::output;
use crate::cli::signals::Signals;
use crate::cli::ui::Ui;
use crate::model::Kind;
use crate::plan::installer_command;
use crate::render::{Message, MxpcVersion, render_mxpc_versions};

pub(in crate::cli) async fn run(args: &CliArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    match &args.command {
        CliCommand::List(args) => Signals::listen()?.end(list(args, ui)).await,
        CliCommand::Download(args) => Signals::listen()?.end(super::download::run(args, ui)).await,
        CliCommand::Command(args) => command(args, ui),
    }
}

async fn list(args: &CliListArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let connection = Connection::alone(&args.api).await?;
    let versions = connection.client.cli_versions().await;
    connection.close().await;
    let shown: Vec<MxpcVersion> = versions?
        .into_iter()
        .map(|it| MxpcVersion {
            version: Message::new(&it.version),
            operator: it.operator_version.as_deref().map(Message::new),
            systems: it.systems.iter().map(|system| Message::new(system)).collect(),
            architectures: it.architectures.iter().map(|architecture| Message::new(architecture)).collect(),
        })
        .collect();
    output::write(ui, &args.output, |format, style| render_mxpc_versions(&shown, format, style))?;
    Ok(ExitStatus::Done)
}

/// Prints the command and nothing else, so that a script can run it.
fn command(args: &CliCommandArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let estate = read_estate(Path::new("."))?;
    let namespaces = || estate.desired.of_kind(Kind::Namespace);
    let wanted = args.namespace.as_str();
    let Some(namespace) = namespaces().find(|it| it.address.to_string() == wanted) else {
        let known: Vec<String> = namespaces().map(|it| it.address.to_string()).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let near = similar::get_close_matches(wanted, &known, 1, 0.6);
        let help = match near.first() {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write its address, such as `namespace/prod-eu/orders`".to_owned(),
        };
        return Err(CliError::usage(format!("`{wanted}` names no namespace of the estate"), &help));
    };
    ui.result(&format!("{}\n", installer_command(namespace))).map_err(|error| CliError::output(&error))?;
    Ok(ExitStatus::Done)
}
