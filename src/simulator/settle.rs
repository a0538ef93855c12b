//! How what a client sends and what the server holds become one manifest.

use serde_json::Value;

use super::{options::AbsentFields, pointer};

/// Restores the fields that only the server sets: "any modifications … will be ignored" (contract A).
pub(super) fn keep_server_owned(sent: &mut Value, live: Option<&Value>, paths: &[&str]) {
    for path in paths {
        match live.and_then(|live| pointer::get(live, path)) {
            Some(value) => pointer::put(sent, path, value.clone()),
            None => drop(pointer::remove(sent, path)),
        }
    }
}

/// Fills in what the sent manifest lacks, where absent means keep. A list that was sent is the whole list.
pub(super) fn fill_absent(sent: &mut Value, live: Option<&Value>, absent: AbsentFields) {
    let (AbsentFields::Keep, Some(live)) = (absent, live) else { return };
    let (Value::Object(sent), Value::Object(live)) = (sent, live) else { return };
    for (name, value) in live {
        match sent.get_mut(name) {
            Some(field) if !field.is_null() => fill_absent(field, Some(value), absent),
            _ => drop(sent.insert(name.clone(), value.clone())),
        }
    }
}

/// Sets a field that is absent or null.
pub(super) fn default(manifest: &mut Value, path: &str, value: Value) {
    if pointer::get(manifest, path).is_none_or(Value::is_null) {
        pointer::put(manifest, path, value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn absent_fields_are_reset_or_kept() {
        let live = json!({"a": 1, "b": {"c": 2, "d": 3}, "list": [1, 2]});
        let sent = json!({"b": {"c": 5, "d": null}, "list": [3]});
        let mut reset = sent.clone();
        fill_absent(&mut reset, Some(&live), AbsentFields::Reset);
        assert_eq!(reset, sent);
        let mut kept = sent;
        fill_absent(&mut kept, Some(&live), AbsentFields::Keep);
        assert_eq!(kept, json!({"b": {"c": 5, "d": 3}, "list": [3], "a": 1}));
    }

    #[test]
    fn server_owned_fields_do_not_move() {
        let mut sent = json!({"state": "Ready", "new": 1});
        keep_server_owned(&mut sent, Some(&json!({"state": "Failed"})), &["/state", "/new"]);
        assert_eq!(sent, json!({"state": "Failed"}));
    }
}
