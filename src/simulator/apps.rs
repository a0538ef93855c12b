//! Apps and their packages, which the API only reads.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    durations,
    message::{Answer, Call, Refusal, Reply},
    pages::Page,
    pointer,
    state::{App, Constant, Package},
    world::World,
};

/// The largest page of packages (contract B).
const MAX_PACKAGES: usize = 50;
/// How long a download URL works (contract B).
const TTL: std::time::Duration = std::time::Duration::from_secs(900);
pub(super) const DEFAULT_RUNTIME: &str = "10.24.0.73019";
/// Two weeks: what an undeployed package lives (DOMAIN 2.3).
pub(super) const LIFE: std::time::Duration = std::time::Duration::from_secs(14 * 24 * 60 * 60);

impl World {
    /// `GET /apps`.
    pub(super) fn list_apps(&self, call: &Call) -> Reply {
        let page = Page::of(call, 100, self.settings.max_page);
        let apps = self.state.apps.iter().map(|app| (app.app_id.clone(), app)).collect();
        Ok(Answer::ok(json!({"apps": page.cut(apps).into_iter().map(show_app).collect::<Vec<_>>()})))
    }

    /// `GET /apps/{appId}`; the only GET of one thing that declares a 400.
    pub(super) fn get_app(&self, [id]: [&str; 1]) -> Reply {
        if Uuid::try_parse(id).is_err() {
            return Err(Refusal::bad("appId", "must be a UUID"));
        }
        Ok(Answer::ok(show_app(self.app(id)?)))
    }

    /// `GET /apps/{appId}/packages`.
    pub(super) fn list_packages(&self, call: &Call, [app]: [&str; 1]) -> Reply {
        let app = self.app(app)?;
        let page = Page::of(call, 20, MAX_PACKAGES.min(self.settings.max_page));
        let of_app = self.state.packages.iter().filter(|package| package.app_id == app.app_id);
        let packages = page.cut(of_app.map(|package| (package.id.clone(), package)).collect());
        let pagination = json!({"offset": page.offset, "limit": page.limit, "size": packages.len()});
        let packages: Vec<Value> = packages.into_iter().map(show_package).collect();
        Ok(Answer::ok(json!({"packages": packages, "pagination": pagination})))
    }

    /// `GET /apps/{appId}/packages/{packageId}`: wrapped, unlike the items of the list.
    pub(super) fn get_package(&self, call: &Call, [app, id]: [&str; 2], now: Timestamp) -> Reply {
        self.app(app)?;
        let package = self.state.package(app, id).ok_or_else(|| Refusal::not_found("Package", id))?;
        let mut shown = show_package(package);
        if call.flag("url") {
            let until = durations::later(now, TTL).as_second();
            let origin = self.settings.origin.replace("127.0.0.1", "localhost");
            let location = format!("{origin}/cdn/packages/{}?signature=simulated&until={until}", package.id);
            pointer::put(&mut shown, "/url", json!({"location": location, "ttl": TTL.as_secs()}));
        }
        if call.flag("log") {
            pointer::put(&mut shown, "/buildLog", json!("Pipeline created. Build finished."));
        }
        Ok(Answer::ok(json!({ "package": shown })))
    }

    /// The app, or 404.
    pub(super) fn app(&self, id: &str) -> Result<&App, Refusal> {
        self.state.app(id).ok_or_else(|| Refusal::not_found("App", id))
    }

    /// Makes an app known, or renames it.
    pub(super) fn register_app(&mut self, id: &str, name: &str) {
        self.changed = true;
        match self.state.apps.iter_mut().find(|app| super::state::same(&app.app_id, id)) {
            Some(_) if name.is_empty() => {}
            Some(app) => name.clone_into(&mut app.app_name),
            None => {
                let name = if name.is_empty() { id } else { name };
                self.state.apps.push(App { app_id: id.into(), app_name: name.into(), ..App::default() });
            }
        }
    }

    /// Makes a package known. Constants and events of a package that is known already are added to it.
    pub(super) fn register_package(&mut self, app: &str, id: &str, body: &Value, now: Timestamp) {
        self.register_app(app, "");
        // As the app spells its id, so that the two are found together.
        let app = self.state.app(app).map(|it| it.app_id.clone()).unwrap_or_else(|| app.to_owned());
        if self.state.package(&app, id).is_none() {
            self.state.packages.push(new_package(&app, id, now));
        }
        let same = |package: &&mut Package| super::state::same(&package.id, id) && package.app_id == app;
        if let Some(package) = self.state.packages.iter_mut().find(same) {
            package.learn(body);
        }
    }
}

