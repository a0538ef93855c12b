//! What the files say: values with the place that says so.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::field::ListMode;
use super::path::{FieldPath, ItemKey, Step};
use super::{Address, Identity, Origin};

/// A declared value and where it was declared.
#[derive(Debug, Clone)]
pub struct Declared {
    /// What was declared.
    pub value: DeclaredValue,
    /// Where.
    pub origin: Origin,
}

/// A declared value, already of the type that its field takes.
#[derive(Debug, Clone)]
pub enum DeclaredValue {
    /// An explicit `null`: the field is to be cleared.
    Clear,
    /// A text, number or boolean.
    Scalar(Value),
    /// A value that stands elsewhere, usually a secret.
    Outside(Outside),
    /// What the platform gives to another resource when it is made.
    Later(Later),
    /// Fields of an object.
    Object(Fields),
    /// Items of a list.
    List(DeclaredList),
    /// Addresses of other resources, in the order of the file.
    Addresses(Vec<Declared>),
}

/// Declared fields by name. A field that is not here is unmanaged.
pub type Fields = BTreeMap<&'static str, Declared>;

/// A declared list; its items are ordered by key, since the order in the file means nothing.
#[derive(Debug, Clone)]
pub struct DeclaredList {
    /// Whether undeclared items stay.
    pub mode: ListMode,
    /// The declared items.
    pub items: BTreeMap<ItemKey, DeclaredItem>,
}

/// One declared item of a list.
#[derive(Debug, Clone)]
pub struct DeclaredItem {
    /// `absent: true`: the item is to be removed.
    pub absent: bool,
    /// Its fields, key fields included.
    pub fields: Fields,
    /// Where it was declared: its key.
    pub origin: Origin,
}

/// A value that only the platform can tell, once another resource is there: the id of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Later {
    /// The resource that it comes from.
    pub address: Address,
    /// Who that is.
    pub identity: Identity,
}

/// A value that does not stand in the manifest itself.
#[derive(Clone)]
pub struct Outside {
    /// Where it comes from.
    pub reference: Reference,
    /// A marker that users change to have a write-only value sent again.
    pub version: Option<String>,
    /// Whether it is in base64 where it stands (`encoding: base64`).
    pub encoded: bool,
    /// Whether it must never be shown. True unless the file says `sensitive: false`.
    pub sensitive: bool,
    /// The value as the API wants it (base64 where it wants base64); nothing while the variable is not set.
    pub value: Option<SecretString>,
}

/// Where a value from outside comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// An environment variable.
    Env(String),
    /// A file of the estate.
    File(String),
    /// The manifest itself: a literal in a secret field, which `allowLiteralSecrets` permits.
    Literal,
}

impl Outside {
    /// The value, if it is known. The only way out; callers compare it, put it into a request body, or take it out
    /// of messages.
    pub fn expose(&self) -> Option<&str> {
        self.value.as_ref().map(ExposeSecret::expose_secret)
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outside { reference, version, encoded, sensitive, value } = self;
        f.debug_struct("Outside")
            .field("reference", reference)
            .field("version", version)
            .field("encoded", encoded)
            .field("sensitive", sensitive)
            .field("is_set", &value.is_some())
            .finish()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Env(name) => write!(f, "fromEnv: {name}"),
            Reference::File(path) => write!(f, "fromFile: {path}"),
            Reference::Literal => f.write_str("literal"),
        }
    }
}

impl Declared {
    /// The declared text, when it is a plain text.
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            DeclaredValue::Scalar(value) => value.as_str(),
            _ => None,
        }
    }

    /// The declared fields, when it is an object.
    pub fn as_object(&self) -> Option<&Fields> {
        match &self.value {
            DeclaredValue::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// The declared items, when it is a list.
    pub fn as_list(&self) -> Option<&DeclaredList> {
        match &self.value {
            DeclaredValue::List(list) => Some(list),
            _ => None,
        }
    }
}

/// The secret values among declared fields and below them.
pub(super) fn secrets(fields: &Fields) -> Vec<&str> {
    fields
        .values()
        .flat_map(|declared| match &declared.value {
            DeclaredValue::Outside(outside) => {
                outside.expose().filter(|_| outside.sensitive).into_iter().collect()
            }
            DeclaredValue::Object(fields) => secrets(fields),
            DeclaredValue::List(list) => list.items.values().flat_map(|item| secrets(&item.fields)).collect(),
            DeclaredValue::Clear
            | DeclaredValue::Scalar(_)
            | DeclaredValue::Later(_)
            | DeclaredValue::Addresses(_) => Vec::new(),
        })
        .collect()
}

/// Finds a declared value by the names of the fields on the way to it.
pub fn dig<'d>(fields: &'d Fields, path: &[&str]) -> Option<&'d Declared> {
    let (first, rest) = path.split_first()?;
    let declared = fields.get(*first)?;
    if rest.is_empty() { Some(declared) } else { dig(declared.as_object()?, rest) }
}

/// Finds the declared value at a path.
pub fn declared_at<'d>(fields: &'d Fields, path: &FieldPath) -> Option<&'d Declared> {
    let mut fields = fields;
    let mut found = None;
    for step in &path.0 {
        match step {
            Step::Field(name) => {
                let declared: &Declared = fields.get(name)?;
                fields = declared.as_object().unwrap_or(&NO_FIELDS);
                found = Some(declared);
            }
            Step::Item(key) => fields = &found?.as_list()?.items.get(key)?.fields,
        }
    }
    found
}

static NO_FIELDS: Fields = Fields::new();

/// Puts the values that are known by now in the place of those that are still to come.
pub(super) fn settle(fields: &mut Fields, known: &impl Fn(&Identity) -> Option<String>) {
    for declared in fields.values_mut() {
        match &mut declared.value {
            DeclaredValue::Later(later) => {
                if let Some(value) = known(&later.identity) {
                    declared.value = DeclaredValue::Scalar(value.into());
                }
            }
            DeclaredValue::Object(fields) => settle(fields, known),
            DeclaredValue::List(list) => {
                list.items.values_mut().for_each(|item| settle(&mut item.fields, known));
            }
            DeclaredValue::Clear
            | DeclaredValue::Scalar(_)
            | DeclaredValue::Outside(_)
            | DeclaredValue::Addresses(_) => {}
        }
    }
}
