//! `provider` of environments: where they run (DOMAIN 2.7).

use super::{Code, Elsewhere, family};

family! {
    PRV_01 = Code::error("PRV-01", "Parts of `provider` contradict each other.")
        .why("The cluster and the namespace of an environment can be given by name, by id, or both; together they have to mean one declared namespace.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[];
