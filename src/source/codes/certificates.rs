//! Certificates for calls to other systems (DOMAIN 2.5).

use super::{Code, Elsewhere, family};

family! {
    TLS_01 = Code::error("TLS-01", "The type of a certificate is unknown.")
        .why("Outgoing certificates are of type `Client`. Certificate authorities are not set here.");

    TLS_02 = Code::error("TLS-02", "A certificate or its password is not base64.")
        .why("Values from outside are encoded for you. With `encoding: base64`, and in literals, they have to be base64 already.");

    TLS_05 = Code::error("TLS-05", "A certificate is declared twice.")
        .why("Certificates are known by their content.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[];
