//! Packages in a plan: which are there, which expire, which somebody runs.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::action::{Action, ActionId, Block, Verb};
use super::names::Names;
use super::note::{self, Note, Severity};
use super::{Draft, PlanInput};
use crate::diff::After;
use crate::model::{Desired, Identity, Kind, Later, Live, Mark};

/// From so many days before its end on, a package that nobody runs is a warning.
const SOON: i32 = 7;

/// Where a manifest names its package.
pub(super) const PACKAGE_ID: &str = "deployment.packageId";

/// The ids of the declared packages that are there.
pub(super) fn known(input: &PlanInput<'_>) -> BTreeMap<Identity, String> {
    let packages = input.desired.of_kind(Kind::Package);
    packages.filter_map(|it| Some((it.identity.clone(), input.live.package_id(&it.identity)?))).collect()
}

/// Whether a package that the files know by its id does not exist: nobody can make one with that id.
pub(super) fn is_gone(desired: &Desired, live: Option<&Live>) -> bool {
    live.is_none() && matches!(desired.identity, Identity::Package { mark: Mark::Id(_), .. })
}

/// The note for such a package.
pub(super) fn gone(desired: &Desired) -> Note {
    Note {
        severity: Severity::Warning,
        code: note::PACKAGE_MISSING,
        address: Some(desired.address.clone()),
        message: format!(
            "the app has no package `{}`: it has expired, or belongs to another app",
            desired.identity.id()
        ),
        origin: Some(desired.origin.clone()),
    }
}

/// The package that an action waits for to know its id.
pub(super) fn later(action: &Action) -> Option<&Later> {
    action.changes().iter().find_map(|change| match &change.after {
        After::Later(later) => Some(later),
        _ => None,
    })
}

/// The action that makes the package of an environment.
pub(super) fn needed<'a>(
    action: &Action,
    actions: &'a BTreeMap<ActionId, Action>,
) -> impl Iterator<Item = &'a Action> + use<'a> {
    let identity = later(action).map(|later| later.identity.clone());
    let is_it = move |other: &&Action| Some(&other.identity) == identity.as_ref();
    actions.values().filter(|other| other.verb() == Verb::Create).filter(is_it)
}

/// The actions after which no environment runs the package that is to be deleted.
pub(super) fn let_go<'a>(
    input: &PlanInput<'_>,
    action: &Action,
    actions: &'a BTreeMap<ActionId, Action>,
) -> impl Iterator<Item = &'a Action> + use<'a> {
    let users: BTreeSet<Identity> =
        users(input, &action.identity).map(|environment| environment.identity.clone()).collect();
    actions.values().filter(move |other| users.contains(&other.identity) && lets_go(other))
}

/// Whether an environment runs another package, or is gone, after this.
fn lets_go(action: &Action) -> bool {
    action.verb() == Verb::Delete
        || action.changes().iter().any(|change| change.path.to_string() == PACKAGE_ID)
}

/// The live environments that run a package.
fn users<'a>(input: &PlanInput<'a>, package: &Identity) -> impl Iterator<Item = &'a Live> + use<'a> {
    let id = match package {
        Identity::Package { app, mark: Mark::Id(id) } => Some((*app, id.clone())),
        _ => None,
    };
    input.live.of_kind(Kind::Environment).filter(move |live| {
        let Identity::Environment { app, .. } = live.identity else { return false };
        id.as_ref().is_some_and(|(of, id)| *of == app && runs(live, id))
    })
}

fn runs(environment: &Live, id: &str) -> bool {
    environment.text("/deployment/packageId").is_some_and(|live| live.trim().eq_ignore_ascii_case(id))
}

