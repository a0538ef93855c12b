//! The client against the simulator, which was written from the contract alone.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::model::{Identity, Kind, ReadScope};
use crate::simulator::{Options, READ_TOKEN, Simulator, TOKEN};

use super::*;

async fn simulator(faults: &[&str]) -> Simulator {
    let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
    let quick =
        Options { job_delay: Duration::from_millis(5), ready_delay: Duration::ZERO, ..Options::default() };
    Simulator::start(Options { faults, ..quick }).await.unwrap()
}

fn client(simulator: &Simulator, token: &str) -> Client {
    let options = super::tests::options(Url::parse(&simulator.private_cloud_url()).unwrap());
    Client::new(ClientOptions { token: Some(Token::new(token).unwrap()), ..options }).unwrap()
}

fn quick() -> WaitOptions {
    let ms = Duration::from_millis;
    WaitOptions { first: ms(1), max: ms(5), factor: 1.5, deadline: Duration::from_secs(5) }
}

fn manifest(id: Uuid, name: &str) -> Value {
    json!({"manifestVersion": "2.0.0", "cluster": {
        "clusterId": id.to_string(), "name": name, "clusterType": "eks",
    }})
}

/// The ids at a pointer of some documents.
fn ids(documents: &[Value], pointer: &str) -> BTreeSet<Uuid> {
    let id = |document: &Value| Uuid::try_parse(document.pointer(pointer)?.as_str()?).ok();
    documents.iter().map(|document| id(document).unwrap()).collect()
}

#[tokio::test]
async fn a_large_world_is_read_whole_with_few_requests() {
    for max_page in [20, 37, 100] {
        let seed = Some("2,6,10,200".parse().unwrap());
        let simulator = Simulator::start(Options { seed, max_page, ..Options::default() }).await.unwrap();
        let all = client(&simulator, TOKEN);
        let apps = ids(&all.list_apps().await.unwrap(), "/app/appId");
        let clusters = ids(&all.list_clusters().await.unwrap(), "/cluster/clusterId");
        assert_eq!((apps.len(), clusters.len()), (10, 2));
        let scope = ReadScope {
            packages_of: BTreeSet::new(),
            list_clusters: true,
            clusters: clusters.clone(),
            namespaces_of: clusters,
            environments_of: apps,
            environments: BTreeSet::new(),
            cloud_apps: Default::default(),
        };

        simulator.clear_requests();
        let reader = client(&simulator, READ_TOKEN);
        let state = fetch(&reader, &scope).await.unwrap();
        let counts =
            [Kind::Cluster, Kind::Namespace, Kind::Environment].map(|kind| state.of_kind(kind).count());
        assert_eq!(counts, [2, 6, 200], "{max_page}");
        // 1 list of clusters, 2 of namespaces, 10 of environments with 20 each, which may be all or all that the
        // server gives at a time.
        assert_eq!(reader.requests_made(), 1 + 2 + 2 * 10, "{max_page}");
        let requests = simulator.requests();
        assert_eq!(requests.len(), 23);
        assert!(requests.iter().all(|request| request.method == "GET" && request.status == Some(200)));
        assert_eq!(fetch(&reader, &scope).await.unwrap(), state);
    }
}

