//! `mxkeep apply`: makes the live state as declared.

use super::run::{Run, run_plan};
use crate::cli::args::ApplyArgs;
use crate::cli::context::{Access, Session};
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::signals::Signals;
use crate::cli::ui::Ui;
use crate::plan::{Ignores, plan};

pub(in crate::cli) async fn run(args: &ApplyArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let mut signals = Signals::listen()?;
    let opening = Session::open(&args.live, Access::Write, ui);
    let mut session = signals.end(opening).await?;
    let plan = plan(&session.plan_input())?;
    let run = Run {
        yes: args.yes,
        output: &args.live.output,
        ignores: Ignores::new(&session.estate.desired.settings.ignore, session.today),
        build_logs: args.save_build_logs.clone(),
        wait_for_human: args.wait_for_human,
    };
    let ended = run_plan(&run, ui, &mut session, &plan, signals).await;
    session.close().await;
    ended
}
