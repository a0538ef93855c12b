//! Lists of objects, in both spellings: the API's list, and a mapping from key to the rest.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::codes;
use super::diagnostic::Problem;
use super::file::Span;
use super::formats;
use super::outside::is_outside;
use super::scalar::Meaning;
use super::shape::{At, Holder, Shaper};
use super::yaml::{Entry, Mapping, Node, Value};
use crate::model::field::{Field, Format, ListKey, ListMode, ListShape, Need, Shape, find};
use crate::model::{Declared, DeclaredItem, DeclaredList, DeclaredValue, FieldPath, Fields, ItemKey};

/// The key that removes an item.
const ABSENT: &str = "absent";

/// A list that is being read.
struct Items<'a> {
    shape: ListShape,
    mode: ListMode,
    /// The list's key as written.
    name: &'a str,
    path: &'a FieldPath,
    items: BTreeMap<ItemKey, DeclaredItem>,
}

impl Shaper<'_> {
    /// A list of objects.
    pub(super) fn list(
        &mut self,
        field: &'static Field,
        shape: ListShape,
        node: &Node,
        at: &At<'_>,
    ) -> Option<DeclaredValue> {
        let stated = unwrap(node);
        if let (Some(pending), true) = (self.pending.as_deref_mut(), stated.is_some()) {
            pending.stated.insert(at.path.clone());
        }
        let (mode, node) = stated.unwrap_or((shape.mode, node));
        let mut items = Items { shape, mode, name: at.key, path: &at.path, items: BTreeMap::new() };
        match (&*node.value, shape.key) {
            (Value::Broken, _) => return None,
            (Value::Sequence(nodes), _) => nodes.iter().for_each(|node| self.item(node, at, &mut items)),
            (Value::Mapping(mapping), ListKey::Natural(names)) => {
                self.by_key(mapping, names, &Fields::new(), &mut items);
            }
            // `{exact: null}` and the like.
            (Value::Scalar(scalar), _) if scalar.meaning == Meaning::Null => {}
            (Value::Mapping(_), ListKey::Content(_)) => {
                self.wrong_type(
                    field,
                    "a list",
                    node,
                    "its items have no name; put a dash before each of them",
                    at,
                );
                return None;
            }
            (Value::Scalar(_), _) => {
                let help = match shape.key {
                    ListKey::Natural(_) => "write a list, or a mapping from key to value",
                    ListKey::Content(_) => "write a list",
                };
                self.wrong_type(field, "a list", node, help, at);
                return None;
            }
        }
        Some(DeclaredValue::List(DeclaredList { mode: items.mode, items: items.items }))
    }

    /// One item of the list spelling.
    fn item(&mut self, node: &Node, at: &At<'_>, items: &mut Items<'_>) {
        let Some(mapping) = node.mapping() else {
            if !matches!(&*node.value, Value::Broken) {
                let message =
                    format!("an item of `{}` has to be a mapping, not {}", items.name, node.words());
                let span = if node.span.is_empty() { at.key_span } else { node.span };
                let help = match (items.shape.key, node.scalar()) {
                    (ListKey::Natural([name]), Some(scalar))
                        if scalar.meaning == Meaning::Text && !self.file.is_masked(node.text) =>
                    {
                        format!("say what it is: `{{{name}: {}}}`", scalar.text)
                    }
                    _ => key_help(items.shape),
                };
                self.report(Problem::new(&codes::SHAPE_002, self.file.origin(span), message).help(help), at);
            }
            return;
        };
        let path =
            peek_key(items.shape, mapping).map_or_else(|| items.path.clone(), |key| items.path.item(key));
        let place = key_place(items.shape, mapping).unwrap_or(node.span);
        let place = if place.is_empty() { at.key_span } else { place };
        self.rest(mapping, Fields::new(), place, node.span, &path, items);
    }

    /// The items of the mapping spelling; lists with two key fields nest.
    fn by_key(&mut self, mapping: &Mapping, names: &[&'static str], given: &Fields, items: &mut Items<'_>) {
        let Some((name, deeper)) = names.split_first() else { return };
        let Some(field) = find(items.shape.items, name) else { return };
        for entry in &mapping.entries {
            let Some(key) = self.key(entry, field, items) else { continue };
            let mut given = given.clone();
            given.insert(field.name, key);
            if deeper.is_empty() {
                self.keyed(entry, given, items);
                continue;
            }
            match (&*entry.node.value, entry.node.mapping()) {
                (_, Some(mapping)) => self.by_key(mapping, deeper, &given, items),
                (Value::Broken, _) => {}
                _ if entry.node.is_null() => {}
                _ => {
                    let at = At {
                        key: &entry.key,
                        key_span: entry.key_span,
                        value: entry.node.span,
                        path: items.path.clone(),
                    };
                    let help = format!("write a mapping from `{}` to the rest", deeper.join("` and `"));
                    self.wrong_type(field, "a mapping", &entry.node, &help, &at);
                }
            }
        }
    }

    /// A key of the mapping spelling, checked as the value of its field.
    fn key(&mut self, entry: &Entry, field: &'static Field, items: &Items<'_>) -> Option<Declared> {
        let format = match field.shape {
            Shape::Text(format) => format,
            _ => Format::Plain,
        };
        let origin = self.file.origin(entry.key_span);
        if let Err(misfit) = formats::check(format, &entry.key) {
            let code = misfit.code.unwrap_or_else(|| self.code_of(field, &codes::SHAPE_005));
            let message = format!("`{}` as `{}` of `{}` {}", entry.key, field.name, items.name, misfit.is);
            let problem = Problem::new(code, origin, message).path(items.path).resource(self.resource);
            self.problems.push(match misfit.help {
                Some(help) => problem.help(help),
                None => problem,
            });
            return None;
        }
        Some(Declared { value: DeclaredValue::Scalar(Json::from(&*entry.key)), origin })
    }

    /// What stands behind the key of an item in the mapping spelling.
    fn keyed(&mut self, entry: &Entry, given: Fields, items: &mut Items<'_>) {
        let path =
            natural_key(items.shape, &given).map_or_else(|| items.path.clone(), |key| items.path.item(key));
        let short = items.shape.short.and_then(|name| find(items.shape.items, name));
        let is_rest =
            entry.node.mapping().is_some_and(|mapping| short.is_none() || !is_short(mapping, items.shape));
        match (&*entry.node.value, short) {
            (Value::Mapping(mapping), _) if is_rest => {
                self.rest(mapping, given, entry.key_span, entry.key_span, &path, items);
            }
            (Value::Broken, _) => {}
            (_, Some(short)) => {
                let at = At {
                    key: &entry.key,
                    key_span: entry.key_span,
                    value: entry.node.span,
                    path: path.field(short.name),
                };
                if let Some(declared) = self.field(short, &entry.node, &at) {
                    let mut fields = given;
                    fields.insert(short.name, declared);
                    self.add(fields, false, entry.key_span, &path, items);
                }
            }
            (_, None) if entry.node.is_null() => self.add(given, false, entry.key_span, &path, items),
            (_, None) => {
                let at = At { key: &entry.key, key_span: entry.key_span, value: entry.node.span, path };
                let message = format!("`{}` wants a mapping, not {}", entry.key, entry.node.words());
                let problem = Problem::new(&codes::SHAPE_002, self.file.origin(at.value_span()), message);
                self.report(
                    problem.help(format!("write the other fields of the item: `{}: {{…}}`", entry.key)),
                    &at,
                );
            }
        }
    }

    /// The fields of an item besides those that are given.
    fn rest(
        &mut self,
        mapping: &Mapping,
        given: Fields,
        place: Span,
        holder: Span,
        path: &FieldPath,
        items: &mut Items<'_>,
    ) {
        let before = self.problems.len();
        let name = format!("an item of `{}`", items.name);
        // Exact lists have no use for it, but it is understood and refused with the reason.
        let in_exact = items.mode == ListMode::Exact && mapping.get(ABSENT).is_none();
        let besides = if in_exact { None } else { Some(ABSENT) };
        let holder = Holder { name: &name, span: holder, besides, is_item: true };
        let fields = self.fields(mapping, items.shape.items, given, path, &holder);
        let (absent, misplaced) = self.absent(mapping, path, items);
        match (misplaced, self.pending.as_deref_mut(), item_key(items.shape, &fields)) {
            (Some(problem), Some(pending), Some(key)) => {
                pending.absent.push((items.path.item(key), problem));
            }
            (Some(problem), ..) => self.problems.push(problem),
            (None, ..) => {}
        }
        if self.is_clean_since(before) {
            self.add(fields, absent, place, path, items);
        }
    }

    /// Whether an item is removed, and what is wrong with that if nothing else declares the item.
    fn absent(&mut self, mapping: &Mapping, path: &FieldPath, items: &Items<'_>) -> (bool, Option<Problem>) {
        let Some(entry) = mapping.get(ABSENT) else { return (false, None) };
        let at = At { key: ABSENT, key_span: entry.key_span, value: entry.node.span, path: path.clone() };
        let Some(Meaning::Boolean(absent)) = entry.node.scalar().map(|scalar| scalar.meaning) else {
            let message = format!("`{ABSENT}` wants true or false, not {}", entry.node.words());
            let problem = Problem::new(&codes::SHAPE_002, self.file.origin(at.value_span()), message);
            self.report(problem.help("write `absent: true` to remove the item"), &at);
            return (false, None);
        };
        let is_idle = items.mode == ListMode::Exact && items.shape.spared.is_none();
        let misplaced = (absent && is_idle).then(|| {
            let message =
                format!("`{}` is an exact list: what it does not name is removed anyway", items.name);
            let problem = Problem::new(&codes::SHAPE_011, self.file.origin(entry.key_span), message);
            let help =
                format!("remove the item, or write `{}: {{merge: …}}` to keep undeclared items", items.name);
            problem.help(help).path(path).resource(self.resource)
        });
        let extra =
            mapping.entries.iter().find(|entry| &*entry.key != ABSENT && !is_key(items.shape, &entry.key));
        if let Some(extra) = extra.filter(|_| absent) {
            let message = format!(
                "an item that is removed has nothing but its key, so `{}` is out of place",
                extra.key
            );
            let problem = Problem::new(&codes::SHAPE_011, self.file.origin(extra.key_span), message);
            let removes = self.file.origin(entry.key_span);
            self.report(problem.related(removes, "removed here").help("keep one of the two"), &at);
        }
        (absent, misplaced)
    }

    /// Puts an item into its list, unless its key is taken.
    fn add(&mut self, fields: Fields, absent: bool, place: Span, path: &FieldPath, items: &mut Items<'_>) {
        let Some(key) = item_key(items.shape, &fields) else { return };
        let origin = self.file.origin(place);
        if let Some(first) = items.items.get(&key) {
            let code = codes::find(items.shape.duplicate).unwrap_or(&codes::SHAPE_010);
            let message = match &key {
                ItemKey::Natural(_) => format!("`{key}` stands twice in `{}`", items.name),
                ItemKey::Content(_) => format!("the same item stands twice in `{}`", items.name),
            };
            let problem = Problem::new(code, origin, message)
                .label("here again")
                .related(first.origin.clone(), "first here");
            self.problems.push(problem.help("remove one of the two").path(path).resource(self.resource));
            return;
        }
        items.items.insert(key, DeclaredItem { absent, fields, origin });
    }
}

