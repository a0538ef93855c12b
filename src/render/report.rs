//! What people and pipelines read of a run, in every format there is.

use super::{
    DriftView, FindingsView, Format, OutcomeView, PlanView, Style, checks, events, findings, html, json,
    markdown, metrics, text,
};

/// What a command found or did, to be written in any format.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one of them in a run")]
pub enum Report {
    /// What apply would do.
    Plan(PlanView),
    /// How the live side departs from the files.
    Drift(DriftView),
    /// What became of a run.
    Outcome(OutcomeView),
    /// What is wrong with the files, or why a command ended without a result.
    Findings(FindingsView),
}

impl Report {
    /// Writes the report. Text asks for what a terminal shows, what is read elsewhere for links.
    pub fn render(&self, format: Format, style: &Style) -> String {
        match format {
            Format::Text => match self {
                Report::Plan(view) => text::plan(view, style),
                Report::Drift(view) => text::drift(view, style),
                Report::Outcome(view) => text::outcome(view, style),
                Report::Findings(view) => findings::text(view),
            },
            Format::Json => match self {
                Report::Plan(view) => json::plan(view),
                Report::Drift(view) => json::drift(view),
                Report::Outcome(view) => json::outcome(view),
                Report::Findings(view) => findings::json(view),
            },
            Format::Markdown => markdown::report(self, style),
            Format::Html => html::report(self, style),
            Format::Github => checks::annotations(self, style),
            Format::Gitlab => checks::quality(self, style),
            Format::Junit => checks::junit(self),
            Format::Sarif => checks::sarif(self, style),
            Format::Openmetrics => metrics::metrics(self),
            Format::Events => events::report(self, style),
        }
    }
}
