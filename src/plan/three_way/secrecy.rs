//! What base tells about what is live: whether it came from outside, and must not be shown whatever the files say now.

use crate::diff::{Change, field_at, overlap};
use crate::model::field::{Field, Shape, find};
use crate::model::{DeclaredValue, FieldPath, Fields, Step, declared_at};
use crate::plan::secrets::each_value;

/// Whether the values of a change must not be shown. Whoever changes the files decides what they say now, but not where
/// that which is live came from.
pub(super) fn is_secret(table: &'static [Field], base: &Fields, change: &Change) -> bool {
    let mut was_secret = false;
    each_value(table, base, &FieldPath::root(), &mut |path, _, declared| {
        let is_outside = matches!(&declared.value, DeclaredValue::Outside(outside) if outside.sensitive);
        was_secret |= is_outside && overlap(&path, &change.path);
    });
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
