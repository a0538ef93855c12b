//! The packages of apps, for scripts.

use serde_json::{Map, Value, json};

use super::{finish, name};
use crate::render::sanitise::Name;
use crate::render::schemas;
use crate::render::view::{PackageRowView, PackagesView};

pub(in crate::render) fn packages(view: &PackagesView) -> String {
    let PackagesView { estate, packages } = view;
    finish(&json!({
        "format": schemas::PACKAGES,
        "estate": estate.exact(),
        "packages": packages.iter().map(package).collect::<Vec<_>>(),
    }))
}

fn package(view: &PackageRowView) -> Value {
    let PackageRowView { app, id, name: called, address, facts, size, environments } = view;
    let mut out = Map::new();
    out.insert("app".to_owned(), app.exact().into());
    out.insert("id".to_owned(), id.exact().into());
    out.insert("name".to_owned(), called.exact().into());
    out.insert("address".to_owned(), name(address.as_ref()));
    for (fact, value) in facts {
        out.insert((*fact).to_owned(), name(value.as_ref()));
    }
    out.insert("fileSize".to_owned(), json!(size));
    out.insert("environments".to_owned(), environments.iter().map(Name::exact).collect());
    Value::Object(out)
}
