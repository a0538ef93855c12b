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
pub(super) static ELSEWHERE: &[Elsewhere] = &[];
