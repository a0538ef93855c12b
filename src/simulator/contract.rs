//! The request models of the Private Cloud Deploy API 4.14.0, as far as a server checks them.
//!
//! Fields that the contract marks non-editable are missing here on purpose: "any modifications made to the
//! values of these fields will be ignored", whatever they hold.

use super::shape::{
    Field,
    Shape::{Config, Flag, List, Object, OneOf, Short, Text, Uuid, Whole},
    may, must,
};

const CLUSTER_TYPES: &[&str] = &["os", "k8s", "eks", "aks", "stackit"];
const OPERATOR_TYPES: &[&str] = &["global_operator", "standard_operator"];
const NAMESPACE_TYPES: &[&str] = &["standard", "main", "managed"];
const INSTALLATION_TYPES: &[&str] = &["Connected", "Standalone"];
const LOG_LEVELS: &[&str] = &["CRITICAL", "NONE", "DEBUG", "TRACE", "INFO", "ERROR"];
const PLAN_TYPES: &[&str] = &["OnDemand", "Dedicated"];

/// `clusterManifest`, the model of POST.
pub(super) const CLUSTER_CREATE: &[Field] =
    &[must("manifestVersion", Text), must("cluster", Object(CLUSTER_CREATE_FIELDS))];
const CLUSTER_CREATE_FIELDS: &[Field] = &[
    must("clusterId", Uuid),
    must("name", Text),
    must("clusterType", OneOf(CLUSTER_TYPES)),
    may("operatorType", OneOf(OPERATOR_TYPES)),
    may("description", Text),
];

/// The body of `POST …/packages/build`.
pub(super) const BUILD: &[Field] = &[
    must("branch", Short(200)),
    must("revision", Short(50)),
    may("description", Text),
    may("version", Short(20)),
];

/// `updateClusterManifest`.
pub(super) const CLUSTER_UPDATE: &[Field] =
    &[must("manifestVersion", Text), must("cluster", Object(CLUSTER_UPDATE_FIELDS))];
const CLUSTER_UPDATE_FIELDS: &[Field] = &[
    must("clusterId", Text),
    must("name", Text),
    must("clusterType", OneOf(CLUSTER_TYPES)),
    may("description", Text),
    may("clusterManagers", List(MANAGER)),
];
const MANAGER: &[Field] = &[must("email", Text), may("autoAcceptInvite", Flag)];

/// `createNamespaceManifest`.
pub(super) const NAMESPACE_CREATE: &[Field] =
    &[must("manifestVersion", Text), must("namespace", Object(NAMESPACE_CREATE_FIELDS))];
const NAMESPACE_CREATE_FIELDS: &[Field] = &[
    must("namespaceId", Uuid),
    must("name", Text),
    may("namespaceType", OneOf(NAMESPACE_TYPES)),
    must("installationType", OneOf(INSTALLATION_TYPES)),
    must("secret", Text),
];

/// `updateNamespaceManifest`.
pub(super) const NAMESPACE_UPDATE: &[Field] =
    &[must("manifestVersion", Text), must("namespace", Object(NAMESPACE_UPDATE_FIELDS))];
const NAMESPACE_UPDATE_FIELDS: &[Field] = &[
    must("namespaceId", Uuid),
    must("name", Text),
    may("namespaceType", OneOf(NAMESPACE_TYPES)),
    must("installationType", OneOf(INSTALLATION_TYPES)),
    must("secret", Text),
    must("productTypePCLM", Text),
    may("plans", List(PLAN)),
    may("enableDevelopmentMode", Flag),
    may("enableExternalSecretsStore", Flag),
    may("membership", List(MEMBER)),
    may("operationalLinks", Object(LINKS)),
];
const PLAN: &[Field] = &[may("planName", Text), may("activate", Flag)];
const MEMBER: &[Field] = &[must("email", Text), must("role", Text), may("autoAcceptInvite", Flag)];
const LINKS: &[Field] =
    &[may("metricsUrl", Text), may("alertsUrl", Text), may("logsUrl", Text), may("backupsUrl", Text)];

