//! Environments: `environmentManifest` and `getEnvironmentManifest` of the Deploy API, NOTES 5, DOMAIN 2.2 to 2.12.

use crate::model::field::{
    Clear, Effect, Fallback, Field, Format, ListKey, ListShape, Literal, Need, Owner, Shape,
};

const SERVER: Owner = Owner::ServerOwned { carried: false };
const CARRIED: Owner = Owner::ServerOwned { carried: true };

/// The fields of an environment.
pub(super) static FIELDS: &[Field] = &[
    Field::text("id", Format::EnvironmentId, "The internal name of the environment, chosen by you once.")
        .owner(Owner::Identity)
        .need(Need::Always)
        .rule("ID-04")
        .example(Literal::Text("ordprd01")),
    Field::text("app", Format::NonEmpty, "The app that runs here: a declared app's name or id.")
        .owner(Owner::Reference)
        .need(Need::Always)
        .example(Literal::Text("order-desk")),
    Field::new(
        "dependsOn",
        Shape::Addresses,
        "Addresses of resources that have to be as declared before this one is changed.",
    )
    .owner(Owner::Reference)
    .rule("REF-004"),
    Field::object("properties", PROPERTIES, "What the environment is.").need(Need::Always),
    Field::object("deployment", DEPLOYMENT, "What runs, and with which settings of the model."),
    Field::object("container", CONTAINER, "How many instances run, and how large they are."),
    Field::object("network", NETWORK, "How the app reaches other systems."),
    Field::object("runtime", RUNTIME, "Settings of the Mendix runtime."),
    Field::object("provider", PROVIDER, "Where the environment runs.").need(Need::Always),
    Field::list(
        "annotations",
        ListShape::exact(ANNOTATION, ListKey::Natural(&["annotationType", "key"]))
            .short("value")
            .duplicate("ANN-03"),
        "Kubernetes annotations; new values take effect at the next restart.",
    ),
    // Plans are chosen when the environment is created (SVC-04).
    Field::list(
        "services",
        ListShape::exact(SERVICE, ListKey::Natural(&["name"])).duplicate("SVC-03"),
        "The database and the storage plan that the environment uses; chosen when it is created.",
    )
    .fixed_by("SVC-04")
    .need(Need::Create(Fallback::EmptyWithSecretsStore)),
    Field::object("runtimeMetricsConfiguration", METRICS, "How runtime metrics are collected."),
    Field::object("deploymentStrategy", STRATEGY, "How updates replace running instances."),
];

static PROPERTIES: &[Field] = &[
    Field::text("name", Format::NonEmpty, "The name that people know the environment by.")
        .need(Need::Always)
        .example(Literal::Text("production")),
    Field::boolean("production", "Whether the environment runs in production mode.")
        .needed_on_create()
        .effect(Effect::Restart),
    Field::boolean("defaultStudioTarget", "Whether Studio Pro deploys here.")
        .need(Need::Create(Fallback::Value(Literal::Boolean(false))))
        .default(Literal::Boolean(false)),
    Field::boolean(
        "secretsStoreEnabled",
        "Whether secrets come from an external secrets store, as the namespace says.",
    )
    .need(Need::Create(Fallback::NamespaceSecretsStore))
    .default(Literal::Boolean(false)),
    Field::text(
        "OverwriteProductTypePCLM",
        Format::Plain,
        "The product type of the runtime licence, instead of the namespace's.",
    )
    .clear(Clear::Text(""))
    .effect(Effect::Restart),
    // Only the technical contact can set it, in the portal (PROP-11).
    Field::text(
        "environmentPurpose",
        Format::Enum(&["Test", "Development", "Acceptance", "Production"]),
        "What the environment is for, as set in the portal.",
    )
    .owner(CARRIED)
    .rule("PROP-10")
    .ignored_as("PROP-11"),
];

