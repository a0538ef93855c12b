//! What happens in a run as JSON Lines, each written when it happens, and the report as the last of them.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json as value};

use super::sanitise::Message;
use super::{Format, Report, Style, json, schemas};
use crate::apply::{ApplyEvent, Phase};

/// The line of an event that was heard at a time, so long after its run began.
pub fn event(event: &ApplyEvent, at: Timestamp, elapsed: Duration) -> String {
    let (name, rest) = match event {
        ApplyEvent::RunStarted { actions } => ("run-started", value!({"actions": actions})),
        ApplyEvent::Reattaching { jobs } => ("reattaching", value!({"jobs": jobs})),
        ApplyEvent::JournalLost { reason } => ("journal-lost", value!({"message": message(reason)})),
        ApplyEvent::ActionStarted { action } => ("action-started", value!({"action": action})),
        ApplyEvent::ActionPhase { action, phase } => ("action-phase", of_phase(action, phase)),
        ApplyEvent::ActionFinished { action, outcome, duration, message: text } => (
            "action-finished",
            value!({
                "action": action,
                "outcome": outcome.name(),
                "duration": seconds(*duration),
                "message": text.as_deref().map(message),
            }),
        ),
        ApplyEvent::Interrupted { waiting, open } => {
            ("interrupted", value!({"waiting": waiting, "open": open}))
        }
        ApplyEvent::RunFinished => ("run-finished", value!({})),
    };
    let mut line = start(name);
    line.insert("at".to_owned(), at.to_string().into());
    line.insert("elapsed".to_owned(), seconds(elapsed));
    if let Value::Object(rest) = rest {
        line.extend(rest);
    }
    json::finish_line(&Value::Object(line))
}

/// The last line: the report, as its JSON says it.
pub(super) fn report(report: &Report, style: &Style) -> String {
    let mut line = start("report");
    let document = serde_json::from_str(&report.render(Format::Json, style)).unwrap_or_default();
    line.insert("report".to_owned(), document);
    json::finish_line(&Value::Object(line))
}

fn of_phase(action: &str, phase: &Phase) -> Value {
    let (name, rest) = match phase {
        Phase::Reading => ("reading", value!({})),
        Phase::WaitingForEarlierChange => ("waiting-for-earlier-change", value!({})),
        Phase::Sending { verb } => ("sending", value!({"verb": verb.name()})),
        Phase::Uploading { sent, total } => ("uploading", value!({"sent": sent, "total": total})),
        Phase::WaitingForPackage => ("waiting-for-package", value!({})),
        Phase::WaitingForJob { job } => ("waiting-for-job", value!({"job": message(job)})),
        Phase::Verifying => ("verifying", value!({})),
        Phase::WaitingForReady { state } => ("waiting-for-ready", value!({"state": message(state)})),
    };
    let mut line = Map::from_iter([("action".to_owned(), action.into()), ("phase".to_owned(), name.into())]);
    if let Value::Object(rest) = rest {
        line.extend(rest);
    }
    Value::Object(line)
}

fn start(event: &str) -> Map<String, Value> {
    Map::from_iter([("format".to_owned(), schemas::EVENTS.into()), ("event".to_owned(), event.into())])
}

fn message(text: &str) -> String {
    Message::new(text).to_string()
}

/// Seconds, to the millisecond.
fn seconds(duration: Duration) -> Value {
    value!((duration.as_secs_f64() * 1000.0).round() / 1000.0)
}
