//! One function for each sort of input that somebody else writes. What any of them finds wrong is a panic.
//!
//! The programs of this folder call them with what a fuzzer thinks up, `tests/it/fuzz.rs` with the corpus and variants
//! of it, so that both look at the same thing.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use mxkeep::api::{Method, RequestLine, read_answer};
use mxkeep::apply::journal::Recorded;
use mxkeep::apply::plan_file::{ApiPlaces, ApprovedPlan, checksum};
use mxkeep::diff::update_manifest;
use mxkeep::model::{DesiredState, Identity, Kind, Live, LiveState, is_hidden};
use mxkeep::plan::{Plan, PlanInput, Scope, plan};
use mxkeep::render::{Format, PlanFacts, Report, Style, drift_view, plan_view};
use mxkeep::source::{LoadOptions, load_with, shown};
use serde_json::{Value, json};

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);

const OPTIONS: LoadOptions<'static> = LoadOptions { environment: &variable, today: TODAY };

fn variable(name: &str) -> Option<String> {
    name.starts_with(char::is_alphabetic).then(|| format!("value of {name}"))
}

/// A directory in which nothing lies: all files are given as texts.
fn nowhere() -> &'static Path {
    static DIRECTORY: OnceLock<tempfile::TempDir> = OnceLock::new();
    DIRECTORY.get_or_init(|| tempfile::tempdir().unwrap()).path()
}

/// A text that may end on a terminal.
fn assert_harmless(text: &str) {
    let acted_on = text.chars().find(|character| is_hidden(*character) && *character != '\n');
    assert!(acted_on.is_none(), "{acted_on:?} is shown in {text:?}");
}

/// The loader: the text as the settings, and as a file beside an estate; what comes out is planned and shown.
pub fn yaml(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let beside = [
        ("mxkeep.yaml", "estate: fuzz\n".to_owned()),
        ("land.yaml", LAND.to_owned()),
        ("text.yaml", text.clone()),
    ];
    for files in [&[("mxkeep.yaml", text.clone())][..], &beside] {
        let files: BTreeMap<String, String> =
            files.iter().map(|(name, text)| ((*name).to_owned(), text.clone())).collect();
        let loaded = load_with(nowhere(), &OPTIONS, &files);
        for found in &loaded.diagnostics {
            assert_harmless(&found.to_string());
        }
        if let Some(desired) = &loaded.desired {
            show(desired, &LiveState::default());
        }
    }
    let masked = shown("text.yaml", &text);
    assert_eq!(masked.len(), text.len(), "a mask moves what stands behind it");
}

/// What a server answers: any status, any type, any body.
pub fn answer(bytes: &[u8]) {
    let Some(([status, kind], body)) = bytes.split_first_chunk() else { return };
    let status = [200, 201, 202, 204, 301, 302, 400, 401, 403, 404, 408, 409, 429, 500, 503, 599]
        [usize::from(status % 16)];
    let text = String::from_utf8_lossy(body);
    let kind = match kind % 4 {
        0 => Some("application/json"),
        1 => Some("text/html"),
        2 => None,
        _ => Some(&*text),
    };
    let method = if bytes[1] & 0x80 == 0 { Method::Get } else { Method::Put };
    let request =
        RequestLine { method, url: "https://api.example/api/v4/x".into(), host: "api.example".into() };
    match read_answer(request, status, kind, Some(&text), body) {
        Ok((answer, job)) => {
            assert!((200..300).contains(&answer.status));
            let job = job.map(|job| {
                format!("{} {:?} {:?}", job.id, job.details, job.error.map(|error| error.message))
            });
            assert_harmless(&job.unwrap_or_default());
        }
        Err(error) => assert_harmless(&error.to_string()),
    }
}

/// Live manifests of any shape: planned, shown, and made into the bodies of requests.
pub fn live(bytes: &[u8]) {
    let Ok(world) = serde_json::from_slice::<Value>(bytes) else { return };
    let desired = desired();
    let mut live = LiveState::default();
    for resource in desired.resources.values() {
        let identity = resource.identity.clone();
        let name = identity.kind().name();
        let manifest = world.get(name).cloned().unwrap_or_else(|| world.clone());
        let document = match identity.kind() {
            Kind::App => json!({"app": manifest}),
            _ => json!({"manifestVersion": "2.0.0", name: manifest}),
        };
        live.insert(Live { identity, cluster: resource.cluster, document });
    }
    let Some(plan) = show(desired, &live) else { return };
    for action in &plan.actions {
        let Some(before) = live.get(&action.identity) else { continue };
        if matches!(action.identity, Identity::Package { .. }) {
            continue;
        }
        let table = action.identity.kind().fields();
        if let Ok(body) = update_manifest(table, before.manifest(), action.changes()) {
            assert!(body.is_object(), "{body}");
        }
    }
}