static DEPLOYMENT: &[Field] = &[
    Field::text("appUrl", Format::Url, "The URL at which users reach the app.")
        .needed_on_create()
        .effect(Effect::Restart)
        .rule("URL-01")
        .example(Literal::Text("https://orders.acme.example")),
    Field::text(
        "package",
        Format::NonEmpty,
        "The deployment package that runs: a declared package's name or id. Instead of `packageId`.",
    )
    .owner(Owner::Reference)
    .example(Literal::Text("order-desk-1.4.2")),
    Field::text("packageId", Format::NonEmpty, "The id of the deployment package that runs.")
        .needed_on_create()
        .effect(Effect::Stop)
        .rule("PKG-01")
        .example(Literal::Text("c3639148-a823-505a-8b7a-eac8f83cf111")),
    Field::list(
        "constants",
        ListShape::merge(CONSTANT, ListKey::Natural(&["name"])).short("value").duplicate("CON-02"),
        "Constants of the model, by `Module.Constant`; values are always text.",
    )
    .never_cleared(),
    Field::list(
        "scheduledEvents",
        ListShape::merge(EVENT, ListKey::Natural(&["name"])).short("enabled").duplicate("SCH-01"),
        "Scheduled events of the model, by `Module.Event`.",
    )
    .never_cleared(),
    Field::list(
        "appLogLevels",
        ListShape::merge(LOG_LEVEL, ListKey::Natural(&["name"])).short("level").duplicate("LOG-03"),
        "Log levels, by log node.",
    ),
];

static CONSTANT: &[Field] = &[
    Field::text("name", Format::NonEmpty, "The constant, as `Module.Constant`.")
        .need(Need::Always)
        .example(Literal::Text("Erp.BaseUrl")),
    Field::text("value", Format::Plain, "The value, as text.")
        .effect(Effect::Restart)
        .rule("CON-03")
        .example(Literal::Text("https://erp.acme.example")),
];

static EVENT: &[Field] = &[
    Field::text("name", Format::NonEmpty, "The scheduled event, as `Module.Event`.")
        .need(Need::Always)
        .example(Literal::Text("Orders.SE_Cleanup")),
    Field::boolean("enabled", "Whether the event runs.").effect(Effect::Restart),
];

static LOG_LEVEL: &[Field] = &[
    Field::text("name", Format::NonEmpty, "The log node.").need(Need::Always).example(Literal::Text("Core")),
    // The API's own list has no WARNING, the operator's no NONE; both are let through (LOG-01, LOG-02).
    Field::text(
        "level",
        Format::Enum(&["CRITICAL", "NONE", "DEBUG", "TRACE", "INFO", "WARNING", "ERROR"]),
        "The level from which on messages are logged.",
    )
    .effect(Effect::Restart)
    .rule("LOG-01"),
];

static CONTAINER: &[Field] = &[
    Field::text("state", Format::Plain, "Whether the environment is ready.")
        .owner(SERVER)
        .ignored_as("CNT-02"),
    Field::integer("instances", 0, 10, "How many instances run; 0 stops the app.")
        .needed_on_create()
        .effect(Effect::Scale)
        .rule("CNT-01")
        .example(Literal::Integer(2)),
    Field::integer(
        "lastRunningInstanceCount",
        0,
        i64::MAX,
        "How many instances ran before the app was stopped.",
    )
    .owner(SERVER)
    .ignored_as("CNT-02"),
    Field::text(
        "size",
        Format::Enum(&["XS", "S", "M", "L", "XL", "XXL", "Legacy Small", "Legacy Medium", "Legacy Large"]),
        "A named size: short for `coreResources`.",
    )
    .owner(Owner::Shorthand)
    .example(Literal::Text("M")),
    Field::object("coreResources", CORE_RESOURCES, "What each instance may use, and what it is promised.")
        .needed_on_create(),
];

static CORE_RESOURCES: &[Field] = &[
    Field::object("limits", RESOURCES, "What each instance may use.").needed_on_create(),
    Field::object("requests", RESOURCES, "What each instance is promised.").needed_on_create(),
];

