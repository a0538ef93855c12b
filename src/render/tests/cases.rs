//! Ten reports that every format is looked at with, and their pictures in `tests/reports/`.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::*;
use crate::diff::Class;
use crate::model::{Address, BaseRevision, Revisions};
use crate::plan::{Action, ActionEffect, Status, Wait};

/// What is shown, by its name.
pub(super) fn cases() -> Vec<(&'static str, Report)> {
    let plan_of = |actions| Report::Plan(plan_view(&plan(actions), &facts()));
    vec![
        ("nothing", plan_of(Vec::new())),
        ("one-change", plan_of(vec![instances("production", 2, 3)])),
        ("400-changes", plan_of((0..400).map(|index| instances(&format!("env-{index:03}"), 1, 2)).collect())),
        ("destructive", Report::Plan(plan_view(&rich_plan(), &facts()))),
        (
            "blocked",
            plan_of(vec![blocked(instances("test", 1, 2)), guarded(delete(order_desk("production")))]),
        ),
        ("waiting", plan_of(vec![waiting(instances("test", 1, 2)), waiting(instances("demo", 1, 2))])),
        ("conflict", conflict()),
        ("partial-failure", Report::Outcome(outcome_view(&rich_outcome()))),
        ("invalid-input", invalid()),
        ("hostile-names", hostile()),
        ("drift", Report::Drift(drift_view(&rich_drift()))),
    ]
}

fn instances(name: &str, before: u32, after: u32) -> Action {
    let change = change("container.instances", json!(before), json!(after)).at(18);
    Action { production: name == "production", ..update(order_desk(name), vec![change]) }
}

fn guarded(action: Action) -> Action {
    let mut action = blocked(Action { effect: ActionEffect::DataLoss, production: true, ..action });
    if let Status::Blocked(block) = &mut action.status {
        block.code = crate::plan::note::PROTECTED;
        block.reason = "`environment/order-desk/production` is protected".to_owned();
        block.help = Some("take it out of `protect` in mxkeep.yaml, in a change of its own".to_owned());
        block.is_guard = true;
    }
    action
}

fn waiting(action: Action) -> Action {
    let wait = Wait {
        code: crate::plan::note::NEED_WAITING,
        reason: "its namespace has no plans yet: a person has to install the operator".to_owned(),
        on: Address::namespace("prod-eu", "orders"),
        command: "mxpc-cli installer -n orders -i 80a5f23d -s \"$MXKEEP_NAMESPACE_SECRET\"".to_owned(),
    };
    Action { status: Status::Waiting(wait), ..action }
}

fn conflict() -> Report {
    let of = |name: &str, class: Class| {
        let mut action = instances(name, 2, 3);
        action.class = Some(class);
        let changes = action.changes().iter().cloned();
        let changes = changes.map(|change| crate::diff::Change { class: Some(class), ..change }).collect();
        action.work = crate::plan::Work::Update(crate::diff::Changes::new(changes).unwrap());
        action
    };
    let mut both = blocked(of("production", Class::Conflict));
    if let Status::Blocked(block) = &mut both.status {
        block.code = crate::plan::note::CONFLICT;
        block.reason =
            "`container.instances` was changed in the files and on the live side: base `1`".to_owned();
        block.help = Some("put the live value into the file, or waive the conflict".to_owned());
        block.is_guard = true;
    }
    let base = BaseRevision { reference: "origin/main".to_owned(), commit: "4f2a9c1d".repeat(5) };
    let facts = PlanFacts { revisions: Some(Revisions { base, head: None }), ..facts() };
    let actions = vec![both, of("test", Class::Change), of("demo", Class::Drift), of("new", Class::Adopt)];
    Report::Plan(plan_view(&plan(actions), &facts))
}

fn invalid() -> Report {
    let finding = |code: &str, severity, message: &str, line| Finding {
        code: code.to_owned(),
        severity,
        message: Message::new(message),
        help: Some(Message::new("did you mean `instances`?")),
        address: Some(Name::new(order_desk("test"))),
        path: Some(Name::new("container.instnces")),
        source: Some(Place::from(&origin("envs/orders.yaml", line, 5))),
    };
    let findings = vec![
        finding("SHAPE-001", FindingSeverity::Error, "unknown key `instnces` in `container`", 12),
        finding("CNT-01", FindingSeverity::Warning, "`limits.memory` is below what the runtime needs", 14),
        Finding {
            help: None,
            address: None,
            path: None,
            source: None,
            ..finding(
                &format!("EXIT-{}", 10),
                FindingSeverity::Error,
                "the API cannot be reached: connection refused",
                1,
            )
        },
    ];
    Report::Findings(FindingsView { findings, waived: 2 })
}

