//! Live manifests → what a file would say, by the field tables.
//!
//! What only the platform decides is left out, secrets become references to variables, lists with a key become
//! mappings. A value that no file can say is left out and told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::emit::LONGEST_KEY;
use super::formats;
use super::masks::sounds_secret;
use super::tree::{Layout, Tree};
use crate::diff::{canonical, canonical_text, item_key};
use crate::model::field::{Field, Format, ListKey, ListMode, ListShape, Owner, Shape, find};
use crate::model::kinds::{SIZES, Size};
use crate::model::{FieldPath, ItemKey};

/// An environment variable that has to be set for a field to be compared and sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The resource.
    pub address: String,
    /// The field.
    pub path: String,
    /// Whether it is to hold base64, because no variable can hold the bytes themselves.
    pub base64: bool,
}

/// A part of the live state that the files do not say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// The resource.
    pub address: String,
    /// The field; nothing for the whole resource.
    pub path: Option<String>,
    /// Why.
    pub why: String,
}

/// The names of all variables that files refer to.
#[derive(Debug, Default)]
pub(super) struct Variables {
    taken: BTreeSet<String>,
    pub(super) named: Vec<Variable>,
}

impl Variables {
    /// Names that are in use already.
    pub(super) fn beside(taken: BTreeSet<String>) -> Variables {
        Variables { taken, named: Vec::new() }
    }

    fn name(&mut self, parts: &[&str], address: &str, path: &FieldPath, base64: bool) -> String {
        let mut name = String::new();
        for part in parts {
            let part: String = part
                .chars()
                .map(|it| if it.is_ascii_alphanumeric() { it.to_ascii_uppercase() } else { '_' })
                .collect();
            let part = part.trim_matches('_');
            if !part.is_empty() {
                name.push_str(if name.is_empty() { "" } else { "_" });
                name.push_str(part);
            }
        }
        if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
            name.insert_str(0, "MX_");
        }
        // Variables of mxkeep itself are none of an estate.
        if name.starts_with("MXKEEP") {
            name.insert_str(0, "X_");
        }
        let mut free = name.clone();
        let mut count = 1;
        while !self.taken.insert(free.clone()) {
            count += 1;
            free = format!("{name}_{count}");
        }
        let (address, path) = (address.to_owned(), path.to_string());
        self.named.push(Variable { name: free.clone(), address, path, base64 });
        free
    }
}

/// Spells the fields of one resource.
pub(super) struct Speller<'v> {
    pub(super) variables: &'v mut Variables,
    /// What names of variables begin with.
    pub(super) owner: Vec<String>,
    /// The resource, for people.
    pub(super) address: String,
    /// What the reference fields say, and other fields that the manifest does not spell as a file does.
    pub(super) given: BTreeMap<&'static str, Tree>,
    /// Whether the namespace of an environment uses the external secrets store.
    pub(super) secrets_store: bool,
    pub(super) left_out: Vec<LeftOut>,
}

