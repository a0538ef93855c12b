//! Values and estates made from nothing but the tables.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mxkeep::model::field::{Fallback, Field, Format, ListKey, ListShape, Need, Owner, Shape, walk};
use mxkeep::model::{FieldPath, ItemKey, Kind, Step};
use serde_json::{Map, Value, json};

/// What every variable holds: a password and the start of a certificate as the rules want them.
pub const CANARY: &str = "0Canary-4711";

/// What stands in live state where files and live state differ.
pub const OTHER_CANARY: &str = "other-canary-4712";

/// One step on the way to a field.
#[derive(Clone, Copy)]
pub enum Way {
    Field(&'static Field),
    Item(ListShape),
}

/// Calls `visit` with the way to every single value that files can declare and the API knows.
pub fn leaves(table: &'static [Field], way: &[Way], visit: &mut impl FnMut(&[Way], &'static Field)) {
    for field in table.iter().filter(|field| field.is_declarable() && field.is_wire()) {
        let mut way = way.to_vec();
        way.push(Way::Field(field));
        match field.shape {
            Shape::Object(table) => leaves(table, &way, visit),
            Shape::List(list) => {
                way.push(Way::Item(list));
                leaves(list.items, &way, visit);
            }
            Shape::Addresses | Shape::Text(_) | Shape::Integer(..) | Shape::Boolean => visit(&way, field),
        }
    }
}

/// A value of a field, as files spell it. The examples of all tables make one estate.
pub fn sample(field: &Field) -> Value {
    if field.sensitive {
        return json!({"fromEnv": "CANARY"});
    }
    if let Some(example) = field.example.or_else(|| example_of(field.name)) {
        return example.to_json();
    }
    match field.shape {
        Shape::Object(_) | Shape::List(_) | Shape::Addresses => panic!("`{}` is no single value", field.name),
        Shape::Integer(min, max) => json!(max.min(min + 1)),
        Shape::Boolean => json!(true),
        Shape::Text(format) => match format {
            Format::Plain | Format::NonEmpty | Format::EnvironmentId => json!("sample"),
            Format::Short(_) | Format::PackageName => json!("sample"),
            Format::Version => json!("1.2.3"),
            Format::Enum(words) => json!(words[0]),
            Format::Uuid => json!("085a0e34-69ec-4c61-9c7d-5cd42554f9f3"),
            Format::Mail => json!("sample@acme.example"),
            Format::Url => json!("https://sample.acme.example"),
            Format::Base64 => json!({"fromEnv": "CANARY"}),
            Format::Decimal => json!("1.5"),
            Format::RelaxedJson => json!("{type: \"database\"}"),
        },
    }
}

/// An id that stands in two tables has its example in one of them.
fn example_of(name: &str) -> Option<mxkeep::model::field::Literal> {
    let mut found = None;
    for kind in Kind::ALL {
        walk(kind.fields(), &mut |path, field| {
            if path == name {
                found = found.or(field.example);
            }
        });
    }
    found.filter(|_| name.ends_with("Id"))
}

/// The same value, as the API spells it.
pub fn on_the_wire(field: &Field) -> Value {
    match sample(field) {
        Value::Object(_) if field.shape_is_base64() => json!(STANDARD.encode(CANARY)),
        Value::Object(_) => json!(CANARY),
        other => other,
    }
}

/// Another value, as the API spells it.
pub fn other(field: &Field) -> Value {
    match (field.shape, on_the_wire(field)) {
        (Shape::Integer(min, _), value) if value == json!(min) => json!(min + 1),
        (Shape::Integer(..), value) => json!(value.as_i64().unwrap() - 1),
        (Shape::Boolean, value) => json!(!value.as_bool().unwrap()),
        (Shape::Text(Format::Enum(words)), value) => {
            words.iter().map(|word| json!(word)).find(|word| *word != value).unwrap_or_else(|| json!("Other"))
        }
        (Shape::Text(Format::Base64), _) => json!(STANDARD.encode(OTHER_CANARY)),
        (Shape::Text(Format::Decimal), _) => json!("7"),
        (Shape::Text(Format::Url), _) => json!("https://other.acme.example"),
        _ => json!("other"),
    }
}

trait ShapeOf {
    fn shape_is_base64(&self) -> bool;
}

impl ShapeOf for Field {
    fn shape_is_base64(&self) -> bool {
        matches!(self.shape, Shape::Text(Format::Base64))
    }
}

