//! The page that the whole matrix writes about itself.

use std::fmt::Write;
use std::path::PathBuf;

use super::cell::{Cell, End, Reference};
use super::fault::Fault;
use super::scene::Scenario;
use crate::support::project;

/// Where the page is.
pub fn path() -> PathBuf {
    project().join("docs/reference/crash-matrix.md")
}

/// Writes what the whole matrix found.
pub fn write(references: &[Reference], ends: &[(Cell, Result<End, String>)]) {
    fs_err::write(path(), page(references, ends)).unwrap();
}

fn page(references: &[Reference], ends: &[(Cell, Result<End, String>)]) -> String {
    let killed = ends.iter().filter(|(_, end)| *end == Ok(End::Killed)).count();
    let alone = ends.iter().filter(|(_, end)| *end == Ok(End::ByItself)).count();
    let mut page = format!(
        "# Crash matrix

Written by `MXKEEP_CELLS=all cargo test --test it crash`; do not edit.

A plan runs against the simulator; at one of its requests something goes wrong; up to three requests later the process gets a
`kill -9`. Then it runs again with nothing going wrong. The world has to be exactly that of a run in which nothing ever did: nothing
twice, nothing lost, nothing touched that is not managed, at most one redundant write for each object, and the plan is empty. Each
change of mxkeep is checked against a sample.

**{} cells: {killed} runs were killed, {alone} ended by themselves before that, {} did not converge.**

## Plans

| plan | what it does | requests | writes |
|---|---|---|---|
",
        ends.len(),
        ends.len() - killed - alone,
    );
    for (scenario, reference) in Scenario::ALL.iter().zip(references) {
        let Reference { requests, writes, .. } = reference;
        let _ = writeln!(page, "| {} | {} | {requests} | {writes} |", scenario.name(), scenario.meaning());
    }
    page.push_str("\n## Faults, and how many cells each has\n\n| fault | what goes wrong |");
    for scenario in Scenario::ALL {
        let _ = write!(page, " {} |", scenario.name());
    }
    page.push_str("\n|---|---|");
    page.push_str(&"---|".repeat(Scenario::ALL.len()));
    page.push('\n');
    for fault in Fault::ALL {
        let _ = write!(page, "| {} | {} |", fault.name(), fault.meaning());
        for scenario in Scenario::ALL {
            let cells = ends.iter().filter(|(cell, _)| cell.fault == fault && cell.scenario == scenario);
            let _ = write!(page, " {} |", cells.count());
        }
        page.push('\n');
    }
    page
}

#[test]
fn the_page_has_every_plan_and_every_fault() {
    let page = fs_err::read_to_string(path()).unwrap();
    let rows = |of: &str, other: &str| {
        let after = page.split(of).nth(1).unwrap().split(other).next().unwrap();
        let rows = after.lines().filter(|line| line.starts_with("| ")).skip(1);
        rows.map(|row| row.split(" | ").take(2).collect::<Vec<_>>().join(" | ")).collect::<Vec<_>>()
    };
    let plans: Vec<_> =
        Scenario::ALL.iter().map(|it| format!("| {} | {}", it.name(), it.meaning())).collect();
    let faults: Vec<_> = Fault::ALL.iter().map(|it| format!("| {} | {}", it.name(), it.meaning())).collect();
    assert_eq!(rows("\n## Plans\n", "\n## "), plans, "MXKEEP_CELLS=all writes the page");
    assert_eq!(rows("\n## Faults", "\n## "), faults, "MXKEEP_CELLS=all writes the page");
    assert!(page.contains(" 0 did not converge"), "the page tells of a matrix that failed");
}