impl Speller<'_> {
    fn leave_out(&mut self, path: &FieldPath, why: impl Into<String>) {
        let (address, path) = (self.address.clone(), Some(path.to_string()));
        self.left_out.push(LeftOut { address, path, why: why.into() });
    }

    /// The fields of an object that a file has to say, in the order of the table.
    pub(super) fn fields(
        &mut self,
        table: &'static [Field],
        live: &Value,
        path: &FieldPath,
    ) -> Vec<(String, Tree)> {
        let mut fields = Vec::new();
        for field in table {
            let is_root = path.0.is_empty();
            if let Some(given) = self.given.get(field.name).filter(|_| is_root) {
                fields.push((field.name.to_owned(), given.clone()));
                continue;
            }
            if field.name == "coreResources"
                && let Some(size) = named_size(live.get(field.name))
            {
                fields.push(("size".to_owned(), Tree::text(size.name)));
                continue;
            }
            if let Some(tree) = self.field(field, live.get(field.name), &path.field(field.name)) {
                fields.push((field.name.to_owned(), tree));
            }
        }
        fields
    }

    /// What a file says of one field; nothing where it is best left out.
    pub(super) fn field(
        &mut self,
        field: &'static Field,
        live: Option<&Value>,
        path: &FieldPath,
    ) -> Option<Tree> {
        let live = live.filter(|live| !live.is_null())?;
        if !is_spelt(field) || self.is_left_out_on_purpose(field, live) {
            return None;
        }
        match field.shape {
            Shape::Object(table) if live.is_object() => {
                let fields = self.fields(table, live, path);
                let is_small = fields.len() <= 3 && fields.iter().all(|(_, value)| is_small(value));
                let layout = if is_small { Layout::Flow } else { Layout::Block };
                (!fields.is_empty()).then_some(Tree::Mapping(fields, layout))
            }
            Shape::List(shape) => match live {
                Value::Array(items) => self.list(shape, items, path),
                _ => None,
            },
            Shape::Object(_) | Shape::Addresses => None,
            // Outside of lists an empty text is what an absent one is.
            Shape::Text(_) if live.as_str().is_some_and(str::is_empty) => None,
            _ => self.scalar(field, live, path),
        }
    }

    fn is_left_out_on_purpose(&self, field: &Field, live: &Value) -> bool {
        match field.name {
            "installationType" => live == "Connected",
            "defaultStudioTarget" => canonical(field, Some(live)) == Value::Bool(false),
            "secretsStoreEnabled" => canonical(field, Some(live)) == Value::Bool(self.secrets_store),
            "ephemeralStorage" => canonical(field, Some(live)) == canonical(field, None),
            // What cannot change and is as it is everywhere.
            _ => {
                field.owner == Owner::Immutable
                    && field.default.is_some()
                    && canonical(field, Some(live)) == canonical(field, None)
            }
        }
    }

    /// A text, number or boolean, where a file can say it.
    pub(super) fn scalar(&mut self, field: &'static Field, live: &Value, path: &FieldPath) -> Option<Tree> {
        if field.sensitive {
            let base64 = field.name == "key";
            return Some(self.variable(&[field.name], path, base64));
        }
        match field.shape {
            Shape::Text(format) => {
                let text = match live {
                    Value::String(text) => text.clone(),
                    Value::Number(number) => number.to_string(),
                    Value::Bool(truth) => truth.to_string(),
                    _ => {
                        self.leave_out(path, "it is no text");
                        return None;
                    }
                };
                let text = match format {
                    Format::Decimal | Format::Url => canonical_text(format, &text),
                    Format::RelaxedJson => text.replace("\\\"", "\""),
                    _ => text,
                };
                if let Err(misfit) = formats::check(format, &text) {
                    self.leave_out(path, format!("it {}", misfit.is));
                    return None;
                }
                Some(Tree::Text(text))
            }
            Shape::Boolean => match canonical(field, Some(live)) {
                Value::Bool(truth) => Some(Tree::Boolean(truth)),
                _ => {
                    self.leave_out(path, "it is neither true nor false");
                    None
                }
            },
            Shape::Integer(min, max) => {
                let number = canonical(field, Some(live)).as_i64();
                let number = number.filter(|number| (min..=max).contains(number));
                if number.is_none() {
                    self.leave_out(path, format!("it is no whole number from {min} to {max}"));
                }
                number.map(Tree::Integer)
            }
            Shape::Object(_) | Shape::List(_) | Shape::Addresses => None,
        }
    }

    fn variable(&mut self, parts: &[&str], path: &FieldPath, base64: bool) -> Tree {
        let owner = self.owner.clone();
        let parts: Vec<&str> = owner.iter().map(String::as_str).chain(parts.iter().copied()).collect();
        let name = self.variables.name(&parts, &self.address, path, base64);
        let mut entries = vec![("fromEnv", Tree::Text(name))];
        if base64 {
            entries.push(("encoding", Tree::text("base64")));
        }
        Tree::flow(entries)
    }

    /// A list; nothing where it is empty, or where a file cannot say what is in it.
    fn list(&mut self, shape: ListShape, live: &[Value], path: &FieldPath) -> Option<Tree> {
        if let ListKey::Content(_) = shape.key {
            return self.unnamed(shape, live, path);
        }
        let mut items: BTreeMap<ItemKey, &Value> = BTreeMap::new();
        let mut unclear: BTreeMap<ItemKey, &'static str> = BTreeMap::new();
        for item in live {
            let key = item_key(shape, item);
            if let Some(why) = unspeakable(shape, &key, item) {
                unclear.insert(key, why);
            } else if items.get(&key).is_some_and(|first| *first != item) {
                unclear.insert(key, "it is there several times, with different values");
            } else {
                items.insert(key, item);
            }
        }
        if let Some((key, why)) = unclear.first_key_value().filter(|_| shape.mode == ListMode::Exact) {
            // The files would have to say all of it, or the rest would be removed.
            self.leave_out(path, format!("of `{key}`: {why}"));
            return None;
        }
        for (key, why) in unclear {
            items.remove(&key);
            self.leave_out(&path.item(key), why);
        }
        let trees: Vec<_> = items
            .iter()
            .map(|(key, item)| (key.clone(), self.item(shape, item, &path.item(key.clone()))))
            .collect();
        (!trees.is_empty()).then(|| together(shape, &trees))
    }

    /// One item: all of its fields, key fields included.
    pub(super) fn item(
        &mut self,
        shape: ListShape,
        live: &Value,
        path: &FieldPath,
    ) -> Vec<(&'static str, Tree)> {
        let mut fields = Vec::new();
        for field in shape.items.iter().filter(|field| is_spelt(field)) {
            let Some(value) = live.get(field.name).filter(|value| !value.is_null()) else { continue };
            let path = path.field(field.name);
            let secret = shape.short == Some(field.name)
                && matches!(field.shape, Shape::Text(Format::Plain))
                && value.as_str().is_some_and(|value| is_secret(&name_of(shape, live), value));
            let tree = match field.shape {
                _ if secret => Some(self.variable(&[&name_of(shape, live)], &path, false)),
                Shape::Object(_) | Shape::List(_) => self.field(field, Some(value), &path),
                _ => self.scalar(field, value, &path),
            };
            fields.extend(tree.map(|tree| (field.name, tree)));
        }
        fields
    }

    /// A list whose items have no names, ordered by what they hold.
    fn unnamed(&mut self, shape: ListShape, live: &[Value], path: &FieldPath) -> Option<Tree> {
        let mut items: Vec<_> = live.iter().map(|item| (item_key(shape, item), item)).collect();
        items.sort_by(|one, other| one.0.cmp(&other.0));
        items.dedup_by(|one, other| one.0 == other.0);
        let outer = self.owner.clone();
        let count = items.len();
        let mut trees = Vec::new();
        for (index, (_, item)) in items.into_iter().enumerate() {
            self.owner.push("certificate".to_owned());
            if count > 1 {
                self.owner.push((index + 1).to_string());
            }
            let fields = self.item(shape, item, path);
            self.owner.clone_from(&outer);
            trees.push(Tree::block(fields));
        }
        (!trees.is_empty()).then_some(Tree::Sequence(trees))
    }
}

