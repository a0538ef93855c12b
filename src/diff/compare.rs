//! The comparison: declared fields against a live manifest.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::change::{After, Change};
use super::normalise::canonical;
use crate::model::field::{
    Clear, Effect, Fallback, Field, Format, ListKey, ListMode, ListShape, Need, Owner, Shape, Spared, find,
};
use crate::model::{
    Declared, DeclaredItem, DeclaredList, DeclaredValue, FieldPath, Fields, ItemKey, Origin, Outside,
    Reference,
};

/// What the comparison is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The resource (or list item) does not exist: everything that is declared is sent.
    Create,
    /// It exists: only what can be compared is.
    Update,
}

/// What a comparison found.
#[derive(Debug, Clone, Default)]
pub struct Diff {
    /// Fields that differ, in the order of the field table.
    pub changes: Vec<Change>,
    /// What is still to be changed in items that only the platform adds, once it has added them.
    pub pending: Vec<Change>,
    /// Declared fields that could not be compared.
    pub uncompared: Vec<Uncompared>,
    /// What would be sent of those whose value is not known now.
    pub unset: Vec<Change>,
    /// Fields that the platform requires for what is new, and that the files do not give.
    pub missing: Vec<FieldPath>,
}

/// A declared field that could not be compared.
#[derive(Debug, Clone)]
pub struct Uncompared {
    /// Where in the manifest.
    pub path: FieldPath,
    /// Why not.
    pub why: Why,
    /// Where it is declared.
    pub origin: Origin,
}

/// Why a field could not be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The API never returns it.
    WriteOnly {
        /// Whether the files want it cleared.
        clears: bool,
    },
    /// The value stands elsewhere and is not known now.
    Unset(Reference),
    /// Only the platform adds such an item, it has not done so yet, and nothing is asked of it.
    NotLive,
    /// The API does not tell the value here.
    NotReported,
    /// An exact list does not name the item, and it stays: the platform puts such items there.
    Spared,
}

/// Compares declared fields with a live manifest; without one, everything that a create has to send differs.
/// `secrets_store` says whether the namespace uses the external secrets store, which decides what a create may
/// leave out.
pub fn diff(table: &'static [Field], declared: &Fields, live: Option<&Value>, secrets_store: bool) -> Diff {
    let mut comparison = Comparison {
        diff: Diff::default(),
        inherited: Inherited::default(),
        spared: BTreeSet::new(),
        secrets_store,
    };
    let purpose = if live.is_some() { Purpose::Update } else { Purpose::Create };
    comparison.fields(&FieldPath::root(), table, declared, live.unwrap_or(&Value::Null), purpose);
    comparison.diff
}

/// Properties that a field has because its list or object has them.
#[derive(Debug, Clone, Copy, Default)]
struct Inherited {
    immutable: bool,
}

struct Comparison {
    diff: Diff,
    inherited: Inherited,
    /// Live items of the list at hand that stay although they are not declared.
    spared: BTreeSet<ItemKey>,
    secrets_store: bool,
}

impl Comparison {
    fn fields(
        &mut self,
        path: &FieldPath,
        table: &'static [Field],
        declared: &Fields,
        live: &Value,
        purpose: Purpose,
    ) {
        for field in table {
            match declared.get(field.name) {
                Some(declared) if is_compared(field, purpose) => {
                    self.field(&path.field(field.name), field, declared, live, purpose);
                }
                Some(declared) if field.owner == Owner::WriteOnly => self.diff.uncompared.push(Uncompared {
                    path: path.field(field.name),
                    why: Why::WriteOnly { clears: matches!(declared.value, DeclaredValue::Clear) },
                    origin: declared.origin.clone(),
                }),
                None if purpose == Purpose::Create => self.fall_back(&path.field(field.name), field),
                Some(_) | None => {}
            }
        }
    }

