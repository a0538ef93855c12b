//! Access to apps on Mendix Cloud: Deploy API v3 and v4, NOTES 4, DOMAIN 5. The platform owns the app, its
//! environments and its team; an estate says who may do what.
//!
//! Live state is put together from several answers, in the shape that files have (`api::cloud`):
//!
//! ```text
//! {appId, name, licenseType, technicalContact, environments: [{environmentId, permissions: [{userId, six booleans}]}]}
//! ```

use crate::model::field::{Field, Format, ListKey, ListShape, Literal, Need, Owner};

/// The fields of a cloud app.
pub(super) static FIELDS: &[Field] = &[
    Field::text("appId", Format::Uuid, "The App ID that the Developer Portal shows.")
        .owner(Owner::Identity)
        .need(Need::Always)
        .rule("ID-01")
        .example(Literal::Text("77ce12ac-6831-5f90-8cfe-a785d44defac")),
    Field::text("name", Format::NonEmpty, "The name of the app in this estate.")
        .owner(Owner::Reference)
        .need(Need::Always)
        .example(Literal::Text("crm-suite")),
    // Not ours to change; declared, it lets MC-07 speak before the API is asked.
    Field::text(
        "licenseType",
        Format::Enum(&["licensed", "free"]),
        "How the app is licensed. Access to a free app cannot be managed.",
    )
    .owner(Owner::Immutable)
    .example(Literal::Text("licensed")),
    Field::text(
        "technicalContact",
        Format::Mail,
        "The mail address of the technical contact. Another one is a hand-over, which comes last.",
    )
    .rule("MC-06")
    .example(Literal::Text("new.lead@corp.example")),
    Field::list(
        "roles",
        ListShape::exact(ROLE, ListKey::Natural(&["name"])),
        "Named bundles of rights, for `permissions` to name.",
    )
    .owner(Owner::Shorthand)
    .never_cleared(),
    Field::list(
        "permissions",
        MEMBERS,
        "Who may do what in every environment below that does not say otherwise.",
    )
    .owner(Owner::Shorthand)
    .never_cleared(),
    Field::list(
        "environments",
        ListShape::merge(ENVIRONMENT, ListKey::Natural(&["environmentId"])),
        "The environments of the app. Those that are not declared stay as they are.",
    )
    .never_cleared(),
];

static ENVIRONMENT: &[Field] = &[
    Field::text("environmentId", Format::Uuid, "The id of the environment, given by the platform.")
        .need(Need::Always)
        .rule("ID-01")
        .example(Literal::Text("206c2c78-60d1-5e18-9a66-2922ae4b87e3")),
    Field::text("name", Format::NonEmpty, "The name of the environment, for people.")
        .owner(Owner::Reference)
        .example(Literal::Text("Production")),
    Field::list(
        "permissions",
        MEMBERS,
        "Who may do what in this environment; a member who stands here takes nothing from the app's `permissions`.",
    )
    .never_cleared(),
];

/// Whoever is in the team of the app has a row, most often one of six falses; there is no adding and no removing.
const MEMBERS: ListShape =
    ListShape::merge(MEMBER, ListKey::Natural(&["userId"])).short("role").duplicate("MC-01").standing();

static ROLE: &[Field] = &[
    Field::text("name", Format::NonEmpty, "The name of the role.")
        .need(Need::Always)
        .example(Literal::Text("viewer")),
    DEPLOY,
    BACKUPS,
    ALERTS,
    API,
    LOGS,
    PRIVILEGES,
];

static MEMBER: &[Field] = &[
    Field::text("userId", Format::Mail, "The mail address of a member of the app's team.")
        .need(Need::Always)
        .rule("MC-06")
        .example(Literal::Text("dev1@corp.example")),
    Field::text(
        "role",
        Format::NonEmpty,
        "The name of a role of this app. Rights beside it are added or taken away.",
    )
    .owner(Owner::Shorthand)
    .example(Literal::Text("viewer")),
    DEPLOY,
    BACKUPS,
    ALERTS,
    API,
    LOGS,
    PRIVILEGES,
];

const DEPLOY: Field =
    right("canDeployApp", "Transport Rights: deploy, start, stop and configure the environment.");
const BACKUPS: Field = right("canManageBackups", "Create, restore and download backups.");
const ALERTS: Field = right("canViewAlerts", "See and receive alerts.");
const API: Field = right("canAccessAPI", "Use the APIs of the platform for the environment.");
const LOGS: Field = right("canViewLogs", "See the logs.");
const PRIVILEGES: Field = right("canManagePrivileges", "Give and take these rights.");

/// What is not named is false.
const fn right(name: &'static str, doc: &'static str) -> Field {
    Field::boolean(name, doc).default(Literal::Boolean(false))
}

/// The names of the six rights of a member, as the API spells them.
pub const RIGHTS: [&str; 6] = [DEPLOY.name, BACKUPS.name, ALERTS.name, API.name, LOGS.name, PRIVILEGES.name];
