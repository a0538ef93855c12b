//! `provider` of environments: where they run (DOMAIN 2.7).

use super::{Code, Elsewhere, family};

family! {
    PRV_01 = Code::error("PRV-01", "Parts of `provider` contradict each other.")
        .why("The cluster and the namespace of an environment can be given by name, by id, or both; together they have to mean one declared namespace.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[Elsewhere::new(
    "PRV-04",
    "An environment is declared in another namespace than the one that it lives in.",
    "A plan blocks the action: there is no move, only a delete and a create that lose the data.",
)];
