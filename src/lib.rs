//! mxkeep keeps a Mendix estate as declared in Git.
//!
//! YAML files become **desired state** ([`source`]). The API gives **live state** ([`api`]). [`diff`] compares
//! them field by field. [`plan`] turns differences into ordered **actions** and says why anything is blocked.
//! [`apply`] runs the actions over the API. [`render`] shows a plan, drift or an outcome. The [`simulator`] is a
//! small server that behaves like the API.
//!
//! Arrows point down only; `tests/it/layers.rs` enforces it:
//!
//! ```text
//! cli          commands, arguments, exit codes; knows everybody, known by nobody
//! lsp          files being written → what an editor shows
//! render       plan, drift, outcome → text, JSON (pure)
//! apply        runs a plan
//! plan         actions, needs, effects, drift (pure)
//! source  diff  api      YAML in | compare (pure) | the network
//! model        kinds and field tables, addresses, values, desired and live (pure)
//! simulator    an island
//! ```

pub mod api;
pub mod apply;
pub mod cli;
pub mod diff;
pub mod lsp;
pub mod model;
pub mod plan;
pub mod render;
pub mod simulator;
pub mod source;
