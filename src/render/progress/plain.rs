//! One line for every event, and a sign of life when there is none.

use std::time::Duration;

use super::{Progress, parts, tenths};
use crate::apply::{ApplyEvent, Phase};
use crate::render::plural::{ACTION, OPEN_JOB};
use crate::render::sanitise::sanitise_line;
use crate::render::words;

/// After how long a silence the run says that it still waits. Some systems end a job that is silent for a minute.
const SILENCE: Duration = Duration::from_secs(30);

impl Progress {
    /// The sign of life that is due at this time, if one is. Ask at least every few seconds: it comes in time for
    /// no silence to be longer than 30 s when asked once a second.
    pub fn tick(&mut self, now: Duration) -> Option<String> {
        // A second early, so that the next tick is not too late.
        let is_due = now.saturating_sub(self.spoke) + Duration::from_secs(1) >= SILENCE;
        if !is_due || self.is_over {
            return None;
        }
        self.spoke = now;
        let what = match self.open.iter().min_by_key(|open| open.since) {
            None => "still working".to_owned(),
            Some(longest) => {
                let (verb, address) = longest.parts();
                let lasts = words::duration(now.saturating_sub(longest.since));
                let open = ACTION.count(self.open.len());
                format!("still waiting: {open}, longest {address}  {verb}  {} ({lasts})", longest.phase)
            }
        };
        Some(stamped(now, &what))
    }

    /// The lines for an event.
    pub(super) fn lines(&self, event: &ApplyEvent, now: Duration) -> Vec<String> {
        let line = match event {
            ApplyEvent::RunStarted { actions: 0 } | ApplyEvent::RunFinished => return Vec::new(),
            ApplyEvent::Reattaching { jobs } => {
                format!("waiting for {} of the run before", OPEN_JOB.count(*jobs))
            }
            ApplyEvent::JournalLost { reason } => {
                format!("warning: the journal cannot be written any more, the run goes on without: {reason}")
            }
            ApplyEvent::RunStarted { actions } => format!("{} to run", ACTION.count(*actions)),
            // What takes no time needs no line: the next one tells that it has happened.
            ApplyEvent::ActionStarted { .. }
            | ApplyEvent::ActionPhase {
                phase: Phase::Reading | Phase::Sending { .. } | Phase::Verifying,
                ..
            } if !self.detailed => return Vec::new(),
            ApplyEvent::ActionStarted { action } => about(action, "starting"),
            // A line for every tenth of a file.
            ApplyEvent::ActionPhase { action, phase: phase @ Phase::Uploading { .. } }
                if self.open.iter().any(|open| open.action == *action && open.tenths == tenths(phase)) =>
            {
                return Vec::new();
            }
            ApplyEvent::ActionPhase { action, phase } => about(action, &phase.describe()),
            ApplyEvent::ActionFinished { action, outcome, duration, message } => {
                let after = match duration.is_zero() {
                    true => String::new(),
                    false => format!(" after {}", words::duration(*duration)),
                };
                let message = message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
                about(action, &format!("{}{after}{message}", outcome.name()))
            }
            ApplyEvent::Interrupted { waiting: true, open: 0 } => {
                "interrupted: nothing new is started".to_owned()
            }
            ApplyEvent::Interrupted { waiting: true, open } => format!(
                "interrupted: nothing new is started, waiting for {}; interrupt again to wait no longer",
                ACTION.count(*open)
            ),
            ApplyEvent::Interrupted { waiting: false, open } => {
                format!("interrupted again: not waiting for {}", ACTION.count(*open))
            }
        };
        vec![stamped(now, &line)]
    }
}

fn about(action: &str, what: &str) -> String {
    let (verb, address) = parts(action);
    format!("{address}  {verb}  {what}")
}

fn stamped(now: Duration, what: &str) -> String {
    // Whole seconds: a stamp is read down a column.
    let now = words::duration(Duration::from_secs(now.as_secs()));
    let now = if now == "0.0s" { "0s" } else { &now };
    format!("[{now:>6}] {}", sanitise_line(what))
}
