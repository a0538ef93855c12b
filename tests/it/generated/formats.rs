//! Pages made from JSON Schemas: the formats for scripts, and the settings of `mxkeep.yaml`.

use std::fmt::Write as _;

use mxkeep::model::Kind;
use mxkeep::render::schemas;
use mxkeep::source::schema;
use serde_json::Value;

use super::{assert_page, table};

#[test]
fn json_formats() {
    let mut text = "# JSON formats\n\n\
        `--format json` writes one document on stdout, `--out json=FILE` the same document into a file. Each format \
        has a version in its name. `mxkeep schema NAME` \
        prints the JSON Schema, for instance `mxkeep schema mxkeep.plan/1`.\n\n\
        Secrets are in none of them: a change with `sensitive: true` has neither `before` nor `after`. A `source` \
        counts from 1, its end just behind the last character. In paths below, `[]` stands for an item of a list.\n\n\
        Without `--base`, `base` and `head` are `null`, and the class of every change of a plan is `change`.\n"
        .to_owned();
    for (name, schema) in schemas::all() {
        let doc = schema["description"].as_str().unwrap();
        let command = match name {
            schemas::OUTCOME => "apply",
            schemas::PLAN => "plan",
            schemas::DRIFT => "drift",
            schemas::PACKAGES => "packages list",
            schemas::STATUS => "status",
            schemas::WHY => "why",
            schemas::DOCTOR => "doctor",
            schemas::MXPC => "cli list",
            _ => "validate",
        };
        if name == schemas::JOURNAL {
            text += &journal(&schema);
            continue;
        }
        if name == schemas::EVENTS {
            text += &events(&schema);
            continue;
        }
        let _ = write!(text, "\n## {name}\n\n{doc} Written by `mxkeep {command}`.\n\n");
        text += &keys(&schema);
    }
    assert_page("json-formats.md", &text);
}

/// The one format of several documents: one for each line.
fn journal(schema: &Value) -> String {
    let doc = schema["description"].as_str().unwrap();
    let mut text = format!("\n## {}\n\n{doc}\n\nThe first line:\n\n", schemas::JOURNAL);
    let [first, other] = schema["oneOf"].as_array().unwrap().as_slice() else { panic!("{schema:#}") };
    text += &keys(first);
    text += "\nEvery other line:\n\n";
    text + &keys(other)
}

/// A line for each event, whose keys depend on which it is.
fn events(schema: &Value) -> String {
    let doc = schema["description"].as_str().unwrap();
    let mut text = format!("\n## {}\n\n{doc}\n", schemas::EVENTS);
    for event in schema["oneOf"].as_array().unwrap() {
        let name = event["properties"]["event"]["const"].as_str().unwrap();
        let _ = write!(text, "\n`{name}`:\n\n{}", keys(event));
    }
    text
}

#[test]
fn settings() {
    let schema = schema::schema();
    let properties = schema["properties"].as_object().unwrap();
    let kinds = Kind::ALL.map(Kind::name);
    let is_setting = |name: &str| {
        !kinds.contains(&name)
            && !["manifestVersion", "matrix", "withoutDefaults", "defaults", "remove"].contains(&name)
    };
    let mut rows = Vec::new();
    for (name, field) in properties.iter().filter(|(name, _)| is_setting(name)) {
        row(name, field, name == "estate", &mut rows);
    }
    let mut tombstones = Vec::new();
    row("remove", &properties["remove"], false, &mut tombstones);
    let heads = ["key", "type", "needed", "meaning"];
    let text = format!(
        "# Settings and tombstones\n\n## mxkeep.yaml\n\nThe first document of `mxkeep.yaml` at the root of an estate. \
         `ignore` may also be written as a mapping from address to field.\n\n{}\n\
         ## Tombstones\n\nA document with the key `remove` deletes resources, and nothing else does.\n\n{}\n\
         ## Editors\n\n`mxkeep schema` prints a JSON Schema of all documents, `mxkeep schema environment` that of one \
         kind. Editors with a YAML language server complete and check estates with it.\n",
        table(heads, rows),
        table(heads, tombstones),
    );
    assert_page("settings.md", &text);
}

fn keys(schema: &Value) -> String {
    let mut rows = Vec::new();
    properties("", schema, &mut rows);
    table(["key", "type", "needed", "meaning"], rows)
}

type Row = [String; 4];

fn properties(prefix: &str, schema: &Value, rows: &mut Vec<Row>) {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        row(&path, field, required.contains(&name.as_str().into()), rows);
    }
}

/// One row for a key, and rows for what lies below it.
fn row(path: &str, field: &Value, required: bool, rows: &mut Vec<Row>) {
    let chosen = first_of(field);
    let nullable = field["anyOf"].as_array().is_some_and(|all| all.iter().any(|it| it["type"] == "null"));
    let text = |name: &str| chosen[name].as_str().or(field[name].as_str());
    let kind = kind(chosen) + if nullable { " or `null`" } else { "" };
    let doc = text("description").unwrap_or_default().to_owned();
    rows.push([format!("`{path}`"), kind, if required { "yes" } else { "" }.to_owned(), doc]);
    match chosen["type"].as_str() {
        Some("array") if chosen["items"]["type"] == "object" => {
            properties(&format!("{path}[]"), &chosen["items"], rows);
        }
        _ => properties(path, chosen, rows),
    }
}

/// A schema, or the first of its alternatives that is something.
fn first_of(schema: &Value) -> &Value {
    let alternatives = schema["anyOf"].as_array();
    alternatives.and_then(|all| all.iter().find(|it| it["type"] != "null")).unwrap_or(schema)
}

fn kind(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<_> = words.iter().map(|word| format!("`{}`", word.as_str().unwrap())).collect();
        return words.join(", ");
    }
    if let Some(word) = schema["const"].as_str() {
        return format!("`{word}`");
    }
    let name = |name: &str| match name {
        "integer" => "whole number".to_owned(),
        "array" if schema["items"]["type"] == "object" => "list of objects".to_owned(),
        "array" => "list of text".to_owned(),
        "string" => "text".to_owned(),
        "null" => "`null`".to_owned(),
        other => other.to_owned(),
    };
    match &schema["type"] {
        Value::String(only) => name(only),
        Value::Array(all) => all.iter().filter_map(Value::as_str).map(name).collect::<Vec<_>>().join(" or "),
        _ => "any".to_owned(),
    }
}
