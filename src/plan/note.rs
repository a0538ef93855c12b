//! Notes: what a person should read about a plan although it is no action.

use crate::model::{Address, Origin};

/// How much a note matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Something to act on.
    Warning,
    /// Something to know.
    Info,
}

impl Severity {
    /// The severity in JSON and text.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Info => "info",
        }
    }
}

/// Something a person should read about a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// How much it matters.
    pub severity: Severity,
    /// Its stable code.
    pub code: &'static str,
    /// The resource, where it is about one.
    pub address: Option<Address>,
    /// What to know.
    pub message: String,
    /// The place in the files.
    pub origin: Option<Origin>,
}

/// The codes of notes, blocks and problems, with what each of them means. The reference page is made from this list.
pub const CODES: &[(&str, &str)] = &[
    (WRITE_ONLY, "A declared secret is not compared, because the API never returns it."),
    (UNSET, "A declared value is not compared, because its variable is not set."),
    (
        VALUE_AT_APPLY,
        "A value is sent that is not known here, with `--values-at-apply`; the run that applies the plan has to have it.",
    ),
    (IGNORED, "A difference is left alone, because `ignore` in mxkeep.yaml says so."),
    (IGNORE_EXPIRED, "An `ignore` rule has expired; its field is compared again."),
    (ALREADY_GONE, "A tombstone names a resource that does not exist any more."),
    (
        NOT_LIVE,
        "A declared plan that is not to be used is not there; only `mxpc-cli` makes the plans of a namespace.",
    ),
    (
        PACKAGE_EXPIRES,
        "A declared package is deployed nowhere, and the platform will remove it; a warning within a week.",
    ),
    (
        NOT_REPORTED,
        "The technical contact of a cloud app is not compared: version 3 of the API tells it with the permissions of an environment only.",
    ),
    (
        MEMBER_UNLISTED,
        "A declared member is not in the team of the app, as far as the API tells. The team is made in the Developer Portal.",
    ),
    (
        LOCK_OUT,
        "The owner of the token loses the right to use the API or to change permissions, or hands the app over.",
    ),
    (
        CONFLICT,
        "A field changed in the files and on the live side, to different ends: compared with the base, nobody can say which of them is meant.",
    ),
    (ALREADY_DONE, "A field changed in the files, compared with the base, and is live like that already."),
    (RELEASED, "The files do not declare any more what the base declared; it is left as it is."),
    (
        ORPHANED,
        "The base declares a resource whose document is gone, without a tombstone. It still exists, and is left alone.",
    ),
    (FAILED, "A live environment reports the state Failed."),
    (
        UNREADABLE,
        "The API does not let this token read something (403); nothing is planned for what lies below.",
    ),
    (
        SPARED,
        "An exact list of members or managers does not name an administrator or the creator of the cluster. The platform puts technical contacts and creators there itself, so they stay; `absent: true` removes an administrator.",
    ),
    (
        LATE_MANAGER,
        "A manager is added to a cluster that has environments already: to operate these, the manager has to be in the team of their apps, too.",
    ),
    (FREEZE_OVER, "A freeze window is over."),
    (WAIVER_UNMET, "`--waive` names no action of the plan."),
    (WAIVER_NEEDLESS, "`--waive` names an action that no guard says no to."),
    (WHOSE_TOKEN, "Rights are taken from somebody, and nobody says whether the token is theirs."),
    (STOPPED, "An environment is stopped, and no file says how many instances it is to have."),
    (IMMUTABLE, "A field that the platform does not let change is declared with another value."),
    (TYPE_CHANGED, "The type of a namespace, its installation or its cluster's operator is decided once."),
    (SERVICES_CHANGED, "The plans of an environment are chosen when it is created."),
    (MOVED, "A namespace is declared in another cluster than the one that it lives in; there is no move."),
    (
        PROVIDER_CHANGED,
        "An environment is declared in another namespace than the one that it lives in. There is no move: it means to delete and to create it, and its data is lost.",
    ),
    (IN_USE, "A cluster is to be deleted that still holds namespaces."),
    (NAMESPACE_IN_USE, "A namespace is to be deleted that still holds environments."),
    (STUDIO_TARGET, "An environment is to be deleted to which Studio Pro deploys, while its app has others."),
    (OTHER_RESOURCE, "A tombstone's id names a resource with another address."),
    (MAIN_NAMESPACE, "The platform does not update the main namespace of a global operator."),
    (OPERATOR_TYPE, "A namespace is to be created whose type its cluster's operator does not have."),
    (MAIN_MISSING, "A managed namespace is to be created in a cluster that has no main namespace."),
    (CREATOR, "The creator of a cluster cannot be removed from its managers."),
    (
        PLAN_UNUSABLE,
        "An environment is to be created with a plan that its namespace does not have, that is not active, or that is of another type.",
    ),
    (
        FREE_APP,
        "The app is free: only licensed apps have permissions and a technical contact that can be changed.",
    ),
    (
        NOT_THE_CONTACT,
        "`canManagePrivileges` is to change, and the token belongs to somebody who is not the technical contact.",
    ),
    (CLOUD_ENVIRONMENT_MISSING, "The app on Mendix Cloud has no environment with the declared id."),
    (APP_MISSING, "The app does not exist, or the token cannot see it."),
    (
        PARENT_MISSING,
        "The resource that has to hold it, or that it depends on, does not exist and is not created by this plan.",
    ),
    (PACKAGE_MISSING, "The app has no package with the declared id."),
    (NEED_BLOCKED, "An action that has to succeed first is blocked."),
    (PROTECTED, "A guard protects the resource."),
    (MAX_DELETES, "The plan holds more deletes than `maxDeletes` allows."),
    (
        MAX_RESTARTS,
        "The plan restarts or stops more environments in production mode than `maxRestarts` allows.",
    ),
    (FROZEN, "The resource is in a freeze window."),
    (
        SELF_REMOVED,
        "The owner of the token loses the management of a cluster, or the membership or the role `Administrator` of a namespace.",
    ),
    (NEED_UNREADABLE, "What the action needs to know cannot be read with this token."),
    (SIZE_UNKNOWN, "An environment is to be started, and nothing says how many instances it had."),
    (NOT_THERE, "An environment is to be restarted, stopped, started or scaled that does not exist."),
    (MISSING_FIELD, "A field is missing that the platform requires to create the resource."),
    (UNSET_REQUIRED, "A value that has to be sent is not known, because its variable is not set."),
    (AMBIGUOUS, "A tombstone's id names more than one environment."),
    (
        OPERATOR_MISSING,
        "A plan is not there that is declared or that an environment needs: a person has to run `mxpc-cli` in the namespace.",
    ),
    (NEED_WAITING, "An action that has to succeed first waits for a person."),
];

