//! Mendix Cloud: the Deploy API v3 and v4 (contracts C3 and C4). Synchronous: a write is done when it is answered.
//!
//! Who sends a request matters here: a token is somebody's, and the rights of that person in the app decide. Both
//! tokens belong to the world's owner.

use serde_json::{Map, Value, json};

use super::{
    access::{self, Access},
    cloud_apps::{CloudApp, CloudEnvironment, CloudPermission, RIGHTS, same_user},
    message::{Answer, Call, Content, Refusal, Reply},
    pages::Page,
    pointer,
    routes::capture,
    state::same,
    world::World,
};

/// Where the API of Mendix Cloud begins; its version follows.
pub(super) const BASE: &str = "/cloud/api/v";
/// How many items a page has when nobody says; the contract does not tell.
const PAGE: usize = 20;
const SORTS: [&str; 6] = ["name", "index", "+name", "-name", "+index", "-index"];

/// The version of the API and the path below its base; nothing for a path of another API.
pub(super) fn below(path: &str) -> Option<(u8, &str)> {
    let rest = path.strip_prefix(BASE)?;
    let (version, path) = rest.split_at_checked(1)?;
    let version = version.parse().ok().filter(|version| [3, 4].contains(version))?;
    (path.is_empty() || path.starts_with('/')).then_some((version, path))
}

impl World {
    /// Answers a request to the API of Mendix Cloud.
    pub(super) fn answer_cloud(&mut self, call: &Call, version: u8, path: &str) -> Reply {
        let has = access::token(call.authorization.as_deref())?;
        let needs = if call.method == "GET" { Access::Read } else { Access::Write };
        access::check(has, needs)?;
        let is = |pattern: &str| capture(pattern, path);
        let get = call.method == "GET";
        if let Some([app, environment]) = is("/apps/{}/environments/{}/permissions").and_then(ids) {
            return match call.method.as_str() {
                "GET" => self.get_permissions(call, version, &app, &environment),
                "PATCH" => self.patch_permissions(call, &app, &environment),
                _ => Err(wrong_method(call)),
            };
        }
        if let Some([app]) = is("/apps/{}").and_then(ids) {
            return match call.method.as_str() {
                "GET" if version == 4 => Ok(Answer::ok(show(self.seen_app(&app)?))),
                "PATCH" => self.hand_over(call, &app),
                _ => Err(wrong_method(call)),
            };
        }
        // Version 3 has nothing else.
        if version == 4 && get {
            if is("/apps").is_some() {
                return self.list_cloud_apps(call);
            }
            if let Some([app]) = is("/apps/{}/environments").and_then(ids) {
                return self.list_cloud_environments(call, &app);
            }
            if let Some([app, environment]) = is("/apps/{}/environments/{}").and_then(ids) {
                let app = self.seen_app(&app)?;
                return Ok(Answer::ok(show_environment(app, find_environment(app, &environment)?)));
            }
        }
        Err(Refusal::not_found("Path", &call.path))
    }

    fn list_cloud_apps(&self, call: &Call) -> Reply {
        let license = call.parameter("licenseType");
        if let Some(other) = license.as_deref().filter(|it| !["free", "licensed"].contains(it)) {
            return Err(invalid("query-parameter", &format!("Value '{other}' is not supported")));
        }
        let page = page(call, self.settings.max_page)?;
        let seen = self.state.cloud_apps.iter().filter(|app| self.may_see(app));
        let seen = seen.filter(|app| license.as_ref().is_none_or(|license| *license == app.license_type));
        let apps = page.cut(seen.map(|app| (app.app_id.clone(), show(app))).collect());
        Ok(Answer::ok(json!({"pagination": pagination(page, apps.len()), "apps": apps})))
    }

    fn list_cloud_environments(&self, call: &Call, app: &str) -> Reply {
        let app = self.seen_app(app)?;
        let sort = call.parameter("sort").filter(|sort| !sort.is_empty());
        if let Some(sort) = sort.as_deref().filter(|sort| !SORTS.contains(sort)) {
            return Err(invalid("query-parameter", &format!("Value '{sort}' is not supported")));
        }
        let page = page(call, self.settings.max_page)?;
        let mut all: Vec<_> = app.environments.iter().collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        if sort.is_some_and(|sort| sort.starts_with('-')) {
            all.reverse();
        }
        let all = all.into_iter().skip(page.offset).take(page.limit);
        let environments: Vec<_> = all.map(|environment| show_environment(app, environment)).collect();
        let pagination = pagination(page, environments.len());
        Ok(Answer::ok(json!({"environments": environments, "pagination": pagination})))
    }

