//! Drift, for people: what the live side does differently.

use super::changes::{self, Told};
use super::notes;
use crate::plan::drift::DriftState;
use crate::render::layout::{Line, Page};
use crate::render::plural::{LIVE_RESOURCE, number};
use crate::render::style::{Label, Style};
use crate::render::view::{DriftSummary, DriftView, DriftedView};

/// Writes a drift report.
pub(in crate::render) fn drift(view: &DriftView, style: &Style) -> String {
    let DriftView { estate, summary, resources, unreadable: _, unmanaged, notes } = view;
    let mut page = Page::new(style);
    page.line(&Line::new(0).add(Label::Heading, format!("Estate {estate}")));
    for resource in resources {
        page.blank();
        show(&mut page, resource);
    }
    notes::notes(&mut page, notes);
    notes::unmanaged(&mut page, unmanaged);
    page.blank();
    sum(&mut page, summary);
    page.finish()
}

fn show(page: &mut Page<'_>, resource: &DriftedView) {
    let DriftedView { address, state, changes, place } = resource;
    let (label, head, says) = match state {
        DriftState::Drifted => (Label::Update, "~ drifted", None),
        DriftState::Missing => (Label::Delete, "- missing", Some("declared, and not live")),
        DriftState::NotRemoved => {
            (Label::Create, "+ not removed", Some("live, although a tombstone says that it is gone"))
        }
        DriftState::Failed => {
            (Label::Danger, "! failed", Some("as declared, and the platform reports the state `Failed`"))
        }
    };
    let line = Line::new(0).add(label, head).add(Label::Plain, " ").add(Label::Address, address.to_string());
    page.line_at(line, 0, place);
    if let Some(says) = says {
        page.prose(4, (Label::Plain, ""), Label::Plain, says);
    }
    changes::differences(page, changes, Told::AsDrift);
}

fn sum(page: &mut Page<'_>, summary: &DriftSummary) {
    let DriftSummary { drifted, missing, not_removed, failed, unreadable, unmanaged, managed, coverage } =
        summary;
    let parts: Vec<_> =
        [(*drifted, "drifted"), (*missing, "missing"), (*not_removed, "not removed"), (*failed, "failed")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{} {word}", number(count)))
            .collect();
    let head = if parts.is_empty() && *unreadable > 0 {
        "No drift in what could be read".to_owned()
    } else if parts.is_empty() {
        "No drift: live state is as declared".to_owned()
    } else {
        format!("Drift: {}", parts.join(", "))
    };
    // Rounded down: 100 % is said only when it is all of them.
    let share = (coverage * 100.0).floor();
    let live = LIVE_RESOURCE.count(managed + unmanaged);
    let separator = page.style().separator();
    let hidden = if *unreadable > 0 {
        format!("{separator}{} unreadable", number(*unreadable))
    } else {
        String::new()
    };
    let text = format!("{head}{hidden}{separator}managed {} of {live} ({share} %)", number(*managed));
    page.line(&Line::new(0).add(Label::Heading, text));
}
