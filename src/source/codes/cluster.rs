//! Clusters (DOMAIN 2.14).

use super::{Code, Elsewhere, family};

family! {
    CL_01 = Code::error("CL-01", "The type of a cluster is unknown.")
        .why("Cluster types are `os`, `k8s`, `eks`, `aks` and `stackit`.");

    CL_02 = Code::error("CL-02", "Two clusters have the same name.")
        .why("Addresses are made of names, and scripts find clusters by name.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[
    Elsewhere::new(
        "CL-03",
        "The creator of a cluster is removed from its managers.",
        "A plan blocks the action, and `{exact: …}` around `clusterManagers` keeps the creator.",
    ),
    Elsewhere::new(
        "CL-04",
        "A manager who is added later does not get into environments that exist already.",
        "A plan notes it when a manager is added to a cluster that has environments.",
    ),
];
