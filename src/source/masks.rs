//! What of a file must never be shown: literals in secret fields, and in keys that sound like secrets.
//!
//! Excerpts show lines of files, so this runs before the first diagnostic is built, also for documents that are
//! broken in other ways. It rather masks too much than too little: a mask costs a reader nothing but convenience.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::defaults::DEFAULTS;
use super::file::{SourceFile, Span};
use super::outside::{KEYS, is_outside};
use super::suggest;
use super::yaml::{Document, Entry, Mapping, Node, Value};
use crate::model::Kind;
use crate::model::field::{Field, Shape, find, walk};

/// The names of all sensitive fields.
static SENSITIVE: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let mut names = BTreeSet::new();
    for kind in Kind::ALL {
        walk(kind.fields(), &mut |_, field| {
            if field.sensitive {
                names.insert(field.name);
            }
        });
    }
    names
});

/// Finds what to mask in a file whose documents were read.
pub(super) fn find_masks(file: &SourceFile, documents: &[Document]) -> Vec<Span> {
    let mut masks = Masks { file, found: Vec::new(), doubtful: false };
    for document in documents {
        masks.doubtful = !document.whole;
        match &document.root {
            Some(root) => masks.below(root, Place::Document),
            None => masks.doubtful = true,
        }
        if masks.doubtful {
            in_text(file, document.span, &mut masks.found);
        }
    }
    masks.found
}

/// Finds what to mask in a file that is not even text to its end.
pub(super) fn find_text_masks(file: &SourceFile) -> Vec<Span> {
    let mut masks = Vec::new();
    in_text(file, Span::new(file.first_byte(), file.text().len()), &mut masks);
    masks
}

struct Masks<'f> {
    file: &'f SourceFile,
    found: Vec<Span>,
    /// Whether a secret may stand where the tree has none.
    doubtful: bool,
}

impl Masks<'_> {
    fn below(&mut self, node: &Node, place: Place) {
        match &*node.value {
            Value::Scalar(_) | Value::Broken => {}
            Value::Sequence(nodes) => {
                let place = match place {
                    Place::Items(fields) => Place::Item(fields),
                    Place::Document
                    | Place::Defaults
                    | Place::Fields(_)
                    | Place::Item(_)
                    | Place::Unknown => Place::Unknown,
                };
                nodes.iter().for_each(|node| self.below(node, place));
            }
            Value::Mapping(mapping) => {
                let is_secret = matches!(place, Place::Item(_)) && has_secret_name(mapping);
                for entry in &mapping.entries {
                    match next(place, &entry.key) {
                        Some(_) if is_secret && &*entry.key == VALUE => self.conceal(entry),
                        Some(place) => self.below(&entry.node, place),
                        None => self.conceal(entry),
                    }
                }
            }
        }
    }

    /// Masks all below a secret key, except what says where the secret comes from.
    fn conceal(&mut self, entry: &Entry) {
        let node = &entry.node;
        match &*node.value {
            // A password that starts with `#` is a comment.
            Value::Scalar(_) if node.is_null() => self.doubtful = true,
            Value::Mapping(mapping) if is_outside(mapping) => {
                for entry in &mapping.entries {
                    let is_known = KEYS.contains(&&*entry.key) && entry.node.scalar().is_some();
                    if !is_known {
                        self.found.push(entry.key_span.to(entry.node.text));
                    }
                }
            }
            Value::Mapping(mapping) if is_harmless(mapping) => {}
            _ => {
                self.found.push(self.with_comment(node.text));
                self.found.push(self.behind(entry.key_span, node.span));
            }
        }
    }

    /// All between a key and the end of its value: a password may start like an anchor.
    fn behind(&self, key: Span, value: Span) -> Span {
        let between = self.file.slice(Span::new(key.end, value.end));
        let colon = between.find(':').map_or(0, |at| at + 1);
        let rest = between.get(colon..).unwrap_or_default();
        Span::new(value.end.max(key.end) - rest.trim_start().len(), value.end)
    }

    /// A comment behind a secret may be a part of it: `pass #word`.
    fn with_comment(&self, span: Span) -> Span {
        let rest = self.file.text().get(span.end..).unwrap_or_default();
        let line = rest.split(['\n', '\r']).next().unwrap_or_default();
        if line.trim_start().starts_with('#') {
            return Span::new(span.start, span.end + line.trim_end().len());
        }
        span
    }
}

/// The field that holds what an item of a list is worth.
const VALUE: &str = "value";

/// Whether an item in the list spelling is called like a secret.
fn has_secret_name(item: &Mapping) -> bool {
    let name = item.get("name").or_else(|| item.get("key")).and_then(|entry| entry.node.scalar());
    name.is_some_and(|name| sounds_secret(&name.text))
}

