//! The plans of the matrix: together they have every verb and every kind.

use std::path::Path;
use std::time::Duration;

use mxkeep::simulator::Options;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::generate::id;
use crate::support::pair::{Pair, app, cluster, namespace};
use crate::support::{Mxkeep, World, copy_tree, edit, estate};

/// A plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scenario {
    Create,
    Update,
    Delete,
    Restart,
    Stop,
    Start,
    Scale,
    Build,
    Upload,
    RemovePackage,
    Access,
}

/// A plan that is about to run.
pub struct Scene {
    pub world: World,
    pub estate: TempDir,
    /// The command that is killed.
    pub run: &'static [&'static str],
    /// The command that makes it good.
    pub again: &'static [&'static str],
    /// Whether the files say the same as the command.
    pub settles: bool,
    /// Resources, each with a field that no file manages.
    pub unmanaged: Vec<(String, &'static str)>,
    /// Resources, each with a field that a file manages, and another value for it.
    pub managed: Vec<(String, &'static str, Value)>,
}

const APPLY: &[&str] = &["apply", "--yes"];

const BOTH: [&str; 2] = ["environment/app-one/live", "environment/app-two/live"];
const RESTART: &[&str] = &["restart", "--yes", BOTH[0], BOTH[1]];
const STOP: &[&str] = &["stop", "--yes", BOTH[0], BOTH[1]];
const START: &[&str] = &["start", "--yes", BOTH[0], BOTH[1]];
const SCALE: &[&str] = &["scale", "--yes", "environment/app-one/live=5"];

const CRM: &str = "77ce12ac-6831-5f90-8cfe-a785d44defac";
const PRODUCTION: &str = "206c2c78-60d1-5e18-9a66-2922ae4b87e3";
const TEST: &str = "5dbd7fd5-0c31-5412-a3b1-a30d33eda4ba";

impl Scenario {
    pub const ALL: [Scenario; 11] = [
        Scenario::Create,
        Scenario::Update,
        Scenario::Delete,
        Scenario::Restart,
        Scenario::Stop,
        Scenario::Start,
        Scenario::Scale,
        Scenario::Build,
        Scenario::Upload,
        Scenario::RemovePackage,
        Scenario::Access,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Scenario::Create => "create",
            Scenario::Update => "update",
            Scenario::Delete => "delete",
            Scenario::Restart => "restart",
            Scenario::Stop => "stop",
            Scenario::Start => "start",
            Scenario::Scale => "scale",
            Scenario::Build => "build",
            Scenario::Upload => "upload",
            Scenario::RemovePackage => "remove-package",
            Scenario::Access => "access",
        }
    }

    pub const fn meaning(self) -> &'static str {
        match self {
            Scenario::Create => "creates two clusters, namespaces and environments",
            Scenario::Update => "changes two clusters, namespaces and environments",
            Scenario::Delete => "deletes them by tombstones",
            Scenario::Restart => "`mxkeep restart` of two environments; `apply` makes it good",
            Scenario::Stop => "`mxkeep stop` of two environments",
            Scenario::Start => "`mxkeep start` of two environments",
            Scenario::Scale => "`mxkeep scale` of an environment",
            Scenario::Build => "builds a package and deploys it",
            Scenario::Upload => "uploads a package and deploys it",
            Scenario::RemovePackage => "deletes a package by a tombstone",
            Scenario::Access => "changes rights in two environments on Mendix Cloud and hands the app over",
        }
    }

    /// The plan, about to run.
    pub fn prepare(self) -> Scene {
        let world = new_world(false);
        let scene = match self {
            Scenario::Create | Scenario::Update | Scenario::Delete => pair(self, world),
            Scenario::Restart | Scenario::Stop | Scenario::Start | Scenario::Scale => {
                running_pair(self, world)
            }
            Scenario::Build | Scenario::Upload | Scenario::RemovePackage => desk(self, world),
            Scenario::Access => crm(world),
        };
        scene.world.get().clear_requests();
        scene
    }
}

fn new_world(respell: bool) -> World {
    World::new(Options {
        job_delay: Duration::ZERO,
        ready_delay: Duration::ZERO,
        respell,
        ..Options::default()
    })
}

fn apply(world: &World, estate: &Path) {
    let _ = Mxkeep::new(["apply", "--yes", "-q"]).dir(estate).against(world).run().exits(0);
}

fn environment(half: &str) -> String {
    format!("environments/{}/{}/env{half}", app(half), namespace(half))
}

fn pair_scene(world: World, pair: Pair) -> Scene {
    Scene {
        world,
        estate: pair.into_directory(),
        run: APPLY,
        again: APPLY,
        settles: true,
        unmanaged: vec![
            (format!("clusters/{}", cluster("one")), "/futureField"),
            (format!("namespaces/{}", namespace("two")), "/futureField"),
            (environment("one"), "/container/futureField"),
        ],
        managed: vec![
            (format!("clusters/{}", cluster("two")), "/description", json!("by hand")),
            (environment("two"), "/container/instances", json!(7)),
        ],
    }
}

