//! Field paths: where in a manifest a value stands.

use std::fmt;

use sha2::{Digest, Sha256};

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
    use super::*;

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
}