impl World {
    /// Edits what the portal says of a package, or knows of its model, behind everybody's back.
    pub(super) fn edit_package(
        &mut self,
        app: &str,
        id: &str,
        edits: Vec<(String, Value)>,
    ) -> Result<(), String> {
        let same = |it: &&mut Package| super::state::same(&it.id, id) && super::state::same(&it.app_id, app);
        let package = self.state.packages.iter_mut().find(same);
        let package = package.ok_or_else(|| format!("there is no package `{app}/{id}`"))?;
        let mut edited = json!(package);
        for (path, value) in edits {
            if value.is_null() {
                pointer::remove(&mut edited, &path);
            } else {
                // Fields that a package happens to lack are left out of its JSON.
                pointer::put(&mut edited, &path, value);
            }
        }
        *package = serde_json::from_value(edited).map_err(|error| error.to_string())?;
        self.changed = true;
        Ok(())
    }
}

fn new_package(app: &str, id: &str, now: Timestamp) -> Package {
    Package {
        id: id.into(),
        app_id: app.into(),
        model_version: "1.0.0.1".into(),
        runtime_version: DEFAULT_RUNTIME.into(),
        // Whole seconds, as in the examples.
        created_on: Timestamp::from_second(now.as_second()).unwrap_or(now),
        file_name: "MainLine-1.0.0.1.mda".into(),
        file_size: 2_924_125,
        expiry_date: None,
        ..Package::default()
    }
}

impl Package {
    fn learn(&mut self, body: &Value) {
        for (name, field) in [
            ("/modelVersion", &mut self.model_version),
            ("/runtimeVersion", &mut self.runtime_version),
            ("/fileName", &mut self.file_name),
            ("/description", &mut self.description),
        ] {
            if let Some(text) = pointer::get(body, name).and_then(Value::as_str) {
                text.clone_into(field);
            }
        }
        if let Some(size) = pointer::get(body, "/fileSize").and_then(Value::as_u64) {
            self.file_size = size;
        }
        if pointer::is_true(body, "/expires") {
            self.expiry_date = Some(durations::later(self.created_on, LIFE));
        }
        learn_model(&mut self.constants, &mut self.scheduled_events, body);
    }
}

impl World {
    /// What packages of an app know that are made from now on.
    pub(super) fn teach_app(&mut self, app: &str, body: &Value) {
        if let Some(app) = self.state.apps.iter_mut().find(|it| super::state::same(&it.app_id, app)) {
            learn_model(&mut app.constants, &mut app.scheduled_events, body);
            self.changed = true;
        }
    }
}

/// Adds the constants and events of a body to those of a model.
fn learn_model(constants: &mut Vec<Constant>, events: &mut Vec<String>, body: &Value) {
    for constant in pointer::items(body, "/constants") {
        let (name, default) =
            (pointer::text(constant, "/name"), constant.get("default").and_then(Value::as_str));
        match constants.iter_mut().find(|known| known.name == name) {
            Some(known) => {
                if let Some(default) = default {
                    default.clone_into(&mut known.default);
                }
            }
            None if name.is_empty() => {}
            None => {
                let default = default.unwrap_or_default().to_owned();
                constants.push(Constant { name: name.to_owned(), default });
            }
        }
    }
    for event in pointer::items(body, "/scheduledEvents") {
        // A bare name, or the form that manifests have.
        let name = event.as_str().unwrap_or_else(|| pointer::text(event, "/name"));
        if !name.is_empty() && !events.iter().any(|known| known == name) {
            events.push(name.to_owned());
        }
    }
}

fn show_app(app: &App) -> Value {
    json!({"manifestVersion": "2.0.0", "app": {"appId": app.app_id, "appName": app.app_name}})
}

/// What the model holds is not part of the API: nobody can see it before it is deployed (DOMAIN 2.3).
fn show_package(package: &Package) -> Value {
    let mut shown = json!(package);
    if let Some(fields) = shown.as_object_mut() {
        fields.shift_remove("constants");
        fields.shift_remove("scheduledEvents");
        fields.shift_remove("sha256");
    }
    shown
}
