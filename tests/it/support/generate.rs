//! Generated estates: documents as JSON, which is YAML.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// An estate before it is written: its documents, in the order of creation.
#[derive(Debug, Clone)]
pub struct Generated {
    pub documents: Vec<Value>,
}

/// A stable id for a made-up resource.
pub fn id(name: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()).to_string()
}

/// Texts that stress spelling: quotes, blanks, non-ASCII, numbers and booleans in text.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,8}",
        Just(String::new()),
        select(vec![
            "true",
            "1.10",
            "null",
            "2024-01-01",
            "it's \"quoted\"",
            "Zürich ☂",
            "a: b",
            "# no",
            " lead",
            "x\ny",
            "{}",
        ])
        .prop_map(str::to_owned),
    ]
}

fn mapping(
    keys: &'static [&'static str],
    values: impl Strategy<Value = Value>,
) -> impl Strategy<Value = Value> {
    btree_map(select(keys), values, 0..keys.len())
        .prop_map(|map| Value::Object(map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()))
}

fn set(target: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        target.insert(name.to_owned(), value);
    }
}

fn cluster(index: usize) -> impl Strategy<Value = Value> {
    let managers = vec(select(vec!["a@x.example", "B@x.example", "c@x.example"]), 0..3);
    (option::of(text()), option::of(managers), select(vec!["os", "k8s", "eks"])).prop_map(
        move |(description, managers, kind)| {
            let mut body = json!({"clusterId": id(&format!("cluster{index}")), "name": format!("cluster{index}"), "clusterType": kind});
            let fields = body.as_object_mut().unwrap();
            set(fields, "description", description.map(Value::from));
            let managers = managers.map(|mut managers| {
                managers.sort_unstable();
                managers.dedup();
                managers.into_iter().map(|email| json!({"email": email})).collect::<Vec<_>>().into()
            });
            set(fields, "clusterManagers", managers);
            json!({"cluster": body})
        },
    )
}

fn namespace(index: usize, clusters: usize) -> impl Strategy<Value = Value> {
    let members = mapping(
        &["dev@x.example", "Lead@x.example"],
        select(vec![json!("Developer"), json!({"role": "Administrator"})]),
    );
    let links = option::of(select(vec![
        json!({"metricsUrl": "https://m.example/d"}),
        json!({"logsUrl": "https://l.example"}),
    ]));
    (0..clusters, option::of(members), option::of(any::<bool>()), links).prop_map(
        move |(cluster, members, development, links)| {
            let mut body = json!({
                "namespaceId": id(&format!("namespace{index}")),
                "cluster": format!("cluster{cluster}"),
                "name": format!("namespace{index}"),
                "secret": {"fromFile": "secret.txt"},
            });
            let fields = body.as_object_mut().unwrap();
            set(fields, "membership", members);
            set(fields, "enableDevelopmentMode", development.map(Value::from));
            set(fields, "operationalLinks", links);
            json!({"namespace": body})
        },
    )
}

/// Optional parts of an environment, each with where it goes.
fn parts() -> impl Strategy<Value = Vec<(&'static str, &'static str, Value)>> {
    let values = || text().prop_map(Value::from);
    (
        option::of(mapping(&["M.One", "M.Two", "M.Three"], values())),
        option::of(mapping(&["M.SE_A", "M.SE_B"], any::<bool>().prop_map(Value::from))),
        option::of(mapping(&["Core", "Http"], select(vec![json!("DEBUG"), json!("INFO")]))),
        option::of(mapping(&["JAVA_TOOL_OPTIONS", "TZ"], values())),
        option::of(mapping(&["com.mendix.x", "y"], values())),
        option::of(select(vec![
            json!({"Pod": {"a/b": "1"}}),
            json!({"Pod": {"a/b": "2"}, "Ingress": {"a/b": "x"}}),
            json!([{"annotationType": "Service", "key": "k", "value": "v"}]),
        ])),
        option::of(select(vec![json!({"mode": "native", "interval": "PT1M"}), json!({"mode": "default"})])),
        option::of(
            (0_i64..=100, 0_i64..=100)
                .prop_map(|(surge, over)| json!({"maxSurge": surge, "switchOverthreshold": over})),
        ),
    )
        .prop_map(|(constants, events, levels, variables, settings, annotations, metrics, strategy)| {
            let all = [
                ("deployment", "constants", constants),
                ("deployment", "scheduledEvents", events),
                ("deployment", "appLogLevels", levels),
                ("runtime", "environmentVariables", variables),
                ("runtime", "customRuntimeSettings", settings),
                ("", "annotations", annotations),
                ("", "runtimeMetricsConfiguration", metrics),
                ("", "deploymentStrategy", strategy),
            ];
            all.into_iter().filter_map(|(parent, name, value)| Some((parent, name, value?))).collect()
        })
}

