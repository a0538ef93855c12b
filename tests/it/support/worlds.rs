//! Generated live worlds, as the simulator saves them: also what no estate would make.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::generate::id;

/// What stands in the place of every secret; no file may hold it.
pub const CANARY: &str = "Y2FuYXJ5LTQ3MTE=";

/// How strange a world may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manners {
    /// All of it can be said by files.
    Tame,
    /// Names twice, words that nobody knows, lists that contradict themselves.
    Odd,
}

fn name(manners: Manners, plain: &'static str) -> BoxedStrategy<String> {
    let index = 0_usize..4;
    let tame = index.prop_map(move |index| format!("{plain}-{index}"));
    match manners {
        Manners::Tame => tame.boxed(),
        Manners::Odd => prop_oneof![
            4 => tame,
            1 => select(vec![
                "a/b", "..", "../../etc/x", "yes", "1.10", "null", "Zürich ☂", "a: b", "# no", "NUL", ".hidden", "a@b", "%41", "x\ny",
                "", " ", "-", "app", "defaults", "Test", "test", "{}", "'", "\"", "exact", "merge", "*x",
            ]).prop_map(str::to_owned),
        ]
        .boxed(),
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{0,8}",
        select(vec![
            "",
            "true",
            "1.10",
            "null",
            "~",
            "007",
            "2024-01-01",
            "12:30:45",
            "0o17",
            "it's \"quoted\"",
            "Zürich ☂",
            "a: b",
            "# no",
            " lead",
            "trail ",
            "x\ny",
            "x\n\ny\n",
            "\n",
            "\t",
            "{}",
            "[",
            "\u{85}",
            "\u{feff}x",
            "a\\b",
            "<<",
            "!x",
            "&x",
            "%x",
            "@x",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ]
}

/// A boolean, sometimes as a text.
fn truth() -> impl Strategy<Value = Value> {
    (any::<bool>(), any::<bool>()).prop_map(
        |(truth, as_text)| {
            if as_text { truth.to_string().into() } else { truth.into() }
        },
    )
}

/// A number, sometimes as a text or with a fraction.
fn number(range: std::ops::RangeInclusive<i64>) -> impl Strategy<Value = Value> {
    (range, 0..3).prop_map(|(number, spelling)| match spelling {
        0 => number.into(),
        1 => number.to_string().into(),
        _ => serde_json::from_str(&format!("{number}.0")).unwrap(),
    })
}

fn unknown() -> impl Strategy<Value = Value> {
    option::of(select(vec![
        json!({"a": [1, 1.10, "x", null, true], "big": 12_345_678_901_234_567_890_u64}),
        json!("later"),
        json!([]),
    ]))
    .prop_map(|value| value.unwrap_or(Value::Null))
}

/// Items of a list by key; where manners allow it, one of them twice.
fn items(
    manners: Manners,
    keys: Vec<Vec<(&'static str, &'static str)>>,
    rest: impl Strategy<Value = Value> + 'static,
) -> BoxedStrategy<Value> {
    let count = keys.len();
    (vec(rest, count), vec(any::<bool>(), count), any::<u8>())
        .prop_map(move |(rests, there, twice)| {
            let mut list: Vec<Value> = keys
                .iter()
                .zip(rests)
                .zip(there)
                .filter(|(_, there)| *there)
                .map(|((key, rest), _)| {
                    let mut item = rest;
                    for (name, value) in key {
                        item[*name] = (*value).into();
                    }
                    item
                })
                .collect();
            if manners == Manners::Odd && twice < 40 && !list.is_empty() {
                let mut again = list[0].clone();
                if twice < 20 {
                    again["value"] = "another".into();
                }
                list.push(again);
            }
            if manners == Manners::Odd && twice > 245 {
                list.push(json!({"nobody": "knows"}));
            }
            list.into()
        })
        .boxed()
}

fn named(names: &[&'static str]) -> Vec<Vec<(&'static str, &'static str)>> {
    names.iter().map(|name| vec![("name", *name)]).collect()
}

fn cluster(manners: Manners, index: usize) -> impl Strategy<Value = Value> {
    let managers = items(
        manners,
        vec![vec![("email", "a@x.example")], vec![("email", "B@x.example")]],
        select(vec![json!({"status": "accepted", "displayName": "A"}), json!({})]),
    );
    let kinds = match manners {
        Manners::Tame => vec!["os", "k8s", "eks"],
        Manners::Odd => vec!["os", "k8s", "eks", "gke"],
    };
    (name(manners, "cluster"), option::of(text()), managers, select(kinds), unknown()).prop_map(
        move |(name, description, managers, kind, unknown)| {
            // Tame clusters have different names, as CL-02 wants it.
            let name = if manners == Manners::Tame { format!("{name}-{index}") } else { name };
            json!({"manifest": {"manifestVersion": "2.0.0", "cluster": {
                "clusterId": id(&format!("cluster{index}")), "name": name, "clusterType": kind,
                "operatorType": operator(index), "description": description, "clusterManagers": managers,
                "totalNamespaces": 1, "creator": "x", "unknownField": unknown,
            }}})
        },
    )
}

/// Every second cluster has one operator for all of its namespaces.
const fn operator(cluster: usize) -> &'static str {
    if cluster % 2 == 1 { "global_operator" } else { "standard_operator" }
}

fn namespace(manners: Manners, index: usize, clusters: usize) -> impl Strategy<Value = Value> {
    let members = items(
        manners,
        vec![vec![("email", "dev@x.example")], vec![("email", "Lead@x.example")]],
        select(vec![
            json!({"role": "Developer", "status": "accepted"}),
            json!({"role": "Chief of it", "permissions": {"deployApp": "true", "scaleApp": false}}),
        ]),
    );
    let plans = items(
        manners,
        vec![vec![("planName", "db")], vec![("planName", "fs")]],
        truth().prop_map(|activate| json!({"planType": "OnDemand", "planConfig": "{type: \"database\"}", "activate": activate})),
    );
    let links = option::of(select(vec![
        json!({"metricsUrl": "https://m.example/d", "logsUrl": ""}),
        json!({"logsUrl": "https://L.example"}),
        json!({}),
    ]));
    let kinds = select(vec!["standard", "main", "managed"]);
    let switches = (option::of(truth()), option::of(truth()), kinds, any::<bool>());
    (0..clusters, name(manners, "ns"), members, plans, links, switches, unknown()).prop_map(
        move |(cluster, name, members, plans, links, (development, store, kind, secret), unknown)| {
            let name = if manners == Manners::Tame { format!("{name}-{index}") } else { name };
            let kind = match manners {
                Manners::Tame if cluster % 2 == 1 => "managed",
                Manners::Tame => "standard",
                Manners::Odd => kind,
            };
            json!({"clusterId": id(&format!("cluster{cluster}")), "manifest": {"manifestVersion": "2.0.0", "namespace": {
                "namespaceId": id(&format!("namespace{index}")), "name": name, "namespaceType": kind,
                "installationType": "Connected", "secret": if secret { json!(CANARY) } else { Value::Null },
                "productTypePCLM": "standard", "plans": plans, "membership": members, "operationalLinks": links,
                "enableDevelopmentMode": development, "enableExternalSecretsStore": store,
                "additionalInformation": {"componentsVersion": {"operatorVersion": "2.20.0"}}, "unknownField": unknown,
            }}})
        },
    )
}

fn deployment(manners: Manners) -> impl Strategy<Value = Value> {
    let values = || text().prop_map(|value| json!({"value": value, "type": "String"}));
    let levels = match manners {
        Manners::Tame => vec!["DEBUG", "INFO"],
        Manners::Odd => vec!["DEBUG", "INFO", "FATAL"],
    };
    let urls = match manners {
        Manners::Tame => vec!["https://x.example/", "https://X.example"],
        Manners::Odd => vec!["https://x.example/", "https://X.example", "x.example", ""],
    };
    let constants = match manners {
        Manners::Tame => named(&["M.One", "M.Two", "M.Three"]),
        Manners::Odd => named(&["M.One", "yes", "a: b", "", "merge", "M.☂"]),
    };
    (
        items(manners, constants, values()),
        items(manners, named(&["M.SE_A", "M.SE_B"]), truth().prop_map(|enabled| json!({"enabled": enabled}))),
        items(manners, named(&["Core", "Http"]), select(levels).prop_map(|level| json!({"level": level}))),
        select(urls),
        any::<bool>(),
    )
        .prop_map(|(mut constants, events, levels, url, secret)| {
            if secret {
                constants.as_array_mut().unwrap().push(json!({"name": "M.ApiPassword", "value": CANARY}));
            }
            json!({
                "appUrl": url, "packageId": id("package"), "constants": constants, "scheduledEvents": events, "appLogLevels": levels,
            })
        })
}

fn container() -> impl Strategy<Value = Value> {
    let amounts = select(vec![
        json!({"cpu": "1.000", "memory": "4.000", "ephemeralStorage": "1"}),
        json!({"cpu": 1, "memory": 4}),
        json!({"cpu": "0.512", "memory": ".5", "ephemeralStorage": "2.0"}),
    ]);
    (number(0..=10), amounts.clone(), amounts, option::of(Just(()))).prop_map(
        |(instances, limits, requests, resources)| {
            let resources = resources.map(|()| json!({"limits": limits, "requests": requests}));
            json!({
                "state": "Ready", "instances": instances, "lastRunningInstanceCount": 2, "coreResources": resources,
            })
        },
    )
}

/// The parts of an environment that it may lack.
fn parts(manners: Manners) -> impl Strategy<Value = Value> {
    let values = || text().prop_map(|value| json!({"value": value}));
    let certificates = vec(truth(), 0..3).prop_map(|enabled| {
        let certificate = |(index, enabled): (usize, Value)| json!({"key": format!("MIIB{index}{CANARY}"), "password": CANARY, "certificateType": "Client", "enabled": enabled});
        enabled.into_iter().enumerate().map(certificate).collect::<Vec<_>>()
    });
    let annotations = items(
        manners,
        vec![
            vec![("annotationType", "Pod"), ("key", "a/b")],
            vec![("annotationType", "Pod"), ("key", "yes")],
            vec![("annotationType", "Ingress"), ("key", "a/b")],
        ],
        values(),
    );
    let services = select(vec![
        json!([]),
        json!([
            {"name": "db", "plan": "OnDemand", "config": "{type: \\\"database\\\"}"},
            {"name": "fs", "plan": "Dedicated", "config": "{type: \"storage\"}"},
        ]),
    ]);
    let metrics = select(vec![
        Value::Null,
        json!({"mode": "native", "interval": "PT1M", "mxAgentConfig": "{\n  \"a\": 1\n}"}),
        json!({"mode": "default", "interval": ""}),
    ]);
    let strategy = option::of((number(0..=100), number(0..=100))).prop_map(|numbers| {
        numbers.map(|(surge, over)| json!({"runtimeDeploymentStrategyType": "Reduced App Downtime", "maxSurge": surge, "switchOverthreshold": over}))
    });
    (
        items(manners, named(&["JAVA_TOOL_OPTIONS", "TZ", "EMPTY"]), values()),
        items(manners, named(&["com.mendix.x", "y"]), values()),
        certificates,
        annotations,
        services,
        metrics,
        strategy,
    )
        .prop_map(|(variables, settings, certificates, annotations, services, metrics, strategy)| {
            json!({
                "network": {"outgoingConnectionCertificate": certificates},
                "runtime": {"environmentVariables": variables, "customRuntimeSettings": settings, "runtimeVersion": "10.18.3"},
                "annotations": annotations,
                "services": services,
                "runtimeMetricsConfiguration": metrics,
                "deploymentStrategy": strategy,
            })
        })
}

/// An environment, with its app and namespace by number.
fn environment(
    manners: Manners,
    apps: usize,
    namespaces: usize,
) -> impl Strategy<Value = (usize, usize, Value)> {
    let properties = (
        name(manners, "env"),
        truth(),
        truth(),
        option::of(truth()),
        select(vec!["", "Standard"]),
        any::<bool>(),
    );
    let ids = select(vec!["one", "two", "three", "0four", "fi-ve"]);
    (0..apps, 0..namespaces, ids, properties, (deployment(manners), container(), parts(manners)), unknown()).prop_map(
        |(app, namespace, id, (name, production, target, store, product, by_id), (deployment, container, parts), unknown)| {
            let mut body = parts;
            body["id"] = id.into();
            body["properties"] = json!({
                "name": name, "production": production, "defaultStudioTarget": target, "secretsStoreEnabled": store,
                "OverwriteProductTypePCLM": product, "environmentPurpose": "Test", "unknownField": unknown,
            });
            body["deployment"] = deployment;
            body["container"] = container;
            body["provider"] = json!({"byId": by_id});
            (app, namespace, body)
        },
    )
}

/// Live worlds of up to three clusters, four namespaces, three apps and six environments.
pub fn worlds(manners: Manners) -> impl Strategy<Value = Value> {
    (1_usize..=3, 0_usize..=4, 1_usize..=3).prop_flat_map(move |(clusters, namespaces, apps)| {
        let environments =
            vec(environment(manners, apps, namespaces.max(1)), if namespaces == 0 { 0..1 } else { 0..7 });
        (
            (0..clusters).map(|index| cluster(manners, index)).collect::<Vec<_>>(),
            (0..namespaces).map(|index| namespace(manners, index, clusters)).collect::<Vec<_>>(),
            vec(name(Manners::Odd, "app"), apps),
            environments,
        )
            .prop_map(move |(clusters, namespaces, apps, environments)| {
                assemble(manners, &clusters, &namespaces, &apps, environments)
            })
    })
}

/// What several rules want of an environment beyond its own fields: a host of its own (URL-02), production mode where
/// the namespace has no other (PROP-03), one target of Studio Pro for each app (PROP-05), and no request above its
/// limit (RES-04).
fn obey(environment: &mut Value, index: usize, namespace: &Value, may_be_target: bool) {
    let url = environment["deployment"]["appUrl"].as_str().unwrap();
    environment["deployment"]["appUrl"] = url.replace(".example", &format!("{index}.example")).into();
    let is_on = |value: &Value| *value == json!(true) || *value == json!("true");
    if !is_on(&namespace["enableDevelopmentMode"]) {
        environment["properties"]["production"] = json!(true);
    }
    if !may_be_target {
        environment["properties"]["defaultStudioTarget"] = json!(false);
    }
    let resources = &mut environment["container"]["coreResources"];
    if resources.is_object() {
        resources["requests"] = resources["limits"].clone();
    }
}

fn assemble(
    manners: Manners,
    clusters: &[Value],
    namespaces: &[Value],
    apps: &[String],
    environments: Vec<(usize, usize, Value)>,
) -> Value {
    let mut seen = std::collections::BTreeSet::new();
    let mut names = std::collections::BTreeSet::new();
    let mut global = std::collections::BTreeSet::new();
    let mut targets = std::collections::BTreeSet::new();
    let environments: Vec<Value> = environments
        .into_iter()
        .filter(|(_, namespace, body)| *namespace < namespaces.len() && seen.insert((*namespace, body["id"].to_string())))
        .filter(|(_, namespace, body)| {
            // One operator for a whole cluster wants different ids in all of it (ID-08).
            let cluster = &namespaces[*namespace]["clusterId"];
            let is_global = clusters.iter().any(|it| {
                it["manifest"]["cluster"]["clusterId"] == *cluster
                    && it["manifest"]["cluster"]["operatorType"] == "global_operator"
            });
            manners == Manners::Odd
                || !is_global
                || global.insert((cluster.to_string(), body["id"].to_string()))
        })
        .filter(|(app, namespace, body)| {
            // Addresses of an estate need different names (PROP-02).
            manners == Manners::Odd || names.insert((*app, *namespace, body["properties"]["name"].to_string()))
        })
        .enumerate()
        .map(|(index, (app, namespace, mut body))| {
            let place = &namespaces[namespace];
            if manners == Manners::Tame {
                let is_first_target = targets.insert(app);
                obey(&mut body, index, &place["manifest"]["namespace"], is_first_target);
            }
            let by_id = body["provider"]["byId"] == json!(true);
            body["provider"] = json!({
                "clusterId": place["clusterId"],
                "namespace": place["manifest"]["namespace"]["name"],
                "namespaceId": place["manifest"]["namespace"]["namespaceId"],
            });
            // The API may leave the id out; the name tells it where it is the only one.
            let name = &place["manifest"]["namespace"]["name"];
            let twins = namespaces.iter().filter(|other| {
                other["clusterId"] == place["clusterId"] && other["manifest"]["namespace"]["name"] == *name
            });
            let is_clear = twins.count() == 1 && name.as_str().is_some_and(|name| !name.trim().is_empty());
            if !by_id && is_clear {
                body["provider"].as_object_mut().unwrap().remove("namespaceId");
            }
            json!({
                "appId": id(&format!("app{app}")), "namespaceId": place["manifest"]["namespace"]["namespaceId"],
                "manifest": {"manifestVersion": "2.0.0", "environment": body},
            })
        })
        .collect();
    let apps: Vec<Value> = apps
        .iter()
        .enumerate()
        .map(|(index, name)| json!({"appId": id(&format!("app{index}")), "appName": name}))
        .collect();
    json!({"clusters": clusters, "namespaces": namespaces, "apps": apps, "environments": environments})
}
