//! Which part of the files a declared value comes from, for those who ask why it is what it is.

use super::{Declared, FieldPath, Origin};

/// A part of the files that a resource is made of. A value belongs to the layer whose document holds its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Whether it declares the resource or many.
    pub role: Role,
    /// The key of the kind.
    pub origin: Origin,
    /// The whole document.
    pub document: Origin,
    /// The values of the `matrix` that made this resource, such as `plant = ams`.
    pub values: Vec<(String, String)>,
}

/// What a layer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A document of the resource itself. A resource with several of them is made of fragments.
    Document,
    /// `defaults` of a directory.
    Defaults,
}

impl Layer {
    /// Whether a value stands in this layer.
    pub fn holds(&self, origin: &Origin) -> bool {
        self.document.file == origin.file
            && self.document.start <= origin.start
            && origin.end <= self.document.end
    }
}

/// A value that a nearer layer replaced.
#[derive(Debug, Clone)]
pub struct Overridden {
    /// The field.
    pub path: FieldPath,
    /// What it would be.
    pub declared: Declared,
}
