//! Namespaces (DOMAIN 2.13).

use super::{Code, Elsewhere, family};

family! {
    NS_07 = Code::error("NS-07", "The secret of a namespace is not base64.")
        .why("Values from outside are encoded for you. With `encoding: base64`, and in literals, they have to be base64 already.");

    NS_09 = Code::error("NS-09", "A member or manager is declared twice, or has no usable mail address or role.")
        .why("Members of a namespace and managers of a cluster are known by their mail address, compared without regard to case.");

    NS_12 = Code::error("NS-12", "An operational link is not an absolute URL.")
        .why("Links to metrics, alerts, logs and backups are absolute http or https URLs.");
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
