//! Properties of all renderings.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::apply::{ActionOutcome, Outcome};
use crate::diff::{After, Change};
use crate::model::Address;
use crate::model::field::{Shape, walk};
use crate::plan::drift::{Drift, DriftState, Drifted};
use crate::plan::{Action, Status};

/// What must not be seen.
const CANARY: &str = "c4n4ry-in-a-coal-mine";

fn styles() -> [Style; 2] {
    [
        plain(100),
        Style {
            color: true,
            width: 30,
            unicode: false,
            hyperlinks: true,
            files: Some("file:///estate/".to_owned()),
            links: Some("https://git.example/blob/1/".to_owned()),
            root: "estate/".to_owned(),
        },
    ]
}

fn everything(plan: &Plan, drift: &Drift, outcome: &Outcome) -> Vec<String> {
    let reports = reports(plan, drift, outcome);
    let mut out = vec![format!("{reports:?}")];
    for style in styles() {
        for format in Format::ALL {
            out.extend(reports.iter().map(|report| report.render(format, &style)));
        }
    }
    out
}

fn reports(plan: &Plan, drift: &Drift, outcome: &Outcome) -> [Report; 3] {
    [
        Report::Plan(plan_view(plan, &facts())),
        Report::Drift(drift_view(drift)),
        Report::Outcome(outcome_view(outcome)),
    ]
}

fn around(actions: Vec<Action>) -> (Plan, Drift, Outcome) {
    let resources = actions.iter().map(|action| Drifted {
        address: action.address.clone(),
        state: DriftState::Drifted,
        changes: action.changes().to_vec(),
        origin: action.origin.clone(),
    });
    let drift = drift(resources.collect());
    let reports = actions.iter().map(|action| report(action.clone(), ActionOutcome::Failed, 3));
    let outcome = outcome(reports.collect());
    (plan(actions), drift, outcome)
}

/// Every secret of every table, said in every way in which a change can say it.
fn canaries() -> Vec<Action> {
    let mut changes = Vec::new();
    for sensitive in [true, false] {
        for path in secret_paths() {
            let change = Change { sensitive, ..change(path, json!(CANARY), json!(CANARY)) };
            let outside = from_env("NAME", true, Some(CANARY));
            changes.extend([
                change.clone(),
                change.clone().to(outside),
                change.to(After::ClearTo(json!(CANARY))),
            ]);
        }
    }
    let outside = change("description", Value::Null, Value::Null).to(from_env("NAME", true, Some(CANARY)));
    let certificates =
        json!([{"key": CANARY, "password": CANARY, "unknown": CANARY, "certificateType": "Client"}]);
    let cleared = change("network.outgoingConnectionCertificate", certificates.clone(), Value::Null);
    let set = change("network", Value::Null, json!({"outgoingConnectionCertificate": certificates}));
    changes.extend([outside, cleared.to(After::ClearTo(json!([]))), set]);
    vec![create(order_desk("test"), changes.clone()), update(order_desk("production"), changes)]
}

/// The secret fields of environments, items included.
fn secret_paths() -> Vec<&'static str> {
    let mut paths = Vec::new();
    walk(crate::model::Kind::Environment.fields(), &mut |path, field| {
        if field.sensitive && !matches!(field.shape, Shape::Object(_)) {
            paths.push(&*path.replace("[]", "[x]").leak());
        }
    });
    assert!(paths.len() >= 5, "{paths:?}");
    paths
}

#[test]
fn no_rendering_holds_a_secret() {
    let (plan, drift, outcome) = around(canaries());
    for text in everything(&plan, &drift, &outcome) {
        assert!(!text.contains(CANARY), "{text}");
    }
}

/// A text that somebody wrote to confuse a terminal.
fn nasty() -> impl Strategy<Value = String> {
    let escapes = prop::sample::select(vec![
        "\u{1b}[2J",
        "\u{1b}]0;t\u{7}",
        "\u{9b}1m",
        "\r",
        "\n",
        "\u{202e}",
        "\u{2066}",
        "\u{0}",
        "\t",
        "\u{7f}",
        "a",
        " ",
        "\"",
        "日",
    ]);
    prop_oneof![prop::collection::vec(escapes, 0..40).prop_map(|parts| parts.concat()), any::<String>()]
}

