//! Where in the files something was written.

use std::sync::Arc;

/// A place in a file of the estate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The file, relative to the estate directory, with `/` between folders.
    pub file: Arc<str>,
    /// The first line, from 1.
    pub line: usize,
    /// The first column, from 1, in characters.
    pub column: usize,
    /// The line of the end, from 1.
    pub end_line: usize,
    /// The column just behind the last character, from 1.
    pub end_column: usize,
    /// The first byte in the file.
    pub start: usize,
    /// The byte just behind the last one.
    pub end: usize,
}