/// A delete of a package that somebody runs, or that the estate declares.
pub(super) fn in_use(
    input: &PlanInput<'_>,
    action: &Action,
    actions: &BTreeMap<ActionId, Action>,
) -> Option<Block> {
    let Identity::Package { mark: Mark::Id(id), .. } = &action.identity else { return None };
    if action.verb() != Verb::Delete {
        return None;
    }
    let declared = input
        .desired
        .of_kind(Kind::Package)
        .find(|desired| input.live.package_id(&desired.identity) == Some(id.clone()));
    if let Some(declared) = declared {
        return Some(Block {
            code: note::IN_USE,
            reason: format!("`{}` is declared and is this package", declared.address),
            help: Some("remove its document to delete it, or the tombstone to keep it".to_owned()),
            origin: Some(declared.origin.clone()),
            is_guard: false,
        });
    }
    let names = Names::new(input.desired, input.live);
    let leaves: BTreeSet<&Identity> = let_go(input, action, actions).map(|other| &other.identity).collect();
    let users: Vec<String> = users(input, &action.identity)
        .filter(|environment| !leaves.contains(&environment.identity))
        .map(|environment| format!("`{}`", names.address(environment)))
        .collect();
    (!users.is_empty()).then(|| Block {
        code: note::IN_USE,
        reason: format!("still runs in {}", users.join(", ")),
        help: Some("give the environment another package first".to_owned()),
        origin: Some(action.origin.clone()),
        is_guard: false,
    })
}

/// An environment that is to run a package that its app does not have. Only where the packages of the app were read.
pub(super) fn missing(
    input: &PlanInput<'_>,
    action: &Action,
    _: &BTreeMap<ActionId, Action>,
) -> Option<Block> {
    let Identity::Environment { app, .. } = action.identity else { return None };
    if !input.live.packages_of.contains(&app) {
        return None;
    }
    let change = action.changes().iter().find(|change| change.path.to_string() == PACKAGE_ID)?;
    let id = change.after.shown()?.as_str()?;
    let exists = input.live.of_kind(Kind::Package).any(|live| match &live.identity {
        Identity::Package { app: of, mark } => *of == app && mark.to_string().eq_ignore_ascii_case(id),
        _ => false,
    });
    (!exists).then(|| Block {
        code: note::PACKAGE_MISSING,
        reason: format!("the app has no package `{id}`: it has expired, or belongs to another app"),
        help: Some("`mxkeep packages list` shows the packages of an app".to_owned()),
        origin: change.origin.clone(),
        is_guard: false,
    })
}

/// PKG-02: declared packages that nobody runs and that the platform will remove.
pub(super) fn expiries(input: &PlanInput<'_>, draft: &mut Draft) {
    let deployed: BTreeSet<String> = draft
        .actions
        .values()
        .flat_map(Action::changes)
        .filter(|change| change.path.to_string() == PACKAGE_ID)
        .filter_map(|change| Some(change.after.shown()?.as_str()?.to_lowercase()))
        .collect();
    let packages = input.desired.of_kind(Kind::Package);
    for desired in packages.filter(|desired| input.scope.holds(&desired.address)) {
        let Some(live) = input.live.get(&desired.identity) else { continue };
        let (Some(id), Some(expiry)) = (input.live.package_id(&desired.identity), expiry(live)) else {
            continue;
        };
        let environments = input.live.of_kind(Kind::Environment);
        let is_used = environments.into_iter().any(|environment| runs(environment, &id));
        if !is_used && !deployed.contains(&id.to_lowercase()) {
            draft.notes.push(expires(desired, expiry, input.today));
        }
    }
}

fn expires(desired: &Desired, expiry: Date, today: Date) -> Note {
    let days = today.until(expiry).map_or(0, |span| span.get_days());
    let severity = if days <= SOON { Severity::Warning } else { Severity::Info };
    let when = match days {
        ..0 => format!("expired on {expiry}"),
        0 => "expires today".to_owned(),
        1 => "expires tomorrow".to_owned(),
        2..=30 => format!("expires on {expiry}, in {days} days"),
        _ => format!("expires on {expiry}"),
    };
    Note {
        severity,
        code: note::PACKAGE_EXPIRES,
        address: Some(desired.address.clone()),
        message: format!("{when}, and is deployed nowhere: deploy it, or remove its document"),
        origin: Some(desired.origin.clone()),
    }
}

/// The day on which the platform removes a package.
fn expiry(live: &Live) -> Option<Date> {
    let at: Timestamp = live.text("/expiryDate")?.trim().parse().ok()?;
    Some(at.to_zoned(jiff::tz::TimeZone::UTC).date())
}
