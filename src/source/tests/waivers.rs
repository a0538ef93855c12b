//! What waivers take away, and what they do not.

use super::{estate, load_dir, summary};

const LAND: &str = "\
cluster: {clusterId: 085a0e34-69ec-4c61-9c7d-5cd42554f9f2, name: prod-eu}
---
namespace: {namespaceId: 80a5f23d-8b2a-5233-b614-07348d4d7a23, cluster: prod-eu, name: orders}
---
app: {appId: ef41475b-98bf-5149-b98f-cd77fa66d08a, name: order-desk}
---
environment:
  id: ordprd01
  app: order-desk
  properties: {name: production}
  provider: {cluster: prod-eu, namespace: orders}
  deployment:
    appLogLevels: {Core: WARNING, Connector: WARNING}
";

/// The codes of what is reported and of what is waived.
fn with_waivers(waivers: &str) -> (Vec<String>, Vec<String>) {
    let settings = format!("estate: acme\nwaivers:\n{waivers}");
    let mut loaded = load_dir(estate(&[("mxkeep.yaml", settings.as_str()), ("land.yaml", LAND)]).path());
    let reported = summary(&loaded);
    std::mem::swap(&mut loaded.diagnostics, &mut loaded.waived);
    (reported, summary(&loaded))
}

#[test]
fn a_waiver_takes_what_it_matches() {
    let core = "LOG-02 land.yaml:13:26".to_owned();
    let connector = "LOG-02 land.yaml:13:46".to_owned();
    let both = vec![core.clone(), connector.clone()];
    for waiver in [
        "  - {rule: LOG-02, reason: r}",
        "  - {rule: LOG-02, address: environment/order-desk/production, reason: r}",
        "  - {rule: LOG-02, address: \"environment/**\", field: deployment.appLogLevels, reason: r}",
        // Through its last day.
        "  - {rule: LOG-02, until: 2026-11-22, reason: r}",
    ] {
        assert_eq!(with_waivers(waiver), (vec![], both.clone()), "{waiver}");
    }
    let one = "  - {rule: LOG-02, field: \"deployment.appLogLevels[Core]\", reason: r}";
    assert_eq!(with_waivers(one), (vec![connector], vec![core]));
    let (reported, waived) = with_waivers("  - {rule: LOG-02, until: 2026-11-21, reason: r}");
    assert_eq!((reported.len(), waived.len()), (3, 0), "{reported:?}");
}

#[test]
fn a_waiver_says_why() {
    let settings = "estate: acme\nwaivers:\n  - {rule: LOG-02, reason: the operator knows it}";
    let loaded = load_dir(estate(&[("mxkeep.yaml", settings), ("land.yaml", LAND)]).path());
    assert!(loaded.desired.is_some());
    assert_eq!(loaded.waived[0].help(), Some("waived: the operator knows it"));
}

#[test]
fn one_waiver_for_each_place() {
    let two = "  - {rule: LOG-02, field: \"deployment.appLogLevels[Core]\", reason: r}\n  \
               - {rule: LOG-02, field: \"deployment.appLogLevels[Connector]\", reason: r}";
    assert_eq!(with_waivers(two).0, Vec::<String>::new());
    let twice = "  - {rule: LOG-02, reason: r}\n  - {rule: LOG-02, reason: other}";
    assert!(with_waivers(twice).0.contains(&"SHAPE-010 mxkeep.yaml:4:12".to_owned()));
}

/// What could not be read may be what a waiver is for.
#[test]
fn an_unused_waiver_is_reported_only_for_a_whole_estate() {
    let settings = "estate: acme\nwaivers:\n  - {rule: CNT-02, reason: r}";
    let read =
        |land: &str| summary(&load_dir(estate(&[("mxkeep.yaml", settings), ("land.yaml", land)]).path()));
    let whole = LAND.replace("WARNING", "ERROR");
    assert_eq!(read(&whole), ["EST-010 mxkeep.yaml:3:12"]);
    assert_eq!(read(&whole.replace("[orders]", "x").replace("production}", "production")).len(), 1);
}
