//! The life of a package: built or uploaded, deployed, expired, deleted (contract B).

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    apps::{DEFAULT_RUNTIME, LIFE},
    contract, durations,
    jobs::{Job, Status, Target, Verb, Work},
    message::{Answer, Call, Content, Refusal, Reply},
    pointer, shape,
    state::{Package, same},
    world::World,
};

/// The largest file that is taken: 1024 MB.
const LARGEST: u64 = 1024 * 1024 * 1024;

/// How many lines the log of a build has when nobody asks for more.
const LOG_LINES: u64 = 30;

impl World {
    /// `POST /apps/{appId}/packages/build`; no 404 is declared for it, so an unknown app is a 400.
    pub(super) fn build_package(&mut self, call: &Call, [app]: [&str; 1], now: Timestamp) -> Reply {
        let app_id = self.known_app(app)?;
        let body = call.json()?;
        let mut problems = shape::check(&body, contract::BUILD);
        let version = pointer::get(&body, "/version").and_then(Value::as_str);
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if version.is_some_and(|it| it.split('.').count() != 3 || !it.split('.').all(is_number)) {
            problems.push(("/version".into(), "must be of the form x.y.z".into()));
        }
        if !problems.is_empty() {
            return Err(Refusal::invalid(problems));
        }
        self.start_package(app_id, json!({ "package": body }), call, now)
    }

    /// `POST /apps/{appId}/packages`: the server has read the form and tells what it held.
    pub(super) fn upload_package(&mut self, call: &Call, [app]: [&str; 1], now: Timestamp) -> Reply {
        let app_id = self.known_app(app)?;
        let form = call.json()?;
        let mut problems = Vec::new();
        let size = pointer::get(&form, "/fileSize").and_then(Value::as_u64);
        match size {
            None => problems.push(("file".into(), "is required".into())),
            Some(size) if size > LARGEST => problems.push(("file".into(), "is larger than 1024 MB".into())),
            Some(_) => {}
        }
        let name = pointer::text(&form, "/fileName");
        if name.trim().is_empty() {
            problems.push(("fileName".into(), "is required".into()));
        }
        if !problems.is_empty() {
            return Err(Refusal::invalid(problems));
        }
        let name = if name.ends_with(".mda") { name.to_owned() } else { format!("{name}.mda") };
        let package = json!({"fileName": name, "fileSize": size, "sha256": pointer::text(&form, "/sha256")});
        self.start_package(app_id, json!({ "package": package }), call, now)
    }

    /// `DELETE /apps/{appId}/packages/{packageId}`.
    pub(super) fn delete_package(&mut self, call: &Call, [app, id]: [&str; 2], now: Timestamp) -> Reply {
        let app_id = self.app(app)?.app_id.clone();
        if self.state.package(&app_id, id).is_none() {
            return Err(Refusal::not_found("Package", id));
        }
        let target = Target::Package { app_id, package_id: id.to_owned() };
        self.start_job(Work { verb: Verb::Delete, target, manifest: Value::Null }, &call.faults, now)
    }

    /// The file of a package, at a URL that works for a while. Contents are not kept, so it is all zeros.
    pub(super) fn download_package(&self, call: &Call, id: &str, now: Timestamp) -> Reply {
        let until = call.parameter("until").and_then(|text| text.parse::<i64>().ok());
        if until.is_none_or(|until| until < now.as_second()) {
            return Err(Refusal::new(403, "The URL has expired"));
        }
        let package = self.state.packages.iter().find(|package| same(&package.id, id));
        let package = package.ok_or_else(|| Refusal::not_found("Package", id))?;
        Ok(Answer { status: 200, headers: Vec::new(), body: Content::Zeros(package.file_size) })
    }

    fn known_app(&self, app: &str) -> Result<String, Refusal> {
        let known = self.state.app(app).map(|app| app.app_id.clone());
        known.ok_or_else(|| Refusal::bad("appId", format!("App {app} could not be found")))
    }

    fn start_package(&mut self, app_id: String, manifest: Value, call: &Call, now: Timestamp) -> Reply {
        // The number of its job makes it unique.
        let name = format!("package {} {}", self.state.last_job + 1, now.as_millisecond());
        let package_id = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string();
        let target = Target::Package { app_id, package_id };
        self.start_job(Work { verb: Verb::Create, target, manifest }, &call.faults, now)
    }

