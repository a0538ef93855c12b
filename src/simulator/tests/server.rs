//! The server over real HTTP.

use reqwest::{Client, Response, header};

use super::*;
use crate::simulator::{Options, Seed, Simulator, TOKEN};

fn client() -> Client {
    // Another test may have been first.
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut headers = header::HeaderMap::new();
    headers.insert(header::AUTHORIZATION, format!("MxToken {TOKEN}").parse().unwrap());
    let client = Client::builder().default_headers(headers).redirect(reqwest::redirect::Policy::none());
    client.no_proxy().build().unwrap()
}

async fn started(faults: &[&str]) -> Simulator {
    let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
    let options =
        Options { faults, job_delay: Duration::ZERO, ready_delay: Duration::ZERO, ..Options::default() };
    Simulator::start(options).await.unwrap()
}

async fn get(simulator: &Simulator, path: &str) -> reqwest::Result<Response> {
    client().get(format!("{}{path}", simulator.private_cloud_url())).send().await
}

async fn post(simulator: &Simulator, path: &str, body: Value) -> reqwest::Result<Response> {
    client().post(format!("{}{path}", simulator.private_cloud_url())).json(&body).send().await
}

#[tokio::test]
async fn everything_from_nothing_to_a_ready_environment() {
    let simulator = started(&[]).await;
    simulator.register_app(APP, "order-desk");
    simulator.register_package(APP, PACKAGE, &model());
    simulator.install_operator(NAMESPACE, &plans());
    for (path, manifest) in [
        ("/clusters".to_owned(), cluster(CLUSTER, "prod-eu")),
        (format!("/clusters/{CLUSTER}/namespaces"), namespace(NAMESPACE, "orders")),
        (environments(), environment("ordprd01")),
    ] {
        let answer = post(&simulator, &path, manifest).await.unwrap();
        assert_eq!(answer.status(), 202);
        let location = answer.headers()[header::LOCATION].to_str().unwrap().to_owned();
        assert!(location.starts_with(&format!("{}/api/v3/jobs/", simulator.origin())), "{location}");
        let job: Value = answer.json().await.unwrap();
        let job = get(&simulator, &format!("/jobs/{}", job["id"].as_str().unwrap())).await.unwrap();
        assert_eq!(job.json::<Value>().await.unwrap()["status"], "finished", "{path}");
    }
    let answer = get(&simulator, &environment_path("ordprd01")).await.unwrap();
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/json");
    let environment: Value = answer.json().await.unwrap();
    assert_eq!(environment["environment"]["container"]["state"], "Ready");
    let requests = simulator.requests();
    assert_eq!(requests.len(), 7);
    assert_eq!((requests[0].method.as_str(), requests[0].path.as_str()), ("POST", "/api/v4/clusters"));
    assert_eq!(requests[0].status, Some(202));
    let resource = format!("environments/{APP}/{NAMESPACE}/ordprd01");
    simulator.edit(&resource, "/container/instances", json!(7)).unwrap();
    assert!(simulator.edit("environments/a/b/c", "/container/instances", json!(7)).is_err());
    let world = simulator.world();
    assert_eq!(world["environments"][0]["manifest"]["environment"]["container"]["instances"], 7);
    simulator.clear_requests();
    assert!(simulator.requests().is_empty());
    simulator.stop().await;
}

#[tokio::test]
async fn statuses_latency_and_html() {
    let simulator = started(&["429=2s,nth=1", "503,nth=2", "html,nth=3", "latency=60ms,nth=4"]).await;
    let answer = get(&simulator, "/clusters").await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].to_str().unwrap()), (429, "2"));
    assert_eq!(get(&simulator, "/clusters").await.unwrap().status(), 503);
    let answer = get(&simulator, "/clusters").await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.unwrap().starts_with("<!DOCTYPE html>"));
    let start = std::time::Instant::now();
    assert_eq!(get(&simulator, "/clusters").await.unwrap().status(), 200);
    assert!(start.elapsed() >= Duration::from_millis(60));
}

#[tokio::test]
async fn a_dropped_connection_has_no_answer_but_perhaps_an_effect() {
    let simulator = started(&["drop-before,method=POST,nth=1", "drop-after,method=POST,nth=2"]).await;
    let clusters = async || get(&simulator, "/clusters").await.unwrap().json::<Value>().await.unwrap();
    let error = post(&simulator, "/clusters", cluster(CLUSTER, "x")).await.unwrap_err();
    assert!(error.is_request() && error.status().is_none(), "{error:?}");
    assert_eq!(clusters().await["clusters"], json!([]));
    post(&simulator, "/clusters", cluster(CLUSTER, "x")).await.unwrap_err();
    assert_eq!(clusters().await["clusters"].as_array().unwrap().len(), 1);
    let statuses: Vec<_> = simulator.requests().into_iter().map(|request| request.status).collect();
    assert_eq!(statuses, [None, Some(200), None, Some(200)]);
}

