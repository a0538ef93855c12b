//! `mxkeep plan`: what apply would do. Sends only GET.

use super::waive;
use crate::cli::args::PlanArgs;
use crate::cli::context::{Access, Estate, Session};
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::output;
use crate::cli::ui::Ui;
use crate::plan::{Action, Plan, Problem, ValuesAt, plan};
use crate::render::{PlanFacts, Report, plan_view};
use crate::source::{Diagnostic, Severity};

pub(in crate::cli) async fn run(args: &PlanArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let mut session = Session::open_for(&args.live, &args.base, &args.planning, Access::Read, ui).await?;
    session.waive(args.waive.waive.clone());
    if args.values_at_apply {
        session.values_at(ValuesAt::Apply);
    }
    let plan = plan(&session.plan_input())?;
    waive::one_each(&plan, &args.waive.waive)?;
    let view = plan_view(&plan, &facts(&session));
    output::write_report(ui, &args.live.output, &Report::Plan(view))?;
    let status = status(&plan, args.exit_code);
    session.close().await;
    waive::end(&plan, &args.waive.waive, status)
}

/// What a plan is told with, besides itself.
pub(super) fn facts(session: &Session) -> PlanFacts {
    PlanFacts {
        requests_made: session.client.requests_made(),
        requests_budget: session.budget,
        api: session.api.clone(),
        revisions: session.revisions().cloned(),
        places: session.places.clone(),
        created: session.now,
    }
}

fn status(plan: &Plan, exit_code: bool) -> ExitStatus {
    let mut met = Vec::new();
    if !plan.problems.is_empty() {
        met.push(ExitStatus::InvalidInput);
    }
    if !plan.unreadable.is_empty() {
        met.push(ExitStatus::NotAuthorised);
    }
    if plan.actions.iter().any(Action::is_blocked) {
        met.push(ExitStatus::Blocked);
    }
    if exit_code && !plan.actions.is_empty() {
        met.push(ExitStatus::SomethingToDo);
    }
    ExitStatus::first_of(&met)
}

/// Problems of a plan as diagnostics with their excerpts.
pub(super) fn diagnostics(estate: &Estate, problems: &[Problem]) -> Vec<Diagnostic> {
    problems
        .iter()
        .map(|problem| {
            let Problem { code, address, path, message, help, origin } = problem.clone();
            let address = Some(address.to_string());
            estate.files.diagnostic(code, Severity::Error, message, Some(help), address, path, Some(origin))
        })
        .collect()
}
