//! Access to apps on Mendix Cloud (DOMAIN 5).

use super::{Code, Elsewhere, family};

family! {
    MC_01 = Code::error("MC-01", "A member stands twice in one list of permissions.")
        .why("Members are known by their mail address, compared without regard to case. Two entries would have to agree, and then one is enough.")
        .instead("Keep one entry for each member; a role beside single rights (`{role: viewer, canDeployApp: true}`) adds to it.")
        .example("permissions:\n  dev1@corp.example: {role: viewer, canDeployApp: true}");

    MC_02 = Code::error("MC-02", "The technical contact is declared with less than all rights.")
        .why("The technical contact of an app has every right in all of its environments, whatever the permissions say, so what is declared could never come true.")
        .instead("Leave the technical contact out of `permissions`, or give it a role with all six rights.")
        .example("technicalContact: lead@corp.example\npermissions:\n  dev1@corp.example: viewer");

    MC_05 = Code::warning("MC-05", "A robot may deploy and may not use the API.")
        .why("A robot deploys over the API, which takes both `canDeployApp` and `canAccessAPI`. A member counts as a robot when its role or the part of its mail address before the `@` has one of the words robot, bot, ci, cd, pipeline, automation, service or svc in it.")
        .instead("Give it `canAccessAPI` as well.")
        .example("roles:\n  robot: {canDeployApp: true, canAccessAPI: true}\npermissions:\n  ci-robot@corp.example: robot");

    MC_06 = Code::error("MC-06", "A member or the technical contact is not a mail address.")
        .why("The API knows users by their mail address. Case is no difference.")
        .instead("Write the mail address with which the user signs in to the platform.")
        .example("permissions:\n  dev1@corp.example: viewer");

    MC_07 = Code::error("MC-07", "Access to a free app is declared.")
        .why("Only licensed apps have environments with permissions and a technical contact that can be changed.")
        .instead("Leave `permissions` and `technicalContact` out, or license the app first.")
        .example("cloudApp:\n  appId: 77ce12ac-6831-5f90-8cfe-a785d44defac\n  name: crm-suite\n  licenseType: licensed\n  technicalContact: lead@corp.example");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[
    Elsewhere::new(
        "MC-03",
        "`canManagePrivileges` is changed by somebody who is not the technical contact.",
        "A plan blocks the action, where `api.user` or `MXKEEP_USER` says who the token belongs to.",
    ),
    Elsewhere::new(
        "MC-04",
        "The owner of the token loses `canAccessAPI` or `canManagePrivileges`.",
        "A guard stops the action, where `api.user` or `MXKEEP_USER` says who the token belongs to. A hand-over has a warning.",
    ),
];
