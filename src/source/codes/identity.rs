//! Envelope and ids (DOMAIN 2.1).

use super::super::diagnostic::Severity;
use super::{Code, Elsewhere, family};

family! {
    ENV_01 = Code::error("ENV-01", "`manifestVersion` is not 2.0.0.")
        .why("The API knows one version of its manifests, and mxkeep sends it when the key is left out.")
        .instead("Leave the key out, or write `manifestVersion: 2.0.0`.")
        .example("manifestVersion: 2.0.0\napp: {appId: ef41475b-98bf-5149-b98f-cd77fa66d08a, name: order-desk}");

    ID_01 = Code::error("ID-01", "An id is not a UUID.")
        .why("Clusters, namespaces and apps are known by a UUID of any version, spelt with hyphens.")
        .instead("Choose a UUID once for a new cluster or namespace; copy the App ID of an app from the Developer Portal.")
        .example("cluster: {clusterId: 085a0e34-69ec-4c61-9c7d-5cd42554f9f2, name: prod-eu}");

    ID_02 = Code::error("ID-02", "Two documents declare the same id.")
        .why("You choose the ids of clusters and namespaces, and the platform refuses one that exists only when its job fails.")
        .instead("Give one of them another id, or remove a copy.");

    ID_03 = Code::error("ID-03", "The id of an environment is too long.")
        .or(Severity::Warning)
        .why("The API takes 1 to 32 characters since its version 4.13, and took 1 to 8 before. More than 32 is an error; more than 8 is a warning, since older operators, scripts and other tools still expect no more.")
        .instead("Choose an id of 1 to 8 letters and digits. An id that is in use cannot be changed: waive the warning for it.")
        .example("environment:\n  id: ordprd01");

    ID_04 = Code::error("ID-04", "The id of an environment has characters that it cannot have.")
        .why("The id becomes the name of Kubernetes objects: the MendixApp resource, its service account, its deployments and its service.")
        .instead("Use lower-case letters, digits and hyphens, with a letter or digit at both ends.")
        .example("environment:\n  id: ordprd01");

    ID_05 = Code::warning("ID-05", "The id of an environment is not of letters and digits with a letter first.")
        .why("Other tools take nothing else: the Terraform module for AWS checks internal names for 1 to 8 lower-case letters and digits, and older versions of Kubernetes refuse a service whose name starts with a digit.")
        .instead("Start with a letter and leave hyphens out. An id that is in use cannot be changed: waive the warning for it.")
        .example("environment:\n  id: ordprd01");

    ID_06 = Code::error("ID-06", "The id of an environment is reserved.")
        .why("Names that start with `mendix-` belong to the operator, and on OpenShift those that start with `openshift-` belong to the cluster.")
        .instead("Choose an id that starts with something else, such as a short form of the app's name.")
        .example("environment:\n  id: ordprd01");

    ID_07 = Code::error("ID-07", "Two environments of one namespace have the same id.")
        .why("The id of an environment names Kubernetes objects in its namespace, so it is unique there, across all apps. Equal ids in two namespaces are fine.")
        .instead("Give one of the two another id, or remove a copy.");

    ID_08 = Code::error("ID-08", "Two environments under one global operator have the same id.")
        .why("A global operator looks after all managed namespaces of its cluster, and keeps its objects for them in one place. Ids of environments are unique across those namespaces.")
        .instead("Give one of the two another id.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[
    Elsewhere::new(
        "ENV-02",
        "An environment has `id`, `properties`, `deployment`, `container`, `provider` and `services`.",
        "`SHAPE-006` says what is needed to tell it from others; a plan says what is missing to create it (`PLAN-201`), \
         since an environment that exists may leave all else to the platform.",
    ),
    Elsewhere::new(
        "ID-09",
        "An id is not used again after its environment was deleted.",
        "Only history knows which ids there were.",
    ),
];
