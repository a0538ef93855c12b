//! Globs over addresses.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::Address;

/// How many characters a glob may have. Addresses are shorter, and what a glob becomes is much larger than the glob.
const LONGEST: usize = 1_000;

/// A glob over addresses: `*` stays within a segment, `**` crosses.
#[derive(Debug, Clone)]
pub struct AddressGlob {
    text: String,
    /// Linear in the address, whatever the glob.
    matcher: GlobSet,
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
    /// When its brackets do not close, or it is too long or too intricate.
    pub fn new(text: &str) -> Result<AddressGlob, GlobError> {
        if text.len() > LONGEST {
            let glob = text.chars().take(40).chain(['…']).collect();
            return Err(GlobError { glob, reason: format!("it has more than {LONGEST} characters") });
        }
        // A set of one, because a single matcher panics where its regular expression becomes too large.
        let set = GlobBuilder::new(text)
            .literal_separator(true)
            .build()
            .and_then(|glob| GlobSetBuilder::new().add(glob).build());
        set.map(|matcher| AddressGlob { text: text.to_owned(), matcher })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_is_bounded() {
        let address: Address = format!("environment/{}/b", "a".repeat(200)).parse().unwrap();
        for glob in ["{a,b,c,*}*", "*", "[!x]", "**/", "{a*,b*}"] {
            let long = glob.repeat(900 / glob.len());
            // None of them takes exponential time, or panics, which is what this test is about.
            let _ = AddressGlob::new(&long).map(|glob| glob.matches(&address));
            assert!(AddressGlob::new(&glob.repeat(100_000)).is_err());
        }
        let nested = format!("{}a{}", "{a,".repeat(300), "}".repeat(300));
        let _ = AddressGlob::new(&nested).map(|glob| glob.matches(&address));
    }
}
