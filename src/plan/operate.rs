//! One-verb plans: restart, stop, start and scale environments that the estate declares, whatever their files say.
//!
//! Nothing but `container.instances` changes. How many instances an environment had is never guessed: the platform
//! remembers it (`container.lastRunningInstanceCount`), or the file says it, or nobody knows and the action is blocked.

use std::collections::BTreeMap;

use serde_json::Value;

use super::action::{Action, ActionEffect, ActionId, Block, Plan, Status, Work};
use super::note::{self, Note, Severity};
use super::reconcile::{action_id, is_production};
use super::{Draft, PlanInput, finish, guards, identify, unreadable};
use crate::diff::{After, Change, canonical};
use crate::model::field::{Effect, Field, Shape, find};
use crate::model::{DeclaredValue, Desired, FieldPath, Identity, Kind, Live, dig};

/// What to do with an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Down to no instances, and up again to as many as run now.
    Restart,
    /// Down to no instances.
    Stop,
    /// Up to as many instances as ran last.
    Start,
    /// To this many instances.
    Scale(u32),
}

/// Makes the plan that does this with each of these environments. What needs nothing is left alone.
pub fn operate(input: &PlanInput<'_>, orders: &BTreeMap<Identity, Operation>) -> Plan {
    let mut draft = Draft::default();
    let ordered = || orders.iter().filter_map(|(id, order)| Some((input.desired.resources.get(id)?, *order)));
    for (desired, operation) in ordered() {
        // What the token may not see is neither there nor absent.
        if input.live.hidden_by(&desired.identity, desired.cluster).is_none() {
            order(input, desired, operation, &mut draft);
        }
    }
    unreadable::report(input, &mut draft);
    draft.unreadable.retain(|hidden| ordered().any(|(desired, _)| desired.address == hidden.address));
    identify(&mut draft.actions);
    guards::guard(input, &mut draft);
    let ids: Vec<ActionId> = draft.actions.keys().cloned().collect();
    let mut plan = finish(input, draft, &ids);
    // What is declared nowhere is none of the business of somebody who names environments.
    plan.unmanaged.clear();
    plan
}

fn order(input: &PlanInput<'_>, desired: &Desired, operation: Operation, draft: &mut Draft) {
    let live = input.live.get(&desired.identity);
    let planned = match live {
        None => Planned::Blocked(missing(desired)),
        Some(live) => planned(desired, live, operation),
    };
    let (steps, status) = match planned {
        Planned::Nothing => return draft.unchanged.push(desired.address.clone()),
        Planned::Note(note) => {
            draft.notes.push(note);
            return draft.unchanged.push(desired.address.clone());
        }
        Planned::Steps(steps) => (steps, Status::Ready),
        Planned::Blocked(block) => (Vec::new(), Status::Blocked(block)),
    };
    let effect = match operation {
        _ if steps.is_empty() => ActionEffect::None,
        Operation::Restart => ActionEffect::Restart,
        Operation::Stop | Operation::Scale(0) => ActionEffect::Stop,
        Operation::Start | Operation::Scale(_) => ActionEffect::None,
    };
    let work = match operation {
        Operation::Restart => Work::Restart(steps),
        Operation::Stop | Operation::Start | Operation::Scale(_) => Work::Scale(steps),
    };
    let action = Action {
        id: action_id(work.verb(), &desired.address),
        address: desired.address.clone(),
        identity: desired.identity.clone(),
        cluster: desired.cluster,
        effect,
        production: live.is_some_and(is_production),
        work,
        needs: Vec::new(),
        digest: String::new(),
        status,
        class: None,
        waived: Vec::new(),
        reason: "asked for on the command line".to_owned(),
        origin: desired.origin.clone(),
    };
    draft.actions.insert(action.id.clone(), action);
}

/// What an order comes to.
enum Planned {
    /// It is so already.
    Nothing,
    /// There is nothing to do, and something to know.
    Note(Note),
    /// These changes, one after the other.
    Steps(Vec<Change>),
    /// It cannot be done.
    Blocked(Block),
}

fn planned(desired: &Desired, live: &Live, operation: Operation) -> Planned {
    let now = instances(live).unwrap_or(0);
    let wanted = match operation {
        Operation::Restart if now == 0 => {
            return Planned::Note(stopped(desired, live, "so there is nothing to restart"));
        }
        Operation::Restart => return Planned::Steps(vec![step(now, 0), step(0, now)]),
        Operation::Start if now > 0 => now,
        Operation::Start => match last_running(live).or_else(|| declared(desired)) {
            Some(number) => number,
            None => return Planned::Blocked(unknown_size(desired)),
        },
        Operation::Stop => 0,
        Operation::Scale(number) => number.into(),
    };
    if wanted == now { Planned::Nothing } else { Planned::Steps(vec![step(now, wanted)]) }
}

fn step(from: i64, to: i64) -> Change {
    Change {
        path: FieldPath::root().field("container").field("instances"),
        before: Some(from.into()),
        after: After::Set(to.into()),
        sensitive: false,
        effect: Effect::Scale,
        immutable: false,
        origin: None,
        class: None,
    }
}

fn missing(desired: &Desired) -> Block {
    Block {
        code: note::NOT_THERE,
        reason: "the environment does not exist".to_owned(),
        help: Some("`mxkeep apply` creates what the files declare".to_owned()),
        origin: Some(desired.origin.clone()),
        is_guard: false,
    }
}

fn unknown_size(desired: &Desired) -> Block {
    Block {
        code: note::SIZE_UNKNOWN,
        reason: "neither the platform nor the file says how many instances it had".to_owned(),
        help: Some(format!("say it: `mxkeep scale {}=1`", desired.address)),
        origin: Some(desired.origin.clone()),
        is_guard: false,
    }
}

/// A note that an environment is stopped, for which no file says how many instances it is to have. To start it could
/// undo what somebody did on purpose, so that a person has to ask for it.
pub(super) fn stopped(desired: &Desired, live: &Live, so: &str) -> Note {
    let start = match last_running(live) {
        Some(number) => format!("`mxkeep start {}` starts it with {number}", desired.address),
        None => format!("`mxkeep scale {}=1` starts it", desired.address),
    };
    Note {
        severity: Severity::Info,
        code: note::STOPPED,
        address: Some(desired.address.clone()),
        message: format!("is stopped, {so}: {start}"),
        origin: Some(desired.origin.clone()),
    }
}

/// How many instances a live environment has.
pub(super) fn instances(live: &Live) -> Option<i64> {
    number(live.manifest().pointer("/container/instances"))
}

/// How many instances it had before it was stopped.
fn last_running(live: &Live) -> Option<i64> {
    number(live.manifest().pointer("/container/lastRunningInstanceCount")).filter(|number| *number > 0)
}

/// How many instances the files ask for.
pub(super) fn declared(desired: &Desired) -> Option<i64> {
    match &dig(&desired.fields, &["container", "instances"])?.value {
        DeclaredValue::Scalar(value) => number(Some(value)).filter(|number| *number > 0),
        _ => None,
    }
}

/// A number of instances, however it is spelt.
fn number(value: Option<&Value>) -> Option<i64> {
    canonical(instances_field()?, value).as_i64()
}

fn instances_field() -> Option<&'static Field> {
    match find(Kind::Environment.fields(), "container")?.shape {
        Shape::Object(fields) => find(fields, "instances"),
        _ => None,
    }
}
