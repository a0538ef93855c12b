//! Apps on Mendix Cloud as the world keeps them, and what the administration does to them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{message::Refusal, pointer, state::same, world::World};

/// The rights of a member.
pub(super) const RIGHTS: [&str; 6] = [
    "canDeployApp",
    "canManageBackups",
    "canViewAlerts",
    "canAccessAPI",
    "canViewLogs",
    "canManagePrivileges",
];

/// Whose tokens these are.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Owner {
    pub(super) user_id: String,
    /// A Mendix Admin of the company may do what a technical contact may, but for `canManagePrivileges`.
    pub(super) mendix_admin: bool,
}

impl Default for Owner {
    fn default() -> Self {
        Self { user_id: "owner@simulator.example".into(), mendix_admin: false }
    }
}

/// An app on Mendix Cloud.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CloudApp {
    pub(super) app_id: String,
    pub(super) name: String,
    pub(super) license_type: String,
    pub(super) technical_contact: String,
    /// The team besides those with a row of permissions.
    pub(super) members: Vec<String>,
    pub(super) environments: Vec<CloudEnvironment>,
}

/// An environment of an app on Mendix Cloud.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CloudEnvironment {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) is_production: bool,
    pub(super) permissions: Vec<CloudPermission>,
}

/// What a member may do in an environment.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CloudPermission {
    pub(super) user_id: String,
    /// By the name of the right; what is not there is false.
    #[serde(flatten)]
    rights: Map<String, Value>,
}

/// Whether two mail addresses are one user's.
pub(super) fn same_user(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}

impl CloudApp {
    /// Whether somebody is in the team.
    pub(super) fn has_member(&self, user: &str) -> bool {
        let rows = self.environments.iter().flat_map(|environment| &environment.permissions);
        let mut team =
            self.members.iter().chain(rows.map(|row| &row.user_id)).chain([&self.technical_contact]);
        team.any(|member| same_user(member, user))
    }

    /// Where its environments are on the web.
    pub(super) fn subdomain(&self) -> String {
        self.name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
    }
}

impl CloudEnvironment {
    /// Replaces the rows of these members.
    pub(super) fn put_all(&mut self, rows: &[CloudPermission]) {
        for row in rows {
            match self.permissions.iter_mut().find(|it| same_user(&it.user_id, &row.user_id)) {
                Some(place) => *place = row.clone(),
                None => self.permissions.push(row.clone()),
            }
        }
    }
}

impl CloudPermission {
    pub(super) fn has(&self, right: &str) -> bool {
        self.rights.get(right).and_then(Value::as_bool).unwrap_or_default()
    }

    pub(super) fn set(&mut self, right: &str, has: bool) {
        self.rights.insert(right.to_owned(), has.into());
    }
}

impl World {
    /// Makes an app on Mendix Cloud known, or adds environments and members to it. What is known of it already stays.
    pub(super) fn register_cloud_app(&mut self, id: &str, body: &Value) {
        let text = |path| Some(pointer::text(body, path).to_owned()).filter(|text| !text.is_empty());
        if !self.state.cloud_apps.iter().any(|app| same(&app.app_id, id)) {
            self.state.cloud_apps.push(CloudApp {
                app_id: id.to_owned(),
                name: id.to_owned(),
                license_type: "licensed".to_owned(),
                technical_contact: text("/technicalContact")
                    .unwrap_or_else(|| self.state.owner.user_id.clone()),
                ..CloudApp::default()
            });
        }
        self.changed = true;
        let Some(app) = self.cloud_app_mut(id) else { return };
        app.name = text("/name").unwrap_or_else(|| app.name.clone());
        app.license_type = text("/licenseType").unwrap_or_else(|| app.license_type.clone());
        for member in pointer::items(body, "/members").iter().filter_map(Value::as_str) {
            if !app.has_member(member) {
                app.members.push(member.to_owned());
            }
        }
        for given in pointer::items(body, "/environments") {
            app.register_environment(given);
        }
    }

    pub(super) fn cloud_app_mut(&mut self, id: &str) -> Option<&mut CloudApp> {
        self.state.cloud_apps.iter_mut().find(|app| same(&app.app_id, id))
    }

    /// Edits an app on Mendix Cloud behind everybody's back; all edits or none.
    pub(super) fn edit_cloud_app(&mut self, id: &str, edits: Vec<(String, Value)>) -> Result<(), String> {
        let app = self.cloud_app_mut(id).ok_or_else(|| format!("there is no app `{id}`"))?;
        let mut document = serde_json::to_value(&*app).map_err(|error| error.to_string())?;
        for (path, value) in edits {
            if !value.is_null() {
                pointer::set(&mut document, &path, value)?;
            } else if !pointer::remove(&mut document, &path) {
                return Err(format!("there is nothing to remove at `{path}`"));
            }
        }
        *app = serde_json::from_value(document).map_err(|error| error.to_string())?;
        self.changed = true;
        Ok(())
    }

    /// Removes an app on Mendix Cloud.
    pub(super) fn remove_cloud_app(&mut self, id: &str) -> Result<(), Refusal> {
        let before = self.state.cloud_apps.len();
        self.state.cloud_apps.retain(|app| !same(&app.app_id, id));
        self.changed = true;
        if self.state.cloud_apps.len() == before { Err(Refusal::not_found("App", id)) } else { Ok(()) }
    }

    /// Says whose tokens these are.
    pub(super) fn set_owner(&mut self, user: &str, mendix_admin: bool) {
        self.state.owner = Owner { user_id: user.to_owned(), mendix_admin };
        self.changed = true;
    }
}

impl CloudApp {
    fn register_environment(&mut self, given: &Value) {
        let id = pointer::text(given, "/id");
        if !self.environments.iter().any(|it| same(&it.id, id)) {
            let name = if self.environments.is_empty() { "Production" } else { "Acceptance" };
            self.environments.push(CloudEnvironment {
                id: id.to_owned(),
                name: name.to_owned(),
                ..CloudEnvironment::default()
            });
        }
        let Some(environment) = self.environments.iter_mut().find(|it| same(&it.id, id)) else { return };
        if let Some(name) = given.get("name").and_then(Value::as_str) {
            name.clone_into(&mut environment.name);
        }
        environment.is_production |= pointer::is_true(given, "/isProduction");
        for row in pointer::items(given, "/permissions") {
            // A bare mail address is a row of falses.
            let user = row.as_str().unwrap_or_else(|| pointer::text(row, "/userId"));
            if environment.permissions.iter().any(|it| same_user(&it.user_id, user)) {
                continue;
            }
            let mut new = CloudPermission { user_id: user.to_owned(), ..CloudPermission::default() };
            for right in RIGHTS {
                new.set(right, row.get(right).and_then(Value::as_bool).unwrap_or_default());
            }
            environment.permissions.push(new);
        }
    }
}
