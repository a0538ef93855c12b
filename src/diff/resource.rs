//! A whole resource against its live counterpart: the comparison by the table, less what is nobody's to decide.

use serde_json::{Map, Value, json};

use super::change::Change;
use super::compare::{Diff, Uncompared, Why, diff};
use super::normalise::{canonical, canonical_text};
use super::overlay::{UnsetValue, update_manifest};
use crate::model::field::{Field, Format};
use crate::model::kinds::RIGHTS;
use crate::model::{Desired, FieldPath, ItemKey, Kind, Live, Step};

/// The field that says who the technical contact of a cloud app is.
pub const CONTACT: &str = "technicalContact";

/// Compares a declared resource with its live counterpart; without one, everything that a create has to send
/// differs. `secrets_store` says whether its namespace uses the external secrets store.
pub fn resource(desired: &Desired, live: Option<&Live>, secrets_store: bool) -> Diff {
    let mut found = diff(desired.kind().fields(), &desired.fields, live.map(Live::manifest), secrets_store);
    if let (Kind::CloudApp, Some(live)) = (desired.kind(), live) {
        leave_contacts(&mut found, desired, live);
    }
    found
}

/// Whether a path is that of the technical contact.
pub fn is_contact(path: &FieldPath) -> bool {
    path.0.first() == Some(&Step::Field(CONTACT))
}

/// The member of an environment of a cloud app that a path leads to: the environment's id, and the mail address.
pub fn member(path: &FieldPath) -> Option<(&str, &str)> {
    let [Step::Field(_), Step::Item(environment), Step::Field(_), Step::Item(member), ..] = path.0.as_slice()
    else {
        return None;
    };
    Some((only(environment)?, only(member)?))
}

fn only(key: &ItemKey) -> Option<&str> {
    match key {
        ItemKey::Natural(parts) => parts.first().map(String::as_str),
        ItemKey::Content(_) => None,
    }
}

/// The technical contact may do everything, whatever its row says: neither the row of who it is nor that of who it is
/// to be is compared.
fn leave_contacts(found: &mut Diff, desired: &Desired, live: &Live) {
    let contacts = [live.text("/technicalContact"), desired.text(&[CONTACT])];
    let contacts = contacts.map(|contact| contact.unwrap_or_default().trim().to_lowercase());
    found
        .changes
        .retain(|change| member(&change.path).is_none_or(|(_, user)| !contacts.iter().any(|it| it == user)));
    // Version 3 tells it with the permissions of an environment only.
    if live.text("/technicalContact").is_none()
        && let Some(at) = found.changes.iter().position(|change| is_contact(&change.path))
    {
        let change = found.changes.remove(at);
        let origin = change.origin.unwrap_or_else(|| desired.origin.clone());
        found.uncompared.push(Uncompared { path: change.path, why: Why::NotReported, origin });
    }
}

/// The changes of a cloud app in the parts that are sent by themselves: each environment, and the technical contact.
pub fn parts(changes: &[Change]) -> Vec<Vec<Change>> {
    let key = |change: &Change| change.path.0.get(..2).map(<[Step]>::to_vec);
    let mut parts: Vec<Vec<Change>> = Vec::new();
    for change in changes {
        match parts.iter_mut().find(|part| part.first().is_some_and(|first| key(first) == key(change))) {
            Some(part) => part.push(change.clone()),
            None => parts.push(vec![change.clone()]),
        }
    }
    parts
}

/// What is sent of a cloud app: of every member that changes all of its rights, as booleans, and nothing else.
///
/// # Errors
///
/// When a value to be sent is not known.
pub fn patch(live: &Value, changes: &[Change]) -> Result<Value, UnsetValue> {
    let table = Kind::CloudApp.fields();
    let whole = update_manifest(table, live, changes)?;
    let mut part = Map::new();
    if changes.iter().any(|change| is_contact(&change.path)) {
        part.extend(whole.get(CONTACT).map(|contact| (CONTACT.to_owned(), contact.clone())));
    }
    let mut environments = Vec::new();
    for environment in whole.get("environments").and_then(Value::as_array).into_iter().flatten() {
        let id = canonical_text(Format::Uuid, text(environment, "environmentId"));
        let rows = environment.get("permissions").and_then(Value::as_array).into_iter().flatten();
        let rows: Vec<_> = rows
            .filter(|row| {
                let user = canonical_text(Format::Mail, text(row, "userId"));
                changes.iter().any(|change| member(&change.path) == Some((&id, &user)))
            })
            .map(whole_row)
            .collect();
        if !rows.is_empty() {
            environments.push(json!({"environmentId": id, "permissions": rows}));
        }
    }
    if !environments.is_empty() {
        part.insert("environments".to_owned(), environments.into());
    }
    Ok(Value::Object(part))
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A row with all six rights. They may have come as texts, or not at all.
fn whole_row(row: &Value) -> Value {
    let mut whole = Map::from_iter([("userId".to_owned(), text(row, "userId").into())]);
    for right in RIGHTS {
        let has = canonical(&Field::boolean(right, ""), row.get(right));
        whole.insert(right.to_owned(), (has == Value::Bool(true)).into());
    }
    Value::Object(whole)
}
