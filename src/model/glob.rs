//! Globs over addresses.

use globset::{GlobBuilder, GlobMatcher};

use super::Address;

/// A glob over addresses: `*` stays within a segment, `**` crosses.
#[derive(Debug, Clone)]
pub struct AddressGlob {
    text: String,
    matcher: GlobMatcher,
}

/// A text that is no glob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{glob}` is not a glob over addresses: {reason}")]
pub struct GlobError {
    /// The text.
    pub glob: String,
    /// Why not.
    pub reason: String,
}

impl AddressGlob {
    /// Reads a glob.
    ///
    /// # Errors
    ///
    /// When its brackets do not close, or the like.
    pub fn new(text: &str) -> Result<AddressGlob, GlobError> {
        GlobBuilder::new(text)
            .literal_separator(true)
            .build()
            .map(|glob| AddressGlob { text: text.to_owned(), matcher: glob.compile_matcher() })
            .map_err(|error| GlobError { glob: text.to_owned(), reason: error.kind().to_string() })
    }

    /// Whether an address matches, with or without what stands behind `@`: that a twin exists somewhere must not
    /// take a resource out of a guard.
    pub fn matches(&self, address: &Address) -> bool {
        [address, &address.without_place()].iter().any(|address| self.matcher.is_match(address.to_string()))
    }

    /// The glob as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}
