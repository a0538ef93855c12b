//! Envelope and ids (DOMAIN 2.1).

use super::{Code, Elsewhere, family};

family! {
    ENV_01 = Code::error("ENV-01", "`manifestVersion` is not 2.0.0.")
        .why("The API knows one version of its manifests. The key may be left out.");

    ID_01 = Code::error("ID-01", "An id is not a UUID.")
        .why("Clusters, namespaces and apps are known by a UUID of any version, spelt with hyphens.");

    ID_02 = Code::error("ID-02", "Two documents declare the same id.")
        .why("You choose the ids of clusters and namespaces, and the platform refuses one that exists only when its job fails. Give one of them another id, or remove a copy.");

    ID_03 = Code::error("ID-03", "The id of an environment is too long.")
        .why("An environment's id has 1 to 32 characters.");

    ID_04 = Code::error("ID-04", "The id of an environment has characters that it cannot have.")
        .why("The id becomes the name of Kubernetes objects: lower-case letters, digits and hyphens, with a letter or digit at both ends.");

    ID_07 = Code::error("ID-07", "Two environments of one namespace have the same id.")
        .why("The id of an environment names Kubernetes objects in its namespace, so it is unique there, across all apps. Equal ids in two namespaces are fine.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[
    Elsewhere::new(
        "ENV-02",
        "An environment has `id`, `properties`, `deployment`, `container`, `provider` and `services`.",
        "`SHAPE-006` for what tells it from others; the plan for what only a create needs (`PLAN-201`).",
    ),
    Elsewhere::new(
        "ID-09",
        "An id is not used again after its environment was deleted.",
        "A plan that compares with Git history.",
    ),
];
