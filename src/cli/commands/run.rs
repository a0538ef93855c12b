//! What every command does that runs a plan: show it, ask, run it, report the end.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::human;
use super::plan::{diagnostics, facts};
use super::waive;
use crate::apply::journal::{Header, Journal};
use crate::apply::{ActionOutcome, ApplyContext, Approval, Clock, FailureKind, Outcome, apply};
use crate::cli::args::OutputArgs;
use crate::cli::context::{Session, invalid};
use crate::cli::error::CliError;
use crate::cli::events::EventLog;
use crate::cli::exit::ExitStatus;
use crate::cli::journal::Place;
use crate::cli::signals::Signals;
use crate::cli::ui::Ui;
use crate::cli::{output, progress, report};
use crate::plan::{Action, Ignores, Plan, note};
use crate::render::{Format, OutcomeView, Report, RevisionsView, outcome_view, plan_view, plural};
use crate::source::Severity;

/// How a plan is to be run.
pub(super) struct Run<'a> {
    /// Whether nobody is to be asked.
    pub(super) yes: bool,
    /// What of the plan may run.
    pub(super) approval: Approval,
    /// Where its journal is to be.
    pub(super) journal: Place,
    /// What guards are to let through.
    pub(super) waive: &'a [String],
    /// Where the result goes.
    pub(super) output: &'a OutputArgs,
    /// Fields that something else owns.
    pub(super) ignores: Ignores,
    /// The directory for the logs of builds that fail.
    pub(super) build_logs: Option<PathBuf>,
    /// How long to wait for what a person has to do.
    pub(super) wait_for_human: Option<Duration>,
}

/// Shows a plan, asks, runs it and reports the end.
pub(super) async fn run_plan(
    mut run: Run<'_>,
    ui: &Ui,
    session: &mut Session,
    plan: &Plan,
    mut signals: Signals,
) -> Result<ExitStatus, CliError> {
    if !plan.problems.is_empty() {
        return Err(invalid(diagnostics(&session.estate, &plan.problems)));
    }
    let (approved, refused) = by_approval(&run, plan);
    let ready = approved.actions.iter().filter(|action| action.is_ready()).count();
    let waiting = approved.actions.iter().filter(|action| action.wait().is_some()).count();
    // The plan is not the result of an apply, so it does not go to stdout.
    // "Nothing to do" is not the whole truth where a value was not compared, or where an app stands still.
    let tells = |note: &note::Note| {
        note.severity == note::Severity::Warning || matches!(note.code, note::UNSET | note::STOPPED)
    };
    let warns = plan.notes.iter().any(tells);
    if warns || !approved.actions.is_empty() {
        let view = plan_view(&approved, &facts(session));
        let text = Report::Plan(view).render(Format::Text, &ui.stderr_style());
        // Nobody is asked about a plan that was not shown.
        if run.yes || !ui.can_ask() { ui.status(&text) } else { ui.tell(&format!("{text}\n")) }
    }
    if !refused.actions.is_empty() {
        let view = plan_view(&refused, &facts(session));
        let text = Report::Plan(view).render(Format::Text, &ui.stderr_style());
        ui.tell(&format!("Not approved, and refused:\n\n{text}\n"));
    }
    waive::one_each(plan, run.waive)?;
    let goes_on = if run.wait_for_human.is_some() || ready > 0 { waiting } else { 0 };
    if ready + goes_on > 0 {
        signals.end(approve(&run, ui, ready, goes_on)).await?;
    }
    let place = std::mem::replace(&mut run.journal, Place::Nowhere);
    let kept = if ready + goes_on > 0 || matches!(place, Place::Resumed(_)) {
        let now = Timestamp::now();
        place.begin(&Header::new(plan, &run.approval, session.apis(), now), ui)?
    } else {
        None
    };
    let journal = kept.as_ref().map(|kept| kept.journal.clone());
    let execution = Execution { run: &run, approval: &run.approval, journal: journal.clone() };
    let mut outcome = execution.of(ui, session, plan, &mut signals).await;
    if goes_on > 0 {
        // Of a later plan no more is run than what was approved as waiting.
        let execution = Execution { run: &run, approval: &Approval::Everything, journal };
        human::go_on(&execution, ui, session, &mut outcome, &mut signals).await;
    }
    if let Some(kept) = kept {
        kept.end(&mut outcome);
    }
    if ready + goes_on > 0 {
        ui.status("");
    }
    let revisions = session.revisions().map(RevisionsView::from);
    let view = OutcomeView { revisions, ..outcome_view(&outcome) };
    output::write_report(ui, run.output, &Report::Outcome(view))?;
    // The text of the outcome has the places already; here are the lines themselves.
    if ui.is_verbose() || run.output.format != Format::Text {
        show_failures(ui, session, &outcome);
    }
    waive::end(plan, run.waive, status(&outcome))
}

