//! A drift report.

use maud::html;

use super::page::{Item, Page, Section};
use super::{Links, changes, compared, notes, place, unmanaged, unreadable};
use crate::plan::drift::DriftState;
use crate::render::parts::STATES;
use crate::render::view::{DriftView, DriftedView};
use crate::render::words::drift_sum;

pub(super) fn page(view: &DriftView, links: Links<'_>) -> Page {
    let section = |(state, title): &(DriftState, &str)| Section {
        title: (*title).to_owned(),
        items: view
            .resources
            .iter()
            .filter(|resource| resource.state == *state)
            .map(|it| item(it, links))
            .collect(),
    };
    let mut sections: Vec<Section> = STATES.iter().map(section).collect();
    sections.push(notes(&view.notes, links));
    sections.push(unreadable(&view.unreadable, links));
    sections.push(unmanaged("Live, and declared nowhere", &view.unmanaged));
    let read = view.created.map(|created| html! { "Read " (created) });
    Page {
        title: format!("mxkeep drift: {}", view.estate),
        sum: drift_sum(&view.summary).join(" · "),
        sections,
        foot: Some(html! { (read.unwrap_or_default()) (compared(view.revisions.as_ref())) }),
        ..Page::default()
    }
}

/// A resource that is not as declared.
pub(super) fn item(resource: &DriftedView, links: Links<'_>) -> Item {
    let DriftedView { address, state, changes: differs, place: at } = resource;
    let look = match state {
        DriftState::Missing | DriftState::Failed => "failed",
        DriftState::Drifted => "update",
        DriftState::NotRemoved => "delete",
    };
    let head = html! {
        span.sign aria-hidden="true" { "~" }
        span.address { (address) }
        span.tag { (state.name()) }
    };
    let body = html! {
        @if !differs.is_empty() { p.facts { "Live is -, declared is +." } }
        (changes(differs, links))
        p.facts { "Declared at " (place(links, at)) }
    };
    Item { state: state.name(), look, head, body: Some(body), is_open: false }
}