    /// What a create sends for a field that the files leave out.
    fn fall_back(&mut self, path: &FieldPath, field: &'static Field) {
        let value = match field.need {
            Need::Create(Fallback::Value(literal)) => literal.to_json(),
            Need::Create(Fallback::NamespaceSecretsStore) => self.secrets_store.into(),
            Need::Create(Fallback::EmptyWithSecretsStore) if self.secrets_store => Value::Array(Vec::new()),
            Need::Optional | Need::Always | Need::Create(_) => {
                match field.shape {
                    Shape::Object(table) if field.is_declarable() => {
                        self.fields(path, table, &Fields::new(), &Value::Null, Purpose::Create);
                    }
                    _ if matches!(field.need, Need::Create(_)) => self.diff.missing.push(path.clone()),
                    _ => {}
                }
                return;
            }
        };
        self.push_with(path, None, After::Set(value), field.sensitive, field.effect, None);
    }

    fn field(
        &mut self,
        path: &FieldPath,
        field: &'static Field,
        declared: &Declared,
        holder: &Value,
        purpose: Purpose,
    ) {
        let live = holder.get(field.name);
        let outer = self.inherited;
        self.inherited.immutable |= field.owner == Owner::Immutable && purpose == Purpose::Update;
        if self.inherited.immutable && live.is_none_or(Value::is_null) {
            // The API leaves some of these out of its answers (NOTES 5); what it does not say cannot be wrong.
            self.inherited = outer;
            return;
        }
        match (&declared.value, field.shape) {
            (DeclaredValue::Object(fields), Shape::Object(table)) => {
                self.fields(path, table, fields, live.unwrap_or(&Value::Null), purpose);
            }
            (DeclaredValue::List(list), Shape::List(shape)) => {
                self.spared = spared(shape, holder, live);
                self.list(path, shape, list, live, &declared.origin, purpose);
            }
            (DeclaredValue::Scalar(value), _) => {
                if purpose == Purpose::Create || canonical(field, Some(value)) != canonical(field, live) {
                    self.push(
                        path,
                        field,
                        live,
                        After::Set(value.clone()),
                        field.sensitive,
                        &declared.origin,
                    );
                }
            }
            (DeclaredValue::Outside(outside), _) => {
                self.outside(path, field, outside, live, &declared.origin, purpose);
            }
            // Whatever is live, it is not what is still to be made.
            (DeclaredValue::Later(later), _) => {
                self.push(path, field, live, After::Later(later.clone()), field.sensitive, &declared.origin);
            }
            (DeclaredValue::Clear, _) => self.clear(path, field, live, &declared.origin, purpose),
            // The loader gives every field the type of its table; addresses are not sent.
            (DeclaredValue::Object(_) | DeclaredValue::List(_) | DeclaredValue::Addresses(_), _) => {}
        }
        self.inherited = outer;
    }

    fn outside(
        &mut self,
        path: &FieldPath,
        field: &'static Field,
        outside: &Outside,
        live: Option<&Value>,
        origin: &Origin,
        purpose: Purpose,
    ) {
        let is_known = purpose == Purpose::Create || outside.expose().is_some();
        let differs = match (purpose, outside.expose()) {
            (Purpose::Update, Some(text)) => canonical(field, Some(&text.into())) != canonical(field, live),
            (Purpose::Create, _) | (Purpose::Update, None) => true,
        };
        if differs {
            let sensitive = field.sensitive || outside.sensitive;
            self.push(path, field, live, After::Outside(outside.clone()), sensitive, origin);
        }
        if !is_known {
            self.diff.unset.extend(self.diff.changes.pop());
            let why = Why::Unset(outside.reference.clone());
            self.diff.uncompared.push(Uncompared { path: path.clone(), why, origin: origin.clone() });
        }
    }

