//! The promises of DESIGN 1 as properties, over generated estates and live worlds.

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock};

use mxkeep::apply::ActionOutcome;
use mxkeep::diff::{create_manifest, update_manifest};
use mxkeep::model::{Desired, DesiredState, Identity, Kind, Live, LiveState};
use mxkeep::plan::{Plan, Verb};
use mxkeep::simulator::Options;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError};
use serde_json::{Value, json};

use crate::support::driver::{load_valid, plan_of};
use crate::support::generate::{Generated, estates};
use crate::support::{World, estate};

/// A few cases wherever somebody waits for them; `.ci/run` asks for 1,000 with `PROPTEST_CASES`.
pub fn config() -> Config {
    #[expect(
        clippy::disallowed_methods,
        reason = "the variable of proptest, which does not tell whether it was set"
    )]
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(48);
    Config { cases, max_shrink_iters: 200, failure_persistence: None, ..Config::default() }
}

pub fn load(files: &[(String, String)]) -> DesiredState {
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    load_valid(estate(&files).path())
}

/// The live world in which an estate is as declared, without any server.
pub fn live_as_declared(desired: &DesiredState) -> LiveState {
    let mut live = LiveState::default();
    let plan = plan_of(desired, &live);
    for action in &plan.actions {
        let resource = &desired.resources[&action.identity];
        live.insert(materialise(resource, action.changes()));
    }
    live
}

fn materialise(resource: &Desired, changes: &[mxkeep::diff::Change]) -> Live {
    let table = resource.kind().fields();
    let body = update_manifest(table, &create_manifest(table, changes).unwrap(), changes).unwrap();
    Live {
        identity: resource.identity.clone(),
        cluster: resource.cluster.filter(|_| resource.kind() == Kind::Namespace),
        document: json!({"manifestVersion": "2.0.0", resource.kind().name(): body}),
    }
}

/// A live world that is neither empty nor as declared: some resources are missing, some have other values.
pub fn disturbed(desired: &DesiredState, seed: u64) -> LiveState {
    let mut live = live_as_declared(desired);
    let identities: Vec<_> = live.resources.keys().cloned().collect();
    for (index, identity) in identities.iter().enumerate() {
        match (seed >> (index * 3)) & 7 {
            0 => {
                live.resources.remove(identity);
            }
            1 => disturb(live.resources.get_mut(identity).unwrap()),
            2 => {
                let mut stranger = live.resources[identity].clone();
                stranger.identity = strange(identity);
                live.insert(stranger);
            }
            _ => {}
        }
    }
    live
}

fn disturb(live: &mut Live) {
    let kind = live.identity.kind();
    let body = live.document.get_mut(kind.name()).unwrap();
    match kind {
        Kind::Cluster => body["description"] = "disturbed".into(),
        Kind::Namespace => body["enableDevelopmentMode"] = "disturbed".into(),
        Kind::Environment => body["container"]["instances"] = 11.into(),
        Kind::CloudApp => body["technicalContact"] = "disturbed@x.example".into(),
        Kind::App | Kind::Package => {}
    }
}

fn strange(identity: &Identity) -> Identity {
    let other = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, identity.to_string().as_bytes());
    match identity {
        Identity::Cluster(_) => Identity::Cluster(other),
        Identity::Namespace(_) => Identity::Namespace(other),
        Identity::App(_) => Identity::App(other),
        Identity::CloudApp(_) => Identity::CloudApp(other),
        Identity::Package { app, .. } => {
            Identity::Package { app: *app, mark: mxkeep::model::Mark::Id(other.to_string()) }
        }
        Identity::Environment { app, namespace, .. } => {
            Identity::Environment { app: *app, namespace: *namespace, id: "strange".into() }
        }
    }
}