prop_compose! {
    fn nasty_plan()(
        texts in prop::collection::vec(nasty(), 9),
        verb in 0..3usize,
        is_blocked in any::<bool>(),
    ) -> Plan {
        let text = |index: usize| texts[index].clone();
        let address = Address::environment(&text(0), &text(1));
        let constant = constant(&texts[2]);
        let mut one = change("description", json!(text(3)), json!(text(4)));
        one.origin = Some(origin(&texts[5], 3, 4));
        let mut two = one.clone();
        two.path = constant;
        two.before = Some(json!({text(3): [text(4)]}));
        let three = change("container.instances", json!(1), Value::Null).to(from_env(&texts[6], true, None));
        let changes = vec![one, two, three];
        let mut action = match verb {
            0 => create(address, changes),
            1 => update(address, changes),
            _ => delete(address),
        };
        action.reason = text(6);
        if is_blocked {
            action = blocked(action);
        }
        if let Status::Blocked(block) = &mut action.status {
            block.reason = text(7);
            block.help = Some(text(8));
        }
        let mut note = write_only_note(&texts[0]);
        note.message = text(7);
        Plan { notes: vec![note], unmanaged: vec![unmanaged(&texts[1])], ..plan(vec![action]) }
    }
}

fn constant(name: &str) -> crate::model::FieldPath {
    let key = crate::model::ItemKey::Natural(vec![name.to_owned()]);
    crate::model::FieldPath::root().field("deployment").field("constants").item(key).field("value")
}

fn is_safe(text: &str) -> bool {
    text.chars().all(|character| character == '\n' || !crate::model::is_hidden(character))
}

