//! The schema of journals: one document for each line.

use serde_json::{Value, json};

use super::{extend, list, object, one_of, text};

/// The name of the format of journals. `/1`: the first.
pub const JOURNAL: &str = crate::apply::journal::JOURNAL;

/// The schema of a line of `mxkeep.journal/1`.
pub fn journal() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": JOURNAL,
        "description": "A line of the journal that `mxkeep apply` keeps, for `mxkeep apply --resume`. It holds no value of any field: what was wanted is known again by hashes.",
        "oneOf": [first(), line()],
    })
}

fn first() -> Value {
    let mut action = object(json!({
        "id": text("The id of the action in its plan."),
        "address": text("The resource."),
        "identity": text("The ids of the resource."),
        "verb": one_of(&VERBS),
        "digest": text("Identifies what the action does and what it found."),
        "changes": {"type": "object", "additionalProperties": {"type": "string"}, "description": "The path of every field, with what identifies the wanted value."},
    }));
    let found = json!({"found": text("What identifies the live name that a delete was approved for.")});
    extend(&mut action, found, false);
    object(json!({
        "format": {"const": JOURNAL},
        "estate": text("The name of the estate."),
        "apis": list(text("An API that the run talks to.")),
        "plan": text("The digest of the plan."),
        "created": text("When the run began."),
        "actions": list(action),
    }))
}

const VERBS: [&str; 5] = ["create", "update", "delete", "restart", "scale"];

fn line() -> Value {
    let mut line = object(json!({
        "at": text("When it happened."),
        "event": {"enum": ["sending", "job", "job-ended", "ended", "resumed"], "description": "A request that writes is about to go out; the platform answered with a job; a resumed run saw the end of a job; an action ended; a later run goes on from here."},
    }));
    let rest = json!({
        "action": text("The id of the action; absent only from `resumed`."),
        "verb": one_of(&VERBS),
        "job": text("The job."),
        "outcome": text("How the action ended, in the word of outcomes."),
    });
    extend(&mut line, rest, false);
    line
}
