//! `deployment` of environments: URL, package, constants, events, log levels (DOMAIN 2.3).

use super::{Code, Elsewhere, family};

family! {
    URL_01 = Code::error("URL-01", "The URL of an app is not one that an ingress can serve.")
        .why("The URL becomes the host of an ingress: http or https and a DNS name, whose labels have up to 63 characters and which has up to 253 in all. A user, a path, a query or a fragment has no place there; apps cannot share a host by path.")
        .instead("Write the URL with its scheme and nothing behind the host.")
        .example("deployment: {appUrl: https://orders.acme.example}");

    URL_02 = Code::error("URL-02", "Two environments of one cluster have the same host.")
        .why("Each app gets an ingress of its own for its host, and one host cannot lead to two apps.")
        .instead("Give each environment a host of its own.")
        .example("deployment: {appUrl: https://orders-test.acme.example}");

    URL_03 = Code::warning("URL-03", "Environments of two clusters have the same host.")
        .why("Where DNS points decides which of them users reach. That is meant where one stands in for the other, and a mistake everywhere else.")
        .instead("Give each environment a host of its own, or waive the warning where one stands in for the other.")
        .example("deployment: {appUrl: https://orders-us.acme.example}");

    URL_04 = Code::warning("URL-04", "`ApplicationRootUrl` is not the URL of the app.")
        .why("Operators from 1.10 on set `ApplicationRootUrl` to `appUrl` by themselves. A custom setting takes precedence, and links that the app makes then lead elsewhere.")
        .instead("Remove the setting; where it is needed, write a full http or https URL with the host of `appUrl`.")
        .example("deployment: {appUrl: https://orders.acme.example}\nruntime:\n  customRuntimeSettings: {ApplicationRootUrl: https://orders.acme.example/}");

    PKG_01 = Code::error("PKG-01", "`packageId` is empty or not text.")
        .why("An environment cannot exist without a deployment package.")
        .instead("Write the id of a package of the app.")
        .example("deployment: {packageId: c3639148-a823-505a-8b7a-eac8f83cf111}");

    CON_01 = Code::error("CON-01", "A constant is not written as `Module.Constant`.")
        .why("Constants belong to modules. Both names have letters, digits and underscores, and do not start with a digit.")
        .instead("Write the module, a dot, and the constant, as Studio Pro spells them.")
        .example("deployment:\n  constants: {Erp.BaseUrl: https://erp.acme.example}");

    CON_02 = Code::error("CON-02", "A constant is declared twice.")
        .why("Constants are known by their name, `Module.Constant`.")
        .instead("Remove one of the two.");

    CON_03 = Code::error("CON-03", "The value of a constant is not text.")
        .why("Values of constants are text in the API. YAML would turn `true`, `1.10` or `0123` into something else.")
        .instead("Quote the value.")
        .example("deployment:\n  constants: {Erp.Retries: \"3\"}");

    CON_04 = Code::warning("CON-04", "The value of a constant that sounds like a secret stands in the file.")
        .why("Files of an estate are kept in Git, where a secret stays for ever, and plans show what is not known to be secret.")
        .instead("Take the value from outside, and change the secret if it was committed. Where it is no secret, waive the warning.")
        .example("deployment:\n  constants: {Mail.Password: {fromEnv: ORDERS_MAIL_PASSWORD}}");

    SCH_01 = Code::error("SCH-01", "A scheduled event is declared twice.")
        .why("Scheduled events are known by their name, `Module.Event`.")
        .instead("Remove one of the two.");

    SCH_02 = Code::error("SCH-02", "A scheduled event is not written as `Module.Event`.")
        .why("Scheduled events belong to modules. Both names have letters, digits and underscores, and do not start with a digit.")
        .instead("Write the module, a dot, and the event, as Studio Pro spells them.")
        .example("deployment:\n  scheduledEvents: {Orders.SE_Cleanup: true}");

    SCH_03 = Code::error("SCH-03", "Scheduled events are declared in two ways.")
        .why("The operator does not let a list of scheduled events be combined with the runtime settings that switch all of them, or some, on and off.")
        .instead("Keep `scheduledEvents`, and remove `ScheduledEventExecution` and `MyScheduledEvents`.")
        .example("deployment:\n  scheduledEvents: {Orders.SE_Cleanup: true}");

    LOG_01 = Code::error("LOG-01", "A log level is unknown.")
        .why("Levels are CRITICAL, ERROR, WARNING, INFO, DEBUG, TRACE and NONE.")
        .instead("Write one of them, in capitals.")
        .example("deployment:\n  appLogLevels: {Core: ERROR}");

    LOG_02 = Code::warning("LOG-02", "API and operator do not both know the log level.")
        .why("The API does not list `WARNING` and the operator does not list `NONE`, so that one of the two may refuse the level or ignore it.")
        .instead("Use a level that both know: `CRITICAL`, `ERROR`, `INFO`, `DEBUG` or `TRACE`.")
        .example("deployment:\n  appLogLevels: {Core: ERROR}");

    LOG_03 = Code::error("LOG-03", "A log node is declared twice.")
        .why("Log levels are known by the name of their log node.")
        .instead("Remove one of the two.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[Elsewhere::new(
    "URL-05",
    "URLs are compared without regard to the case of scheme and host, and to a slash at the end.",
    "It is no mistake in a file: plans compare like that.",
)];
