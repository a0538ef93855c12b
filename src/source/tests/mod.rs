//! Tests of reading whole estates.

mod extremes;
mod freeze;
mod fuzz;
mod order;
mod secrets;
mod tables;
mod valid;
mod waivers;
mod writing;

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{LoadOptions, Loaded, load};
use crate::model::{Declared, DeclaredValue, DesiredState, Fields, Origin};

/// Writes files into a new directory.
fn estate<T: AsRef<[u8]>>(files: &[(&str, T)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    dir
}

fn load_dir(dir: &Path) -> Loaded {
    let environment = |name: &str| (name == "ORDERS_ADMIN_PW").then(|| "0Swordfish".to_owned() + "!");
    load(dir, &LoadOptions { environment: &environment, today: jiff::civil::date(2026, 11, 22) })
}

fn load_files<T: AsRef<[u8]>>(files: &[(&str, T)]) -> Loaded {
    load_dir(estate(files).path())
}

/// The codes and places of all diagnostics: `SHAPE-001 a.yaml:3:5`.
fn summary(loaded: &Loaded) -> Vec<String> {
    let line = |found: &super::Diagnostic| match found.origin() {
        Some(origin) => format!("{} {}:{}:{}", found.code(), origin.file, origin.line, origin.column),
        None => found.code().to_owned(),
    };
    loaded.diagnostics.iter().map(line).collect()
}

/// What is declared, without places: equal for equal estates.
fn dump(desired: &DesiredState) -> Value {
    let resources: Vec<Value> = desired
        .resources
        .values()
        .map(|resource| {
            let needs: Vec<String> =
                resource.depends_on.iter().map(|(address, _)| address.to_string()).collect();
            json!({
                "address": resource.address.to_string(),
                "identity": resource.identity.to_string(),
                "cluster": resource.cluster.map(|id| id.to_string()),
                "name": resource.name,
                "needs": needs,
                "fields": dump_fields(&resource.fields),
            })
        })
        .collect();
    let tombstones: Vec<String> =
        desired.tombstones.iter().map(|stone| format!("{} {:?}", stone.address, stone.target)).collect();
    json!({"estate": desired.settings.estate, "resources": resources, "tombstones": tombstones})
}

fn dump_fields(fields: &Fields) -> Value {
    Value::Object(fields.iter().map(|(name, declared)| ((*name).to_owned(), dump_value(declared))).collect())
}

fn dump_value(declared: &Declared) -> Value {
    match &declared.value {
        DeclaredValue::Clear => Value::Null,
        DeclaredValue::Scalar(value) => value.clone(),
        DeclaredValue::Outside(outside) => {
            json!({"debug": format!("{outside:?}"), "value": outside.expose()})
        }
        DeclaredValue::Later(later) => json!({"later": later.identity.to_string()}),
        DeclaredValue::Object(fields) => dump_fields(fields),
        DeclaredValue::Addresses(list) => list.iter().map(dump_value).collect(),
        DeclaredValue::List(list) => {
            let items: serde_json::Map<String, Value> = list
                .items
                .iter()
                .map(|(key, item)| {
                    (key.to_string(), json!({"absent": item.absent, "fields": dump_fields(&item.fields)}))
                })
                .collect();
            json!({"mode": list.mode.name(), "items": items})
        }
    }
}

/// Every place of every diagnostic lies in its file, and line and column agree with the byte offset.
fn check_places(loaded: &Loaded, text_of: impl Fn(&str) -> Option<String>) {
    for diagnostic in &loaded.diagnostics {
        for origin in diagnostic.origin().into_iter().chain(diagnostic.related().map(|(origin, _)| origin)) {
            let Some(text) = text_of(&origin.file) else { continue };
            check_place(origin, &text);
        }
    }
}

fn check_place(origin: &Origin, text: &str) {
    assert!(origin.start <= origin.end && origin.end <= text.len(), "{origin:?}");
    assert_eq!((origin.line, origin.column), place(text, origin.start), "{origin:?}");
    assert_eq!((origin.end_line, origin.end_column), place(text, origin.end), "{origin:?}");
}

fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap();
    let before = before.strip_prefix('\u{feff}').unwrap_or(before);
    let split_line_end = before.ends_with('\r') && text.get(offset..).unwrap().starts_with('\n');
    let breaks = before.replace("\r\n", "\n").replace('\r', "\n");
    let lines = breaks.split('\n').count() - usize::from(split_line_end);
    let line = if split_line_end {
        before.trim_end_matches('\r').rsplit(['\n', '\r']).next()
    } else {
        breaks.rsplit('\n').next()
    };
    (lines, line.unwrap().chars().count() + 1 + usize::from(split_line_end))
}

/// Renders all diagnostics as the command line does.
fn render(loaded: &Loaded) -> String {
    let handler = miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor())
        .with_links(false);
    let mut text = String::new();
    for diagnostic in &loaded.diagnostics {
        handler.render_report(&mut text, diagnostic).unwrap();
    }
    text
}
