//! Notes, places and unmanaged resources: what plan and drift have in common.

use std::collections::BTreeMap;

use crate::render::layout::{Line, Page};
use crate::render::plural::{LIVE_RESOURCE, MORE_NOTE};
use crate::render::sanitise::{Message, Name};
use crate::render::style::Label;
use crate::render::view::{NoteSeverity, NoteView, Place, UnmanagedView, WaivedView};

/// How many notes with one code are shown. Warnings and errors are never left out.
const NOTES_OF_A_CODE: usize = 3;
/// How many unmanaged resources are shown when there are many.
const UNMANAGED: usize = 5;

/// Shows notes: errors, warnings, then what is only to be known, of which repetitions are counted.
pub(super) fn notes(page: &mut Page<'_>, notes: &[NoteView]) {
    page.blank();
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    for note in notes {
        let count = shown.entry(note.code.as_str()).or_default();
        *count += 1;
        if note.severity != NoteSeverity::Info || *count <= NOTES_OF_A_CODE {
            show(page, note);
        }
    }
    let infos = |code: &str| {
        notes.iter().filter(|note| note.code == code && note.severity == NoteSeverity::Info).count()
    };
    for code in shown.into_keys() {
        if let Some(more) = infos(code).checked_sub(NOTES_OF_A_CODE).filter(|more| *more > 0) {
            let text =
                format!("{} and {} like this [{code}]", page.style().ellipsis(), MORE_NOTE.count(more));
            page.line(&Line::new(0).add(Label::Dim, text));
        }
    }
}

fn show(page: &mut Page<'_>, note: &NoteView) {
    let NoteView { severity, code, address, message, help, place } = note;
    let (label, word) = match severity {
        NoteSeverity::Error => (Label::Error, "error: "),
        NoteSeverity::Warning => (Label::Warning, "warning: "),
        NoteSeverity::Info => (Label::Note, "note: "),
    };
    let address = address.as_ref().map(|address| format!("{address}: ")).unwrap_or_default();
    // What is only to be known is kept short.
    let is_short = *severity == NoteSeverity::Info;
    let inline = place.as_ref().filter(|_| is_short).map(|place| format!(" at {place}")).unwrap_or_default();
    page.prose(0, (label, word), Label::Plain, &format!("{address}{message} [{code}]{inline}"));
    if let Some(place) = place.as_ref().filter(|_| !is_short) {
        at(page, 2, place);
    }
    help_line(page, 2, help.as_ref());
}

/// Shows a guard that was waived.
pub(super) fn waived(page: &mut Page<'_>, indent: usize, view: &WaivedView) {
    let WaivedView { code, reason, place } = view;
    page.prose(indent, (Label::Warning, "waived: "), Label::Plain, &format!("{reason} [{code}]"));
    if let Some(place) = place {
        at(page, indent + 2, place);
    }
}

/// Shows where something was written.
pub(super) fn at(page: &mut Page<'_>, indent: usize, place: &Place) {
    page.line(&Line::new(indent).add(Label::Dim, "at ").add(Label::Place, place.to_string()));
}

/// Shows what to do.
pub(super) fn help_line(page: &mut Page<'_>, indent: usize, help: Option<&Message>) {
    if let Some(help) = help {
        page.prose(indent, (Label::Help, "help: "), Label::Plain, help.as_str());
    }
}

/// Shows what is live and declared nowhere: the first few when there are many.
pub(super) fn unmanaged(page: &mut Page<'_>, unmanaged: &[UnmanagedView]) {
    if unmanaged.is_empty() {
        return;
    }
    page.blank();
    let verb = if unmanaged.len() == 1 { "is" } else { "are" };
    let head = format!("{} {verb} declared nowhere, and left alone:", LIVE_RESOURCE.count(unmanaged.len()));
    page.line(&Line::new(0).add(Label::Plain, head));
    // Leaving out a single one saves no line.
    let most = if unmanaged.len() <= UNMANAGED + 1 { unmanaged.len() } else { UNMANAGED };
    let line = |address: &Name| Line::new(4).add(Label::Plain, address.to_string());
    let shown = unmanaged.iter().take(most);
    let column =
        shown.clone().map(|UnmanagedView { address, id: _ }| line(address).width()).max().unwrap_or(0);
    for UnmanagedView { address, id } in shown {
        page.line_and(line(address), column, format!("({id})"));
    }
    if let Some(more) = unmanaged.len().checked_sub(most).filter(|more| *more > 0) {
        let text = format!("{} and {more} more", page.style().ellipsis());
        page.line(&Line::new(4).add(Label::Dim, text));
    }
}
