//! A plan, for the people who review it: what takes something away first, and never behind anything else.

use super::changes::difference;
use super::document::{Document, Item};
use super::escape::{code, command, html, html_code, prose};
use super::{Links, compared, heading, marker, notes, place, unmanaged};
use crate::plan::Verb;
use crate::render::parts::{PARTS, Part, part, symbol, tags};
use crate::render::plural::LIVE_RESOURCE;
use crate::render::text::human_commands;
use crate::render::view::{ActionView, PlanView, StatusView};
use crate::render::words::{plan_sum, production_effects};

pub(super) fn document(view: &PlanView, links: Links<'_>) -> Document {
    let PlanView {
        estate,
        api,
        places: _,
        created,
        digest,
        revisions,
        requests_made: _,
        requests_budget: _,
        summary,
        actions,
        drift,
        unreadable: _,
        unmanaged: strangers,
        notes: remarks,
    } = view;
    let mut document = Document { marker: marker("plan", estate), ..Document::default() };
    document.head.push(heading("plan", estate));
    document.head.push(format!("**{}**", prose(&plan_sum(view).join(" · "))));
    if let Some(effects) = production_effects(&summary.production) {
        document.head.push(format!("> **On production:** {effects}"));
    }
    let of = |wanted: Part| actions.iter().filter(|action| part(action) == wanted).collect::<Vec<_>>();
    for (wanted, title) in PARTS {
        document.section(title, of(wanted).into_iter().map(|action| item(action, links)).collect());
    }
    let left = drift.iter().map(|drifted| super::drift::item(drifted, links)).collect();
    document.section("Drift that is left as it is", left);
    document.section("Waiting for a person", commands(actions));
    document.section("Notes", notes(remarks, links));
    let title = format!("{} declared nowhere, and left alone", LIVE_RESOURCE.count(strangers.len()));
    document.section(title, unmanaged(strangers));
    let made = format!("Plan {} · made {created} at {}", code(digest), code(api.exact()));
    let compared = compared(revisions.as_ref()).map(|it| format!(" · {it}")).unwrap_or_default();
    document.foot.push(format!("<sub>{made}{compared}</sub>"));
    document
}

fn rank(action: &ActionView) -> u8 {
    match part(action) {
        Part::Destructive => 0,
        Part::Conflict => 1,
        Part::Held => 2,
        Part::Change if action.production => 3,
        Part::Change => 5,
        Part::Drift => 6,
    }
}

fn item(action: &ActionView, links: Links<'_>) -> Item {
    let name = code(action.address.exact());
    let details = details(action, links);
    let (line, summary) = (headline(action, code), headline(action, html_code));
    let is_open = matches!(part(action), Part::Destructive | Part::Conflict);
    Item { rank: rank(action), name, line, summary, details, is_open }
}

/// What is done to which resource, and what that does.
pub(super) fn headline(action: &ActionView, code: impl Fn(&str) -> String) -> String {
    let mut line = code(&format!("{} {} {}", symbol(action.verb), action.verb.name(), action.address));
    let tags = tags(action);
    if !tags.is_empty() {
        line.push_str(&format!(" — {}", html(&tags.join(", "))));
    }
    line
}

fn details(action: &ActionView, links: Links<'_>) -> String {
    let mut parts = Vec::new();
    match &action.status {
        StatusView::Ready => {}
        StatusView::Blocked { code: stable, reason, help, place: at, is_guard } => {
            let place = at.as_ref().map(|at| format!(" at {}", place(links, at))).unwrap_or_default();
            parts.push(format!("**Blocked:** {} ({}){place}", prose(reason.as_str()), code(stable)));
            parts.extend(help.as_ref().map(|help| format!("**Help:** {}", prose(help.as_str()))));
            if *is_guard {
                parts.push(format!("To let it through: {}", code(&format!("--waive {}", action.digest))));
            }
        }
        StatusView::Waiting { code: stable, reason, on: _, command: _ } => {
            parts.push(format!("**Waiting:** {} ({})", prose(reason.as_str()), code(stable)));
        }
    }
    for waived in &action.waived {
        let place = waived.place.as_ref().map(|it| format!(" at {}", place(links, it))).unwrap_or_default();
        parts.push(format!("**Waived:** {} ({}){place}", prose(waived.reason.as_str()), code(&waived.code)));
    }
    if action.verb == Verb::Delete {
        parts.push(format!("Reason: {}", prose(action.reason.as_str())));
        parts.push(format!("Asked for at {}", place(links, &action.place)));
    }
    let changes = difference(&action.changes, links);
    if !changes.is_empty() {
        parts.push(changes);
    }
    parts.join("\n\n")
}

/// The commands that actions wait for, each once.
pub(super) fn commands<'v>(actions: impl IntoIterator<Item = &'v ActionView>) -> Vec<Item> {
    let item = |(on, text, waiting): (&str, &str, usize)| {
        let line = format!("run {} for {}, {waiting} waiting; then apply again", command(text), code(on));
        Item::line(2, code(on), line)
    };
    human_commands(actions).into_iter().map(item).collect()
}
