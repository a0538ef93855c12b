//! Finds a field, and a live value, by the path that the files give it.

use serde_json::Value;

use super::compare::item_key;
use crate::model::field::{Field, Owner, Shape, find};
use crate::model::{FieldPath, Step};

/// The field at the end of a path; nothing when the path ends at an item of a list, or leads nowhere.
pub fn field_at(table: &'static [Field], path: &FieldPath) -> Option<&'static Field> {
    below(table, &path.0)
}

fn below(table: &'static [Field], steps: &[Step]) -> Option<&'static Field> {
    let (Step::Field(name), rest) = steps.split_first()? else { return None };
    let field = find(table, name)?;
    match (field.shape, rest) {
        (_, []) => Some(field),
        (Shape::Object(table), rest) => below(table, rest),
        (Shape::List(shape), [Step::Item(_), rest @ ..]) if !rest.is_empty() => below(shape.items, rest),
        _ => None,
    }
}

/// Whether the API takes the field at a path and never returns it, so that nothing live tells of a change.
pub fn is_write_only(table: &'static [Field], path: &FieldPath) -> bool {
    field_at(table, path).is_some_and(|field| field.owner == Owner::WriteOnly)
}

/// Whether one path is the other, or lies above or below it.
pub fn overlap(one: &FieldPath, other: &FieldPath) -> bool {
    one.0.starts_with(&other.0) || other.0.starts_with(&one.0)
}

/// Whether the items of lists are live that a path leads through, or ends at.
pub fn reaches(table: &'static [Field], manifest: &Value, path: &FieldPath) -> bool {
    let mut table = table;
    let mut list = None;
    let mut now = manifest;
    for step in &path.0 {
        match (step, list) {
            (Step::Field(name), _) => {
                now = now.get(name).unwrap_or(&Value::Null);
                list = None;
                match find(table, name).map(|field| field.shape) {
                    Some(Shape::Object(fields)) => table = fields,
                    Some(Shape::List(shape)) => list = Some(shape),
                    _ => {}
                }
            }
            (Step::Item(key), Some(shape)) => {
                table = shape.items;
                let items = now.as_array().into_iter().flatten();
                match items.into_iter().find(|item| item_key(shape, item) == *key) {
                    Some(item) => now = item,
                    // An item that cannot go is there, even where nobody touched it.
                    None => return shape.standing,
                }
            }
            (Step::Item(_), None) => return false,
        }
    }
    true
}

/// The live value at a path; nothing where the manifest has none, or null.
pub fn live_at<'v>(table: &'static [Field], manifest: &'v Value, path: &FieldPath) -> Option<&'v Value> {
    let mut table = table;
    let mut shape = None;
    let mut now = manifest;
    for step in &path.0 {
        now = match (step, shape) {
            (Step::Field(name), _) => {
                shape = find(table, name).map(|field| field.shape);
                if let Some(Shape::Object(fields)) = shape {
                    table = fields;
                }
                now.get(name)?
            }
            (Step::Item(key), Some(Shape::List(list))) => {
                table = list.items;
                now.as_array()?.iter().find(|item| item_key(list, item) == *key)?
            }
            (Step::Item(_), _) => return None,
        };
    }
    Some(now).filter(|value| !value.is_null())
}