/// What the API wants to create something with these fields, and not one field more.
pub fn minimal(table: &'static [Field]) -> Value {
    let mut body = Map::new();
    for field in table.iter().filter(|field| field.is_declarable()) {
        let is_needed = matches!(
            field.need,
            Need::Always | Need::Create(Fallback::None | Fallback::EmptyWithSecretsStore)
        );
        let value = match field.shape {
            Shape::Object(inner) => {
                let inner = minimal(inner);
                Some(inner).filter(|inner| is_needed || inner.as_object().is_some_and(|it| !it.is_empty()))
            }
            Shape::List(list) => is_needed.then(|| json!([minimal(list.items)])),
            _ => is_needed.then(|| sample(field)),
        };
        body.extend(value.map(|value| (field.name.to_owned(), value)));
    }
    Value::Object(body)
}

/// The same for a resource of a kind. Where an environment is, can be said in several ways; none of them is needed.
pub fn minimal_of(kind: Kind) -> Value {
    let mut body = minimal(kind.fields());
    if kind == Kind::Package {
        body["branch"] = json!("main");
        body["revision"] = json!("93de884c");
    }
    if kind == Kind::Namespace {
        body["plans"] = json!([{"planName": "rds"}, {"planName": "s3"}]);
    }
    if kind == Kind::Environment {
        // An environment has one service of each kind (SVC-01).
        let storage = json!({"name": "s3", "plan": "OnDemand", "config": "{type: \"storage\"}"});
        body["services"].as_array_mut().unwrap().push(storage);
        body["provider"] = json!({"namespace": "orders"});
    }
    body
}

/// Puts a value at the end of a way, making what is on it.
pub fn put(target: &mut Value, way: &[Way], value: Value) {
    match way {
        [] => *target = value,
        [Way::Field(field), rest @ ..] => put(&mut target[field.name], rest, value),
        [Way::Item(list), rest @ ..] => {
            if target.is_null() {
                *target = json!([minimal(list.items)]);
            }
            put(&mut target[0], rest, value);
        }
    }
}

/// The value at the end of a way in a body.
pub fn get<'v>(target: &'v Value, way: &[Way]) -> Option<&'v Value> {
    match way {
        [] => Some(target),
        [Way::Field(field), rest @ ..] => get(target.get(field.name)?, rest),
        [Way::Item(_), rest @ ..] => {
            let items = target.as_array()?;
            let is_services = |item: &Value| item.get("config").is_some();
            assert!(items.len() == 1 || items.iter().all(is_services), "a list of one item");
            get(items.first()?, rest)
        }
    }
}

/// The path of plans: list items by the key that their samples have.
pub fn path(way: &[Way]) -> FieldPath {
    way.iter().fold(FieldPath::root(), |path, step| match step {
        Way::Field(field) => path.field(field.name),
        Way::Item(list) => path.item(item_key(list)),
    })
}

fn item_key(list: &ListShape) -> ItemKey {
    let wire = |name: &str| on_the_wire(list.items.iter().find(|field| field.name == name).unwrap());
    match list.key {
        ListKey::Natural(names) => {
            ItemKey::Natural(names.iter().map(|name| wire(name).as_str().unwrap().to_owned()).collect())
        }
        ListKey::Content(name) => ItemKey::of_content(wire(name).as_str().unwrap()),
    }
}

/// The path of reference pages: `deployment.constants[].value`.
pub fn heading(way: &[Way]) -> String {
    path(way).0.iter().fold(String::new(), |text, step| match step {
        Step::Field(name) if text.is_empty() => (*name).to_owned(),
        Step::Field(name) => format!("{text}.{name}"),
        Step::Item(_) => format!("{text}[]"),
    })
}

/// Whether the field at the end of a way tells items of its list apart.
pub fn is_key(way: &[Way]) -> bool {
    match way {
        [.., Way::Item(list), Way::Field(field)] => match list.key {
            ListKey::Natural(names) => names.contains(&field.name),
            ListKey::Content(name) => name == field.name,
        },
        _ => false,
    }
}

/// Whether a change of the field at the end of a way is blocked once the resource exists.
pub fn is_immutable(way: &[Way]) -> bool {
    way.iter().any(|step| matches!(step, Way::Field(field) if field.owner == Owner::Immutable))
}
