//! Drift, for people: what the live side does differently.

use super::changes::{self, Told};
use super::notes;
use super::plan::compared;
use crate::plan::drift::DriftState;
use crate::render::layout::{Line, Page};
use crate::render::style::{Label, Style};
use crate::render::view::{DriftView, DriftedView};
use crate::render::words::drift_sum;

/// Writes a drift report.
pub(in crate::render) fn drift(view: &DriftView, style: &Style) -> String {
    let DriftView { estate, created: _, revisions, summary, resources, unreadable: _, unmanaged, notes } =
        view;
    let mut page = Page::new(style);
    let head = Line::new(0).add(Label::Heading, format!("Estate {estate}"));
    page.line(&compared(head, revisions.as_ref()));
    for resource in resources {
        page.blank();
        show(&mut page, resource);
    }
    notes::notes(&mut page, notes);
    notes::unmanaged(&mut page, unmanaged);
    page.blank();
    page.line(&Line::new(0).add(Label::Heading, drift_sum(summary).join(style.separator())));
    page.finish()
}

/// Shows a resource that is not as declared.
pub(super) fn show(page: &mut Page<'_>, resource: &DriftedView) {
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
