//! The marks by which packages are known again without a state file.
//!
//! The platform gives the ids of packages, so an id cannot stand in a file before the package exists. What the client
//! does choose is the description of a build and the file name of an upload, and the platform returns both. So mxkeep
//! writes a mark there: the name of the declaration, and a hash of what the package is made from.
//!
//! ```text
//! build    description   Fixed issue 7733 [mxkeep order-desk-1.4.2 0b7aa956f92638fd]
//! upload   file name     order-desk-1.4.2-0b7aa956f92638fd.mda
//! ```

use std::fmt;

use sha2::{Digest, Sha256};
/// How many hexadecimal digits of a hash stand in a mark: 64 bits tell the packages of one name apart.
const DIGITS: usize = 16;

/// How a mark in a description begins.
const OPENING: &str = "[mxkeep ";

/// The longest name of a package, so that a file name stays short of what file systems take.
pub(crate) const LONGEST_NAME: usize = 100;

/// What tells a package from the other packages of its app.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// Its id, which the files give. A UUID by one contract, any text by another; lower-cased.
    Id(String),
    /// The mark of a build, in the description.
    Build {
        /// The name of the declaration.
        name: String,
        /// Of branch, revision and version.
        hash: String,
    },
    /// The mark of an upload, in the file name.
    Upload {
        /// The name of the declaration.
        name: String,
        /// Of the content.
        hash: String,
    },
}

impl Mark {
    /// The mark that an id is.
    pub fn id(text: &str) -> Mark {
        Mark::Id(text.trim().to_lowercase())
    }

    /// The mark of a build.
    pub fn build(name: &str, branch: &str, revision: &str, version: Option<&str>) -> Mark {
        // JSON keeps the parts apart whatever they hold.
        let parts = serde_json::json!([branch, revision, version]);
        let hash = hex(&Sha256::digest(parts.to_string().as_bytes()));
        Mark::Build { name: name.to_owned(), hash: shortened(&hash) }
    }

    /// The mark of an upload, from the SHA-256 of its content in hexadecimal digits.
    pub fn upload(name: &str, sha256: &str) -> Mark {
        Mark::Upload { name: name.to_owned(), hash: shortened(&sha256.to_lowercase()) }
    }

    /// The marks that a live package has.
    pub fn of(description: Option<&str>, file_name: Option<&str>) -> Vec<Mark> {
        let build = description.and_then(in_description);
        build.into_iter().chain(file_name.and_then(in_file_name)).collect()
    }

    /// The name of the declaration; nothing for a package that is known by its id.
    pub fn name(&self) -> Option<&str> {
        match self {
            Mark::Id(_) => None,
            Mark::Build { name, .. } | Mark::Upload { name, .. } => Some(name),
        }
    }

    /// The description of a build that has this mark.
    pub fn description(&self, text: Option<&str>) -> String {
        let text = text.map(str::trim_end).filter(|text| !text.is_empty());
        match (self, text) {
            (Mark::Build { name, hash }, Some(text)) => format!("{text} {OPENING}{name} {hash}]"),
            (Mark::Build { name, hash }, None) => format!("{OPENING}{name} {hash}]"),
            (Mark::Id(_) | Mark::Upload { .. }, text) => text.unwrap_or_default().to_owned(),
        }
    }

    /// The file name of an upload that has this mark.
    pub fn file_name(&self) -> String {
        match self {
            Mark::Id(id) => format!("{id}.mda"),
            Mark::Build { name, hash } | Mark::Upload { name, hash } => format!("{name}-{hash}.mda"),
        }
    }

    /// Whether a text can be the name of a package: what file names and marks can hold.
    pub fn is_name(text: &str) -> bool {
        let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
        text.len() <= LONGEST_NAME
            && text.starts_with(|first: char| first.is_ascii_alphanumeric())
            && text.bytes().all(is_inner)
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mark::Id(id) => write!(f, "{id}"),
            Mark::Build { name, hash } => write!(f, "build:{name}:{hash}"),
            Mark::Upload { name, hash } => write!(f, "upload:{name}:{hash}"),
        }
    }
}

