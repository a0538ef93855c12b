//! An estate without problems becomes exactly what it says.

use super::*;
use crate::model::field::ListMode;
use crate::model::{DeclaredValue, Identity, Kind, TombstoneTarget, dig};

pub(super) const SETTINGS: &str = "\
estate: acme
api:
  privateCloud: https://privatecloud.mendixcloud.com/api/v4
apply: {concurrency: 8, jobTimeout: 30m}
ignore:
  - {address: \"environment/*/production\", field: container.instances, reason: the autoscaler owns it, until: 2027-06-30}
guards:
  protect: [\"environment/*/production\"]
  maxDeletes: 1
";

pub(super) const LAND: &str = "\
cluster:
  clusterId: 085a0e34-69ec-4c61-9c7d-5cd42554f9f2
  name: prod-eu
  clusterType: eks
  clusterManagers: [{email: Platform@acme.example}]
---
namespace:
  namespaceId: 80a5f23d-8b2a-5233-b614-07348d4d7a23
  cluster: prod-eu
  name: orders
  installationType: Connected
  secret: {fromEnv: ORDERS_NS_SECRET}
---
app: {appId: ef41475b-98bf-5149-b98f-cd77fa66d08a, name: order-desk}
---
remove:
  - {address: environment/order-desk/test, id: ordtst01, reason: decommissioned with CHG-1234}
";

pub(super) const ENVIRONMENT: &str = "\
environment:
  id: ordprd01
  app: order-desk
  properties: {name: production, production: true, defaultStudioTarget: false}
  provider: {cluster: prod-eu, namespace: orders}
  deployment:
    appUrl: https://orders.acme.example
    packageId: c3639148-a823-505a-8b7a-eac8f83cf111
    constants: {Erp.BaseUrl: \"https://erp.acme.example\"}
    scheduledEvents: {Orders.SE_Cleanup: true}
  container: {instances: 3, size: M}
  annotations: {Pod: {prometheus.io/port: \"8900\"}}
  services: [{name: rds, plan: OnDemand, config: '{type: \"database\"}'}, {name: s3, plan: OnDemand, config: '{type: \"storage\"}'}]
  runtime:
    mxAdminPassword: {fromEnv: ORDERS_ADMIN_PW, version: 1}
    subscriptionSecret: null
";

#[test]
fn the_estate_of_the_design_is_read() {
    let loaded = load_files(&[("mxkeep.yaml", SETTINGS), ("a/land.yaml", LAND), ("b/prod.yml", ENVIRONMENT)]);
    assert_eq!(summary(&loaded), Vec::<String>::new(), "{:#?}", loaded.diagnostics);
    let desired = loaded.desired.unwrap();
    let addresses: Vec<String> =
        desired.resources.values().map(|desired| desired.address.to_string()).collect();
    assert_eq!(
        addresses,
        [
            "cluster/prod-eu",
            "namespace/prod-eu/orders",
            "app/order-desk",
            "environment/order-desk/production"
        ]
    );
    assert_eq!(desired.settings.estate, "acme");
    assert_eq!(desired.settings.concurrency, Some(8));
    assert_eq!(desired.settings.job_timeout, Some(std::time::Duration::from_secs(1800)));
    assert_eq!(desired.settings.ignore.len(), 1);
    assert_eq!(desired.settings.guards.max_deletes.as_ref().map(|(count, _)| *count), Some(1));

    let environment = desired.of_kind(Kind::Environment).next().unwrap();
    let Identity::Environment { app, id, .. } = &environment.identity else { panic!() };
    assert_eq!((app.to_string().as_str(), id.as_str()), ("ef41475b-98bf-5149-b98f-cd77fa66d08a", "ordprd01"));
    assert_eq!(environment.cluster.unwrap().to_string(), "085a0e34-69ec-4c61-9c7d-5cd42554f9f2");
    assert_eq!(environment.text(&["provider", "clusterId"]), Some("085a0e34-69ec-4c61-9c7d-5cd42554f9f2"));
    assert_eq!(environment.text(&["provider", "namespace"]), Some("orders"));
    assert_eq!(environment.text(&["provider", "namespaceId"]), Some("80a5f23d-8b2a-5233-b614-07348d4d7a23"));
    assert_eq!(environment.text(&["container", "coreResources", "limits", "memory"]), Some("4"));
    assert_eq!(environment.text(&["container", "size"]), None);
    assert_eq!(environment.text(&["app"]), None);
    let password = dig(&environment.fields, &["runtime", "mxAdminPassword"]).unwrap();
    let DeclaredValue::Outside(outside) = &password.value else { panic!("{password:?}") };
    assert_eq!(outside.expose(), Some("MFN3b3JkZmlzaCE="));
    assert_eq!(outside.version.as_deref(), Some("1"));
    let secret = dig(&environment.fields, &["runtime", "subscriptionSecret"]).unwrap();
    assert!(matches!(secret.value, DeclaredValue::Clear));
    let constants = dig(&environment.fields, &["deployment", "constants"]).unwrap().as_list().unwrap();
    assert_eq!(constants.mode, ListMode::Merge);
    let (key, item) = constants.items.iter().next().unwrap();
    assert_eq!(key.to_string(), "Erp.BaseUrl");
    assert_eq!(item.fields.get("value").unwrap().as_text(), Some("https://erp.acme.example"));

    let cluster = desired.of_kind(Kind::Cluster).next().unwrap();
    let managers = cluster.fields.get("clusterManagers").unwrap().as_list().unwrap();
    assert_eq!(managers.items.keys().next().unwrap().to_string(), "platform@acme.example");
    let tombstone = desired.tombstones.first().unwrap();
    assert!(matches!(&tombstone.target, TombstoneTarget::Environment { namespace: None, .. }));
    assert_eq!(tombstone.reason.as_deref(), Some("decommissioned with CHG-1234"));
}
