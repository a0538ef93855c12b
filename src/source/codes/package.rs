//! Packages: what a build and an upload take (DOMAIN 2.15).

use super::{Code, Elsewhere, family};

family! {
    BLD_01 = Code::error("BLD-01", "The branch or revision of a build is empty, too long, or not text.")
        .why("The Build API takes a branch of 1 to 200 and a revision of 1 to 50 characters.")
        .instead("Quote a revision that is a number: `revision: \"1042\"`.")
        .example("package: {name: order-desk-1.4.2, app: order-desk, branch: main, revision: 93de884c}");

    BLD_02 = Code::error("BLD-02", "The version of a build is not of the form `x.y.z`.")
        .why("The Build API takes three numbers with dots between them, of 20 characters at most.")
        .instead("Write three numbers: `version: 1.4.2`.")
        .example("package:\n  name: order-desk-1.4.2\n  app: order-desk\n  branch: main\n  revision: 93de884c\n  version: 1.4.2");

    BLD_03 = Code::warning("BLD-03", "`Main line` may not be the name of the branch.")
        .why("Studio Pro shows the main branch of an SVN repository as `Main line`. Builds of it have failed by that name; the documentation of the Build API then advises `trunk`.")
        .instead("Write `branch: trunk`.")
        .example("package: {name: order-desk-1.4.2, app: order-desk, branch: trunk, revision: \"1042\"}");

    BLD_04 = Code::error("BLD-04", "The file of a package is empty, or larger than 1 GiB.")
        .why("The platform takes deployment packages of up to 1024 MB.")
        .instead("Build a smaller package: take what is not needed at run time out of `resources` and `userlib`.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[Elsewhere::new(
    "PKG-02",
    "A package that is deployed nowhere is about to expire.",
    "Only the platform knows when: `mxkeep plan` notes it, as a warning from a week before on.",
)];
