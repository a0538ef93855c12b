//! Plan, drift, outcome and progress as text or data. Pure: no files, no network, no clock, no terminal.
//!
//! ```text
//! Plan, Drift, Outcome ──view──▶ redacted, grouped data ──text, json──▶ String
//! ApplyEvent ──progress──▶ lines
//! ```
//!
//! A view is made once, for all formats, and is the only thing that a format sees. So a secret that a view leaves
//! out cannot be in any of them, and a text that may end on a terminal can only be had sanitised. A new format is
//! one file over the views and one arm in [`Report::render`].

mod checks;
mod difference;
mod doctor;
mod events;
mod findings;
mod format;
mod graph;
mod html;
mod json;
mod layout;
mod links;
mod markdown;
mod metrics;
mod mxpc;
mod orders;
mod parts;
pub mod plural;
pub mod progress;
mod redact;
mod report;
mod sanitise;
mod saved;
pub mod schemas;
mod style;
mod table;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod text;
mod value;
mod view;
mod window;
mod words;

pub use doctor::{Able, Check, Commands, DoctorView, Verdict, render_doctor};
pub use events::event as event_line;
pub use findings::{Finding, FindingSeverity, FindingsView};
pub use format::{Format, GraphFormat, OutputFormat, TableFormat, UnknownFormat};
pub use graph::render_graph;
pub use mxpc::{MxpcVersion, render_mxpc_versions};
pub use orders::without_orders;
pub use report::Report;
pub use sanitise::{Message, Name, sanitise};
pub use saved::NotSaved;
pub use style::Style;
pub use value::Shown;
pub use view::{
    ActionView, ChangeView, ClassCounts, ClusterView, DriftSummary, DriftView, DriftedView, EnvironmentView,
    EstateStatusView, FailureView, GraphView, LayerView, Mark, NamespaceView, NodeView, NoteSeverity,
    NoteView, OutcomeSummary, OutcomeView, PackageRowView, PackageView, PackagesView, Place, PlanFacts,
    PlanSummary, PlanView, ProductionEffects, ReportView, RevisionsView, StandingView, StatusSummary,
    StatusView, Subject, UnmanagedView, UnreadableView, Wanted, WhyFieldView, WhyView, drift_view,
    estate_graph, outcome_graph, outcome_view, packages_view, plan_graph, plan_view, status_view, why_view,
};

use std::time::Duration;

/// Writes what a person has to do while a run waits for it, and for how long it does.
pub fn render_human_steps(view: &OutcomeView, left: Duration, style: &Style) -> String {
    text::human_steps(view, left, style)
}

/// Writes the live picture of an estate.
pub fn render_status(view: &EstateStatusView, format: TableFormat, style: &Style) -> String {
    match format {
        TableFormat::Text => text::status(view, style),
        TableFormat::Json => json::status(view),
    }
}

/// Writes the packages of apps.
pub fn render_packages(view: &PackagesView, format: TableFormat, style: &Style) -> String {
    match format {
        TableFormat::Text => text::packages(view, style),
        TableFormat::Json => json::packages(view),
    }
}

/// Writes why fields are what they are.
pub fn render_why(view: &WhyView, format: TableFormat, style: &Style) -> String {
    match format {
        TableFormat::Text => text::why(view, style),
        TableFormat::Json => json::why(view),
    }
}
