//! `mxkeep apply`: makes the live state as declared.

use std::path::Path;

use tokio::sync::mpsc;

use super::run::{Run, run_plan};
use crate::apply::{Approval, Clock, Reattached, reattach};
use crate::cli::approval;
use crate::cli::args::{ApplyArgs, OutputArgs};
use crate::cli::context::{Access, Session};
use crate::cli::error::CliError;
use crate::cli::events::EventLog;
use crate::cli::exit::ExitStatus;
use crate::cli::journal::{self, Kept, Place};
use crate::cli::progress;
use crate::cli::signals::Signals;
use crate::cli::ui::Ui;
use crate::plan::{Ignores, plan};
use crate::render::Name;

pub(in crate::cli) async fn run(args: &ApplyArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let mut signals = Signals::listen()?;
    let approved =
        args.plan.as_deref().map(|path| Ok::<_, CliError>((path, approval::read(path)?))).transpose()?;
    let opening = Session::open_for(&args.live, &args.base, &args.planning, Access::Write, ui);
    let mut session = signals.end(opening).await?;
    session.waive(args.waive.waive.clone());
    let (approval, journal) = match &args.resume {
        None => {
            let estate = || session.estate.directory.clone();
            let place = args.journal.clone().map_or_else(|| Place::Estate(estate()), Place::Chosen);
            let approved = approved.as_ref().map(|(path, approved)| {
                approval::check(approved, path, &session).map(|()| approved.approval())
            });
            (approved.transpose()?.unwrap_or_default(), place)
        }
        Some(file) => tokio::select! {
            resumed = resume(file, &args.live.output, &mut session, ui) => resumed?,
            () = signals.next() => {
                let message = "interrupted; nothing was changed, and the jobs of the run before may still be open";
                let help = format!("go on with `{}`", journal::command(file));
                return Err(CliError::new(ExitStatus::Interrupted, message, &help));
            }
        },
    };
    let plan = plan(&session.plan_input())?;
    if let Some((_, approved)) = &approved {
        for id in approved.gone(&plan) {
            ui.status(&format!("{}: is not to be done any more", Name::new(id)));
        }
    }
    let run = Run {
        // What a resumed run may do was approved when its journal began; the review of a plan is an approval, too.
        yes: args.yes || args.resume.is_some() || args.plan.is_some(),
        approval,
        journal,
        waive: &args.waive.waive,
        output: &args.live.output,
        ignores: Ignores::new(&session.estate.desired.settings.ignore, session.today),
        build_logs: args.save_build_logs.clone(),
        wait_for_human: args.wait_for_human,
    };
    let ended = run_plan(run, ui, &mut session, &plan, signals).await;
    session.close().await;
    ended
}

/// Waits for what the run of a journal has left open, and gives what it had approved. The journal goes on.
async fn resume(
    file: &Path,
    output: &OutputArgs,
    session: &mut Session,
    ui: &Ui,
) -> Result<(Approval, Place), CliError> {
    let estate = &session.estate;
    let recorded = journal::read(file, &estate.desired.settings.estate, &session.apis())?;
    let kept = Kept::of(file, &estate.directory, &recorded, ui);
    let jobs = recorded.open_jobs();
    if !jobs.is_empty() {
        let (events, heard) = mpsc::unbounded_channel();
        let log = EventLog::open(output);
        let shown = tokio::spawn(progress::show(ui.clone(), log, heard));
        let noted = kept.as_ref().map(|kept| &kept.journal);
        let ended = reattach(jobs, &session.client, &session.waits, Clock::system(), noted, &events).await;
        drop(events);
        // Should the progress break, what it is about still stands.
        let _ = shown.await;
        still_open(jobs.len(), &ended)?;
        // What was read before is of a time when they were open.
        session.refresh().await?;
    }
    session.waive_again(recorded.waived());
    Ok((recorded.approval(), kept.map_or(Place::Nowhere, Place::Resumed)))
}

/// An error where a job may still be at work: a plan made now could undo what it is about to do.
fn still_open(jobs: usize, ended: &[Reattached]) -> Result<(), CliError> {
    let mut open = ended.iter().filter(|it| !it.is_over());
    let refused = ended.iter().filter_map(|it| it.error.as_ref()).find(|error| error.is_unauthorised());
    if let Some(error) = refused {
        let message = format!("cannot wait for the open jobs: {error}");
        let help = "check the token, then resume again";
        return Err(CliError::new(ExitStatus::NotAuthorised, message, help));
    }
    let first = open.next().and_then(|it| it.error.as_ref()).map(ToString::to_string);
    if let Some(error) = first.or_else(|| (ended.len() < jobs).then(|| "a wait broke off".to_owned())) {
        let message = format!("a job of the run before is still open: {error}");
        let help = "resume again later; or, if it hangs for good, run `mxkeep apply` without --resume";
        return Err(CliError::new(ExitStatus::Failed, message, help));
    }
    Ok(())
}
