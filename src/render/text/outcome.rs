//! The end of a run, for people: what went wrong first, what is done, a sum that adds up, and what to do next.

use super::{notes, steps};
use crate::apply::ActionOutcome;
use crate::plan::note::UNREADABLE;
use crate::render::layout::{Line, Page};
use crate::render::plural::RESOURCE;
use crate::render::sanitise::Message;
use crate::render::style::{Label, Style};
use crate::render::view::{FailureView, OutcomeView, ReportView, UnreadableView};
use crate::render::words::{ATTENTION, causes, duration, next, outcome_sum};

/// Writes the end of a run.
pub(in crate::render) fn outcome(view: &OutcomeView, style: &Style) -> String {
    let OutcomeView {
        estate: _,
        digest: _,
        revisions: _,
        unchanged: _,
        unreadable,
        interrupted: _,
        duration: _,
        summary,
        actions,
        journal,
        resume,
    } = view;
    let mut page = Page::new(style);
    for outcome in ATTENTION {
        let reports: Vec<_> = actions.iter().filter(|report| report.outcome == outcome).collect();
        let column = reports.iter().map(|report| headline(report).width()).max().unwrap_or(0);
        let is_list =
            matches!(outcome, ActionOutcome::Done | ActionOutcome::Skipped | ActionOutcome::NotStarted);
        for (index, report) in reports.into_iter().enumerate() {
            if !is_list || index == 0 {
                page.blank();
            }
            show(&mut page, report, if is_list { column } else { 0 });
        }
    }
    steps::steps(&mut page, &steps::of(actions.iter().map(|report| &report.action)));
    left_alone(&mut page, unreadable);
    page.blank();
    page.line(&Line::new(0).add(Label::Heading, outcome_sum(view).join(style.separator())));
    for (report, job) in view.open_jobs() {
        let line = Line::new(0).add(Label::Warning, "open job ").add(Label::Plain, job.to_string());
        let line = line.add(Label::Plain, format!(" of {} ", report.action.verb.name()));
        page.line(&line.add(Label::Address, report.action.address.to_string()));
    }
    if let Some(journal) = journal {
        page.line(&Line::new(0).add(Label::Dim, format!("journal: {journal}")));
    }
    match resume {
        // On a line of its own and never wrapped: it is there to be copied.
        Some(command) => {
            let what = match view.open_jobs().next() {
                Some(_) => "this waits for the open jobs, and goes on with what was approved:",
                None => "this goes on with what was approved:",
            };
            page.prose(0, (Label::Help, "next: "), Label::Plain, what);
            page.line(&Line::new(2).add(Label::Plain, command.to_string()));
        }
        None => {
            if let Some(next) = next(summary) {
                page.prose(0, (Label::Help, "next: "), Label::Plain, next);
            }
        }
    }
    page.finish()
}

/// What could not be read, one line for each reading that was refused.
fn left_alone(page: &mut Page<'_>, unreadable: &[UnreadableView]) {
    let mut refused: Vec<(&UnreadableView, usize)> = Vec::new();
    for view in unreadable {
        match refused.iter_mut().find(|(first, _)| first.because == view.because) {
            Some((_, count)) => *count += 1,
            None => refused.push((view, 1)),
        }
    }
    page.blank();
    for (UnreadableView { address: _, because, reason, place }, count) in refused {
        let text =
            format!("{because}: {} could not be read and left alone ({reason})", RESOURCE.count(count));
        page.prose(0, (Label::Warning, "warning: "), Label::Plain, &format!("{text} [{UNREADABLE}]"));
        notes::at(page, 2, place);
    }
}

fn headline(report: &ReportView) -> Line {
    let (label, word) = match report.outcome {
        ActionOutcome::Done => (Label::Create, "done"),
        ActionOutcome::Failed => (Label::Danger, "failed"),
        ActionOutcome::Unknown => (Label::Danger, "unknown"),
        ActionOutcome::Refused => (Label::Blocked, "refused"),
        ActionOutcome::Blocked => (Label::Blocked, "blocked"),
        ActionOutcome::Waiting => (Label::Blocked, "waiting"),
        ActionOutcome::Skipped => (Label::Tag, "skipped"),
        ActionOutcome::Cancelled => (Label::Tag, "cancelled"),
        ActionOutcome::NotStarted => (Label::Tag, "not started"),
    };
    Line::new(0)
        .add(label, word)
        .add(Label::Plain, format!(" {} ", report.action.verb.name()))
        .add(Label::Address, report.action.address.to_string())
}

fn show(page: &mut Page<'_>, report: &ReportView, column: usize) {
    let line = headline(report);
    match facts(report, page.style()) {
        Some(facts) => page.line_and(line, column, facts),
        None => page.line(&line),
    }
    for waived in &report.action.waived {
        notes::waived(page, 4, waived);
    }
    // The facts of a consequence name its cause already.
    if let Some(error) =
        report.error.as_ref().filter(|error| !error.is_consequence || report.because.is_empty())
    {
        // What has to be done is told once, at the end.
        let help = error.help.as_ref().filter(|_| report.outcome != ActionOutcome::Waiting);
        failure(page, error, help);
    }
    if !report.log.is_empty() {
        page.line(&Line::new(4).add(Label::Dim, "the end of the log of the build:"));
        for line in &report.log {
            page.line(&Line::new(6).add(Label::Dim, line.as_str()));
        }
    }
    for warning in &report.warnings {
        page.prose(4, (Label::Warning, "warning: "), Label::Plain, warning.as_str());
    }
}

/// How long it took, which job did it, and whether the result was read back.
fn facts(report: &ReportView, style: &Style) -> Option<String> {
    let ReportView {
        action: _,
        outcome,
        job,
        verified,
        duration: took,
        error: _,
        warnings: _,
        package,
        log: _,
        because,
    } = report;
    let mut facts = Vec::new();
    let tried = match outcome {
        ActionOutcome::Done | ActionOutcome::Failed | ActionOutcome::Unknown | ActionOutcome::Refused => true,
        ActionOutcome::Skipped
        | ActionOutcome::Blocked
        | ActionOutcome::Waiting
        | ActionOutcome::Cancelled
        | ActionOutcome::NotStarted => false,
    };
    if tried {
        facts.push(duration(*took));
    }
    if let Some(job) = job.as_ref().filter(|_| *outcome != ActionOutcome::Done) {
        facts.push(format!("job {job}"));
    }
    if let Some(package) = package {
        facts.push(format!("package {package}"));
    }
    if *verified {
        facts.push("verified".to_owned());
    }
    if !because.is_empty() {
        facts.push(format!("because {}", causes(because)));
    }
    (!facts.is_empty()).then(|| facts.join(style.separator()))
}

fn failure(page: &mut Page<'_>, error: &FailureView, help: Option<&Message>) {
    let FailureView { code, message, help: _, place, is_consequence: _ } = error;
    page.prose(4, (Label::Plain, ""), Label::Plain, &format!("{message} [{code}]"));
    if let Some(place) = place {
        notes::at(page, 4, place);
    }
    notes::help_line(page, 4, help);
}
