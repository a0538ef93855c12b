//! `container` of environments: instances and resources (DOMAIN 2.4).

use super::{Code, Elsewhere, family};

family! {
    CNT_01 = Code::error("CNT-01", "`instances` is not a whole number from 0 to 10.")
        .why("The platform runs up to 10 instances; 0 stops the app.");

    CNT_02 = Code::warning("CNT-02", "The platform reports this; it cannot be set.")
        .why("`state` and `lastRunningInstanceCount` are what the platform says about a running environment. They are ignored; remove them.");

    RES_01 = Code::error("RES-01", "An amount of resources is not a plain decimal number in quotes.")
        .why("The platform adds the units: cores for cpu, Gb for memory and storage. Write `\"0.5\"`, not `500m`.");

    RES_02 = Code::error("RES-02", "An amount of resources is zero.")
        .why("An instance needs more than nothing.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[];