fn environment(index: usize, namespaces: usize) -> impl Strategy<Value = Value> {
    let sizes = select(vec![
        json!({"size": "S"}),
        json!({"size": "XXL"}),
        json!({"coreResources": {"limits": {"cpu": "1.0", "memory": "2"}, "requests": {"cpu": "0.50", "memory": "1.5", "ephemeralStorage": "1"}}}),
    ]);
    (0..namespaces, 0_i64..=10, any::<bool>(), sizes, parts()).prop_map(
        move |(namespace, instances, production, mut container, parts)| {
            container.as_object_mut().unwrap().insert("instances".into(), instances.into());
            let mut body = json!({
                "id": format!("env{index}"),
                "app": "app0",
                "properties": {"name": format!("env{index}"), "production": production},
                "provider": {"namespace": format!("namespace{namespace}")},
                "deployment": {"appUrl": format!("https://env{index}.x.example"), "packageId": id("package")},
                "container": container,
                "services": {"db": {"plan": "OnDemand", "config": "{type: \"database\"}"}, "fs": {"plan": "OnDemand", "config": "{type: \"storage\"}"}},
            });
            for (parent, name, value) in parts {
                let fields = body.as_object_mut().unwrap();
                let target = match parent {
                    "" => fields,
                    parent => fields.entry(parent).or_insert_with(|| json!({})).as_object_mut().unwrap(),
                };
                target.insert(name.to_owned(), value);
            }
            json!({"environment": body})
        },
    )
}

/// An app on Mendix Cloud: roles, defaults, and environments that say otherwise, with members of all spellings.
fn cloud_app(index: usize) -> impl Strategy<Value = Value> {
    let member = || {
        select(vec![
            json!("viewer"),
            json!("robot"),
            json!({"role": "viewer", "canDeployApp": true, "canViewLogs": false}),
            json!({"canManagePrivileges": true}),
            json!({"absent": true}),
        ])
    };
    let members = move || {
        mapping(&["dev@x.example", "Ops@x.example", "ci-robot@x.example", "lead@y.example"], member())
    };
    let contact = option::of(select(vec!["Contact@x.example", "owner@simulator.example"]));
    let own = vec(option::of(members()), 1..3);
    (option::of(members()), own, contact).prop_map(move |(defaults, own, contact)| {
        let environments: Vec<_> = own
            .into_iter()
            .enumerate()
            .map(|(number, own)| {
                let mut environment = json!({"environmentId": id(&format!("cloud{index}-{number}"))});
                set(environment.as_object_mut().unwrap(), "permissions", own);
                environment
            })
            .collect();
        let mut body = json!({
            "appId": id(&format!("cloud{index}")),
            "name": format!("cloud{index}"),
            "roles": {
                "viewer": {"canViewAlerts": true, "canViewLogs": true},
                "robot": {"canDeployApp": true, "canAccessAPI": true},
            },
            "environments": environments,
        });
        let fields = body.as_object_mut().unwrap();
        set(fields, "permissions", defaults);
        set(fields, "technicalContact", contact.map(Value::from));
        json!({"cloudApp": body})
    })
}

/// An environment that its namespace allows: only for production where development mode is off (PROP-03).
fn allowed(mut environment: Value, namespaces: &[Value]) -> Value {
    let name = environment["environment"]["provider"]["namespace"].clone();
    let is_off = |namespace: &Value| namespace["namespace"]["enableDevelopmentMode"] == json!(false);
    if namespaces.iter().any(|namespace| namespace["namespace"]["name"] == name && is_off(namespace)) {
        environment["environment"]["properties"]["production"] = json!(true);
    }
    environment
}

/// Estates of one or two clusters, up to three namespaces, up to four environments of one app, and up to two apps on
/// Mendix Cloud.
pub fn estates() -> impl Strategy<Value = Generated> {
    of_sizes((1_usize..=2, 1_usize..=3, 0_usize..=4, 0_usize..=2))
}

