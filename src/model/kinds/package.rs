//! Packages: `package` of the Build API, and the requests that build and upload one; NOTES 3 and 5, DOMAIN 2.15.
//!
//! A package is made once and never updated. What it is made from is its identity, so another revision is another
//! package.

use crate::model::field::{Field, Format, Literal, Need, Owner};

const SERVER: Owner = Owner::ServerOwned { carried: false };

/// The fields of a package.
pub(super) static FIELDS: &[Field] = &[
    Field::text(
        "name",
        Format::PackageName,
        "The name that environments refer to the package by; unique in an estate.",
    )
    .owner(Owner::Reference)
    .need(Need::Always)
    .example(Literal::Text("order-desk-1.4.2")),
    Field::text("app", Format::NonEmpty, "The app that it is a package of: a declared app's name or id.")
        .owner(Owner::Reference)
        .need(Need::Always)
        .example(Literal::Text("order-desk")),
    Field::text("packageId", Format::Uuid, "The id of a package that exists already.")
        .owner(Owner::Reference)
        .rule("ID-01")
        .example(Literal::Text("c3639148-a823-505a-8b7a-eac8f83cf111")),
    Field::text("branch", Format::Short(200), "The branch of the repository to build from.")
        .owner(Owner::Identity)
        .rule("BLD-01")
        .example(Literal::Text("main")),
    Field::text("revision", Format::Short(50), "The revision to build: a number in SVN, a commit in Git.")
        .owner(Owner::Identity)
        .rule("BLD-01")
        .example(Literal::Text("93de884c")),
    Field::text(
        "file",
        Format::NonEmpty,
        "The `.mda` file to upload: a path inside the estate, relative to the estate directory.",
    )
    .owner(Owner::Identity)
    .example(Literal::Text("dist/order-desk.mda")),
    Field::text("version", Format::Version, "The version that a build gives to the package, as `x.y.z`.")
        .owner(Owner::Identity)
        .rule("BLD-02")
        .example(Literal::Text("1.4.2")),
    Field::text(
        "description",
        Format::Plain,
        "A description of a build, for people. mxkeep adds a mark by which it knows the package again.",
    )
    .owner(Owner::CreateOnly),
    Field::text("id", Format::Plain, "The id that the platform gave.").owner(SERVER),
    Field::text("appId", Format::Plain, "The id of the app.").owner(SERVER),
    Field::text("modelVersion", Format::Plain, "The version of the model.").owner(SERVER),
    Field::text("runtimeVersion", Format::Plain, "The version of the Mendix runtime.").owner(SERVER),
    Field::text("createdOn", Format::Plain, "When it was made.").owner(SERVER),
    Field::text("fileName", Format::Plain, "The name of its file.").owner(SERVER),
    Field::integer("fileSize", 0, i64::MAX, "How many bytes its file has.").owner(SERVER),
    Field::text("expiryDate", Format::Plain, "When the platform removes it, unless it is deployed.")
        .owner(SERVER),
];
