//! Namespaces (DOMAIN 2.13).

use super::{Code, Elsewhere, family};

family! {
    NS_01 = Code::error("NS-01", "The name of a namespace is not one that Kubernetes takes.")
        .why("The name is that of the namespace in Kubernetes: up to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends.");

    NS_02 = Code::error("NS-02", "The name of a namespace is taken.")
        .why("OpenShift keeps names that start with `openshift-` for itself. `default` and names that start with `kube-` or `mendix-` are a warning: Kubernetes and the platform use such names, but nothing refuses them.");

    NS_03 = Code::error("NS-03", "The type of a namespace does not fit the operator of its cluster.")
        .why("A cluster with a standard operator has namespaces of type `standard`; one with a global operator has one of type `main`, for the operator itself, and `managed` ones. Where the files do not name both types, a plan looks at the live cluster.");

    NS_04 = Code::error("NS-04", "A cluster has two main namespaces.")
        .why("A global operator lives in one namespace, and all others are managed by it. A plan blocks the create of a managed namespace in a cluster that has no main one.");

    NS_07 = Code::error("NS-07", "The secret of a namespace is not base64.")
        .why("Values from outside are encoded for you. With `encoding: base64`, and in literals, they have to be base64 already.");

    NS_08 = Code::error("NS-08", "A plan of a namespace is to be removed.")
        .why("The operator makes the plans of a namespace, and mxpc-cli removes them. Here they are switched on and off.")
        .example("plans: {rds: true, rds-old: false}");

    NS_09 = Code::error("NS-09", "A member or manager is declared twice, or has no usable mail address or role.")
        .why("Members of a namespace and managers of a cluster are known by their mail address, compared without regard to case. A member has a role: `Developer`, `Administrator` or the name of a custom role of the cluster; only a plan knows whether it is missing, since it is needed for new members alone.");

    NS_10 = Code::warning("NS-10", "A member has a custom role of the old kind.")
        .why("The rights of `Custom` and `Custom_DEPRECATED` cannot be edited any more. Named custom roles of the cluster, which are made in the portal, took their place.");

    NS_11 = Code::warning("NS-11", "An invitation to another mail domain is to be accepted.")
        .why("The platform accepts invitations on behalf of people of the caller's own mail domain only. Who will run mxkeep, the files do not say, but it is a manager of the cluster: the rule looks at the mail domains of the managers that are declared.")
        .instead("Remove `autoAcceptInvite`; the person accepts the invitation.");

    NS_12 = Code::error("NS-12", "An operational link is not an absolute URL.")
        .why("Links to metrics, alerts, logs and backups are absolute http or https URLs.");

    NS_14 = Code::warning("NS-14", "Production shares its namespace with earlier stages.")
        .why("Rights and plans are given per namespace, so whoever may restart the test environment may restart production. The stage of an environment is told by its name (`prod`, `accp`, `test` and the like), or by `production: false`.")
        .instead("Give production a namespace of its own.");

    NS_15 = Code::warning("NS-15", "An operator has too many environments.")
        .why("The platform recommends up to 350 environments for one operator: in one namespace, or in all namespaces of a cluster with a global operator together.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[
    Elsewhere::new(
        "NS-05",
        "A main namespace is updated.",
        "A plan blocks the action, and a create that would need an update to follow.",
    ),
    Elsewhere::new(
        "NS-06",
        "`namespaceType`, `installationType` or `operatorType` changes.",
        "A plan blocks the action: they are decided once.",
    ),
    Elsewhere::new(
        "NS-13",
        "A namespace is removed while environments target it.",
        "A declared environment in it is a dangling reference (REF-001); a plan blocks the delete while live ones are there.",
    ),
];