/// Estates of so many clusters, namespaces, environments and apps on Mendix Cloud.
pub fn of_sizes(
    sizes: impl Strategy<Value = (usize, usize, usize, usize)>,
) -> impl Strategy<Value = Generated> {
    sizes.prop_flat_map(|(clusters, namespaces, environments, cloud)| {
        (
            (0..clusters).map(cluster).collect::<Vec<_>>(),
            (0..namespaces).map(move |index| namespace(index, clusters)).collect::<Vec<_>>(),
            (0..environments).map(move |index| environment(index, namespaces)).collect::<Vec<_>>(),
            (0..cloud).map(cloud_app).collect::<Vec<_>>(),
        )
            .prop_map(|(clusters, namespaces, environments, cloud)| {
                let app = json!({"app": {"appId": id("app0"), "name": "app0"}});
                let environments = environments.into_iter().map(|it| allowed(it, &namespaces));
                let environments: Vec<Value> = environments.collect();
                let documents = clusters
                    .into_iter()
                    .chain(namespaces)
                    .chain([app])
                    .chain(environments)
                    .chain(cloud)
                    .collect();
                Generated { documents }
            })
    })
}

impl Generated {
    /// The same estate with packages that are yet to be built; each bit says whether an environment runs one of them.
    pub fn with_packages(mut self, bits: u8) -> Generated {
        let environments = self.documents.iter_mut().filter_map(|document| document.get_mut("environment"));
        let mut declared = [false; 2];
        for (index, environment) in environments.enumerate().filter(|(index, _)| bits & (1 << index) != 0) {
            let number = usize::from(bits >> 7) * index % 2;
            declared[number] = true;
            let deployment = environment["deployment"].as_object_mut().unwrap();
            deployment.remove("packageId");
            deployment.insert("package".to_owned(), format!("app0-{number}.0.0").into());
        }
        let package = |number: usize| {
            json!({"package": {
                "name": format!("app0-{number}.0.0"), "app": "app0",
                "branch": "main", "revision": format!("r{number}"), "version": format!("{number}.0.0"),
            }})
        };
        self.documents.extend((0..2).filter(|number| declared[*number]).map(package));
        self
    }

    /// The estate as the files of a directory: all documents in one file, in flow style.
    pub fn files(&self) -> Vec<(String, String)> {
        let text: String = self.documents.iter().map(|document| format!("---\n{document}\n")).collect();
        vec![
            ("mxkeep.yaml".into(), "estate: generated\n".into()),
            ("secret.txt".into(), "generated-secret".into()),
            ("all.yaml".into(), text),
        ]
    }

    /// The same estate, spread over files and shuffled: documents, keys, and lists.
    pub fn shuffled_files(&self, seed: u64) -> Vec<(String, String)> {
        let mut random = Random(seed | 1);
        let mut files = vec![
            ("mxkeep.yaml".into(), "estate: generated\n".into()),
            ("secret.txt".into(), "generated-secret".into()),
        ];
        let mut names: Vec<usize> = (0..self.documents.len()).collect();
        random.shuffle(&mut names);
        for (document, name) in self.documents.iter().zip(names) {
            let text = serde_yaml::to_string(&Block(&shuffle(document, &mut random))).unwrap();
            files.push((format!("{}/{name}.yaml", ["a", "b", "c"][name % 3]), text));
        }
        files
    }
}

/// A document in block style. Numbers go through `i64`: with arbitrary precision, serde_json hands them to other
/// formats as a map.
struct Block<'a>(&'a Value);

impl serde::Serialize for Block<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(fields) => {
                serializer.collect_map(fields.iter().map(|(key, value)| (key, Block(value))))
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Block)),
            Value::Number(number) => serializer.serialize_i64(number.as_i64().unwrap()),
            scalar => serde::Serialize::serialize(scalar, serializer),
        }
    }
}

/// A small generator, so that a failing case shows nothing but a seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            let other = usize::try_from(self.next() % (index as u64 + 1)).unwrap();
            items.swap(index, other);
        }
    }
}

fn shuffle(value: &Value, random: &mut Random) -> Value {
    match value {
        Value::Object(fields) => {
            let mut entries: Vec<_> =
                fields.iter().map(|(key, value)| (key.clone(), shuffle(value, random))).collect();
            random.shuffle(&mut entries);
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(|item| shuffle(item, random)).collect();
            random.shuffle(&mut items);
            Value::Array(items)
        }
        scalar => scalar.clone(),
    }
}