/// `{exact: …}` and `{merge: …}` around a list.
fn unwrap(node: &Node) -> Option<(ListMode, &Node)> {
    let [entry] = node.mapping()?.entries.as_slice() else { return None };
    let mode = [ListMode::Exact, ListMode::Merge].into_iter().find(|mode| mode.name() == &*entry.key)?;
    let is_list =
        matches!(&*entry.node.value, Value::Sequence(_) | Value::Mapping(_)) || entry.node.is_null();
    is_list.then_some((mode, &entry.node))
}

/// Whether a mapping behind a key is the value of the short field (a value from outside), not the rest of the item.
fn is_short(mapping: &Mapping, shape: ListShape) -> bool {
    let is_field = |entry: &Entry| find(shape.items, &entry.key).is_some() || &*entry.key == ABSENT;
    is_outside(mapping) && !mapping.entries.iter().any(is_field)
}

fn is_key(shape: ListShape, name: &str) -> bool {
    match shape.key {
        ListKey::Natural(names) => names.contains(&name),
        ListKey::Content(content) => content == name,
    }
}

/// The key of an item with these fields.
fn item_key(shape: ListShape, fields: &Fields) -> Option<ItemKey> {
    match shape.key {
        ListKey::Natural(_) => natural_key(shape, fields),
        ListKey::Content(name) => Some(match &fields.get(name)?.value {
            DeclaredValue::Outside(outside) => match outside.expose() {
                Some(content) => ItemKey::of_content(content),
                None => ItemKey::Content(outside.reference.to_string()),
            },
            DeclaredValue::Scalar(content) => ItemKey::of_content(content.as_str()?),
            _ => return None,
        }),
    }
}

