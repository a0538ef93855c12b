//! `services` of environments: database and storage (DOMAIN 2.9).

use super::{Code, Elsewhere, family};

family! {
    SVC_01 = Code::error("SVC-01", "An environment does not have one database and one storage.")
        .why("An environment is created with one database plan and one storage plan. Where its namespace uses an external secrets store, that store names them: the environment has no services then, and those that are declared all the same are a warning, because an older environment may still have some.")
        .example("services:\n  rds: {plan: OnDemand, config: '{type: \"database\"}'}\n  s3: {plan: OnDemand, config: '{type: \"storage\"}'}");

    SVC_02 = Code::error("SVC-02", "A plan is not one of those that the namespace has.")
        .why("Where the files list `plans` of a namespace, a service with almost the name of a listed plan is an error; another that is not listed is a warning, if the other service of the environment is. Then a plan looks at the live namespace: it blocks the create of an environment whose plan does not exist, is not active, or is of another type. Environments that exist keep working, whatever becomes of their plans.")
        .instead("Correct the name, or add the plan to `plans` of the namespace.")
        .example("plans: {rds: true, s3: true}");

    SVC_03 = Code::error("SVC-03", "Two services have the same name.")
        .why("A service is known by the name of its plan, and database and storage plans of one namespace have different names.");

    SVC_05 = Code::warning("SVC-05", "Two environments use one dedicated plan.")
        .why("A dedicated plan is one database or one bucket; two environments would share their data.")
        .instead("Make a dedicated plan for each environment, or one on-demand plan for all of them.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[Elsewhere::new(
    "SVC-04",
    "The services of an existing environment change.",
    "A plan blocks the action: plans are chosen when the environment is created.",
)];
