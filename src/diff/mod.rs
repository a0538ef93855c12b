//! Compares desired with live, field by field, driven by the field tables. Pure.
//!
//! ```text
//! declared fields × live manifest × field table ──compare──▶ changes ──overlay──▶ request body
//! ```

mod change;
mod class;
mod compare;
mod look;
mod normalise;
mod order;
mod overlay;
mod resource;

pub use change::{After, Change, Changes};
pub use class::Class;
pub use compare::{Diff, Purpose, Uncompared, Why, diff, item_key};
pub use look::{field_at, is_write_only, live_at, overlap, reaches};
pub use normalise::{canonical, canonical_text};
pub use order::place;
pub use overlay::{UnsetValue, create_manifest, needs_update_after_create, update_manifest};
pub use resource::{CONTACT, is_contact, member, parts, patch, resource};
