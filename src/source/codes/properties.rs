//! `properties` of environments (DOMAIN 2.2).

use super::{Code, Elsewhere, family};

family! {
    PROP_02 = Code::error("PROP-02", "Two environments of one app in one namespace have the same name.")
        .why("People, scripts and addresses pick environments by app and name, and where that is not enough by namespace. Two environments that agree in all of them cannot be told apart; rename one.");

    PROP_11 = Code::warning("PROP-11", "`environmentPurpose` is set in the portal.")
        .why("Only the technical contact can set the purpose of an environment, in the portal. The API ignores it, so it would never be as declared. It is ignored; remove it.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[Elsewhere::new(
    "PROP-06",
    "The environment to which Studio Pro deploys is deleted.",
    "A plan blocks the delete while the app has other environments.",
)];
