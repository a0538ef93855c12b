//! What a person has to do before a plan can go on: the commands, each with what waits for it.

use std::time::Duration;

use crate::apply::ActionOutcome;
use crate::render::layout::{Line, Page};
use crate::render::plural::ACTION;
use crate::render::sanitise::Name;
use crate::render::style::{Label, Style};
use crate::render::view::{ActionView, OutcomeView, StatusView};

/// A command that a person has to run.
pub(super) struct HumanStep<'v> {
    on: &'v Name,
    command: &'v Name,
    waiting: usize,
}

/// The commands that these actions wait for, in the order of the plan, each once.
pub(super) fn of<'v>(actions: impl IntoIterator<Item = &'v ActionView>) -> Vec<HumanStep<'v>> {
    let mut steps: Vec<HumanStep<'v>> = Vec::new();
    for action in actions {
        let StatusView::Waiting { code: _, reason: _, on, command } = &action.status else { continue };
        match steps.iter_mut().find(|step| step.command == command) {
            Some(step) => step.waiting += 1,
            None => steps.push(HumanStep { on, command, waiting: 1 }),
        }
    }
    steps
}

/// What has to be ready, the command for it, and how many actions wait for that.
pub(in crate::render) fn human_commands<'v>(
    actions: impl IntoIterator<Item = &'v ActionView>,
) -> Vec<(&'v str, &'v str, usize)> {
    let steps = of(actions).into_iter();
    steps.map(|HumanStep { on, command, waiting }| (on.exact(), command.exact(), waiting)).collect()
}

/// Shows the commands of a run that waits for them.
pub(in crate::render) fn human_steps(view: &OutcomeView, left: Duration, style: &Style) -> String {
    let mut page = Page::new(style);
    let waiting = view.actions.iter().filter(|report| report.outcome == ActionOutcome::Waiting);
    let left = crate::render::words::duration(left);
    list(&mut page, &of(waiting.map(|report| &report.action)), &format!("looking for another {left}"));
    page.finish()
}

/// Shows the commands, where there are any.
pub(super) fn steps(page: &mut Page<'_>, steps: &[HumanStep<'_>]) {
    list(page, steps, "then apply again");
}

/// Shows the commands. Each stands on a line of its own, to be copied.
fn list(page: &mut Page<'_>, steps: &[HumanStep<'_>], then: &str) {
    if steps.is_empty() {
        return;
    }
    page.blank();
    let head = format!("Waiting for you: run this where `kubectl` reaches the cluster, {then}");
    page.prose(0, (Label::Blocked, ""), Label::Blocked, &head);
    for HumanStep { on, command, waiting } in steps {
        page.line(&Line::new(4).add(Label::Heading, command.to_string()));
        let verb = if *waiting == 1 { "waits" } else { "wait" };
        let remark = format!("for {on}; {} {verb} for it", ACTION.count(*waiting));
        page.line(&Line::new(6).add(Label::Dim, remark));
    }
}
