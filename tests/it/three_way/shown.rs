//! How classes are shown. The page about them shows the same.

use mxkeep::apply::plan_file::ApiPlaces;
use mxkeep::model::{BaseRevision, Revisions};
use mxkeep::plan::drift::drift;
use mxkeep::plan::{DriftMode, Plan, PlanInput, PlanOptions, Scope};
use mxkeep::render::{Format, PlanFacts, Report, Style, drift_view, plan_view, schemas};
use serde_json::{Value, json};

use super::{ENVIRONMENT, Estate};
use crate::support::driver::{TODAY, load_valid};
use crate::support::project;

const API: &str = "https://privatecloud.mendixcloud.com/api/v4";
const SPARE: &str = "namespaces/0b1b2c3d-0000-4000-8000-000000000003";

/// A pull request that changes and adopts, while somebody changed something else in the portal.
fn busy() -> Estate {
    let estate = Estate::new(|directory| {
        let spare = directory.path().join("spare.yaml");
        let text = fs_err::read_to_string(&spare).unwrap();
        fs_err::write(&spare, format!("{text}  enableDevelopmentMode: false\n")).unwrap();
    });
    estate.edit("shop.yaml", "{M.One: a}", "{M.One: b}");
    estate.edit("shop.yaml", "size: S}", "size: S}\n  annotations: {Pod: {team: shop}}");
    estate.world.edit(SPARE, "/enableDevelopmentMode", true.into());
    estate
}

fn text(plan: &Plan) -> String {
    render(plan, Format::Text)
}

fn render(plan: &Plan, format: Format) -> String {
    let base = BaseRevision { reference: "origin/main".to_owned(), commit: "4f2a9c1d".repeat(5) };
    let revisions = Some(Revisions { base, head: None });
    let facts = PlanFacts {
        requests_made: 0,
        requests_budget: 0,
        api: API.to_owned(),
        revisions,
        places: ApiPlaces::default(),
        created: jiff::Timestamp::UNIX_EPOCH,
    };
    Report::Plan(plan_view(plan, &facts)).render(format, &Style::default())
}

fn on_the_page(text: &str) {
    let page = fs_err::read_to_string(project().join("docs/concepts/three-way.md")).unwrap();
    let block = format!("```text\n{}\n```", text.trim_end());
    assert!(page.contains(&block), "the page does not show\n{block}");
}

#[test]
fn drift_stands_in_a_section_of_its_own() {
    let (_, plan) = busy().plan(&PlanOptions::new());
    on_the_page(&text(&plan));
}

#[test]
fn drift_that_is_left_stands_in_another() {
    let options = PlanOptions { drift: DriftMode::Report, ..PlanOptions::new() };
    let (_, plan) = busy().plan(&options);
    let text = text(&plan);
    let section = "Drift: changed on the live side, and left as it is\n\n~ drifted namespace/eu/spare  spare.yaml:1:1\n    enableDevelopmentMode: live true, declared false  spare.yaml:6:26\n";
    assert!(text.contains(section), "{text}");
    assert!(text.contains(" · 2 unchanged · 1 left as drifted · 1 changed, 1 adopted · "), "{text}");
    let document: Value = serde_json::from_str(&render(&plan, Format::Json)).unwrap();
    assert_eq!(document["drift"][0]["address"], "namespace/eu/spare");
    assert_eq!(document["drift"][0]["changes"][0]["class"], "drift");
    valid(&schemas::plan(), &document);
}

#[test]
fn json_has_the_class_of_every_action_and_change_and_counts_them() {
    let estate = busy();
    estate.world.edit(ENVIRONMENT, "/container/instances", 5.into());
    let (_, plan) = estate.plan(&PlanOptions::new());
    let document: Value = serde_json::from_str(&render(&plan, Format::Json)).unwrap();
    assert_eq!(document["summary"]["classes"], json!({"conflict": 0, "change": 1, "adopt": 1, "drift": 2}));
    let classes = |action: &Value| -> Vec<String> {
        let changes = action["changes"].as_array().unwrap().iter().map(|change| &change["class"]);
        let all = std::iter::once(&action["class"]).chain(changes);
        all.map(|class| class.as_str().unwrap().to_owned()).collect()
    };
    let actions = document["actions"].as_array().unwrap();
    let found: Vec<_> = actions.iter().map(classes).collect();
    assert_eq!(found, [vec!["change", "change", "drift", "adopt"], vec!["drift", "drift"]]);
    valid(&schemas::plan(), &document);
    // Within an action that does both, drift is marked; in the section of its own it need not be.
    let text = text(&plan);
    assert!(text.contains("5 → 1 [drift]") && !text.contains("false [drift]"), "{text}");
}

#[test]
fn what_is_not_applied_is_counted_beside_drift() {
    let estate = busy();
    estate.world.edit(SPARE, "/enableDevelopmentMode", false.into());
    let (head, live) = (load_valid(estate.head.path()), estate.world.read(&estate.base));
    let scope = Scope::default();
    let input = PlanInput::new(&head, &live, &scope, TODAY);
    let view = drift_view(&drift(&PlanInput { base: Some(&estate.base), ..input }).unwrap());
    let report = Report::Drift(view);
    let text = report.render(Format::Text, &Style::default());
    let last = text.lines().last().unwrap();
    on_the_page(last);
    let document: Value = serde_json::from_str(&report.render(Format::Json, &Style::default())).unwrap();
    assert_eq!(document["summary"]["notApplied"], 2);
    valid(&schemas::drift(), &document);
}

fn valid(schema: &Value, document: &Value) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<_> = validator.iter_errors(document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
