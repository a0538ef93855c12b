//! Digests: what identifies an action, so that a person can approve exactly that.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::action::{Action, Status, Work};
use crate::diff::{After, Change};

/// How many hexadecimal digits a digest has: 128 bits.
const DIGITS: usize = 32;

/// The digest of a JSON value, whatever the order of its keys.
pub fn digest(value: &Value) -> String {
    let bytes = Sha256::digest(sorted(value).to_string().as_bytes());
    let mut text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    text.truncate(DIGITS);
    text
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut entries: Vec<_> = fields.iter().collect();
            entries.sort_by(|one, other| one.0.cmp(other.0));
            Value::Object(
                entries.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect::<Map<_, _>>(),
            )
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        scalar => scalar.clone(),
    }
}

/// What an action will do and what it found. Secrets take part by reference only.
pub(super) fn action_digest(action: &Action) -> String {
    let changes: Vec<_> = action.changes().iter().map(change_value).collect();
    let found = match &action.work {
        Work::Delete { name } => Some(name),
        Work::Create(_) | Work::Update(_) | Work::Restart(_) | Work::Scale(_) => None,
    };
    let blocked = match &action.status {
        Status::Ready => None,
        Status::Blocked(block) => Some(block.code),
        Status::Waiting(wait) => Some(wait.code),
    };
    digest(&json!({
        "address": action.address.to_string(),
        "identity": action.identity.to_string(),
        "verb": action.verb().name(),
        "found": found,
        "changes": changes,
        "blocked": blocked,
    }))
}

fn change_value(change: &Change) -> Value {
    let after = match &change.after {
        After::Set(_) if change.sensitive => json!({"set": "secret"}),
        After::Set(value) => json!({"set": value}),
        After::Outside(outside) => {
            json!({"outside": outside.reference.to_string(), "version": outside.version})
        }
        After::Later(later) => {
            json!({"later": later.address.to_string(), "identity": later.identity.to_string()})
        }
        After::ClearTo(value) => json!({"clear": value}),
        After::Omit => json!({"omit": true}),
        After::Remove => json!({"remove": true}),
    };
    let before = if change.sensitive { &Value::Null } else { change.before.as_ref().unwrap_or(&Value::Null) };
    json!({"path": change.path.to_string(), "before": before, "after": after})
}

/// The digest of the whole plan.
pub(super) fn plan_digest(estate: &str, actions: &[Action]) -> String {
    let mut digests: Vec<_> = actions.iter().map(|action| action.digest.as_str()).collect();
    digests.sort_unstable();
    digest(&json!({"estate": estate, "actions": digests}))
}
