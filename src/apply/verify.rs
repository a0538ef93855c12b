//! Comparisons around a write: is the plan still true, and did the write arrive? Pure.

use serde_json::Value;

use crate::diff::{self, Change, canonical, overlap};
use crate::model::field::{Field, Shape};
use crate::model::{Desired, Live, Origin};

/// The managed fields that differ from the files.
pub(super) fn differences(desired: &Desired, live: &Live) -> Vec<Change> {
    let mut found = diff::resource(desired, Some(live), false).changes;
    found.retain(|change| !change.immutable);
    found
}

/// The changes that the create model of the API has no place for.
pub(super) fn update_only(table: &'static [Field], mut changes: Vec<Change>) -> Vec<Change> {
    changes.retain(|change| diff::needs_update_after_create(table, std::slice::from_ref(change)));
    changes
}

/// Whether what the plan saw is still there.
#[derive(Debug)]
pub(super) enum Staleness {
    /// It is; these of the planned changes are still to be made.
    Fresh(Vec<Change>),
    /// It is not: this field has a value that the plan did not see.
    Stale { path: String, origin: Option<Origin> },
}

/// Compares the fields that an update touches with what the plan saw; `now` is what differs now. A field that has
/// the wanted value by now is done; other fields may have changed, and are carried over. What the API never returns is
/// still to be sent, always: nothing tells that it has arrived.
pub(super) fn staleness(desired: &Desired, now: &[Change], planned: &[Change]) -> Staleness {
    let mut open = Vec::new();
    for change in planned {
        if is_unseen(desired, change) {
            open.push(change.clone());
            continue;
        }
        let Some(current) = now.iter().find(|current| current.path == change.path) else {
            // A new item of a list may have come whole, or in part.
            open.extend(now.iter().filter(|current| overlap(&change.path, &current.path)).cloned());
            continue;
        };
        if !same_before(desired.kind().fields(), change, current) {
            return Staleness::Stale { path: change.path.to_string(), origin: change.origin.clone() };
        }
        open.push(change.clone());
    }
    open.dedup_by(|one, other| one.path == other.path);
    Staleness::Fresh(open)
}

/// Whether nothing live can tell that a change was made.
pub(super) fn is_unseen(desired: &Desired, change: &Change) -> bool {
    diff::is_write_only(desired.kind().fields(), &change.path)
}

fn same_before(table: &'static [Field], planned: &Change, current: &Change) -> bool {
    match diff::field_at(table, &planned.path) {
        Some(field) if !matches!(field.shape, Shape::Object(_) | Shape::List(_)) => {
            canonical(field, planned.before.as_ref()) == canonical(field, current.before.as_ref())
        }
        _ => in_any_order(planned.before.as_ref()) == in_any_order(current.before.as_ref()),
    }
}

/// A value whose lists are sorted: the API returns them in any order.
fn in_any_order(value: Option<&Value>) -> Option<Value> {
    Some(match value? {
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().filter_map(|item| in_any_order(Some(item))).collect();
            items.sort_by_key(ToString::to_string);
            Value::Array(items)
        }
        other => other.clone(),
    })
}
