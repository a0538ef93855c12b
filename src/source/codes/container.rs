//! `container` of environments: instances and resources (DOMAIN 2.4).

use super::{Code, Elsewhere, family};

family! {
    CNT_01 = Code::error("CNT-01", "`instances` is not a whole number from 0 to 10.")
        .why("The platform runs up to 10 instances; 0 stops the app.")
        .instead("Write a number from 0 to 10. Where an autoscaler holds another one, let `ignore` in `mxkeep.yaml` leave the field alone.")
        .example("container: {instances: 3, size: M}");

    CNT_02 = Code::warning("CNT-02", "The platform reports this; it cannot be set.")
        .why("`state` and `lastRunningInstanceCount` are what the platform says about a running environment. They are ignored.")
        .instead("Remove them.")
        .example("container: {instances: 3, size: M}");

    RES_01 = Code::error("RES-01", "An amount of resources is not a plain decimal number in quotes.")
        .why("The platform adds the units: cores for cpu, Gb for memory and storage. `500m` would become something that nobody meant.")
        .instead("Write the number alone, in cores or Gb.")
        .example("container:\n  coreResources:\n    limits: {cpu: \"1\", memory: \"4\"}\n    requests: {cpu: \"0.5\", memory: \"4\"}");

    RES_02 = Code::error("RES-02", "An amount of resources is zero.")
        .why("An instance needs more than nothing.")
        .instead("Write a number above zero.")
        .example("container:\n  coreResources:\n    limits: {cpu: \"1\", memory: \"4\"}\n    requests: {cpu: \"0.1\", memory: \"4\"}");

    RES_03 = Code::error("RES-03", "A number of cores is finer than a thousandth.")
        .why("Kubernetes counts cores in thousandths, and refuses what is finer.")
        .instead("Write up to three decimals.")
        .example("container:\n  coreResources:\n    requests: {cpu: \"0.125\", memory: \"4\"}");

    RES_04 = Code::error("RES-04", "An instance is promised more than it may use.")
        .why("Kubernetes refuses a request above its limit.")
        .instead("Lower the request, or raise the limit.")
        .example("container:\n  coreResources:\n    limits: {cpu: \"1\", memory: \"4\"}\n    requests: {cpu: \"0.5\", memory: \"4\"}");

    RES_05 = Code::warning("RES-05", "An instance gets less than a Mendix app needs.")
        .why("The platform names 0.5 Gb of memory and a request of 0.1 cores as the least for custom sizes. With less the runtime starts slowly, or is killed while it starts.")
        .instead("Give it at least that, or use a named size.")
        .example("container: {instances: 1, size: XS}");

    RES_06 = Code::warning("RES-06", "An instance may use more memory than it is promised.")
        .why("A node that has promised less than its pods use kills one of them when its memory runs out.")
        .instead("Let request and limit of memory be equal.")
        .example("container:\n  coreResources:\n    limits: {cpu: \"1\", memory: \"4\"}\n    requests: {cpu: \"0.5\", memory: \"4\"}");

    RES_08 = Code::warning("RES-08", "The heap of Java may become as large as the container.")
        .why("Java needs memory besides its heap. With `-Xmx` at or above the memory limit the container is killed before Java runs out of heap.")
        .instead("Leave a quarter of the memory to the rest, or leave `-Xmx` out: the runtime chooses by itself.")
        .example("container: {instances: 1, size: M}\nruntime:\n  environmentVariables: {JAVA_TOOL_OPTIONS: -Xmx3g}");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[Elsewhere::new(
    "RES-07",
    "On GKE Autopilot requests equal limits.",
    "Never: no type of cluster says that it is GKE (such a cluster is of type `k8s`).",
)];
