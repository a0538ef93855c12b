//! Request bodies: a live manifest with changes laid over it.
//!
//! Everything that the changes do not touch is carried over as it came, unknown fields included (DESIGN 4).

use serde_json::{Map, Value};

use super::change::{After, Change};
use super::compare::{item_key, key_fields};
use crate::model::field::{Field, ListShape, Owner, Shape, find};
use crate::model::{FieldPath, ItemKey, Step};

/// A value that has to be sent is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the value of `{path}` is not set ({reference})")]
pub struct UnsetValue {
    /// The field.
    pub path: FieldPath,
    /// Where its value should come from: a reference, or another resource.
    pub reference: String,
}

/// The manifest of a create: the changes that the create model of the API can hold.
///
/// # Errors
///
/// When a value to be sent is not known.
pub fn create_manifest(table: &'static [Field], changes: &[Change]) -> Result<Value, UnsetValue> {
    let mut manifest = Value::Object(Map::new());
    for change in changes.iter().filter(|change| !is_update_only(table, &change.path)) {
        lay_over(&mut manifest, table, change)?;
    }
    Ok(manifest)
}

/// Whether some changes do not fit into the create model, so that an update has to follow.
pub fn needs_update_after_create(table: &'static [Field], changes: &[Change]) -> bool {
    changes.iter().any(|change| is_update_only(table, &change.path))
}

/// The manifest of an update: the live one without what only the platform may say, and the changes laid over it.
///
/// # Errors
///
/// When a value to be sent is not known.
pub fn update_manifest(
    table: &'static [Field],
    live: &Value,
    changes: &[Change],
) -> Result<Value, UnsetValue> {
    let mut manifest = if live.is_object() { live.clone() } else { Value::Object(Map::new()) };
    drop_server_owned(&mut manifest, table);
    for change in changes {
        lay_over(&mut manifest, table, change)?;
    }
    Ok(manifest)
}

fn is_update_only(table: &'static [Field], path: &FieldPath) -> bool {
    match path.0.first() {
        Some(Step::Field(name)) => find(table, name).is_some_and(|field| !field.in_create),
        _ => false,
    }
}

fn drop_server_owned(value: &mut Value, table: &'static [Field]) {
    let Some(object) = value.as_object_mut() else { return };
    for field in table {
        // A command was meant for the invitation of its time; sending it again would repeat it.
        if !field.in_update || matches!(field.owner, Owner::ServerOwned { carried: false } | Owner::Command) {
            object.shift_remove(field.name);
            continue;
        }
        match (field.shape, object.get_mut(field.name)) {
            (Shape::Object(table), Some(inner)) => drop_server_owned(inner, table),
            (Shape::List(shape), Some(Value::Array(items))) => {
                items.iter_mut().for_each(|item| drop_server_owned(item, shape.items));
            }
            _ => {}
        }
    }
}

fn lay_over(manifest: &mut Value, table: &'static [Field], change: &Change) -> Result<(), UnsetValue> {
    let value = match &change.after {
        After::Set(value) | After::ClearTo(value) => Some(value.clone()),
        After::Outside(outside) => match outside.expose() {
            Some(text) => Some(text.into()),
            None => {
                return Err(UnsetValue {
                    path: change.path.clone(),
                    reference: outside.reference.to_string(),
                });
            }
        },
        After::Later(later) => {
            return Err(UnsetValue { path: change.path.clone(), reference: later.address.to_string() });
        }
        After::Omit | After::Remove => None,
    };
    put(manifest, table, &change.path.0, value);
    Ok(())
}

/// Walks down one path, making objects and items on the way, and puts or removes the value at its end.
fn put(target: &mut Value, table: &'static [Field], steps: &[Step], value: Option<Value>) {
    let Some((Step::Field(name), rest)) = steps.split_first() else { return };
    let Some(field) = find(table, name) else { return };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(object) = target.as_object_mut() else { return };
    match (field.shape, rest) {
        (_, []) => match value {
            Some(value) => {
                object.insert((*name).to_owned(), value);
            }
            None => {
                object.shift_remove(*name);
            }
        },
        (Shape::Object(table), rest) => put(object.entry(*name).or_insert(Value::Null), table, rest, value),
        (Shape::List(shape), [Step::Item(key), rest @ ..]) => {
            let list = object.entry(*name).or_insert_with(|| Value::Array(Vec::new()));
            put_item(list, shape, key, rest, value);
        }
        _ => {}
    }
}

fn put_item(list: &mut Value, shape: ListShape, key: &ItemKey, rest: &[Step], value: Option<Value>) {
    if !list.is_array() {
        *list = Value::Array(Vec::new());
    }
    let Some(items) = list.as_array_mut() else { return };
    if rest.is_empty() && value.is_none() {
        items.retain(|item| item_key(shape, item) != *key);
        return;
    }
    let index = match items.iter().position(|item| item_key(shape, item) == *key) {
        Some(index) => index,
        None => {
            items.push(Value::Object(key_fields(shape, key)));
            items.len() - 1
        }
    };
    match (items.get_mut(index), value) {
        (Some(item), Some(value)) if rest.is_empty() => *item = value,
        // An item that is known by its content gets that content first: it leads the table of the item.
        (Some(item), value) => put(item, shape.items, rest, value),
        (None, _) => {}
    }
}
