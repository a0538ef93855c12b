//! The budget of requests, end to end: how the client gets on with a server that counts, and what waiting costs.

use std::time::Duration;

use mxkeep::apply::ActionOutcome;
use mxkeep::model::DesiredState;
use mxkeep::simulator::{Options, Simulator};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::generate::{Generated, id};
use crate::register::register;
use crate::stage::{Running, client, estate, load_valid, open, plan_now, run, simulated};

const MINUTE: Duration = Duration::from_secs(60);

/// A cluster with two namespaces, and so many environments in them.
fn fleet(environments: usize) -> DesiredState {
    let cluster = json!({"cluster": {"clusterId": id("cluster"), "name": "cluster", "clusterType": "k8s"}});
    let namespaces = ["even", "odd"].map(|name| {
        json!({"namespace": {
            "namespaceId": id(name), "cluster": "cluster", "name": name, "secret": {"fromFile": "secret.txt"},
        }})
    });
    let app = json!({"app": {"appId": id("app0"), "name": "app0"}});
    let environments = (0..environments).map(|index| {
        json!({"environment": {
            "id": format!("env{index}"),
            "app": "app0",
            "properties": {"name": format!("env{index}"), "production": false},
            "provider": {"namespace": (["even", "odd"][index % 2])},
            "deployment": {"appUrl": format!("https://env{index}.x.example"), "packageId": id("package")},
            "container": {"instances": 1, "size": "S"},
            "services": {
                "db": {"plan": "OnDemand", "config": "{type: \"database\"}"},
                "fs": {"plan": "OnDemand", "config": "{type: \"storage\"}"},
            },
        }})
    });
    let documents: Vec<Value> =
        [cluster].into_iter().chain(namespaces).chain([app]).chain(environments).collect();
    load_valid(estate(&Generated { documents }.files()).path())
}

fn faults(simulator: &Simulator, faults: &[&str]) {
    simulator.set_faults(faults.iter().map(|fault| fault.parse().unwrap()).collect());
}

/// Plans and applies from nothing, with everything going well.
async fn applied(simulator: &Simulator, desired: &DesiredState, within: Duration) -> Duration {
    let client = client(simulator, 7);
    let plan = plan_now(&client, desired).await.unwrap();
    let started = Instant::now();
    let (outcome, _) = run(&client, desired, &plan, Running::within(within)).await;
    for report in &outcome.actions {
        assert_eq!(report.outcome, ActionOutcome::Done, "{}: {:?}", report.action.id, report.error);
    }
    started.elapsed()
}

#[test]
fn a_server_that_allows_five_requests_a_second_refuses_hardly_any() {
    for latency in ["latency=1ms", "latency=40ms", "latency=300ms"] {
        simulated(async {
            let desired = fleet(100);
            let simulator = open(Options { max_page: 20, ..Options::default() }).await;
            register(&simulator, &desired);
            faults(&simulator, &[latency, "limit=5/s"]);
            let took = applied(&simulator, &desired, 30 * MINUTE).await;
            let again = plan_now(&client(&simulator, 8), &desired).await.unwrap();
            assert!(again.actions.is_empty(), "{:#?}", again.actions);
            let requests = simulator.requests();
            let refused = requests.iter().filter(|request| request.status == Some(429)).count();
            assert!(requests.len() > 300, "{} requests", requests.len());
            assert!(refused > 0, "the limit was never met");
            let (sent, seconds) = (requests.len(), took.as_secs());
            assert!(refused * 50 < sent, "{latency}: {refused} of {sent} requests refused, in {seconds} s");
            println!("{latency}: {refused} of {sent} requests refused, {seconds} s");
        });
    }
}

#[test]
fn fifty_jobs_of_ten_minutes_take_little_more_than_ten_minutes() {
    simulated(async {
        let options = Options { job_delay: 10 * MINUTE, ready_delay: Duration::ZERO, ..Options::default() };
        let simulator = open(options).await;
        let (parents, desired) = (fleet(0), fleet(50));
        register(&simulator, &desired);
        applied(&simulator, &parents, 30 * MINUTE).await;
        simulator.clear_requests();

        let took = applied(&simulator, &desired, 30 * MINUTE).await;
        let requests = simulator.requests();
        let polls = requests.iter().filter(|request| request.path.contains("/jobs/")).count();
        println!("50 jobs of 10 min: {} s, {polls} polls of {} requests", took.as_secs(), requests.len());
        assert!(took >= 10 * MINUTE && took < 11 * MINUTE, "{took:?}");
        // The pauses grow from 0.5 s to 10 s: less than 70 looks at a job in ten minutes, and more than 60.
        assert!((50 * 60..50 * 70).contains(&polls), "{polls} polls");
    });
}
