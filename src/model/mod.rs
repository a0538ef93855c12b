//! What exists: kinds and their field tables, addresses, values, desired and live state.
//!
//! Pure: no files, no network, no clock. Imports nothing from the crate.
//!
//! ```text
//! cluster ── holds ──▶ namespace ── holds ──▶ environment ── runs ──▶ package ── of ──▶ app (owned by the platform)
//! ```

mod address;
mod declared;
mod desired;
pub mod field;
mod freeze;
mod glob;
mod identity;
mod kind;
pub mod kinds;
mod live;
mod origin;
mod package;
mod path;
mod provenance;
mod revision;
mod service;
mod settings;
mod visible;

pub use address::{Address, AddressError};
pub use declared::{
    Declared, DeclaredItem, DeclaredList, DeclaredValue, Fields, Later, Outside, Reference, declared_at, dig,
};
pub use desired::{Desired, DesiredState, Tombstone, TombstoneTarget, Upload};
pub use freeze::Freeze;
pub use glob::{AddressGlob, GlobError};
pub use identity::Identity;
pub use kind::Kind;
pub use live::{Live, LiveState, ReadScope, Reading};
pub use origin::Origin;
pub use package::Mark;
pub(crate) use package::hex;
pub use path::{FieldPath, ItemKey, Step, lies_in};
pub use provenance::{Layer, Overridden, Role};
pub use revision::{BaseRevision, HeadRevision, Revisions};
pub use service::ServiceKind;
pub use settings::{Guards, IgnoreRule, Settings, Waiver};
pub use visible::{is_hidden, sanitise};
