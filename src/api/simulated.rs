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
