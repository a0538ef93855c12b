//! A plan.

use maud::{Markup, html};

use super::page::{Item, Page, Section};
use super::{Links, at, changes, compared, head, notes, place, prose, unmanaged, unreadable};
use crate::plan::Verb;
use crate::render::parts::{PARTS, Part, part};
use crate::render::text::human_commands;
use crate::render::view::{ActionView, PlanView, StatusView, plan_graph};
use crate::render::words::{plan_sum, production_effects};

pub(super) fn page(view: &PlanView, links: Links<'_>) -> Page {
    let section = |(wanted, title): &(Part, &str)| Section {
        title: (*title).to_owned(),
        items: view
            .actions
            .iter()
            .filter(|action| part(action) == *wanted)
            .map(|action| item(action, links))
            .collect(),
    };
    let mut sections: Vec<Section> = PARTS.iter().map(section).collect();
    sections.push(Section {
        title: "Drift that is left as it is".to_owned(),
        items: view.drift.iter().map(|drifted| super::drift::item(drifted, links)).collect(),
    });
    sections.push(commands(&view.actions));
    sections.push(notes(&view.notes, links));
    sections.push(unreadable(&view.unreadable, links));
    sections.push(unmanaged("Live, declared nowhere, and left alone", &view.unmanaged));
    Page {
        title: format!("mxkeep plan: {}", view.estate),
        sum: plan_sum(view).join(" · "),
        alarm: production_effects(&view.summary.production)
            .map(|effects| format!("On production: {effects}")),
        sections,
        graph: Some(plan_graph(view)),
        foot: Some(html! {
            "Plan " code { (view.digest) } " · made " (view.created) " at " code { (view.api) }
            (compared(view.revisions.as_ref()))
        }),
        ..Page::default()
    }
}

fn item(action: &ActionView, links: Links<'_>) -> Item {
    let (state, look) = match &action.status {
        StatusView::Ready => (action.verb.name(), look(action.verb)),
        held => (held.name(), "held"),
    };
    let is_open = matches!(part(action), Part::Destructive | Part::Conflict);
    Item { state, look, head: head(action), body: Some(body(action, links)), is_open }
}

pub(super) const fn look(verb: Verb) -> &'static str {
    match verb {
        Verb::Create => "create",
        Verb::Update | Verb::Restart | Verb::Scale => "update",
        Verb::Delete => "delete",
    }
}

fn body(action: &ActionView, links: Links<'_>) -> Markup {
    html! {
        @match &action.status {
            StatusView::Ready => {}
            StatusView::Blocked { code, reason, help, place, is_guard } => {
                p { strong { "Blocked: " } (prose(reason)) " (" code { (code) } ")" (at(links, place.as_ref())) }
                @if let Some(help) = help { p { strong { "Help: " } (prose(help)) } }
                @if *is_guard { p { "To let it through: " code { "--waive " (action.digest) } } }
            }
            StatusView::Waiting { code, reason, .. } => {
                p { strong { "Waiting: " } (prose(reason)) " (" code { (code) } ")" }
            }
        }
        @for waived in &action.waived {
            p { strong { "Waived: " } (prose(&waived.reason)) " (" code { (waived.code) } ")" (at(links, waived.place.as_ref())) }
        }
        @if action.verb == Verb::Delete {
            p { "Reason: " (prose(&action.reason)) }
        }
        (changes(&action.changes, links))
        p.facts {
            "Asked for at " (place(links, &action.place)) " · digest " code { (action.digest) }
            @if !action.needs.is_empty() {
                " · after "
                @for (index, need) in action.needs.iter().enumerate() { @if index > 0 { ", " } code { (need) } }
            }
        }
    }
}

/// The commands that actions wait for, each once.
pub(super) fn commands<'v>(actions: impl IntoIterator<Item = &'v ActionView>) -> Section {
    let item = |(on, command, waiting): (&str, &str, usize)| {
        let on = crate::render::Name::new(on);
        let head = html! {
            span { "For " span.address { (on) } ", " (waiting) " waiting: run where " code { "kubectl" } " reaches the cluster" }
        };
        let body = html! { pre tabindex="0" aria-label="Command" { (crate::render::Name::new(command)) } };
        Item { state: "waiting", look: "held", head, body: Some(body), is_open: true }
    };
    let title = "Waiting for a person".to_owned();
    Section { title, items: human_commands(actions).into_iter().map(item).collect() }
}