/// What a pull request could try.
pub(super) const HOSTILE: &str = "x](https://evil.example) <img src=x onerror=alert(1)> @team #1 `rm` **b** | ``` ::error::x ##vso[x] ]]> --> \u{1b}[31m\u{202e} \"'&amp;";

fn hostile() -> Report {
    let mut action = update(
        Address::environment(HOSTILE, HOSTILE),
        vec![change("deployment.appUrl", json!(HOSTILE), json!(format!("{HOSTILE}\n{HOSTILE}\n---\n# h")))],
    );
    action.reason = HOSTILE.to_owned();
    action.origin = origin(HOSTILE, 1, 1);
    let mut gone = delete(Address::environment("a", HOSTILE));
    gone.reason = format!("{HOSTILE}\n\n{HOSTILE}");
    let mut held = blocked(delete(Address::cluster(HOSTILE)));
    if let Status::Blocked(block) = &mut held.status {
        block.reason = HOSTILE.to_owned();
        block.help = Some(HOSTILE.to_owned());
    }
    let mut note = write_only_note("production");
    note.message = HOSTILE.to_owned();
    let mut hostile = plan(vec![action, gone, held]);
    hostile.estate = HOSTILE.to_owned();
    hostile.notes = vec![note];
    hostile.unmanaged = vec![unmanaged(HOSTILE)];
    Report::Plan(plan_view(&hostile, &facts()))
}

/// How a picture of a format ends.
const fn ending(format: Format) -> &'static str {
    match format {
        Format::Text => "txt",
        Format::Json => "json",
        Format::Markdown => "md",
        Format::Html => "html",
        Format::Github => "txt",
        Format::Gitlab | Format::Sarif => "json",
        Format::Junit => "xml",
        Format::Openmetrics => "txt",
        Format::Events => "jsonl",
    }
}

/// The graphs of the cases that have one.
fn graphs() -> Vec<(&'static str, GraphView)> {
    let graph = |report: &Report| match report {
        Report::Plan(view) => Some(plan_graph(view)),
        Report::Outcome(view) => Some(outcome_graph(view)),
        Report::Drift(_) | Report::Findings(_) => None,
    };
    let told = ["destructive", "waiting", "partial-failure", "hostile-names"];
    let drawn = cases().into_iter().filter(|(name, _)| told.contains(name));
    drawn.filter_map(|(name, report)| Some((name, graph(&report)?))).chain([("layers", layers())]).collect()
}

/// What a graph has to get right: edges over several layers, and what follows from other edges.
fn layers() -> GraphView {
    let mut actions: Vec<_> = ["a", "b", "c", "d", "e"].map(|name| instances(name, 1, 2)).into();
    for (index, needs) in [(1, vec![0]), (2, vec![1, 0]), (3, vec![2, 1]), (4, vec![0])] {
        actions[index].needs = needs.into_iter().map(|need: usize| actions[need].id.clone()).collect();
    }
    plan_graph(&plan_view(&plan(actions), &facts()))
}

fn differs(file: &Path, text: &str, is_update: bool) -> Option<PathBuf> {
    if is_update {
        fs_err::create_dir_all(file.parent().unwrap()).unwrap();
        fs_err::write(file, text).unwrap();
    }
    (fs_err::read_to_string(file).unwrap_or_default() != text).then(|| file.to_owned())
}

#[test]
fn needs_that_follow_from_others_are_not_drawn() {
    assert_eq!(layers().edges, [(0, 1), (1, 2), (2, 3), (0, 4)]);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "asked for by whoever runs the tests")]
fn every_format_looks_as_in_its_pictures() {
    let is_update = std::env::var("UPDATE").is_ok();
    let mut wrong = Vec::new();
    for (name, report) in cases() {
        for format in Format::ALL {
            let text = report.render(format, &plain(100));
            let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reports").join(format.name());
            let file = folder.join(format!("{name}.{}", ending(format)));
            wrong.extend(differs(&file, &text, is_update));
        }
    }
    for (name, graph) in graphs() {
        for format in GraphFormat::ALL {
            let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reports/graph");
            let file = folder.join(format!("{name}.{}", format.name()));
            wrong.extend(differs(&file, &render_graph(&graph, format), is_update));
        }
    }
    assert!(wrong.is_empty(), "UPDATE=1 cargo test --lib pictures writes them anew: {wrong:?}");
}
