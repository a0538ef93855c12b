//! Field paths: where in a manifest a value stands.

use std::fmt;

use sha2::{Digest, Sha256};

use super::field::{Field, Shape, find};

/// What tells one item of a list from the others: the values of its key fields, in the order of the table, in
/// canonical spelling (mails lower-cased). An item without a natural key is known by a short hash of its content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemKey {
    /// The values of the key fields.
    Natural(Vec<String>),
    /// A short hash, or a reference to where the content comes from.
    Content(String),
}

impl ItemKey {
    /// The key of an item that has no name: a short hash of its content, blanks left out.
    pub fn of_content(content: &str) -> ItemKey {
        let mut hash = Sha256::new();
        for part in content.split_ascii_whitespace() {
            hash.update(part);
        }
        let digest = hash.finalize();
        ItemKey::Content(digest.iter().take(3).fold(String::new(), |text, byte| format!("{text}{byte:02x}")))
    }
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Into a field of an object.
    Field(&'static str),
    /// Into an item of a list.
    Item(ItemKey),
}

/// Where a value stands in a manifest: `deployment.constants[Erp.BaseUrl].value`.
///
/// Several key parts are joined by a comma, a key part that holds `]`, `,` or `"` is written as a JSON string, an
/// item without a key as `[#hash]` (DESIGN 8).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath(pub Vec<Step>);

impl FieldPath {
    /// The path of the manifest itself.
    pub const fn root() -> FieldPath {
        FieldPath(Vec::new())
    }

    /// This path and one field further.
    #[must_use]
    pub fn field(&self, name: &'static str) -> FieldPath {
        self.with(Step::Field(name))
    }

    /// This path and one item further.
    #[must_use]
    pub fn item(&self, key: ItemKey) -> FieldPath {
        self.with(Step::Item(key))
    }

    fn with(&self, step: Step) -> FieldPath {
        let mut steps = self.0.clone();
        steps.push(step);
        FieldPath(steps)
    }

    /// Reads a path as it is spelt, of a manifest with this table; nothing where the table knows no such path.
    pub fn parse(table: &'static [Field], spelling: &str) -> Option<FieldPath> {
        let (mut steps, mut rest) = (Vec::new(), spelling);
        let mut inside = Inside::Object(table);
        while !rest.is_empty() {
            rest = match (inside, rest.strip_prefix('[')) {
                (Inside::List(items), Some(item)) => {
                    let (key, behind) = read_key(item)?;
                    steps.push(Step::Item(key));
                    inside = Inside::Object(items);
                    behind
                }
                (Inside::Object(table), None) => {
                    let begun = if steps.is_empty() { rest } else { rest.strip_prefix('.')? };
                    let (name, behind) = begun.split_at(begun.find(['.', '[']).unwrap_or(begun.len()));
                    let field = find(table, name)?;
                    steps.push(Step::Field(field.name));
                    inside = match field.shape {
                        Shape::Object(fields) => Inside::Object(fields),
                        Shape::List(list) => Inside::List(list.items),
                        Shape::Addresses | Shape::Text(_) | Shape::Integer(..) | Shape::Boolean => {
                            Inside::Value
                        }
                    };
                    behind
                }
                _ => return None,
            };
        }
        Some(FieldPath(steps))
    }

    /// The name of the last field step.
    pub fn last_field(&self) -> Option<&'static str> {
        self.0.iter().rev().find_map(|step| match step {
            Step::Field(name) => Some(*name),
            Step::Item(_) => None,
        })
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Field(name) if index == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Item(key) => write!(f, "[{key}]")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ItemKey::Content(hash) => write!(f, "#{hash}"),
            ItemKey::Natural(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    if index > 0 {
                        f.write_str(",")?;
                    }
                    write_part(f, part)?;
                }
                Ok(())
            }
        }
    }
}

