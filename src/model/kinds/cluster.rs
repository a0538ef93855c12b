//! Clusters: `clusterManifest` and `updateClusterManifest` of the Deploy API, NOTES 5, DOMAIN 2.14.

use crate::model::field::{Clear, Field, Format, ListKey, ListShape, Literal, Need, Owner, Shape, Spared};

const SERVER: Owner = Owner::ServerOwned { carried: false };

/// The fields of a cluster.
pub(super) static FIELDS: &[Field] = &[
    Field::text("clusterId", Format::Uuid, "The id of the cluster, chosen by you once.")
        .owner(Owner::Identity)
        .need(Need::Always)
        .rule("ID-01")
        .example(Literal::Text("085a0e34-69ec-4c61-9c7d-5cd42554f9f2")),
    Field::text("name", Format::NonEmpty, "The name of the cluster; unique in an estate.")
        .need(Need::Always)
        .example(Literal::Text("prod-eu")),
    Field::text(
        "clusterType",
        Format::Enum(&["os", "k8s", "eks", "aks", "stackit"]),
        "The Kubernetes flavour.",
    )
    .needed_on_create()
    .rule("CL-01")
    .example(Literal::Text("eks")),
    Field::text(
        "operatorType",
        Format::Enum(&["standard_operator", "global_operator"]),
        "One operator per namespace, or one for the whole cluster. Cannot be changed once set.",
    )
    .fixed_by("NS-06")
    .create_model_only()
    .default(Literal::Text("standard_operator")),
    Field::text("description", Format::Plain, "A description for people.").clear(Clear::Text("")),
    Field::list(
        "clusterManagers",
        // The creator cannot be removed (CL-03).
        ListShape::merge(MANAGER, ListKey::Natural(&["email"]))
            .duplicate("NS-09")
            // The creator cannot be removed (CL-03).
            .spared(Spared::NamedBeside("creator")),
        "The people who manage the cluster. Managers that are not declared stay.",
    )
    .never_cleared()
    .update_only(),
    Field::integer("totalNamespaces", 0, i64::MAX, "How many namespaces the cluster has.")
        .owner(SERVER)
        .update_only(),
    Field::integer("totalEnvironments", 0, i64::MAX, "How many environments the cluster has.")
        .owner(SERVER)
        .update_only(),
    Field::text("creator", Format::Plain, "Who created the cluster.").owner(SERVER).update_only(),
];

static MANAGER: &[Field] = &[
    Field::text("email", Format::Mail, "The mail address of the manager.")
        .need(Need::Always)
        .rule("NS-09")
        .example(Literal::Text("platform@acme.example")),
    Field::text("status", Format::Plain, "Whether the invitation was accepted.").owner(SERVER),
    Field::text("displayName", Format::Plain, "The name of the person.").owner(SERVER),
    Field::new("autoAcceptInvite", Shape::Boolean, "Accepts a new invitation on behalf of the person.")
        .owner(Owner::Command),
];
