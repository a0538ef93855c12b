//! `runtime` of environments: secrets, variables, settings (DOMAIN 2.6).

use super::super::diagnostic::Severity;
use super::{Code, Elsewhere, family};

family! {
    SECR_01 = Code::error("SECR-01", "A runtime secret is not base64.")
        .why("Values from outside are encoded for you. With `encoding: base64`, and in literals, they have to be base64 already.");

    SECR_04 = Code::error("SECR-04", "A secret stands in the file.")
        .or(Severity::Warning)
        .why("Files of an estate are kept in Git, where a secret stays for ever. Take it from a variable: `{fromEnv: NAME}`. Change the secret if it was committed. `allowLiteralSecrets: true` in `mxkeep.yaml` makes this a warning, for simulators and demonstrations.");

    RT_01 = Code::warning("RT-01", "`runtimeVersion` comes from the package.")
        .why("Operators read the version of the runtime from the deployment package. It is ignored; remove it.");

    VAR_02 = Code::error("VAR-02", "An environment variable is declared twice.")
        .why("Environment variables are known by their name.");

    VAR_03 = Code::error("VAR-03", "The value of a variable or setting is not text.")
        .why("Values of environment variables and custom runtime settings are text in the API. YAML would turn `true`, `1.10` or `0123` into something else; quote them.");

    CRS_01 = Code::error("CRS-01", "A custom runtime setting is declared twice.")
        .why("Custom runtime settings are known by their name.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[];
