//! Namespaces: `createNamespaceManifest`, `updateNamespaceManifest` and `namespaceManifest` of the Deploy API,
//! NOTES 5, DOMAIN 2.13.

use crate::model::field::{Clear, Fallback, Field, Format, ListKey, ListShape, Literal, Need, Owner, Spared};

const SERVER: Owner = Owner::ServerOwned { carried: false };
const CARRIED: Owner = Owner::ServerOwned { carried: true };

/// The fields of a namespace.
pub(super) static FIELDS: &[Field] = &[
    Field::text("namespaceId", Format::Uuid, "The id of the namespace, chosen by you once.")
        .owner(Owner::Identity)
        .need(Need::Always)
        .rule("ID-01")
        .example(Literal::Text("80a5f23d-8b2a-5233-b614-07348d4d7a23")),
    Field::text("cluster", Format::NonEmpty, "The cluster that holds the namespace: a declared cluster's name or id.")
        .owner(Owner::Reference)
        .need(Need::Always)
        .example(Literal::Text("prod-eu")),
    // Environments refer to their namespace by this name, and it is the name in Kubernetes (NS-01). The contract
    // does not say whether it may change, so a change is blocked.
    Field::text("name", Format::NonEmpty, "The name of the namespace in Kubernetes.")
        .owner(Owner::Immutable)
        .need(Need::Always)
        .example(Literal::Text("orders")),
    Field::text(
        "namespaceType",
        Format::Enum(&["standard", "main", "managed"]),
        "What the namespace is to the operator. Cannot be changed once set.",
    )
    .fixed_by("NS-06")
    .default(Literal::Text("standard")),
    Field::text(
        "installationType",
        Format::Enum(&["Connected", "Standalone"]),
        "How the namespace reaches the platform; set when it is created.",
    )
    .fixed_by("NS-06")
    .need(Need::Create(Fallback::Value(Literal::Text("Connected"))))
    .default(Literal::Text("Connected")),
    Field::text("secret", Format::Base64, "The secret that `mxpc-cli installer` is given.")
        .needed_on_create()
        .sensitive()
        .rule("NS-07"),
    Field::text("productTypePCLM", Format::Plain, "The product type under the licence manager.")
        .update_only()
        .example(Literal::Text("standard")),
    Field::list(
        "plans",
        // Only `activate` is ours; the operator makes the plans (NS-08).
        ListShape::merge(PLAN, ListKey::Natural(&["planName"])).short("activate").closed(),
        "The database and storage plans of the operator. They are made with mxpc-cli; here they are switched on and off.",
    )
    .never_cleared()
    .update_only(),
    Field::boolean("enableDevelopmentMode", "Whether environments may run in development mode.")
        .update_only()
        .default(Literal::Boolean(false)),
    Field::boolean("enableExternalSecretsStore", "Whether plans and secrets come from an external secrets store.")
        .update_only()
        .default(Literal::Boolean(false)),
    Field::list(
        "membership",
        // The platform makes the technical contact of every app that runs here an administrator (DOMAIN 2.13),
        // and does not tell which administrators these are.
        ListShape::merge(MEMBER, ListKey::Natural(&["email"])).short("role").duplicate("NS-09").spared(Spared::With("role", "Administrator")),
        "The members of the namespace. Members that are not declared stay.",
    )
    .never_cleared()
    .update_only(),
    Field::object("operationalLinks", LINKS, "Where people find metrics, alerts, logs and backups.").update_only(),
    Field::object("additionalInformation", INFORMATION, "What the operator reports about itself.")
        .owner(SERVER)
        .update_only(),
    Field::list(
        "environments",
        ListShape::exact(ENVIRONMENT, ListKey::Natural(&["environmentId"])),
        "The environments in the namespace.",
    )
    .owner(SERVER)
    .update_only(),
];

static PLAN: &[Field] = &[
    Field::text("planName", Format::NonEmpty, "The name of the plan.")
        .need(Need::Always)
        .example(Literal::Text("rds")),
    Field::text("planConfig", Format::RelaxedJson, "Whether it is a database or a storage plan.")
        .owner(CARRIED),
    Field::text("planType", Format::Enum(&["OnDemand", "Dedicated"]), "How the plan is provided.")
        .owner(CARRIED),
    Field::boolean("activate", "Whether environments may use the plan.").default(Literal::Boolean(false)),
];