    fn clear(
        &mut self,
        path: &FieldPath,
        field: &'static Field,
        live: Option<&Value>,
        origin: &Origin,
        purpose: Purpose,
    ) {
        if purpose == Purpose::Create {
            // There is nothing to clear yet.
            return self.fall_back(path, field);
        }
        let is_empty = match live {
            None | Some(Value::Null) => true,
            Some(Value::Array(items)) => items.is_empty(),
            Some(value) => canonical(field, Some(value)) == canonical(field, None),
        };
        if is_empty {
            return;
        }
        let after = match field.clear {
            Clear::Never => return,
            Clear::Text(text) => After::ClearTo(text.into()),
            Clear::EmptyList => After::ClearTo(Value::Array(Vec::new())),
            Clear::Omit => After::Omit,
        };
        let (effect, sensitive) = match field.shape {
            Shape::List(shape) => (strongest_effect(shape), may_hold_secrets(shape)),
            _ => (field.effect, field.sensitive),
        };
        self.push_with(path, live.cloned(), after, sensitive, effect, Some(origin));
    }

    fn list(
        &mut self,
        path: &FieldPath,
        shape: ListShape,
        list: &DeclaredList,
        live: Option<&Value>,
        origin: &Origin,
        purpose: Purpose,
    ) {
        if let Some((reference, origin)) = unset_key(shape, list)
            && purpose == Purpose::Update
        {
            self.diff.uncompared.push(Uncompared { path: path.clone(), why: Why::Unset(reference), origin });
            return;
        }
        if list.items.is_empty() && purpose == Purpose::Create {
            // The platform requires some lists on create, even empty ones.
            self.push_with(
                path,
                None,
                After::Set(Value::Array(Vec::new())),
                false,
                Effect::None,
                Some(origin),
            );
        }
        let none = Vec::new();
        let live = live.and_then(Value::as_array).unwrap_or(&none);
        for (key, item) in &list.items {
            let found = live.iter().find(|candidate| item_key(shape, candidate) == *key);
            self.item(path, key, shape, item, found, purpose);
        }
        if list.mode == ListMode::Exact && purpose == Purpose::Update {
            self.undeclared(path, shape, list, live, origin);
        }
    }

    fn item(
        &mut self,
        list: &FieldPath,
        key: &ItemKey,
        shape: ListShape,
        item: &DeclaredItem,
        live: Option<&Value>,
        purpose: Purpose,
    ) {
        let path = &list.item(key.clone());
        match (item.absent, live) {
            (_, None) if shape.standing => {
                let rest = without_key(shape, item);
                self.fields(path, shape.items, &rest, &Value::Null, Purpose::Update);
            }
            (true, None) => {}
            (true, Some(live)) => {
                let before = summary(shape, live);
                let (sensitive, effect) = (may_hold_secrets(shape), strongest_effect(shape));
                self.push_with(path, Some(before), After::Remove, sensitive, effect, Some(&item.origin));
            }
            (false, Some(live)) => self.fields(path, shape.items, &item.fields, live, purpose),
            (false, None) if shape.closed => self.pending_item(path, shape, item),
            (false, None) => self.new_item(path, key, shape, item, purpose),
        }
    }

    /// An item that only the platform adds: what the files ask of it can be done once it is there.
    fn pending_item(&mut self, path: &FieldPath, shape: ListShape, item: &DeclaredItem) {
        let before = self.diff.changes.len();
        self.fields(path, shape.items, &without_key(shape, item), &Value::Null, Purpose::Update);
        let pending = self.diff.changes.split_off(before);
        if pending.is_empty() {
            let origin = item.origin.clone();
            self.diff.uncompared.push(Uncompared { path: path.clone(), why: Why::NotLive, origin });
        }
        self.diff.pending.extend(pending);
    }

