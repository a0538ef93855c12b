//! Certificates for calls to other systems (DOMAIN 2.5).

use super::{Code, Elsewhere, family};

family! {
    TLS_01 = Code::error("TLS-01", "The type of a certificate is unknown.")
        .why("Outgoing certificates are of type `Client`. Certificate authorities are not set here, but with mxpc-cli before an environment exists.")
        .instead("Write `certificateType: Client`.")
        .example("network:\n  outgoingConnectionCertificate:\n    - {certificateType: Client, key: {fromFile: certificates/erp.p12}, password: {fromEnv: ERP_CERTIFICATE_PASSWORD}}");

    TLS_02 = Code::error("TLS-02", "A certificate or its password is not base64.")
        .why("The API wants both in base64. Values from outside are encoded for you; with `encoding: base64`, and in literals, they have to be base64 already.")
        .instead("Take the value from outside and leave `encoding` out, unless it is base64.")
        .example("network:\n  outgoingConnectionCertificate:\n    - {key: {fromFile: certificates/erp.p12}, password: {fromEnv: ERP_CERTIFICATE_PASSWORD}}");

    TLS_03 = Code::error("TLS-03", "The password of a certificate is empty.")
        .why("The operator does not take a certificate without a password.")
        .instead("Export the certificate anew, with a password.")
        .example("network:\n  outgoingConnectionCertificate:\n    - {key: {fromFile: certificates/erp.p12}, password: {fromEnv: ERP_CERTIFICATE_PASSWORD}}");

    TLS_04 = Code::warning("TLS-04", "A certificate is not a PKCS#12 file.")
        .why("PKCS#12 files start with a certain byte, and this value does not. Mostly it is a PEM file, or was encoded twice.")
        .instead("Give the bytes of a `.p12` or `.pfx` file; write `encoding: base64` if they are base64 already.")
        .example("network:\n  outgoingConnectionCertificate:\n    - {key: {fromEnv: ERP_CERTIFICATE, encoding: base64}, password: {fromEnv: ERP_CERTIFICATE_PASSWORD}}");

    TLS_05 = Code::error("TLS-05", "A certificate is declared twice.")
        .why("Certificates are known by their content.")
        .instead("Remove one of the two.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[];
