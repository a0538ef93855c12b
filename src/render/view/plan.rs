//! A plan to be shown.

use jiff::Timestamp;

use super::{ChangeView, DriftedView, NoteView, Place, RevisionsView, UnreadableView};
use crate::apply::plan_file::{ApiPlaces, whole_seconds};
use crate::diff::Class;
use crate::model::{Kind, Revisions};
use crate::plan::{Action, ActionEffect, Block, Plan, Status, Unmanaged, Verb, Wait};
use crate::render::sanitise::{Message, Name};

/// What a plan itself does not know about how it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFacts {
    /// How many requests were sent to make it.
    pub requests_made: u64,
    /// How many there may be: parents and pages.
    pub requests_budget: u64,
    /// The base URL of the API, for people.
    pub api: String,
    /// What it was made of, where it was made with a base.
    pub revisions: Option<Revisions>,
    /// Where the APIs are.
    pub places: ApiPlaces,
    /// When it was made.
    pub created: Timestamp,
}

/// A plan to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanView {
    /// The name of the estate.
    pub estate: Name,
    /// Where the API is, for people.
    pub api: Name,
    /// Where the APIs are.
    pub places: ApiPlaces,
    /// When it was made, to the second.
    pub created: Timestamp,
    /// Identifies the plan.
    pub digest: String,
    /// What it was made of, where it was made with a base.
    pub revisions: Option<RevisionsView>,
    /// How many requests were sent to make it.
    pub requests_made: u64,
    /// How many there may be.
    pub requests_budget: u64,
    /// The numbers.
    pub summary: PlanSummary,
    /// What is to be done, in the order of the plan.
    pub actions: Vec<ActionView>,
    /// What changed on the live side only, and is left as it is.
    pub drift: Vec<DriftedView>,
    /// What could not be read with this token.
    pub unreadable: Vec<UnreadableView>,
    /// What is live and declared nowhere.
    pub unmanaged: Vec<UnmanagedView>,
    /// Problems first, then notes.
    pub notes: Vec<NoteView>,
}

/// The numbers of a plan. Creates, updates and deletes count what may run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlanSummary {
    /// How many are to be created.
    pub create: usize,
    /// How many are to be updated.
    pub update: usize,
    /// How many are to be deleted.
    pub delete: usize,
    /// How many are as declared.
    pub unchanged: usize,
    /// How many are to be restarted.
    pub restart: usize,
    /// How many are to be scaled, started or stopped.
    pub scale: usize,
    /// How many may not run.
    pub blocked: usize,
    /// How many wait for a person.
    pub waiting: usize,
    /// How many could not be read.
    pub unreadable: usize,
    /// How many are live and declared nowhere.
    pub unmanaged: usize,
    /// How many problems there are.
    pub problems: usize,
    /// What happens to environments in production mode.
    pub production: ProductionEffects,
    /// Whose the changes are; nothing where no earlier state of the files is known.
    pub classes: Option<ClassCounts>,
}

/// How many changes are of a class. A create and a delete are one each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClassCounts {
    /// The files changed.
    pub change: usize,
    /// The files did not name the field before.
    pub adopt: usize,
    /// Both sides changed.
    pub conflict: usize,
    /// The live side changed.
    pub drift: usize,
}

/// How many environments in production mode an effect touches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProductionEffects {
    /// Instances are replaced one by one.
    pub rolling: usize,
    /// The app restarts.
    pub restart: usize,
    /// The app stops.
    pub stop: usize,
    /// Data is lost.
    pub data_loss: usize,
}

/// One action to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionView {
    /// Its id.
    pub id: Name,
    /// The resource.
    pub address: Name,
    /// The kind of the resource.
    pub kind: Kind,
    /// What is done.
    pub verb: Verb,
    /// The strongest class of its changes; nothing where no earlier state of the files is known.
    pub class: Option<Class>,
    /// What it does to a running environment.
    pub effect: ActionEffect,
    /// Whether it touches an environment in production mode.
    pub production: bool,
    /// Whether it takes something away from users.
    pub destructive: bool,
    /// Actions that have to succeed first.
    pub needs: Vec<Name>,
    /// Identifies it.
    pub digest: String,
    /// Whether it may run.
    pub status: StatusView,
    /// The guards that said no and were waived.
    pub waived: Vec<WaivedView>,
    /// Why it is in the plan.
    pub reason: Message,
    /// The fields that it changes.
    pub changes: Vec<ChangeView>,
    /// The document or tombstone that asks for it.
    pub place: Place,
}

/// A guard that said no and was waived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaivedView {
    /// The stable code of its reason.
    pub code: String,
    /// The reason.
    pub reason: Message,
    /// The guard, where it stands in the files.
    pub place: Option<Place>,
}

/// Whether an action may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusView {
    /// It may.
    Ready,
    /// It may not.
    Blocked {
        /// The stable code of the reason.
        code: String,
        /// The reason.
        reason: Message,
        /// What to do about it.
        help: Option<Message>,
        /// The place that says no.
        place: Option<Place>,
        /// Whether it is a guard, which can be waived by the digest of the action.
        is_guard: bool,
    },
    /// It cannot yet: a person has to do something first.
    Waiting {
        /// The stable code of the reason.
        code: String,
        /// The reason.
        reason: Message,
        /// The resource that is not ready for it.
        on: Name,
        /// The command that a person has to run.
        command: Name,
    },
}

impl StatusView {
    /// The status in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            StatusView::Ready => "ready",
            StatusView::Blocked { .. } => "blocked",
            StatusView::Waiting { .. } => "waiting",
        }
    }
}

