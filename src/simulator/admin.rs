//! `/_admin`: what happens to the world without the API, by people in the portal, by mxpc-cli or by tests.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    durations,
    fault::Fault,
    faults::Faults,
    jobs::{self, Target},
    log::Log,
    message::{Answer, Call, Refusal, Reply},
    pointer,
    routes::unescape,
    state::{State, same},
    world::World,
};

/// Where the administration begins.
pub(super) const BASE: &str = "/_admin";

/// Everything that the administration may change.
pub(super) struct Admin<'a> {
    pub(super) world: &'a mut World,
    pub(super) faults: &'a mut Faults,
    pub(super) log: &'a mut Log,
    /// The simulated time.
    pub(super) now: Timestamp,
}

impl Admin<'_> {
    /// Answers a request below `/_admin`.
    pub(super) fn handle(&mut self, call: &Call) -> Answer {
        self.world.advance_to(self.now);
        self.dispatch(call).unwrap_or_else(Answer::from)
    }

    fn dispatch(&mut self, call: &Call) -> Reply {
        let path = call.path.strip_prefix(BASE).unwrap_or_default();
        let steps: Option<Vec<String>> = path.split('/').skip(1).map(unescape).collect();
        let steps = steps.unwrap_or_default();
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        match (call.method.as_str(), steps.as_slice()) {
            ("GET", ["world"]) => Ok(Answer::ok(self.world.snapshot())),
            ("PUT", ["world"]) => self.replace_world(&call.body),
            ("GET", ["requests"]) => Ok(Answer::ok(json!(self.log.entries()))),
            ("DELETE", ["requests"]) => {
                self.log.clear();
                Ok(done())
            }
            ("GET", ["faults"]) => Ok(Answer::ok(json!(self.faults.show()))),
            ("PUT", ["faults"]) => self.replace_faults(&call.json()?),
            ("PUT", ["clock"]) => self.advance_clock(&call.json()?),
            ("PUT", ["apps", app]) => {
                let body = call.json()?;
                self.world.register_app(app, pointer::text(&body, "/name"));
                self.world.teach_app(app, &body);
                Ok(done())
            }
            ("PUT", ["apps", app, "packages", package]) => {
                self.world.register_package(app, package, &body_or_empty(call)?, self.now);
                Ok(done())
            }
            ("PUT", ["namespaces", namespace, "operator"]) => {
                self.world.install_operator(namespace, &body_or_empty(call)?);
                Ok(done())
            }
            ("PUT", ["cloud", "owner"]) => {
                let body = call.json()?;
                let admin = pointer::is_true(&body, "/mendixAdmin");
                self.world.set_owner(pointer::text(&body, "/userId"), admin);
                Ok(done())
            }
            ("PUT", ["cloud", "apps", app]) => {
                self.world.register_cloud_app(app, &body_or_empty(call)?);
                Ok(done())
            }
            ("PATCH", ["cloud", "apps", app]) => {
                let edits = edits(&call.json()?)?;
                self.world.edit_cloud_app(app, edits).map_err(|reason| Refusal::bad("path", reason))?;
                Ok(done())
            }
            ("DELETE", ["cloud", "apps", app]) => self.world.remove_cloud_app(app).map(|()| done()),
            ("PATCH", ["packages", app, package]) => {
                let edits = edits(&call.json()?)?;
                self.world
                    .edit_package(app, package, edits)
                    .map_err(|reason| Refusal::bad("path", reason))?;
                Ok(done())
            }
            ("PUT", ["namespaces", namespace, "installer"]) => {
                self.world.run_installer(namespace, &call.json()?)
            }
            ("PATCH", resource) => {
                let target = self.world.target(resource)?;
                let edits = edits(&call.json()?)?;
                self.world.edit(&target, edits).map_err(|reason| Refusal::bad("path", reason))?;
                Ok(done())
            }
            ("DELETE", ["packages", app, package]) => {
                let target = Target::Package { app_id: (*app).into(), package_id: (*package).into() };
                self.world.remove(&target);
                Ok(done())
            }
            ("DELETE", resource) => {
                let target = self.world.target(resource)?;
                self.world.remove(&target);
                Ok(done())
            }
            _ => Err(Refusal::not_found("Path", &call.path)),
        }
    }

    fn replace_world(&mut self, body: &[u8]) -> Reply {
        self.world.state = State::parse(body).map_err(|reason| Refusal::bad("world", reason))?;
        self.world.changed = true;
        Ok(done())
    }

    fn replace_faults(&mut self, body: &Value) -> Reply {
        let wrong = || Refusal::bad("faults", "must be a list of strings");
        let texts = body.as_array().ok_or_else(wrong)?;
        let mut faults = Vec::new();
        for text in texts {
            let fault: Result<Fault, String> = text.as_str().ok_or_else(wrong)?.parse();
            faults.push(fault.map_err(|reason| Refusal::bad("faults", reason))?);
        }
        *self.faults = Faults::new(faults);
        Ok(done())
    }

    fn advance_clock(&mut self, body: &Value) -> Reply {
        let by = durations::parse(pointer::text(body, "/advance"));
        let by = by.map_err(|reason| Refusal::bad("advance", reason))?;
        self.world.advance_clock(by);
        let now = durations::later(self.now, by);
        self.world.advance_to(now);
        Ok(Answer::ok(json!({ "now": now })))
    }
}

