//! Digests: what identifies an action, so that a person can approve exactly that.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::action::{Action, Status, Work};
use super::packages::PACKAGE_ID;
use crate::diff::{After, Change, Changes};
use crate::model::{Identity, Later};

/// How many hexadecimal digits a digest has: 128 bits.
pub const DIGITS: usize = 32;

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

/// What an action will do, and what it found that a person has to know to approve it. Secrets take part by reference
/// only; whether it may run, and what runs before it, does not: an approval outlives both.
pub(super) fn action_digest(action: &Action) -> String {
    let changes: Vec<_> = action.changes().iter().map(change_value).collect();
    let found = match &action.work {
        Work::Delete { name } => Some(name),
        Work::Create(_) | Work::Update(_) | Work::Restart(_) | Work::Scale(_) => None,
    };
    digest(&json!({
        "address": action.address.to_string(),
        "identity": action.identity.to_string(),
        "cluster": action.cluster.map(|cluster| cluster.to_string()),
        "verb": action.verb().name(),
        "effect": action.effect.name(),
        "production": action.production,
        "found": found,
        "changes": changes,
    }))
}

/// Identifies what a change asks for, whatever it found. A secret takes part by reference only.
pub fn wanted_digest(change: &Change) -> String {
    digest(&wanted(change))
}

fn wanted(change: &Change) -> Value {
    match &change.after {
        // It stands in the files for everybody to read, whatever was there before.
        After::Set(value) => json!({"set": value}),
        After::Outside(outside) if outside.encoded => {
            json!({"outside": outside.reference.to_string(), "version": outside.version, "encoded": true})
        }
        After::Outside(outside) => {
            json!({"outside": outside.reference.to_string(), "version": outside.version})
        }
        After::Later(later) => {
            json!({"later": later.identity.to_string()})
        }
        After::ClearTo(value) => json!({"clear": value}),
        After::Omit => json!({"omit": true}),
        After::Remove => json!({"remove": true}),
    }
}

fn change_value(change: &Change) -> Value {
    let before = if change.sensitive { &Value::Null } else { change.before.as_ref().unwrap_or(&Value::Null) };
    json!({"path": change.path.to_string(), "before": before, "after": wanted(change)})
}

/// The digest of the whole plan: its actions, and which of them may run.
pub(super) fn plan_digest(estate: &str, actions: &[Action]) -> String {
    let mut parts: Vec<_> = actions.iter().map(|action| (action.digest.as_str(), code(action))).collect();
    parts.sort_unstable();
    digest(&json!({"estate": estate, "actions": parts}))
}

/// Why an action may not run, by its code.
fn code(action: &Action) -> Option<&'static str> {
    match &action.status {
        Status::Ready => None,
        Status::Blocked(block) => Some(block.code),
        Status::Waiting(wait) => Some(wait.code),
    }
}

/// The digest that an action had while this package, which has this id by now, was still to be made; nothing for an
/// action that deploys another one. A package that is to be made is known by what it is made from.
pub fn digest_before_package(action: &Action, package: &Identity, id: &str) -> Option<String> {
    let (Work::Create(changes) | Work::Update(changes)) = &action.work else { return None };
    let mut changes = changes.as_slice().to_vec();
    let change = changes.iter_mut().find(|change| change.path.to_string() == PACKAGE_ID)?;
    change.after.shown().and_then(Value::as_str).filter(|value| *value == id)?;
    change.after = After::Later(Later { address: action.address.clone(), identity: package.clone() });
    let changes = Changes::new(changes)?;
    let work = match &action.work {
        Work::Create(_) => Work::Create(changes),
        _ => Work::Update(changes),
    };
    Some(action_digest(&Action { work, ..action.clone() }))
}