#[tokio::test]
async fn a_cluster_comes_changes_and_goes() {
    for nested_job_ids in [false, true] {
        let options = Options { nested_job_ids, job_delay: Duration::from_millis(5), ..Options::default() };
        let simulator = Simulator::start(options).await.unwrap();
        let client = client(&simulator, TOKEN);
        let id = Uuid::from_u128(0xABCD);
        let identity = Identity::Cluster(id);
        assert_eq!(client.read(&identity, None).await, Ok(None));

        let job = client.create(&identity, None, manifest(id, "one")).await.unwrap();
        assert_eq!(wait(&client, &job, &quick(), |_| {}).await.unwrap().state, JobState::Finished);
        let live = client.read(&identity, None).await.unwrap().unwrap();
        assert_eq!(live.name(), "one");

        let job = client.update(&identity, None, manifest(id, "two")).await.unwrap();
        wait(&client, &job, &quick(), |_| {}).await.unwrap();
        assert_eq!(client.read(&identity, None).await.unwrap().unwrap().name(), "two");

        let again = client.create(&identity, None, manifest(id, "three")).await.unwrap();
        let error = wait(&client, &again, &quick(), |_| {}).await.unwrap_err();
        assert!(matches!(error, JobError::Failed { .. }), "{error}");

        let job = client.delete(&identity, None).await.unwrap();
        wait(&client, &job, &quick(), |_| {}).await.unwrap();
        assert_eq!(client.read(&identity, None).await, Ok(None));
    }
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_can_be_looked_up() {
    let simulator = simulator(&["drop-after,method=POST,nth=1"]).await;
    let client = client(&simulator, TOKEN);
    let id = Uuid::from_u128(1);
    let error = client.create_cluster(manifest(id, "one")).await.unwrap_err();
    assert!(error.maybe_sent(), "{error:?}");
    simulator.advance(Duration::from_secs(60));
    assert!(client.get_cluster(id).await.unwrap().is_some());
    let posts = simulator.requests().iter().filter(|request| request.method == "POST").count();
    assert_eq!(posts, 1);
}

#[tokio::test]
async fn reads_survive_a_bad_day() {
    for fault in [
        "429=0s,times=2",
        "500,times=2",
        "502,times=4",
        "drop-before,times=2",
        "drop-after,nth=1",
        "truncate,times=3",
    ] {
        let simulator = simulator(&[fault]).await;
        let result = client(&simulator, READ_TOKEN).list_clusters().await;
        assert_eq!(result, Ok(Vec::new()), "{fault}");
        assert!(simulator.requests().len() > 1, "{fault}");
    }
    let simulator = simulator(&["html"]).await;
    let error = client(&simulator, READ_TOKEN).list_clusters().await.unwrap_err();
    assert!(matches!(error, ApiError::NotTheApi { status: 200, .. }), "{error:?}");
}

#[tokio::test]
async fn tokens_are_told_apart() {
    let simulator = simulator(&[]).await;
    let error = client(&simulator, "nobody").list_clusters().await.unwrap_err();
    assert!(error.is_unauthorised(), "{error:?}");
    let id = Uuid::from_u128(1);
    let error = client(&simulator, READ_TOKEN).create_cluster(manifest(id, "one")).await.unwrap_err();
    assert!(matches!(error, ApiError::Forbidden { .. }), "{error:?}");
    assert!(!error.maybe_sent());
    let error = client(&simulator, TOKEN).create_cluster(json!({})).await.unwrap_err();
    assert!(matches!(error, ApiError::Rejected { status: 400, .. }), "{error:?}");
}

#[tokio::test]
async fn jobs_end_in_all_their_ways() {
    let end = |faults: &'static [&'static str], deadline: u64| async move {
        let simulator = simulator(faults).await;
        let client = client(&simulator, TOKEN);
        let job = client.create_cluster(manifest(Uuid::from_u128(1), "one")).await.unwrap();
        let options = WaitOptions { deadline: Duration::from_millis(deadline), ..quick() };
        wait(&client, &job, &options, |_| {}).await
    };
    assert!(end(&[], 5_000).await.is_ok());
    assert!(end(&["html,path=*/jobs/*,times=2", "503,path=*/jobs/*,times=2"], 5_000).await.is_ok());
    let error = end(&["job-fails=no room"], 5_000).await.unwrap_err();
    assert!(error.to_string().contains("no room"), "{error}");
    assert!(matches!(end(&["job-vanishes"], 5_000).await, Err(JobError::Vanished { .. })));
    assert!(matches!(end(&["job-hangs"], 30).await, Err(JobError::Deadline { state: Some(_), .. })));
}

const CRM: Uuid = Uuid::from_u128(77);
const TEST: Uuid = Uuid::from_u128(1);
const PROD: Uuid = Uuid::from_u128(2);

/// A client of Mendix Cloud in this version.
fn cloud_client(simulator: &Simulator, version: u8) -> Client {
    let options = super::tests::options(Url::parse(&simulator.private_cloud_url()).unwrap());
    let cloud_url = Some(Url::parse(&simulator.mendix_cloud_url(version)).unwrap());
    Client::new(ClientOptions { token: Some(Token::new(TOKEN).unwrap()), cloud_url, ..options }).unwrap()
}

fn register(simulator: &Simulator, members: usize) {
    let members: Vec<_> = (0..members)
        .map(|n| json!({"userId": format!("dev{n}@x.example"), "canViewLogs": n % 2 == 0}))
        .collect();
    let environment = |id: Uuid| json!({"id": id.to_string(), "permissions": members});
    let environments = [environment(TEST), environment(PROD)];
    simulator
        .register_cloud_app(&CRM.to_string(), &json!({"name": "crm-suite", "environments": environments}));
}

