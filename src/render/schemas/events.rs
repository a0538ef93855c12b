//! The schema of events: one document for each line.

use serde_json::{Value, json};

use super::{count, extend, object, one_of, optional_text, seconds, text};

/// The name of the format of events. `/1`: the first.
pub const EVENTS: &str = "mxkeep.events/1";

/// The schema of a line of `mxkeep.events/1`.
pub fn events() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": EVENTS,
        "description": "A line of what happens in a run, as `--out events=FILE` writes it at the time. A run that goes on with what waited for a person starts again with `run-started`.",
        "oneOf": [
            event("run-started", json!({"actions": count("How many actions may run.")})),
            event("reattaching", json!({"jobs": count("How many jobs of an earlier run are waited for first.")})),
            event("journal-lost", json!({"message": text("Why the journal cannot be written any more.")})),
            event("action-started", json!({"action": action()})),
            phase(),
            event("action-finished", json!({
                "action": action(),
                "outcome": one_of(&["done", "failed", "skipped", "refused", "cancelled", "not-started", "blocked", "waiting", "unknown"]),
                "duration": seconds("How long the action took."),
                "message": optional_text("Why it did not succeed, or what to know."),
            })),
            event("interrupted", json!({
                "waiting": {"type": "boolean", "description": "Whether the run still waits for open jobs."},
                "open": count("How many actions are open."),
            })),
            event("run-finished", json!({})),
            object(json!({
                "format": {"const": EVENTS},
                "event": {"const": "report"},
                "report": {
                    "type": "object",
                    "properties": {"format": {"type": "string", "pattern": "^mxkeep\\.(plan|outcome|drift|validate)/1$"}},
                    "required": ["format"],
                    "description": "The report of the command, the last line: a document of the format that it names.",
                },
            })),
        ],
    })
}

fn phase() -> Value {
    let mut phase = event(
        "action-phase",
        json!({
            "action": action(),
            "phase": one_of(&[
                "reading", "waiting-for-earlier-change", "sending", "uploading", "waiting-for-package",
                "waiting-for-job", "verifying", "waiting-for-ready",
            ]),
        }),
    );
    let rest = json!({
        "verb": one_of(&["create", "update", "delete", "restart", "scale"]),
        "sent": count("How many bytes of a file have gone."),
        "total": count("How many bytes the file has."),
        "job": text("The job that is waited for."),
        "state": text("What the environment says of itself."),
    });
    extend(&mut phase, rest, false);
    phase
}

fn event(name: &str, rest: Value) -> Value {
    let mut event = object(json!({
        "format": {"const": EVENTS},
        "event": {"const": name},
        "at": text("When it was heard (RFC 3339)."),
        "elapsed": seconds("How long after the last `run-started`."),
    }));
    extend(&mut event, rest, true);
    event
}

fn action() -> Value {
    text("The id of the action in its plan.")
}
