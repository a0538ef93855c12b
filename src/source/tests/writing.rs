//! An estate that is written short means what it means when it is written out.

use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use serde_json::Map;

use super::*;

const LAND: &str = "cluster: {clusterId: 085a0e34-69ec-4c61-9c7d-5cd42554f9f2, name: eu}\n---\n\
    namespace: {namespaceId: 80a5f23d-8b2a-5233-b614-07348d4d7a23, cluster: eu, name: orders}\n---\n\
    app: {appId: ef41475b-98bf-5149-b98f-cd77fa66d08a, name: desk}\n";

fn read(files: &[(String, String)]) -> Loaded {
    let mut all = vec![
        ("mxkeep.yaml".to_owned(), "estate: acme\n".to_owned()),
        ("land.yaml".to_owned(), LAND.to_owned()),
    ];
    all.extend(files.iter().cloned());
    let all: Vec<(&str, &str)> = all.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    load_files(&all)
}

fn meaning(files: &[(String, String)]) -> Value {
    let loaded = read(files);
    dump(&loaded.desired.unwrap_or_else(|| panic!("{files:#?}\n{:#?}", loaded.diagnostics)))
}

fn files(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// Everything that environments of a site may agree in, as leaves by path: `/deployment/constants/A.B`.
fn leaves(site: &str, random: &mut StdRng) -> Vec<(Vec<&'static str>, Value)> {
    let mut leaves: Vec<(Vec<&str>, Value)> = vec![
        (vec!["app"], json!("desk")),
        (vec!["properties", "name"], json!(format!("site-{site}"))),
        (vec!["properties", "production"], json!(true)),
        (vec!["provider", "cluster"], json!("eu")),
        (vec!["provider", "namespace"], json!("orders")),
        (vec!["container", "instances"], json!(2)),
        (vec!["container", "size"], json!("M")),
        (vec!["deployment", "appUrl"], json!(format!("https://{site}.acme.example"))),
        (vec!["deployment", "constants", "A.B"], json!(format!("{site}/x"))),
        (vec!["deployment", "constants", "A.C"], json!({"value": "y"})),
        (vec!["deployment", "constants", "A.D"], json!({"absent": true})),
        (vec!["deployment", "scheduledEvents", "A.SE"], json!(true)),
        (vec!["runtime", "mxAdminPassword"], json!({"fromEnv": format!("PW_{site}"), "version": "2"})),
        (vec!["runtime", "debuggerPassword"], Value::Null),
        (vec!["runtime", "environmentVariables", "TZ"], json!("UTC")),
        (vec!["runtime", "environmentVariables", "JAVA_TOOL_OPTIONS"], json!("-Xmx3g")),
        (vec!["annotations", "Pod", "a/b"], json!("1")),
        (vec!["annotations", "Ingress", "a/b"], json!("2")),
        // Both or none (SVC-01).
        (
            vec!["services"],
            json!({"rds": {"plan": "OnDemand", "config": "{type: \"database\"}"}, "s3": {"plan": "OnDemand", "config": "{type: \"storage\"}"}}),
        ),
        (vec!["deploymentStrategy", "maxSurge"], json!(25)),
    ];
    // The first five are needed.
    let keep: usize = random.random_range(5..=leaves.len());
    let mut rest = leaves.split_off(5);
    rest.shuffle(random);
    leaves.extend(rest.into_iter().take(keep - 5));
    leaves
}

fn tree(leaves: &[(Vec<&'static str>, Value)]) -> Value {
    let mut root = Map::new();
    for (path, value) in leaves {
        let mut at = &mut root;
        let (last, way) = path.split_last().unwrap();
        for name in way {
            at = at.entry(*name).or_insert_with(|| json!({})).as_object_mut().unwrap();
        }
        at.insert((*last).to_owned(), value.clone());
    }
    Value::Object(root)
}

/// The same leaves with the site as a variable.
fn with_variable(leaves: &[(Vec<&'static str>, Value)], site: &str) -> Vec<(Vec<&'static str>, Value)> {
    let filled = |value: &Value| {
        let text = value.to_string();
        let text = [("site-", ""), ("://", "."), ("\"", "/x"), ("PW_", "")].iter().fold(
            text,
            |text, (before, behind)| {
                text.replace(&format!("{before}{site}{behind}"), &format!("{before}${{site}}{behind}"))
            },
        );
        serde_json::from_str(&text).unwrap()
    };
    leaves.iter().map(|(path, value)| (path.clone(), filled(value))).collect()
}

fn body(id: Value, tree: &Value) -> Value {
    let mut tree = tree.clone();
    tree.as_object_mut().unwrap().insert("id".to_owned(), id);
    tree
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Each leaf goes into the defaults of a directory on the way, into one of two fragments, or stays; farther
    /// defaults may hold other values, since a nearer one wins.
    #[test]
    fn split_and_written_out_are_the_same(seed: u64, sites in 1usize..4, matrix: bool) {
        let mut random = StdRng::seed_from_u64(seed);
        let names: Vec<String> = ["ams", "bra", "cph"].iter().take(sites).map(|site| (*site).to_owned()).collect();
        let pattern = leaves("ams", &mut random);
        let generic = with_variable(&pattern, "ams");
        let of = |site: &str| -> Vec<(Vec<&'static str>, Value)> {
            generic.iter().map(|(path, value)| {
                let text = value.to_string().replace("${site}", site);
                (path.clone(), serde_json::from_str(&text).unwrap())
            }).collect()
        };
        let flat: Vec<(String, String)> = names.iter().enumerate().map(|(at, site)| {
            let document = json!({"environment": body(json!(format!("e{at}")), &tree(&of(site)))});
            (format!("flat{at}.yaml"), document.to_string())
        }).collect();

        // Where each leaf goes: 0 and 1 are defaults of `a` and `a/b`, 2 and 3 the fragments.
        let homes: Vec<usize> = generic.iter().map(|(path, value)| {
            let differs = value.to_string().contains("${site}");
            let names_it = path[0] == "app" || path[0] == "provider";
            if names_it { 2 } else if differs { random.random_range(2..4) } else { random.random_range(0..4) }
        }).collect();
        let pick = |leaves: &[(Vec<&'static str>, Value)], home: usize| -> Vec<(Vec<&'static str>, Value)> {
            leaves.iter().zip(&homes).filter(|(_, of)| **of == home).map(|(leaf, _)| leaf.clone()).collect()
        };
        let identity: Vec<_> = generic.iter().filter(|(path, _)| path[0] == "app" || path[0] == "provider").cloned().collect();
        let mut outer = pick(&generic, 0);
        for (path, value) in &generic {
            let is_nearer = !outer.iter().any(|(other, _)| other == path) && path[0] != "annotations";
            // Clearing and removing replace as well as any other value.
            if is_nearer && path.len() == 2 && path[0] == "container" {
                outer.push((path.clone(), if value.is_string() { json!("XL") } else { json!(9) }));
            } else if is_nearer && path.contains(&"constants") {
                outer.push((path.clone(), json!({"value": "farther"})));
            }
        }
        let mut short = vec![
            ("a/d.yaml".to_owned(), json!({"defaults": {"environment": tree(&outer)}}).to_string()),
            ("a/b/d.yaml".to_owned(), json!({"defaults": {"environment": tree(&pick(&generic, 1))}}).to_string()),
        ];
        let ids: Map<String, Value> = names.iter().enumerate().map(|(at, site)| (site.clone(), json!(format!("e{at}")))).collect();
        let mut write = |name: &str, leaves: Vec<(Vec<&'static str>, Value)>, fragment: usize| {
            if matrix {
                let document = json!({"matrix": {"site": names}, "environment": body(Value::Object(ids.clone()), &tree(&leaves))});
                short.push((format!("a/b/{name}.yaml"), document.to_string()));
                return;
            }
            for (at, site) in names.iter().enumerate() {
                let text = tree(&leaves).to_string().replace("${site}", site);
                let tree = serde_json::from_str(&text).unwrap();
                let document = json!({"environment": body(json!(format!("e{at}")), &tree)});
                short.push((format!("a/b/{name}{fragment}-{at}.yaml"), document.to_string()));
            }
        };
        write("one", pick(&generic, 2), 2);
        write("two", identity.into_iter().chain(pick(&generic, 3)).collect(), 3);
        prop_assert_eq!(meaning(&flat), meaning(&short));
        short.shuffle(&mut random);
        prop_assert_eq!(meaning(&flat), meaning(&short));
    }
}

const ENVIRONMENT: &str = "environment:\n  id: e1\n  app: desk\n  properties: {name: p}\n  provider: {cluster: eu, namespace: orders}\n";

/// What the one environment is, at a path of the dump.
fn one(all: &[(String, String)], path: &str) -> Value {
    let dump = meaning(all);
    let resources = dump["resources"].as_array().unwrap();
    let environment = resources.iter().find(|it| it["address"] == "environment/desk/p").unwrap();
    environment["fields"].pointer(path).cloned().unwrap_or(Value::String("nothing".into()))
}

#[test]
fn nearer_wins() {
    let all = |document: &str| {
        files(&[
            (
                "all.yaml",
                "defaults: {environment: {container: {instances: 1, size: S}, runtime: {environmentVariables: {A: far, B: far}}}}",
            ),
            (
                "prod/all.yaml",
                "defaults: {environment: {container: {instances: 2}, runtime: {environmentVariables: {B: near}}}}",
            ),
            ("production/all.yaml", "defaults: {environment: {container: {instances: 7}}}"),
            ("prod/eu/one.yaml", &format!("{document}\n")),
        ])
    };
    let own = |more: &str| all(&format!("{ENVIRONMENT}{more}"));
    let variables = |files: &[(String, String)]| one(files, "/runtime/environmentVariables/items");
    assert_eq!(one(&own(""), "/container/instances"), 2);
    assert_eq!(one(&own("  container: {instances: 3}"), "/container/instances"), 3);
    let both = json!({"A": {"absent": false, "fields": {"name": "A", "value": "far"}}, "B": {"absent": false, "fields": {"name": "B", "value": "near"}}});
    assert_eq!(variables(&own("")), both);
    // The list is what the nearest one says it is.
    let only = json!({"C": {"absent": false, "fields": {"name": "C", "value": "c"}}});
    assert_eq!(variables(&own("  runtime: {environmentVariables: {exact: {C: c}}}")), only);
    let without = json!({"A": {"absent": false, "fields": {"name": "A", "value": "far"}}});
    assert_eq!(variables(&own("  runtime: {environmentVariables: {B: {absent: true}}}")), without);
    assert_eq!(
        one(&own("  runtime: {environmentVariables: null}"), "/runtime/environmentVariables"),
        Value::Null
    );
    assert_eq!(
        one(&own("  runtime: {environmentVariables: {merge: {C: c}}}"), "/runtime/environmentVariables/mode"),
        "merge"
    );
    // A size and resources say the same thing, so the nearer one replaces the other.
    let resources = "  container: {coreResources: {limits: {cpu: \"3\"}}}";
    assert_eq!(one(&own(resources), "/container/coreResources"), json!({"limits": {"cpu": "3"}}));
    // Nothing of the defaults, and nothing of one of them.
    let document = format!("withoutDefaults: [container, 'runtime.environmentVariables[A]']\n{ENVIRONMENT}");
    assert_eq!(one(&all(&document), "/container"), "nothing");
    assert_eq!(
        variables(&all(&document)),
        json!({"B": {"absent": false, "fields": {"name": "B", "value": "near"}}})
    );
}

#[test]
fn values_from_defaults_keep_their_place() {
    let loaded = read(&files(&[
        ("d.yaml", "defaults:\n  environment:\n    container:\n      instances: 2\n      size: L\n"),
        ("e.yaml", &format!("{ENVIRONMENT}  container: {{instances: 3}}\n")),
    ]));
    let desired = loaded.desired.unwrap();
    let environment = desired.of_kind(crate::model::Kind::Environment).next().unwrap();
    let resources = crate::model::dig(&environment.fields, &["container", "coreResources"]).unwrap();
    assert_eq!((&*resources.origin.file, resources.origin.line), ("d.yaml", 5));
    let overridden: Vec<(String, usize)> =
        environment.overridden.iter().map(|it| (it.path.to_string(), it.declared.origin.line)).collect();
    assert_eq!(overridden, [("container.instances".to_owned(), 4)]);
    assert_eq!(environment.layers.len(), 2);
    assert!(
        environment.layers[1].holds(&resources.origin) && !environment.layers[0].holds(&resources.origin)
    );
}

#[test]
fn a_mistake_in_a_document_for_many_is_told_once() {
    let loaded = read(&files(&[(
        "e.yaml",
        "matrix: {plant: [ams, bra, cph], stage: [test]}\nenvironment:\n  id: '${plant}${stage}'\n  app: desks\n  properties: {name: '${plant}-${stage}', prod: true}\n  provider: {cluster: eu, namespace: orders}\n  deployment: {appUrl: 'ftp://${plant}'}\n",
    )]));
    let messages: Vec<&str> = loaded.diagnostics.iter().map(super::super::Diagnostic::message).collect();
    let all = "plant = ams, stage = test; plant = bra, stage = test; plant = cph, stage = test";
    assert_eq!(messages.len(), 5, "{messages:#?}");
    assert_eq!(messages[0], format!("no app `desks` is declared (for {all})"));
    assert_eq!(messages[1], format!("unknown key `prod` in `properties` (for {all})"));
    assert!(
        messages[2].starts_with("`appUrl`: `ftp://ams`")
            && messages[2].ends_with("(for plant = ams, stage = test)")
    );
}

#[test]
fn a_small_file_does_not_grow_large() {
    let many = |count: usize| (0..count).map(|at| format!("v{at}")).collect::<Vec<_>>().join(", ");
    let document = |count: usize, more: &str| {
        format!(
            "matrix: {{v: [{}]}}\nenvironment:\n  id: 'e${{v}}'\n  app: desk\n  properties: {{name: '${{v}}'}}\n  provider: {{cluster: eu, namespace: orders}}\n{more}",
            many(count)
        )
    };
    assert_eq!(summary(&read(&files(&[("e.yaml", &document(1001, ""))]))), ["SHAPE-020 e.yaml:1:1"]);
    // What is too much anyway is not looked at value by value, or variable by variable.
    assert_eq!(summary(&read(&files(&[("e.yaml", &document(200_000, ""))]))), ["SHAPE-020 e.yaml:1:1"]);
    let variables = (0..50_000).map(|at| format!("v{at}: [x]")).collect::<Vec<_>>().join(", ");
    let text = document(1, "").replace("v: [v0]", &variables);
    assert_eq!(summary(&read(&files(&[("e.yaml", &text)]))), ["SHAPE-020 e.yaml:1:9"]);
    // Aliases multiply what a variable then multiplies again.
    let mut aliases = String::from(
        "  deployment:\n    constants:\n      M.A: &a ['${v}', '${v}', '${v}', '${v}', '${v}', '${v}', '${v}', '${v}', '${v}', '${v}']\n",
    );
    for (name, before) in [("b", "a"), ("c", "b"), ("d", "c"), ("e", "d")] {
        let alias = vec![format!("*{before}"); if name == "e" { 9 } else { 10 }].join(", ");
        aliases.push_str(&format!("      M.{name}: &{name} [{alias}]\n"));
    }
    let found = summary(&read(&files(&[("e.yaml", &document(1000, &aliases))])));
    assert!(found.contains(&"SHAPE-020 e.yaml:1:1".to_owned()), "{found:?}");
    let text = format!("  deployment: {{constants: {{M.A: '{}'}}}}\n", "${v}".repeat(40_000));
    let found = summary(&read(&files(&[("e.yaml", &document(1000, &text))])));
    assert_eq!(found, ["SHAPE-020 e.yaml:1:1"]);
}

#[test]
fn secrets_in_defaults_and_matrices_are_never_shown() {
    let loaded = read(&files(&[
        (
            "d.yaml",
            "defaults:\n  environment:\n    runtime: {mxAdminPassword: sword-fish, debuggerPassword: sword-fish}\n",
        ),
        (
            "e.yaml",
            "matrix: {v: [a]}\nenvironment:\n  id: 'e${v}'\n  runtime: {mxAdminPassword: 'sword-fish${v}${w}'}\n",
        ),
    ]));
    assert!(summary(&loaded).iter().any(|line| line.starts_with("SECR-04 d.yaml")), "{:?}", summary(&loaded));
    assert!(
        summary(&loaded).iter().any(|line| line.starts_with("SHAPE-021 e.yaml")),
        "{:?}",
        summary(&loaded)
    );
    let text = render(&loaded);
    assert!(!text.contains("fish") && !text.contains("${w}"), "{text}");
}

#[test]
fn what_cannot_be_read_may_be_what_is_missing() {
    let unread = "defaults:\n  environment: {app: desk, provider: {cluster: eu, namespace: orders]\n";
    let loaded =
        read(&files(&[("d.yaml", unread), ("e.yaml", "environment: {id: e1, properties: {name: p}}\n")]));
    assert!(summary(&loaded).iter().all(|line| line.starts_with("YAML-001")), "{:?}", summary(&loaded));
}

#[test]
fn ids_that_are_missing_are_listed() {
    let loaded = read(&files(&[
        (
            "a.yaml",
            "environment: {app: desk, properties: {name: p}, provider: {cluster: eu, namespace: orders}}\n",
        ),
        (
            "b.yaml",
            "matrix: {v: [x, y]}\nenvironment:\n  id: {x: e1}\n  app: desk\n  properties: {name: '${v}'}\n  provider: {cluster: eu, namespace: orders}\n",
        ),
        (
            "c.yaml",
            "matrix: {v: [z]}\nenvironment:\n  app: desk\n  properties: {name: '${v}'}\n  provider: {cluster: eu, namespace: orders}\n",
        ),
    ]));
    // Where ids stand already, the others go in the same order of mappings.
    let nested = "matrix: {a: [x, y], b: [p, q]}\nenvironment:\n  id: {p: {x: e1}}\n  app: desk\n  properties: {name: '${a}${b}'}\n  provider: {cluster: eu, namespace: orders}\n";
    let keys: Vec<String> =
        read(&files(&[("a.yaml", nested)])).missing_ids.iter().map(|it| it.keys.join(" ")).collect();
    assert_eq!(keys, ["q x", "p y", "q y"]);
    let told: Vec<(&str, Option<usize>, &[String])> = loaded
        .missing_ids
        .iter()
        .map(|missing| {
            (&*missing.document.file, missing.mapping.as_ref().map(|at| at.column), &*missing.keys)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("a.yaml", None, [].as_slice()),
            ("b.yaml", Some(7), &["y".to_owned()]),
            ("c.yaml", None, &["z".to_owned()])
        ]
    );
    assert!(loaded.missing_ids.iter().all(|missing| missing.proposal.is_some()));
}
