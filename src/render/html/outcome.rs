//! The end of a run.

use std::time::Duration;

use maud::{Markup, html};

use super::page::{Item, Page, Section};
use super::{Links, at, changes, compared, head, prose, unreadable};
use crate::apply::ActionOutcome;
use crate::render::Message;
use crate::render::parts::title;
use crate::render::view::{OutcomeView, ReportView, outcome_graph};
use crate::render::words::{ATTENTION, causes, duration, next, outcome_sum};

pub(super) fn page(view: &OutcomeView, links: Links<'_>) -> Page {
    let section = |outcome: &ActionOutcome| Section {
        title: title(*outcome).to_owned(),
        items: view
            .actions
            .iter()
            .filter(|report| report.outcome == *outcome)
            .map(|it| item(it, links))
            .collect(),
    };
    let mut sections: Vec<Section> = ATTENTION.iter().map(section).collect();
    let waits = view.actions.iter().filter(|report| report.outcome == ActionOutcome::Waiting);
    sections.push(super::plan::commands(waits.map(|report| &report.action)));
    sections.push(unreadable(&view.unreadable, links));
    let go_on = match &view.resume {
        Some(resume) => Some(html! { strong { "Next: " } code { (resume) } }),
        None => next(&view.summary).map(|next| html! { strong { "Next: " } (prose(&Message::new(next))) }),
    };
    Page {
        title: format!("mxkeep apply: {}", view.estate),
        sum: outcome_sum(view).join(" · "),
        next: go_on,
        sections,
        graph: Some(outcome_graph(view)),
        times: times(view),
        foot: Some(html! { "Plan " code { (view.digest) } (compared(view.revisions.as_ref())) }),
        ..Page::default()
    }
}

/// What an end looks like.
const fn look(outcome: ActionOutcome) -> &'static str {
    match outcome {
        ActionOutcome::Done => "done",
        ActionOutcome::Failed | ActionOutcome::Unknown => "failed",
        ActionOutcome::Refused | ActionOutcome::Blocked | ActionOutcome::Waiting => "held",
        ActionOutcome::Skipped | ActionOutcome::Cancelled | ActionOutcome::NotStarted => "plain",
    }
}

fn item(report: &ReportView, links: Links<'_>) -> Item {
    let ReportView { action, outcome, job, verified, duration: took, error, warnings, package, log, because } =
        report;
    let head = html! {
        (head(action))
        @if *verified { span.tag { "verified" } }
        @if !took.is_zero() { span.facts { (duration(*took)) } }
    };
    let told = error.as_ref().filter(|error| !error.is_consequence || because.is_empty());
    let body = html! {
        @if let Some(error) = told {
            p { (prose(&error.message)) " (" code { (error.code) } ")" (at(links, error.place.as_ref())) }
            @if let Some(help) = &error.help { p { strong { "Help: " } (prose(help)) } }
        }
        @if !because.is_empty() { p { "Because " (causes(because)) } }
        @for warning in warnings { p { strong { "Warning: " } (prose(warning)) } }
        @for waived in &action.waived {
            p { strong { "Waived: " } (prose(&waived.reason)) " (" code { (waived.code) } ")" }
        }
        @if !log.is_empty() {
            pre tabindex="0" aria-label="Log" { @for line in log { span { (line) } } }
        }
        (changes(&action.changes, links))
        @if let Some(job) = job { p.facts { "Job " code { (job) } } }
        @if let Some(package) = package { p.facts { "Package " code { (package) } } }
    };
    let is_open = matches!(outcome, ActionOutcome::Failed | ActionOutcome::Unknown | ActionOutcome::Refused);
    Item { state: outcome.name(), look: look(*outcome), head, body: Some(body), is_open }
}

/// A bar for everything that took time, the longest first.
fn times(view: &OutcomeView) -> Option<Markup> {
    let mut took: Vec<&ReportView> =
        view.actions.iter().filter(|report| !report.duration.is_zero()).collect();
    took.sort_by(|one, other| {
        other.duration.cmp(&one.duration).then_with(|| one.action.address.cmp(&other.action.address))
    });
    let longest = took.first()?.duration;
    let (shown, rest) = took.split_at(took.len().min(MOST_BARS));
    Some(html! {
        table.bars {
            caption.facts { "The longest first; the whole run took " (duration(view.duration)) }
            tbody {
                @for report in shown {
                    tr.(look(report.outcome)) {
                        th scope="row" { (report.action.verb) " " span.address { (report.action.address) } }
                        td { (duration(report.duration)) }
                        td.bar { (bar(report.duration, longest)) }
                    }
                }
            }
        }
        @if !rest.is_empty() { p.facts { (rest.len()) " more were quicker" } }
    })
}

/// How many bars are drawn.
const MOST_BARS: usize = 200;

fn bar(took: Duration, longest: Duration) -> Markup {
    let share = took.as_secs_f64() / longest.as_secs_f64().max(f64::MIN_POSITIVE) * 100.0;
    html! {
        svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
            rect width=(format!("{:.1}", share.max(0.5))) height="10" {}
        }
    }
}
