//! A report as tools for checks read it: one result after the other, each with its place, ranked.
//!
//! ```text
//! Report ──results──▶ Vec<Found> ──▶ annotations (github), code quality (gitlab), sarif
//!        ──────────────────────────▶ junit: what succeeded is told, too
//! ```

mod annotations;
mod junit;
mod quality;
mod results;
mod sarif;

pub(super) use annotations::annotations;
pub(super) use junit::junit;
pub(super) use quality::quality;
pub(super) use sarif::sarif;
