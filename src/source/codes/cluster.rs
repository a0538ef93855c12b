//! Clusters (DOMAIN 2.14).

use super::{Code, Elsewhere, family};

family! {
    CL_01 = Code::error("CL-01", "The type of a cluster is unknown.")
        .why("Cluster types are `os`, `k8s`, `eks`, `aks` and `stackit`.");

    CL_02 = Code::error("CL-02", "Two clusters have the same name.")
        .why("Addresses are made of names, and scripts find clusters by name.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[];
