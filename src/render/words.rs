//! What several formats say in the same words: what a report comes to, and what to do next.

use std::time::Duration;

use super::findings::{FindingSeverity, FindingsView};
use super::plural::{
    ACTION, ERROR, FAILED_ACTION, LIVE_RESOURCE, NOTE, PRODUCTION_ENVIRONMENT, RESOURCE, WARNING, number,
};
use super::sanitise::Name;
use super::view::{
    ClassCounts, DriftSummary, OutcomeSummary, OutcomeView, PlanSummary, PlanView, ProductionEffects,
};
use crate::apply::ActionOutcome;

/// In which order actions are shown: what needs attention first.
pub(super) const ATTENTION: [ActionOutcome; 9] = [
    ActionOutcome::Failed,
    ActionOutcome::Unknown,
    ActionOutcome::Refused,
    ActionOutcome::Blocked,
    ActionOutcome::Waiting,
    ActionOutcome::Skipped,
    ActionOutcome::Cancelled,
    ActionOutcome::NotStarted,
    ActionOutcome::Done,
];

/// How many resources are named as the cause of what was skipped.
const CAUSES: usize = 2;

/// What a plan comes to, in pieces of one line.
pub(super) fn plan_sum(view: &PlanView) -> Vec<String> {
    let (summary, is_empty, left) = (&view.summary, view.actions.is_empty(), view.drift.len());
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
        classes,
    } = summary;
    let mut parts = Vec::new();
    if is_empty && *problems == 0 {
        parts.push(nothing_to_do(*unchanged));
        if left > 0 {
            parts.push(format!("{} left as drifted", number(left)));
        }
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
        if left > 0 {
            parts.push(format!("{} left as drifted", number(left)));
        }
        parts.extend(classes.map(|classes| whose(&classes)));
    }
    if *unreadable > 0 {
        parts.push(format!("{} unreadable", number(*unreadable)));
    }
    if *unmanaged > 0 {
        parts.push(format!("{} unmanaged", number(*unmanaged)));
    }
    parts.extend(production_effects(production));
    if *problems > 0 {
        parts.push(format!("{}, so it cannot be applied", ERROR.count(*problems)));
    }
    parts
}

/// Whose the changes are; each class that there is.
fn whose(classes: &ClassCounts) -> String {
    let ClassCounts { change, adopt, conflict, drift } = classes;
    let counts = [(*conflict, "in conflict"), (*change, "changed"), (*adopt, "adopted"), (*drift, "drifted")];
    let told = counts.iter().filter(|(count, _)| *count > 0);
    told.map(|(count, what)| format!("{} {what}", number(*count))).collect::<Vec<_>>().join(", ")
}