    /// What the job of a build or upload does.
    pub(super) fn make_package(&mut self, app: &str, id: &str, manifest: &Value, at: Timestamp) {
        let text = |name: &str| pointer::text(manifest, &format!("/package/{name}")).to_owned();
        let is_build = pointer::get(manifest, "/package/branch").is_some();
        let number = self.state.packages.len() + 1;
        let version = Some(text("version")).filter(|text| !text.is_empty()).unwrap_or_else(|| "1.0.0".into());
        let model_version = format!("{version}.{number}");
        let size = pointer::get(manifest, "/package/fileSize").and_then(Value::as_u64);
        let known = self.state.app(app);
        self.state.packages.push(Package {
            id: id.to_owned(),
            app_id: app.to_owned(),
            runtime_version: DEFAULT_RUNTIME.into(),
            created_on: Timestamp::from_second(at.as_second()).unwrap_or(at),
            description: text("description"),
            file_name: if is_build {
                format!("{}-{model_version}.mda", text("branch"))
            } else {
                text("fileName")
            },
            file_size: size.unwrap_or(2_924_125),
            sha256: text("sha256"),
            model_version,
            expiry_date: Some(durations::later(at, LIFE)),
            constants: known.map(|app| app.constants.clone()).unwrap_or_default(),
            scheduled_events: known.map(|app| app.scheduled_events.clone()).unwrap_or_default(),
        });
        self.changed = true;
    }

    /// A build that fails leaves a package without content, which expires (release notes of 2024-02-22).
    pub(super) fn leave_failed_build(&mut self, work: &Work, at: Timestamp) {
        let Target::Package { app_id, package_id } = &work.target else { return };
        if work.verb != Verb::Create || pointer::get(&work.manifest, "/package/branch").is_none() {
            return;
        }
        let mut manifest = work.manifest.clone();
        pointer::put(&mut manifest, "/package/fileSize", json!(0));
        self.make_package(app_id, package_id, &manifest, at);
    }

    /// What the job of a delete does.
    pub(super) fn remove_package(&mut self, app: &str, id: &str) -> Result<(), String> {
        if let Some(user) = self.state.environments.iter().find(|it| same(&it.app_id, app) && runs(it, id)) {
            return Err(format!("Package {id} is deployed in environment {}", user.id()));
        }
        self.state.packages.retain(|it| !(same(&it.id, id) && same(&it.app_id, app)));
        Ok(())
    }

    /// Deploying a package locks it: it does not expire any more (DOMAIN 2.3).
    pub(super) fn lock_package(&mut self, app: &str, namespace: &str, environment: &str) {
        let Some(deployed) = self.state.environment(app, namespace, environment) else { return };
        let id = pointer::text(&deployed.manifest, "/environment/deployment/packageId").to_owned();
        let found = self.state.packages.iter_mut().find(|it| same(&it.id, &id) && same(&it.app_id, app));
        if let Some(package) = found {
            package.expiry_date = None;
        }
    }

    /// Packages whose time is over go.
    pub(super) fn expire_packages(&mut self, now: Timestamp) {
        let before = self.state.packages.len();
        self.state.packages.retain(|package| package.expiry_date.is_none_or(|expiry| expiry > now));
        self.changed |= self.state.packages.len() != before;
    }
}

fn runs(environment: &super::state::Environment, id: &str) -> bool {
    same(pointer::text(&environment.manifest, "/environment/deployment/packageId"), id)
}

/// The log of a build, as far as it has come.
pub(super) fn build_log(job: &Job) -> String {
    use std::fmt::Write as _;
    let lines = job.faults.log_lines.unwrap_or(LOG_LINES).max(1);
    let mut log = String::new();
    for line in 1..lines {
        let _ = writeln!(log, "[build] step {line} of {lines}: compiling module Module{line}");
    }
    let last = match (&job.status, &job.error) {
        (Status::Created | Status::Running, _) => "[build] running".to_owned(),
        (Status::Failed, Some(error)) => format!("[build] FAILED: {}", error.message),
        (Status::Failed, None) => "[build] FAILED".to_owned(),
        (Status::Finished, _) => "[build] finished".to_owned(),
    };
    log.push_str(&last);
    log.push('\n');
    log
}
