//! Plan, drift, outcome and progress as text or data. Pure: no files, no network, no clock, no terminal.
//!
//! ```text
//! Plan, Drift, Outcome ──view──▶ redacted, grouped data ──text, json──▶ String
//! ApplyEvent ──progress──▶ lines
//! ```
//!
//! A view is made once, for all formats, and is the only thing that a format sees. So a secret that a view leaves
//! out cannot be in any of them, and a text that may end on a terminal can only be had sanitised. A new format is
//! one file over the views and one arm in each of the functions below.

mod doctor;
mod findings;
mod json;
mod layout;
mod mxpc;
pub mod plural;
pub mod progress;
mod redact;
mod sanitise;
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

pub use doctor::{Able, Check, Commands, DoctorView, Verdict, render_doctor};
pub use findings::{Finding, FindingSeverity, render_findings};
pub use mxpc::{MxpcVersion, render_mxpc_versions};
pub use sanitise::{Message, Name, sanitise};
pub use style::Style;
pub use value::Shown;
pub use view::{
    ActionView, ChangeView, ClusterView, DriftSummary, DriftView, DriftedView, EnvironmentView,
    EstateStatusView, FailureView, LayerView, NamespaceView, NoteSeverity, NoteView, OutcomeSummary,
    OutcomeView, PackageRowView, PackageView, PackagesView, Place, PlanFacts, PlanSummary, PlanView,
    ProductionEffects, ReportView, StandingView, StatusSummary, StatusView, UnmanagedView, UnreadableView,
    Wanted, WhyFieldView, WhyView, drift_view, outcome_view, packages_view, plan_view, status_view, why_view,
};

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// What a result is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Format {
    /// For people, in a terminal.
    #[default]
    Text,
    /// For scripts, versioned and with a JSON Schema ([`schemas`]).
    Json,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 2] = [Format::Text, Format::Json];

    /// The name of the format on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Json => "json",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is none of a format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a format; the formats are {names}", names = Format::ALL.map(Format::name).join(", "))]
pub struct UnknownFormat(pub String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Format, UnknownFormat> {
        Format::ALL
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}

/// Writes a plan.
pub fn render_plan(view: &PlanView, format: Format, style: &Style) -> String {
    match format {
        Format::Text => text::plan(view, style),
        Format::Json => json::plan(view),
    }
}

/// Writes a drift report.
pub fn render_drift(view: &DriftView, format: Format, style: &Style) -> String {
    match format {
        Format::Text => text::drift(view, style),
        Format::Json => json::drift(view),
    }
}

/// Writes what a person has to do while a run waits for it, and for how long it does.
pub fn render_human_steps(view: &OutcomeView, left: Duration, style: &Style) -> String {
    text::human_steps(view, left, style)
}

/// Writes what became of a run.
pub fn render_outcome(view: &OutcomeView, format: Format, style: &Style) -> String {
    match format {
        Format::Text => text::outcome(view, style),
        Format::Json => json::outcome(view),
    }
}

/// Writes the live picture of an estate.
pub fn render_status(view: &EstateStatusView, format: Format, style: &Style) -> String {
    match format {
        Format::Text => text::status(view, style),
        Format::Json => json::status(view),
    }
}

/// Writes the packages of apps.
pub fn render_packages(view: &PackagesView, format: Format, style: &Style) -> String {
    match format {
        Format::Text => text::packages(view, style),
        Format::Json => json::packages(view),
    }
}

/// Writes why fields are what they are.
pub fn render_why(view: &WhyView, format: Format, style: &Style) -> String {
    match format {
        Format::Text => text::why(view, style),
        Format::Json => json::why(view),
    }
}
