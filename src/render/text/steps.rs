//! What a person has to do before a plan can go on: the commands, each with what waits for it.

use crate::render::layout::{Line, Page};
use crate::render::plural::ACTION;
use crate::render::sanitise::Name;
use crate::render::style::Label;
use crate::render::view::{ActionView, StatusView};

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

/// Shows the commands. Each stands on a line of its own, to be copied.
pub(super) fn steps(page: &mut Page<'_>, steps: &[HumanStep<'_>]) {
    if steps.is_empty() {
        return;
    }
    page.blank();
    let head = "Waiting for you. Run this where `kubectl` reaches the cluster, then apply again:";
    page.prose(0, (Label::Blocked, ""), Label::Blocked, head);
    for HumanStep { on, command, waiting } in steps {
        page.line(&Line::new(4).add(Label::Heading, command.to_string()));
        let verb = if *waiting == 1 { "waits" } else { "wait" };
        let remark = format!("for {on}; {} {verb} for it", ACTION.count(*waiting));
        page.line(&Line::new(6).add(Label::Dim, remark));
    }
}
