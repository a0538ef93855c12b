//! `properties` of environments (DOMAIN 2.2).

use super::{Code, Elsewhere, family};

family! {
    PROP_01 = Code::error("PROP-01", "The name of an environment has characters that it cannot have.")
        .why("The platform takes lower-case letters, digits and hyphens, with a letter or digit at both ends.")
        .instead("Write the name in lower case, with hyphens for blanks.")
        .example("properties: {name: acceptance-2}");

    PROP_02 = Code::error("PROP-02", "Two environments of one app in one namespace have the same name.")
        .why("People, scripts and addresses pick environments by app and name, and where that is not enough by namespace. Two environments that agree in all of them cannot be told apart.")
        .instead("Rename one of the two.");

    PROP_03 = Code::error("PROP-03", "An environment is not for production, and its namespace does not allow that.")
        .why("New environments run in production mode since October 2022. Others need a namespace with development mode switched on.")
        .instead("Write `production: true`, or switch `enableDevelopmentMode` on in the namespace.")
        .example("namespace:\n  name: orders\n  enableDevelopmentMode: true");

    PROP_05 = Code::error("PROP-05", "An app has two default targets for Studio Pro.")
        .why("Studio Pro deploys to the one default target of an app. A second one would take it from the first, which would then never be as declared.")
        .instead("Keep `defaultStudioTarget: true` at one environment of the app.")
        .example("properties: {name: test, defaultStudioTarget: true}");

    PROP_07 = Code::warning("PROP-07", "`secretsStoreEnabled` is not what the namespace says.")
        .why("Whether secrets come from an external secrets store is decided by the namespace since June 2023. What the environment says is only information, and the platform may set it back.")
        .instead("Leave `secretsStoreEnabled` out; mxkeep sends what the namespace says.")
        .example("namespace:\n  name: orders\n  enableExternalSecretsStore: true");

    PROP_09 = Code::warning("PROP-09", "Two product types differ in nothing but case.")
        .why("The licence manager compares product types with regard to case, so at most one of the spellings names a licence that exists.")
        .instead("Spell the product type as the licence bundle does, everywhere.")
        .example("properties: {name: test, OverwriteProductTypePCLM: standard}");

    PROP_10 = Code::error("PROP-10", "The purpose of an environment is unknown.")
        .why("Purposes are `Test`, `Development`, `Acceptance` and `Production`. They are set in the portal, and what a file says is ignored.")
        .instead("Remove `environmentPurpose`.")
        .example("properties: {name: test}");

    PROP_11 = Code::warning("PROP-11", "`environmentPurpose` is set in the portal.")
        .why("Only the technical contact can set the purpose of an environment, in the portal. The API ignores it, so it would never be as declared.")
        .instead("Remove `environmentPurpose`.")
        .example("properties: {name: test}");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[
    Elsewhere::new(
        "PROP-04",
        "An app in production mode needs the security level Production.",
        "Never: the security level stands in the model, which no API shows. The deployment hangs without an error.",
    ),
    Elsewhere::new(
        "PROP-06",
        "The environment to which Studio Pro deploys is deleted.",
        "A plan blocks the delete while the app has other environments.",
    ),
    Elsewhere::new(
        "PROP-08",
        "`OverwriteProductTypePCLM` needs a namespace that uses the licence manager.",
        "Never: no API says whether a namespace does.",
    ),
];
