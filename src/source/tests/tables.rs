//! The tables drive everything: each field of each kind is read, and each wrong value is reported where it stands.

use super::*;
use crate::model::Kind;
use crate::model::field::{Field, Format, ListKey, ListShape, Shape};

const ID: &str = "085a0e34-69ec-4c61-9c7d-5cd42554f9f2";

/// Everything is called `n` and has one id, so that any sample of a reference refers to something.
fn base(kind: Kind) -> Value {
    match kind {
        Kind::Cluster => json!({"clusterId": ID, "name": "n"}),
        Kind::Namespace => json!({"namespaceId": ID, "cluster": "n", "name": "n"}),
        Kind::App => json!({"appId": ID, "name": "n"}),
        Kind::CloudApp => json!({"appId": ID, "name": "n", "roles": [{"name": "n"}]}),
        Kind::Package => json!({"name": "n", "app": "n", "branch": "n", "revision": "n"}),
        Kind::Environment => {
            json!({"id": "e1", "app": "n", "properties": {"name": "n"}, "provider": {"cluster": "n", "namespace": "n"}})
        }
    }
}

fn sample(field: &Field) -> Value {
    match field.shape {
        Shape::Object(_) => json!({}),
        Shape::List(_) => json!([]),
        Shape::Addresses => json!(["cluster/n"]),
        // Some percentages of 0 make no sense (STR-04).
        Shape::Integer(min, _) => json!(min + 1),
        Shape::Boolean => json!(true),
        Shape::Text(format) => match format {
            Format::Plain if field.example.is_some() => field.example.unwrap().to_json(),
            Format::Plain | Format::NonEmpty | Format::Short(_) | Format::PackageName => json!("n"),
            Format::Version => json!("1.0.0"),
            Format::Enum(words) => json!(words[0]),
            Format::Uuid => json!(ID),
            Format::EnvironmentId => json!("e1"),
            Format::Mail => json!("a@b.example"),
            Format::Url => json!("https://a.example"),
            Format::Base64 => json!({"fromEnv": "ORDERS_ADMIN_PW"}),
            Format::Decimal => json!("1"),
            Format::RelaxedJson => json!("{type: \"database\"}"),
        },
    }
}

/// Keys of items are names of the model or of Kubernetes, which rules look at.
fn key_sample(field: &Field) -> Value {
    field.example.map_or_else(|| sample(field), crate::model::field::Literal::to_json)
}

/// A value of a wrong type that can be found again.
fn wrong(field: &Field) -> Value {
    match field.shape {
        Shape::Object(_) | Shape::List(_) | Shape::Addresses => json!("@@wrong"),
        Shape::Text(_) | Shape::Integer(..) | Shape::Boolean => json!(["@@wrong"]),
    }
}

/// One step on the way to a field.
#[derive(Clone, Copy)]
enum Way {
    Field(&'static str),
    Item(ListShape),
}

/// Calls `visit` with the way to every field whose value is looked at.
fn visit_fields(table: &'static [Field], way: &[Way], visit: &mut impl FnMut(&[Way], &'static Field)) {
    for field in table {
        let mut way = way.to_vec();
        way.push(Way::Field(field.name));
        visit(&way, field);
        if !field.is_declarable() {
            continue;
        }
        match field.shape {
            Shape::Object(table) => visit_fields(table, &way, visit),
            Shape::List(list) => {
                way.push(Way::Item(list));
                visit_fields(list.items, &way, visit);
            }
            _ => {}
        }
    }
}

/// Puts a value at the end of a way.
fn put(target: &mut Value, way: &[Way], value: Value) {
    match way {
        [] => *target = value,
        [Way::Field(name), rest @ ..] => put(&mut target[*name], rest, value),
        [Way::Item(list), rest @ ..] => {
            let mut item = json!({});
            for field in list.items.iter().filter(|field| is_key(*list, field)) {
                item[field.name] = key_sample(field);
            }
            put(&mut item, rest, value);
            *target = json!([item]);
        }
    }
}

fn is_key(list: ListShape, field: &Field) -> bool {
    match list.key {
        ListKey::Natural(names) => names.contains(&field.name),
        ListKey::Content(name) => name == field.name,
    }
}

fn load_with(kind: Kind, body: &Value) -> (Loaded, String) {
    // The sample of a file is called like everything else.
    let mut files =
        vec![("mxkeep.yaml".to_owned(), "estate: acme\n".to_owned()), ("n".to_owned(), "PK".to_owned())];
    for other in Kind::ALL {
        let value = if other == kind { body.clone() } else { base(other) };
        files.push((format!("{other}.yaml"), format!("{:#}\n", json!({other.name(): value}))));
    }
    let text = files.iter().find(|(name, _)| *name == format!("{kind}.yaml")).unwrap().1.clone();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    (load_files(&files), text)
}

