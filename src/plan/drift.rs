//! Drift: the same difference told from the live side. A report, never a plan.

use super::cloud;
use super::{Action, Note, PlanError, PlanInput, Unmanaged, Unreadable, Verb};
use super::{note, waiting};
use crate::diff::{Change, Class};
use crate::model::{Address, Desired, DesiredState, Kind, Live, Origin};

/// What the live side does differently.
#[derive(Debug, Clone)]
pub struct Drift {
    /// The name of the estate.
    pub estate: String,
    /// Resources that are not as declared, ordered by address.
    pub resources: Vec<Drifted>,
    /// Declared resources, and tombstones, of which the API does not tell this token whether they exist.
    pub unreadable: Vec<Unreadable>,
    /// What is live and declared nowhere.
    pub unmanaged: Vec<Unmanaged>,
    /// How many live resources the estate declares.
    pub managed: usize,
    /// How many changes the files ask for, compared with the base, that are not applied yet; nothing without a base.
    pub open: Option<usize>,
    /// What a person should read.
    pub notes: Vec<Note>,
}

/// A resource that is not as declared.
#[derive(Debug, Clone)]
pub struct Drifted {
    /// The resource.
    pub address: Address,
    /// In which way.
    pub state: DriftState,
    /// The fields that differ, from declared (after) to live (before).
    pub changes: Vec<Change>,
    /// The document that declares it.
    pub origin: Origin,
}

/// In which way a resource is not as declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DriftState {
    /// Fields differ.
    Drifted,
    /// It is declared and not live.
    Missing,
    /// It is live although a tombstone says that it is gone.
    NotRemoved,
    /// The platform reports that it failed.
    Failed,
}

impl Drifted {
    /// A declared resource with what changed on the live side only.
    pub(super) fn new(desired: &Desired, live: Option<&Live>, changes: Vec<Change>) -> Drifted {
        Drifted {
            address: desired.address.clone(),
            state: if live.is_some() { DriftState::Drifted } else { DriftState::Missing },
            // A resource that is not there has no fields that drifted.
            changes: if live.is_some() { changes } else { Vec::new() },
            origin: desired.origin.clone(),
        }
    }

    /// What a delete is for.
    pub(super) fn not_removed(delete: &Action) -> Drifted {
        Drifted {
            address: delete.address.clone(),
            state: DriftState::NotRemoved,
            changes: Vec::new(),
            origin: delete.origin.clone(),
        }
    }

    /// How an action shows that the live side is not as declared, and how many of its changes show nothing but that
    /// the files changed, and nobody has applied that yet.
    fn of(input: &PlanInput<'_>, action: &Action) -> (Option<Drifted>, usize) {
        let is_there = input.live.get(&action.identity).is_some();
        let was_declared = |base: &DesiredState| base.resources.contains_key(&action.identity);
        let found = |state, changes| Drifted {
            address: action.address.clone(),
            state,
            changes,
            origin: action.origin.clone(),
        };
        match action.verb() {
            Verb::Create if input.base.is_none_or(was_declared) => {
                (Some(found(DriftState::Missing, Vec::new())), 0)
            }
            Verb::Update if !is_there && input.base.is_none_or(was_declared) => {
                (Some(found(DriftState::Missing, Vec::new())), 0)
            }
            Verb::Create => (None, 1),
            Verb::Update if !is_there => (None, 1),
            // Nobody plans the others from files.
            Verb::Update | Verb::Restart | Verb::Scale => {
                let (drift, open): (Vec<Change>, Vec<Change>) =
                    action.changes().iter().cloned().partition(|change| {
                        matches!(change.class, None | Some(Class::Drift | Class::Conflict))
                    });
                let is_drift = !drift.is_empty();
                (is_drift.then(|| found(DriftState::Drifted, drift)), open.len())
            }
            Verb::Delete if matches!(action.class, None | Some(Class::Drift)) => {
                (Some(Drifted::not_removed(action)), 0)
            }
            Verb::Delete => (None, 1),
        }
    }
}

impl DriftState {
    /// The state in JSON and text.
    pub const fn name(self) -> &'static str {
        match self {
            DriftState::Drifted => "drifted",
            DriftState::Missing => "missing",
            DriftState::NotRemoved => "not-removed",
            DriftState::Failed => "failed",
        }
    }
}

impl Drift {
    /// How many resources are in this state.
    pub fn count(&self, state: DriftState) -> usize {
        self.resources.iter().filter(|resource| resource.state == state).count()
    }

    /// The share of live resources that the estate declares; 1 when nothing is live.
    pub fn coverage(&self) -> f64 {
        let live = self.managed + self.unmanaged.len();
        if live == 0 { 1.0 } else { self.managed as f64 / live as f64 }
    }
}

/// Tells how live state departs from the files.
///
/// # Errors
///
/// As [`super::plan`]: when needs form a loop.
pub fn drift(input: &PlanInput<'_>) -> Result<Drift, PlanError> {
    let plan = super::plan(input)?;
    let mut resources: Vec<Drifted> = Vec::new();
    let mut open = 0;
    for action in &plan.actions {
        let (found, changes) = Drifted::of(input, action);
        open += changes;
        let Some(found) = found else { continue };
        // Plans that are not there yet, and a hand-over, are actions apart, behind the others on their resource.
        let is_apart = action.id == waiting::pending_id(&action.address) || action.is_hand_over();
        match resources.iter_mut().find(|other| is_apart && other.address == found.address) {
            Some(other) if other.state == DriftState::Drifted => other.changes.extend(found.changes),
            Some(_) => {}
            None => resources.push(found),
        }
    }
    // A tombstone that could mean several resources: they are all live.
    let ambiguous = plan.problems.iter().filter(|problem| problem.code == note::AMBIGUOUS);
    resources.extend(ambiguous.map(|problem| Drifted {
        address: problem.address.clone(),
        state: DriftState::NotRemoved,
        changes: Vec::new(),
        origin: problem.origin.clone(),
    }));
    resources.extend(failed(input, &resources));
    resources.sort_by(|one, other| (&one.address, one.state).cmp(&(&other.address, other.state)));
    let managed = input
        .desired
        .resources
        .iter()
        .filter(|(identity, desired)| {
            identity.kind().is_managed()
                && input.scope.holds(&desired.address)
                && input.live.get(identity).is_some()
        })
        .count()
        + cloud::managed_members(input);
    Ok(Drift {
        estate: plan.estate,
        resources,
        unreadable: plan.unreadable,
        unmanaged: plan.unmanaged,
        managed,
        open: input.base.map(|_| open),
        notes: plan.notes,
    })
}

/// Environments that are as declared and failed all the same.
fn failed(input: &PlanInput<'_>, drifted: &[Drifted]) -> Vec<Drifted> {
    let environments = input.desired.of_kind(Kind::Environment);
    environments
        .filter(|desired| input.scope.holds(&desired.address))
        .filter(|desired| !drifted.iter().any(|other| other.address == desired.address))
        .filter(|desired| {
            input.live.get(&desired.identity).and_then(|live| live.text("/container/state")) == Some("Failed")
        })
        .map(|desired| Drifted {
            address: desired.address.clone(),
            state: DriftState::Failed,
            changes: Vec::new(),
            origin: desired.origin.clone(),
        })
        .collect()
}
