//! `services` of environments: database and storage (DOMAIN 2.9).

use super::{Code, Elsewhere, family};

family! {
    SVC_01 = Code::error("SVC-01", "A service is declared twice.")
        .why("An environment has one database and one storage plan, each known by its name.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[Elsewhere::new(
    "SVC-04",
    "The services of an existing environment change.",
    "A plan blocks the action: plans are chosen when the environment is created.",
)];
