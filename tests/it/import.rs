//! `mxkeep import`: what is live becomes an estate, and a plan of that finds nothing to do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock};

use mxkeep::api::{Survey, Wanted, survey};
use mxkeep::model::Kind;
use mxkeep::simulator::Options;
use mxkeep::source::{Accept, Import, Imported, LoadOptions, Severity, accept, import, load_with};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};

use crate::properties::config;
use crate::support::driver::{TODAY, plan_of};
use crate::support::worlds::{CANARY, Manners, worlds};
use crate::support::{Mxkeep, World};

/// One simulator for all cases of a property.
type Shared = OnceLock<Mutex<World>>;

fn lock(shared: &'static Shared, respell: bool) -> std::sync::MutexGuard<'static, World> {
    shared
        .get_or_init(|| Mutex::new(World::new(Options { respell, ..Options::default() })))
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn imported(world: &World, live: &Value, defaults: bool) -> Result<(Survey, Imported), TestCaseError> {
    world.reset(live);
    let surveyed = world.block_on(survey(&world.client(), &Wanted::default())).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let request = Import {
        live: &surveyed.live,
        apps: &surveyed.apps,
        existing: None,
        taken: &BTreeSet::new(),
        changed: &BTreeMap::new(),
        estate: "generated",
        defaults,
        today: TODAY,
    };
    let imported = import(directory.path(), &request)
        .map_err(|diagnostics| TestCaseError::fail(format!("{diagnostics:#?}")))?;
    Ok((surveyed, imported))
}

fn nothing_to_do(surveyed: &Survey, imported: &Imported) -> Result<(), TestCaseError> {
    let desired = imported.loaded.desired.as_ref().unwrap();
    let plan = plan_of(desired, &surveyed.live);
    prop_assert!(plan.actions.is_empty() && plan.problems.is_empty(), "{:#?}\n{:#?}", plan, imported.files);
    let mut names = BTreeSet::new();
    for (name, text) in &imported.files {
        prop_assert!(!text.contains(CANARY), "a secret is in {}:\n{}", name, text);
        let harmless = |it: char| it.is_ascii_alphanumeric() || "._-/".contains(it);
        prop_assert!(name.chars().all(harmless) && !name.contains("..") && !name.contains("/."), "{}", name);
        prop_assert!(names.insert(name.to_lowercase()), "{} twice", name);
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn import_then_plan_is_empty(live in worlds(Manners::Tame), respell in any::<bool>(), defaults in any::<bool>()) {
        static PLAIN: Shared = Shared::new();
        static RESPELT: Shared = Shared::new();
        let world = lock(if respell { &RESPELT } else { &PLAIN }, respell);
        let (surveyed, imported) = imported(&world, &live, defaults)?;
        nothing_to_do(&surveyed, &imported)?;
        prop_assert!(imported.left_out.is_empty(), "{:#?}", imported.left_out);
        let desired = imported.loaded.desired.unwrap();
        for kind in [Kind::Cluster, Kind::Namespace, Kind::Environment] {
            prop_assert_eq!(desired.of_kind(kind).count(), surveyed.live.of_kind(kind).count(), "{}", kind);
        }
    }

    /// What no estate can say is left out and told; the rest is imported all the same.
    #[test]
    fn import_then_plan_is_empty_in_an_odd_world(live in worlds(Manners::Odd), respell in any::<bool>(), defaults in any::<bool>()) {
        static PLAIN: Shared = Shared::new();
        static RESPELT: Shared = Shared::new();
        let world = lock(if respell { &RESPELT } else { &PLAIN }, respell);
        let (surveyed, imported) = imported(&world, &live, defaults)?;
        nothing_to_do(&surveyed, &imported)?;
        let desired = imported.loaded.desired.as_ref().unwrap();
        let undeclared = surveyed.live.resources.keys().filter(|identity| !desired.resources.contains_key(identity));
        let told = imported.left_out.iter().filter(|left_out| left_out.path.is_none());
        // An app that is left out is none of the live resources.
        prop_assert!(told.count() >= undeclared.count(), "{:#?}", imported.left_out);
    }
}

proptest! {
    #![proptest_config(config())]

    /// An estate that follows another world has nothing to do there, either: whatever differs finds its place.
    #[test]
    fn files_follow_whatever_is_live(one in worlds(Manners::Tame), other in worlds(Manners::Tame), defaults in any::<bool>()) {
        static WORLD: Shared = Shared::new();
        let world = lock(&WORLD, false);
        let (_, imported) = imported(&world, &one, defaults)?;
        world.reset(&other);
        let live = world.block_on(survey(&world.client(), &Wanted::default())).unwrap().live;
        let desired = imported.loaded.desired.as_ref().unwrap();
        let plan = plan_of(desired, &live);
        // A name may change with the rest, and the address with it.
        let before: BTreeMap<String, _> =
            desired.resources.values().map(|it| (it.address.to_string(), it.identity.clone())).collect();
        let accepts: Vec<_> = plan
            .actions
            .iter()
            .filter_map(|action| {
                let live = live.get(&action.identity)?;
                let desired = &desired.resources[&action.identity];
                Some(Accept { desired, live, changes: action.changes().iter().collect() })
            })
            .collect();
        let accepted = accept(&imported.files, &accepts).map_err(|refused| TestCaseError::fail(format!("{refused:?}")))?;
        let mut texts = imported.files.clone();
        texts.extend(accepted.files);
        let directory = tempfile::tempdir().unwrap();
        let loaded = load_with(directory.path(), &LoadOptions { environment: &|_| None, today: TODAY }, &texts);
        let Some(desired) = loaded.desired else {
            // Half of a world beside half of another may break rules between resources, which the command tells instead
            // of writing anything; each document by itself is sound.
            let errors: Vec<_> = loaded.diagnostics.iter().filter(|it| it.severity() == Severity::Error).collect();
            let of_one = ["SHAPE-", "YAML-", "SECR-"];
            prop_assert!(
                errors.iter().all(|error| of_one.iter().all(|family| !error.code().starts_with(family))),
                "{:#?}",
                errors
            );
            return Ok(());
        };
        let refused: Vec<_> = accepted
            .refused
            .iter()
            .map(|(it, _)| (before[&it.address].clone(), it.path.clone()))
            .collect();
        for action in plan_of(&desired, &live).actions {
            for change in action.changes().iter().filter(|_| live.get(&action.identity).is_some()) {
                let place = (action.identity.clone(), Some(change.path.to_string()));
                let is_moved = change.path.to_string() == "cluster";
                prop_assert!(is_moved || refused.contains(&place), "{:#?}\n{:#?}", change, texts);
            }
        }
    }
}

/// A small world with something in most places.
fn small() -> Value {
    let cluster = "11111111-1111-4111-8111-111111111111";
    let namespace = "22222222-2222-4222-8222-222222222222";
    let app = "33333333-3333-4333-8333-333333333333";
    let environment = |id: &str, name: &str, instances: u8| {
        json!({"appId": app, "namespaceId": namespace, "manifest": {"manifestVersion": "2.0.0", "environment": {
            "id": id,
            "properties": {"name": name, "production": true, "defaultStudioTarget": "false", "secretsStoreEnabled": false},
            "deployment": {
                "appUrl": format!("https://orders-{name}.acme.example"), "packageId": "c3639148-a823-505a-8b7a-eac8f83cf111",
                "constants": [
                    {"name": "Erp.BaseUrl", "value": format!("https://erp-{name}.acme.example")}, {"name": "Erp.Retries", "value": "3"},
                    {"name": "Erp.ApiKey", "value": CANARY},
                ],
                "scheduledEvents": [{"name": "Orders.SE_Cleanup", "enabled": "true"}],
            },
            "container": {"state": "Ready", "instances": instances, "lastRunningInstanceCount": 2, "coreResources": {
                "limits": {"cpu": "1.0", "memory": "4.000"}, "requests": {"cpu": "1", "memory": "4", "ephemeralStorage": "1"},
            }},
            "network": {"outgoingConnectionCertificate": [{"key": CANARY, "password": CANARY, "certificateType": "Client", "enabled": true}]},
            "runtime": {"mxAdminPassword": CANARY, "environmentVariables": [{"name": "JAVA_TOOL_OPTIONS", "value": "-Xmx3g"}]},
            "provider": {"clusterId": cluster, "namespace": "orders", "namespaceId": namespace},
            "annotations": [{"annotationType": "Pod", "key": "prometheus.io/port", "value": "8900"}],
            "services": [
                {"name": "rds", "plan": "OnDemand", "config": "{type: \"database\"}"},
                {"name": "s3", "plan": "OnDemand", "config": "{type: \"storage\"}"},
            ],
        }}})
    };
    json!({
        "clusters": [{"manifest": {"cluster": {
            "clusterId": cluster, "name": "prod-eu", "clusterType": "eks", "description": "yes",
            "clusterManagers": [{"email": "platform@acme.example", "status": "accepted"}],
        }}}],
        "namespaces": [{"clusterId": cluster, "manifest": {"namespace": {
            "namespaceId": namespace, "name": "orders", "namespaceType": "standard", "installationType": "Connected", "secret": CANARY,
            "plans": [{"planName": "rds", "activate": true}], "membership": [{"email": "dev1@acme.example", "role": "Developer"}],
            "enableDevelopmentMode": "false",
        }}}],
        "apps": [{"appId": app, "appName": "order-desk"}, {"appId": "44444444-4444-4444-8444-444444444444", "appName": "idle"}],
        "environments": [environment("ordtst01", "test", 1), environment("ordprd01", "production", 0)],
    })
}

/// A world of this content.
fn world_of(live: &Value) -> World {
    let world = World::quick();
    world.reset(live);
    world
}

fn tree(directory: &std::path::Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut open = vec![directory.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs_err::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(directory).unwrap().to_string_lossy().replace('\\', "/");
                files.insert(name, fs_err::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn the_files_are_as_people_would_write_them() {
    let (world, directory) = (world_of(&small()), tempfile::tempdir().unwrap());
    let output = Mxkeep::new(["import", "estate"]).dir(directory.path()).against(&world).run().exits(0);
    insta::assert_snapshot!(output.to_string());
    let files = tree(&directory.path().join("estate"));
    let text: String = files.iter().map(|(name, text)| format!("=== {name}\n{text}")).collect();
    let flat = ["import", "flat", "--no-defaults"];
    let _ = Mxkeep::new(flat).dir(directory.path()).against(&world).run().exits(0);
    assert!(!directory.path().join("flat/apps/order-desk/defaults.yaml").exists());
    assert!(!text.contains(CANARY), "{text}");
    insta::assert_snapshot!(text);
    assert!(world.take_requests().iter().all(|request| request.starts_with("GET ")));
    let plan = Mxkeep::new(["plan", "estate", "--exit-code"]).dir(directory.path()).against(&world).run();
    assert_eq!(plan.code, 0, "{plan}");
    // With the right values in the variables the plan is empty, too; it compares them.
    let right: BTreeMap<String, String> = [
        ("PROD_EU_ORDERS_SECRET", "canary-4711"),
        ("ORDER_DESK_TEST_ERP_APIKEY", CANARY),
        ("ORDER_DESK_PRODUCTION_ERP_APIKEY", CANARY),
        ("ORDER_DESK_TEST_CERTIFICATE_KEY", CANARY),
        ("ORDER_DESK_PRODUCTION_CERTIFICATE_KEY", CANARY),
        ("ORDER_DESK_TEST_CERTIFICATE_PASSWORD", "canary-4711"),
        ("ORDER_DESK_PRODUCTION_CERTIFICATE_PASSWORD", "canary-4711"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let run = |variables: &BTreeMap<String, String>| {
        Mxkeep::new(["plan", "estate", "--exit-code"])
            .dir(directory.path())
            .against(&world)
            .envs(variables)
            .run()
    };
    let output = run(&right).exits(0);
    assert!(!output.stdout.contains("not set"), "{output}");
    for name in right.keys() {
        let mut wrong = right.clone();
        wrong.insert(name.clone(), "d3Jvbmc=".to_owned());
        let _ = run(&wrong).exits(2);
    }
}

#[test]
fn apps_are_found_without_the_list_of_apps_as_well() {
    let (world, directory) = (world_of(&small()), tempfile::tempdir().unwrap());
    let output = Mxkeep::new(["import", "estate"])
        .dir(directory.path())
        .against(&world)
        .env("MXKEEP_TOKEN", "simulator-read")
        .run()
        .exits(0);
    assert!(output.stderr.contains("may not list apps"), "{output}");
    let files = tree(&directory.path().join("estate"));
    assert!(files["apps/order-desk/app.yaml"].contains("name: order-desk"), "{files:#?}");
    assert!(files.contains_key("apps/order-desk/test.yaml"), "{files:#?}");
}

#[test]
fn a_part_of_the_world_can_be_imported() {
    let mut live = small();
    let mut other = live["clusters"][0].clone();
    other["manifest"]["cluster"]["clusterId"] = "55555555-5555-4555-8555-555555555555".into();
    other["manifest"]["cluster"]["name"] = "test-eu".into();
    live["clusters"].as_array_mut().unwrap().push(other);
    let (world, directory) = (world_of(&live), tempfile::tempdir().unwrap());
    let import = |args: &[&str]| {
        let _ = fs_err::remove_dir_all(directory.path().join("estate"));
        let args = ["import", "estate"].iter().chain(args).copied();
        let output = Mxkeep::new(args).dir(directory.path()).against(&world).run();
        let names: Vec<String> = if output.code == 0 {
            tree(&directory.path().join("estate")).into_keys().collect()
        } else {
            Vec::new()
        };
        (output, names)
    };
    let (_, names) = import(&["--cluster", "test-eu"]);
    assert_eq!(names, ["clusters/test-eu.yaml", "mxkeep.yaml"]);
    let (_, names) = import(&["--app", "order-desk"]);
    assert!(
        names.contains(&"clusters/prod-eu.yaml".to_owned())
            && !names.contains(&"clusters/test-eu.yaml".to_owned()),
        "{names:?}"
    );
    let (_, names) = import(&[
        "--app",
        "33333333-3333-4333-8333-333333333333",
        "--cluster",
        "11111111-1111-4111-8111-111111111111",
    ]);
    assert!(names.contains(&"apps/order-desk/test.yaml".to_owned()), "{names:?}");
    let (output, _) = import(&["--app", "nobody"]);
    assert!(output.code == 64 && output.stderr.contains("`nobody`"), "{output}");
    assert!(!directory.path().join("estate").exists(), "nothing is left behind");
}

#[test]
fn a_directory_with_something_in_it_is_left_alone() {
    let (world, directory) = (world_of(&small()), tempfile::tempdir().unwrap());
    fs_err::write(directory.path().join("notes.txt"), "mine").unwrap();
    let output = Mxkeep::new(["import", "."]).dir(directory.path()).against(&world).run();
    assert!(output.code == 64 && output.stderr.contains("not empty"), "{output}");
    assert_eq!(tree(directory.path()).len(), 1);
    let hidden = tempfile::tempdir().unwrap();
    fs_err::create_dir(hidden.path().join(".git")).unwrap();
    let _ = Mxkeep::new(["import", ".", "--dry-run"]).dir(hidden.path()).against(&world).run().exits(0);
    assert!(tree(hidden.path()).is_empty());
    let _ = Mxkeep::new(["import", "."]).dir(hidden.path()).against(&world).run().exits(0);
}

/// However much of a world the rules refuse, the rest of it is imported.
#[test]
fn many_refused_values_are_left_out_one_by_one() {
    let world = World::new(Options::default());
    let (cluster, namespace, app) = (
        crate::support::generate::id("c"),
        crate::support::generate::id("n"),
        crate::support::generate::id("a"),
    );
    let constants: Vec<Value> =
        (0..40).map(|number| json!({"name": format!("no constant {number}"), "value": "x"})).collect();
    let live = json!({
        "clusters": [{"manifest": {"cluster": {"clusterId": cluster, "name": "eu", "clusterType": "eks"}}}],
        "namespaces": [{"clusterId": cluster, "manifest": {"namespace": {"namespaceId": namespace, "name": "orders"}}}],
        "apps": [{"appId": app, "appName": "desk"}],
        "environments": [{"appId": app, "namespaceId": namespace, "manifest": {"environment": {
            "id": "one",
            "properties": {"name": "one", "production": true},
            "deployment": {"appUrl": "https://one.example", "packageId": "p1", "constants": constants},
            "provider": {"clusterId": cluster, "namespace": "orders", "namespaceId": namespace},
        }}}],
    });
    let (surveyed, imported) = imported(&world, &live, false).unwrap();
    nothing_to_do(&surveyed, &imported).unwrap();
    let refused = imported.left_out.iter().filter(|it| it.why.starts_with("CON-01")).count();
    assert_eq!(refused, 40, "{:#?}", imported.left_out);
    assert!(imported.loaded.desired.unwrap().of_kind(Kind::Environment).next().is_some());
}
