//! `mxkeep drift`: how the live state departs from the files. Sends only GET.

use crate::cli::args::DriftArgs;
use crate::cli::context::{Access, Session};
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::output;
use crate::cli::ui::Ui;
use crate::plan::drift::drift;
use crate::render::{drift_view, render_drift};

pub(in crate::cli) async fn run(args: &DriftArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let session = Session::open(&args.live, Access::Read, ui).await?;
    let drift = drift(&session.plan_input())?;
    let view = drift_view(&drift);
    output::write(ui, &args.live.output, |format, style| render_drift(&view, format, style))?;
    session.close().await;
    let mut met = Vec::new();
    if !drift.unreadable.is_empty() {
        met.push(ExitStatus::NotAuthorised);
    }
    if !drift.resources.is_empty() {
        met.push(ExitStatus::SomethingToDo);
    }
    Ok(ExitStatus::first_of(&met))
}