/// See [`CODES`].
pub const WRITE_ONLY: &str = "PLAN-001";
/// See [`CODES`].
pub const UNSET: &str = "PLAN-002";
/// See [`CODES`].
pub const VALUE_AT_APPLY: &str = "PLAN-009";
/// See [`CODES`].
pub const IGNORED: &str = "PLAN-003";
/// See [`CODES`].
pub const IGNORE_EXPIRED: &str = "PLAN-004";
/// See [`CODES`].
pub const ALREADY_GONE: &str = "PLAN-005";
/// See [`CODES`].
pub const CONFLICT: &str = "PLAN-070";
/// See [`CODES`].
pub const ALREADY_DONE: &str = "PLAN-071";
/// See [`CODES`].
pub const RELEASED: &str = "PLAN-072";
/// See [`CODES`].
pub const ORPHANED: &str = "PLAN-073";
/// See [`CODES`].
pub const FAILED: &str = "PLAN-006";
/// See [`CODES`].
pub const NOT_LIVE: &str = "PLAN-007";
/// See [`CODES`].
pub const NOT_REPORTED: &str = "PLAN-050";
/// See [`CODES`].
pub const MEMBER_UNLISTED: &str = "PLAN-051";
/// See [`CODES`].
pub const LOCK_OUT: &str = "MC-04";
/// See [`CODES`].
pub const FREE_APP: &str = "MC-07";
/// See [`CODES`].
pub const NOT_THE_CONTACT: &str = "MC-03";
/// See [`CODES`].
pub const CLOUD_ENVIRONMENT_MISSING: &str = "PLAN-150";
/// See [`CODES`].
pub const UNREADABLE: &str = "PLAN-030";
/// See [`CODES`].
pub const SPARED: &str = "PLAN-008";
/// See [`CODES`].
pub const LATE_MANAGER: &str = "CL-04";
/// See [`CODES`].
pub const PACKAGE_EXPIRES: &str = "PKG-02";
/// See [`CODES`].
pub const PACKAGE_MISSING: &str = "PLAN-120";
/// See [`CODES`].
pub const STOPPED: &str = "PLAN-040";
/// See [`CODES`].
pub const IMMUTABLE: &str = "PLAN-101";
/// See [`CODES`].
pub const TYPE_CHANGED: &str = "NS-06";
/// See [`CODES`].
pub const SERVICES_CHANGED: &str = "SVC-04";
/// See [`CODES`].
pub const MOVED: &str = "PLAN-102";
/// See [`CODES`].
pub const PROVIDER_CHANGED: &str = "PRV-04";
/// See [`CODES`].
pub const IN_USE: &str = "PLAN-103";
/// See [`CODES`].
pub const NAMESPACE_IN_USE: &str = "NS-13";
/// See [`CODES`].
pub const STUDIO_TARGET: &str = "PROP-06";
/// See [`CODES`].
pub const OTHER_RESOURCE: &str = "PLAN-104";
/// See [`CODES`].
pub const MAIN_NAMESPACE: &str = "NS-05";
/// See [`CODES`].
pub const OPERATOR_TYPE: &str = "NS-03";
/// See [`CODES`].
pub const MAIN_MISSING: &str = "NS-04";
/// See [`CODES`].
pub const CREATOR: &str = "CL-03";
/// See [`CODES`].
pub const PLAN_UNUSABLE: &str = "SVC-02";
/// See [`CODES`].
pub const APP_MISSING: &str = "PLAN-105";
/// See [`CODES`].
pub const PARENT_MISSING: &str = "PLAN-106";
/// See [`CODES`].
pub const NEED_BLOCKED: &str = "PLAN-107";
/// See [`CODES`].
pub const NEED_UNREADABLE: &str = "PLAN-130";
/// See [`CODES`].
pub const PROTECTED: &str = "PLAN-108";
/// See [`CODES`].
pub const MAX_DELETES: &str = "PLAN-109";
/// See [`CODES`].
pub const MAX_RESTARTS: &str = "PLAN-081";
/// See [`CODES`].
pub const SELF_REMOVED: &str = "PLAN-080";
/// See [`CODES`].
pub const FROZEN: &str = "PLAN-082";
/// See [`CODES`].
pub const FREEZE_OVER: &str = "PLAN-083";
/// See [`CODES`].
pub const WAIVER_UNMET: &str = "PLAN-084";
/// See [`CODES`].
pub const WAIVER_NEEDLESS: &str = "PLAN-085";
/// See [`CODES`].
pub const WHOSE_TOKEN: &str = "PLAN-086";
/// See [`CODES`].
pub const SIZE_UNKNOWN: &str = "PLAN-140";
/// See [`CODES`].
pub const NOT_THERE: &str = "PLAN-141";
/// See [`CODES`].
pub const MISSING_FIELD: &str = "PLAN-201";
/// See [`CODES`].
pub const UNSET_REQUIRED: &str = "PLAN-202";
/// See [`CODES`].
pub const OPERATOR_MISSING: &str = "PLAN-301";
/// See [`CODES`].
pub const NEED_WAITING: &str = "PLAN-302";
/// See [`CODES`].
pub const AMBIGUOUS: &str = "PLAN-203";
