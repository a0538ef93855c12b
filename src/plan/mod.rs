//! Turns differences into ordered actions and says why anything is blocked. Pure.
//!
//! The law: a plan is so specific that apply has nothing left to decide. Equal inputs give byte-equal plans; the
//! order of files, keys and lists means nothing.

mod action;
mod blocks;
mod cloud;
mod deletes;
mod digest;
pub mod drift;
mod effect;
mod graph;
mod guards;
mod ignore;
mod installer;
mod names;
mod needs;
pub mod note;
mod operate;
mod options;
mod packages;
mod platform;
mod reconcile;
mod relations;
mod scope;
mod secrets;
pub mod status;
mod three_way;
mod unmanaged;
mod unreadable;
mod waiting;
mod waive;
pub mod why;

pub use action::{
    Action, ActionEffect, ActionId, Block, Plan, Problem, Status, Unmanaged, Unreadable, Verb, Wait, Work,
};
pub use digest::{DIGITS, digest, digest_before_package, wanted_digest};
pub use graph::PlanError;
pub use ignore::Ignores;
pub use installer::installer_command;
pub(crate) use names::Names;
pub use note::{Note, Severity};
pub use operate::{Operation, operate};
pub use options::{DriftMode, PlanOptions, Rotation, ValuesAt};
pub use relations::stands_on;
pub use scope::{Scope, addresses, is_cloud_only};
pub use secrets::{NoSuchSecret, rotation};
pub use waive::{SHORTEST_WAIVER, UnmetWaiver, held_by_guards, unmet_waivers};

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use drift::Drifted;

use crate::model::{Address, DesiredState, LiveState};

/// Everything that a plan may depend on.
#[derive(Debug, Clone, Copy)]
pub struct PlanInput<'a> {
    /// What the files ask for.
    pub desired: &'a DesiredState,
    /// What the API reported.
    pub live: &'a LiveState,
    /// Which addresses the run may touch.
    pub scope: &'a Scope,
    /// Namespaces whose operator is known to report its plans as soon as they exist. Nothing live can tell that of a
    /// namespace that is still to be created.
    pub operators: &'a BTreeSet<Uuid>,
    /// The day, for `ignore` rules and waivers that end.
    pub today: jiff::civil::Date,
    /// The moment, for freeze windows.
    pub now: jiff::Timestamp,
    /// What the files asked for before, at the revision that `--base` names. Never has a part in what is compared with
    /// what is live; it tells whose a difference is.
    pub base: Option<&'a DesiredState>,
    /// What the command line asks for.
    pub options: &'a PlanOptions,
}

impl<'a> PlanInput<'a> {
    /// A plan of these files for what is live, with nothing said about it on the command line, at the first moment of
    /// the day (UTC).
    pub fn new(
        desired: &'a DesiredState,
        live: &'a LiveState,
        scope: &'a Scope,
        today: jiff::civil::Date,
    ) -> PlanInput<'a> {
        static NOWHERE: BTreeSet<Uuid> = BTreeSet::new();
        static NOTHING: PlanOptions = PlanOptions::new();
        let morning = today.to_zoned(jiff::tz::TimeZone::UTC);
        let now = morning.map_or(jiff::Timestamp::UNIX_EPOCH, |morning| morning.timestamp());
        PlanInput { desired, live, scope, operators: &NOWHERE, today, now, base: None, options: &NOTHING }
    }
}

/// A plan in the making.
#[derive(Debug, Default)]
struct Draft {
    actions: BTreeMap<ActionId, Action>,
    unchanged: Vec<Address>,
    notes: Vec<Note>,
    unreadable: Vec<Unreadable>,
    problems: Vec<Problem>,
    drift: Vec<Drifted>,
}

/// Makes the plan.
///
/// # Errors
///
/// When needs form a loop.
pub fn plan(input: &PlanInput<'_>) -> Result<Plan, PlanError> {
    let mut draft = Draft::default();
    reconcile::creates_and_updates(input, &mut draft);
    deletes::deletes(input, &mut draft);
    draft.notes.extend(three_way::of_estate(input));
    unreadable::report(input, &mut draft);
    packages::expiries(input, &mut draft);
    needs::add_needs(input, &mut draft.actions);
    identify(&mut draft.actions);
    blocks::block(input, &mut draft.actions);
    guards::guard(input, &mut draft);
    waiting::wait(input, &mut draft.actions);
    cloud::hand_overs_last(&mut draft.actions);
    let order = graph::order(&draft.actions)?;
    blocks::hold_dependants(&order, &mut draft.actions);
    Ok(finish(input, draft, &order))
}

/// Gives every action its digest, as soon as it is known what it is to do and before anything says no to it.
fn identify(actions: &mut BTreeMap<ActionId, Action>) {
    for action in actions.values_mut() {
        action.digest = digest::action_digest(action);
    }
}

fn finish(input: &PlanInput<'_>, draft: Draft, order: &[ActionId]) -> Plan {
    let Draft { mut actions, mut unchanged, mut notes, unreadable, mut problems, mut drift } = draft;
    unchanged.sort();
    drift.sort_by(|one, other| one.address.cmp(&other.address));
    notes.retain(|note| !is_waived(input, note));
    notes.sort_by(|one, other| sort_key(one).cmp(&sort_key(other)));
    problems.sort_by(|one, other| (&one.origin, &one.path).cmp(&(&other.origin, &other.path)));
    let actions: Vec<_> = order.iter().filter_map(|id| actions.remove(id)).collect();
    let estate = input.desired.settings.estate.clone();
    let digest = digest::plan_digest(&estate, &actions);
    let unmanaged = unmanaged::unmanaged(input);
    let packages = packages::known(input);
    Plan { estate, digest, packages, actions, drift, unchanged, unreadable, unmanaged, notes, problems }
}

/// Whether somebody has accepted what a note says. Only rules can be waived, and only those that notes tell of: what
/// blocks an action, or has to be known, does not go away.
fn is_waived(input: &PlanInput<'_>, note: &Note) -> bool {
    let waivers = &input.desired.settings.waivers;
    waivers
        .iter()
        .any(|waiver| waiver.holds(input.today) && waiver.covers(note.code, note.address.as_ref(), None))
}

fn sort_key(note: &Note) -> (Severity, &Option<Address>, &str, &str) {
    (note.severity, &note.address, note.code, &note.message)
}
