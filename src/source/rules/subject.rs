//! What a rule sees: the resources of an estate with their references resolved, and where each value stands.
//!
//! A rule looks from a [`Subject`] (a resource) at a [`Spot`] (a declared value) or an [`Item`] (of a list) and makes
//! a problem there. The place is the value's own [`Origin`], so that a value from a default or a fragment is shown
//! where it was written, with the address of the resource that it breaks.
//!
//! Values from outside are secret unless the file says otherwise: [`Spot::text`] does not see them. A rule that has
//! to look asks for [`Spot::known`] and never puts the answer into a message.

use std::collections::BTreeMap;

use super::super::codes::Code;
use super::super::diagnostic::Problem;
use super::super::resource::Resource;
use crate::model::field::ListMode;
use crate::model::{
    Declared, DeclaredItem, DeclaredList, DeclaredValue, FieldPath, Fields, ItemKey, Kind, Origin, Step,
};

/// All resources of an estate.
#[derive(Clone, Copy)]
pub(super) struct Estate<'a> {
    resources: &'a [Resource],
}

impl<'a> Estate<'a> {
    pub(super) const fn new(resources: &'a [Resource]) -> Estate<'a> {
        Estate { resources }
    }

    /// The resources of one kind, in the order of files and lines.
    pub(super) fn of(self, kind: Kind) -> impl Iterator<Item = Subject<'a>> {
        (0..self.resources.len())
            .filter_map(move |index| self.at(index))
            .filter(move |subject| subject.resource.kind == kind)
    }

    fn at(self, index: usize) -> Option<Subject<'a>> {
        Some(Subject { index, resource: self.resources.get(index)?, estate: self })
    }
}

/// A resource that a rule looks at.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    index: usize,
    pub(super) resource: &'a Resource,
    estate: Estate<'a>,
}

impl<'a> Subject<'a> {
    /// The cluster that it names, where that is declared.
    pub(super) fn cluster(self) -> Option<Subject<'a>> {
        self.estate.at(self.resource.links.cluster?)
    }

    /// The namespace that it names, where that is declared.
    pub(super) fn namespace(self) -> Option<Subject<'a>> {
        self.estate.at(self.resource.links.namespace?)
    }

    /// The app that it names, where that is declared.
    pub(super) fn app(self) -> Option<Subject<'a>> {
        self.estate.at(self.resource.links.app?)
    }

    /// The declared value at a path of field names.
    pub(super) fn find(self, path: &[&'static str]) -> Option<Spot<'a>> {
        find(self, &self.resource.fields, &FieldPath::root(), path)
    }

    /// The declared text at a path of field names.
    pub(super) fn text(self, path: &[&'static str]) -> Option<&'a str> {
        self.find(path)?.text()
    }

    /// The declared boolean at a path of field names.
    pub(super) fn truth(self, path: &[&'static str]) -> Option<bool> {
        self.find(path)?.truth()
    }

    /// The items of the list at a path of field names; none when it is not declared. Those that are to be removed
    /// are left out.
    pub(super) fn items(self, path: &[&'static str]) -> Vec<Item<'a>> {
        self.find(path).map(Spot::items).unwrap_or_default()
    }

    /// Its index among all resources, to group what belongs to it.
    pub(super) const fn index(self) -> usize {
        self.index
    }
}

/// A declared value and where it stands.
#[derive(Clone)]
pub(super) struct Spot<'a> {
    subject: Subject<'a>,
    path: FieldPath,
    declared: &'a Declared,
}

impl<'a> Spot<'a> {
    /// The text, unless it comes from outside and is secret.
    pub(super) fn text(&self) -> Option<&'a str> {
        self.declared.as_text()
    }

    /// The text, also of a value from outside; nothing while its variable is not set. Never for a message.
    pub(super) fn known(&self) -> Option<&'a str> {
        match &self.declared.value {
            DeclaredValue::Outside(outside) => outside.expose(),
            _ => self.declared.as_text(),
        }
    }

    /// The boolean.
    pub(super) fn truth(&self) -> Option<bool> {
        match &self.declared.value {
            DeclaredValue::Scalar(value) => value.as_bool(),
            _ => None,
        }
    }

    /// The whole number.
    pub(super) fn number(&self) -> Option<i64> {
        match &self.declared.value {
            DeclaredValue::Scalar(value) => value.as_i64(),
            _ => None,
        }
    }

    /// Whether it is an explicit `null`.
    pub(super) const fn is_cleared(&self) -> bool {
        matches!(self.declared.value, DeclaredValue::Clear)
    }

    /// Whether it is a list, and the declared list is the list.
    pub(super) fn is_exact(&self) -> bool {
        self.declared.as_list().is_some_and(|list| list.mode == ListMode::Exact)
    }

    /// The name of the field.
    pub(super) fn name(&self) -> &'static str {
        match self.path.0.last() {
            Some(Step::Field(name)) => name,
            Some(Step::Item(_)) | None => "",
        }
    }

    /// A declared value below it.
    pub(super) fn find(&self, path: &[&'static str]) -> Option<Spot<'a>> {
        find(self.subject, self.declared.as_object()?, &self.path, path)
    }

    /// The items of a list, without those that are to be removed.
    pub(super) fn items(self) -> Vec<Item<'a>> {
        self.all_items(false)
    }

    /// The items of a list that are to be removed.
    pub(super) fn absent(&self) -> Vec<Item<'a>> {
        self.all_items(true)
    }

    fn all_items(&self, absent: bool) -> Vec<Item<'a>> {
        let items = self.declared.as_list().map(|list: &DeclaredList| &list.items);
        let items = items.into_iter().flatten().filter(|(_, item)| item.absent == absent);
        items
            .map(|(key, item)| Item { subject: self.subject, path: self.path.item(key.clone()), key, item })
            .collect()
    }

    /// Where it was written.
    pub(super) const fn origin(&self) -> &'a Origin {
        &self.declared.origin
    }

    /// A problem of this value.
    pub(super) fn breaks(&self, code: &'static Code, message: impl Into<String>) -> Problem {
        let problem = Problem::new(code, self.declared.origin.clone(), message).path(&self.path);
        problem.resource(Some(self.subject.index))
    }
}