/// Whether the files say anything about a field: it is theirs to say, and the API tells what it is.
fn is_spelt(field: &Field) -> bool {
    match field.owner {
        Owner::Managed | Owner::Identity | Owner::Immutable | Owner::CreateOnly => true,
        Owner::WriteOnly
        | Owner::Command
        | Owner::ServerOwned { .. }
        | Owner::Reference
        | Owner::Shorthand => false,
    }
}

fn is_small(tree: &Tree) -> bool {
    match tree {
        Tree::Mapping(entries, layout) => *layout == Layout::Flow && entries.len() <= 2,
        Tree::Sequence(_) => false,
        _ => true,
    }
}

/// Why a file cannot name an item.
fn unspeakable(shape: ListShape, key: &ItemKey, item: &Value) -> Option<&'static str> {
    let (ListKey::Natural(names), ItemKey::Natural(parts)) = (shape.key, key) else {
        return Some("it has no name");
    };
    for (name, part) in names.iter().zip(parts) {
        let Some(Shape::Text(format)) = find(shape.items, name).map(|field| field.shape) else { continue };
        let text = item.get(name).and_then(Value::as_str).unwrap_or(part);
        if formats::check(format, text).is_err() {
            return Some("it has a name that no file can say");
        }
    }
    None
}

/// The name of an item, for names of variables.
fn name_of(shape: ListShape, item: &Value) -> String {
    match shape.key {
        ListKey::Natural(names) => {
            let parts: Vec<_> = names.iter().filter_map(|name| item.get(name)?.as_str()).collect();
            parts.join("_")
        }
        ListKey::Content(_) => String::new(),
    }
}

