//! Apps: `appManifest` of the Deploy API. The platform owns them; an estate names those that it deploys.

use crate::model::field::{Field, Format, Literal, Need, Owner};

/// The fields of an app.
pub(super) static FIELDS: &[Field] = &[
    Field::text("appId", Format::Uuid, "The App ID that the Developer Portal shows.")
        .owner(Owner::Identity)
        .need(Need::Always)
        .rule("ID-01")
        .example(Literal::Text("ef41475b-98bf-5149-b98f-cd77fa66d08a")),
    Field::text("name", Format::NonEmpty, "The name that environments of this estate refer to the app by.")
        .owner(Owner::Reference)
        .need(Need::Always)
        .example(Literal::Text("order-desk")),
    Field::text("appName", Format::Plain, "The name of the app in the Developer Portal.")
        .owner(Owner::ServerOwned { carried: false }),
];
