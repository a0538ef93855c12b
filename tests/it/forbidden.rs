//! A token that may not see one app, or one cluster: the rest is planned, applied and compared, and what is hidden is
//! told and never guessed.

use mxkeep::render::schemas;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::generate::id;
use crate::support::{CommandOutput, Mxkeep, World, estate};

/// How many apps there are, each with one environment.
const APPS: usize = 10;

/// The app that the token may not see.
const HIDDEN: usize = 3;

fn environment(app: usize, instances: usize) -> Value {
    json!({"environment": {
        "id": format!("prod{app}"), "app": format!("app{app}"),
        "properties": {"name": "production", "production": true},
        "provider": {"cluster": "eu", "namespace": "ns"},
        "deployment": {"appUrl": format!("https://app{app}.example"), "packageId": id(&format!("package {app}"))},
        "container": {"instances": instances, "size": "S"},
        "services": {
            "db": {"plan": "OnDemand", "config": "{type: \"database\"}"},
            "fs": {"plan": "OnDemand", "config": "{type: \"storage\"}"},
        },
    }})
}

/// The estate with so many instances everywhere, and further documents.
fn documents(instances: usize, more: &[Value]) -> String {
    let mut documents = vec![
        json!({"cluster": {"clusterId": id("eu"), "name": "eu", "clusterType": "eks"}}),
        json!({"namespace": {"namespaceId": id("ns"), "name": "ns", "cluster": "eu", "secret": {"fromFile": "secret.txt"}}}),
    ];
    for app in 0..APPS {
        documents.push(json!({"app": {"appId": id(&format!("app {app}")), "name": format!("app{app}")}}));
        documents.push(environment(app, instances));
    }
    documents.extend_from_slice(more);
    documents.iter().map(|document| format!("---\n{document}\n")).collect()
}

/// Ten apps as declared, of which one is not shown any more.
struct Ten {
    world: World,
    estate: TempDir,
}

impl Ten {
    fn new() -> Ten {
        let estate = estate(&[
            ("mxkeep.yaml", "estate: ten\n"),
            ("secret.txt", "no secret"),
            ("all.yaml", &documents(1, &[])),
        ]);
        let world = World::quick();
        world.prepare(estate.path());
        let ten = Ten { world, estate };
        let _ = ten.run(&["apply", "--yes", "-q"]).exits(0);
        ten.world.faults(&[&format!("403,path=/apps/{}/*", id(&format!("app {HIDDEN}")))]);
        ten
    }

    fn write(&self, text: &str) {
        fs_err::write(self.estate.path().join("all.yaml"), text).unwrap();
    }

    fn run(&self, args: &[&str]) -> CommandOutput {
        Mxkeep::new(args.iter().copied()).dir(self.estate.path()).against(&self.world).run()
    }

    fn json(&self, args: &[&str], code: i32) -> Value {
        self.run(&[args, &["--format", "json"]].concat()).exits(code).json()
    }

    fn instances(&self, app: usize) -> Value {
        let world = self.world.get().world();
        let environments = world["environments"].as_array().unwrap();
        let name = format!("prod{app}");
        let found = environments.iter().find(|it| it.to_string().contains(&format!("\"{name}\""))).unwrap();
        find(found, "instances").cloned().unwrap()
    }
}

/// The first value with this key, wherever it is.
fn find<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    match value {
        Value::Object(fields) => {
            fields.get(key).or_else(|| fields.values().find_map(|field| find(field, key)))
        }
        Value::Array(items) => items.iter().find_map(|item| find(item, key)),
        _ => None,
    }
}

fn hidden() -> String {
    format!("environment/app{HIDDEN}/production")
}

fn addresses(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|it| it["address"].as_str().unwrap()).collect()
}

/// The one note about what could not be read.
fn note(document: &Value) -> &Value {
    let notes: Vec<_> =
        document["notes"].as_array().unwrap().iter().filter(|note| note["code"] == "PLAN-030").collect();
    let [note] = notes.as_slice() else { panic!("{notes:?}") };
    note
}