/// A live resource that is declared nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmanagedView {
    /// Its address, made of live names.
    pub address: Name,
    /// Its id.
    pub id: Name,
}

impl From<&Unmanaged> for UnmanagedView {
    fn from(unmanaged: &Unmanaged) -> UnmanagedView {
        let Unmanaged { address, id } = unmanaged;
        UnmanagedView { address: Name::new(address), id: Name::new(id) }
    }
}

/// Views a plan.
pub fn plan_view(plan: &Plan, facts: &PlanFacts) -> PlanView {
    let Plan {
        estate,
        digest,
        packages: _,
        actions,
        drift,
        unchanged,
        unreadable,
        unmanaged,
        notes,
        problems,
    } = plan;
    let actions: Vec<_> = actions.iter().map(ActionView::from).collect();
    let PlanFacts { requests_made, requests_budget, api, revisions, places, created } = facts;
    PlanView {
        estate: Name::new(estate),
        api: Name::new(api),
        places: places.clone(),
        created: whole_seconds(*created),
        digest: digest.clone(),
        revisions: revisions.as_ref().map(RevisionsView::from),
        requests_made: *requests_made,
        requests_budget: *requests_budget,
        summary: PlanSummary {
            unchanged: unchanged.len(),
            unreadable: unreadable.len(),
            unmanaged: unmanaged.len(),
            problems: problems.len(),
            ..PlanSummary::of(&actions)
        },
        actions,
        drift: drift.iter().map(DriftedView::from).collect(),
        unreadable: unreadable.iter().map(UnreadableView::from).collect(),
        unmanaged: unmanaged.iter().map(UnmanagedView::from).collect(),
        notes: problems.iter().map(NoteView::from).chain(notes.iter().map(NoteView::from)).collect(),
    }
}

impl PlanSummary {
    /// Counts what is to be done; the rest is told by the plan.
    pub(in crate::render) fn of(actions: &[ActionView]) -> PlanSummary {
        let mut summary = PlanSummary { classes: classes(actions), ..PlanSummary::default() };
        for action in actions {
            match &action.status {
                StatusView::Ready => {}
                StatusView::Blocked { .. } => {
                    summary.blocked += 1;
                    continue;
                }
                StatusView::Waiting { .. } => {
                    summary.waiting += 1;
                    continue;
                }
            }
            match action.verb {
                Verb::Create => summary.create += 1,
                Verb::Update => summary.update += 1,
                Verb::Delete => summary.delete += 1,
                Verb::Restart => summary.restart += 1,
                Verb::Scale => summary.scale += 1,
            }
            if action.production {
                let production = &mut summary.production;
                match action.effect {
                    ActionEffect::None => {}
                    ActionEffect::Rolling => production.rolling += 1,
                    ActionEffect::Restart => production.restart += 1,
                    ActionEffect::Stop => production.stop += 1,
                    ActionEffect::DataLoss => production.data_loss += 1,
                }
            }
        }
        summary
    }
}

/// Whose the changes are. What the command line asks for by itself has no class.
fn classes(actions: &[ActionView]) -> Option<ClassCounts> {
    let mut counts = ClassCounts::default();
    let mut any = false;
    for action in actions {
        let Some(strongest) = action.class else { continue };
        any = true;
        let is_one = matches!(action.verb, Verb::Create | Verb::Delete);
        let all = action.changes.iter().filter_map(|change| change.class);
        for class in if is_one { vec![strongest] } else { all.collect() } {
            *match class {
                Class::Change => &mut counts.change,
                Class::Adopt => &mut counts.adopt,
                Class::Conflict => &mut counts.conflict,
                Class::Drift => &mut counts.drift,
            } += 1;
        }
    }
    any.then_some(counts)
}

impl From<&Action> for ActionView {
    fn from(action: &Action) -> ActionView {
        let Action {
            id,
            address,
            identity,
            cluster: _,
            work,
            class,
            effect,
            production,
            needs,
            digest,
            status,
            waived,
            reason,
            origin,
        } = action;
        let table = identity.kind().fields();
        ActionView {
            id: Name::new(id),
            address: Name::new(address),
            kind: identity.kind(),
            verb: work.verb(),
            class: *class,
            effect: *effect,
            production: *production,
            destructive: action.is_destructive(),
            needs: needs.iter().map(Name::new).collect(),
            digest: digest.clone(),
            status: StatusView::from(status),
            waived: waived.iter().map(WaivedView::from).collect(),
            reason: Message::new(reason),
            changes: work.changes().iter().map(|change| ChangeView::new(table, change)).collect(),
            place: Place::from(origin),
        }
    }
}

impl From<&Block> for WaivedView {
    fn from(block: &Block) -> WaivedView {
        let Block { code, reason, help: _, origin, is_guard: _ } = block;
        WaivedView {
            code: (*code).to_owned(),
            reason: Message::new(reason),
            place: origin.as_ref().map(Place::from),
        }
    }
}

impl From<&Status> for StatusView {
    fn from(status: &Status) -> StatusView {
        match status {
            Status::Ready => StatusView::Ready,
            Status::Blocked(Block { code, reason, help, origin, is_guard }) => StatusView::Blocked {
                code: (*code).to_owned(),
                reason: Message::new(reason),
                help: help.as_deref().map(Message::new),
                place: origin.as_ref().map(Place::from),
                is_guard: *is_guard,
            },
            Status::Waiting(Wait { code, reason, on, command }) => StatusView::Waiting {
                code: (*code).to_owned(),
                reason: Message::new(reason),
                on: Name::new(on),
                command: Name::new(command),
            },
        }
    }
}
