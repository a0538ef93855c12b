//! Certificates for calls to other systems (DOMAIN 2.5). Their values are secret: a rule looks at them and says nothing
//! of what it saw.

use super::super::codes;
use super::super::diagnostic::Problem;
use super::super::formats;
use super::subject::{Estate, Item};
use crate::model::Kind;

/// How every PKCS#12 file starts: with a sequence of ASN.1.
const SEQUENCE: u8 = 0x30;

pub(super) fn check(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    for environment in estate.of(Kind::Environment) {
        for certificate in environment.items(&["network", "outgoingConnectionCertificate"]) {
            password(&certificate, problems);
            key(&certificate, problems);
        }
    }
}

/// TLS-03: the operator wants a password.
fn password(certificate: &Item<'_>, problems: &mut Vec<Problem>) {
    let Some(password) = certificate.field("password") else { return };
    if password.known().and_then(formats::decode).is_some_and(|bytes| bytes.is_empty()) {
        let problem = password.breaks(&codes::TLS_03, "the password of a certificate must not be empty");
        problems.push(problem.help("export the certificate anew, with a password"));
    }
}

/// TLS-04: the key is a PKCS#12 file.
fn key(certificate: &Item<'_>, problems: &mut Vec<Problem>) {
    let Some(key) = certificate.field("key") else { return };
    if key.known().and_then(formats::decode).is_some_and(|bytes| bytes.first() != Some(&SEQUENCE)) {
        let problem = key.breaks(&codes::TLS_04, "the certificate does not look like a PKCS#12 file");
        let help = "give the bytes of a `.p12` or `.pfx` file, not of a PEM file; `encoding: base64` if they are base64 already";
        problems.push(problem.help(help));
    }
}
