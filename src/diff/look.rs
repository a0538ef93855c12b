//! Finds a live value by the path that the files give it.

use serde_json::Value;

use super::compare::item_key;
use crate::model::field::{Field, Shape, find};
use crate::model::{FieldPath, Step};

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
