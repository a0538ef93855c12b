//! The live picture, for people: a table for each kind, production first.

use jiff::Timestamp;

use super::notes;
use crate::plan::status::Sync;
use crate::render::layout::{Line, Page};
use crate::render::plural::{ENVIRONMENT, RESOURCE, number};
use crate::render::style::{Label, Style};
use crate::render::table::{Cell, Group, Table};
use crate::render::view::{
    ClusterView, EnvironmentView, EstateStatusView, NamespaceView, StandingView, StatusSummary,
};

/// How much of an id is shown where no version is known.
const ID: usize = 8;

/// Writes the live picture of an estate.
pub(in crate::render) fn status(view: &EstateStatusView, style: &Style) -> String {
    let EstateStatusView {
        estate,
        api,
        taken_at,
        summary,
        environments: environment_views,
        namespaces: namespace_views,
        clusters: cluster_views,
        others: other_views,
        notes: note_views,
    } = view;
    let mut page = Page::new(style);
    let head = Line::new(0).add(Label::Heading, format!("Estate {estate}")).add(Label::Dim, " at ");
    page.line(&head.add(Label::Link, api.to_string()));
    let mut left_out = environments(&mut page, environment_views, *taken_at);
    left_out.extend(namespaces(&mut page, namespace_views, *taken_at));
    left_out.extend(clusters(&mut page, cluster_views, *taken_at));
    left_out.extend(others(&mut page, other_views, *taken_at));
    notes::notes(&mut page, note_views);
    page.blank();
    left_out.sort_unstable();
    left_out.dedup();
    if !left_out.is_empty() {
        let text =
            format!("left out for want of room: {}; --format json has everything", left_out.join(", "));
        page.prose(0, (Label::Dim, ""), Label::Dim, &text);
    }
    sum(&mut page, summary);
    page.finish()
}