/// A plan in two: what may run, or is blocked anyway, and what nobody approved.
fn by_approval(run: &Run<'_>, plan: &Plan) -> (Plan, Plan) {
    let is_refused = |action: &Action| !action.is_blocked() && !run.approval.covers(action, plan);
    let (refused, approved) = plan.actions.iter().cloned().partition(is_refused);
    let nothing_else = Plan {
        actions: refused,
        drift: Vec::new(),
        unchanged: Vec::new(),
        unreadable: Vec::new(),
        unmanaged: Vec::new(),
        notes: Vec::new(),
        ..plan.clone()
    };
    (Plan { actions: approved, ..plan.clone() }, nothing_else)
}

/// Asks before anything changes; where nobody can answer, `--yes` has to stand on the command line.
async fn approve(run: &Run<'_>, ui: &Ui, ready: usize, waiting: usize) -> Result<(), CliError> {
    if run.yes {
        return Ok(());
    }
    let actions = plural::ACTION.count(ready + waiting);
    if !ui.can_ask() {
        let message = format!("{actions} to run, and nobody to ask");
        return Err(CliError::new(ExitStatus::Refused, message, "pass --yes to apply without asking"));
    }
    let question = match waiting {
        0 => format!("Run {actions}?"),
        waiting => format!("Run {actions}, {waiting} of them once they need not wait any more?"),
    };
    // On a thread of its own: reading from a terminal cannot be left, and a signal has to end the wait. The thread
    // ends with the process.
    let (answered, answer) = oneshot::channel();
    let asking = ui.clone();
    std::thread::spawn(move || answered.send(asking.ask(&question)));
    let answer = answer.await.unwrap_or(Ok(false));
    if answer.map_err(|error| CliError::output(&error))? {
        return Ok(());
    }
    Err(CliError::new(ExitStatus::Refused, "not approved", "nothing was changed"))
}

/// How the actions of a plan are run.
pub(super) struct Execution<'a> {
    pub(super) run: &'a Run<'a>,
    approval: &'a Approval,
    journal: Option<Journal>,
}

impl Execution<'_> {
    /// Runs the actions of a plan that may run.
    pub(super) async fn of(&self, ui: &Ui, session: &Session, plan: &Plan, signals: &mut Signals) -> Outcome {
        let (events, heard) = mpsc::unbounded_channel();
        let (interrupt, interrupts) = mpsc::unbounded_channel();
        let log = EventLog::open(self.run.output);
        let shown = tokio::spawn(progress::show(ui.clone(), log, heard));
        let context = ApplyContext {
            client: session.client.clone(),
            concurrency: session.concurrency,
            waits: session.waits,
            clock: Clock::system(),
            ignores: self.run.ignores.clone(),
            build_logs: self.run.build_logs.clone(),
            approval: self.approval.clone(),
            journal: self.journal.clone(),
            events,
            interrupts,
        };
        let outcome = tokio::select! {
            outcome = apply(plan, &session.estate.desired, context) => outcome,
            never = progress::interrupts(signals, interrupt) => match never {},
        };
        // The progress ends with the run; should it break, the outcome still stands.
        let _ = shown.await;
        outcome
    }
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
            ActionOutcome::Waiting => met.push(ExitStatus::Waiting),
            // What was skipped ends as what it needs has ended.
            ActionOutcome::Done
            | ActionOutcome::Skipped
            | ActionOutcome::Cancelled
            | ActionOutcome::NotStarted => {}
        }
    }
    ExitStatus::first_of(&met)
}
