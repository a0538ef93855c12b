//! A drift report to be shown.

use jiff::Timestamp;

use super::{ChangeView, NoteView, Place, RevisionsView, UnmanagedView, UnreadableView};
use crate::plan::drift::{Drift, DriftState, Drifted};
use crate::render::sanitise::Name;

/// A drift report to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct DriftView {
    /// The name of the estate.
    pub estate: Name,
    /// When the live side was read, to the second.
    pub created: Option<Timestamp>,
    /// What it was made of, where it was made with a base.
    pub revisions: Option<RevisionsView>,
    /// The numbers.
    pub summary: DriftSummary,
    /// Resources that are not as declared, ordered by address.
    pub resources: Vec<DriftedView>,
    /// What could not be read with this token.
    pub unreadable: Vec<UnreadableView>,
    /// What is live and declared nowhere.
    pub unmanaged: Vec<UnmanagedView>,
    /// What a person should read.
    pub notes: Vec<NoteView>,
}

/// The numbers of a drift report.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DriftSummary {
    /// Fields differ.
    pub drifted: usize,
    /// Declared and not live.
    pub missing: usize,
    /// Live although a tombstone says that it is gone.
    pub not_removed: usize,
    /// As declared, and the platform reports that it failed.
    pub failed: usize,
    /// Not readable with this token.
    pub unreadable: usize,
    /// Live and declared nowhere.
    pub unmanaged: usize,
    /// Live and declared.
    pub managed: usize,
    /// How many changes of the files are not applied yet; nothing where no earlier state of the files is known.
    pub open: Option<usize>,
    /// The share of live resources that the files declare, from 0 to 1.
    pub coverage: f64,
}

/// A resource that is not as declared.
#[derive(Debug, Clone, PartialEq)]
pub struct DriftedView {
    /// The resource.
    pub address: Name,
    /// In which way.
    pub state: DriftState,
    /// The fields that differ: `before` is live, what is wanted is declared.
    pub changes: Vec<ChangeView>,
    /// The document that declares it.
    pub place: Place,
}

/// Views a drift report; it does not know of time and revisions itself.
pub fn drift_view(drift: &Drift) -> DriftView {
    let Drift { estate, resources, unreadable, unmanaged, managed, open, notes } = drift;
    DriftView {
        estate: Name::new(estate),
        created: None,
        revisions: None,
        summary: DriftSummary {
            drifted: drift.count(DriftState::Drifted),
            missing: drift.count(DriftState::Missing),
            not_removed: drift.count(DriftState::NotRemoved),
            failed: drift.count(DriftState::Failed),
            unreadable: unreadable.len(),
            unmanaged: unmanaged.len(),
            managed: *managed,
            open: *open,
            coverage: drift.coverage(),
        },
        resources: resources.iter().map(DriftedView::from).collect(),
        unreadable: unreadable.iter().map(UnreadableView::from).collect(),
        unmanaged: unmanaged.iter().map(UnmanagedView::from).collect(),
        notes: notes.iter().map(NoteView::from).collect(),
    }
}

impl From<&Drifted> for DriftedView {
    fn from(drifted: &Drifted) -> DriftedView {
        let Drifted { address, state, changes, origin } = drifted;
        let table = address.kind().fields();
        DriftedView {
            address: Name::new(address),
            state: *state,
            changes: changes.iter().map(|change| ChangeView::new(table, change)).collect(),
            place: Place::from(origin),
        }
    }
}