impl World {
    /// Puts the simulated clock forward.
    pub(super) fn advance_clock(&mut self, by: std::time::Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.state.clock_ahead_ms = self.state.clock_ahead_ms.saturating_add(by);
        self.changed = true;
    }

    /// The resource behind `clusters/ID`, `namespaces/ID` or `environments/APP/NAMESPACE/ID`.
    pub(super) fn target(&self, steps: &[&str]) -> Result<Target, Refusal> {
        let target = match *steps {
            ["clusters", id] => Target::Cluster { cluster_id: id.into() },
            ["namespaces", id] => {
                let cluster = self.state.namespace(id).map(|namespace| namespace.cluster_id.clone());
                Target::Namespace { cluster_id: cluster.unwrap_or_default(), namespace_id: id.into() }
            }
            ["environments", app, namespace, id] => Target::Environment {
                app_id: app.into(),
                namespace_id: namespace.into(),
                environment_id: id.into(),
            },
            _ => return Err(Refusal::not_found("Path", &steps.join("/"))),
        };
        match self.manifest_of(&target) {
            Some(_) => Ok(target),
            None => Err(Refusal::not_found(target.kind(), &steps.join("/"))),
        }
    }

    /// Edits a resource behind everybody's back: at once, without a job; all edits or none.
    pub(super) fn edit(&mut self, target: &Target, edits: Vec<(String, Value)>) -> Result<(), String> {
        let mut manifest = self.manifest_of(target).cloned().unwrap_or_default();
        for (path, value) in edits {
            let path = jobs::full_path(target.kind(), &path);
            if !value.is_null() {
                pointer::set(&mut manifest, &path, value)?;
            } else if !pointer::remove(&mut manifest, &path) {
                return Err(format!("there is nothing to remove at `{path}`"));
            }
        }
        self.put(target, manifest);
        self.changed = true;
        Ok(())
    }

    fn put(&mut self, target: &Target, manifest: Value) {
        let place = match target {
            Target::Package { .. } => None,
            Target::Cluster { cluster_id } => {
                self.state.clusters.iter_mut().find(|it| same(it.id(), cluster_id)).map(|it| &mut it.manifest)
            }
            Target::Namespace { namespace_id, .. } => self
                .state
                .namespaces
                .iter_mut()
                .find(|it| same(it.id(), namespace_id))
                .map(|it| &mut it.manifest),
            Target::Environment { app_id, namespace_id, environment_id } => {
                let mut all = self.state.environments.iter_mut();
                let found = all.find(|it| it.is(app_id, namespace_id, environment_id));
                found.map(|it| {
                    let state = "/environment/container/state";
                    if pointer::get(&it.manifest, state) != pointer::get(&manifest, state) {
                        // An edited state stays; nothing in progress may overwrite it.
                        it.settles_at = None;
                    }
                    &mut it.manifest
                })
            }
        };
        if let Some(place) = place {
            *place = manifest;
        }
    }

    /// Removes a resource and everything in it, at once.
    pub(super) fn remove(&mut self, target: &Target) {
        let State { clusters, namespaces, environments, packages, .. } = &mut self.state;
        match target {
            Target::Package { app_id, package_id } => {
                packages.retain(|it| !(same(&it.id, package_id) && same(&it.app_id, app_id)));
            }
            Target::Cluster { cluster_id } => {
                let inside = |namespace: &str| {
                    let mut all = namespaces.iter();
                    all.any(|it| same(it.id(), namespace) && same(&it.cluster_id, cluster_id))
                };
                environments.retain(|it| !inside(&it.namespace_id));
                namespaces.retain(|it| !same(&it.cluster_id, cluster_id));
                clusters.retain(|it| !same(it.id(), cluster_id));
            }
            Target::Namespace { namespace_id, .. } => {
                environments.retain(|it| !same(&it.namespace_id, namespace_id));
                namespaces.retain(|it| !same(it.id(), namespace_id));
            }
            Target::Environment { app_id, namespace_id, environment_id } => {
                environments.retain(|it| !it.is(app_id, namespace_id, environment_id));
            }
        }
        self.changed = true;
    }
}

fn edits(body: &Value) -> Result<Vec<(String, Value)>, Refusal> {
    let list = body.as_array().ok_or_else(|| Refusal::bad("body", "must be a list of edits"))?;
    let edit = |edit: &Value| {
        let path = edit.get("path").and_then(Value::as_str)?;
        Some((path.to_owned(), edit.get("value")?.clone()))
    };
    let edits: Option<Vec<_>> = list.iter().map(edit).collect();
    edits.ok_or_else(|| Refusal::bad("body", "every edit needs a path and a value"))
}

/// Bodies of which every part is optional may be missing altogether.
fn body_or_empty(call: &Call) -> Result<Value, Refusal> {
    if call.body.is_empty() { Ok(json!({})) } else { call.json() }
}

fn done() -> Answer {
    Answer::ok(json!({}))
}
