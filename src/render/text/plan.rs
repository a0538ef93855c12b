//! A plan, for people: destructive things first, then the plan's order, then what may not run; the sum last.

use super::changes::{self, Told};
use super::{creates, notes, steps};
use crate::plan::{ActionEffect, Verb};
use crate::render::layout::{Line, Page};
use crate::render::plural::{ERROR, PRODUCTION_ENVIRONMENT, number};
use crate::render::style::{Label, Style};
use crate::render::view::{ActionView, PlanSummary, PlanView, ProductionEffects, StatusView};

/// Writes a plan.
pub(in crate::render) fn plan(view: &PlanView, style: &Style) -> String {
    let PlanView {
        estate,
        api,
        digest: _,
        requests_made: _,
        requests_budget: _,
        summary,
        actions,
        unreadable: _,
        unmanaged,
        notes,
    } = view;
    let mut page = Page::new(style);
    let head = Line::new(0).add(Label::Heading, format!("Estate {estate}")).add(Label::Dim, " at ");
    page.line(&head.add(Label::Link, api.to_string()));
    for action in in_order_of_attention(actions) {
        page.blank();
        show(&mut page, action);
    }
    steps::steps(&mut page, &steps::of(actions));
    notes::notes(&mut page, notes);
    notes::unmanaged(&mut page, unmanaged);
    page.blank();
    sum(&mut page, summary, actions.is_empty());
    page.finish()
}

/// What takes something away first, then the rest in the order of the plan, then what may not run.
fn in_order_of_attention(actions: &[ActionView]) -> impl Iterator<Item = &ActionView> {
    let is_ready = |action: &&ActionView| action.status == StatusView::Ready;
    let destructive = actions.iter().filter(is_ready).filter(|action| action.destructive);
    let others = actions.iter().filter(is_ready).filter(|action| !action.destructive);
    destructive.chain(others).chain(actions.iter().filter(move |action| !is_ready(action)))
}

fn show(page: &mut Page<'_>, action: &ActionView) {
    page.line_at(headline(action), 0, &action.place);
    match action.verb {
        Verb::Create => creates::fields(page, &action.changes),
        Verb::Update | Verb::Restart | Verb::Scale => {
            changes::differences(page, &action.changes, Told::AsPlan);
        }
        Verb::Delete => page.prose(4, (Label::Dim, "reason: "), Label::Plain, action.reason.as_str()),
    }
    match &action.status {
        StatusView::Ready => {}
        StatusView::Blocked { code, reason, help, place } => {
            page.prose(4, (Label::Blocked, "blocked: "), Label::Plain, &format!("{reason} [{code}]"));
            if let Some(place) = place {
                notes::at(page, 6, place);
            }
            notes::help_line(page, 6, help.as_ref());
        }
        StatusView::Waiting { code, reason, on: _, command: _ } => {
            page.prose(4, (Label::Blocked, "waiting: "), Label::Plain, &format!("{reason} [{code}]"));
        }
    }
}

/// The line that says what is done to which resource, and what that does: `~ update environment/… [restart]`.
pub(super) fn headline(action: &ActionView) -> Line {
    let (label, symbol) = match (&action.status, action.verb) {
        (StatusView::Blocked { .. }, _) => (Label::Blocked, "!"),
        (StatusView::Waiting { .. }, _) => (Label::Blocked, "?"),
        (StatusView::Ready, Verb::Create) => (Label::Create, "+"),
        (StatusView::Ready, Verb::Update | Verb::Restart | Verb::Scale) => (Label::Update, "~"),
        (StatusView::Ready, Verb::Delete) => (Label::Delete, "-"),
    };
    let mut line = Line::new(0)
        .add(label, format!("{symbol} {}", action.verb.name()))
        .add(Label::Plain, " ")
        .add(Label::Address, action.address.to_string());
    let effect = match action.effect {
        ActionEffect::None => None,
        ActionEffect::Rolling => Some(Label::Tag),
        ActionEffect::Restart | ActionEffect::Stop | ActionEffect::DataLoss => Some(Label::Danger),
    };
    if action.production {
        let touched = if effect.is_some() { Label::Danger } else { Label::Tag };
        line = line.add(Label::Plain, " ").add(touched, "[production]");
    }
    if let Some(label) = effect {
        line = line.add(Label::Plain, " ").add(label, format!("[{}]", action.effect.name()));
    }
    line
}

fn sum(page: &mut Page<'_>, summary: &PlanSummary, is_empty: bool) {
    let PlanSummary {
        create,
        update,
        delete,
        restart,
        scale,
        unchanged,
        blocked,
        waiting,
        unreadable,
        unmanaged,
        problems,
        production,
    } = summary;
    let mut parts = Vec::new();
    if is_empty && *problems == 0 {
        parts.push(super::nothing_to_do(*unchanged));
    } else {
        // What the three verbs of files do is always told; what the others do, where it is asked for.
        let counts = [
            (*create, "to create", true),
            (*update, "to update", true),
            (*delete, "to delete", true),
            (*restart, "to restart", false),
            (*scale, "to scale", false),
            (*blocked, "blocked", false),
            (*waiting, "waiting", false),
        ];
        let is_operation = restart + scale > 0;
        let told = counts.iter().filter(|(count, _, always)| *count > 0 || *always && !is_operation);
        let told: Vec<_> = told.map(|(count, what, _)| format!("{} {what}", number(*count))).collect();
        parts.push(format!("Plan: {}", told.join(", ")));
        parts.push(format!("{} unchanged", number(*unchanged)));
    }
    if *unreadable > 0 {
        parts.push(format!("{} unreadable", number(*unreadable)));
    }
    if *unmanaged > 0 {
        parts.push(format!("{} unmanaged", number(*unmanaged)));
    }
    parts.extend(touched(production));
    if *problems > 0 {
        parts.push(format!("{}, so it cannot be applied", ERROR.count(*problems)));
    }
    // One line, whatever the width: people and scripts look for it at the end.
    let text = parts.join(page.style().separator());
    page.line(&Line::new(0).add(Label::Heading, text));
}

/// What happens to environments in production mode, the worst first.
fn touched(production: &ProductionEffects) -> Option<String> {
    let ProductionEffects { rolling, restart, stop, data_loss } = production;
    let effects =
        [("deletes the data of", *data_loss), ("stops", *stop), ("restarts", *restart), ("rolls", *rolling)];
    let said = effects.into_iter().filter(|(_, count)| *count > 0);
    let said: Vec<_> =
        said.map(|(verb, count)| format!("{verb} {}", PRODUCTION_ENVIRONMENT.count(count))).collect();
    (!said.is_empty()).then(|| said.join(", "))
}
