//! What the files ask for at a path, and when two such askings, or an asking and what is live, are the same.

use serde_json::Value;

use crate::diff::{After, canonical, live_at, reaches};
use crate::model::field::{Field, ListMode, ListShape, Shape, find};
use crate::model::{DeclaredList, DeclaredValue, FieldPath, Fields, Later, Outside, Reference, Step};

/// What the files ask for at a path.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asked<'d> {
    /// Nothing: it is not managed.
    Nothing,
    /// That nothing is there.
    Gone,
    /// That the item which it belongs to is not there: another thing than an item with an empty text in it.
    GoneWithItem,
    /// What the field has when nobody touched it: an item that cannot go, and that an exact list does not name.
    Default,
    /// A value.
    Value(&'d Value),
    /// A value that stands elsewhere.
    Outside(&'d Outside),
    /// A value that is known once another resource is there.
    Later(&'d Later),
    /// That something is there, of which the paths below it say more.
    Below {
        /// Whether it is a list without items.
        is_empty: bool,
    },
}

/// What declared fields ask for at a path.
pub(super) fn asked<'d>(table: &'static [Field], fields: &'d Fields, path: &FieldPath) -> Asked<'d> {
    below(table, fields, &path.0)
}

fn below<'d>(table: &'static [Field], fields: &'d Fields, steps: &[Step]) -> Asked<'d> {
    let Some((Step::Field(name), rest)) = steps.split_first() else {
        return Asked::Below { is_empty: false };
    };
    let (Some(declared), Some(field)) = (fields.get(name), find(table, name)) else { return Asked::Nothing };
    match (&declared.value, field.shape, rest) {
        (DeclaredValue::Clear, ..) => Asked::Gone,
        (DeclaredValue::Scalar(value), _, []) => Asked::Value(value),
        (DeclaredValue::Outside(outside), _, []) => Asked::Outside(outside),
        (DeclaredValue::Later(later), _, []) => Asked::Later(later),
        (DeclaredValue::Object(fields), Shape::Object(table), rest) => below(table, fields, rest),
        (DeclaredValue::List(list), Shape::List(shape), rest) => in_list(shape, list, rest),
        _ => Asked::Nothing,
    }
}

fn in_list<'d>(shape: ListShape, list: &'d DeclaredList, steps: &[Step]) -> Asked<'d> {
    let Some((Step::Item(key), rest)) = steps.split_first() else {
        return Asked::Below { is_empty: list.items.is_empty() };
    };
    let gone = if rest.is_empty() { Asked::Gone } else { Asked::GoneWithItem };
    match list.items.get(key) {
        Some(item) if item.absent => gone,
        Some(item) => below(shape.items, &item.fields, rest),
        None if list.mode == ListMode::Merge => Asked::Nothing,
        None if shape.standing => Asked::Default,
        None => gone,
    }
}

impl<'d> Asked<'d> {
    /// What a change asks for.
    pub(super) fn of(after: &'d After) -> Asked<'d> {
        match after {
            After::Set(Value::Array(items)) => Asked::Below { is_empty: items.is_empty() },
            After::Set(Value::Object(_)) => Asked::Below { is_empty: false },
            After::Set(value) => Asked::Value(value),
            After::Outside(outside) => Asked::Outside(outside),
            After::Later(later) => Asked::Later(later),
            After::ClearTo(_) | After::Omit | After::Remove => Asked::Gone,
        }
    }

    /// Whether the files manage what stands there.
    pub(super) const fn is_managed(self) -> bool {
        !matches!(self, Asked::Nothing)
    }

    /// Whether an earlier state of the files asked for the same.
    pub(super) fn is_same(self, before: Asked<'_>, field: Option<&Field>) -> bool {
        match (self, before) {
            (Asked::Nothing, Asked::Nothing)
            | (Asked::Gone, Asked::Gone)
            | (Asked::GoneWithItem, Asked::GoneWithItem) => true,
            (Asked::Below { is_empty: now }, Asked::Below { is_empty: before }) => now == before,
            (Asked::Later(now), Asked::Later(before)) => now == before,
            (Asked::Outside(now), Asked::Outside(before)) => is_same_source(now, before),
            (now, before) => match (now.value(Outside::expose), before.value(in_git)) {
                (Some(now), Some(before)) => is_equal(field, now.as_ref(), before.as_ref()),
                _ => false,
            },
        }
    }

    /// The value, as far as it is known; nothing inside for none. `known` says which values from outside are.
    fn value<'v>(self, known: impl Fn(&'v Outside) -> Option<&'v str>) -> Option<Option<Value>>
    where
        'd: 'v,
    {
        match self {
            Asked::Value(value) => Some(Some(value.clone())),
            Asked::Outside(outside) => known(outside).map(|text| Some(text.into())),
            Asked::Gone | Asked::Default => Some(None),
            Asked::Nothing | Asked::GoneWithItem | Asked::Later(_) | Asked::Below { .. } => None,
        }
    }

    /// Whether a live manifest is as an earlier state of the files asked for. What a variable held then is not known,
    /// and taken as what is live: nobody is told of a conflict that nobody can see. Nothing where the field does not
    /// tell, and what lies below it has to.
    pub(super) fn is_live(
        self,
        table: &'static [Field],
        field: Option<&Field>,
        path: &FieldPath,
        live: &Value,
    ) -> Option<bool> {
        let is_there = reaches(table, live, path);
        let found = live_at(table, live, path);
        Some(match self {
            Asked::Nothing => true,
            Asked::Below { .. } => return None,
            Asked::GoneWithItem => !is_there,
            Asked::Gone | Asked::Default => {
                !is_there
                    || match found {
                        None => true,
                        Some(Value::Array(items)) => items.is_empty(),
                        found => field.is_some() && is_equal(field, found, None),
                    }
            }
            Asked::Value(value) => is_there && is_equal(field, found, Some(value)),
            Asked::Outside(outside) => match in_git(outside) {
                Some(text) => is_there && is_equal(field, found, Some(&text.into())),
                None => true,
            },
            Asked::Later(_) => return None,
        })
    }
}

/// Whether two values from outside come from the same place. What stands in Git may have changed in its place.
fn is_same_source(now: &Outside, before: &Outside) -> bool {
    let in_place = || match (in_git(now), in_git(before)) {
        (Some(now), Some(before)) => now == before,
        _ => true,
    };
    let is_marked_same = now.version == before.version && now.encoded == before.encoded;
    now.reference == before.reference && is_marked_same && in_place()
}

/// The value of what stands in Git. What a variable holds now says nothing of what it held before.
fn in_git(outside: &Outside) -> Option<&str> {
    match outside.reference {
        Reference::Env(_) => None,
        Reference::File(_) | Reference::Literal => outside.expose(),
    }
}

fn is_equal(field: Option<&Field>, one: Option<&Value>, other: Option<&Value>) -> bool {
    match field {
        Some(field) => canonical(field, one) == canonical(field, other),
        None => one == other,
    }
}
