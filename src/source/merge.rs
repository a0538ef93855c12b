//! Declared fields over declared fields: defaults below a document, and fragments side by side.
//!
//! Objects merge field by field, keyed lists item by item, whatever the order of files. Every value keeps its place.

use std::collections::BTreeSet;

use super::part;
use crate::model::field::{Field, ListKey, ListMode, ListShape, Need, Owner, Shape, find};
use crate::model::{
    Declared, DeclaredItem, DeclaredList, DeclaredValue, FieldPath, Fields, Kind, Origin, Overridden, Step,
};

/// Fields of one object that say the same thing in different ways: a nearer one replaces all of them.
static ALTERNATIVES: &[&[&str]] = &[
    &["size", "coreResources"],
    &["cluster", "clusterId"],
    &["namespace", "namespaceId"],
    &["package", "packageId"],
];

/// The paths of lists whose mode is written around them, and of items that take something out of an exact list.
pub(super) type Paths = BTreeSet<FieldPath>;

/// Lays farther fields under nearer ones.
pub(super) struct Underlay<'a> {
    /// Lists of the nearer fields whose mode is written around them.
    pub(super) stated: &'a mut Paths,
    /// The same, of the farther fields.
    pub(super) stated_below: &'a Paths,
    /// What the nearer fields replace.
    pub(super) overridden: Vec<Overridden>,
    /// Absent items that have something below them to take out.
    pub(super) taken: Paths,
}

impl Underlay<'_> {
    pub(super) fn fields(
        &mut self,
        near: &mut Fields,
        far: &Fields,
        table: &'static [Field],
        path: &FieldPath,
    ) {
        let given: Vec<&'static str> = near.keys().copied().collect();
        for (name, declared) in far {
            let is_replaced = |others: &&[&str]| {
                others.contains(name) && others.iter().any(|other| other != name && given.contains(other))
            };
            let path = path.field(name);
            if ALTERNATIVES.iter().copied().any(|others| is_replaced(&others)) {
                self.overridden.push(Overridden { path, declared: declared.clone() });
                continue;
            }
            match (near.get_mut(name), find(table, name)) {
                (Some(own), Some(field)) => self.value(own, declared, field, &path),
                _ => {
                    self.stated.extend(below(self.stated_below, &path));
                    near.insert(name, declared.clone());
                }
            }
        }
    }

    fn value(&mut self, near: &mut Declared, far: &Declared, field: &'static Field, path: &FieldPath) {
        match (&mut near.value, &far.value, field.shape) {
            (DeclaredValue::Object(near), DeclaredValue::Object(far), Shape::Object(table)) => {
                self.fields(near, far, table, path);
            }
            (DeclaredValue::List(list), DeclaredValue::List(below), Shape::List(shape)) => {
                let is_whole = list.mode == ListMode::Exact && self.stated.contains(path);
                if is_whole {
                    self.overridden.push(Overridden { path: path.clone(), declared: far.clone() });
                } else {
                    self.list(list, below, shape, path);
                }
            }
            (DeclaredValue::Addresses(near), DeclaredValue::Addresses(far), _) => unite(near, far),
            _ => self.overridden.push(Overridden { path: path.clone(), declared: far.clone() }),
        }
    }

    fn list(&mut self, near: &mut DeclaredList, far: &DeclaredList, shape: ListShape, path: &FieldPath) {
        if !self.stated.contains(path) && self.stated_below.contains(path) {
            near.mode = far.mode;
            self.stated.insert(path.clone());
        }
        for (key, item) in &far.items {
            let path = path.item(key.clone());
            let Some(own) = near.items.get_mut(key) else {
                near.items.insert(key.clone(), item.clone());
                continue;
            };
            if own.absent {
                self.taken.insert(path.clone());
            }
            if own.absent || item.absent {
                self.overridden.push(Overridden { path, declared: as_declared(item) });
            } else {
                self.fields(&mut own.fields, &without_key(&item.fields, shape), shape.items, &path);
            }
        }
    }
}

/// A field that two parts of equal standing set.
pub(super) struct Overlap {
    pub(super) path: FieldPath,
    pub(super) first: Origin,
    pub(super) second: Origin,
}

/// Puts parts of equal standing together: no two may set one field.
pub(super) struct Union<'a> {
    pub(super) stated: &'a mut Paths,
    pub(super) stated_beside: &'a Paths,
    /// The kind of the resource that the parts are fragments of: what names it may be repeated.
    pub(super) fragments_of: Option<Kind>,
    pub(super) overlaps: Vec<Overlap>,
}

