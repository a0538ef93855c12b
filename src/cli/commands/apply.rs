//! `mxkeep apply`: makes the live state as declared.

use tokio::sync::{mpsc, oneshot};

use super::plan::{diagnostics, facts};
use crate::apply::{ActionOutcome, ApplyContext, FailureKind, Outcome, apply};
use crate::cli::args::ApplyArgs;
use crate::cli::context::{Access, Session, invalid};
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::signals::Signals;
use crate::cli::ui::Ui;
use crate::cli::{output, progress, report};
use crate::plan::{Ignores, Plan, note, plan};
use crate::render::{Format, outcome_view, plan_view, plural, render_outcome, render_plan};
use crate::source::Severity;

pub(in crate::cli) async fn run(args: &ApplyArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let mut signals = Signals::listen()?;
    let opening = Session::open(&args.live, Access::Write, ui);
    let session = signals.end(opening).await?;
    let plan = plan(&session.plan_input())?;
    let ended = run_plan(args, ui, &session, &plan, signals).await;
    session.close().await;
    ended
}

async fn run_plan(
    args: &ApplyArgs,
    ui: &Ui,
    session: &Session,
    plan: &Plan,
    mut signals: Signals,
) -> Result<ExitStatus, CliError> {
    if !plan.problems.is_empty() {
        return Err(invalid(diagnostics(&session.estate, &plan.problems)));
    }
    let ready = plan.actions.iter().filter(|action| action.is_ready()).count();
    // The plan is not the result of an apply, so it does not go to stdout.
    // "Nothing to do" is not the whole truth where a value was not compared.
    let tells = |note: &note::Note| note.severity == note::Severity::Warning || note.code == note::UNSET;
    let warns = plan.notes.iter().any(tells);
    if warns || !plan.actions.is_empty() {
        let view = plan_view(plan, &facts(session));
        let text = render_plan(&view, Format::Text, &ui.stderr_style());
        // Nobody is asked about a plan that was not shown.
        if args.yes || !ui.can_ask() { ui.status(&text) } else { ui.tell(&format!("{text}\n")) }
    }
    if ready > 0 {
        signals.end(approve(args, ui, ready)).await?;
    }
    let outcome = execute(ui, session, plan, signals).await;
    if ready > 0 {
        ui.status("");
    }
    let view = outcome_view(&outcome);
    output::write(ui, &args.live.output, |format, style| render_outcome(&view, format, style))?;
    // The text of the outcome has the places already; here are the lines themselves.
    if ui.is_verbose() || args.live.output.format != Format::Text {
        show_failures(ui, session, &outcome);
    }
    Ok(status(&outcome))
}

/// Asks before anything changes; where nobody can answer, `--yes` has to stand on the command line.
async fn approve(args: &ApplyArgs, ui: &Ui, ready: usize) -> Result<(), CliError> {
    if args.yes {
        return Ok(());
    }
    let actions = plural::ACTION.count(ready);
    if !ui.can_ask() {
        let message = format!("{actions} to run, and nobody to ask");
        return Err(CliError::new(ExitStatus::Refused, message, "pass --yes to apply without asking"));
    }
    // On a thread of its own: reading from a terminal cannot be left, and a signal has to end the wait. The thread
    // ends with the process.
    let (answered, answer) = oneshot::channel();
    let (asking, question) = (ui.clone(), format!("Run {actions}?"));
    std::thread::spawn(move || answered.send(asking.ask(&question)));
    let answer = answer.await.unwrap_or(Ok(false));
    if answer.map_err(|error| CliError::output(&error))? {
        return Ok(());
    }
    Err(CliError::new(ExitStatus::Refused, "not approved", "nothing was changed"))
}

async fn execute(ui: &Ui, session: &Session, plan: &Plan, signals: Signals) -> Outcome {
    let (events, heard) = mpsc::unbounded_channel();
    let (interrupt, interrupts) = mpsc::unbounded_channel();
    let signals = tokio::spawn(progress::interrupts(signals, interrupt));
    let shown = tokio::spawn(progress::show(ui.clone(), heard));
    let settings = &session.estate.desired.settings;
    let context = ApplyContext {
        client: session.client.clone(),
        concurrency: session.concurrency,
        waits: session.waits,
        ignores: Ignores::new(&settings.ignore, session.today),
        events,
        interrupts,
    };
    let outcome = apply(plan, &session.estate.desired, context).await;
    signals.abort();
    // The progress ends with the run; should it break, the outcome still stands.
    let _ = shown.await;
    outcome
}

/// Every failure with its place in the files.
fn show_failures(ui: &Ui, session: &Session, outcome: &Outcome) {
    let failed = outcome.actions.iter().filter(|report| {
        matches!(report.outcome, ActionOutcome::Failed | ActionOutcome::Refused | ActionOutcome::Unknown)
    });
    let shown: Vec<_> = failed
        .filter_map(|report| {
            let error = report.error.clone()?;
            let address = Some(report.action.address.to_string());
            let message = format!("{}: {}", report.action.address, error.message);
            let files = &session.estate.files;
            Some(files.diagnostic(
                error.code,
                Severity::Error,
                message,
                error.help,
                address,
                error.path,
                error.origin,
            ))
        })
        .collect();
    report::diagnostics(ui, &shown);
}

fn status(outcome: &Outcome) -> ExitStatus {
    let mut met = Vec::new();
    if outcome.interrupted {
        met.push(ExitStatus::Interrupted);
    }
    if outcome.has_failure(FailureKind::Unauthorised) || !outcome.unreadable.is_empty() {
        met.push(ExitStatus::NotAuthorised);
    }
    if outcome.has_failure(FailureKind::Unreachable) {
        met.push(ExitStatus::Unreachable);
    }
    for report in &outcome.actions {
        match report.outcome {
            ActionOutcome::Failed | ActionOutcome::Unknown => met.push(ExitStatus::Failed),
            ActionOutcome::Refused => met.push(ExitStatus::Refused),
            ActionOutcome::Blocked => met.push(ExitStatus::Blocked),
            ActionOutcome::Waiting => met.push(ExitStatus::Blocked),
            // What was skipped ends as what it needs has ended.
            ActionOutcome::Done
            | ActionOutcome::Skipped
            | ActionOutcome::Cancelled
            | ActionOutcome::NotStarted => {}
        }
    }
    ExitStatus::first_of(&met)
}
