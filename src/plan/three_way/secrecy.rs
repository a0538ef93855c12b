//! What base tells about what is live: whether it came from outside, and must not be shown whatever the files say now.

use crate::diff::{Change, field_at, overlap};
use crate::model::field::{Field, Shape, find};
use crate::model::{DeclaredValue, FieldPath, Fields, Step, declared_at};

/// Whether the values of a change must not be shown. Whoever changes the files decides what they say now, but not where
/// that which is live came from.
pub(super) fn is_secret(table: &'static [Field], base: &Fields, change: &Change) -> bool {
    let mut secrets = Vec::new();
    collect(table, base, &FieldPath::root(), &mut secrets);
    let was_secret = secrets.iter().any(|path| overlap(path, &change.path));
    was_secret || (change.sensitive && !was_text(table, base, change))
}

/// Whether an item that goes had a text that stood in the files for everybody to read.
fn was_text(table: &'static [Field], base: &Fields, change: &Change) -> bool {
    let mut list = change.path.clone();
    let Some(Step::Item(_)) = list.0.pop() else { return false };
    let Some(Shape::List(shape)) = field_at(table, &list).map(|field| field.shape) else { return false };
    let Some(short) = shape.short.and_then(|name| find(shape.items, name)) else { return false };
    let declared = declared_at(base, &change.path.field(short.name));
    !short.sensitive && declared.is_some_and(|it| matches!(it.value, DeclaredValue::Scalar(_)))
}

/// The paths whose values came from outside.
fn collect(table: &'static [Field], fields: &Fields, path: &FieldPath, found: &mut Vec<FieldPath>) {
    for field in table {
        let Some(declared) = fields.get(field.name) else { continue };
        let path = path.field(field.name);
        match (&declared.value, field.shape) {
            (DeclaredValue::Outside(outside), _) if outside.sensitive => found.push(path),
            (DeclaredValue::Object(fields), Shape::Object(table)) => collect(table, fields, &path, found),
            (DeclaredValue::List(list), Shape::List(shape)) => {
                for (key, item) in &list.items {
                    collect(shape.items, &item.fields, &path.item(key.clone()), found);
                }
            }
            _ => {}
        }
    }
}