static MEMBER: &[Field] = &[
    Field::text("email", Format::Mail, "The mail address of the member.")
        .need(Need::Always)
        .rule("NS-09")
        .example(Literal::Text("dev1@acme.example")),
    Field::text(
        "role",
        Format::NonEmpty,
        "Developer, Administrator, or the name of a custom role of the cluster.",
    )
    .needed_on_create()
    .rule("NS-09")
    .example(Literal::Text("Developer")),
    fact("status", "Whether the invitation was accepted."),
    fact("displayName", "The name of the person."),
    Field::boolean("autoAcceptInvite", "Accepts a new invitation on behalf of the person.")
        .owner(Owner::Command),
    // Sent back as they are: an update without them might reset the rights of a member with a custom role.
    Field::object("permissions", PERMISSIONS, "What the role allows.").owner(CARRIED),
];

static PERMISSIONS: &[Field] = &[
    permission("manageEnvironment"),
    permission("deployApp"),
    permission("scaleApp"),
    permission("startApp"),
    permission("stopApp"),
    permission("modifyMxAdminPassword"),
    permission("editAppConstants"),
    permission("manageAppScheduledEvents"),
    permission("viewAppLogs"),
    permission("viewAppAlerts"),
    permission("viewAppMetrics"),
    permission("manageAppBackups"),
    permission("manageDebugger"),
    permission("manageTLSConfigurations"),
    permission("manageCustomEnvVarJVMOpts"),
    permission("manageCustomRuntimeSettings"),
    permission("manageLogLevels"),
    permission("manageRuntimeMetricsConfiguration"),
    permission("manageClientCertificates"),
];

const fn permission(name: &'static str) -> Field {
    Field::boolean(name, "A right of the member's role.").owner(CARRIED).default(Literal::Boolean(false))
}

static LINKS: &[Field] = &[
    link("metricsUrl", "Where the metrics are."),
    link("alertsUrl", "Where the alerts are."),
    link("logsUrl", "Where the logs are."),
    link("backupsUrl", "Where the backups are."),
];

const fn link(name: &'static str, doc: &'static str) -> Field {
    Field::text(name, Format::Url, doc)
        .clear(Clear::Text(""))
        .rule("NS-12")
        .example(Literal::Text("https://grafana.acme.example/d/orders"))
}

static INFORMATION: &[Field] = &[
    Field::object("componentVersion", VERSIONS, "Versions of the operator's parts.").owner(SERVER),
    Field::object(
        "componentsVersion",
        VERSIONS,
        "Versions of the operator's parts, as most answers spell it.",
    )
    .owner(SERVER),
    Field::object("internalDetails", DETAILS, "How the operator was built.").owner(SERVER),
];

static VERSIONS: &[Field] = &[
    fact("operatorVersion", "The version of the operator."),
    fact("repositoryURL", "Where the operator's images are."),
    fact("builderVersion", "The version of the builder."),
    fact("metricsSidecarVersion", "The version of the metrics sidecar."),
    fact("m2EESidecarVersion", "The version of the M2EE sidecar."),
    fact("storageProvisionerVersion", "The version of the storage provisioner."),
];

static DETAILS: &[Field] = &[
    fact("operatorSDK", "The version of the Operator SDK."),
    fact("goRuntimeVersion", "The version of the Go runtime."),
    fact("buildBranch", "The branch of the build."),
    fact("buildDate", "The date of the build."),
    fact("buildHash", "The commit of the build."),
];

const fn fact(name: &'static str, doc: &'static str) -> Field {
    Field::text(name, Format::Plain, doc).owner(SERVER)
}

static ENVIRONMENT: &[Field] = &[
    fact("environmentId", "The environment's id."),
    fact("environmentName", "The environment's name."),
    fact("applicationId", "The id of its app."),
    fact("applicationName", "The name of its app."),
];
