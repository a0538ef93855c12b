//! A plan, for people: destructive things first, then the plan's order, then what may not run; the sum last.

use super::changes::{self, Told};
use super::{creates, notes, steps};
use crate::diff::Class;
use crate::plan::{ActionEffect, Verb};
use crate::render::layout::{Line, Page};
use crate::render::style::{Label, Style};
use crate::render::view::{ActionView, PlanView, RevisionsView, StatusView};
use crate::render::words::plan_sum;

/// Writes a plan.
pub(in crate::render) fn plan(view: &PlanView, style: &Style) -> String {
    let PlanView {
        estate,
        api,
        places: _,
        created: _,
        digest: _,
        revisions,
        requests_made: _,
        requests_budget: _,
        summary: _,
        actions,
        drift,
        unreadable: _,
        unmanaged,
        notes,
    } = view;
    let mut page = Page::new(style);
    let head = Line::new(0).add(Label::Heading, format!("Estate {estate}")).add(Label::Dim, " at ");
    page.line(&compared(head.add(Label::Link, api.to_string()), revisions.as_ref()));
    for action in in_order_of_attention(actions, |action| !is_drift(action)) {
        page.blank();
        show(&mut page, action);
    }
    if actions.iter().any(is_drift) {
        page.blank();
        page.line(
            &Line::new(0).add(Label::Heading, "Drift: changed on the live side, and put back by this plan"),
        );
    }
    for action in in_order_of_attention(actions, is_drift) {
        page.blank();
        show(&mut page, action);
    }
    if !drift.is_empty() {
        page.blank();
        page.line(&Line::new(0).add(Label::Heading, "Drift: changed on the live side, and left as it is"));
    }
    for resource in drift {
        page.blank();
        super::drift::show(&mut page, resource);
    }
    steps::steps(&mut page, &steps::of(actions));
    notes::notes(&mut page, notes);
    notes::unmanaged(&mut page, unmanaged);
    page.blank();
    // One line, whatever the width: people and scripts look for it at the end.
    page.line(&Line::new(0).add(Label::Heading, plan_sum(view).join(style.separator())));
    page.finish()
}

/// Adds what the files are compared with.
pub(super) fn compared(line: Line, revisions: Option<&RevisionsView>) -> Line {
    let Some(revisions) = revisions else { return line };
    let line = line.add(Label::Dim, ", compared with ").add(Label::Plain, revisions.reference.to_string());
    line.add(Label::Dim, format!(" ({})", revisions.short()))
}

/// What takes something away first, then conflicts, then the rest in the order of the plan, then what may not run.
fn in_order_of_attention(
    actions: &[ActionView],
    is_meant: impl Fn(&ActionView) -> bool,
) -> impl Iterator<Item = &ActionView> {
    let rank = |action: &ActionView| match action.status {
        StatusView::Ready if action.destructive => 0,
        _ if action.class == Some(Class::Conflict) => 1,
        StatusView::Ready => 2,
        StatusView::Blocked { .. } | StatusView::Waiting { .. } => 3,
    };
    let mut meant: Vec<&ActionView> = actions.iter().filter(|action| is_meant(action)).collect();
    meant.sort_by_key(|action| rank(action));
    meant.into_iter()
}

fn is_drift(action: &ActionView) -> bool {
    action.class == Some(Class::Drift)
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
    for waived in &action.waived {
        notes::waived(page, 4, waived);
    }
    match &action.status {
        StatusView::Ready => {}
        StatusView::Blocked { code, reason, help, place, is_guard } => {
            page.prose(4, (Label::Blocked, "blocked: "), Label::Plain, &format!("{reason} [{code}]"));
            if let Some(place) = place {
                notes::at(page, 6, place);
            }
            notes::help_line(page, 6, help.as_ref());
            if *is_guard {
                // Not wrapped, so that it can be copied.
                let waive = format!("or waive it with --waive {}", action.digest);
                page.line(&Line::new(6).add(Label::Dim, waive));
            }
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
