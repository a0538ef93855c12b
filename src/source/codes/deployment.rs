//! `deployment` of environments: URL, package, constants, events, log levels (DOMAIN 2.3).

use super::{Code, Elsewhere, family};

family! {
    URL_01 = Code::error("URL-01", "The URL of an app is not an absolute http or https URL.")
        .why("Write the URL with its scheme: `https://orders.acme.example`.");

    PKG_01 = Code::error("PKG-01", "`packageId` is empty or not text.")
        .why("An environment cannot exist without a deployment package.");

    CON_02 = Code::error("CON-02", "A constant is declared twice.")
        .why("Constants are known by their name, `Module.Constant`.");

    CON_03 = Code::error("CON-03", "The value of a constant is not text.")
        .why("Values of constants are text in the API. YAML would turn `true`, `1.10` or `0123` into something else; quote them.");

    SCH_01 = Code::error("SCH-01", "A scheduled event is declared twice.")
        .why("Scheduled events are known by their name, `Module.Event`.");

    LOG_01 = Code::error("LOG-01", "A log level is unknown.")
        .why("Levels are CRITICAL, ERROR, WARNING, INFO, DEBUG, TRACE and NONE.");

    LOG_02 = Code::warning("LOG-02", "API and operator do not both know the log level.")
        .why("The API does not list `WARNING` and the operator does not list `NONE`, so that one of the two may refuse the level or ignore it.")
        .instead("Use a level that both know: `CRITICAL`, `ERROR`, `INFO`, `DEBUG` or `TRACE`.")
        .example("deployment:\n  appLogLevels: {Core: ERROR}");

    LOG_03 = Code::error("LOG-03", "A log node is declared twice.")
        .why("Log levels are known by the name of their log node.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[];
