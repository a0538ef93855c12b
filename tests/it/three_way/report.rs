//! What follows from the classes: drift that is left, drift that is reported, resources as a whole.

use std::collections::BTreeSet;

use mxkeep::diff::Class;
use mxkeep::plan::drift::{Drift, DriftState, drift};
use mxkeep::plan::{DriftMode, PlanInput, PlanOptions, Scope, ValuesAt, Verb, note};

use super::{ENVIRONMENT, Estate, classes, notes};
use crate::support::driver::{TODAY, load_valid};
use crate::support::{World, copy_tree, project};

const REPORT: PlanOptions = PlanOptions {
    rotate: BTreeSet::new(),
    waive: BTreeSet::new(),
    waived_before: BTreeSet::new(),
    drift: DriftMode::Report,
    values: ValuesAt::Plan,
};

fn path(field: &str) -> (String, String) {
    ("environment/shop/shop1".to_owned(), field.to_owned())
}

fn drift_of(estate: &Estate) -> Drift {
    let (head, live) = (load_valid(estate.head.path()), estate.world.read(&estate.base));
    let scope = Scope::default();
    let input = PlanInput::new(&head, &live, &scope, TODAY);
    drift(&PlanInput { base: Some(&estate.base), ..input }).unwrap()
}

#[test]
fn drift_is_corrected_or_left() {
    let estate = Estate::new(|_| {});
    estate.world.edit(ENVIRONMENT, "/container/instances", 5.into());
    estate.edit("shop.yaml", "{M.One: a}", "{M.One: b}");

    let (head, plan) = estate.plan(&REPORT);
    assert_eq!(
        classes(&plan).into_iter().collect::<Vec<_>>(),
        [(path("deployment.constants[M.One].value"), Class::Change)]
    );
    let [left] = plan.drift.as_slice() else { panic!("{:#?}", plan.drift) };
    assert_eq!(left.changes[0].path.to_string(), "container.instances");
    estate.apply(&head, &plan);
    let live = || estate.world.get().world()["environments"][0]["manifest"]["environment"].clone();
    assert_eq!(live()["container"]["instances"], 5, "left as it is");

    let (head, plan) = estate.plan(&PlanOptions::new());
    assert_eq!(classes(&plan).into_iter().collect::<Vec<_>>(), [(path("container.instances"), Class::Drift)]);
    estate.apply(&head, &plan);
    assert_eq!(live()["container"]["instances"], 1, "corrected");
}

#[test]
fn an_action_of_which_nothing_is_left_is_none() {
    let estate = Estate::new(|_| {});
    estate.world.edit(ENVIRONMENT, "/container/instances", 5.into());
    let (_, plan) = estate.plan(&REPORT);
    assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
    assert_eq!(plan.drift.len(), 1);
    assert!(!plan.unchanged.iter().any(|address| address.to_string() == path("").0), "{:?}", plan.unchanged);
}

#[test]
fn a_drift_report_leaves_out_what_is_still_to_be_applied() {
    let estate = Estate::new(|_| {});
    estate.edit("shop.yaml", "{M.One: a}", "{M.One: b}");
    estate.edit("shop.yaml", "size: S}", "size: S}\n  annotations: {Pod: {a/b: c}}");
    estate.write(
        "more.yaml",
        "namespace:\n  namespaceId: 0b1b2c3d-0000-4000-8000-000000000009\n  cluster: eu\n  name: more\n  secret: {fromFile: secret.txt}\n",
    );
    let found = drift_of(&estate);
    assert!(found.resources.is_empty(), "{:#?}", found.resources);
    assert_eq!(found.open, Some(3), "a change, an adoption and a new resource");

    estate.world.edit(ENVIRONMENT, "/container/instances", 5.into());
    let found = drift_of(&estate);
    let [drifted] = found.resources.as_slice() else { panic!("{:#?}", found.resources) };
    assert_eq!((drifted.state, drifted.changes.len()), (DriftState::Drifted, 1));
    assert_eq!(found.open, Some(3));
}