fn pair(scenario: Scenario, world: World) -> Scene {
    let pair = Pair::new();
    world.prepare(pair.path());
    if scenario != Scenario::Create {
        apply(&world, pair.path());
        pair.declare("20");
        for half in ["one", "two"] {
            edit(&pair.path().join(format!("{half}.yaml")), ": Developer}", ": Administrator}");
        }
    }
    if scenario == Scenario::Delete {
        pair.remove();
    }
    pair_scene(world, pair)
}

fn running_pair(scenario: Scenario, world: World) -> Scene {
    let pair = Pair::new();
    world.prepare(pair.path());
    apply(&world, pair.path());
    if scenario == Scenario::Start {
        let _ = Mxkeep::new(STOP.iter().copied()).dir(pair.path()).against(&world).run().exits(0);
    }
    let scene = pair_scene(world, pair);
    match scenario {
        // It is what a restart leaves when it dies that has to be made good, not that it was asked for.
        Scenario::Restart => Scene { run: RESTART, ..scene },
        Scenario::Stop => Scene { run: STOP, again: STOP, settles: false, managed: Vec::new(), ..scene },
        // An edit of the number of instances is what `start` takes for a running environment.
        Scenario::Start => Scene { run: START, again: START, managed: Vec::new(), ..scene },
        _ => Scene { run: SCALE, again: SCALE, settles: false, managed: Vec::new(), ..scene },
    }
}