static RESOURCES: &[Field] = &[
    Field::text("cpu", Format::Decimal, "In cores, without a unit.")
        .needed_on_create()
        .effect(Effect::Restart)
        .rule("RES-01")
        .example(Literal::Text("0.5")),
    Field::text("memory", Format::Decimal, "In Gb, without a unit.")
        .needed_on_create()
        .effect(Effect::Restart)
        .rule("RES-01")
        .example(Literal::Text("2")),
    Field::text("ephemeralStorage", Format::Decimal, "In Gb, without a unit.")
        .default(Literal::Text("1"))
        .effect(Effect::Restart)
        .rule("RES-01")
        .example(Literal::Text("1")),
];

/// A named size: limits and requests for cpu and memory (DOMAIN 2.4, from the deployment guide). Ephemeral storage
/// is 1 for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// The name in the portal.
    pub name: &'static str,
    /// cpu and memory limits.
    pub limits: [&'static str; 2],
    /// cpu and memory requests.
    pub requests: [&'static str; 2],
}

/// The sizes that `container.size` may name.
pub static SIZES: &[Size] = &[
    Size { name: "XS", limits: ["0.25", "1"], requests: ["0.25", "1"] },
    Size { name: "S", limits: ["0.5", "2"], requests: ["0.5", "2"] },
    Size { name: "M", limits: ["1", "4"], requests: ["1", "4"] },
    Size { name: "L", limits: ["2", "8"], requests: ["2", "8"] },
    Size { name: "XL", limits: ["4", "16"], requests: ["4", "16"] },
    Size { name: "XXL", limits: ["8", "32"], requests: ["4", "32"] },
    Size { name: "Legacy Small", limits: ["1", "0.5"], requests: ["0.1", "0.5"] },
    Size { name: "Legacy Medium", limits: ["2", "2"], requests: ["1", "1"] },
    Size { name: "Legacy Large", limits: ["4", "4"], requests: ["2", "2"] },
];

static NETWORK: &[Field] = &[Field::list(
    "outgoingConnectionCertificate",
    ListShape::exact(CERTIFICATE, ListKey::Content("key")).duplicate("TLS-05"),
    "Client certificates for calls to other systems.",
)];

static CERTIFICATE: &[Field] = &[
    Field::text("key", Format::Base64, "The PKCS#12 file.")
        .need(Need::Always)
        .sensitive()
        .effect(Effect::Restart)
        .rule("TLS-02"),
    Field::text("password", Format::Base64, "The password of the file.")
        .sensitive()
        .effect(Effect::Restart)
        .rule("TLS-02"),
    Field::text("certificateType", Format::Enum(&["Client"]), "What the certificate is for.")
        .effect(Effect::Restart)
        .rule("TLS-01"),
    Field::boolean("enabled", "Whether the certificate is used.").effect(Effect::Restart),
];

static RUNTIME: &[Field] = &[
    secret("subscriptionSecret", "The secret of the subscription."),
    secret("debuggerPassword", "The password of the debugger."),
    secret("mxAdminPassword", "The password of the MxAdmin user."),
    // Operators from 2.15 on read it from the package (RT-01). Sent back as it is: an update without it might
    // fall to the default of the contract.
    Field::text("runtimeVersion", Format::Plain, "The version of the Mendix runtime, as the package says.")
        .owner(CARRIED)
        .ignored_as("RT-01"),
    Field::list("environmentVariables", variables("VAR-02"), "Environment variables of the process."),
    Field::list("customRuntimeSettings", variables("CRS-01"), "Custom runtime settings."),
];

const fn secret(name: &'static str, doc: &'static str) -> Field {
    Field::text(name, Format::Base64, doc)
        .owner(Owner::WriteOnly)
        .sensitive()
        .clear(Clear::Text("LS0t"))
        .effect(Effect::Restart)
        .rule("SECR-01")
}

const fn variables(duplicate: &'static str) -> ListShape {
    ListShape::exact(VARIABLE, ListKey::Natural(&["name"])).short("value").duplicate(duplicate)
}

static VARIABLE: &[Field] = &[
    Field::text("name", Format::NonEmpty, "The name.")
        .need(Need::Always)
        .example(Literal::Text("JAVA_TOOL_OPTIONS")),
    Field::text("value", Format::Plain, "The value, as text.")
        .effect(Effect::Restart)
        .rule("VAR-03")
        .example(Literal::Text("-Xmx1500m")),
];

// Where an environment runs is part of its identity: sent with a create, carried over by an update, never compared.
static PROVIDER: &[Field] = &[
    Field::text("cluster", Format::NonEmpty, "The cluster: a declared cluster's name or id.")
        .owner(Owner::Reference)
        .example(Literal::Text("prod-eu")),
    Field::text("clusterId", Format::Uuid, "The cluster, by its id, as the API spells it.")
        .owner(Owner::Identity)
        .rule("ID-01"),
    Field::text("namespace", Format::NonEmpty, "The namespace: a declared namespace's name or id.")
        .owner(Owner::Identity)
        .example(Literal::Text("orders")),
    Field::text("namespaceId", Format::Uuid, "The namespace, by its id, as the API spells it.")
        .owner(Owner::Identity)
        .rule("ID-01"),
];

static ANNOTATION: &[Field] = &[
    Field::text("annotationType", Format::Enum(&["Pod", "Service", "Ingress"]), "What is annotated.")
        .need(Need::Always)
        .rule("ANN-01"),
    Field::text("key", Format::NonEmpty, "The key.")
        .need(Need::Always)
        .example(Literal::Text("prometheus.io/port")),
    Field::text("value", Format::Plain, "The value, as text.").rule("ANN-04").example(Literal::Text("8900")),
];

static SERVICE: &[Field] = &[
    Field::text("name", Format::NonEmpty, "The plan of the namespace.")
        .need(Need::Always)
        .example(Literal::Text("rds")),
    Field::text("plan", Format::Enum(&["OnDemand", "Dedicated"]), "How the plan is provided.")
        .owner(Owner::Immutable)
        .needed_on_create(),
    Field::text("config", Format::RelaxedJson, "Whether it is the database or the storage.")
        .owner(Owner::Immutable)
        .needed_on_create()
        .example(Literal::Text(r#"{type: "database"}"#)),
];

static METRICS: &[Field] = &[
    Field::text("mode", Format::Enum(&["default", "native", "compatibility"]), "How metrics are collected.")
        .effect(Effect::Restart)
        .rule("MET-01"),
    Field::text("interval", Format::Plain, "How often, as an ISO 8601 duration; only with `native`.")
        .clear(Clear::Text(""))
        .effect(Effect::Restart)
        .rule("MET-02")
        .example(Literal::Text("PT1M")),
    Field::text(
        "mxAgentConfig",
        Format::Plain,
        "Configuration of the Mendix agent, as JSON text; only with `native`.",
    )
    .clear(Clear::Text(""))
    .effect(Effect::Restart)
    .rule("MET-05")
    .example(Literal::Text("{}")),
    Field::text(
        "mxAgentInstrumentationConfig",
        Format::Plain,
        "Instrumentation of the Mendix agent, as JSON text.",
    )
    .clear(Clear::Text(""))
    .effect(Effect::Restart)
    .rule("MET-05")
    .example(Literal::Text("{}")),
];

static STRATEGY: &[Field] = &[
    Field::text(
        "runtimeDeploymentStrategyType",
        Format::Enum(&["Reduced App Downtime", "Default"]),
        "Whether updates keep instances running; set when the environment is created.",
    )
    .owner(Owner::CreateOnly),
    percentage(
        "switchOverthreshold",
        "How many new instances have to be ready before traffic moves, in percent.",
    ),
    // Kubernetes allows a surge beyond 100 %.
    Field::integer("maxSurge", 0, 1000, "How many instances may run beyond the number wanted, in percent.")
        .rule("STR-01")
        .example(Literal::Integer(25)),
    percentage("maxUnavailable", "How many instances may be missing during an update, in percent."),
    percentage("podDisruptionMinAvailable", "How many instances a disruption has to leave, in percent.")
        .clear(Clear::Omit),
    percentage("podDisruptionMaxUnavailable", "How many instances a disruption may take, in percent.")
        .clear(Clear::Omit),
];

const fn percentage(name: &'static str, doc: &'static str) -> Field {
    Field::integer(name, 0, 100, doc).rule("STR-01").example(Literal::Integer(50))
}
