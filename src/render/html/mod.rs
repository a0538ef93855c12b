//! A report as one page that needs nothing else: no network, and no script to be read. A script adds a search.
//!
//! What the page may do is written into it: a content security policy allows its own style and its own script, known by
//! their hashes, and nothing else, so that text which somebody smuggled in could not act either.

mod drift;
mod findings;
mod outcome;
mod page;
mod plan;

use maud::{Markup, html};

use super::Report;
use super::links::Links;
use super::sanitise::Message;
use super::style::Style;
use super::view::{ActionView, ChangeView, NoteView, Place, RevisionsView, UnmanagedView, UnreadableView};
use super::{difference, parts};
use page::{Item, Section};

/// Writes a report as a page.
pub(super) fn report(report: &Report, style: &Style) -> String {
    let links = Links(style.links.as_deref());
    match report {
        Report::Plan(view) => plan::page(view, links),
        Report::Drift(view) => drift::page(view, links),
        Report::Outcome(view) => outcome::page(view, links),
        Report::Findings(view) => findings::page(view, links),
    }
    .finish()
}

/// A place, as a link where that is possible.
fn place(links: Links<'_>, place: &Place) -> Markup {
    let shown = format!("{}:{}", place.file, place.line);
    html! {
        @match links.url(place) {
            Some(url) => a href=(url) rel="noreferrer" { code { (shown) } },
            None => code { (shown) },
        }
    }
}

/// A text in which what stands between backticks is code; a backtick without a second is one.
fn prose(text: &Message) -> Markup {
    let pieces: Vec<&str> = text.as_str().split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return html! { (text) };
    }
    html! {
        @for (index, piece) in pieces.iter().enumerate() {
            @if index % 2 == 0 { (piece) } @else { code { (piece) } }
        }
    }
}

/// ` at ` and a place.
fn at(links: Links<'_>, at: Option<&Place>) -> Markup {
    html! { @if let Some(at) = at { " at " (place(links, at)) } }
}

/// The fields of a resource as a difference, with the places that ask for them.
fn changes(changes: &[ChangeView], links: Links<'_>) -> Markup {
    let mut places: Vec<&Place> = changes.iter().filter_map(|change| change.place.as_ref()).collect();
    places.sort_by_key(|place| (place.file.exact(), place.line));
    places.dedup_by_key(|place| (place.file.exact(), place.line));
    html! {
        @if !changes.is_empty() {
            pre tabindex="0" aria-label="Changes" {
                @for line in changes.iter().flat_map(difference::lines) {
                    span class=[class(&line)] { (line) }
                }
            }
        }
        @if !places.is_empty() {
            p.facts { "Declared at "
                @for (index, at) in places.iter().enumerate() { @if index > 0 { ", " } (place(links, at)) }
            }
        }
    }
}

fn class(line: &str) -> Option<&'static str> {
    match line.chars().next() {
        Some('+') => Some("add"),
        Some('-') => Some("del"),
        _ => None,
    }
}

/// The head of an action: its verb, its resource, and what has to be seen without opening it.
fn head(action: &ActionView) -> Markup {
    html! {
        span.sign aria-hidden="true" { (parts::symbol(action.verb)) }
        span { (action.verb) }
        span.address { (action.address) }
        @for tag in parts::tags(action) {
            span.tag.strong[is_strong(tag)] { (tag) }
        }
    }
}

fn is_strong(tag: &str) -> bool {
    matches!(tag, "production" | "stop" | "data-loss")
}

fn notes(notes: &[NoteView], links: Links<'_>) -> Section {
    let item = |note: &NoteView| {
        let NoteView { severity, code, address, message, help, place } = note;
        let head = html! {
            span.tag.strong[*severity != super::view::NoteSeverity::Info] { (severity.name()) }
            @if let Some(address) = address { span.address { (address) } }
            span { (prose(message)) " (" code { (code) } ")" (at(links, place.as_ref())) }
            @if let Some(help) = help { span { "Help: " (prose(help)) } }
        };
        Item::line("note", "plain", head)
    };
    Section { title: "Notes".to_owned(), items: notes.iter().map(item).collect() }
}

fn unmanaged(title: &str, strangers: &[UnmanagedView]) -> Section {
    let item = |UnmanagedView { address, id }: &UnmanagedView| {
        Item::line("unmanaged", "plain", html! { span.address { (address) } span.facts { (id) } })
    };
    Section { title: title.to_owned(), items: strangers.iter().map(item).collect() }
}

fn unreadable(unread: &[UnreadableView], links: Links<'_>) -> Section {
    let item = |view: &UnreadableView| {
        let head = html! {
            span.address { (view.address) }
            span { (prose(&view.reason)) " at " (place(links, &view.place)) }
        };
        Item::line("unreadable", "held", head)
    };
    Section { title: "Unreadable with this token".to_owned(), items: unread.iter().map(item).collect() }
}

/// What the files were compared with.
fn compared(revisions: Option<&RevisionsView>) -> Markup {
    html! {
        @if let Some(revisions) = revisions {
            " · compared with " code { (revisions.reference) } " (" code { (revisions.short()) } ")"
        }
    }
}