/// Plan files: as they are, and with a checksum that fits.
pub fn plan_file(bytes: &[u8]) {
    if let Err(error) = ApprovedPlan::parse(bytes) {
        assert!(!error.to_string().is_empty());
    }
    let Ok(mut document) = serde_json::from_slice::<Value>(bytes) else { return };
    let fitting = checksum(&document);
    let Some(members) = document.as_object_mut() else { return };
    members.insert("checksum".to_owned(), fitting.into());
    let text = document.to_string();
    if let Ok(approved) = ApprovedPlan::parse(text.as_bytes()) {
        let _ = (approved.approval(), approved.created());
    }
    report(text.as_bytes());
}

/// Shows a report, of whatever sort it is.
fn report(bytes: &[u8]) {
    match Report::parse(bytes) {
        Ok(report) => {
            let style = Style { files: Some("file:///estate/".to_owned()), ..Style::default() };
            for format in Format::ALL {
                assert_harmless(&report.render(format, &style));
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Journals of earlier runs.
pub fn journal(bytes: &[u8]) {
    match Recorded::parse(bytes) {
        Ok(recorded) => {
            let _ = (recorded.approval(), recorded.open_jobs().len());
            let check = recorded.check("fuzz", &["https://api.example/api/v4".to_owned()]);
            let _ = check.map_err(|error| error.to_string());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Plans and renders in every format.
fn show(desired: &DesiredState, live: &LiveState) -> Option<Plan> {
    let scope = Scope::default();
    let input = PlanInput::new(desired, live, &scope, TODAY);
    // A loop of needs is an error, and no plan.
    let plan = plan(&input).ok()?;
    let view = plan_view(
        &plan,
        &PlanFacts {
            requests_made: 0,
            requests_budget: 0,
            api: String::new(),
            revisions: None,
            places: ApiPlaces::default(),
            created: jiff::Timestamp::UNIX_EPOCH,
        },
    );
    let drift = drift_view(&mxkeep::plan::drift::drift(&input).ok()?);
    let style = Style { files: Some("file:///estate/".to_owned()), ..Style::default() };
    for report in [Report::Plan(view), Report::Drift(drift)] {
        for format in Format::ALL {
            assert_harmless(&report.render(format, &style));
        }
    }
    Some(plan)
}

/// An estate with everything that has a manifest.
fn desired() -> &'static DesiredState {
    static DESIRED: OnceLock<DesiredState> = OnceLock::new();
    DESIRED.get_or_init(|| {
        let files = BTreeMap::from([
            ("mxkeep.yaml".to_owned(), "estate: fuzz\n".to_owned()),
            ("land.yaml".to_owned(), format!("{LAND}---\n{ENVIRONMENT}")),
        ]);
        let loaded = load_with(nowhere(), &OPTIONS, &files);
        loaded.desired.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics))
    })
}

const LAND: &str = "cluster:
  clusterId: 085a0e34-69ec-4c61-9c7d-5cd42554f9f2
  name: prod-eu
  clusterType: eks
  description: one
  clusterManagers: [{email: a@x.example}]
---
namespace:
  namespaceId: 80a5f23d-8b2a-5233-b614-07348d4d7a23
  cluster: prod-eu
  name: orders
  secret: {fromEnv: NS_SECRET}
  membership: {dev@x.example: Developer}
---
app: {appId: ef41475b-98bf-5149-b98f-cd77fa66d08a, name: order-desk}
";

const ENVIRONMENT: &str = "environment:
  id: ordprd01
  app: order-desk
  properties: {name: production, production: true}
  provider: {cluster: prod-eu, namespace: orders}
  deployment:
    appUrl: https://orders.acme.example
    packageId: c3639148-a823-505a-8b7a-eac8f83cf111
    constants: {Erp.BaseUrl: 'https://erp.acme.example', Erp.Password: {fromEnv: PW}}
    scheduledEvents: {Orders.SE_Cleanup: true}
  container: {instances: 3, size: M}
  runtime:
    environmentVariables: {TZ: UTC}
    customRuntimeSettings: {a.b: c}
  network: {outgoingConnectionCertificate: [{key: {fromEnv: KEY}, password: {fromEnv: PW}}]}
  annotations: {Pod: {acme/x: one}}
  services:
    rds: {plan: OnDemand, config: '{type: \"database\"}'}
    s3: {plan: OnDemand, config: '{type: \"storage\"}'}
";