/// What two plans have to have in common to be the same plan; places in files may differ.
fn essence(plan: &Plan) -> Value {
    let actions: Vec<_> = plan
        .actions
        .iter()
        .map(|action| json!({"id": action.id, "digest": action.digest, "needs": action.needs, "effect": action.effect.name()}))
        .collect();
    let unchanged: Vec<_> = plan.unchanged.iter().map(ToString::to_string).collect();
    json!({"digest": plan.digest, "actions": actions, "unchanged": unchanged})
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nothing_differs_from_itself(generated in estates()) {
        let desired = load(&generated.files());
        let plan = plan_of(&desired, &live_as_declared(&desired));
        prop_assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
    }

    #[test]
    fn the_order_of_files_keys_and_lists_means_nothing(generated in estates(), seed in any::<u64>(), live in any::<u64>()) {
        let (one, other) = (load(&generated.files()), load(&generated.shuffled_files(seed)));
        let live = disturbed(&one, live);
        prop_assert_eq!(essence(&plan_of(&one, &live)), essence(&plan_of(&other, &live)));
    }

    /// So that it is known where a change belongs whose value is not known yet.
    #[test]
    fn changes_are_in_the_order_of_the_field_table(one in estates(), other in estates(), live in any::<u64>()) {
        let (desired, live) = (load(&one.files()), disturbed(&load(&other.files()), live));
        for resource in desired.resources.values() {
            let table = resource.kind().fields();
            let found = mxkeep::diff::resource(resource, live.get(&resource.identity), false);
            let places = found.changes.iter().map(|it| mxkeep::diff::place(table, &resource.fields, &it.path));
            prop_assert!(places.is_sorted(), "{:#?}", found.changes);
        }
    }

    #[test]
    fn equal_inputs_give_equal_plans(generated in estates(), live in any::<u64>()) {
        let desired = load(&generated.files());
        let live = disturbed(&desired, live);
        prop_assert_eq!(format!("{:?}", plan_of(&desired, &live)), format!("{:?}", plan_of(&desired, &live)));
    }

    #[test]
    fn nothing_is_deleted_without_a_tombstone(generated in estates(), live in any::<u64>()) {
        let desired = load(&generated.files());
        let plan = plan_of(&desired, &disturbed(&desired, live));
        prop_assert!(plan.actions.iter().all(|action| action.verb() != Verb::Delete));
    }

    #[test]
    fn the_order_respects_every_need(generated in estates(), live in any::<u64>(), removed in any::<u8>()) {
        let desired = with_tombstones(load(&generated.files()), removed);
        let plan = plan_of(&desired, &disturbed(&load(&generated.files()), live));
        let mut seen = BTreeSet::new();
        for action in &plan.actions {
            for need in &action.needs {
                prop_assert!(seen.contains(need), "{} comes before {need}", action.id);
            }
            seen.insert(action.id.clone());
        }
        for action in plan.actions.iter().filter(|action| action.verb() == Verb::Create) {
            if let Identity::Environment { namespace, .. } = action.identity {
                let parent = plan.actions.iter().find(|other| other.identity == Identity::Namespace(namespace));
                prop_assert!(parent.is_none_or(|parent| action.needs.contains(&parent.id)));
            }
        }
    }

    /// The law of the diff: its changes, laid over the live manifest, leave no difference.
    #[test]
    fn changes_laid_over_a_manifest_leave_no_difference(generated in estates(), live in any::<u64>()) {
        let desired = load(&generated.files());
        let mut live = disturbed(&desired, live);
        let plan = plan_of(&desired, &live);
        for action in plan.actions.iter().filter(|action| action.verb() == Verb::Update) {
            // An app on Mendix Cloud that is not there cannot be made.
            let Some(before) = live.get(&action.identity).cloned() else { continue };
            let table = action.identity.kind().fields();
            let body = update_manifest(table, before.manifest(), action.changes()).unwrap();
            live.insert(Live { document: json!({action.identity.kind().name(): body}), ..before });
        }
        let again = plan_of(&desired, &live);
        let is_missing = |action: &mxkeep::plan::Action| live.get(&action.identity).is_none();
        prop_assert!(again.actions.iter().all(is_missing), "{:#?}", again.actions);
    }
}

/// Turns some declared environments into tombstones.
fn with_tombstones(mut desired: DesiredState, removed: u8) -> DesiredState {
    let identities: Vec<_> = desired.of_kind(Kind::Environment).map(|it| it.identity.clone()).collect();
    for (index, identity) in identities.into_iter().enumerate() {
        if removed & (1 << index) != 0 {
            let resource = desired.resources.remove(&identity).unwrap();
            let Identity::Environment { app, namespace, id } = identity else { unreachable!() };
            desired.tombstones.push(mxkeep::model::Tombstone {
                address: resource.address,
                target: mxkeep::model::TombstoneTarget::Environment { app, namespace: Some(namespace), id },
                reason: None,
                origin: resource.origin,
            });
        }
    }
    desired
}

/// One simulator for all cases of a property. Tests of one binary run on threads, so each property has its own.
type Shared = OnceLock<Mutex<World>>;

