//! Runtime metrics (DOMAIN 2.10).

use super::{Code, Elsewhere, family};

family! {
    MET_01 = Code::error("MET-01", "The metrics mode is unknown.")
        .why("Modes are `default`, `native` and `compatibility`.");

    MET_02 = Code::error("MET-02", "The metrics interval is not text.")
        .why("The interval is an ISO 8601 duration, such as `PT1M`.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[];
