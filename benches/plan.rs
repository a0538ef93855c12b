//! How long a plan of 1,000 environments takes, and with how many requests, against the baseline of one GET per
//! resource that a script would send.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark that breaks off has failed")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use mxkeep::api::{Client, ClientOptions, Token, fetch};
use mxkeep::model::{Identity, Kind, LiveState, ReadScope};
use mxkeep::simulator::{Options, Seed, Simulator};
use tokio::runtime::Runtime;

const SEED: Seed = Seed { clusters: 2, namespaces: 10, apps: 50, environments: 1000 };

fn client(simulator: &Simulator) -> Client {
    let base = simulator.private_cloud_url().parse().expect("the simulator gives a URL");
    let token = Token::new("simulator-read").expect("a token");
    Client::new(ClientOptions::new(base, Some(token))).expect("a client without TLS")
}

/// Everything that the world holds, as a plan reads it.
fn scope(world: &serde_json::Value) -> ReadScope {
    let ids = |list: &str, pointer: &str| {
        let items = world.get(list).and_then(serde_json::Value::as_array).into_iter().flatten();
        items.filter_map(|item| item.pointer(pointer)?.as_str()?.parse().ok()).collect()
    };
    let clusters: std::collections::BTreeSet<_> = ids("clusters", "/manifest/cluster/clusterId");
    ReadScope {
        list_clusters: true,
        namespaces_of: clusters.clone(),
        clusters,
        environments_of: ids("apps", "/appId"),
        ..ReadScope::default()
    }
}

async fn one_by_one(client: &Client, live: &LiveState) {
    for resource in live.resources.values() {
        let read = client.read(&resource.identity, resource.cluster).await;
        black_box(read.expect("the simulator answers"));
    }
}

fn benchmark(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let options = Options { seed: Some(SEED), ..Options::default() };
    let simulator = runtime.block_on(Simulator::start(options)).expect("a simulator");
    let scope = scope(&simulator.world());

    let counted = client(&simulator);
    let live = runtime.block_on(fetch(&counted, &scope)).expect("live state");
    let environments = live.of_kind(Kind::Environment).count();
    println!("{environments} environments read with {} requests", counted.requests_made());
    let baseline = client(&simulator);
    runtime.block_on(one_by_one(&baseline, &live));
    println!("one by one: {} requests", baseline.requests_made());
    assert!(live.resources.keys().any(|identity| matches!(identity, Identity::Namespace(_))));

    let mut group = criterion.benchmark_group("live state of 1,000 environments");
    group.sample_size(10);
    group.bench_function("a list per parent", |bencher| {
        bencher.iter(|| runtime.block_on(fetch(&client(&simulator), &scope)).expect("live state"));
    });
    group.bench_function("baseline: one by one", |bencher| {
        bencher.iter(|| runtime.block_on(one_by_one(&client(&simulator), &live)));
    });
    group.finish();
}

criterion_group!(benches, benchmark);
criterion_main!(benches);
