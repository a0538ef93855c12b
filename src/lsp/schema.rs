//! What the schema of estates says of a place in a document.

use serde_json::Value;

use crate::source::outline::Step;

/// What may stand at a place: the schemas of the alternatives, none of which is a choice itself.
pub(super) fn alternatives<'s>(root: &'s Value, path: &[Step]) -> Vec<&'s Value> {
    path.iter().fold(expand(root, root), |here, step| {
        here.iter().flat_map(|schema| deeper(schema, step)).flat_map(|schema| expand(root, schema)).collect()
    })
}

/// The schema that describes the value behind the last step of a path, where that is a field.
pub(super) fn field<'s>(root: &'s Value, path: &[Step]) -> Option<&'s Value> {
    let (last, before) = path.split_last()?;
    let name = last.key()?;
    let found = alternatives(root, before);
    found
        .into_iter()
        .filter_map(|schema| schema["properties"].get(name))
        .find(|it| it["description"].is_string())
}

/// The keys that a mapping may have, each with the schema of its value, ordered by name.
pub(super) fn keys<'s>(alternatives: &[&'s Value]) -> Vec<(&'s str, &'s Value)> {
    let all = alternatives.iter().filter_map(|schema| schema["properties"].as_object()).flatten();
    let mut keys: Vec<_> = all.map(|(name, schema)| (name.as_str(), schema)).collect();
    keys.sort_by_key(|(name, _)| *name);
    keys.dedup_by_key(|(name, _)| *name);
    keys
}

/// What a value may be, as YAML spells it.
pub(super) fn words(alternatives: &[&Value]) -> Vec<String> {
    let mut words = Vec::new();
    for schema in alternatives {
        let of_enum = schema["enum"].as_array().into_iter().flatten();
        words.extend(of_enum.chain(schema.get("const")).filter_map(spelt));
        if schema["type"] == "boolean" {
            words.extend(["true".to_owned(), "false".to_owned()]);
        }
    }
    words.sort();
    words.dedup();
    words
}

fn spelt(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(super::spelt(text)),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

/// A schema without its choices.
fn expand<'s>(root: &'s Value, schema: &'s Value) -> Vec<&'s Value> {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#'));
        return target.map(|target| expand(root, target)).unwrap_or_default();
    }
    match schema["anyOf"].as_array() {
        Some(choices) => choices.iter().flat_map(|choice| expand(root, choice)).collect(),
        None => vec![schema],
    }
}

fn deeper<'s>(schema: &'s Value, step: &Step) -> Option<&'s Value> {
    match step {
        Step::Key(name) => {
            let open = || schema.get("additionalProperties").filter(|open| open.is_object());
            schema["properties"].get(name).or_else(open)
        }
        Step::Index(_) => schema.get("items"),
    }
}
