//! What is large is a stream: a package of 1 GiB and a log of 100,000 lines leave the process small.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{Desk, packages, world};
use crate::support::World;

/// What the process may take, in kB.
const MOST: u64 = 64 * 1024;

/// Runs an apply to its end; the most memory that it had, in kB, and its output.
fn measured(desk: &Desk, world: &World, args: &[&str]) -> (u64, String, i32) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mxkeep"))
        .env_clear()
        .env("MXKEEP_API_URL", world.url())
        .env("MXKEEP_TOKEN", "simulator")
        .args(args)
        .current_dir(desk.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        most = most.max(high_water(&child).unwrap_or(0));
        std::thread::park_timeout(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    assert!(most > 1024, "nothing was measured");
    (most, String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
}

/// `VmHWM`: the most that was ever resident.
fn high_water(child: &Child) -> Option<u64> {
    let status = fs_err::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn a_gibibyte_is_uploaded_in_little_memory() {
    let desk = Desk::new();
    let size = 1024 * 1024 * 1024;
    desk.sparse("desk.mda", size);
    desk.packages(&[("desk-1.0.0", "file: desk.mda")]);
    let world = world(&desk);
    let (most, text, code) = measured(&desk, &world, &["apply", "--yes", "--target", "package/*"]);
    assert_eq!(code, 0, "{text}");
    let [made] = packages(&world).try_into().unwrap();
    assert_eq!(made["fileSize"], size);
    assert!(most < MOST, "{most} kB");
    // One byte more is refused before anything is read.
    desk.sparse("desk.mda", size + 1);
    let refused = desk.run(&world, &["validate"]).exits(9);
    assert!(refused.stderr.contains("BLD-04"), "{refused}");
}

#[test]
fn a_log_of_a_hundred_thousand_lines_is_shown_and_saved_in_little_memory() {
    let desk = Desk::new();
    let world = world(&desk);
    world.faults(&["job-fails=no,path=*/packages/build", "build-log=100000,path=*/packages/build"]);
    let args = ["apply", "--yes", "--target", "package/*", "--save-build-logs", "logs"];
    let (most, text, code) = measured(&desk, &world, &args);
    assert_eq!(code, 4, "{text}");
    assert!(text.contains("step 99999 of 100000"), "{text}");
    let saved = fs_err::read_to_string(desk.path().join("logs/desk-1.0.0.log")).unwrap();
    assert_eq!(saved.lines().count(), 100_000);
    assert!(most < MOST, "{most} kB");
}
