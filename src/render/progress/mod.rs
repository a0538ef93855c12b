//! What a run tells while it runs: a pure state machine, fed with events and the time since the run began.
//!
//! Two presentations of one state: `plain` writes a line for every event, for pipes and logs; `live` says what
//! the lines of a terminal are to show now. The command line owns the terminal and the clock.

mod live;
mod plain;
#[cfg(test)]
mod tests;

use std::time::Duration;

use super::sanitise::sanitise_line;
use crate::apply::{ActionOutcome, ApplyEvent, Phase};

/// The state of a run, as far as it has been told.
#[derive(Debug, Clone)]
pub struct Progress {
    detailed: bool,
    /// Whether characters beyond ASCII may be used.
    unicode: bool,
    /// How many actions may run.
    total: usize,
    /// What runs, in the order in which it began.
    open: Vec<Open>,
    done: usize,
    failed: usize,
    /// Skipped, refused, cancelled, not started.
    left: usize,
    interrupted: bool,
    is_over: bool,
    /// When the last plain line was written.
    spoke: Duration,
    /// How long what is done took, all of it together.
    took: Duration,
    /// How many actions were open at once.
    most_open: usize,
}

/// An action that runs.
#[derive(Debug, Clone)]
struct Open {
    action: String,
    phase: String,
    since: Duration,
    /// How many tenths of a file were sent when a line said so last.
    tenths: Option<u64>,
}

impl Open {
    /// The verb and the address of the action, from its id: `update:environment/order-desk/test`.
    fn parts(&self) -> (&str, &str) {
        parts(&self.action)
    }
}

/// How many tenths of a file have been sent.
fn tenths(phase: &Phase) -> Option<u64> {
    match phase {
        Phase::Uploading { sent, total } => sent.saturating_mul(10).checked_div(*total),
        _ => None,
    }
}

fn parts(action: &str) -> (&str, &str) {
    action.split_once(':').unwrap_or(("", action))
}

impl Progress {
    /// A run that has not begun. `detailed` tells of steps, too, that take no time.
    pub const fn new(unicode: bool, detailed: bool) -> Progress {
        Progress {
            unicode,
            detailed,
            total: 0,
            open: Vec::new(),
            done: 0,
            failed: 0,
            left: 0,
            interrupted: false,
            is_over: false,
            spoke: Duration::ZERO,
            took: Duration::ZERO,
            most_open: 0,
        }
    }

    /// Hears an event at a time, and says the lines to write where lines cannot be taken back. A terminal with
    /// [`Progress::live_lines`] leaves them out.
    pub fn hear(&mut self, event: &ApplyEvent, now: Duration) -> Vec<String> {
        let lines = self.lines(event, now);
        self.update(event, now);
        if !lines.is_empty() {
            self.spoke = now;
        }
        lines
    }

    /// How many actions wait for their turn.
    fn waiting(&self) -> usize {
        self.total.saturating_sub(self.done + self.failed + self.left + self.open.len())
    }

    fn update(&mut self, event: &ApplyEvent, now: Duration) {
        match event {
            ApplyEvent::RunStarted { actions } => self.total = *actions,
            ApplyEvent::Reattaching { jobs } => self.total = *jobs,
            ApplyEvent::JournalLost { reason: _ } => {}
            ApplyEvent::ActionStarted { action } => {
                self.open.push(Open {
                    action: sanitise_line(action),
                    phase: "starting".to_owned(),
                    since: now,
                    tenths: None,
                });
                self.most_open = self.most_open.max(self.open.len());
            }
            ApplyEvent::ActionPhase { action, phase } => {
                let action = sanitise_line(action);
                if let Some(open) = self.open.iter_mut().find(|open| open.action == action) {
                    open.phase = sanitise_line(&phase.describe());
                    open.tenths = tenths(phase);
                }
            }
            ApplyEvent::ActionFinished { action, outcome, duration, message: _ } => {
                let action = sanitise_line(action);
                self.open.retain(|open| open.action != action);
                match outcome {
                    ActionOutcome::Done => {
                        self.done += 1;
                        self.took += *duration;
                    }
                    ActionOutcome::Failed | ActionOutcome::Unknown => self.failed += 1,
                    ActionOutcome::Skipped
                    | ActionOutcome::Refused
                    | ActionOutcome::Cancelled
                    | ActionOutcome::NotStarted
                    | ActionOutcome::Blocked
                    | ActionOutcome::Waiting => self.left += 1,
                }
            }
            ApplyEvent::Interrupted { waiting: _, open: _ } => self.interrupted = true,
            ApplyEvent::RunFinished => self.is_over = true,
        }
    }
}
