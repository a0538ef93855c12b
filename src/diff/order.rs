//! The order in which fields are compared.

use crate::model::field::{Field, Shape};
use crate::model::{Declared, DeclaredList, FieldPath, Fields, ItemKey, Step};

/// Where a path stands in the order in which declared fields are compared: that of the field table; in lists, what is
/// declared by its key, and then what is not. Less is earlier.
pub fn place(table: &'static [Field], declared: &Fields, path: &FieldPath) -> Vec<(usize, Option<ItemKey>)> {
    let (mut table, mut fields, mut list) = (table, Some(declared), None);
    let step = |step: &Step| match step {
        Step::Field(name) => {
            let place = table.iter().position(|field| field.name == *name).unwrap_or(table.len());
            let declared = fields.and_then(|fields| fields.get(name));
            (fields, list) = (declared.and_then(Declared::as_object), declared.and_then(Declared::as_list));
            table = match table.get(place).map(|field| field.shape) {
                Some(Shape::Object(inner)) => inner,
                Some(Shape::List(shape)) => shape.items,
                _ => &[],
            };
            (place, None)
        }
        Step::Item(key) => {
            let item = list.and_then(|list: &DeclaredList| list.items.get(key));
            fields = item.map(|item| &item.fields);
            (usize::from(item.is_none()), Some(key.clone()))
        }
    };
    path.0.iter().map(step).collect()
}
