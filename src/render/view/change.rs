//! One field that differs, as far as it may be shown.

use super::Place;
use crate::diff::{After, Change, Class};
use crate::model::field::{Field, Shape, find};
use crate::model::{FieldPath, ItemKey, Outside, Step};
use crate::render::redact::{redact, target};
use crate::render::sanitise::Name;
use crate::render::value::Shown;

/// One field that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeView {
    /// The path of the field.
    pub path: Name,
    /// Of a field in a list within a list: the path of the item, and of the field in it.
    pub inner: Option<(Name, Name)>,
    /// The names of the fields and items on the way, the parts of a key one by one.
    pub steps: Vec<Name>,
    /// Whether the path ends at an item of a list.
    pub is_item: bool,
    /// Whether a bare value may stand for the last field in the mapping spelling.
    pub short: bool,
    /// Whether values are not shown.
    pub sensitive: bool,
    /// Whether the live manifest has a value.
    pub is_live: bool,
    /// The live value, where it may be shown.
    pub before: Option<Shown>,
    /// What the files ask for.
    pub wanted: Wanted,
    /// Where they ask for it.
    pub place: Option<Place>,
    /// Whose difference it is; nothing where no earlier state of the files is known.
    pub class: Option<Class>,
}

/// What the files ask for.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// This value.
    Value(Shown),
    /// A value that is not shown, and where it comes from, as files spell it: `fromEnv: NAME`.
    Hidden {
        /// Where it comes from; nothing when it stands in the manifest.
        reference: Option<Name>,
        /// Whether the value is known.
        is_set: bool,
    },
    /// A value that may be shown and is not known.
    Unset {
        /// Where it would come from.
        reference: Name,
    },
    /// A value that is known once another resource is there.
    Later {
        /// That resource.
        address: Name,
    },
    /// No value.
    Cleared,
    /// The item of the list is to go.
    Removed,
}

impl ChangeView {
    /// Views a change of a resource whose kind has this table.
    pub(super) fn new(table: &'static [Field], change: &Change) -> ChangeView {
        let Change { path, before, after, sensitive, effect: _, immutable: _, origin, class } = change;
        let target = target(table, path);
        // The table has the last word: what it calls a secret is one, whatever the change says.
        let sensitive = *sensitive
            || matches!(target, crate::render::redact::Target::Secret)
            || matches!(after, After::Outside(outside) if outside.sensitive);
        let show = |value| if sensitive { None } else { redact(target, value).map(Shown::new) };
        let wanted = match after {
            After::Set(value) => show(value).map_or_else(hidden, Wanted::Value),
            After::Outside(outside) => outside_view(outside, sensitive),
            After::Later(later) => Wanted::Later { address: Name::new(&later.address) },
            After::ClearTo(_) | After::Omit => Wanted::Cleared,
            After::Remove => Wanted::Removed,
        };
        ChangeView {
            sensitive,
            is_live: before.is_some(),
            before: before.as_ref().and_then(show),
            place: origin.as_ref().map(Place::from),
            class: *class,
            ..ChangeView::at(table, path, wanted)
        }
    }

    /// The same, of a path that no table knows.
    pub(in crate::render) fn at_unknown(path: String, wanted: Wanted) -> ChangeView {
        let (steps, is_item) = (vec![Name::new(&path)], path.ends_with(']'));
        let known = ChangeView::at(&[], &FieldPath::root(), wanted);
        ChangeView { path: Name::new(path), steps, is_item, ..known }
    }

    /// What a path tells about a change, and what is wanted; the rest is still to be said.
    pub(in crate::render) fn at(table: &'static [Field], path: &FieldPath, wanted: Wanted) -> ChangeView {
        ChangeView {
            path: Name::new(path),
            inner: inner(path),
            steps: steps(path),
            is_item: matches!(path.0.last(), Some(Step::Item(_))),
            short: is_short(table, &path.0),
            sensitive: false,
            is_live: false,
            before: None,
            wanted,
            place: None,
            class: None,
        }
    }
}

const fn hidden() -> Wanted {
    Wanted::Hidden { reference: None, is_set: true }
}

fn outside_view(outside: &Outside, sensitive: bool) -> Wanted {
    // A version is a marker for people; it stands in the file, where the place leads.
    let Outside { reference, version: _, encoded: _, sensitive: _, value: _ } = outside;
    let value = outside.expose();
    let reference = Name::new(reference);
    match value {
        _ if sensitive => Wanted::Hidden { reference: Some(reference), is_set: value.is_some() },
        Some(value) => Wanted::Value(Shown::new(value.into())),
        None => Wanted::Unset { reference },
    }
}

fn inner(path: &FieldPath) -> Option<(Name, Name)> {
    let is_item = |step: &Step| matches!(step, Step::Item(_));
    let last = path.0.iter().rposition(is_item)?;
    let is_nested = path.0.iter().take(last).any(is_item);
    let (item, field) =
        path.0.split_at_checked(last + 1).filter(|(_, field)| is_nested && !field.is_empty())?;
    Some((Name::new(FieldPath(item.to_vec())), Name::new(FieldPath(field.to_vec()))))
}

fn steps(path: &FieldPath) -> Vec<Name> {
    let names = |step: &Step| match step {
        Step::Field(name) => vec![Name::new(name)],
        Step::Item(ItemKey::Natural(parts)) => parts.iter().map(Name::new).collect(),
        Step::Item(key @ ItemKey::Content(_)) => vec![Name::new(key)],
    };
    path.0.iter().flat_map(names).collect()
}

/// Whether the path ends at the field of a list item that a bare value stands for.
fn is_short(table: &'static [Field], steps: &[Step]) -> bool {
    let Some((Step::Field(name), rest)) = steps.split_first() else { return false };
    match (find(table, name).map(|field| field.shape), rest) {
        (Some(Shape::Object(fields)), rest) => is_short(fields, rest),
        (Some(Shape::List(list)), [Step::Item(_), Step::Field(last)]) => list.short == Some(*last),
        (Some(Shape::List(list)), [Step::Item(_), rest @ ..]) => is_short(list.items, rest),
        _ => false,
    }
}