fn desk(scenario: Scenario, world: World) -> Scene {
    let (cluster, namespace, app) = (id("desk cluster"), id("desk namespace"), id("desk app"));
    let platform = format!(
        "cluster: {{clusterId: {cluster}, name: eu, clusterType: eks}}
---
namespace: {{namespaceId: {namespace}, cluster: eu, name: desks, secret: {{fromFile: secret.txt}}}}
---
app: {{appId: {app}, name: desk}}
"
    );
    let directory = estate(&[
        ("mxkeep.yaml", "estate: desk\n"),
        ("secret.txt", "desk-secret"),
        ("platform.yaml", &platform),
    ]);
    world.prepare(directory.path());
    apply(&world, directory.path());
    let environment = "environment:
  id: desktst1
  app: desk
  properties: {name: test, production: false}
  provider: {cluster: eu, namespace: desks}
  deployment: {appUrl: https://test.desk.example, package: desk-1.0.0}
  container: {instances: 1, size: S}
  services:
    db: {plan: OnDemand, config: '{type: \"database\"}'}
    fs: {plan: OnDemand, config: '{type: \"storage\"}'}
---
";
    let form = match scenario {
        Scenario::Upload => "file: desk.mda",
        _ => "branch: main, revision: a1, version: 1.0.0",
    };
    let package = format!("package: {{name: desk-1.0.0, app: desk, {form}}}\n");
    write(&directory, "desk.mda", "the bytes of a package");
    match scenario {
        Scenario::RemovePackage => {
            write(&directory, "deploy.yaml", &package);
            apply(&world, directory.path());
            let made = world.get().world()["packages"][0]["id"].as_str().unwrap().to_owned();
            let tombstone = format!("remove: [{{address: package/desk-1.0.0, id: {made}, app: desk}}]\n");
            write(&directory, "deploy.yaml", &tombstone);
        }
        _ => write(&directory, "deploy.yaml", &format!("{environment}{package}")),
    }
    Scene {
        unmanaged: vec![(format!("clusters/{cluster}"), "/futureField")],
        managed: vec![(format!("clusters/{cluster}"), "/name", json!("by-hand"))],
        world,
        estate: directory,
        run: APPLY,
        again: APPLY,
        settles: true,
    }
}

fn crm(world: World) -> Scene {
    world.get().set_owner("old.lead@corp.example", false);
    let row = |user: &str| json!({"userId": user, "canViewLogs": true});
    let environment = |id: &str| json!({"id": id, "permissions": [row("ci@corp.example"), row("dev@corp.example"), row("stays@corp.example")]});
    let body = json!({
        "name": "crm-suite",
        "technicalContact": "old.lead@corp.example",
        "members": ["new.lead@corp.example"],
        "environments": [environment(TEST), environment(PRODUCTION)],
    });
    world.get().register_cloud_app(CRM, &body);
    let text = format!(
        "cloudApp:
  appId: {CRM}
  name: crm-suite
  licenseType: licensed
  technicalContact: new.lead@corp.example
  roles: {{robot: {{canDeployApp: true, canAccessAPI: true}}}}
  permissions: {{ci@corp.example: robot}}
  environments:
    - {{environmentId: {TEST}, name: Test, permissions: {{dev@corp.example: robot}}}}
    - {{environmentId: {PRODUCTION}, name: Production}}
"
    );
    Scene {
        world,
        estate: estate(&[("mxkeep.yaml", "estate: crm\n"), ("crm.yaml", &text)]),
        run: APPLY,
        again: APPLY,
        // Who has handed an app over may not look at it any more.
        settles: false,
        unmanaged: Vec::new(),
        managed: Vec::new(),
    }
}

fn write(directory: &TempDir, name: &str, text: &str) {
    fs_err::write(directory.path().join(name), text).unwrap();
}

impl Scene {
    /// The same again, in a world of its own; in one that spells values in another way, if wanted.
    pub fn again(&self, respell: bool) -> Scene {
        let world = new_world(respell);
        world.get().replace_world(&self.world.get().world()).unwrap();
        let estate = tempfile::tempdir().unwrap();
        copy_tree(self.estate.path(), estate.path());
        let Scene { run, again, settles, unmanaged, managed, .. } = self;
        Scene {
            world,
            estate,
            run,
            again,
            settles: *settles,
            unmanaged: unmanaged.clone(),
            managed: managed.clone(),
        }
    }

    /// What hangs goes on: the platform gets over it.
    pub fn recover(&self) {
        let mut world = self.world.get().world();
        let mut any = false;
        for job in world["jobs"].as_array_mut().into_iter().flatten() {
            any |= job["faults"].as_object_mut().and_then(|faults| faults.remove("hangs")).is_some();
        }
        if any {
            self.world.get().replace_world(&world).unwrap();
        }
    }

    /// Whether the fields that nobody manages are as somebody left them, where their resources are still there. Takes them out,
    /// so that the world can be compared with one in which nobody was there.
    pub fn check_unmanaged(&self, edited: bool) -> Result<(), String> {
        let mut world = self.world.get().world();
        let mut found = 0;
        for value in manifests(&mut world) {
            for place in ["/futureField", "/container/futureField"] {
                let Some(holder) = value.pointer_mut(place.strip_suffix("/futureField").unwrap_or_default())
                else {
                    continue;
                };
                match holder.as_object_mut().and_then(|holder| holder.remove("futureField")) {
                    Some(value) if value == "kept" => found += 1,
                    Some(value) => return Err(format!("{place} became {value}")),
                    None => {}
                }
            }
        }
        if found > 0 && !edited {
            return Err("a field appeared that nobody wrote".to_owned());
        }
        if found > 0 {
            self.world.get().replace_world(&world).unwrap();
        }
        Ok(())
    }
}

/// The objects that manifests hold under the names of their kinds.
fn manifests(world: &mut Value) -> Vec<&mut Value> {
    let mut found = Vec::new();
    let Some(world) = world.as_object_mut() else { return found };
    for (name, list) in world {
        let kind = name.trim_end_matches('s');
        let items = list.as_array_mut().into_iter().flatten();
        found.extend(items.filter_map(|item| item.get_mut("manifest")?.get_mut(kind)));
    }
    found
}

/// Takes out of a world what a build leaves that came to nothing, and that nothing tells apart from a package of somebody
/// else: one that failed and has no file, and one whose mark the server threw away.
pub fn forget_vain_builds(world: &mut Value) {
    if let Some(packages) = world["packages"].as_array_mut() {
        packages.retain(|package| package["fileSize"] != 0 && !package["description"].is_null());
    }
}

/// A world without what differs from run to run: jobs and their numbers, times, the order of lists, and the ids of packages, in
/// whose place stands what they are called.
pub fn comparable(world: &Value) -> Value {
    let mut world = world.clone();
    for name in ["jobs", "lastJob", "clockAheadMs"] {
        world.as_object_mut().unwrap().remove(name);
    }
    // The platform counts its builds; one in place of another that came to nothing has the next number.
    for package in world["packages"].as_array_mut().into_iter().flatten() {
        for field in ["modelVersion", "fileName"] {
            let uncounted = package[field].as_str().map(|text| text.replace(".2", ".1"));
            package[field] = uncounted.into();
        }
    }
    let packages = world["packages"].as_array().cloned().unwrap_or_default();
    let names: Vec<_> = packages
        .iter()
        .map(|package| (package["id"].clone(), format!("{}{}", package["description"], package["fileName"])))
        .collect();
    settle(&mut world, &names);
    world
}

/// One spelling for what a server may spell in several ways.
fn spell(name: &str, field: &mut Value) {
    let Some(text) = field.as_str() else { return };
    let number = || text.parse::<f64>().ok();
    *field = match (name, text) {
        ("cpu" | "memory" | "ephemeralStorage", _) => number().map_or_else(|| field.clone(), Value::from),
        ("config" | "planConfig", _) => text.replace('\\', "").into(),
        ("appUrl", _) => text.trim_end_matches('/').into(),
        (_, "true") => true.into(),
        (_, "false") => false.into(),
        _ => return,
    };
}

fn settle(value: &mut Value, packages: &[(Value, String)]) {
    if let Some((_, name)) = packages.iter().find(|(id, _)| id == value) {
        *value = name.as_str().into();
    }
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !matches!(name.as_str(), "createdOn" | "expiryDate" | "settlesAt"));
            fields.iter_mut().for_each(|(name, field)| {
                spell(name, field);
                settle(field, packages);
            });
        }
        Value::Array(items) => {
            items.iter_mut().for_each(|item| settle(item, packages));
            items.sort_by_key(ToString::to_string);
        }
        _ => {}
    }
}
