//! What Git tells beside the differences: what is done already, what is managed no more, what lost its file.

use std::collections::{BTreeMap, BTreeSet};

use super::{Asked, ThreeWay, asked, has_fields, touches};
use crate::diff::{Diff, field_at};
use crate::model::field::{Field, ListKey, ListShape, Owner, Shape};
use crate::model::{DeclaredValue, Desired, FieldPath, Fields, Identity, Kind, Live, Origin};
use crate::plan::names::Names;
use crate::plan::note::{self, Note, Severity};
use crate::plan::{Ignores, PlanInput};

/// The fields of a resource that need nothing any more: the files changed and live is as they say, or the files do not
/// manage them any more.
pub(in crate::plan) fn of_resource(way: &ThreeWay<'_>, found: &Diff, ignores: &Ignores) -> Vec<Note> {
    let (Some(base), Some(_)) = (way.base.as_deref(), way.live) else { return Vec::new() };
    let head = way.head;
    let (now, before) = (leaves(way.table, &head.fields), leaves(way.table, &base.fields));
    let mut done = BTreeMap::new();
    let mut released = BTreeMap::new();
    let paths: BTreeSet<&FieldPath> = now.keys().chain(before.keys()).collect();
    for path in paths.into_iter().filter(|path| !ignores.covers(&head.address, path)) {
        let was = way.before(base, path);
        let is = asked(way.table, &head.fields, path);
        if !was.is_managed() {
            continue;
        }
        if !is.is_managed() {
            let top = top(way.table, &head.fields, path);
            if let Some(origin) = before.get(path) {
                released.entry(top).or_insert_with(|| origin.clone());
            }
        } else if !is.is_same(was, field_at(way.table, path)) && !touches(found, path) {
            let origin = now.get(path).unwrap_or(&head.origin);
            done.insert(path.clone(), origin.clone());
        }
    }
    let note = |code, message: String, origin: Origin| Note {
        severity: Severity::Info,
        code,
        address: Some(head.address.clone()),
        message,
        origin: Some(origin),
    };
    let done = done.into_iter().map(|(path, origin)| {
        note(note::ALREADY_DONE, format!("`{path}` is live as the files say by now: nothing to do"), origin)
    });
    let released = released.into_iter().map(|(path, origin)| {
        note(note::RELEASED, format!("`{path}` is declared no more, and left as is"), origin)
    });
    done.chain(released).collect()
}

/// The topmost part of a path that the files do not mention.
fn top(table: &'static [Field], fields: &Fields, path: &FieldPath) -> FieldPath {
    let above =
        (1..path.0.len()).filter_map(|length| path.0.get(..length)).map(|steps| FieldPath(steps.to_vec()));
    let mut unmanaged = above.filter(|path| matches!(asked(table, fields, path), Asked::Nothing));
    unmanaged.next().unwrap_or_else(|| path.clone())
}

/// Every declared path that has nothing below it, with its place.
fn leaves(table: &'static [Field], fields: &Fields) -> BTreeMap<FieldPath, Origin> {
    let mut found = BTreeMap::new();
    collect(table, fields, &FieldPath::root(), &mut found);
    found
}

fn collect(
    table: &'static [Field],
    fields: &Fields,
    path: &FieldPath,
    found: &mut BTreeMap<FieldPath, Origin>,
) {
    let is_state =
        |field: &&Field| matches!(field.owner, Owner::Managed | Owner::Immutable | Owner::WriteOnly);
    for field in table.iter().filter(is_state) {
        let Some(declared) = fields.get(field.name) else { continue };
        let path = path.field(field.name);
        match (&declared.value, field.shape) {
            (DeclaredValue::Object(fields), Shape::Object(table)) => collect(table, fields, &path, found),
            (DeclaredValue::List(list), Shape::List(shape)) => {
                for (key, item) in &list.items {
                    let path = path.item(key.clone());
                    let before = found.len();
                    if !item.absent {
                        collect(shape.items, &without_key(shape, &item.fields), &path, found);
                    }
                    if found.len() == before {
                        found.insert(path, item.origin.clone());
                    }
                }
            }
            _ => {
                found.insert(path, declared.origin.clone());
            }
        }
    }
}

/// The key of an item stands in its path.
fn without_key(shape: ListShape, fields: &Fields) -> Fields {
    let is_key = |name: &str| match shape.key {
        ListKey::Natural(names) => names.contains(&name),
        ListKey::Content(content) => content == name,
    };
    let rest = fields.iter().filter(|(name, _)| !is_key(name));
    rest.map(|(name, declared)| (*name, declared.clone())).collect()
}

/// Resources whose documents are gone: nothing is deleted without a tombstone.
pub(in crate::plan) fn of_estate(input: &PlanInput<'_>) -> Vec<Note> {
    let Some(base) = input.base else { return Vec::new() };
    // By the names that the document gave: it is gone, and others may be gone with it.
    let names = Names::new(base, input.live);
    let is_gone = |desired: &&Desired| {
        has_fields(desired.kind())
            && input.scope.holds(&desired.address)
            && !input.desired.resources.contains_key(&desired.identity)
            && !input.desired.tombstones.iter().any(|tombstone| tombstone.target.matches(&desired.identity))
    };
    let gone = base.resources.values().filter(is_gone);
    gone.filter_map(|desired| orphaned(input, &names, desired)).collect()
}

fn orphaned(input: &PlanInput<'_>, names: &Names<'_>, desired: &Desired) -> Option<Note> {
    let note = |severity, code, message: String| {
        let (address, origin) = (Some(desired.address.clone()), Some(desired.origin.clone()));
        Some(Note { severity, code, address, message, origin })
    };
    if desired.kind() == Kind::CloudApp {
        let message = "is declared no more; who may do what in it is left as is".to_owned();
        return note(Severity::Info, note::RELEASED, message);
    }
    let live = input.live.get(&desired.identity)?;
    let message = format!(
        "its document is gone, it has no tombstone, and it still exists: it is left alone. To delete it: `{}`",
        tombstone(input, names, live)
    );
    note(Severity::Warning, note::ORPHANED, message)
}

/// The tombstone of a live resource, as files spell it.
fn tombstone(input: &PlanInput<'_>, names: &Names<'_>, live: &Live) -> String {
    let (address, id) = (names.live_address(live), live.identity.id());
    let Identity::Environment { app, namespace, id: own } = &live.identity else {
        return format!("remove: [{{address: {address}, id: {id}}}]");
    };
    let is_twin = |other: &&Identity| matches!(other, Identity::Environment { app: of, namespace: home, id } if of == app && id == own && home != namespace);
    let place = input.live.resources.keys().find(is_twin).and_then(|_| names.place_of(live));
    match place {
        Some((cluster, namespace)) => {
            format!("remove: [{{address: {address}, id: {id}, namespace: {cluster}/{namespace}}}]")
        }
        None => format!("remove: [{{address: {address}, id: {id}}}]"),
    }
}
