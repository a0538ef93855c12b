//! The live picture, for scripts.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{finish, name, note, place};
use crate::plan::status::Sync;
use crate::render::schemas;
use crate::render::view::{
    ClusterView, EnvironmentView, EstateStatusView, NamespaceView, PackageView, StandingView, StatusSummary,
};

pub(in crate::render) fn status(view: &EstateStatusView) -> String {
    let EstateStatusView {
        estate,
        api: _,
        taken_at,
        summary,
        environments,
        namespaces,
        clusters,
        others,
        notes,
    } = view;
    finish(&json!({
        "format": schemas::STATUS,
        "estate": estate.exact(),
        "takenAt": time(Some(*taken_at)),
        "summary": status_summary(summary),
        "environments": environments.iter().map(environment).collect::<Vec<_>>(),
        "namespaces": namespaces.iter().map(namespace).collect::<Vec<_>>(),
        "clusters": clusters.iter().map(cluster).collect::<Vec<_>>(),
        "others": others.iter().map(standing).map(Value::Object).collect::<Vec<_>>(),
        "notes": notes.iter().map(note).collect::<Vec<_>>(),
    }))
}

/// To the second: more would be noise.
fn time(time: Option<Timestamp>) -> Value {
    let whole = |time: Timestamp| Timestamp::from_second(time.as_second()).unwrap_or(time);
    time.map_or(Value::Null, |time| whole(time).to_string().into())
}

fn status_summary(summary: &StatusSummary) -> Value {
    let StatusSummary { sync, environments, ready, stopped, processing, failed } = summary;
    let mut out = Map::new();
    for (sync, count) in sync {
        let key = match sync {
            Sync::InSync => "inSync",
            Sync::NotRemoved => "notRemoved",
            Sync::Drifted | Sync::Missing | Sync::Unmanaged | Sync::Unreadable => sync.name(),
        };
        out.insert(key.to_owned(), (*count).into());
    }
    let states = [
        ("environments", environments),
        ("ready", ready),
        ("stopped", stopped),
        ("processing", processing),
        ("failed", failed),
    ];
    out.extend(states.map(|(key, count)| (key.to_owned(), (*count).into())));
    Value::Object(out)
}

fn standing(view: &StandingView) -> Map<String, Value> {
    let StandingView { address, short: _, id, sync, fields, drifted_since, last_in_sync, place: source } =
        view;
    Map::from_iter([
        ("address".to_owned(), address.exact().into()),
        ("id".to_owned(), id.exact().into()),
        ("sync".to_owned(), sync.name().into()),
        ("driftedFields".to_owned(), (*fields).into()),
        ("driftedSince".to_owned(), time(*drifted_since)),
        ("lastInSync".to_owned(), time(*last_in_sync)),
        ("source".to_owned(), place(source.as_ref())),
    ])
}

fn with<const N: usize>(view: &StandingView, more: [(&str, Value); N]) -> Value {
    let mut out = standing(view);
    out.extend(more.map(|(key, value)| (key.to_owned(), value)));
    Value::Object(out)
}

fn environment(view: &EnvironmentView) -> Value {
    let EnvironmentView {
        standing,
        production,
        namespace,
        state,
        instances,
        last_running_instances,
        package,
        url,
        runtime_version,
    } = view;
    let package = package.as_ref().map(|PackageView { id, version, created_on }| {
        json!({"id": id.exact(), "version": name(version.as_ref()), "createdOn": name(created_on.as_ref())})
    });
    with(
        standing,
        [
            ("production", (*production).into()),
            ("namespace", name(namespace.as_ref())),
            ("state", name(state.as_ref())),
            ("instances", (*instances).into()),
            ("lastRunningInstances", (*last_running_instances).into()),
            ("package", package.into()),
            ("url", name(url.as_ref())),
            ("runtimeVersion", name(runtime_version.as_ref())),
        ],
    )
}

fn namespace(view: &NamespaceView) -> Value {
    let NamespaceView { standing, operator_version, plans, members, environments } = view;
    let plans = plans.map(|(all, active)| json!({"live": all, "active": active}));
    with(
        standing,
        [
            ("operatorVersion", name(operator_version.as_ref())),
            ("plans", plans.into()),
            ("members", (*members).into()),
            ("environments", (*environments).into()),
        ],
    )
}

fn cluster(view: &ClusterView) -> Value {
    let ClusterView { standing, cluster_type, operator_type, managers, namespaces } = view;
    with(
        standing,
        [
            ("clusterType", name(cluster_type.as_ref())),
            ("operatorType", name(operator_type.as_ref())),
            ("managers", (*managers).into()),
            ("namespaces", (*namespaces).into()),
        ],
    )
}
