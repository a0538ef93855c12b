//! A report as a comment on a pull request, in GitHub's Markdown; GitLab and Azure DevOps read the same.
//!
//! `escape` keeps what somebody else wrote from being more than text, `document` keeps the comment short enough, and a
//! file for each sort of report says what stands in it.

mod changes;
mod document;
mod drift;
mod escape;
mod findings;
mod outcome;
mod plan;

use super::Report;
use super::links::{Links, encode};
use super::sanitise::Name;
use super::style::Style;
use super::view::{NoteSeverity, NoteView, Place, RevisionsView, UnmanagedView};
use document::Item;
use escape::{code, prose};

/// Writes a report as Markdown.
pub(super) fn report(report: &Report, style: &Style) -> String {
    let links = Links(style.links.as_deref());
    match report {
        Report::Plan(view) => plan::document(view, links),
        Report::Drift(view) => drift::document(view, links),
        Report::Outcome(view) => outcome::document(view, links),
        Report::Findings(view) => findings::document(view, links),
    }
    .finish()
}

/// A place, as a link where that is possible.
fn place(links: Links<'_>, place: &Place) -> String {
    let shown = code(&format!("{}:{}", place.file, place.line));
    match links.url(place) {
        Some(url) => format!("[{shown}](<{url}>)"),
        None => shown,
    }
}

/// The line by which a pipeline finds its comment again.
fn marker(kind: &str, estate: &Name) -> String {
    format!("<!-- mxkeep:{kind}:{} -->", encode(estate.exact()).replace('/', "%2F").replace("--", "-%2D"))
}

fn heading(kind: &str, estate: &Name) -> String {
    format!("## mxkeep {kind}: {}", code(estate.exact()))
}

/// What the files were compared with.
fn compared(revisions: Option<&RevisionsView>) -> Option<String> {
    let revisions = revisions?;
    Some(format!("Compared with {} ({})", code(&revisions.reference.to_string()), code(revisions.short())))
}

/// Notes: errors and warnings are cut after most else, what is only to be known first.
fn notes(notes: &[NoteView], links: Links<'_>) -> Vec<Item> {
    let item = |note: &NoteView| {
        let NoteView { severity, code: stable, address, message, help, place: at } = note;
        let rank = match severity {
            NoteSeverity::Error => 1,
            NoteSeverity::Warning => 4,
            NoteSeverity::Info => 7,
        };
        let name = address.as_ref().map_or_else(|| code(stable), |address| code(address.exact()));
        let address = address.as_ref().map(|it| format!("{}: ", code(it.exact()))).unwrap_or_default();
        let help =
            help.as_ref().map(|help| format!(" **Help:** {}", prose(help.as_str()))).unwrap_or_default();
        let place = at.as_ref().map(|at| format!(" at {}", place(links, at))).unwrap_or_default();
        let line = format!(
            "**{}:** {address}{} ({}){place}.{help}",
            severity.name(),
            prose(message.as_str()),
            code(stable)
        );
        Item::line(rank, name, line)
    };
    let mut items: Vec<_> = notes.iter().map(item).collect();
    items.sort_by_key(|item| item.rank);
    items
}

fn unmanaged(unmanaged: &[UnmanagedView]) -> Vec<Item> {
    let item = |UnmanagedView { address, id }: &UnmanagedView| {
        let name = code(address.exact());
        Item::line(8, name.clone(), format!("{name} ({})", code(id.exact())))
    };
    unmanaged.iter().map(item).collect()
}