/// The mark at the end of a description.
fn in_description(text: &str) -> Option<Mark> {
    let inner = text.trim_end().strip_suffix(']')?;
    let (_, mark) = inner.rsplit_once(OPENING)?;
    let (name, hash) = mark.rsplit_once(' ')?;
    is_mark(name, hash).then(|| Mark::Build { name: name.to_owned(), hash: hash.to_owned() })
}

/// The mark that is a file name. The platform adds `.mda` where it is missing.
fn in_file_name(text: &str) -> Option<Mark> {
    let stem = text.trim();
    let (name, hash) = stem.strip_suffix(".mda").unwrap_or(stem).rsplit_once('-')?;
    is_mark(name, hash).then(|| Mark::Upload { name: name.to_owned(), hash: hash.to_owned() })
}

fn is_mark(name: &str, hash: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    Mark::is_name(name) && hash.len() == DIGITS && hash.bytes().all(is_digit)
}

fn shortened(hash: &str) -> String {
    hash.chars().take(DIGITS).collect()
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marks_are_what_the_documentation_shows() {
        let build = Mark::build("order-desk-1.4.2", "main", "93de884c", Some("1.4.2"));
        assert_eq!(
            build.description(Some("Fixed issue 7733")),
            "Fixed issue 7733 [mxkeep order-desk-1.4.2 0b7aa956f92638fd]"
        );
        assert_eq!(build.description(None), "[mxkeep order-desk-1.4.2 0b7aa956f92638fd]");
        let upload = Mark::upload("desk", &"0123456789abcdef".repeat(4));
        assert_eq!(upload.file_name(), "desk-0123456789abcdef.mda");
    }

    #[test]
    fn what_is_no_mark_is_none() {
        for text in [
            "",
            "]",
            "[mxkeep ]",
            "[mxkeep a b]",
            "[mxkeep a 0123456789ABCDEF]",
            "[mxkeep a 0123456789abcdef] more",
            "mxkeep a 0123456789abcdef]",
        ] {
            assert_eq!(Mark::of(Some(text), None), [], "{text}");
        }
        for text in
            ["", ".mda", "a.mda", "MainLine-1.0.0.1.mda", "-0123456789abcdef.mda", "a-0123456789abcde.mda"]
        {
            assert_eq!(Mark::of(None, Some(text)), [], "{text}");
        }
    }

    #[test]
    fn every_part_of_a_build_counts() {
        let marks = [
            Mark::build("a", "main", "1", None),
            Mark::build("a", "main", "1", Some("1.0.0")),
            Mark::build("a", "main", "2", None),
            Mark::build("a", "mai", "n1", None),
            Mark::build("b", "main", "1", None),
        ];
        for (at, mark) in marks.iter().enumerate() {
            assert_eq!(marks.iter().position(|other| other == mark), Some(at));
        }
    }

    proptest! {
        #[test]
        fn a_mark_is_found_behind_any_text(
            name in "[A-Za-z0-9][A-Za-z0-9._+-]{0,30}",
            text in proptest::option::of(any::<String>()),
            branch in any::<String>(),
            revision in any::<String>(),
            version in proptest::option::of("[0-9]\\.[0-9]\\.[0-9]"),
        ) {
            let mark = Mark::build(&name, &branch, &revision, version.as_deref());
            prop_assert_eq!(Mark::of(Some(&mark.description(text.as_deref())), None), [mark]);
        }

        #[test]
        fn an_upload_is_found_by_its_file_name(name in "[A-Za-z0-9][A-Za-z0-9._+-]{0,30}", hash in "[0-9a-f]{64}") {
            let mark = Mark::upload(&name, &hash);
            prop_assert!(Mark::is_name(&name));
            let whole = mark.file_name();
            prop_assert_eq!(Mark::of(None, Some(&whole)), std::slice::from_ref(&mark));
            prop_assert_eq!(Mark::of(None, Some(whole.trim_end_matches(".mda"))), [mark]);
        }

        #[test]
        fn no_text_makes_it_panic(description in any::<String>(), file in any::<String>()) {
            Mark::of(Some(&description), Some(&file));
        }
    }
}