/// A list of its items: as a mapping from key to the rest, where keys allow it.
pub(super) fn together(shape: ListShape, items: &[(ItemKey, Vec<(&'static str, Tree)>)]) -> Tree {
    let ListKey::Natural(names) = shape.key else {
        return Tree::Sequence(items.iter().map(|(_, fields)| Tree::block(fields.clone())).collect());
    };
    let is_key = |name: &str| names.contains(&name);
    let key_texts = |fields: &[(&'static str, Tree)]| -> Vec<String> {
        let text = |name: &&str| match fields.iter().find(|(field, _)| field == name) {
            Some((_, Tree::Text(text))) => text.clone(),
            _ => String::new(),
        };
        names.iter().map(text).collect()
    };
    let only_keys = items.iter().all(|(_, fields)| fields.iter().all(|(name, _)| is_key(name)));
    let long = items.iter().any(|(_, fields)| {
        key_texts(fields).iter().any(|key| key.chars().count() > LONGEST_KEY || key.contains('\n'))
    });
    // A mapping of one such key says how the list is meant.
    let reserved = items.len() == 1
        && items
            .iter()
            .any(|(_, fields)| key_texts(fields).first().is_some_and(|key| key == "exact" || key == "merge"));
    if only_keys || long || reserved {
        return Tree::Sequence(items.iter().map(|(_, fields)| Tree::flow(fields.clone())).collect());
    }
    let mut entries: Vec<(String, Tree)> = Vec::new();
    for (_, fields) in items {
        let rest: Vec<_> = fields.iter().filter(|(name, _)| !is_key(name)).cloned().collect();
        let value = match (rest.as_slice(), shape.short) {
            ([(name, value)], Some(short)) if *name == short => value.clone(),
            _ => Tree::flow(rest),
        };
        put(&mut entries, &key_texts(fields), value);
    }
    Tree::Mapping(entries, Layout::Block)
}

fn put(entries: &mut Vec<(String, Tree)>, keys: &[String], value: Tree) {
    match keys {
        [] => {}
        [key] => entries.push((key.clone(), value)),
        [key, deeper @ ..] => {
            let found = entries.iter().position(|(name, _)| name == key);
            let index = found.unwrap_or_else(|| {
                entries.push((key.clone(), Tree::Mapping(Vec::new(), Layout::Block)));
                entries.len() - 1
            });
            if let Some((_, Tree::Mapping(inner, _))) = entries.get_mut(index) {
                put(inner, deeper, value);
            }
        }
    }
}

/// The named size that live resources have.
pub(super) fn named_size(live: Option<&Value>) -> Option<Size> {
    let amount = |pointer: &str| {
        let value = live?.pointer(pointer)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some(canonical_text(Format::Decimal, &text))
    };
    let storage = |of: &str| amount(&format!("/{of}/ephemeralStorage")).is_none_or(|amount| amount == "1");
    let is = |of: &str, size: [&str; 2]| {
        let [cpu, memory] = size.map(|text| canonical_text(Format::Decimal, text));
        amount(&format!("/{of}/cpu")) == Some(cpu)
            && amount(&format!("/{of}/memory")) == Some(memory)
            && storage(of)
    };
    SIZES.iter().copied().find(|size| is("limits", size.limits) && is("requests", size.requests))
}

/// Whether a value that is free text had better not stand in a file. It rather suspects too much: a variable that is
/// not set costs nothing but the comparison.
fn is_secret(name: &str, value: &str) -> bool {
    let is_harmless = value.is_empty()
        || value.eq_ignore_ascii_case("true")
        || value.eq_ignore_ascii_case("false")
        || value.parse::<f64>().is_ok();
    // `https://user:password@host`.
    let has_user = value.split_once("://").is_some_and(|(_, rest)| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        host.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
    });
    has_user || (!is_harmless && sounds_secret(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is masked in an excerpt is not written by an import, and the other way round.
    #[test]
    fn what_sounds_secret_does_not_stand_in_a_file() {
        for name in ["Erp.Pwd", "Erp.Api_Key", "Api.Key", "CLIENT_SECRET", "Mail.Passwrd", "private-key"] {
            assert!(is_secret(name, "x") && sounds_secret(name), "{name}");
        }
        for (name, value) in [("Group.Wdays", "x"), ("Erp.TokenCheck", "true"), ("Erp.PwdDays", "90")] {
            assert!(!is_secret(name, value), "{name}");
        }
    }
}
