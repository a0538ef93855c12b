//! One file per kind: its field table, the only place where a field is described.

mod app;
mod cloud_app;
mod cluster;
mod environment;
mod namespace;
mod package;

pub use cloud_app::RIGHTS;
pub use environment::{SIZES, Size};

use super::Kind;
use super::field::Field;

impl Kind {
    /// The field table of this kind.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Kind::Cluster => cluster::FIELDS,
            Kind::Namespace => namespace::FIELDS,
            Kind::App => app::FIELDS,
            Kind::Package => package::FIELDS,
            Kind::Environment => environment::FIELDS,
            Kind::CloudApp => cloud_app::FIELDS,
        }
    }
}
