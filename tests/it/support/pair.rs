//! A small estate of two halves that do not need each other: `one` and `two`, each a cluster, a namespace, an app and
//! an environment. Enough to see what a failure takes along and what it leaves alone.

use std::path::Path;

use tempfile::TempDir;

use super::generate::id;

/// The two halves.
pub const HALVES: [&str; 2] = ["one", "two"];

/// The estate.
pub struct Pair(TempDir);

impl Pair {
    /// The estate as it is created.
    pub fn new() -> Pair {
        let pair = Pair(super::estate(&[("mxkeep.yaml", "estate: pair\n"), ("secret.txt", "pair-secret")]));
        pair.declare("10");
        pair
    }

    /// Its directory.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Its directory as an argument.
    pub fn arg(&self) -> &str {
        self.path().to_str().unwrap()
    }

    /// The directory alone.
    pub fn into_directory(self) -> TempDir {
        self.0
    }

    /// Gives up on a job after this time.
    pub fn job_timeout(&self, timeout: &str) {
        self.write("mxkeep.yaml", &format!("estate: pair\napply: {{jobTimeout: {timeout}}}\n"));
    }

    /// Writes the halves; another `value` changes both clusters and both environments.
    pub fn declare(&self, value: &str) {
        for half in HALVES {
            self.write(&format!("{half}.yaml"), &text(half, value));
        }
    }

    /// Everything is to go but the apps, which the platform owns.
    pub fn remove(&self) {
        for half in HALVES {
            let (cluster, namespace, app) = (cluster(half), namespace(half), app(half));
            let text = format!(
                "app: {{appId: {app}, name: app-{half}}}\n---\nremove:\n\
                 - {{address: environment/app-{half}/live, id: env{half}}}\n\
                 - {{address: namespace/{half}/ns-{half}, id: {namespace}}}\n\
                 - {{address: cluster/{half}, id: {cluster}}}\n"
            );
            self.write(&format!("{half}.yaml"), &text);
        }
    }

    fn write(&self, name: &str, text: &str) {
        fs_err::write(self.path().join(name), text).unwrap();
    }
}

/// The id of a half's cluster.
pub fn cluster(half: &str) -> String {
    id(&format!("pair cluster {half}"))
}

/// The id of a half's namespace.
pub fn namespace(half: &str) -> String {
    id(&format!("pair namespace {half}"))
}

/// The id of a half's app.
pub fn app(half: &str) -> String {
    id(&format!("pair app {half}"))
}

fn text(half: &str, value: &str) -> String {
    let (cluster, namespace, app) = (cluster(half), namespace(half), app(half));
    let package = id(&format!("pair package {half}"));
    format!(
        "cluster:
  clusterId: {cluster}
  name: {half}
  clusterType: eks
  description: holds {value}
---
namespace:
  namespaceId: {namespace}
  cluster: {half}
  name: ns-{half}
  secret: {{fromFile: secret.txt}}
  membership: {{dev@{half}.example: Developer}}
---
app: {{appId: {app}, name: app-{half}}}
---
environment:
  id: env{half}
  app: app-{half}
  properties: {{name: live, production: true}}
  provider: {{cluster: {half}, namespace: ns-{half}}}
  deployment:
    appUrl: https://{half}.acme.example
    packageId: {package}
    constants: {{Main.Value: \"{value}\"}}
  container:
    instances: 3
    size: S
  services:
    db: {{plan: OnDemand, config: '{{type: \"database\"}}'}}
    fs: {{plan: OnDemand, config: '{{type: \"storage\"}}'}}
"
    )
}