fn name(way: &[Way]) -> String {
    let names = way.iter().map(|step| match step {
        Way::Field(name) => *name,
        Way::Item(_) => "[]",
    });
    names.collect::<Vec<_>>().join(".")
}

/// The declared value at the end of a way.
fn find<'d>(fields: &'d Fields, way: &[Way]) -> Option<&'d Declared> {
    let [Way::Field(name), rest @ ..] = way else { return None };
    let declared = fields.get(name)?;
    match rest {
        [] => Some(declared),
        [Way::Item(_), rest @ ..] => find(&declared.as_list()?.items.values().next()?.fields, rest),
        rest => find(declared.as_object()?, rest),
    }
}

/// Whether the API knows everything on a way.
fn is_wire(table: &'static [Field], way: &[Way]) -> bool {
    let [Way::Field(name), rest @ ..] = way else { return true };
    let field = crate::model::field::find(table, name).unwrap();
    field.is_wire()
        && match (field.shape, rest) {
            (Shape::Object(table), rest) => is_wire(table, rest),
            (Shape::List(list), [_, rest @ ..]) => is_wire(list.items, rest),
            _ => true,
        }
}

#[test]
fn every_field_is_read_to_its_place() {
    for kind in Kind::ALL {
        visit_fields(kind.fields(), &[], &mut |way, field| {
            let path = name(way);
            let mut body = base(kind);
            let object_is_there =
                matches!(field.shape, Shape::Object(_)) && body.pointer(&format!("/{path}")).is_some();
            if ["packageId", "file"].map(|form| format!("package {form}")).contains(&format!("{kind} {path}"))
            {
                // A package comes from one place only.
                body.as_object_mut().unwrap().retain(|field, _| field != "branch" && field != "revision");
            }
            if !object_is_there {
                let is_key = matches!(way, [.., Way::Item(list), _] if is_key(*list, field));
                put(&mut body, way, if is_key { key_sample(field) } else { sample(field) });
            }
            complete(&mut body, &path);
            let (loaded, _) = load_with(kind, &body);
            if !field.is_declarable() {
                assert!(loaded.desired.is_some(), "{kind} {path}: {:#?}", loaded.diagnostics);
                return;
            }
            assert_eq!(summary(&loaded), Vec::<String>::new(), "{kind} {path}");
            let desired = loaded.desired.unwrap();
            let resource = desired.of_kind(kind).next().unwrap();
            assert_eq!(find(&resource.fields, way).is_some(), is_wire(kind.fields(), way), "{kind} {path}");
        });
    }
}

/// Adds what a field does not go without: an environment has two services (SVC-01), instrumentation an agent (MET-04).
fn complete(body: &mut Value, path: &str) {
    if path.starts_with("services.") {
        let items = body["services"].as_array_mut().unwrap();
        items[0]["config"] = json!("{type: \"database\"}");
        items.push(json!({"name": "z", "config": "{type: \"storage\"}"}));
    }
    if path.ends_with("mxAgentInstrumentationConfig") {
        body["runtimeMetricsConfiguration"]["mxAgentConfig"] = json!("{}");
    }
}

#[test]
fn every_wrong_value_is_reported_where_it_stands() {
    for kind in Kind::ALL {
        visit_fields(kind.fields(), &[], &mut |way, field| {
            let path = name(way);
            let mut body = base(kind);
            put(&mut body, way, wrong(field));
            let (loaded, text) = load_with(kind, &body);
            let marker = text.find("@@wrong").unwrap();
            let found = loaded.diagnostics.iter().find(|found| {
                let plain = found.path().map(|path| path.rsplit('.').next() == Some(field.name));
                plain == Some(true)
                    && found.origin().is_some_and(|origin| *origin.file == *format!("{kind}.yaml"))
            });
            let found = found.unwrap_or_else(|| panic!("{kind} {path}: {:#?}", loaded.diagnostics));
            let origin = found.origin().unwrap();
            if field.is_declarable() {
                assert!((origin.start..origin.end).contains(&marker), "{kind} {path}: {origin:?}");
            } else {
                assert_eq!(
                    text.get(origin.start..origin.end),
                    Some(&*format!("\"{}\"", field.name)),
                    "{kind} {path}"
                );
            }
        });
    }
}