/// What a path has come into.
#[derive(Clone, Copy)]
enum Inside {
    Object(&'static [Field]),
    List(&'static [Field]),
    Value,
}

/// Reads the key of an item, and says what stands behind its bracket.
fn read_key(text: &str) -> Option<(ItemKey, &str)> {
    if let Some(content) = text.strip_prefix('#') {
        // It may hold brackets itself, in the name of a file; no list with such keys holds another list.
        let (content, behind) = content.rsplit_once(']')?;
        return Some((ItemKey::Content(content.to_owned()), behind));
    }
    let (mut parts, mut rest) = (Vec::new(), text);
    loop {
        let (part, behind) = if rest.starts_with('"') {
            let mut quoted = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            let part = quoted.next()?.ok()?;
            (part, rest.get(quoted.byte_offset()..)?)
        } else {
            let (part, behind) = rest.split_at(rest.find([',', ']'])?);
            (part.to_owned(), behind)
        };
        parts.push(part);
        match behind.strip_prefix(',') {
            Some(next) => rest = next,
            None => return Some((ItemKey::Natural(parts), behind.strip_prefix(']')?)),
        }
    }
}

/// Whether a written path is that of a field, or lies below it.
pub fn lies_in(path: &str, field: &str) -> bool {
    path.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn write_part(f: &mut fmt::Formatter<'_>, part: &str) -> fmt::Result {
    let plain = !part.is_empty()
        && !part.starts_with('#')
        && !part.contains([']', ',', '"'])
        && !part.contains(char::is_control);
    if plain {
        return f.write_str(part);
    }
    write!(f, "{}", serde_json::Value::from(part))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Kind;

    fn natural(parts: &[&str]) -> ItemKey {
        ItemKey::Natural(parts.iter().map(|part| (*part).to_owned()).collect())
    }

    #[test]
    fn paths_are_spelt_as_the_contract_says() {
        let constants = FieldPath::root().field("deployment").field("constants");
        assert_eq!(
            constants.item(natural(&["Erp.BaseUrl"])).field("value").to_string(),
            "deployment.constants[Erp.BaseUrl].value"
        );
        let annotations = FieldPath::root().field("annotations");
        assert_eq!(
            annotations.item(natural(&["Pod", "prometheus.io/port"])).field("value").to_string(),
            "annotations[Pod,prometheus.io/port].value"
        );
        assert_eq!(annotations.item(natural(&["a]b,c"])).to_string(), r#"annotations["a]b,c"]"#);
        assert_eq!(annotations.item(ItemKey::Content("3fa9c1".into())).to_string(), "annotations[#3fa9c1]");
    }

    /// Paths of environments, with any keys.
    fn paths() -> impl Strategy<Value = FieldPath> {
        let key = prop_oneof![any::<String>(), "[a-z.,#\"\\]\\[]{0,6}"];
        let keys = prop::collection::vec(key, 1..3);
        (keys, any::<String>(), 0..5_usize).prop_map(|(keys, content, which)| {
            let root = FieldPath::root();
            let constants = root.field("deployment").field("constants");
            let certificates = root.field("network").field("outgoingConnectionCertificate");
            match which {
                0 => root.field("container").field("instances"),
                1 => constants.item(ItemKey::Natural(keys)).field("value"),
                2 => root.field("annotations").item(ItemKey::Natural(keys)),
                3 => certificates.item(ItemKey::Content(content)).field("key"),
                _ => constants,
            }
        })
    }

    proptest! {
        #[test]
        fn a_path_is_read_as_it_is_spelt(path in paths()) {
            let table = Kind::Environment.fields();
            prop_assert_eq!(FieldPath::parse(table, &path.to_string()), Some(path));
        }

        #[test]
        fn no_text_is_too_strange(text in prop_oneof![any::<String>(), "[a-z.,#\"\\]\\[]{0,9}", "deployment.constants[\\PC]{0,9}"]) {
            if let Some(path) = FieldPath::parse(Kind::Environment.fields(), &text) {
                prop_assert_eq!(FieldPath::parse(Kind::Environment.fields(), &path.to_string()), Some(path));
            }
        }
    }
}