    fn get_permissions(&self, call: &Call, version: u8, app: &str, environment: &str) -> Reply {
        let found = self.cloud_app(app)?;
        let environment = find_environment(found, environment)?;
        if !self.may_see(found) {
            return Err(not_privileged(&environment.id));
        }
        let page = page(call, self.settings.max_page)?;
        let user = call.parameter("userId");
        let rows = environment.permissions.iter();
        let rows = rows.filter(|row| user.as_ref().is_none_or(|user| same_user(&row.user_id, user)));
        // Version 4 gives booleans as texts, version 3 as they are; with another spelling the other way round.
        let as_text = (version == 4) != self.settings.respell;
        let shown = |row: &CloudPermission| {
            let has_all = same_user(&row.user_id, &found.technical_contact);
            (row.user_id.clone(), show_row(row, |has| truth(has || has_all, as_text)))
        };
        let rows = page.cut(rows.map(shown).collect());
        Ok(Answer::ok(json!({
            "technicalContact": found.technical_contact,
            "pagination": pagination(page, rows.len()),
            "permissions": rows,
        })))
    }

    fn patch_permissions(&mut self, call: &Call, app: &str, environment: &str) -> Reply {
        let found = self.cloud_app(app)?;
        let environment = find_environment(found, environment)?;
        let owner = &self.state.owner;
        let is_contact = same_user(&owner.user_id, &found.technical_contact);
        let own = environment.permissions.iter().find(|row| same_user(&row.user_id, &owner.user_id));
        if !is_contact && !owner.mendix_admin && !own.is_some_and(|row| row.has("canManagePrivileges")) {
            return Err(not_privileged(&environment.id));
        }
        let body = call.json().map_err(|_| invalid("Request body", "Invalid request body"))?;
        let wrong = || invalid("Request body", "Invalid request body");
        let items = body.get("permissions").and_then(Value::as_array).ok_or_else(wrong)?;
        let mut rows = Vec::new();
        for item in items {
            let user = pointer::get(item, "/member/userId").and_then(Value::as_str).ok_or_else(wrong)?;
            let row = environment.permissions.iter().find(|row| same_user(&row.user_id, user));
            let row =
                row.ok_or_else(|| Refusal::new(404, format!("Permission not found for user {user}")))?;
            let mut changed = row.clone();
            for right in RIGHTS {
                let Some(value) = item.get(right) else { continue };
                let has = read_truth(value).ok_or_else(wrong)?;
                if !call.faults.dropped_fields.iter().any(|path| path.trim_start_matches('/') == right) {
                    changed.set(right, has);
                }
            }
            if changed.has("canManagePrivileges") != row.has("canManagePrivileges") && !is_contact {
                let reason = "Only technical contact can change manage permission";
                return Err(Refusal::access(403, "Forbidden", reason));
            }
            rows.push(changed);
        }
        let shown: Vec<_> = rows.iter().map(|row| show_row(row, Value::from)).collect();
        let id = environment.id.clone();
        for environment in self.cloud_app_mut(app).into_iter().flat_map(|app| &mut app.environments) {
            if environment.id == id {
                environment.put_all(&rows);
            }
        }
        self.changed = true;
        Ok(Answer::ok(json!({ "permissions": shown })))
    }

    fn hand_over(&mut self, call: &Call, app: &str) -> Reply {
        let found = self.cloud_app(app)?;
        let body = call.json().map_err(|_| invalid("Request body", "Invalid request body"))?;
        let user = pointer::text(&body, "/technicalContact/userId").to_owned();
        if user.is_empty() {
            let reason = "Attribute 'userId' is required, or the provided value is not supported";
            return Err(invalid("Request body", reason));
        }
        let owner = &self.state.owner;
        if !same_user(&owner.user_id, &found.technical_contact) && !owner.mendix_admin {
            let reason = "The user is not the Technical Contact of the app";
            return Err(Refusal::access(403, "Forbidden", reason));
        }
        if found.license_type == "free" {
            return Err(Refusal::new(400, "The technical contact of a free app cannot be changed"));
        }
        if !self.state.cloud_apps.iter().any(|app| app.has_member(&user)) {
            return Err(Refusal::new(400, format!("User {user} not found")));
        }
        if !found.has_member(&user) {
            return Err(Refusal::new(400, format!("The user {user} is not member of an application")));
        }
        let is_dropped = call.faults.dropped_fields.iter().any(|path| path == "/technicalContact");
        if let Some(app) = self.cloud_app_mut(app).filter(|_| !is_dropped) {
            // Who was the contact stays in the team.
            let former = std::mem::replace(&mut app.technical_contact, user);
            if !app.has_member(&former) {
                app.members.push(former);
            }
        }
        self.changed = true;
        Ok(Answer { status: 200, headers: Vec::new(), body: Content::Empty })
    }

