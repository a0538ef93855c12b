//! Packages end to end: built, uploaded, promoted, known again, and what goes wrong with them.

mod bad_days;
mod commands;
#[cfg(target_os = "linux")]
mod memory;
mod promotion;

use std::path::Path;
use std::time::Duration;

use mxkeep::simulator::Options;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::generate::id;
use crate::support::{CommandOutput, Mxkeep, World, estate};

/// The environments of the app, in the order of a promotion.
const STAGES: [(&str, &str); 3] =
    [("test", "desktst1"), ("acceptance", "deskacc1"), ("production", "deskprd1")];

/// An estate of one app in three environments, each of which names a package.
struct Desk(TempDir);

impl Desk {
    fn new() -> Desk {
        let (cluster, namespace, app) = (id("desk cluster"), id("desk namespace"), id("desk app"));
        let platform = format!(
            "cluster: {{clusterId: {cluster}, name: eu, clusterType: eks}}
---
namespace: {{namespaceId: {namespace}, cluster: eu, name: desks, secret: {{fromFile: secret.txt}}}}
---
app: {{appId: {app}, name: desk}}
"
        );
        let desk = Desk(estate(&[
            ("mxkeep.yaml", "estate: desks\napply: {jobTimeout: 20s}\n"),
            ("secret.txt", "desk-secret"),
            ("platform.yaml", &platform),
        ]));
        desk.runs(&["desk-1.0.0"; 3]);
        desk.packages(&[(
            "desk-1.0.0",
            "branch: main, revision: a1, version: 1.0.0, description: Fixed 7733",
        )]);
        desk
    }

    /// Which package each stage runs; changing one word is a promotion.
    fn runs(&self, packages: &[&str; 3]) {
        for ((name, id), package) in STAGES.iter().zip(packages) {
            let after = if *name == "production" { "dependsOn: [environment/desk/acceptance]" } else { "" };
            let text = format!(
                "environment:
  id: {id}
  app: desk
  {after}
  properties: {{name: {name}, production: true}}
  provider: {{cluster: eu, namespace: desks}}
  deployment:
    appUrl: https://{name}.desk.example
    package: {package}
    constants: {{Main.Value: \"{name}\"}}
  container: {{instances: 1, size: S}}
  services:
    db: {{plan: OnDemand, config: '{{type: \"database\"}}'}}
    fs: {{plan: OnDemand, config: '{{type: \"storage\"}}'}}
"
            );
            self.write(&format!("{name}.yaml"), &text);
        }
    }

    /// The declared packages: the name and where each comes from.
    fn packages(&self, packages: &[(&str, &str)]) {
        let documents: Vec<String> = packages
            .iter()
            .map(|(name, form)| format!("package: {{name: {name}, app: desk, {form}}}\n"))
            .collect();
        self.write("packages.yaml", &documents.join("---\n"));
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    /// A file of holes of this size.
    fn sparse(&self, name: &str, size: u64) {
        self.write(name, "");
        fs_err::OpenOptions::new().write(true).open(self.path().join(name)).unwrap().set_len(size).unwrap();
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, world: &World, args: &[&str]) -> CommandOutput {
        Mxkeep::new(args.iter().copied()).dir(self.path()).against(world).run()
    }

    fn apply(&self, world: &World) -> CommandOutput {
        self.run(world, &["apply", "--yes", "--format", "json"])
    }

    /// Nothing is left to do, and finding that out reads only.
    fn is_settled(&self, world: &World) {
        let _ = world.take_requests();
        let _ = self.run(world, &["plan", "--exit-code"]).exits(0);
        let requests = world.take_requests();
        assert!(requests.iter().all(|request| request.starts_with("GET ")), "{requests:#?}");
    }
}

/// A world whose operator and app are there, and in which jobs are over at the first look.
fn world(desk: &Desk) -> World {
    world_with(desk, Options { job_delay: Duration::ZERO, ready_delay: Duration::ZERO, ..Options::default() })
}

fn world_with(desk: &Desk, options: Options) -> World {
    let world = World::new(options);
    world.prepare(desk.path());
    world
}

fn packages(world: &World) -> Vec<Value> {
    world.get().world()["packages"].as_array().unwrap().clone()
}

/// The package that a stage runs.
fn running(world: &World, stage: &str) -> String {
    let state = world.get().world();
    let environments = state["environments"].as_array().unwrap();
    let found = environments
        .iter()
        .find(|it| it["manifest"]["environment"]["properties"]["name"] == stage)
        .unwrap_or_else(|| panic!("{stage} does not exist"));
    found["manifest"]["environment"]["deployment"]["packageId"].as_str().unwrap().to_owned()
}

fn makes_something(request: &str) -> bool {
    request.starts_with("POST ") && request.contains("/packages")
}
