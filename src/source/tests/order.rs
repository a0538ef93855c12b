//! The order of files, documents, keys and lists means nothing; both spellings of a list mean the same.

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use super::*;

fn uuid(kind: u8, number: usize) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}

/// An estate of clusters with namespaces, apps and environments whose names repeat.
fn documents(clusters: usize, apps: usize) -> Vec<Value> {
    let mut documents = vec![];
    for cluster in 0..clusters {
        documents.push(json!({"cluster": {"clusterId": uuid(1, cluster), "name": format!("c{cluster}"), "clusterType": "eks",
            "clusterManagers": [{"email": "b@x.example"}, {"email": "A@x.example", "absent": true}]}}));
        documents.push(json!({"namespace": {"namespaceId": uuid(2, cluster), "cluster": format!("c{cluster}"),
            "name": "orders", "membership": {"Z@x.example": "Developer", "y@x.example": {"role": "Administrator"}}}}));
    }
    for app in 0..apps {
        documents.push(json!({"app": {"appId": uuid(3, app), "name": format!("a{app}")}}));
        for cluster in 0..clusters {
            let reference = if app % 2 == 0 { format!("c{cluster}") } else { uuid(1, cluster) };
            documents.push(json!({"environment": {
                "id": format!("e{app}"), "app": if cluster == 0 { format!("a{app}") } else { uuid(3, app) },
                "properties": {"name": "production", "production": true},
                "provider": {"cluster": reference, "namespace": "orders"},
                "dependsOn": ["cluster/c0", "namespace/c0/orders"],
                "container": {"size": "M", "instances": cluster},
                "deployment": {"constants": [{"name": "A.B", "value": "1"}, {"name": "A.A", "value": "2"}]},
                "runtime": {"environmentVariables": {"exact": {"B": "b", "A": {"value": "a"}}}, "mxAdminPassword": {"fromEnv": "ORDERS_ADMIN_PW"}},
                "annotations": [{"annotationType": "Pod", "key": "b", "value": "x"}, {"annotationType": "Ingress", "key": "a", "value": "y"}],
            }}));
        }
    }
    // The same in fewer words: defaults, a matrix with nested ids, and a fragment of one of what it makes.
    documents.push(
        json!({"defaults": {"environment": {"app": "a0", "deployment": {"constants": {"A.Z": "far"}}}}}),
    );
    documents.push(json!({
        "matrix": {"plant": ["p", "q"], "stage": ["s", "t"]},
        "environment": {"id": {"s": {"p": "m1", "q": "m2"}, "t": {"q": "m3", "p": "m4"}},
            "properties": {"name": "${plant}-${stage}"}, "provider": {"cluster": "c0", "namespace": "orders"},
            "deployment": {"constants": {"A.${plant}": "x"}}},
    }));
    documents.push(json!({"environment": {"id": "m4", "provider": {"cluster": "c0", "namespace": "orders"},
        "container": {"instances": 1}, "deployment": {"constants": {"A.Own": "y", "A.Z": {"absent": true}}}}}));
    documents.push(json!({"remove": [{"address": "environment/a0/x", "id": "e9"}, {"address": "cluster/old", "id": uuid(1, 99)}]}));
    documents
}

fn shuffled(value: &Value, random: &mut StdRng) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| shuffled(item, random)).collect();
            items.shuffle(random);
            Value::Array(items)
        }
        Value::Object(fields) => {
            let mut fields: Vec<(String, Value)> =
                fields.iter().map(|(key, value)| (key.clone(), shuffled(value, random))).collect();
            fields.shuffle(random);
            Value::Object(fields.into_iter().collect())
        }
        scalar => scalar.clone(),
    }
}

fn load_documents(documents: &[Value], files: usize) -> Value {
    let mut texts = vec![String::from("estate: acme\n")];
    texts.resize(files + 1, String::new());
    for (index, document) in documents.iter().enumerate() {
        texts[1 + index % files].push_str(&format!("---\n{document:#}\n"));
    }
    // All in one directory, whose defaults are those of all.
    let names: Vec<String> = (0..texts.len()).map(|index| format!("f{index}.yaml")).collect();
    let mut pairs: Vec<(&str, &str)> =
        names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    pairs[0].0 = "mxkeep.yaml";
    let loaded = load_files(&pairs);
    dump(&loaded.desired.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_everything_means_nothing(clusters in 1usize..4, apps in 1usize..4, files in 1usize..5, seed: u64) {
        let documents = documents(clusters, apps);
        let mut random = StdRng::seed_from_u64(seed);
        let mut other: Vec<Value> = documents.iter().map(|document| shuffled(document, &mut random)).collect();
        other.shuffle(&mut random);
        prop_assert_eq!(load_documents(&documents, 1), load_documents(&other, files));
    }
}

#[test]
fn names_that_repeat_say_where_they_are() {
    let dump = load_documents(&documents(2, 1), 1);
    let addresses: Vec<&str> = dump["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|resource| resource["address"].as_str().unwrap())
        .collect();
    assert_eq!(
        addresses,
        [
            "cluster/c0",
            "cluster/c1",
            "namespace/c0/orders",
            "namespace/c1/orders",
            "app/a0",
            "environment/a0/production@c0/orders",
            "environment/a0/p-s",
            "environment/a0/q-s",
            "environment/a0/q-t",
            "environment/a0/p-t",
            "environment/a0/production@c1/orders",
        ]
    );
}

#[test]
fn both_spellings_of_a_list_are_the_same() {
    let pairs = [
        (
            "deployment",
            "{constants: [{name: A.B, value: x}, {name: A.C, absent: true}]}",
            "{constants: {A.B: x, A.C: {absent: true}}}",
        ),
        (
            "deployment",
            "{constants: {exact: [{name: A.B, value: x}]}}",
            "{constants: {exact: {A.B: {value: x}}}}",
        ),
        (
            "deployment",
            "{scheduledEvents: {merge: [{name: A.B, enabled: true}]}}",
            "{scheduledEvents: {A.B: true}}",
        ),
        (
            "annotations",
            "[{annotationType: Pod, key: a, value: \"1\"}, {annotationType: Pod, key: b, value: \"2\"}]",
            "{Pod: {a: \"1\", b: {value: \"2\"}}}",
        ),
        (
            "runtime",
            "{environmentVariables: [{name: A, value: {fromEnv: X}}]}",
            "{environmentVariables: {A: {fromEnv: X}}}",
        ),
    ];
    for (field, list, mapping) in pairs {
        let read = |value: &str| {
            let text =
                format!("{}  {field}: {value}\n", valid::ENVIRONMENT.split("  deployment:").next().unwrap());
            let loaded =
                load_files(&[("mxkeep.yaml", "estate: a\n"), ("land.yaml", valid::LAND), ("e.yaml", &text)]);
            dump(&loaded.desired.unwrap_or_else(|| panic!("{value}: {:#?}", loaded.diagnostics)))
        };
        assert_eq!(read(list), read(mapping), "{field}");
    }
}
