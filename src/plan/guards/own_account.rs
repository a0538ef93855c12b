//! Lock-out: what takes from the owner of the token the right to go on. Nobody can give it back with the same token.
//!
//! Whose token it is, only people know (`api.user`, `MXKEEP_USER`). Where nobody says it, this is a note.

use super::Watch;
use crate::diff::{After, Change, member};
use crate::model::{Identity, ItemKey, Step};
use crate::plan::action::{Action, Block};
use crate::plan::note::{self, Note, Severity};

/// How many people a note names.
const NAMED: usize = 3;

/// Something that is taken from somebody.
struct Taken<'a> {
    code: &'static str,
    user: &'a str,
    what: String,
    change: &'a Change,
}

/// The guard.
pub(super) fn own_account(watch: &Watch<'_>, action: &Action) -> Option<Block> {
    let is_own = |taken: &Taken<'_>| watch.rules.users.iter().any(|user| user == taken.user);
    let Taken { code, user, what, change } = takes(action).find(is_own)?;
    Some(Block {
        code,
        reason: format!("takes {what} from `{user}`, to whom the token belongs"),
        help: Some("apply with the token of somebody else, or leave it as it is".to_owned()),
        origin: change.origin.clone(),
        is_guard: true,
    })
}

/// Says that it is not known whose token it is, where that would matter.
pub(super) fn unknown<'a>(actions: impl Iterator<Item = &'a Action>) -> Option<Note> {
    let taken: Vec<_> = actions.flat_map(takes).collect();
    let mut users: Vec<_> = taken.iter().map(|taken| format!("`{}`", taken.user)).collect();
    users.sort();
    users.dedup();
    let more = users.len().saturating_sub(NAMED);
    users.truncate(NAMED);
    let mut named = users.join(", ");
    if more > 0 {
        named = format!("{named} and {more} more");
    }
    taken.first().map(|first| Note {
        severity: Severity::Info,
        code: note::WHOSE_TOKEN,
        address: None,
        message: format!(
            "rights are taken from {named}, and nobody says whose the token is; say it with `api.user` or `MXKEEP_USER`, so that no plan locks the owner out"
        ),
        origin: first.change.origin.clone(),
    })
}

/// What an action takes from people, as far as they need it to go on.
fn takes(action: &Action) -> impl Iterator<Item = Taken<'_>> {
    action.changes().iter().filter_map(|change| match action.identity {
        Identity::CloudApp(_) => right(change),
        Identity::Cluster(_) => manager(change),
        Identity::Namespace(_) => membership(change),
        Identity::App(_) | Identity::Environment { .. } | Identity::Package { .. } => None,
    })
}

/// MC-04: a right on Mendix Cloud.
fn right(change: &Change) -> Option<Taken<'_>> {
    let (environment, user) = member(&change.path)?;
    let right @ ("canAccessAPI" | "canManagePrivileges") = change.path.last_field()? else { return None };
    let is_taken = matches!(&change.after, After::Set(value) if value.as_bool() == Some(false));
    is_taken.then(|| Taken {
        code: note::LOCK_OUT,
        user,
        what: format!("`{right}` in environment {environment}"),
        change,
    })
}

fn manager(change: &Change) -> Option<Taken<'_>> {
    let [Step::Field("clusterManagers"), Step::Item(key)] = change.path.0.as_slice() else { return None };
    let user = only(key).filter(|_| matches!(change.after, After::Remove))?;
    Some(Taken { code: note::SELF_REMOVED, user, what: "the management of the cluster".to_owned(), change })
}

/// The membership itself, or the role that may do everything.
fn membership(change: &Change) -> Option<Taken<'_>> {
    let (key, what) = match change.path.0.as_slice() {
        [Step::Field("membership"), Step::Item(key)] if matches!(change.after, After::Remove) => {
            (key, "the membership")
        }
        [Step::Field("membership"), Step::Item(key), Step::Field("role")] => {
            let before = change.before.as_ref().and_then(|before| before.as_str());
            (before == Some("Administrator")).then_some((key, "the role `Administrator`"))?
        }
        _ => return None,
    };
    Some(Taken { code: note::SELF_REMOVED, user: only(key)?, what: what.to_owned(), change })
}

fn only(key: &ItemKey) -> Option<&str> {
    match key {
        ItemKey::Natural(parts) => parts.first().map(String::as_str),
        ItemKey::Content(_) => None,
    }
}
