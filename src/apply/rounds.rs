//! A run that goes on when what waited for a person need not wait any more. Pure.
//!
//! The plan is made anew then, and of the new plan only that is run which was shown before as waiting, with the same
//! changes: a person may take half an hour, and nobody has seen what else the world has come to ask for meanwhile.

use super::outcome::{self, ActionOutcome, ActionReport, Failure, FailureKind, Outcome};
use crate::plan::{Action, Plan, Status};

impl Outcome {
    /// Takes in what a later plan says of the actions that waited, and gives what of it is to be run now.
    ///
    /// The actions of the result carry the ids under which they waited.
    pub fn go_on(&mut self, later: &Plan) -> Option<Plan> {
        let mut ready: Vec<Action> = Vec::new();
        self.unreadable.clone_from(&later.unreadable);
        let waiting: Vec<usize> = self.waiting().map(|(index, _)| index).collect();
        for index in waiting {
            let Some(report) = self.actions.get_mut(index) else { continue };
            match now(&report.action, later) {
                Now::AsDeclared => {
                    report.outcome = ActionOutcome::Done;
                    report.verified = true;
                    report.error = None;
                    report.warnings.push("came to be as declared by itself: nothing was sent".to_owned());
                }
                Now::Waits(action) => report.action = action,
                Now::Hidden => {}
                Now::Blocked(action) => {
                    report.error = failure_of(&action);
                    report.outcome = ActionOutcome::Blocked;
                    report.action = action;
                }
                Now::Other => {
                    report.outcome = ActionOutcome::Refused;
                    report.error = Some(failure(
                        &report.action,
                        outcome::STALE,
                        "is to do something else now than was shown while it waited",
                        Some("plan again and look at the difference"),
                    ));
                }
                Now::Ready(action) => ready.push(action),
            }
        }
        self.rename(&mut ready, later);
        self.skip(&mut ready);
        if ready.is_empty() {
            return None;
        }
        Some(Plan {
            actions: ready,
            unchanged: Vec::new(),
            unmanaged: Vec::new(),
            notes: Vec::new(),
            problems: Vec::new(),
            ..later.clone()
        })
    }

    /// Takes in the end of what went on.
    pub fn take_in(&mut self, later: Outcome) {
        // The journal is that of the whole run, and is told at its end.
        let Outcome {
            estate: _,
            plan: _,
            actions,
            unchanged: _,
            unreadable,
            interrupted,
            duration,
            journal: _,
            resume: _,
        } = later;
        for report in actions {
            if let Some(place) = self.actions.iter_mut().find(|other| other.action.id == report.action.id) {
                *place = report;
            }
        }
        self.unreadable = unreadable;
        self.interrupted |= interrupted;
        self.duration += duration;
    }

    /// Notes that the token may not look whether what waits still has to.
    pub fn unauthorised(&mut self) {
        let waits = self.actions.iter_mut().filter(|report| report.outcome == ActionOutcome::Waiting);
        for error in waits.filter_map(|report| report.error.as_mut()) {
            error.kind = FailureKind::Unauthorised;
        }
    }

    /// The actions that wait, with their places.
    pub fn waiting(&self) -> impl Iterator<Item = (usize, &Action)> {
        let waits = |report: &&ActionReport| report.outcome == ActionOutcome::Waiting;
        let all = self.actions.iter().enumerate();
        all.filter(move |(_, report)| waits(report)).map(|(index, report)| (index, &report.action))
    }

    /// Gives actions of a later plan the ids of this outcome, in what they need as well.
    fn rename(&self, ready: &mut [Action], later: &Plan) {
        let old_id = |new: &str| {
            let action = later.actions.iter().find(|action| action.id == new)?;
            let known = self.actions.iter().map(|report| &report.action);
            let exact = known.clone().find(|other| other.id == new);
            let waited = known
                .filter(|other| other.address == action.address && other.verb() == action.verb())
                .find(|other| other.wait().is_some());
            waited.or(exact).map(|other| other.id.clone())
        };
        for action in ready {
            for need in &mut action.needs {
                if let Some(old) = old_id(need) {
                    *need = old;
                }
            }
        }
    }

    /// Takes out what needs something that neither is done nor is about to be.
    fn skip(&mut self, ready: &mut Vec<Action>) {
        loop {
            let is_fulfilled = |need: &String| {
                let done = |report: &ActionReport| {
                    report.action.id == *need && report.outcome == ActionOutcome::Done
                };
                ready.iter().any(|action| action.id == *need) || self.actions.iter().any(done)
            };
            let missing = ready.iter().enumerate().find_map(|(index, action)| {
                let need = action.needs.iter().find(|need| !is_fulfilled(need))?;
                Some((index, need.clone()))
            });
            let Some((index, need)) = missing else { return };
            let action = ready.remove(index);
            let message = format!("needs `{need}`, which did not succeed in this run");
            if let Some(report) = self.actions.iter_mut().find(|report| report.action.id == action.id) {
                report.outcome = ActionOutcome::Skipped;
                report.error = Some(failure(&action, outcome::NEED_FAILED, &message, None));
                report.action = action;
            }
        }
    }
}

/// What became of an action that waited.
enum Now {
    /// There is nothing left to do.
    AsDeclared,
    /// It still waits.
    Waits(Action),
    /// The token may not see it at the moment: nothing is known of it, so that it waits as before.
    Hidden,
    /// It must not run.
    Blocked(Action),
    /// What is to be done is not what was shown.
    Other,
    /// It may run.
    Ready(Action),
}

fn now(waited: &Action, later: &Plan) -> Now {
    // A package that was to be made first is there by now, and its id is what was shown as still to come.
    let waited = &waited.settled(|identity| later.packages.get(identity).cloned());
    let same = |action: &&Action| action.address == waited.address && action.verb() == waited.verb();
    let found: Vec<&Action> = later.actions.iter().filter(same).collect();
    // What still waits may be planned apart from what does not: then it is known by its id.
    let exact = found.iter().find(|action| action.id == waited.id);
    let Some(action) = exact.or_else(|| found.first()) else {
        let is_hidden = later.unreadable.iter().any(|hidden| hidden.address == waited.address);
        return if is_hidden { Now::Hidden } else { Now::AsDeclared };
    };
    let renamed = Action { id: waited.id.clone(), ..(*action).clone() };
    match &action.status {
        _ if !is_part(action, waited) => Now::Other,
        Status::Waiting(_) => Now::Waits(renamed),
        Status::Blocked(_) => Now::Blocked(renamed),
        Status::Ready => Now::Ready(renamed),
    }
}

/// Whether everything that an action is to do was shown while it waited.
fn is_part(action: &Action, waited: &Action) -> bool {
    action.changes().iter().all(|change| {
        let shown = waited.changes().iter();
        shown.filter(|other| other.path == change.path).any(|other| other.after.is_same(&change.after))
    })
}

fn failure_of(action: &Action) -> Option<Failure> {
    let Status::Blocked(block) = &action.status else { return None };
    Some(failure(action, block.code, &block.reason, block.remedy(&action.digest).as_deref()))
}

fn failure(action: &Action, code: &'static str, message: &str, help: Option<&str>) -> Failure {
    Failure {
        code,
        message: message.to_owned(),
        help: help.map(str::to_owned),
        path: None,
        origin: Some(action.origin.clone()),
        kind: FailureKind::Platform,
    }
}
