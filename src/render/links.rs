//! Links to the files of the estate, where it is known where they can be read.

use super::view::Place;

/// Where the files of the estate can be read, if that is known.
#[derive(Clone, Copy)]
pub(super) struct Links<'s>(pub(super) Option<&'s str>);

impl Links<'_> {
    /// The address of a place.
    pub(super) fn url(self, place: &Place) -> Option<String> {
        Some(format!("{}{}#L{}", self.0?, encode(place.file.exact()), place.line))
    }
}

/// The name of a file in an address: nothing in it may end the address.
pub(super) fn encode(file: &str) -> String {
    let mut out = String::with_capacity(file.len());
    for byte in file.bytes().take(400) {
        let is_safe = byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        out.push_str(&if is_safe { char::from(byte).to_string() } else { format!("%{byte:02X}") });
    }
    out
}
