//! Deployment strategies (DOMAIN 2.11).

use super::{Code, Elsewhere, family};

family! {
    STR_01 = Code::error("STR-01", "A percentage is not a whole number within its bounds.")
        .why("Percentages of the deployment strategy are whole numbers from 0 to 100. `maxSurge` may be larger, which is a warning.");

    STR_02 = Code::error("STR-02", "No instance may be missing and none may be added.")
        .why("Kubernetes replaces instances by taking some away first, or by starting some first. With `maxSurge: 0` and `maxUnavailable: 0` it can do neither.")
        .example("deploymentStrategy: {maxSurge: 0, maxUnavailable: 50}");

    STR_03 = Code::error("STR-03", "Both limits for disruptions are given.")
        .why("Kubernetes takes `podDisruptionMinAvailable` or `podDisruptionMaxUnavailable`, not both. The pair 0 and 100, which the documentation of the portal gives, is a warning.")
        .example("deploymentStrategy: {podDisruptionMaxUnavailable: 50}");

    STR_04 = Code::warning("STR-04", "Traffic moves before a new instance is ready.")
        .why("`switchOverthreshold` says how many new instances have to be ready before traffic moves to them. 0 means none.")
        .example("deploymentStrategy: {switchOverthreshold: 50}");

    STR_05 = Code::warning("STR-05", "The only instance of an app may never be moved.")
        .why("With one instance, a limit that keeps it from being disrupted keeps its node from being drained: updates of the cluster get stuck.")
        .instead("Run two instances, or write `podDisruptionMaxUnavailable: 100` alone.");

    STR_06 = Code::warning("STR-06", "Percentages stand beside a strategy that ignores them.")
        .why("The strategy `Default` replaces all instances at once.")
        .instead("Remove the percentages, or write `runtimeDeploymentStrategyType: Reduced App Downtime`.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[Elsewhere::new(
    "STR-07",
    "The limits for pod disruptions are lost when an update leaves them out.",
    "By construction: an update sends the whole live manifest with the changes laid over it, so what is not declared is sent back.",
)];
