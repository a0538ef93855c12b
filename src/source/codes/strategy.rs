//! Deployment strategies (DOMAIN 2.11).

use super::{Code, Elsewhere, family};

family! {
    STR_01 = Code::error("STR-01", "A percentage is not a whole number within its bounds.")
        .why("Percentages of the deployment strategy are whole numbers from 0 to 100; `maxSurge` may be larger.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[Elsewhere::new(
    "STR-07",
    "The limits for pod disruptions are lost when an update leaves them out.",
    "By construction: an update sends the whole live manifest with the changes laid over it, so what is not declared is sent back.",
)];
