//! What holds for every rendering: it reads well, keeps secrets, writes no escapes, adds up.

use serde_json::json;

use super::testing::*;
use super::*;
use crate::plan::Plan;

mod cases;
mod checks;
mod laws;
mod markdown;
mod pictures;

fn plain(width: usize) -> Style {
    Style { width, ..Style::default() }
}

fn plan_text(plan: &Plan) -> String {
    Report::Plan(plan_view(plan, &facts())).render(Format::Text, &plain(100))
}

#[test]
fn formats_are_known_by_name() {
    for format in Format::ALL {
        assert_eq!(format.to_string().parse(), Ok(format));
    }
    let error = "yaml".parse::<Format>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`yaml` is not a format; the formats are text, json, markdown, html, github, gitlab, junit, sarif, openmetrics, events"
    );
}

#[test]
fn an_empty_list_of_findings_is_a_document() {
    let document: serde_json::Value =
        serde_json::from_str(&Report::Findings(FindingsView::default()).render(Format::Json, &plain(100)))
            .unwrap();
    assert_eq!(document["summary"], json!({"errors": 0, "warnings": 0, "infos": 0, "waived": 0}));
}