fn natural_key(shape: ListShape, fields: &Fields) -> Option<ItemKey> {
    let ListKey::Natural(names) = shape.key else { return None };
    let parts = names.iter().map(|name| match fields.get(name) {
        Some(declared) => Some(canonical(shape, name, declared.as_text()?)),
        None => left_out(shape, name),
    });
    parts.collect::<Option<Vec<_>>>().map(ItemKey::Natural)
}

/// The key of an item that is not read yet, for paths.
fn peek_key(shape: ListShape, mapping: &Mapping) -> Option<ItemKey> {
    let ListKey::Natural(names) = shape.key else { return None };
    let parts = names.iter().map(|name| match mapping.get(name) {
        Some(entry) => Some(canonical(shape, name, &entry.node.scalar()?.text)),
        None => left_out(shape, name),
    });
    parts.collect::<Option<Vec<_>>>().map(ItemKey::Natural)
}

/// The key part of a field that an item does without; nothing when it needs it.
fn left_out(shape: ListShape, name: &str) -> Option<String> {
    (find(shape.items, name)?.need != Need::Always).then(String::new)
}

/// Where the key of an item in the list spelling stands: the value of its last key field that there is.
fn key_place(shape: ListShape, mapping: &Mapping) -> Option<Span> {
    let names = match shape.key {
        ListKey::Natural(names) => names,
        ListKey::Content(name) => return Some(mapping.get(name)?.key_span),
    };
    names.iter().rev().find_map(|name| Some(mapping.get(name)?.node.span))
}

fn canonical(shape: ListShape, name: &str, text: &str) -> String {
    match find(shape.items, name).map(|field| field.shape) {
        Some(Shape::Text(Format::Mail | Format::Uuid)) => text.trim().to_lowercase(),
        _ => text.to_owned(),
    }
}

fn key_help(shape: ListShape) -> String {
    match shape.key {
        ListKey::Natural(names) => format!("write its fields: `{{{}: …}}`", names.join(": …, ")),
        ListKey::Content(name) => format!("write its fields: `{{{name}: …}}`"),
    }
}
