//! Drift: the same difference told from the live side. A report, never a plan.

use super::cloud;
use super::{Note, PlanError, PlanInput, Unmanaged, Unreadable, Verb};
use super::{note, waiting};
use crate::diff::Change;
use crate::model::{Address, Kind, Origin};

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
    for action in &plan.actions {
        let found = Drifted {
            address: action.address.clone(),
            state: match action.verb() {
                Verb::Create => DriftState::Missing,
                Verb::Update if input.live.get(&action.identity).is_none() => DriftState::Missing,
                // Nobody plans the others from files.
                Verb::Update | Verb::Restart | Verb::Scale => DriftState::Drifted,
                Verb::Delete => DriftState::NotRemoved,
            },
            // A resource that is not there has no fields that drifted.
            changes: match action.verb() {
                Verb::Update if input.live.get(&action.identity).is_some() => action.changes().to_vec(),
                _ => Vec::new(),
            },
            origin: action.origin.clone(),
        };
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
