//! The end of a run: what went wrong first, and what to do next.

use super::changes::difference;
use super::document::{Document, Item};
use super::escape::{block, code, command, html_code, prose, short};
use super::plan::{commands, headline};
use super::{Links, compared, heading, marker, place};
use crate::apply::ActionOutcome;
use crate::render::parts::title;
use crate::render::view::{OutcomeView, ReportView};
use crate::render::words::{ATTENTION, causes, duration, next, outcome_sum};

/// How many lines of the log of a build are shown.
const LOG: usize = 30;

pub(super) fn document(view: &OutcomeView, links: Links<'_>) -> Document {
    let OutcomeView {
        estate,
        digest,
        revisions,
        interrupted: _,
        unchanged: _,
        unreadable,
        duration: _,
        summary,
        actions,
        journal: _,
        resume,
    } = view;
    let mut document = Document { marker: marker("apply", estate), ..Document::default() };
    document.head.push(heading("apply", estate));
    document.head.push(format!("**{}**", prose(&outcome_sum(view).join(" · "))));
    match resume {
        Some(resume) => document.head.push(format!("**Next:** {}", command(resume.exact()))),
        None => document.head.extend(next(summary).map(|next| format!("**Next:** {}", prose(next)))),
    }
    for outcome in ATTENTION {
        let of = actions.iter().filter(|report| report.outcome == outcome);
        document.section(title(outcome), of.map(|report| item(report, links)).collect());
    }
    let is_waiting = |report: &&ReportView| report.outcome == ActionOutcome::Waiting;
    document
        .section("Waiting for a person", commands(actions.iter().filter(is_waiting).map(|it| &it.action)));
    let unread = unreadable.iter().map(|view| {
        let name = code(view.address.exact());
        let line = format!("{name}: could not be read, and was left alone: {}", prose(view.reason.as_str()));
        Item::line(4, name, line)
    });
    document.section("Unreadable", unread.collect());
    let compared = compared(revisions.as_ref()).map(|it| format!(" · {it}")).unwrap_or_default();
    document.foot.push(format!("<sub>Plan {}{compared}</sub>", code(digest)));
    document
}

fn item(report: &ReportView, links: Links<'_>) -> Item {
    let ReportView { action, outcome, job, verified, duration: took, error, warnings, package, log, because } =
        report;
    let rank = ATTENTION.iter().position(|other| other == outcome).map_or(9, |place| place.min(9) as u8);
    let mut facts = Vec::new();
    facts.extend((!took.is_zero()).then(|| duration(*took)));
    facts.extend(verified.then(|| "verified".to_owned()));
    let mut parts = Vec::new();
    if let Some(error) = error.as_ref().filter(|error| !error.is_consequence || because.is_empty()) {
        let place = error.place.as_ref().map(|at| format!(" at {}", place(links, at))).unwrap_or_default();
        parts.push(format!("{} ({}){place}", prose(error.message.as_str()), code(&error.code)));
        parts.extend(error.help.as_ref().map(|help| format!("**Help:** {}", prose(help.as_str()))));
    }
    if !because.is_empty() {
        parts.push(format!("Because {}", prose(&causes(because))));
    }
    parts.extend(job.as_ref().map(|job| format!("Job {}", code(job.exact()))));
    parts.extend(package.as_ref().map(|package| format!("Package {}", code(package.exact()))));
    parts.extend(warnings.iter().map(|warning| format!("**Warning:** {}", prose(warning.as_str()))));
    parts.extend(
        action
            .waived
            .iter()
            .map(|waived| format!("**Waived:** {} ({})", prose(waived.reason.as_str()), code(&waived.code))),
    );
    if !log.is_empty() {
        let lines = log.iter().rev().take(LOG).rev();
        let lines: String = lines.map(|line| format!("{}\n", short(line.as_str(), 300))).collect();
        parts.push(block("text", &lines));
    }
    if *outcome != ActionOutcome::Done {
        let changes = difference(&action.changes, links);
        parts.extend((!changes.is_empty()).then_some(changes));
    }
    let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) };
    let name = code(action.address.exact());
    let (line, summary) =
        (format!("{}{facts}", headline(action, code)), format!("{}{facts}", headline(action, html_code)));
    let is_open = matches!(outcome, ActionOutcome::Failed | ActionOutcome::Unknown | ActionOutcome::Refused);
    Item { rank, name, line, summary, details: parts.join("\n\n"), is_open }
}
