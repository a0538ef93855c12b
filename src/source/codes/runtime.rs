//! `runtime` of environments: secrets, variables, settings (DOMAIN 2.6).

use super::super::diagnostic::Severity;
use super::{Code, Elsewhere, family};

family! {
    SECR_01 = Code::error("SECR-01", "A runtime secret is not base64.")
        .why("The API wants runtime secrets in base64. Values from outside are encoded for you; with `encoding: base64`, and in literals, they have to be base64 already.")
        .instead("Take the value from outside and leave `encoding` out, unless it is base64.")
        .example("runtime:\n  mxAdminPassword: {fromEnv: ORDERS_ADMIN_PW, version: 1}");

    SECR_02 = Code::warning("SECR-02", "A runtime secret is the text that clears it.")
        .why("The API takes `---` to mean that the secret is to be removed. As a secret it cannot be set.")
        .instead("Write `null` where the secret is to be removed, and another value where it is not.")
        .example("runtime:\n  debuggerPassword: null");

    SECR_03 = Code::warning("SECR-03", "The password of the MxAdmin user is too weak.")
        .why("The platform wants at least 8 characters, among them an upper-case letter, a digit and a special character.")
        .instead("Choose a stronger password outside, and count `version` up to have it sent.")
        .example("runtime:\n  mxAdminPassword: {fromEnv: ORDERS_ADMIN_PW, version: 2}");

    SECR_04 = Code::error("SECR-04", "A secret stands in the file.")
        .or(Severity::Warning)
        .why("Files of an estate are kept in Git, where a secret stays for ever. `allowLiteralSecrets: true` in `mxkeep.yaml` makes this a warning, for simulators and demonstrations.")
        .instead("Take it from outside, and change the secret if it was committed.")
        .example("runtime:\n  mxAdminPassword: {fromEnv: ORDERS_ADMIN_PW, version: 1}");

    RT_01 = Code::warning("RT-01", "`runtimeVersion` comes from the package.")
        .why("Operators from 2.15 on read the version of the runtime from the deployment package. What a file says is ignored.")
        .instead("Remove `runtimeVersion`.")
        .example("runtime:\n  environmentVariables: {TZ: Europe/Amsterdam}");

    VAR_01 = Code::error("VAR-01", "The name of an environment variable has characters that it cannot have.")
        .why("A shell and most programs read only variables whose names have letters, digits and underscores, and do not start with a digit.")
        .instead("Use capitals, digits and underscores.")
        .example("runtime:\n  environmentVariables: {ERP_TIMEOUT: \"30\"}");

    VAR_02 = Code::error("VAR-02", "An environment variable is declared twice.")
        .why("Environment variables are known by their name.")
        .instead("Remove one of the two.");

    VAR_03 = Code::error("VAR-03", "The value of a variable or setting is not text.")
        .why("Values of environment variables and custom runtime settings are text in the API. YAML would turn `true`, `1.10` or `0123` into something else.")
        .instead("Quote the value.")
        .example("runtime:\n  customRuntimeSettings: {ConnectionPoolingMaxActive: \"20\"}");

    CRS_01 = Code::error("CRS-01", "A custom runtime setting is declared twice.")
        .why("Custom runtime settings are known by their name.")
        .instead("Remove one of the two.");

    CRS_02 = Code::error("CRS-02", "A custom runtime setting has a field of its own.")
        .why("`MicroflowConstants`, `ScheduledEventExecution`, `MyScheduledEvents` and `DTAPMode` are written by the operator, from fields of the manifest. What is set twice is decided by whoever comes last.")
        .instead("Use `deployment.constants`, `deployment.scheduledEvents` or `properties.production`.")
        .example("deployment:\n  constants: {Erp.BaseUrl: https://erp.acme.example}");

    CRS_03 = Code::warning("CRS-03", "A custom runtime setting is managed by the operator.")
        .why("The operator sets up database and storage from the plans of the namespace. Settings of `Database…` and `com.mendix.storage…` get in its way.")
        .instead("Remove the setting, and choose the plan in `services`.")
        .example("services:\n  - {name: rds, plan: OnDemand, config: '{type: \"database\"}'}\n  - {name: s3, plan: OnDemand, config: '{type: \"storage\"}'}");

    CRS_04 = Code::error("CRS-04", "`jettyOptions` is not JSON.")
        .why("The runtime reads the setting as a JSON object, and does not start with anything else.")
        .instead("Write a JSON object in single quotes.")
        .example("runtime:\n  customRuntimeSettings: {jettyOptions: '{\"set-stop-timeout\": 30000}'}");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[];