    fn cloud_app(&self, id: &str) -> Result<&CloudApp, Refusal> {
        let found = self.state.cloud_apps.iter().find(|app| same(&app.app_id, id));
        found.ok_or_else(|| Refusal::new(404, format!("Application {id} not found")))
    }

    /// The app, for the eyes of the token's owner.
    fn seen_app(&self, id: &str) -> Result<&CloudApp, Refusal> {
        let app = self.cloud_app(id)?;
        if self.may_see(app) {
            return Ok(app);
        }
        let reason = "The account is not privileged to perform this request";
        Err(Refusal::access(403, "Forbidden", reason))
    }

    fn may_see(&self, app: &CloudApp) -> bool {
        self.state.owner.mendix_admin || app.has_member(&self.state.owner.user_id)
    }
}

fn find_environment<'a>(app: &'a CloudApp, id: &str) -> Result<&'a CloudEnvironment, Refusal> {
    let found = app.environments.iter().find(|environment| same(&environment.id, id));
    found.ok_or_else(|| Refusal::new(404, format!("Environment {id} not found")))
}

fn ids<const N: usize>(ids: Vec<String>) -> Option<[String; N]> {
    ids.try_into().ok()
}

fn wrong_method(call: &Call) -> Refusal {
    Refusal::new(405, format!("Method {} not allowed", call.method))
}

/// 400 in the words of these contracts.
fn invalid(name: &str, reason: &str) -> Refusal {
    Refusal::detailed(400, "Validation errors", name, reason)
}

fn not_privileged(environment: &str) -> Refusal {
    let reason =
        format!("The account is not privileged to perform this request for environment {environment}");
    Refusal::access(403, "Forbidden", &reason)
}

/// Unlike the lists of the private cloud, these have bounds.
fn page(call: &Call, max: usize) -> Result<Page, Refusal> {
    for (name, least) in [("offset", 0), ("limit", 1)] {
        let number = call.parameter(name).map(|text| text.trim().parse::<usize>());
        if number.is_some_and(|number| number.ok().is_none_or(|number| number < least)) {
            return Err(invalid("query-parameter", &format!("Value of '{name}' is not supported")));
        }
    }
    Ok(Page::of(call, PAGE, max))
}

fn pagination(page: Page, size: usize) -> Value {
    json!({"offset": page.offset, "limit": page.limit, "size": size})
}

fn show(app: &CloudApp) -> Value {
    json!({
        "id": app.app_id,
        "name": app.name,
        "licenseType": app.license_type,
        "subdomain": app.subdomain(),
        "technicalContact": {
            "userId": app.technical_contact,
            "name": app.technical_contact.split('@').next().unwrap_or_default(),
            "status": "active",
        },
        "region": "prod2-eu-central-1",
    })
}

fn show_environment(app: &CloudApp, environment: &CloudEnvironment) -> Value {
    json!({
        "id": environment.id,
        "appId": app.app_id,
        "name": environment.name,
        "state": "running",
        "isProduction": environment.is_production,
        "url": format!("https://{}.mendixcloud.example", app.subdomain()),
        "planName": "XS20-STANDARD",
    })
}

fn show_row(row: &CloudPermission, spell: impl Fn(bool) -> Value) -> Value {
    let mut shown = Map::new();
    shown.insert("member".into(), json!({"userId": row.user_id}));
    for right in RIGHTS {
        shown.insert(right.into(), spell(row.has(right)));
    }
    Value::Object(shown)
}

fn truth(has: bool, as_text: bool) -> Value {
    if as_text { has.to_string().into() } else { has.into() }
}

/// A boolean, or its text: the prose of the API shows a body with texts.
fn read_truth(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| value.as_str()?.parse().ok())
}
