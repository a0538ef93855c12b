//! OpenMetrics, for the text-file collector of a monitoring system: numbers of a report, with the name of the estate.

use std::fmt;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use super::findings::FindingSeverity;
use super::report::Report;
use super::sanitise::sanitise;
use super::view::{DriftSummary, DriftView, OutcomeView, PlanSummary, PlanView};

type Labels = Vec<(&'static str, String)>;

/// A metric and its numbers, in an order of ours: equal reports are equal texts.
#[derive(Debug)]
struct Rows(Vec<(Labels, f64)>);

impl EncodeMetric for Rows {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), fmt::Error> {
        let Rows(rows) = self;
        rows.iter()
            .try_for_each(|(labels, value)| ConstGauge::new(*value).encode(encoder.encode_family(labels)?))
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Gauge
    }
}

/// Writes metrics.
pub(super) fn metrics(report: &Report) -> String {
    let mut page = Page { registry: Registry::with_prefix("mxkeep"), estate: None };
    match report {
        Report::Plan(view) => plan(&mut page, view),
        Report::Drift(view) => drift(&mut page, view),
        Report::Outcome(view) => outcome(&mut page, view),
        Report::Findings(view) => {
            let count = |wanted| view.findings.iter().filter(|found| found.severity == wanted).count();
            let all = [FindingSeverity::Error, FindingSeverity::Warning, FindingSeverity::Info];
            let rows = all.map(|severity| (severity.name(), count(severity)));
            page.by("findings", "Findings in the files, or why there is no result", "severity", &rows);
        }
    }
    let mut out = String::new();
    // Writing to a text does not fail.
    let _ = encode(&mut out, &page.registry);
    out
}

struct Page {
    registry: Registry,
    estate: Option<String>,
}

impl Page {
    fn labels(&self, more: Option<(&'static str, &str)>) -> Labels {
        let estate = self.estate.iter().map(|estate| ("estate", estate.clone()));
        estate.chain(more.map(|(name, value)| (name, value.to_owned()))).collect()
    }

    fn one(&mut self, name: &str, help: &str, value: f64) {
        let rows = Rows(vec![(self.labels(None), value)]);
        self.registry.register(name, help, rows);
    }

    fn by(&mut self, name: &str, help: &str, label: &'static str, rows: &[(&str, usize)]) {
        let rows = rows.iter().map(|(value, count)| (self.labels(Some((label, *value))), *count as f64));
        let rows = Rows(rows.collect());
        self.registry.register(name, help, rows);
    }
}

fn plan(page: &mut Page, view: &PlanView) {
    page.estate = Some(sanitise(&view.estate.to_string()));
    let PlanSummary {
        create,
        update,
        delete,
        restart,
        scale,
        unchanged,
        blocked,
        waiting,
        unreadable,
        unmanaged,
        problems,
        production: _,
        classes: _,
    } = view.summary;
    let actions = [
        ("create", create),
        ("update", update),
        ("delete", delete),
        ("restart", restart),
        ("scale", scale),
        ("blocked", blocked),
        ("waiting", waiting),
    ];
    page.by("plan_actions", "Actions of the plan, by what becomes of them", "action", &actions);
    page.one("plan_unchanged", "Resources that are as declared", unchanged as f64);
    page.one("plan_unreadable", "Resources that this token may not read", unreadable as f64);
    page.one("plan_unmanaged", "Live resources that are declared nowhere", unmanaged as f64);
    page.one("plan_problems", "Problems that keep the plan from being applied", problems as f64);
    page.one("plan_timestamp_seconds", "When the plan was made", view.created.as_second() as f64);
}

fn drift(page: &mut Page, view: &DriftView) {
    page.estate = Some(sanitise(&view.estate.to_string()));
    let DriftSummary {
        drifted,
        missing,
        not_removed,
        failed,
        unreadable,
        unmanaged,
        managed,
        open,
        coverage,
    } = view.summary;
    let states =
        [("drifted", drifted), ("missing", missing), ("not-removed", not_removed), ("failed", failed)];
    page.by("drift_resources", "Resources that are not as declared, by how", "state", &states);
    let fields: usize = view.resources.iter().map(|resource| resource.changes.len()).sum();
    page.one("drift_fields", "Fields that are not as declared", fields as f64);
    page.one("drift_unreadable", "Resources that this token may not read", unreadable as f64);
    page.one("drift_unmanaged", "Live resources that are declared nowhere", unmanaged as f64);
    page.one("drift_managed", "Live resources that are declared", managed as f64);
    page.one("drift_coverage_ratio", "The share of live resources that the files declare", coverage);
    if let Some(open) = open {
        page.one("drift_not_applied", "Changes of the files that are not applied yet", open as f64);
    }
    if let Some(created) = view.created {
        page.one("drift_timestamp_seconds", "When the live side was read", created.as_second() as f64);
    }
}

fn outcome(page: &mut Page, view: &OutcomeView) {
    page.estate = Some(sanitise(&view.estate.to_string()));
    let rows: Vec<_> = view.summary.counts.iter().map(|(way, count)| (way.name(), *count)).collect();
    page.by("apply_actions", "Actions of the run, by how they ended", "outcome", &rows);
    page.one("apply_duration_seconds", "How long the run took", view.duration.as_secs_f64());
    page.one("apply_interrupted", "Whether a signal ended the run", f64::from(u8::from(view.interrupted)));
}