/// `environmentManifest`, the model of POST and PUT.
pub(super) const ENVIRONMENT: &[Field] =
    &[must("manifestVersion", Text), must("environment", Object(ENVIRONMENT_FIELDS))];
const ENVIRONMENT_FIELDS: &[Field] = &[
    must("id", Short(32)),
    must("properties", Object(PROPERTIES)),
    must("deployment", Object(DEPLOYMENT)),
    must("container", Object(CONTAINER)),
    may("network", Object(NETWORK)),
    may("runtime", Object(RUNTIME)),
    must("provider", Object(PROVIDER)),
    may("annotations", List(ANNOTATION)),
    must("services", List(SERVICE)),
    may("runtimeMetricsConfiguration", Object(METRICS)),
    may("deploymentStrategy", Object(STRATEGY)),
];
const PROPERTIES: &[Field] = &[
    must("name", Text),
    must("production", Flag),
    must("defaultStudioTarget", Flag),
    must("secretsStoreEnabled", Flag),
    may("OverwriteProductTypePCLM", Text),
];
const DEPLOYMENT: &[Field] = &[
    must("appUrl", Text),
    must("packageId", Text),
    may("constants", List(NAMED_VALUE)),
    may("scheduledEvents", List(SCHEDULED_EVENT)),
    may("appLogLevels", List(LOG_LEVEL)),
];
// Not even the name of these is required (NOTES 6).
const NAMED_VALUE: &[Field] = &[may("name", Text), may("value", Text)];
const SCHEDULED_EVENT: &[Field] = &[may("name", Text), may("enabled", Flag)];
const LOG_LEVEL: &[Field] = &[may("name", Text), may("level", OneOf(LOG_LEVELS))];
const CONTAINER: &[Field] = &[must("instances", Whole(0, 10)), must("coreResources", Object(CORE_RESOURCES))];
const CORE_RESOURCES: &[Field] = &[must("limits", Object(RESOURCE)), must("requests", Object(RESOURCE))];
const RESOURCE: &[Field] = &[must("cpu", Text), must("memory", Text), may("ephemeralStorage", Text)];
const NETWORK: &[Field] = &[may("outgoingConnectionCertificate", List(CERTIFICATE))];
const CERTIFICATE: &[Field] =
    &[may("enabled", Flag), may("certificateType", Text), may("password", Text), may("key", Text)];
const RUNTIME: &[Field] = &[
    may("subscriptionSecret", Text),
    may("debuggerPassword", Text),
    may("mxAdminPassword", Text),
    may("runtimeVersion", Text),
    may("environmentVariables", List(NAMED_VALUE)),
    may("customRuntimeSettings", List(NAMED_VALUE)),
];
const PROVIDER: &[Field] = &[must("clusterId", Uuid), must("namespace", Text), may("namespaceId", Uuid)];
const ANNOTATION: &[Field] =
    &[may("key", Text), may("value", Text), may("annotationType", OneOf(&["Pod", "Service", "Ingress"]))];
const SERVICE: &[Field] = &[must("name", Text), must("plan", OneOf(PLAN_TYPES)), must("config", Config)];
const METRICS: &[Field] = &[
    may("mode", OneOf(&["default", "native", "compatibility"])),
    may("interval", Text),
    may("mxAgentConfig", Text),
    may("mxAgentInstrumentationConfig", Text),
];
// The contract gives no bounds for the percentages; `i32` is what "integer" means in most servers.
const PERCENT: super::shape::Shape = Whole(i32::MIN as i64, i32::MAX as i64);
const STRATEGY: &[Field] = &[
    may("switchOverthreshold", PERCENT),
    may("maxSurge", PERCENT),
    may("maxUnavailable", PERCENT),
    may("podDisruptionMinAvailable", PERCENT),
    may("podDisruptionMaxUnavailable", PERCENT),
];
