//! What an action does to a running environment (DOMAIN 2.12).

use serde_json::Value;

use super::action::{ActionEffect, Work};
use crate::diff::{After, Change};
use crate::model::field::Effect;
use crate::model::{Desired, Identity, Kind, Live, LiveState};

/// From this version on the operator rolls every change of configuration by itself (RDD).
const ROLLS_FROM: (u64, u64) = (2, 25);

/// The effect of a create or update: the strongest of its changes.
pub(super) fn effect(state: &LiveState, desired: &Desired, live: Option<&Live>, work: &Work) -> ActionEffect {
    let (Work::Update(_), Some(live)) = (work, live) else { return ActionEffect::None };
    if instances(live) == Some(0) {
        // Nothing runs that could be disturbed, whatever changes; scaling up starts the app.
        return ActionEffect::None;
    }
    let rolls = operator_of(state, &desired.identity).is_some_and(|version| version >= ROLLS_FROM);
    work.changes().iter().map(|change| change_effect(change, rolls)).max().unwrap_or(ActionEffect::None)
}

fn instances(live: &Live) -> Option<i64> {
    live.manifest().pointer("/container/instances").and_then(Value::as_i64)
}

fn change_effect(change: &Change, rolls: bool) -> ActionEffect {
    match change.effect {
        Effect::None => ActionEffect::None,
        Effect::Restart if rolls => ActionEffect::Rolling,
        Effect::Restart => ActionEffect::Restart,
        Effect::Stop => ActionEffect::Stop,
        Effect::Scale if stops_for_good(change) => ActionEffect::Stop,
        Effect::Scale => ActionEffect::None,
    }
}

/// Whether nothing runs after the change.
pub(super) fn stops_for_good(change: &Change) -> bool {
    let to_zero = matches!(&change.after, After::Set(value) if value.as_i64() == Some(0));
    change.effect == Effect::Scale && to_zero
}

/// What it takes to judge a live environment: the operator of its namespace.
fn operator_of(live: &LiveState, identity: &Identity) -> Option<(u64, u64)> {
    let Identity::Environment { namespace, .. } = identity else { return None };
    let version = operator_version(live.get(&Identity::Namespace(*namespace))?)?;
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// The version of the operator that a live namespace reports.
pub(super) fn operator_version(namespace: &Live) -> Option<&str> {
    // The schema says componentVersion, most examples componentsVersion (NOTES 8.4).
    let version = ["componentVersion", "componentsVersion"]
        .iter()
        .find_map(|name| namespace.text(&format!("/additionalInformation/{name}/operatorVersion")))?;
    Some(version.trim()).filter(|version| !version.is_empty())
}

/// The effect of a delete: only environments hold data; a namespace or cluster leaves Kubernetes as it is.
pub(super) const fn delete_effect(kind: Kind) -> ActionEffect {
    match kind {
        Kind::Environment => ActionEffect::DataLoss,
        Kind::Cluster | Kind::Namespace | Kind::App | Kind::Package | Kind::CloudApp => ActionEffect::None,
    }
}
