//! Redacted, grouped data, made once for all formats. No format looks at a plan itself.

mod change;
mod drift;
mod graph;
mod note;
mod outcome;
mod packages;
mod plan;
mod revisions;
mod status;
mod unreadable;
mod why;

pub use change::{ChangeView, Wanted};
pub use drift::{DriftSummary, DriftView, DriftedView, drift_view};
pub use graph::{GraphView, Mark, NodeView, Subject, estate_graph, outcome_graph, plan_graph};
pub use note::{NoteSeverity, NoteView};
pub(super) use outcome::blamed;
pub use outcome::{FailureView, OutcomeSummary, OutcomeView, ReportView, outcome_view};
pub use packages::{PackageRowView, PackagesView, packages_view};
pub(super) use plan::WaivedView;
pub use plan::{
    ActionView, ClassCounts, PlanFacts, PlanSummary, PlanView, ProductionEffects, StatusView, UnmanagedView,
    plan_view,
};

pub use revisions::RevisionsView;
pub use status::{
    ClusterView, EnvironmentView, EstateStatusView, NamespaceView, PackageView, StandingView, StatusSummary,
    status_view,
};
pub use unreadable::UnreadableView;
pub use why::{LayerView, WhyFieldView, WhyView, why_view};

use std::fmt;

use super::sanitise::Name;
use crate::model::Origin;

/// A place in a file of the estate. Shown as `envs/orders.yaml:12:5`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, relative to the estate.
    pub file: Name,
    /// The first line, from 1.
    pub line: usize,
    /// The first column, from 1.
    pub column: usize,
    /// The line of the end.
    pub end_line: usize,
    /// The column just behind the last character.
    pub end_column: usize,
}

impl From<&Origin> for Place {
    fn from(origin: &Origin) -> Place {
        let Origin { file, line, column, end_line, end_column, start: _, end: _ } = origin;
        Place {
            file: Name::new(file),
            line: *line,
            column: *column,
            end_line: *end_line,
            end_column: *end_column,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}
