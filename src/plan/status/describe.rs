//! What a live manifest says about itself. Lenient: whatever is missing or odd is not told.

use serde_json::Value;

use super::{ClusterStatus, EnvironmentStatus, NamespaceStatus, PackageStatus, Standing};
use crate::model::{DeclaredValue, Desired, Live, dig};
use crate::plan::effect::operator_version;
use crate::plan::reconcile::is_production;

pub(super) fn environment(
    live: Option<&Live>,
    declared: Option<&Desired>,
    standing: Standing,
) -> EnvironmentStatus {
    // What the files take from outside as a secret is not told, whatever the live value is.
    let shown = |group: &str, name: &str| {
        let declared = declared.and_then(|declared| dig(&declared.fields, &[group, name]));
        let is_secret = declared.is_some_and(|declared| match &declared.value {
            DeclaredValue::Outside(outside) => outside.sensitive,
            _ => false,
        });
        text(live, &format!("/{group}/{name}")).filter(|_| !is_secret)
    };
    let instances = number(live, "/container/instances");
    let wants_production = || declared.and_then(|it| it.boolean(&["properties", "production"])) == Some(true);
    EnvironmentStatus {
        standing,
        production: live.map_or_else(wants_production, is_production),
        namespace: None,
        state: text(live, "/container/state"),
        instances,
        // While it runs, this is the number of instances once more.
        last_running_instances: number(live, "/container/lastRunningInstanceCount")
            .filter(|_| instances == Some(0)),
        package: shown("deployment", "packageId").map(|id| PackageStatus { id, ..PackageStatus::default() }),
        url: shown("deployment", "appUrl"),
        runtime_version: shown("runtime", "runtimeVersion"),
    }
}

pub(super) fn namespace(live: Option<&Live>, standing: Standing) -> NamespaceStatus {
    let plans = list(live, "/plans").map(|plans| {
        let active = plans.iter().filter(|plan| plan.get("activate").is_some_and(is_true)).count();
        (plans.len(), active)
    });
    NamespaceStatus {
        standing,
        operator_version: live.and_then(operator_version).map(str::to_owned),
        plans,
        members: list(live, "/membership").map(<[Value]>::len),
        environments: list(live, "/environments").map(<[Value]>::len),
    }
}

pub(super) fn cluster(live: Option<&Live>, standing: Standing, namespaces: Option<usize>) -> ClusterStatus {
    ClusterStatus {
        standing,
        cluster_type: text(live, "/clusterType"),
        operator_type: text(live, "/operatorType"),
        managers: list(live, "/clusterManagers").map(<[Value]>::len),
        namespaces,
    }
}

/// The text at a pointer without the blanks that the API's examples have around some values; never empty.
fn text(live: Option<&Live>, pointer: &str) -> Option<String> {
    live?.text(pointer).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A whole number, which may arrive as text or with a fraction of zeros.
fn number(live: Option<&Live>, pointer: &str) -> Option<u64> {
    let spelt = match live?.manifest().pointer(pointer)? {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    let (whole, fraction) = spelt.split_once('.').unwrap_or((&spelt, ""));
    fraction.bytes().all(|digit| digit == b'0').then(|| whole.parse().ok())?
}

/// An empty list where the manifest has none: the API leaves out what is empty.
fn list<'l>(live: Option<&'l Live>, pointer: &str) -> Option<&'l [Value]> {
    Some(live?.manifest().pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice))
}

fn is_true(value: &Value) -> bool {
    value.as_bool() == Some(true) || value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true"))
}