fn assert_valid(document: &Value) {
    let format = document["format"].as_str().unwrap();
    let (_, schema) = schemas::all().into_iter().find(|(name, _)| *name == format).unwrap();
    let errors: Vec<_> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(document).map(|it| it.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
}

#[test]
fn nine_apps_are_planned_and_the_tenth_is_told() {
    let ten = Ten::new();
    let plan = ten.json(&["plan"], 7);
    assert_valid(&plan);
    assert_eq!(plan["actions"], json!([]));
    // Neither there nor gone, and not as declared either: a cluster, a namespace and nine environments are.
    assert_eq!((&plan["summary"]["unchanged"], &plan["summary"]["unreadable"]), (&json!(11), &json!(1)));
    assert_eq!(addresses(&plan["unreadable"]), [hidden()]);
    assert_eq!(plan["unreadable"][0]["because"], format!("app/app{HIDDEN}"));
    assert!(plan["unreadable"][0]["source"]["line"].is_u64());
    assert_eq!(plan["unmanaged"], json!([]));
    let note = note(&plan);
    assert_eq!(
        (&note["severity"], &note["address"]),
        (&json!("warning"), &json!(format!("app/app{HIDDEN}")))
    );
    assert_eq!(note["source"]["file"], "all.yaml");
    let message = note["message"].as_str().unwrap();
    for part in [hidden().as_str(), "403", "member of the app's team", "mx:deployment:read"] {
        assert!(message.contains(part), "{part}: {message}");
    }

    ten.write(&documents(2, &[]));
    let plan = ten.json(&["plan", "--exit-code"], 7);
    assert_eq!(plan["summary"]["update"], 9);
    assert!(!addresses(&plan["actions"]).contains(&hidden().as_str()));
    let text = ten.run(&["plan"]).exits(7);
    assert!(text.stdout.contains("9 to update") && text.stdout.contains("1 unreadable"), "{text}");
    assert!(text.stdout.contains(&format!("warning: app/app{HIDDEN}")), "{text}");
}

#[test]
fn nine_apps_are_applied_and_the_tenth_is_left_alone() {
    let ten = Ten::new();
    ten.write(&documents(2, &[]));
    let outcome = ten.json(&["apply", "--yes"], 7);
    assert_valid(&outcome);
    assert_eq!((&outcome["summary"]["done"], &outcome["summary"]["total"]), (&json!(9), &json!(9)));
    assert_eq!(addresses(&outcome["unreadable"]), [hidden()]);
    for app in 0..APPS {
        assert_eq!(ten.instances(app), if app == HIDDEN { 1 } else { 2 }, "{app}");
    }
    // Nothing to do is not all that there is to say.
    let again = ten.run(&["apply", "--yes"]).exits(7);
    assert!(again.stdout.contains("11 resources are as declared · 1 unreadable"), "{again}");
    assert!(again.stdout.contains("[PLAN-030]") && again.stderr.contains("[PLAN-030]"), "{again}");
    // The token may read it again: the rest follows.
    ten.world.faults(&[]);
    let _ = ten.run(&["apply", "--yes", "-q"]).exits(0);
    assert_eq!(ten.instances(HIDDEN), 2);
}

#[test]
fn drift_is_told_of_nine_apps_and_not_claimed_of_the_tenth() {
    let ten = Ten::new();
    let report = ten.json(&["drift"], 7);
    assert_valid(&report);
    assert_eq!((&report["resources"], &report["unmanaged"]), (&json!([]), &json!([])));
    assert_eq!((&report["summary"]["managed"], &report["summary"]["unreadable"]), (&json!(11), &json!(1)));
    assert_eq!(addresses(&report["unreadable"]), [hidden()]);
    let _ = note(&report);
    let text = ten.run(&["drift"]).exits(7).stdout;
    assert!(text.contains("No drift in what could be read · 1 unreadable"), "{text}");
    assert!(!text.contains("is as declared"), "{text}");

    let environment = format!("environments/{}/{}/prod0", id("app 0"), id("ns"));
    ten.world.edit(&environment, "/container/instances", json!(4));
    let report = ten.json(&["drift"], 7);
    assert_eq!(addresses(&report["resources"]), ["environment/app0/production"]);
}

#[test]
fn a_tombstone_below_is_neither_done_nor_gone() {
    let ten = Ten::new();
    let tombstone =
        json!({"remove": [{"address": hidden(), "id": format!("prod{HIDDEN}"), "reason": "no more"}]});
    let all = documents(1, &[tombstone]).replace(&format!("---\n{}\n", environment(HIDDEN, 1)), "");
    ten.write(&all);
    let plan = ten.json(&["plan"], 7);
    assert_eq!((&plan["actions"], &plan["unmanaged"]), (&json!([]), &json!([])));
    assert_eq!(addresses(&plan["unreadable"]), [hidden()]);
    assert!(!plan["notes"].to_string().contains("PLAN-005"), "{plan:#}");
    let drift = ten.json(&["drift"], 7);
    assert_eq!(drift["resources"], json!([]));
}

#[test]
fn what_needs_the_unknown_is_blocked() {
    let ten = Ten::new();
    // What depends on a resource that cannot be read.
    let mut depends = environment(0, 2);
    depends["environment"]["dependsOn"] = json!([hidden()]);
    ten.write(&documents(1, &[]).replace(&environment(0, 1).to_string(), &depends.to_string()));
    let plan = ten.json(&["plan"], 7);
    assert_eq!(addresses(&plan["actions"]), ["environment/app0/production"]);
    let action = &plan["actions"][0];
    assert_eq!((&action["status"], &action["code"]), (&json!("blocked"), &json!("PLAN-130")));
    assert!(action["reason"].as_str().unwrap().contains(&hidden()), "{action:#}");
    let outcome = ten.json(&["apply", "--yes"], 7);
    assert_eq!(outcome["summary"]["blocked"], 1);
    assert_eq!(ten.instances(0), 1);

    // A namespace that holds what cannot be read.
    let whole = documents(1, &[]);
    let gone: Vec<Value> = (0..APPS)
        .map(|app| json!({"address": format!("environment/app{app}/production"), "id": format!("prod{app}")}))
        .chain([json!({"address": "namespace/eu/ns", "id": id("ns")})])
        .collect();
    let kept = whole.split("---\n").filter(|it| it.starts_with("{\"app\"") || it.starts_with("{\"cluster\""));
    let kept: String = kept.map(|document| format!("---\n{document}")).collect();
    ten.write(&format!("{kept}---\n{}\n", json!({"remove": gone})));
    let plan = ten.json(&["plan"], 7);
    let actions = plan["actions"].as_array().unwrap();
    assert_eq!(actions.len(), 10, "{plan:#}");
    let namespace = actions.iter().find(|it| it["id"] == "delete:namespace/eu/ns").unwrap();
    assert_eq!(namespace["code"], "PLAN-130", "{namespace:#}");
    assert!(namespace["reason"].as_str().unwrap().contains(&hidden()), "{namespace:#}");
}

#[test]
fn a_cluster_whose_namespaces_are_hidden() {
    let ten = Ten::new();
    ten.world.faults(&["403,path=/clusters/*/namespaces"]);
    let plan = ten.json(&["plan"], 7);
    assert_eq!(plan["actions"], json!([]));
    assert_eq!(addresses(&plan["unreadable"]), ["namespace/eu/ns"]);
    assert_eq!(note(&plan)["address"], "cluster/eu");
    assert!(note(&plan)["message"].as_str().unwrap().contains("manager of the cluster"));
    // Environments that are there are compared and changed; a new one has no place that is known.
    let mut new = environment(0, 1);
    new["environment"]["id"] = "test0".into();
    new["environment"]["properties"] = json!({"name": "test", "production": false});
    new["environment"]["deployment"]["appUrl"] = "https://test0.example".into();
    ten.write(&documents(2, &[new]));
    let plan = ten.json(&["plan"], 7);
    assert_eq!((&plan["summary"]["update"], &plan["summary"]["blocked"]), (&json!(10), &json!(1)));
    let _ = ten.json(&["apply", "--yes"], 7);
    assert_eq!(ten.instances(HIDDEN), 2);
    // A cluster may still hold what cannot be read.
    let tombstone = json!({"remove": [{"address": "cluster/eu", "id": id("eu")}]});
    ten.write(&format!("---\n{tombstone}\n"));
    let plan = ten.json(&["plan"], 7);
    assert_eq!(plan["actions"][0]["code"], "PLAN-130", "{plan:#}");
}

#[test]
fn a_token_that_may_see_no_app_is_told_so() {
    let ten = Ten::new();
    ten.world.faults(&["403,path=/apps/*"]);
    ten.write(&documents(2, &[]));
    let plan = ten.json(&["plan"], 7);
    assert_eq!((&plan["actions"], &plan["summary"]["unreadable"]), (&json!([]), &json!(APPS)));
    let _ = ten.run(&["apply", "--yes"]).exits(7);
    let _ = ten.run(&["drift"]).exits(7);
    // Not even the clusters: there is nothing to plan.
    ten.world.faults(&["403"]);
    for command in ["plan", "drift"] {
        let output = ten.run(&[command]).exits(7).says(&["does not allow GET", "403", "mx:deployment:read"]);
        assert!(output.stdout.is_empty(), "{output}");
    }
}

/// Only the API's own 403 is a fact about one app; everything else spoils the whole read.
#[test]
fn other_failures_of_one_app_are_failures_of_the_whole() {
    let ten = Ten::new();
    let path = format!("path=/apps/{}/*", id(&format!("app {HIDDEN}")));
    for (fault, code) in [("401", 7), ("html", 10), ("truncate", 10), ("502", 10)] {
        ten.world.faults(&[&format!("{fault},{path}")]);
        let output = ten.run(&["plan", "-q"]).exits(code);
        assert!(output.stdout.is_empty(), "{fault}: {output}");
    }
}

#[test]
fn a_target_that_does_not_touch_the_hidden_app_is_not_concerned() {
    let ten = Ten::new();
    let plan = ten.json(&["plan", "--target", "environment/app0/*"], 0);
    assert_eq!(plan["summary"]["unreadable"], 0);
    let plan = ten.json(&["plan", "--target", &hidden()], 7);
    assert_eq!(addresses(&plan["unreadable"]), [hidden()]);
}

#[test]
fn an_operation_does_not_take_the_hidden_for_absent() {
    let ten = Ten::new();
    for command in ["restart", "stop", "start"] {
        let outcome = ten.json(&[command, "--yes", &hidden()], 7);
        assert_eq!(outcome["actions"], json!([]), "{outcome:#}");
        assert_eq!(addresses(&outcome["unreadable"]), [hidden()]);
    }
    let text = ten.run(&["restart", "--yes", &hidden()]).exits(7);
    assert!(!text.to_string().contains("does not exist"), "{text}");
    let two = [format!("{}=2", hidden()), "environment/app0/production=2".to_owned()];
    let outcome = ten.json(&["scale", "--yes", &two[0], &two[1]], 7);
    assert_eq!(addresses(&outcome["actions"]), ["environment/app0/production"]);
    assert_eq!((ten.instances(0), ten.instances(HIDDEN)), (json!(2), json!(1)));
    // What the glob means beside environments is no business of an operation.
    ten.world.faults(&["403,path=/clusters/*/namespaces"]);
    let _ = ten.json(&["scale", "--yes", "environment/app0/production=1"], 0);
    assert_eq!(ten.instances(0), 1);
}
