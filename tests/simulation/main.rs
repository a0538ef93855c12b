//! Whole runs by a simulated clock: the real client against the simulator, over real sockets, as fast as they go.
//!
//! ```text
//! stage       one thread, a clock that stands still while anything is to be done, a simulator, a client
//! scenario    everything that chance decides about a run, from one seed
//! play        the run: plan, apply, break off, and again; then without faults, until nothing is to be done
//! law         what has to hold afterwards
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a test that breaks off has failed, tells what it played, and nobody imports it"
)]

#[path = "../it/support/generate.rs"]
#[expect(dead_code, reason = "the other tests need more of it")]
mod generate;
#[path = "../it/support/register.rs"]
mod register;

mod budget;
mod law;
mod play;
mod scenario;
mod seeds;
mod stage;