#[tokio::test]
async fn access_is_read_alike_in_both_versions() {
    let simulator = simulator(&[]).await;
    register(&simulator, 3);
    let both = BTreeSet::from([TEST, PROD]);
    let mut read = Vec::new();
    for version in [3, 4] {
        let live = cloud_client(&simulator, version).read_cloud_app(CRM, &both).await.unwrap().unwrap();
        assert_eq!(live.identity, Identity::CloudApp(CRM));
        assert_eq!(live.text("/technicalContact"), Some("owner@simulator.example"));
        assert_eq!(live.text("/licenseType"), (version == 4).then_some("licensed"));
        let rows = live.manifest().pointer("/environments/1/permissions").unwrap().as_array().unwrap();
        let mut rows: Vec<_> = rows
            .iter()
            .map(|row| row.to_string().replace("\"true\"", "true").replace("\"false\"", "false"))
            .collect();
        rows.sort();
        assert!(rows[0].starts_with("{\"userId\":\"dev0@x.example\",\"canDeployApp\":false"), "{rows:#?}");
        read.push(rows);
    }
    assert_eq!(read[0], read[1]);
}

#[tokio::test]
async fn permissions_are_read_whole_whatever_the_largest_page() {
    for max_page in [1, 7, 20, 100] {
        let simulator = Simulator::start(Options { max_page, ..Options::default() }).await.unwrap();
        register(&simulator, 45);
        let client = cloud_client(&simulator, 4);
        let live = client.read_cloud_app(CRM, &BTreeSet::from([TEST])).await.unwrap().unwrap();
        let rows = live.manifest().pointer("/environments/0/permissions").unwrap().as_array().unwrap();
        assert_eq!(rows.len(), 45, "{max_page}");
        assert_eq!(client.list_cloud_apps().await.unwrap().len(), 1);
        assert_eq!(client.list_cloud_environments(CRM).await.unwrap().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn what_does_not_exist_is_absent_and_what_is_refused_is_an_error() {
    let simulator = simulator(&[]).await;
    register(&simulator, 1);
    let (unknown, gone) = (Uuid::from_u128(9), BTreeSet::from([Uuid::from_u128(8)]));
    for version in [3, 4] {
        let client = cloud_client(&simulator, version);
        assert!(client.read_cloud_app(unknown, &gone).await.unwrap().is_none());
    }
    let with_gone = BTreeSet::from([TEST, Uuid::from_u128(8)]);
    let live = cloud_client(&simulator, 4).read_cloud_app(CRM, &with_gone).await.unwrap().unwrap();
    assert_eq!(live.manifest()["environments"].as_array().unwrap().len(), 1);
    simulator.set_owner("stranger@x.example", false);
    for version in [3, 4] {
        let error = cloud_client(&simulator, version).read_cloud_app(CRM, &with_gone).await.unwrap_err();
        assert!(matches!(error, ApiError::Forbidden { .. }), "{error:?}");
    }
    let error = client(&simulator, TOKEN).read_cloud_app(CRM, &with_gone).await.unwrap_err();
    assert!(error.to_string().contains("where the API of Mendix Cloud is was not said"), "{error}");
}

#[tokio::test]
async fn members_and_the_technical_contact_are_patched() {
    let simulator = simulator(&[]).await;
    register(&simulator, 2);
    let client = cloud_client(&simulator, 4);
    let row = json!({"userId": "dev1@x.example", "canDeployApp": true, "canManageBackups": false, "canViewAlerts": false,
        "canAccessAPI": false, "canViewLogs": false, "canManagePrivileges": true});
    let part = json!({"technicalContact": "dev0@x.example", "environments": [{"environmentId": PROD.to_string(), "permissions": [row]}]});
    client.patch_cloud_app(CRM, &part).await.unwrap();
    let sent: Vec<_> = simulator.requests().iter().map(|it| format!("{} {}", it.method, it.path)).collect();
    let base = format!("PATCH /cloud/api/v4/apps/{CRM}");
    assert_eq!(sent, [format!("{base}/environments/{PROD}/permissions"), base]);
    let live = client.read_cloud_app(CRM, &BTreeSet::from([PROD])).await.unwrap().unwrap();
    assert_eq!(live.text("/technicalContact"), Some("dev0@x.example"));
    let error =
        client.patch_cloud_app(CRM, &json!({"technicalContact": "nobody@x.example"})).await.unwrap_err();
    assert!(matches!(error, ApiError::Forbidden { .. }), "{error:?}");
}
