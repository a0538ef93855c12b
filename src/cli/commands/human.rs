//! What `apply` does about actions that wait for a person: it looks whether they still have to, and goes on.
//!
//! Without `--wait-for-human` it looks once, after everything else is done: an operator may have been there before its
//! namespace was. With it, it looks again and again. Looking is reading, one request for every namespace.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::run::Execution;
use crate::api::ApiError;
use crate::apply::Outcome;
use crate::cli::context::Session;
use crate::cli::signals::Signals;
use crate::cli::ui::Ui;
use crate::model::Identity;
use crate::plan::{Action, plan};
use crate::render::{outcome_view, render_human_steps};

/// How often a person is reminded that the run still waits for them.
const REMINDER: Duration = Duration::from_secs(60);

/// Goes on with what need not wait any more, as often as there is something.
pub(super) async fn go_on(
    execution: &Execution<'_>,
    ui: &Ui,
    session: &mut Session,
    outcome: &mut Outcome,
    signals: &mut Signals,
) {
    let began = Instant::now();
    let mut watch = Watch::new(session);
    while !outcome.interrupted && outcome.waiting().next().is_some() {
        match tokio::select! {
            moved = watch.look(session, outcome) => moved,
            () = signals.next() => {
                outcome.interrupted = true;
                return;
            }
        } {
            Ok(true) => watch.moved = !next_round(execution, ui, session, outcome, signals).await,
            Ok(false) => {}
            // Whatever it is, the next look may show something else; a token that is not accepted stays so.
            Err(error) if error.is_unauthorised() => {
                outcome.unauthorised();
                return ui.tell(&format!("cannot look again: {error}\n"));
            }
            Err(error) => ui.status(&format!("cannot look now: {error}")),
        }
        if outcome.waiting().next().is_none() {
            return;
        }
        let Some(patience) = execution.run.wait_for_human else { return };
        if began.elapsed() >= patience {
            ui.status("nobody came in time");
            return;
        }
        if watch.says_so(began) {
            tell(ui, outcome, began, patience);
        }
        let pause = watch.pause(session).min(patience.saturating_sub(began.elapsed()));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = signals.next() => outcome.interrupted = true,
        }
    }
}

/// Plans anew and runs what was shown as waiting and need not wait any more. False when that has to be tried again: the
/// world could not be read, or not all of what waits.
async fn next_round(
    execution: &Execution<'_>,
    ui: &Ui,
    session: &mut Session,
    outcome: &mut Outcome,
    signals: &mut Signals,
) -> bool {
    let refreshed = tokio::select! {
        refreshed = session.refresh() => refreshed,
        () = signals.next() => {
            outcome.interrupted = true;
            return true;
        }
    };
    if let Err(error) = refreshed {
        ui.status(&format!("cannot look now: {error}"));
        return false;
    }
    // What was planned once has no loop; should it have one now, everything stays as it is.
    let Ok(later) = plan(&session.plan_input()) else { return true };
    if let Some(ready) = outcome.go_on(&later) {
        let ended = execution.of(ui, session, &ready, signals).await;
        outcome.take_in(ended);
    }
    let is_hidden = |action: &Action| later.unreadable.iter().any(|hidden| hidden.address == action.address);
    !outcome.waiting().any(|(_, action)| is_hidden(action))
}

fn tell(ui: &Ui, outcome: &Outcome, began: Instant, patience: Duration) {
    let left = patience.saturating_sub(began.elapsed());
    ui.tell(&render_human_steps(&outcome_view(outcome), left, &ui.stderr_style()));
}

/// The namespaces that are waited for, as they were last seen.
struct Watch {
    seen: BTreeMap<Identity, Value>,
    /// Whether something has changed that no plan was made of yet.
    moved: bool,
    pause: Duration,
    told: Option<Instant>,
}

impl Watch {
    fn new(session: &Session) -> Watch {
        Watch { seen: BTreeMap::new(), moved: false, pause: session.waits.records.first, told: None }
    }

    /// Whether something that is waited for has changed since the last plan.
    async fn look(&mut self, session: &Session, outcome: &Outcome) -> Result<bool, ApiError> {
        let waits = outcome.waiting().filter_map(|(_, action)| action.wait());
        let mut homes: Vec<_> =
            waits.filter_map(|wait| session.estate.desired.by_address(&wait.on)).collect();
        homes.sort_by(|one, other| one.identity.cmp(&other.identity));
        homes.dedup_by(|one, other| one.identity == other.identity);
        for home in homes {
            let live = session.client.read(&home.identity, home.cluster).await?;
            let now = live.map(|live| live.document).unwrap_or(Value::Null);
            let known = || session.live.get(&home.identity).map(|live| &live.document);
            let before = self.seen.get(&home.identity).or_else(known).unwrap_or(&Value::Null);
            self.moved |= reported(before) != reported(&now);
            self.seen.insert(home.identity.clone(), now);
        }
        Ok(self.moved)
    }

    /// Whether it is time to remind somebody.
    fn says_so(&mut self, began: Instant) -> bool {
        let now = Instant::now();
        let is_due = self.told.is_none_or(|told| now.duration_since(told) >= REMINDER);
        if is_due {
            self.told = Some(now.max(began));
        }
        is_due
    }

    /// The pause before the next look: longer and longer, as for jobs.
    fn pause(&mut self, session: &Session) -> Duration {
        let waits = &session.waits.records;
        let pause = self.pause.min(waits.max);
        self.pause = pause.mul_f64(waits.factor.clamp(1.0, 10.0)).min(waits.max);
        pause
    }
}

/// What decides about a wait: the plans that an operator reports, and whether any are needed.
fn reported(document: &Value) -> [Option<&Value>; 2] {
    let plans = document.pointer("/namespace/plans");
    let plans = plans.filter(|plans| plans.as_array().is_none_or(|plans| !plans.is_empty()));
    let store = document.pointer("/namespace/enableExternalSecretsStore");
    [plans, store.filter(|store| **store != Value::Bool(false))]
}
