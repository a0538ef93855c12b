//! Members of namespaces and managers of clusters: what the server adds to them.

use serde_json::{Map, Value, json};

use super::{pointer, state::same};

/// The rights of a member; the last is in the contract's examples only (NOTES 5).
const PERMISSIONS: &[&str] = &[
    "manageEnvironment",
    "deployApp",
    "scaleApp",
    "startApp",
    "stopApp",
    "modifyMxAdminPassword",
    "editAppConstants",
    "manageAppScheduledEvents",
    "viewAppLogs",
    "viewAppAlerts",
    "viewAppMetrics",
    "manageAppBackups",
    "manageDebugger",
    "manageTLSConfigurations",
    "manageCustomEnvVarJVMOpts",
    "manageCustomRuntimeSettings",
    "manageLogLevels",
    "manageRuntimeMetricsConfiguration",
    "manageClientCertificates",
];

/// Fills in what the server knows of each person in the list at `path`, and executes `autoAcceptInvite`.
pub(super) fn settle(sent: &mut Value, live: Option<&Value>, path: &str) {
    let known = live.map(|live| pointer::items(live, path)).unwrap_or_default();
    let people: Vec<Value> =
        pointer::items(sent, path).iter().map(|person| settle_one(person.clone(), known)).collect();
    pointer::put(sent, path, Value::Array(people));
}

fn settle_one(mut person: Value, known: &[Value]) -> Value {
    let email = pointer::text(&person, "/email").to_owned();
    let before = known.iter().find(|known| same(pointer::text(known, "/email"), &email));
    let accepted = pointer::is_true(&person, "/autoAcceptInvite")
        || before.is_some_and(|before| pointer::text(before, "/status") == "Accepted");
    let Some(fields) = person.as_object_mut() else { return person };
    // A command, not a state: it is never returned (NOTES 5).
    fields.shift_remove("autoAcceptInvite");
    fields.insert("status".into(), json!(if accepted { "Accepted" } else { "Invitation_Sent" }));
    let name = before.map(|before| pointer::text(before, "/displayName")).filter(|name| !name.is_empty());
    let name = name.or_else(|| email.split('@').next()).unwrap_or_default();
    fields.insert("displayName".into(), json!(name));
    if let Some(role) = fields.get("role").and_then(Value::as_str) {
        let permissions = permissions(role, before);
        fields.insert("permissions".into(), permissions);
    }
    person
}

fn permissions(role: &str, before: Option<&Value>) -> Value {
    let has = |name: &str| match role {
        "Administrator" => true,
        "Developer" => name != "manageEnvironment",
        _ => false,
    };
    // The flags of the deprecated custom role stay what they were; nobody can edit them any more (NS-10).
    let kept = before.filter(|before| pointer::text(before, "/role") == role && role == "Custom_DEPRECATED");
    if let Some(permissions) = kept.and_then(|before| before.get("permissions")) {
        return permissions.clone();
    }
    Value::Object(
        PERMISSIONS.iter().map(|name| ((*name).to_owned(), json!(has(name)))).collect::<Map<_, _>>(),
    )
}