/// Items and switches below a key that sounds like a secret.
fn is_harmless(mapping: &Mapping) -> bool {
    mapping.entries.iter().all(|entry| &*entry.key == "absent")
}

/// What is known of the keys at a place.
#[derive(Clone, Copy)]
enum Place {
    Document,
    /// The kinds below `defaults`.
    Defaults,
    Fields(&'static [Field]),
    /// The items of a list, in either spelling.
    Items(&'static [Field]),
    /// An item in the list spelling.
    Item(&'static [Field]),
    Unknown,
}

/// What is known of the keys below a key; nothing when all below it is secret.
fn next(place: Place, key: &str) -> Option<Place> {
    match place {
        Place::Document | Place::Defaults => match Kind::from_name(key) {
            Some(kind) => Some(Place::Fields(kind.fields())),
            None if matches!(place, Place::Document) && key == DEFAULTS => Some(Place::Defaults),
            None => by_sound(key),
        },
        Place::Fields(fields) | Place::Items(fields) | Place::Item(fields) => match find(fields, key) {
            Some(field) if field.sensitive => None,
            Some(field) => Some(match field.shape {
                Shape::Object(fields) => Place::Fields(fields),
                Shape::List(list) => Place::Items(list.items),
                Shape::Addresses | Shape::Text(_) | Shape::Integer(..) | Shape::Boolean => Place::Unknown,
            }),
            // In the mapping spelling a key of a list is the key of an item.
            None if matches!(place, Place::Items(_)) && !sounds_secret(key) => Some(place),
            None if meant(fields, key).is_some_and(|field| field.sensitive) => None,
            None => by_sound(key),
        },
        Place::Unknown => by_sound(key),
    }
}

/// The field that a misspelt key is taken for.
fn meant(fields: &'static [Field], key: &str) -> Option<&'static Field> {
    find(fields, suggest::nearest(key, fields.iter().map(|field| field.name))?)
}

/// How alike a misspelt key has to be to the name of a secret field.
const MISSPELT: f32 = 0.8;

fn by_sound(key: &str) -> Option<Place> {
    let is_field = SENSITIVE.contains(key)
        || (key.len() > 5 && suggest::alike(key, SENSITIVE.iter().copied(), MISSPELT).is_some());
    if is_field || sounds_secret(key) { None } else { Some(Place::Unknown) }
}

/// Whether a name sounds like that of a secret, however its words are parted.
pub(super) fn sounds_secret(key: &str) -> bool {
    const WORDS: &[&str] = &["passw", "passphrase", "secret", "token", "credential", "apikey", "privatekey"];
    // Too short to be looked for across the words of a name.
    const SHORT: &[&str] = &["pasw", "pwd"];
    let key = key.to_lowercase();
    let bare: String = key.chars().filter(|character| character.is_alphanumeric()).collect();
    SHORT.iter().any(|word| key.contains(word)) || WORDS.iter().any(|word| bare.contains(word))
}

/// Masks by the look of lines, where no tree could be made: everything behind a key that sounds like a secret, and
/// the lines below it that are deeper or have no key.
fn in_text(file: &SourceFile, span: Span, masks: &mut Vec<Span>) {
    let mut offset = span.start;
    // The indentation of a secret key whose value may go on below it.
    let mut above: Option<usize> = None;
    for line in file.slice(span).split_inclusive(['\n', '\r']) {
        let start = offset;
        offset += line.len();
        let content = line.trim();
        let indent = line.len() - line.trim_start().len();
        let end = start + line.trim_end().len();
        if content.is_empty() {
            continue;
        }
        let is_next_key = content.contains(": ") || content.ends_with(':') || content.starts_with("---");
        if above.is_some_and(|key| indent > key || !is_next_key) {
            masks.push(Span::new(start + indent, end));
            continue;
        }
        above = None;
        if let Some(value) = secret_value(line) {
            above = Some(indent);
            masks.push(Span::new(start + value, end.max(start + value)));
        }
    }
}

/// Where the value of the first secret key of a line starts.
fn secret_value(line: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(colon) = line.get(from..)?.find(':').map(|at| from + at) {
        from = colon + 1;
        let before = line.get(..colon)?.trim_end().trim_end_matches(['"', '\'']);
        let word = before.rsplit(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '-'))).next()?;
        let value = line.get(from..)?;
        if by_sound(word).is_none() && !looks_outside(value) {
            return Some(from + (value.len() - value.trim_start().len()));
        }
    }
    None
}

/// Whether the rest of a line says where a value comes from, and nothing else.
fn looks_outside(value: &str) -> bool {
    let inner = value.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    inner.is_some_and(|inner| {
        inner.split(',').all(|part| part.split_once(": ").is_some_and(|(key, _)| KEYS.contains(&key.trim())))
    })
}
