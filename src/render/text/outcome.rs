//! The end of a run, for people: what went wrong first, what is done, a sum that adds up, and what to do next.

use super::{duration, notes, steps};
use crate::apply::ActionOutcome;
use crate::plan::note::UNREADABLE;
use crate::render::layout::{Line, Page};
use crate::render::plural::{ACTION, FAILED_ACTION, RESOURCE, number};
use crate::render::sanitise::{Message, Name};
use crate::render::style::{Label, Style};
use crate::render::view::{FailureView, OutcomeSummary, OutcomeView, ReportView, UnreadableView};

/// In which order actions are shown: what needs attention first.
const ORDER: [ActionOutcome; 9] = [
    ActionOutcome::Failed,
    ActionOutcome::Unknown,
    ActionOutcome::Refused,
    ActionOutcome::Blocked,
    ActionOutcome::Waiting,
    ActionOutcome::Skipped,
    ActionOutcome::Cancelled,
    ActionOutcome::NotStarted,
    ActionOutcome::Done,
];

/// How many resources are named as the cause of what was skipped.
const CAUSES: usize = 2;

/// Writes the end of a run.
pub(in crate::render) fn outcome(view: &OutcomeView, style: &Style) -> String {
    let OutcomeView {
        estate: _,
        digest: _,
        unchanged,
        unreadable,
        interrupted,
        duration: took,
        summary,
        actions,
    } = view;
    let mut page = Page::new(style);
    for outcome in ORDER {
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
    let head = sum(summary, actions, *unchanged, *interrupted, style);
    let took = if actions.is_empty() { String::new() } else { format!(" in {}", duration(*took)) };
    let hidden = match unreadable.len() {
        0 => String::new(),
        count => format!("{}{} unreadable", style.separator(), number(count)),
    };
    page.line(&Line::new(0).add(Label::Heading, format!("{head}{took}{hidden}")));
    if let Some(next) = next(summary) {
        page.prose(0, (Label::Help, "next: "), Label::Plain, next);
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

fn causes(because: &[Name]) -> String {
    match because {
        [] => String::new(),
        few if few.len() <= CAUSES => {
            let names: Vec<_> = few.iter().map(ToString::to_string).collect();
            format!("{} did not succeed", names.join(" and "))
        }
        many => format!("{} came first", FAILED_ACTION.count(many.len())),
    }
}

fn sum(
    summary: &OutcomeSummary,
    actions: &[ReportView],
    unchanged: usize,
    interrupted: bool,
    style: &Style,
) -> String {
    let mut because: Vec<Name> = Vec::new();
    for name in actions.iter().flat_map(|report| &report.because) {
        if !because.contains(name) {
            because.push(name.clone());
        }
    }
    let parts: Vec<_> = summary
        .counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(outcome, count)| match outcome {
            ActionOutcome::Skipped if !because.is_empty() => {
                format!("{count} skipped (because {})", causes(&because))
            }
            ActionOutcome::NotStarted => format!("{count} not started"),
            other => format!("{count} {}", other.name()),
        })
        .collect();
    let word = if interrupted { "Interrupted" } else { "Apply" };
    match summary.total {
        0 => super::nothing_to_do(unchanged),
        total => {
            format!("{word}: {}{}{}", parts.join(", "), style.separator(), ACTION.count(total))
        }
    }
}

/// What to do next, by what matters most.
fn next(summary: &OutcomeSummary) -> Option<&'static str> {
    let any = |outcomes: &[ActionOutcome]| outcomes.iter().any(|outcome| summary.count(*outcome) > 0);
    if any(&[ActionOutcome::Unknown]) {
        Some(
            "run `mxkeep apply` again: it looks at what the platform made of the requests, and repeats nothing",
        )
    } else if any(&[ActionOutcome::Failed]) {
        Some("correct what failed, and run `mxkeep apply` again: what is done is not repeated")
    } else if any(&[ActionOutcome::Refused]) {
        Some("run `mxkeep plan` and look at what has changed meanwhile")
    } else if any(&[ActionOutcome::Cancelled, ActionOutcome::NotStarted, ActionOutcome::Skipped]) {
        Some("run `mxkeep apply` again: it goes on where this run ended")
    } else if any(&[ActionOutcome::Waiting]) {
        Some("run the command above, then `mxkeep apply` again: it goes on by itself")
    } else if any(&[ActionOutcome::Blocked]) {
        Some("see what blocks the rest; everything else is as declared")
    } else {
        None
    }
}
