//! A drift report, for an issue or a message of a schedule.

use super::changes::difference;
use super::document::{Document, Item};
use super::escape::{code, html_code, prose};
use super::{Links, compared, heading, marker, notes, place, unmanaged};
use crate::plan::drift::DriftState;
use crate::render::parts::STATES;
use crate::render::plural::LIVE_RESOURCE;
use crate::render::view::{DriftView, DriftedView};
use crate::render::words::drift_sum;

pub(super) fn document(view: &DriftView, links: Links<'_>) -> Document {
    let DriftView {
        estate,
        created: _,
        revisions,
        summary,
        resources,
        unreadable: _,
        unmanaged: strangers,
        notes: remarks,
    } = view;
    let mut document = Document { marker: marker("drift", estate), ..Document::default() };
    document.head.push(heading("drift", estate));
    document.head.push(format!("**{}**", prose(&drift_sum(summary).join(" · "))));
    for (state, title) in STATES {
        let of = resources.iter().filter(|resource| resource.state == state);
        document.section(title, of.map(|resource| item(resource, links)).collect());
    }
    document.section("Notes", notes(remarks, links));
    let title = format!("{} declared nowhere", LIVE_RESOURCE.count(strangers.len()));
    document.section(title, unmanaged(strangers));
    document.foot.extend(compared(revisions.as_ref()).map(|it| format!("<sub>{it}</sub>")));
    document
}

/// A resource that is not as declared.
pub(super) fn item(resource: &DriftedView, links: Links<'_>) -> Item {
    let DriftedView { address, state, changes, place: at } = resource;
    let rank = match state {
        DriftState::Missing => 0,
        DriftState::Failed => 1,
        DriftState::Drifted => 2,
        DriftState::NotRemoved => 3,
    };
    let name = code(address.exact());
    let line = format!("{name}, declared at {}", place(links, at));
    let details = difference(changes, links);
    if details.is_empty() {
        return Item::line(rank, name, line);
    }
    let details = format!("Live is `-`, declared is `+`.\n\n{details}");
    Item { rank, name, line, summary: html_code(address.exact()), details, is_open: false }
}
