//! What somebody can plant who only proposes a change: each kind of it, through the real door. The answers stand in
//! `docs/concepts/security.md`, which names these tests.

mod bounds;
#[cfg(unix)]
mod files;
mod texts;
mod token;
mod variables;

use tempfile::TempDir;

use crate::support::{CommandOutput, Mxkeep, estate};

/// What must never be seen.
const CANARY: &str = "cnry4711";

/// A cluster, with further lines of its document.
fn cluster(lines: &str) -> String {
    format!(
        "cluster:\n  clusterId: 085a0e34-69ec-4c61-9c7d-5cd42554f9f2\n  name: prod-eu\n  clusterType: eks\n{lines}"
    )
}

/// An estate of one cluster, with further lines of its document.
fn of_cluster(lines: &str) -> TempDir {
    estate(&[("mxkeep.yaml", "estate: acme\n"), ("cluster.yaml", &cluster(lines))])
}

fn mxkeep(estate: &TempDir, args: &[&str]) -> Mxkeep {
    Mxkeep::new(args.iter().copied()).dir(estate.path())
}

fn run(estate: &TempDir, args: &[&str]) -> CommandOutput {
    mxkeep(estate, args).run()
}