proptest! {
    #[test]
    fn no_text_moves_a_terminal(plan in nasty_plan(), width in 0..120usize, unicode in any::<bool>()) {
        let (_, drift, mut outcome) = around(plan.actions.clone());
        for report in &mut outcome.actions {
            report.error = failure(crate::apply::outcome::JOB_FAILED, &report.action.reason, Some(&report.action.reason));
            report.warnings = vec![report.action.reason.clone()];
            report.job = Some(report.action.reason.clone());
        }
        let style = Style { width, unicode, ..plain(0) };
        let reports = reports(&plan, &drift, &outcome);
        for format in Format::ALL {
            for text in reports.iter().map(|report| report.render(format, &style)) {
                prop_assert!(is_safe(&text), "{text:?}");
                prop_assert!(text.ends_with('\n'));
                if format == Format::Json {
                    prop_assert!(serde_json::from_str::<Value>(&text).is_ok());
                }
            }
        }
    }

    #[test]
    fn json_has_exact_values(before in nasty(), after in nasty()) {
        let plan = plan(vec![update(order_desk("test"), vec![change("description", json!(before), json!(after))])]);
        let text = Report::Plan(plan_view(&plan, &facts())).render(Format::Json, &plain(100));
        let document: Value = serde_json::from_str(&text).unwrap();
        let change = &document["actions"][0]["changes"][0];
        prop_assert_eq!(&change["before"], &json!(before));
        prop_assert_eq!(&change["after"], &json!(after));
        // Written again, it is the same document.
        prop_assert_eq!(super::super::json::finish(&document), text);
    }

    /// A saved report is shown as it would have been shown at once.
    #[test]
    fn what_is_saved_is_shown_as_it_was(plan in nasty_plan(), width in 0..120usize) {
        let (_, drift, mut outcome) = around(plan.actions.clone());
        for report in &mut outcome.actions {
            report.error = failure(crate::apply::outcome::JOB_FAILED, &report.action.reason, None);
            report.log = vec![report.action.reason.clone()];
        }
        for report in reports(&plan, &drift, &outcome) {
            let saved = report.render(Format::Json, &plain(100));
            let read = Report::parse(saved.as_bytes()).unwrap();
            for format in Format::ALL {
                prop_assert_eq!(read.render(format, &plain(width)), report.render(format, &plain(width)));
            }
        }
    }

    #[test]
    fn outcomes_add_up(ways in prop::collection::vec(0..ActionOutcome::ALL.len(), 0..30)) {
        let reports = ways.iter().map(|way| report(delete(order_desk("test")), ActionOutcome::ALL[*way], 1));
        let view = outcome_view(&outcome(reports.collect()));
        prop_assert_eq!(view.summary.counts.iter().map(|(_, count)| count).sum::<usize>(), view.summary.total);
        let document: Value = serde_json::from_str(&Report::Outcome(view).render(Format::Json, &plain(100))).unwrap();
        let counts: u64 = document["summary"].as_object().unwrap().iter().filter(|(key, _)| *key != "total").map(|(_, count)| count.as_u64().unwrap()).sum();
        prop_assert_eq!(Some(counts), document["summary"]["total"].as_u64());
        prop_assert_eq!(document["actions"].as_array().unwrap().len(), ways.len());
    }

    #[test]
    fn documents_agree_with_their_schemas(plan in nasty_plan()) {
        let (_, drift, outcome) = around(plan.actions.clone());
        let style = plain(100);
        let finding = Finding {
            code: "SHAPE-001".to_owned(),
            severity: FindingSeverity::Error,
            message: Message::new("wrong"),
            help: None,
            address: None,
            path: Some(Name::new("id")),
            source: Some(Place::from(&origin("a.yaml", 1, 2))),
        };
        let found = FindingsView { findings: vec![finding], waived: 1 };
        for (schema, text) in [
            (schemas::plan(), Report::Plan(plan_view(&plan, &facts())).render(Format::Json, &style)),
            (schemas::drift(), Report::Drift(drift_view(&drift)).render(Format::Json, &style)),
            (schemas::outcome(), Report::Outcome(outcome_view(&outcome)).render(Format::Json, &style)),
            (schemas::validate(), Report::Findings(found).render(Format::Json, &style)),
        ] {
            let document: Value = serde_json::from_str(&text).unwrap();
            let validator = jsonschema::validator_for(&schema).unwrap();
            let errors: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
            prop_assert!(errors.is_empty(), "{errors:?}\n{text}");
        }
    }
}

#[test]
fn rich_documents_agree_with_their_schemas() {
    for (schema, text) in [
        (schemas::plan(), Report::Plan(plan_view(&rich_plan(), &facts())).render(Format::Json, &plain(100))),
        (schemas::drift(), Report::Drift(drift_view(&rich_drift())).render(Format::Json, &plain(100))),
        (
            schemas::outcome(),
            Report::Outcome(outcome_view(&rich_outcome())).render(Format::Json, &plain(100)),
        ),
    ] {
        let validator = jsonschema::validator_for(&schema).unwrap();
        let mut document: Value = serde_json::from_str(&text).unwrap();
        assert!(validator.is_valid(&document), "{text}");
        document["more"] = json!(1);
        assert!(!validator.is_valid(&document), "a schema has to notice a key that it does not know");
    }
    for (name, schema) in schemas::all() {
        // A journal has a document for each line, and the format in its first.
        let document = schema.pointer("/oneOf/0").unwrap_or(&schema);
        assert_eq!(document["properties"]["format"]["const"], name);
        assert!(jsonschema::meta::is_valid(&schema));
    }
}

#[test]
fn equal_plans_give_equal_bytes() {
    let (plan, drift, outcome) = (rich_plan(), rich_drift(), rich_outcome());
    assert_eq!(everything(&plan, &drift, &outcome), everything(&plan, &drift, &outcome));
}

#[test]
fn one_of_everything_is_shown_as_it_was() {
    for report in reports(&rich_plan(), &rich_drift(), &rich_outcome()) {
        let read = Report::parse(report.render(Format::Json, &plain(100)).as_bytes()).unwrap();
        assert_eq!(format!("{read:#?}"), format!("{report:#?}"));
    }
}
