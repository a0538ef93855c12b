//! The page around the items of a report.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::render::graph::{SVG_STYLE, svg_element};
use crate::render::view::GraphView;

const STYLE: &str = include_str!("assets/page.css");
const SCRIPT: &str = include_str!("assets/filter.js");

/// Beyond so many boxes a picture helps nobody, and takes long to draw.
const MOST_BOXES: usize = 1_000;

/// What a page shows.
#[derive(Default)]
pub(super) struct Page {
    /// What it is about.
    pub(super) title: String,
    /// What it comes to.
    pub(super) sum: String,
    /// What must not be overlooked.
    pub(super) alarm: Option<String>,
    /// What to do next.
    pub(super) next: Option<Markup>,
    pub(super) sections: Vec<Section>,
    /// What needs what.
    pub(super) graph: Option<GraphView>,
    /// How long what took.
    pub(super) times: Option<Markup>,
    pub(super) foot: Option<Markup>,
}

/// Items under a title. One without items is not shown.
pub(super) struct Section {
    pub(super) title: String,
    pub(super) items: Vec<Item>,
}

/// One thing that was found or is to be done.
pub(super) struct Item {
    /// What it is filtered by.
    pub(super) state: &'static str,
    /// What it looks like.
    pub(super) look: &'static str,
    pub(super) head: Markup,
    /// What is seen when it is opened.
    pub(super) body: Option<Markup>,
    pub(super) is_open: bool,
}

impl Item {
    /// An item that says everything in its head.
    pub(super) fn line(state: &'static str, look: &'static str, head: Markup) -> Item {
        Item { state, look, head, body: None, is_open: false }
    }

    fn markup(&self) -> Markup {
        let Item { state, look, head, body, is_open } = self;
        html! {
            @match body {
                Some(body) => details.item.(look) data-state=(state) open[*is_open] {
                    summary { (head) }
                    .body { (body) }
                },
                None => .item.(look) data-state=(state) { .only { (head) } },
            }
        }
    }
}

impl Page {
    pub(super) fn finish(self) -> String {
        let Page { title, sum, alarm, next, sections, graph, times, foot } = self;
        let style = format!("{STYLE}{SVG_STYLE}");
        let policy = format!(
            "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
            hash(&style),
            hash(SCRIPT)
        );
        let sections: Vec<_> = sections.into_iter().filter(|section| !section.items.is_empty()).collect();
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy);
                    meta name="viewport" content="width=device-width,initial-scale=1";
                    meta name="referrer" content="no-referrer";
                    title { (title) }
                    style { (PreEscaped(&style)) }
                }
                body {
                    header {
                        h1 { (title) }
                        p.sum { (sum) }
                        @if let Some(alarm) = alarm { p.alarm { (alarm) } }
                        @if let Some(next) = next { p { (next) } }
                    }
                    main {
                        @if !sections.is_empty() { (filter(&sections)) }
                        @for section in &sections {
                            section.items {
                                h2 { (section.title) " (" (section.items.len()) ")" }
                                @for item in &section.items { (item.markup()) }
                            }
                        }
                        @if let Some(times) = times { section { h2 { "How long it took" } (times) } }
                        @if let Some(graph) = graph.filter(|graph| !graph.nodes.is_empty()) { (picture(&graph)) }
                    }
                    footer { @if let Some(foot) = foot { p { (foot) } } }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        };
        page.into_string() + "\n"
    }
}

/// The form that the script brings to life; without it, it is not there.
fn filter(sections: &[Section]) -> Markup {
    let mut states: Vec<&str> =
        sections.iter().flat_map(|section| &section.items).map(|item| item.state).collect();
    states.sort_unstable();
    states.dedup();
    html! {
        form hidden role="search" {
            label { "Search" input type="search" name="text" autocomplete="off"; }
            label { "Show"
                select name="state" {
                    option value="" { "everything" }
                    @for state in states { option value=(state) { (state) } }
                }
            }
            button type="button" name="open" { "Open or close all" }
            button type="reset" { "Clear" }
            output id="count" .facts aria-live="polite" {}
        }
    }
}

fn picture(graph: &GraphView) -> Markup {
    html! {
        section {
            h2 { "What needs what" }
            @if graph.nodes.len() > MOST_BOXES {
                p { "The graph has " (graph.nodes.len()) " boxes, and is not drawn here; "
                    code { "mxkeep graph --plan FILE --format svg" } " draws it." }
            } @else {
                .scroll tabindex="0" role="group" aria-label="Graph" { (PreEscaped(svg_element(graph))) }
            }
        }
    }
}

/// How a policy knows a text.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}