    /// A new item is sent whole. Its key stands in the path already, unless there is nothing else to show.
    fn new_item(
        &mut self,
        path: &FieldPath,
        key: &ItemKey,
        shape: ListShape,
        item: &DeclaredItem,
        purpose: Purpose,
    ) {
        let outer = self.inherited;
        let before = self.diff.changes.len();
        self.fields(path, shape.items, &without_key(shape, item), &Value::Null, Purpose::Create);
        if self.diff.changes.len() == before {
            let body = Value::Object(key_fields(shape, key));
            self.push_with(path, None, After::Set(body), false, strongest_effect(shape), Some(&item.origin));
        }
        // Immutability of a list holds for its new items too, on an existing resource.
        if outer.immutable && purpose == Purpose::Update {
            for change in self.diff.changes.iter_mut().skip(before) {
                change.immutable = true;
            }
        }
    }

    fn undeclared(
        &mut self,
        path: &FieldPath,
        shape: ListShape,
        list: &DeclaredList,
        live: &[Value],
        origin: &Origin,
    ) {
        let mut seen = BTreeSet::new();
        let mut gone: Vec<_> = live.iter().map(|item| (item_key(shape, item), item)).collect();
        gone.retain(|(key, _)| !list.items.contains_key(key) && seen.insert(key.clone()));
        gone.sort_by(|one, other| one.0.cmp(&other.0));
        for (key, item) in gone {
            if self.spared.contains(&key) {
                let (path, origin) = (path.item(key), origin.clone());
                self.diff.uncompared.push(Uncompared { path, why: Why::Spared, origin });
                continue;
            }
            if shape.standing {
                self.back_to_defaults(&path.item(key), shape, item, origin);
                continue;
            }
            let (before, sensitive) = (summary(shape, item), may_hold_secrets(shape));
            let effect = strongest_effect(shape);
            self.push_with(&path.item(key), Some(before), After::Remove, sensitive, effect, Some(origin));
        }
    }

    /// An item that cannot go loses what makes it differ from one that nobody touched.
    fn back_to_defaults(&mut self, path: &FieldPath, shape: ListShape, item: &Value, origin: &Origin) {
        for field in
            shape.items.iter().filter(|field| field.owner == Owner::Managed && !is_key(shape, field.name))
        {
            let (live, default) = (item.get(field.name), canonical(field, None));
            if canonical(field, live) != default {
                self.push(&path.field(field.name), field, live, After::Set(default), field.sensitive, origin);
            }
        }
    }

    fn push(
        &mut self,
        path: &FieldPath,
        field: &'static Field,
        live: Option<&Value>,
        after: After,
        sensitive: bool,
        origin: &Origin,
    ) {
        let before = live.filter(|value| !value.is_null()).cloned();
        self.push_with(path, before, after, sensitive || field.sensitive, field.effect, Some(origin));
    }

    fn push_with(
        &mut self,
        path: &FieldPath,
        before: Option<Value>,
        after: After,
        sensitive: bool,
        effect: Effect,
        origin: Option<&Origin>,
    ) {
        let immutable = self.inherited.immutable;
        let (path, origin) = (path.clone(), origin.cloned());
        self.diff.changes.push(Change {
            path,
            before,
            after,
            sensitive,
            effect,
            immutable,
            origin,
            class: None,
        });
    }
}

/// The fields of an item that its key does not tell already.
fn without_key(shape: ListShape, item: &DeclaredItem) -> Fields {
    let rest = item.fields.iter().filter(|(name, _)| !is_key(shape, name));
    rest.map(|(name, declared)| (*name, declared.clone())).collect()
}

/// Whether a declared field takes part: what the API never returns or takes only once is sent on create alone.
fn is_compared(field: &Field, purpose: Purpose) -> bool {
    match field.owner {
        Owner::Managed | Owner::Immutable => true,
        Owner::Identity | Owner::CreateOnly | Owner::WriteOnly | Owner::Command => purpose == Purpose::Create,
        Owner::ServerOwned { .. } | Owner::Reference | Owner::Shorthand => false,
    }
}