#[test]
fn a_conflict_is_drift_and_is_not_applied() {
    let estate = Estate::new(|_| {});
    estate.world.edit(ENVIRONMENT, "/container/instances", 5.into());
    estate.edit("shop.yaml", "instances: 1", "instances: 2");
    let (head, plan) = estate.plan(&PlanOptions::new());
    assert_eq!(classes(&plan)[&path("container.instances")], Class::Conflict);
    let block = match &plan.actions[0].status {
        mxkeep::plan::Status::Blocked(block) => block.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((block.code, block.is_guard), (note::CONFLICT, true));
    for value in ["before: `1`", "now: `2`", "live: `5`"] {
        assert!(block.reason.contains(value), "{}", block.reason);
    }
    estate.apply(&head, &plan);
    let live = &estate.world.get().world()["environments"][0]["manifest"]["environment"]["container"];
    assert_eq!(live["instances"], 5);
    let found = drift_of(&estate);
    assert_eq!((found.resources.len(), found.open), (1, Some(0)));
}

#[test]
fn a_missing_resource_is_drift_where_base_declared_it() {
    let estate = Estate::new(|_| {});
    delete_environment(&estate);
    let (_, plan) = estate.plan(&PlanOptions::new());
    let [create] = plan.actions.as_slice() else { panic!("{:#?}", plan.actions) };
    assert_eq!((create.verb(), create.class), (Verb::Create, Some(Class::Drift)));
    assert_eq!(drift_of(&estate).resources[0].state, DriftState::Missing);
    let (_, plan) = estate.plan(&REPORT);
    assert!(plan.actions.is_empty() && plan.drift[0].state == DriftState::Missing, "{plan:#?}");

    // Somebody deleted it, and somebody else changed it.
    estate.edit("shop.yaml", "instances: 1", "instances: 2");
    let (_, plan) = estate.plan(&PlanOptions::new());
    assert_eq!(plan.actions[0].class, Some(Class::Conflict));
    assert!(plan.actions[0].is_blocked());
}

/// Plans that are to be switched on are an action of their own; the namespace is missing once all the same.
#[test]
fn what_is_missing_whole_is_missing_once_and_nothing_of_it_is_left_to_apply() {
    let (world, head) = (World::quick(), tempfile::tempdir().unwrap());
    copy_tree(&project().join("tests/plans/base"), head.path());
    let spare = head.path().join("spare.yaml");
    let text = fs_err::read_to_string(&spare).unwrap();
    fs_err::write(&spare, format!("{text}  plans: [{{planName: db, activate: true}}]\n")).unwrap();
    let base = load_valid(head.path());
    world.register(&base);
    let (live, scope) = (world.read(&base), Scope::default());
    let found =
        drift(&PlanInput { base: Some(&base), ..PlanInput::new(&base, &live, &scope, TODAY) }).unwrap();
    let missing: Vec<_> = found.resources.iter().map(|resource| resource.address.to_string()).collect();
    let all = ["cluster/eu", "namespace/eu/orders", "namespace/eu/spare", "environment/shop/shop1"];
    assert_eq!(missing, all);
    assert!(found.resources.iter().all(|resource| resource.state == DriftState::Missing));
    assert_eq!(found.open, Some(0));
}

fn delete_environment(estate: &Estate) {
    let mut without = estate.base.clone();
    let environment = without.of_kind(mxkeep::model::Kind::Environment).next().unwrap().clone();
    let mxkeep::model::Identity::Environment { app, namespace, id } = environment.identity.clone() else {
        unreachable!()
    };
    without.resources.remove(&environment.identity);
    without.tombstones.push(mxkeep::model::Tombstone {
        address: environment.address,
        target: mxkeep::model::TombstoneTarget::Environment { app, namespace: Some(namespace), id },
        reason: None,
        origin: environment.origin,
    });
    let plan = estate.world.plan(&without);
    let (outcome, _) = estate.world.apply(&without, &plan);
    assert!(outcome.actions.iter().all(|report| report.verified), "{outcome:#?}");
}

#[test]
fn a_document_that_is_gone_deletes_nothing_and_a_tombstone_does() {
    let estate = Estate::new(|_| {});
    estate.remove("spare.yaml");
    let (_, plan) = estate.plan(&PlanOptions::new());
    assert!(plan.actions.is_empty());
    let told = notes(&plan, note::ORPHANED);
    let tombstone = "remove: [{address: namespace/eu/spare, id: 0b1b2c3d-0000-4000-8000-000000000003}]";
    assert!(matches!(told.as_slice(), [told] if told.contains(tombstone)), "{told:?}");

    // What the note says to write is right.
    estate.write("spare.yaml", &format!("{tombstone}\n"));
    let (head, plan) = estate.plan(&PlanOptions::new());
    assert_eq!((plan.actions[0].verb(), plan.actions[0].class), (Verb::Delete, Some(Class::Change)));
    assert!(notes(&plan, note::ORPHANED).is_empty());
    assert_eq!(drift_of(&estate).open, Some(1));
    estate.apply(&head, &plan);
}

#[test]
fn a_resource_that_is_there_again_is_drift() {
    let mut estate = Estate::new(|_| {});
    let tombstone = "remove: [{address: namespace/eu/spare, id: 0b1b2c3d-0000-4000-8000-000000000003}]\n";
    estate.write("spare.yaml", tombstone);
    estate.base = load_valid(estate.head.path());
    let (_, plan) = estate.plan(&PlanOptions::new());
    assert_eq!(plan.actions[0].class, Some(Class::Drift));
    assert_eq!(drift_of(&estate).resources[0].state, DriftState::NotRemoved);
    let (_, plan) = estate.plan(&REPORT);
    assert!(plan.actions.is_empty() && plan.drift[0].state == DriftState::NotRemoved, "{plan:#?}");
}

#[test]
fn a_resource_that_was_declared_nowhere_is_adopted() {
    let mut estate = Estate::new(|_| {});
    estate.world.edit(ENVIRONMENT, "/container/instances", 5.into());
    estate.base.resources.retain(|identity, _| identity.kind() != mxkeep::model::Kind::Environment);
    let head = load_valid(estate.head.path());
    let live = estate.world.read(&head);
    let plan = super::plan_with(&estate.base, &head, &live, &PlanOptions::new());
    assert_eq!(classes(&plan).into_iter().collect::<Vec<_>>(), [(path("container.instances"), Class::Adopt)]);
    estate.apply(&head, &plan);
}