/// A declared item of a list and where it stands.
#[derive(Clone)]
pub(super) struct Item<'a> {
    subject: Subject<'a>,
    path: FieldPath,
    key: &'a ItemKey,
    item: &'a DeclaredItem,
}

impl<'a> Item<'a> {
    /// The value of its first key field; nothing for an item without a name.
    pub(super) fn name(&self) -> Option<&'a str> {
        match self.key {
            ItemKey::Natural(parts) => parts.first().map(String::as_str),
            ItemKey::Content(_) => None,
        }
    }

    /// A declared field of the item.
    pub(super) fn field(&self, name: &'static str) -> Option<Spot<'a>> {
        find(self.subject, &self.item.fields, &self.path, &[name])
    }

    /// Where its key was written.
    pub(super) const fn origin(&self) -> &'a Origin {
        &self.item.origin
    }

    /// A problem of the item: at its key.
    pub(super) fn breaks(&self, code: &'static Code, message: impl Into<String>) -> Problem {
        let problem = Problem::new(code, self.item.origin.clone(), message).path(&self.path);
        problem.resource(Some(self.subject.index))
    }
}

fn find<'a>(
    subject: Subject<'a>,
    fields: &'a Fields,
    above: &FieldPath,
    path: &[&'static str],
) -> Option<Spot<'a>> {
    let (first, rest) = path.split_first()?;
    let declared = fields.get(first)?;
    let spot = Spot { subject, path: above.field(first), declared };
    if rest.is_empty() { Some(spot) } else { spot.find(rest) }
}

/// Each that has the key of an earlier one, with the first that has it.
pub(super) fn twins<K: Ord + Clone, T: Clone>(all: impl IntoIterator<Item = (K, T)>) -> Vec<(K, T, T)> {
    let mut seen: BTreeMap<K, T> = BTreeMap::new();
    let mut found = Vec::new();
    for (key, one) in all {
        match seen.get(&key) {
            Some(first) => found.push((key, one, first.clone())),
            None => {
                seen.insert(key, one);
            }
        }
    }
    found
}