/// The item that is known by its content, but whose content is not known now.
fn unset_key(shape: ListShape, list: &DeclaredList) -> Option<(Reference, Origin)> {
    let ListKey::Content(name) = shape.key else { return None };
    list.items.values().find_map(|item| {
        let declared = item.fields.get(name)?;
        match &declared.value {
            DeclaredValue::Outside(outside) if outside.expose().is_none() => {
                Some((outside.reference.clone(), declared.origin.clone()))
            }
            _ => None,
        }
    })
}

/// The key of a live item, in the spelling of declared keys. An item without its key fields is known by its content.
pub fn item_key(shape: ListShape, item: &Value) -> ItemKey {
    let parts = match shape.key {
        ListKey::Content(name) => {
            return ItemKey::of_content(item.get(name).and_then(Value::as_str).unwrap_or_default());
        }
        ListKey::Natural(names) => names
            .iter()
            .map(|name| {
                let field = find(shape.items, name)?;
                let value = item.get(name).filter(|value| !value.is_null())?;
                canonical(field, Some(value)).as_str().map(str::to_owned)
            })
            .collect::<Option<Vec<_>>>(),
    };
    parts.map_or_else(|| ItemKey::of_content(&item.to_string()), ItemKey::Natural)
}

/// The key fields of an item with this key.
pub(super) fn key_fields(shape: ListShape, key: &ItemKey) -> Map<String, Value> {
    let mut fields = Map::new();
    if let (ListKey::Natural(names), ItemKey::Natural(parts)) = (shape.key, key) {
        for (name, part) in names.iter().zip(parts) {
            fields.insert((*name).to_owned(), part.as_str().into());
        }
    }
    fields
}

/// The live items that an exact list keeps. Texts are compared without regard to case: some are mail addresses.
fn spared(shape: ListShape, holder: &Value, live: Option<&Value>) -> BTreeSet<ItemKey> {
    let Some(spared) = shape.spared else { return BTreeSet::new() };
    let text = |value: Option<&Value>| Some(value?.as_str()?.trim().to_lowercase());
    let beside = match spared {
        Spared::NamedBeside(name) => text(holder.get(name)).filter(|named| !named.is_empty()),
        Spared::With(..) => None,
    };
    let stays = |item: &&Value| match spared {
        Spared::With(field, value) => text(item.get(field)) == Some(value.to_lowercase()),
        Spared::NamedBeside(_) => {
            let texts = item.as_object().into_iter().flat_map(Map::values);
            beside.is_some() && texts.into_iter().any(|value| text(Some(value)) == beside)
        }
    };
    let items = live.and_then(Value::as_array).into_iter().flatten();
    items.filter(stays).map(|item| item_key(shape, item)).collect()
}

fn is_key(shape: ListShape, name: &str) -> bool {
    matches!(shape.key, ListKey::Natural(names) if names.contains(&name))
}

/// What to show of a live item that goes: the value behind its key, or all that may be shown.
fn summary(shape: ListShape, item: &Value) -> Value {
    if let Some(value) = shape.short.and_then(|name| item.get(name)) {
        return value.clone();
    }
    let shown = shape
        .items
        .iter()
        .filter(|field| !field.sensitive && field.is_declarable())
        .filter_map(|field| Some((field.name.to_owned(), item.get(field.name)?.clone())));
    Value::Object(shown.collect())
}

/// Whether the live items of a list may hold secrets: where a free text that nobody declares any more once came
/// from, nobody knows. Such a text is not shown when its item goes.
fn may_hold_secrets(shape: ListShape) -> bool {
    shape.items.iter().any(|field| field.sensitive)
        || shape.short.and_then(|name| find(shape.items, name)).is_some_and(|field| {
            matches!(field.shape, Shape::Text(Format::Plain)) && field.effect != Effect::None
        })
}

fn strongest_effect(shape: ListShape) -> Effect {
    shape.items.iter().map(|field| field.effect).max().unwrap_or(Effect::None)
}