fn lock(shared: &'static Shared, respell: bool) -> std::sync::MutexGuard<'static, World> {
    let world = || {
        let quick = std::time::Duration::ZERO;
        Mutex::new(World::new(Options {
            respell,
            job_delay: quick,
            ready_delay: quick,
            ..Options::default()
        }))
    };
    shared.get_or_init(world).lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn applied(world: &World, desired: &DesiredState) -> Result<(), TestCaseError> {
    let plan = world.plan(desired);
    let (outcome, _) = world.apply(desired, &plan);
    for report in &outcome.actions {
        prop_assert_eq!(report.outcome, ActionOutcome::Done, "{}: {:?}", &report.action.id, &report.error);
    }
    let again = world.plan(desired);
    prop_assert!(again.actions.is_empty(), "{:#?}", again.actions);
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn apply_then_plan_is_empty(generated in estates(), packages in any::<u8>()) {
        static WORLD: Shared = Shared::new();
        let world = lock(&WORLD, false);
        world.reset(&json!({}));
        let desired = load(&generated.with_packages(packages).files());
        world.register(&desired);
        let packages = || world.get().world()["packages"].as_array().unwrap().len();
        let known = packages();
        applied(&world, &desired)?;
        prop_assert_eq!(packages() - known, desired.of_kind(Kind::Package).count());
    }

    /// The same against a server that spells values in another way than they were sent.
    #[test]
    fn apply_then_plan_is_empty_whatever_the_spelling(generated in estates()) {
        static WORLD: Shared = Shared::new();
        let world = lock(&WORLD, true);
        world.reset(&json!({}));
        let desired = load(&generated.files());
        world.register(&desired);
        applied(&world, &desired)?;
    }

    /// A second estate that declares less and other values changes what it declares, and not one byte more.
    #[test]
    fn unmanaged_and_unknown_fields_are_bit_identical_after_an_apply(
        first in estates(),
        keep in any::<u32>(),
        instances in 0_i64..=10,
    ) {
        static WORLD: Shared = Shared::new();
        let world = lock(&WORLD, false);
        world.reset(&json!({}));
        let desired = load(&first.files());
        world.register(&desired);
        applied(&world, &desired)?;
        add_unknown_fields(&world, &desired);
        let before = world.read(&desired);
        let smaller = load(&smaller(&first, keep, instances).files());
        applied(&world, &smaller)?;
        let after = world.read(&desired);
        for (identity, live) in &before.resources {
            let mut expected = live.manifest().clone();
            let mut found = after.get(identity).unwrap().manifest().clone();
            for manifest in [&mut expected, &mut found] {
                if let Some(container) = manifest.get_mut("container").and_then(Value::as_object_mut) {
                    container.remove("instances");
                    container.remove("lastRunningInstanceCount");
                }
            }
            sort_lists(&mut expected);
            sort_lists(&mut found);
            prop_assert_eq!(expected.to_string(), found.to_string());
        }
    }
}

/// The simulator returns lists in another order each time.
fn sort_lists(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(sort_lists);
            items.sort_by_key(Value::to_string);
        }
        Value::Object(fields) => fields.values_mut().for_each(sort_lists),
        _ => {}
    }
}

/// Fields that no table knows, of every JSON type, and numbers that a float would spoil.
fn add_unknown_fields(world: &World, desired: &DesiredState) {
    let unknown = json!({"a": [1, 1.10, "x", null, true], "big": 12_345_678_901_234_567_890_u64});
    for identity in desired.resources.keys() {
        let resource = match identity {
            Identity::Cluster(id) => format!("clusters/{id}"),
            Identity::Namespace(id) => format!("namespaces/{id}"),
            Identity::Environment { app, namespace, id } => format!("environments/{app}/{namespace}/{id}"),
            Identity::App(_) | Identity::Package { .. } | Identity::CloudApp(_) => continue,
        };
        world.edit(&resource, "/unknownField", unknown.clone());
    }
}

/// The same resources with hardly a field, and other numbers of instances.
pub fn smaller(generated: &Generated, keep: u32, instances: i64) -> Generated {
    let documents = generated.documents.iter().enumerate().map(|(index, document)| {
        let mut document = document.clone();
        let Some(environment) = document.get_mut("environment").and_then(Value::as_object_mut) else {
            return document;
        };
        if keep & (1 << index) == 0 {
            environment.retain(|name, _| ["id", "app", "properties", "provider"].contains(&name.as_str()));
        }
        let container = environment.entry("container").or_insert_with(|| json!({}));
        container["instances"] = instances.into();
        document
    });
    Generated { documents: documents.collect() }
}
