//! `provider` of environments: where they run (DOMAIN 2.7).

use super::{Code, Elsewhere, family};

family! {
    PRV_01 = Code::error("PRV-01", "Parts of `provider` contradict each other.")
        .why("The cluster and the namespace of an environment can be given by name, by id, or both; together they have to mean one declared namespace.")
        .example("provider: {cluster: prod-eu, namespace: orders}");

    PRV_02 = Code::error("PRV-02", "An environment is to run in a main namespace.")
        .why("The main namespace of a cluster with a global operator holds the operator itself. Environments run in the namespaces that it manages.")
        .instead("Name a namespace with `namespaceType: managed`.");

    PRV_03 = Code::error("PRV-03", "An environment is to run in a standalone namespace.")
        .why("The API reaches connected namespaces only. A standalone one is deployed to inside its cluster.")
        .instead("Name a namespace with `installationType: Connected`.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[Elsewhere::new(
    "PRV-04",
    "An environment is declared in another namespace than the one that it lives in.",
    "A plan blocks the action: there is no move, only a delete and a create that lose the data.",
)];
