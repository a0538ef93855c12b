//! What may be shown of a value, as the field tables say.
//!
//! A change says itself whether it is sensitive. A value that holds several fields (a list that is cleared, an item
//! that goes) may hold a secret although the change as a whole is none, so every value is cut down by its table.

use serde_json::{Map, Value};

use crate::model::field::{Field, Shape, find};
use crate::model::{FieldPath, Step};

/// What a path leads to.
#[derive(Clone, Copy)]
pub(super) enum Target {
    /// A single value, or what no table describes.
    Leaf,
    /// An object with these fields.
    Object(&'static [Field]),
    /// A list whose items have these fields.
    List(&'static [Field]),
    /// A field, or something inside one, that is never shown.
    Secret,
}

/// Follows a path through a table.
pub(super) fn target(table: &'static [Field], path: &FieldPath) -> Target {
    let mut now = Target::Object(table);
    for step in &path.0 {
        now = match (now, step) {
            (Target::Object(table), Step::Field(name)) => find(table, name).map_or(Target::Leaf, of_field),
            (Target::List(items), Step::Item(_)) => Target::Object(items),
            (Target::Secret, _) => Target::Secret,
            (Target::Leaf | Target::Object(_) | Target::List(_), _) => Target::Leaf,
        };
    }
    now
}

const fn of_field(field: &'static Field) -> Target {
    if field.sensitive {
        return Target::Secret;
    }
    match field.shape {
        Shape::Object(table) => Target::Object(table),
        Shape::List(list) => Target::List(list.items),
        Shape::Addresses | Shape::Text(_) | Shape::Integer(..) | Shape::Boolean => Target::Leaf,
    }
}

/// What may be shown of a value; nothing for a secret. Inside objects and lists only fields that a table knows and
/// that are no secrets stay: an unknown live field could be anything.
pub(super) fn redact(target: Target, value: &Value) -> Option<Value> {
    match (target, value) {
        (Target::Secret, _) => None,
        (Target::Object(table), Value::Object(fields)) => Some(Value::Object(known(table, fields))),
        (Target::List(items), Value::Array(list)) => {
            Some(list.iter().filter_map(|item| redact(Target::Object(items), item)).collect())
        }
        // The value of an item, told by its short field.
        (Target::Leaf | Target::Object(_) | Target::List(_), other) => Some(other.clone()),
    }
}

fn known(table: &'static [Field], fields: &Map<String, Value>) -> Map<String, Value> {
    let shown = |(name, value): (&String, &Value)| {
        let field = find(table, name)?;
        Some((name.clone(), redact(of_field(field), value)?))
    };
    fields.iter().filter_map(shown).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Kind;

    #[test]
    fn a_list_of_certificates_shows_no_key() {
        let path = FieldPath::root().field("network").field("outgoingConnectionCertificate");
        let live =
            json!([{"key": "s3cret", "password": "s3cret", "certificateType": "Client", "more": "s3cret"}]);
        let shown = redact(target(Kind::Environment.fields(), &path), &live);
        assert_eq!(shown, Some(json!([{"certificateType": "Client"}])));
    }

    #[test]
    fn a_secret_field_shows_nothing_whatever_the_change_says() {
        let path = FieldPath::root().field("runtime").field("mxAdminPassword");
        assert_eq!(redact(target(Kind::Environment.fields(), &path), &json!("s3cret")), None);
    }
}