fn environments(page: &mut Page<'_>, views: &[EnvironmentView], now: Timestamp) -> Vec<&'static str> {
    let groups = [
        Group { head: "PRODUCTION", rows: views.iter().filter(|view| view.production).count() },
        Group { head: "OTHER ENVIRONMENTS", rows: views.iter().filter(|view| !view.production).count() },
    ];
    let standings: Vec<_> = views.iter().map(|view| &view.standing).collect();
    let text = |text: &dyn ToString| (Label::Plain, text.to_string());
    standing_columns(&standings, now)
        .column("STATE", views.iter().map(state).collect())
        .column("INSTANCES", views.iter().map(instances).collect())
        .column("PACKAGE", views.iter().map(|view| package(page.style(), view)).collect())
        .column(
            "RUNTIME",
            views.iter().map(|view| view.runtime_version.as_ref().map(|it| text(it))).collect(),
        )
        .column("URL", views.iter().map(|view| view.url.as_ref().map(|it| text(it))).collect())
        .show(page, &groups)
}

fn namespaces(page: &mut Page<'_>, views: &[NamespaceView], now: Timestamp) -> Vec<&'static str> {
    let standings: Vec<_> = views.iter().map(|view| &view.standing).collect();
    let operator = |view: &NamespaceView| match &view.operator_version {
        Some(version) => Some((Label::Plain, version.to_string())),
        None => view.plans.map(|_| (Label::Tag, "none".to_owned())),
    };
    let plans = |view: &NamespaceView| {
        let (all, active) = view.plans?;
        Some((Label::Plain, if all == 0 { "none".to_owned() } else { format!("{active} of {all} active") }))
    };
    standing_columns(&standings, now)
        .column("OPERATOR", views.iter().map(operator).collect())
        .column("PLANS", views.iter().map(plans).collect())
        .column("ENVIRONMENTS", views.iter().map(|view| count(view.environments)).collect())
        .column("MEMBERS", views.iter().map(|view| count(view.members)).collect())
        .show(page, &[Group { head: "NAMESPACES", rows: views.len() }])
}

fn clusters(page: &mut Page<'_>, views: &[ClusterView], now: Timestamp) -> Vec<&'static str> {
    let standings: Vec<_> = views.iter().map(|view| &view.standing).collect();
    let kind = |view: &ClusterView| view.cluster_type.as_ref().map(|it| (Label::Plain, it.to_string()));
    let operator = |view: &ClusterView| view.operator_type.as_ref().map(|it| (Label::Plain, it.to_string()));
    standing_columns(&standings, now)
        .column("TYPE", views.iter().map(kind).collect())
        .column("NAMESPACES", views.iter().map(|view| count(view.namespaces)).collect())
        .column("MANAGERS", views.iter().map(|view| count(view.managers)).collect())
        .column("OPERATOR", views.iter().map(operator).collect())
        .show(page, &[Group { head: "CLUSTERS", rows: views.len() }])
}

/// Resources of other kinds, by their whole address.
fn others(page: &mut Page<'_>, views: &[StandingView], now: Timestamp) -> Vec<&'static str> {
    let named: Vec<StandingView> =
        views.iter().map(|view| StandingView { short: view.address.clone(), ..view.clone() }).collect();
    let standings: Vec<_> = named.iter().collect();
    standing_columns(&standings, now).show(page, &[Group { head: "OTHERS", rows: views.len() }])
}

/// The columns of every table: the name, whether it is as declared, and for how long it has not been.
fn standing_columns(views: &[&StandingView], now: Timestamp) -> Table {
    let name = |view: &&StandingView| (Label::Address, view.short.to_string());
    let age = |view: &&StandingView| Some((Label::Plain, age(view.drifted_since?, now)));
    Table::new(views.iter().map(name).collect())
        .column("SYNC", views.iter().map(|view| Some(sync(view))).collect())
        .column("DRIFT AGE", views.iter().map(age).collect())
}

fn sync(view: &StandingView) -> Cell {
    let (label, text) = match view.sync {
        Sync::InSync => (Label::Create, "in sync"),
        Sync::Drifted => return (Label::Update, format!("drifted ({})", view.fields)),
        Sync::Missing => (Label::Delete, "missing"),
        Sync::NotRemoved => (Label::Update, "not removed"),
        Sync::Unmanaged => (Label::Dim, "unmanaged"),
        Sync::Unreadable => (Label::Blocked, "unreadable"),
    };
    (label, text.to_owned())
}

fn state(view: &EnvironmentView) -> Option<Cell> {
    let state = view.state.as_ref()?.to_string();
    Some(match state.as_str() {
        "Ready" if view.instances == Some(0) => (Label::Dim, "stopped".to_owned()),
        "Ready" => (Label::Create, state),
        "Failed" => (Label::Danger, state),
        _ => (Label::Update, state),
    })
}

fn instances(view: &EnvironmentView) -> Option<Cell> {
    let instances = view.instances?;
    Some(match view.last_running_instances.filter(|_| instances == 0) {
        Some(last) => (Label::Dim, format!("0 (was {last})")),
        None => (Label::Plain, instances.to_string()),
    })
}

/// The version of the model; the beginning of the id where no version is known.
fn package(style: &Style, view: &EnvironmentView) -> Option<Cell> {
    let package = view.package.as_ref()?;
    if let Some(version) = &package.version {
        return Some((Label::Plain, version.to_string()));
    }
    let id = package.id.to_string();
    let short: String = id.chars().take(ID).collect();
    Some((Label::Plain, if short == id { id } else { format!("{short}{}", style.ellipsis()) }))
}

fn count(count: Option<usize>) -> Option<Cell> {
    Some((Label::Plain, number(count?)))
}

/// An age as people say it: `<1m`, `5m`, `3h`, `12d`. It is rounded down, since it is the least that is known.
fn age(since: Timestamp, now: Timestamp) -> String {
    match now.duration_since(since).as_secs().max(0) {
        0..60 => "<1m".to_owned(),
        seconds @ 60..3600 => format!("{}m", seconds / 60),
        seconds @ 3600..86_400 => format!("{}h", seconds / 3600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

fn sum(page: &mut Page<'_>, summary: &StatusSummary) {
    let StatusSummary { sync, environments, ready, stopped, processing, failed } = summary;
    let told = |counts: &[(usize, &str)]| {
        let told: Vec<_> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{} {what}", number(*count)))
            .collect();
        told.join(", ")
    };
    let words = |sync: Sync| match sync {
        Sync::InSync => "in sync",
        Sync::NotRemoved => "not removed",
        Sync::Drifted | Sync::Missing | Sync::Unmanaged | Sync::Unreadable => sync.name(),
    };
    let counts: Vec<_> = sync.iter().map(|(sync, count)| (*count, words(*sync))).collect();
    let all = sync.iter().map(|(_, count)| count).sum();
    let mut parts = vec![format!("{}: {}", RESOURCE.count(all), told(&counts))];
    if all == 0 {
        parts = vec!["Nothing is declared, and nothing is live".to_owned()];
    }
    if *environments > 0 {
        let states = told(&[
            (*ready, "ready"),
            (*stopped, "stopped"),
            (*processing, "processing"),
            (*failed, "failed"),
        ]);
        let separator = if states.is_empty() { "" } else { ": " };
        parts.push(format!("{}{separator}{states}", ENVIRONMENT.count(*environments)));
    }
    let text = parts.join(page.style().separator());
    page.line(&Line::new(0).add(Label::Heading, text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short_and_never_too_much() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        for (since, said) in [
            ("2026-11-25T12:00:30Z", "<1m"),
            ("2026-11-25T11:59:30Z", "<1m"),
            ("2026-11-25T11:01:00Z", "59m"),
            ("2026-11-24T12:00:01Z", "23h"),
            ("2026-11-11T11:00:00Z", "14d"),
        ] {
            assert_eq!(age(since.parse().unwrap(), now), said);
        }
    }
}
