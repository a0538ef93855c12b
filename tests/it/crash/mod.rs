//! The crash matrix: whatever goes wrong, and wherever a run is killed, the next run ends in the same place.
//!
//! A *cell* is a plan, a fault, and the request at which it strikes. The real binary runs the plan against a simulator; the
//! fault strikes; one to three requests later the process gets a `kill -9`. Then it runs again with nothing going wrong, and the
//! world has to be exactly that of a run in which nothing ever did: nothing twice, nothing lost, nothing touched that is not
//! managed, and at most one redundant write for each object.
//!
//! `cargo test` takes a sample. `MXKEEP_CELLS=200` takes a larger one, `MXKEEP_SEED=7` another; `MXKEEP_CELLS=all` runs every cell
//! and writes `docs/reference/crash-matrix.md`. `MXKEEP_CELL=update/503/12` runs one again.

mod cell;
mod fault;
mod page;
mod scene;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use self::cell::{Cell, End, Reference};
use self::fault::Fault;
use self::scene::Scenario;

/// How many cells `cargo test` runs: about a minute.
const SAMPLE: usize = 32;

/// The cells of all plans, in a fixed order.
fn cells(references: &[Reference]) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (scenario, reference) in Scenario::ALL.iter().zip(references) {
        for fault in Fault::ALL {
            let boundaries = if fault.strikes_writes() { reference.writes } else { reference.requests };
            cells.extend((1..=boundaries).map(|at| Cell { scenario: *scenario, fault, at }));
        }
    }
    cells
}

#[expect(clippy::disallowed_methods, reason = "variables for those who run the tests, not for mxkeep")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[test]
#[expect(clippy::print_stdout, reason = "what was run is told")]
fn a_run_that_is_killed_anywhere_is_made_good_by_the_next() {
    let references: Vec<_> = Scenario::ALL.iter().map(|scenario| Reference::of(*scenario)).collect();
    let all = cells(&references);
    let seed = setting("MXKEEP_SEED").map_or(1, |seed| seed.parse().unwrap());
    let wanted = setting("MXKEEP_CELLS");
    let is_whole = wanted.as_deref() == Some("all");
    let mut rng = StdRng::seed_from_u64(seed);
    let mut chosen = all.clone();
    match setting("MXKEEP_CELL") {
        Some(name) => chosen.retain(|cell| cell.to_string() == name),
        None if is_whole => {}
        None => {
            chosen.shuffle(&mut rng);
            chosen.truncate(wanted.map_or(SAMPLE, |number| number.parse().unwrap()));
        }
    }
    assert!(!chosen.is_empty(), "no such cell");
    let ends = run(&chosen, &references, &mut rng);
    let failed: Vec<_> = ends.iter().filter_map(|(cell, end)| Some((cell, end.as_ref().err()?))).collect();
    println!("crash matrix: {} of {} cells, seed {seed}, {} failed", ends.len(), all.len(), failed.len());
    if is_whole {
        page::write(&references, &ends);
    }
    let told: Vec<_> =
        failed.iter().map(|(cell, why)| format!("MXKEEP_CELL={cell} MXKEEP_SEED={seed}\n{why}")).collect();
    assert!(failed.is_empty(), "{}", told.join("\n\n"));
}

/// Runs cells, two at a time: they wait for processes more than they compute.
fn run(cells: &[Cell], references: &[Reference], rng: &mut StdRng) -> Vec<(Cell, Result<End, String>)> {
    let later: Vec<usize> = cells.iter().map(|_| rng.random_range(1..=3)).collect();
    let (next, ends) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::SeqCst);
                    let Some(cell) = cells.get(index) else { return };
                    let place = Scenario::ALL.iter().position(|scenario| *scenario == cell.scenario).unwrap();
                    let end = cell.run(&references[place], later[index]);
                    ends.lock().unwrap().push((*cell, end));
                }
            });
        }
    });
    let mut ends = ends.into_inner().unwrap();
    ends.sort_by_key(|(cell, _)| *cell);
    ends
}
