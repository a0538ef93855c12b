//! `mxkeep graph`: what stands on what in an estate, what needs what in a plan.

use std::path::Path;

use crate::cli::args::GraphArgs;
use crate::cli::context::{self, invalid, load_options, read_scope};
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::ui::Ui;
use crate::cli::{output, saved};
use crate::render::{GraphView, Report, estate_graph, outcome_graph, plan_graph, render_graph};
use crate::source::load;

pub(in crate::cli) fn run(args: &GraphArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let graph = match &args.plan {
        Some(file) => of_report(file)?,
        None => of_estate(args, ui)?,
    };
    output::write(ui, &args.output, |format, _| render_graph(&graph, format))?;
    Ok(ExitStatus::Done)
}

fn of_estate(args: &GraphArgs, ui: &Ui) -> Result<GraphView, CliError> {
    let loaded = load(&args.estate.estate, &load_options());
    let Some(desired) = loaded.desired else { return Err(invalid(loaded.diagnostics)) };
    context::warn(ui, &loaded.diagnostics);
    let scope = read_scope(&args.scope, &desired, None)?;
    Ok(estate_graph(&desired, &scope))
}

fn of_report(file: &Path) -> Result<GraphView, CliError> {
    match saved::read(file)? {
        Report::Plan(plan) => Ok(plan_graph(&plan)),
        Report::Outcome(outcome) => Ok(outcome_graph(&outcome)),
        Report::Drift(_) | Report::Findings(_) => {
            let message = format!("`{}` holds no plan and no outcome", file.display());
            let help = "`--plan` takes what `mxkeep plan` or `mxkeep apply` wrote with `--out json=FILE`";
            Err(CliError::new(ExitStatus::InvalidInput, message, help))
        }
    }
}
