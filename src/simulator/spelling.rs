//! The form in which manifests leave the server.

use serde_json::{Value, json};

use super::pages;

/// Reorders the lists of a manifest and, if wanted, spells its values in another way of the same meaning.
pub(super) fn dress(manifest: &mut Value, respell: bool) {
    pages::shuffle(manifest);
    if respell {
        respell_fields(manifest);
    }
}

fn respell_fields(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (name, field) in map.iter_mut() {
                match name.as_str() {
                    "cpu" | "memory" | "ephemeralStorage" => more_decimals(field),
                    "config" | "planConfig" => escape_quotes(field),
                    "permissions" => flags_as_text(field),
                    "appUrl" => end_in_slash(field),
                    _ => respell_fields(field),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(respell_fields),
        _ => {}
    }
}

/// `4` becomes `4.000`, `0.5` becomes `0.5000`: a decimal-conversion bug of 2023 did so (DOMAIN 2.4).
fn more_decimals(field: &mut Value) {
    if let Some(number) = field.as_str().filter(|text| text.parse::<f64>().is_ok()) {
        let point = if number.contains('.') { "" } else { "." };
        *field = json!(format!("{number}{point}000"));
    }
}

/// The contract's enum has backslashes in it, its examples have not (NOTES 8, 1).
fn escape_quotes(field: &mut Value) {
    if let Some(text) = field.as_str().filter(|text| !text.contains('\\')) {
        *field = json!(text.replace('"', "\\\""));
    }
}

fn flags_as_text(field: &mut Value) {
    for flag in field.as_object_mut().into_iter().flat_map(|map| map.values_mut()) {
        if let Some(value) = flag.as_bool() {
            *flag = json!(value.to_string());
        }
    }
}

fn end_in_slash(field: &mut Value) {
    if let Some(url) = field.as_str().filter(|url| !url.is_empty() && !url.ends_with('/')) {
        *field = json!(format!("{url}/"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_in_another_spelling() {
        let mut manifest = json!({
            "limits": {"cpu": "0.5", "memory": "4", "ephemeralStorage": "much"},
            "services": [{"config": "{type: \"database\"}"}],
            "permissions": {"deployApp": true},
            "appUrl": "https://a.example",
        });
        dress(&mut manifest, true);
        assert_eq!(
            manifest,
            json!({
                "limits": {"cpu": "0.5000", "memory": "4.000", "ephemeralStorage": "much"},
                "services": [{"config": "{type: \\\"database\\\"}"}],
                "permissions": {"deployApp": "true"},
                "appUrl": "https://a.example/",
            })
        );
    }
}
