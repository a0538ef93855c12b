//! `mxkeep schema`: JSON Schemas, made from the field tables.

use serde_json::Value;

use crate::cli::args::SchemaArgs;
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::ui::Ui;
use crate::model::Kind;
use crate::render::schemas;
use crate::source::schema;

pub(in crate::cli) fn run(args: &SchemaArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let schema = match args.name.as_deref() {
        None => schema::schema(),
        Some(name) => named(name)?,
    };
    ui.program(&format!("{schema:#}\n")).map_err(|error| CliError::output(&error))?;
    Ok(ExitStatus::Done)
}

fn named(name: &str) -> Result<Value, CliError> {
    if let Some(kind) = Kind::from_name(name) {
        return Ok(schema::schema_for(kind));
    }
    let mut formats = schemas::all();
    if let Some(at) = formats.iter().position(|(format, _)| *format == name) {
        return Ok(formats.swap_remove(at).1);
    }
    let names = Kind::ALL.map(Kind::name).into_iter().chain(formats.iter().map(|(format, _)| *format));
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    Err(CliError::usage(format!("there is no schema `{name}`"), &format!("there are {}", names.join(", "))))
}
