//! What a simulator has to know before an estate can be applied to it.

use mxkeep::model::{Declared, DesiredState, Identity, ItemKey, Kind, dig};
use mxkeep::simulator::Simulator;
use serde_json::json;

/// Registers the apps, packages and operators that an estate needs, as `--simulate` does.
pub fn register(simulator: &Simulator, desired: &DesiredState) {
    for app in desired.of_kind(Kind::App) {
        simulator.register_app(&app.identity.id(), &app.name);
    }
    register_cloud_apps(simulator, desired);
    for environment in desired.of_kind(Kind::Environment) {
        let Identity::Environment { app, .. } = &environment.identity else { unreachable!() };
        let model = json!({
            "constants": (["M.One", "M.Two", "M.Three"].map(|name| json!({"name": name, "default": "d"}))),
            "scheduledEvents": ["M.SE_A", "M.SE_B"],
        });
        if let Some(package) = environment.text(&["deployment", "packageId"]) {
            simulator.register_package(&app.to_string(), package, &model);
        }
        simulator.teach_app(&app.to_string(), &model);
    }
    for namespace in desired.of_kind(Kind::Namespace) {
        let plans = json!([
            {"planName": "db", "planType": "OnDemand", "planConfig": "{type: \"database\"}"},
            {"planName": "fs", "planType": "OnDemand", "planConfig": "{type: \"storage\"}"},
        ]);
        simulator.install_operator(&namespace.identity.id(), &json!({"version": "2.20.0", "plans": plans}));
    }
}

/// Registers the apps on Mendix Cloud, each with a team of everybody whom the estate names. The owner of the token
/// is their technical contact.
pub fn register_cloud_apps(simulator: &Simulator, desired: &DesiredState) {
    let name = |key: &ItemKey| match key {
        ItemKey::Natural(parts) => parts[0].clone(),
        ItemKey::Content(_) => unreachable!(),
    };
    for app in desired.of_kind(Kind::CloudApp) {
        let list = dig(&app.fields, &["environments"]).and_then(Declared::as_list);
        let environments = list.into_iter().flat_map(|list| &list.items).map(|(key, item)| {
            let members = item.fields.get("permissions").and_then(Declared::as_list);
            let members = members.into_iter().flat_map(|list| list.items.keys()).map(name);
            json!({"id": name(key), "permissions": members.collect::<Vec<_>>()})
        });
        let contact: Vec<_> = app.text(&["technicalContact"]).into_iter().collect();
        let environments: Vec<_> = environments.collect();
        let body = json!({"name": app.name, "members": contact, "environments": environments});
        simulator.register_cloud_app(&app.identity.id(), &body);
    }
}