#[tokio::test]
async fn not_one_byte_leaves_a_dropped_connection() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let simulator = started(&["drop-before"]).await;
    let mut socket = tokio::net::TcpStream::connect(simulator.address()).await.unwrap();
    socket.write_all(b"GET /api/v4/clusters HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(5), socket.read_to_end(&mut answer)).await;
    end.expect("the connection stays open").unwrap();
    assert!(answer.is_empty());
}

#[tokio::test]
async fn truncated_json_looks_right_from_outside() {
    let simulator = started(&["truncate"]).await;
    let answer = get(&simulator, "/cli").await.unwrap();
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.unwrap();
    assert!(text.starts_with("{\"cliVersionList\"") && serde_json::from_str::<Value>(&text).is_err());
}

#[tokio::test]
async fn the_cdn_refuses_the_token() {
    let simulator = started(&[]).await;
    let path = "/cli/2.25.0?os=linux&architecture=arm";
    let answer = client().post(format!("{}{path}", simulator.private_cloud_url())).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.headers()[header::LOCATION], answer.headers()["content-location"]);
    let location = answer.headers()[header::LOCATION].to_str().unwrap();
    assert!(location.contains("//localhost:"));
    let here = location.replace("localhost", "127.0.0.1");
    assert_eq!(client().get(&here).send().await.unwrap().status(), 400);
    let anonymous = Client::builder().no_proxy().build().unwrap();
    assert_eq!(anonymous.get(&here).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_administration_over_http() {
    let simulator = started(&[]).await;
    let admin = |path: &str| format!("{}/_admin{path}", simulator.origin());
    let put =
        async |path: &str, body: Value| client().put(admin(path)).json(&body).send().await.unwrap().status();
    assert_eq!(put("/faults", json!(["500,times=1"])).await, 200);
    let faults: Value = client().get(admin("/faults")).send().await.unwrap().json().await.unwrap();
    assert_eq!(faults, json!(["500,times=1"]));
    assert_eq!(get(&simulator, "/clusters?limit=5").await.unwrap().status(), 500);
    let log: Value = client().get(admin("/requests")).send().await.unwrap().json().await.unwrap();
    let entry = json!({"number": 1, "method": "GET", "path": "/api/v4/clusters?limit=5", "status": 500, "dropped": false});
    assert_eq!(log, json!([entry]));
    assert_eq!(client().delete(admin("/requests")).send().await.unwrap().status(), 200);
    assert!(simulator.requests().is_empty());
    assert_eq!(client().get(admin("/nothing")).send().await.unwrap().status(), 404);
    simulator.set_faults(vec!["404".parse().unwrap_or_else(|_| "502".parse().unwrap())]);
    assert_eq!(get(&simulator, "/clusters").await.unwrap().status(), 502);
}

#[tokio::test]
async fn the_state_outlives_the_server_with_its_open_jobs() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("world.json");
    let options = || Options {
        state: Some(file.clone()),
        job_delay: Duration::from_secs(3600),
        seed: Some(Seed { clusters: 1, namespaces: 1, apps: 1, environments: 2 }),
        ..Options::default()
    };
    let simulator = Simulator::start(options()).await.unwrap();
    let job: Value =
        post(&simulator, "/clusters", cluster(CLUSTER, "x")).await.unwrap().json().await.unwrap();
    let before = simulator.world();
    let url = simulator.private_cloud_url();
    simulator.stop().await;
    assert!(client().get(format!("{url}/clusters")).send().await.is_err(), "stopped");

    let text = fs_err::read_to_string(&file).unwrap();
    assert!(text.contains("\n      \"manifest\": {\n"), "{text}");
    let edited = text.replace("\"name\": \"cluster-1\"", "\"name\": \"by hand\"");
    fs_err::write(&file, edited).unwrap();
    let simulator = Simulator::start(options()).await.unwrap();
    assert_eq!(simulator.world()["environments"], before["environments"]);
    assert_eq!(simulator.world()["clusters"][0]["manifest"]["cluster"]["name"], "by hand");
    simulator.advance(Duration::from_secs(3601));
    let path = format!("/jobs/{}", job["id"].as_str().unwrap());
    let job: Value = get(&simulator, &path).await.unwrap().json().await.unwrap();
    assert_eq!(job["status"], "finished");
    drop(simulator);

    fs_err::write(&file, "{").unwrap();
    let Err(error) = Simulator::start(options()).await else { panic!("started on a corrupt file") };
    assert!(error.to_string().contains("world.json"), "{error}");
}

#[tokio::test]
async fn a_place_that_cannot_be_had_is_a_clear_error() {
    let simulator = started(&[]).await;
    let options = Options { listen: simulator.address(), ..Options::default() };
    let Err(error) = Simulator::start(options).await else { panic!("two on one port") };
    assert_eq!(error.to_string(), format!("cannot listen on {}", simulator.address()));
}