impl Union<'_> {
    pub(super) fn fields(
        &mut self,
        one: &mut Fields,
        other: &Fields,
        table: &'static [Field],
        path: &FieldPath,
    ) {
        for (name, declared) in other {
            let path = path.field(name);
            match (one.get_mut(name), find(table, name)) {
                (Some(own), Some(field)) => self.value(own, declared, field, &path),
                _ => {
                    self.stated.extend(below(self.stated_beside, &path));
                    one.insert(name, declared.clone());
                }
            }
        }
    }

    fn value(&mut self, one: &mut Declared, other: &Declared, field: &'static Field, path: &FieldPath) {
        match (&mut one.value, &other.value, field.shape) {
            (DeclaredValue::Object(one), DeclaredValue::Object(other), Shape::Object(table)) => {
                self.fields(one, other, table, path);
            }
            (DeclaredValue::List(list), DeclaredValue::List(beside), Shape::List(shape)) => {
                let stated = [&*self.stated, self.stated_beside].map(|paths| paths.contains(path));
                match stated {
                    [true, true] => {
                        self.overlap(path, &one.origin, &other.origin);
                        return;
                    }
                    [false, true] => list.mode = beside.mode,
                    [_, false] => {}
                }
                if stated == [false, true] {
                    self.stated.insert(path.clone());
                }
                self.list(list, beside, shape, path);
            }
            (DeclaredValue::Addresses(one), DeclaredValue::Addresses(other), _) => unite(one, other),
            (DeclaredValue::Scalar(a), DeclaredValue::Scalar(b), _)
                if self
                    .fragments_of
                    .is_some_and(|kind| (a == b && names(field)) || identifies(kind, path)) => {}
            _ => self.overlap(path, &one.origin, &other.origin),
        }
    }

    fn list(&mut self, one: &mut DeclaredList, other: &DeclaredList, shape: ListShape, path: &FieldPath) {
        for (key, item) in &other.items {
            let path = path.item(key.clone());
            let Some(own) = one.items.get_mut(key) else {
                one.items.insert(key.clone(), item.clone());
                continue;
            };
            let rest = without_key(&item.fields, shape);
            // An item that is its key and nothing else stands there twice.
            if own.absent || item.absent || rest.is_empty() {
                self.overlap(&path, &own.origin, &item.origin);
            } else {
                self.fields(&mut own.fields, &rest, shape.items, &path);
            }
        }
    }

    fn overlap(&mut self, path: &FieldPath, first: &Origin, second: &Origin) {
        self.overlaps.push(Overlap { path: path.clone(), first: first.clone(), second: second.clone() });
    }
}

/// Whether a field names its resource or another one.
fn names(field: &Field) -> bool {
    matches!(field.owner, Owner::Identity | Owner::Reference) || field.need == Need::Always
}

/// Whether a field is a part of the identity by which two documents were found to be one resource, so that only its
/// spelling may differ.
fn identifies(kind: Kind, path: &FieldPath) -> bool {
    let is_place = || {
        let path = path.to_string();
        path == "app" || path.starts_with("provider.")
    };
    let is_id = part::identity_field(kind).is_some_and(|id| path.0 == [Step::Field(id.name)]);
    is_id || (kind == Kind::Environment && is_place())
}

/// Takes fields out again: those at a path and all below it. Says whether there were any.
pub(super) fn take_out(fields: &mut Fields, path: &FieldPath, wanted: &str) -> bool {
    let names: Vec<&'static str> = fields.keys().copied().collect();
    let mut found = false;
    for name in names {
        let path = path.field(name);
        let text = path.to_string();
        if text == wanted {
            fields.remove(name);
            return true;
        }
        if !leads_to(&text, wanted) {
            continue;
        }
        match fields.get_mut(name).map(|declared| &mut declared.value) {
            Some(DeclaredValue::Object(below)) => found |= take_out(below, &path, wanted),
            Some(DeclaredValue::List(list)) => {
                let keys: Vec<_> = list.items.keys().cloned().collect();
                for key in keys {
                    let path = path.item(key.clone());
                    let text = path.to_string();
                    if text == wanted {
                        list.items.remove(&key);
                        found = true;
                    } else if leads_to(&text, wanted) {
                        let item = list.items.get_mut(&key);
                        found |= item.is_some_and(|item| take_out(&mut item.fields, &path, wanted));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

fn leads_to(path: &str, wanted: &str) -> bool {
    wanted.strip_prefix(path).is_some_and(|rest| rest.starts_with(['.', '[']))
}

fn below<'p>(paths: &'p Paths, path: &'p FieldPath) -> impl Iterator<Item = FieldPath> + 'p {
    paths.range(path.clone()..).take_while(|other| other.0.starts_with(&path.0)).cloned()
}

fn without_key(fields: &Fields, shape: ListShape) -> Fields {
    let is_key = |name: &str| match shape.key {
        ListKey::Natural(names) => names.contains(&name),
        ListKey::Content(content) => content == name,
    };
    fields
        .iter()
        .filter(|(name, _)| !is_key(name))
        .map(|(name, declared)| (*name, declared.clone()))
        .collect()
}

fn as_declared(item: &DeclaredItem) -> Declared {
    Declared { value: DeclaredValue::Object(item.fields.clone()), origin: item.origin.clone() }
}

/// Lists of addresses are sets.
fn unite(one: &mut Vec<Declared>, other: &[Declared]) {
    let new: Vec<Declared> = other
        .iter()
        .filter(|address| one.iter().all(|own| own.as_text() != address.as_text()))
        .cloned()
        .collect();
    one.extend(new);
}