/// What happens to environments in production mode, the worst first.
pub(super) fn production_effects(production: &ProductionEffects) -> Option<String> {
    let ProductionEffects { rolling, restart, stop, data_loss } = production;
    let effects =
        [("deletes the data of", *data_loss), ("stops", *stop), ("restarts", *restart), ("rolls", *rolling)];
    let said = effects.into_iter().filter(|(_, count)| *count > 0);
    let said: Vec<_> =
        said.map(|(verb, count)| format!("{verb} {}", PRODUCTION_ENVIRONMENT.count(count))).collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// What a drift report comes to, in pieces of one line.
pub(super) fn drift_sum(summary: &DriftSummary) -> Vec<String> {
    let DriftSummary {
        drifted,
        missing,
        not_removed,
        failed,
        unreadable,
        unmanaged,
        managed,
        open,
        coverage,
    } = summary;
    let parts: Vec<_> =
        [(*drifted, "drifted"), (*missing, "missing"), (*not_removed, "not removed"), (*failed, "failed")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{} {word}", number(count)))
            .collect();
    let head = if parts.is_empty() && *unreadable > 0 {
        "No drift in what could be read".to_owned()
    } else if parts.is_empty() {
        match open {
            None | Some(0) => "No drift: live state is as declared".to_owned(),
            Some(_) => "No drift".to_owned(),
        }
    } else {
        format!("Drift: {}", parts.join(", "))
    };
    // Rounded down: 100 % is said only when it is all of them.
    let share = (coverage * 100.0).floor();
    let live = LIVE_RESOURCE.count(managed + unmanaged);
    let mut told = vec![head];
    match open {
        None | Some(0) => {}
        Some(1) => told.push("1 change is not applied yet".to_owned()),
        Some(open) => told.push(format!("{} changes are not applied yet", number(*open))),
    }
    if *unreadable > 0 {
        told.push(format!("{} unreadable", number(*unreadable)));
    }
    told.push(format!("managed {} of {live} ({share} %)", number(*managed)));
    told
}

/// What a run comes to, in pieces of one line.
pub(super) fn outcome_sum(view: &OutcomeView) -> Vec<String> {
    let OutcomeView { summary, actions, unchanged, interrupted, unreadable, duration: took, .. } = view;
    let mut because: Vec<Name> = Vec::new();
    for name in actions.iter().flat_map(|report| &report.because) {
        if !because.contains(name) {
            because.push(name.clone());
        }
    }
    let parts: Vec<_> = summary
        .counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(outcome, count)| match outcome {
            ActionOutcome::Skipped if !because.is_empty() => {
                format!("{count} skipped (because {})", causes(&because))
            }
            ActionOutcome::NotStarted => format!("{count} not started"),
            other => format!("{count} {}", other.name()),
        })
        .collect();
    let word = if *interrupted { "Interrupted" } else { "Apply" };
    let took = if actions.is_empty() { String::new() } else { format!(" in {}", duration(*took)) };
    let mut told = match summary.total {
        0 => vec![nothing_to_do(*unchanged)],
        total => vec![format!("{word}: {}", parts.join(", ")), format!("{}{took}", ACTION.count(total))],
    };
    if !unreadable.is_empty() {
        told.push(format!("{} unreadable", number(unreadable.len())));
    }
    told
}

pub(super) fn causes(because: &[Name]) -> String {
    match because {
        [] => String::new(),
        few if few.len() <= CAUSES => {
            let names: Vec<_> = few.iter().map(ToString::to_string).collect();
            format!("{} did not succeed", names.join(" and "))
        }
        many => format!("{} came first", FAILED_ACTION.count(many.len())),
    }
}

/// What to do next, by what matters most.
pub(super) fn next(summary: &OutcomeSummary) -> Option<&'static str> {
    let any = |outcomes: &[ActionOutcome]| outcomes.iter().any(|outcome| summary.count(*outcome) > 0);
    if any(&[ActionOutcome::Unknown]) {
        Some(
            "run `mxkeep apply` again: it looks at what the platform made of the requests, and repeats nothing",
        )
    } else if any(&[ActionOutcome::Failed]) {
        Some("correct what failed, and run `mxkeep apply` again: what is done is not repeated")
    } else if any(&[ActionOutcome::Refused]) {
        Some("run `mxkeep plan` and look at what has changed meanwhile")
    } else if any(&[ActionOutcome::Cancelled, ActionOutcome::NotStarted, ActionOutcome::Skipped]) {
        Some("run `mxkeep apply` again: it goes on where this run ended")
    } else if any(&[ActionOutcome::Waiting]) {
        Some("run the command above, then `mxkeep apply` again: it goes on by itself")
    } else if any(&[ActionOutcome::Blocked]) {
        Some("see what blocks the rest; everything else is as declared")
    } else {
        None
    }
}

/// How much was found.
pub(super) fn findings_sum(view: &FindingsView) -> String {
    let count = |severity| view.findings.iter().filter(|finding| finding.severity == severity).count();
    let counted = [
        (ERROR, count(FindingSeverity::Error)),
        (WARNING, count(FindingSeverity::Warning)),
        (NOTE, count(FindingSeverity::Info)),
    ];
    let told: Vec<_> =
        counted.into_iter().filter(|(_, count)| *count > 0).map(|(noun, count)| noun.count(count)).collect();
    let found = if told.is_empty() { "No problems".to_owned() } else { told.join(", ") };
    let waived = if view.waived > 0 { format!(" ({} waived)", number(view.waived)) } else { String::new() };
    format!("{found}{waived}")
}

/// The line for a run that finds everything as declared.
pub(super) fn nothing_to_do(unchanged: usize) -> String {
    let verb = if unchanged == 1 { "is" } else { "are" };
    format!("Nothing to do: {} {verb} as declared", RESOURCE.count(unchanged))
}

/// A duration as people say it: `0.4s`, `12s`, `2m10s`, `1h02m`.
pub(super) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        // A second and more is rounded down: what has lasted 59.9 s has not lasted a minute.
        0 => format!("0.{}s", duration.subsec_millis() / 100),
        1..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        let spelt = [0, 400, 12_900, 59_999, 60_000, 130_000, 3_720_000]
            .map(|millis| duration(Duration::from_millis(millis)));
        assert_eq!(spelt, ["0.0s", "0.4s", "12s", "59s", "1m00s", "2m10s", "1h02m"]);
    }
}
