//! What a plan costs: only GET, and one request per parent and page.

use std::collections::BTreeMap;

use mxkeep::simulator::{Options, Seed};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Mxkeep, World, estate, example};

/// The documented default page size, and so the smallest largest page that has to be expected.
const PAGE: usize = 20;

#[test]
fn a_plan_sends_only_get_and_needs_a_token_that_reads() {
    let (world, estate) = (World::quick(), example("quickstart"));
    world.prepare(estate.path());
    for command in ["plan", "drift"] {
        let call = Mxkeep::new([command]).dir(estate.path()).against(&world);
        let output = call.env("MXKEEP_TOKEN", "simulator-read").run();
        assert!([0, 2].contains(&output.code), "{output}");
        let requests = world.take_requests();
        assert!(!requests.is_empty());
        assert!(requests.iter().all(|request| request.starts_with("GET ")), "{requests:#?}");
    }
}

#[test]
fn a_thousand_environments_take_one_request_per_parent_and_page() {
    for max_page in [100, PAGE] {
        let world = seeded("2,10,50,1000", max_page);
        let estate = declared(&world);
        let bound = bound(&world);
        let output = Mxkeep::new(["plan", "--format", "json"]).dir(estate.path()).against(&world).run();
        let output = output.exits(0).json();
        assert_eq!(output["summary"]["unmanaged"], 1000, "{}", output["summary"]);
        assert_eq!(output["actions"], json!([]));
        let requests = world.take_requests();
        assert!(requests.iter().all(|request| request.starts_with("GET ")));
        assert_eq!(output["requests"]["made"], requests.len());
        assert!(requests.len() <= bound, "{} requests, at most {bound}", requests.len());
        // Every app has exactly 20 environments, so that a page of 20 may be all that the server gives.
        assert_eq!(requests.len(), 1 + 2 + 50 * 2, "{max_page}");
    }
}

#[test]
fn pages_that_show_where_they_end_are_not_asked_twice() {
    for (seed, max_page, expected) in [
        // 19 in each app: less than every server can give.
        ("2,10,50,950", 100, 1 + 2 + 50),
        // 150 in each: a full page and a short one.
        ("1,1,4,600", 100, 1 + 1 + 4 * 2),
        ("1,1,4,600", PAGE, 1 + 1 + 4 * 8),
    ] {
        let world = seeded(seed, max_page);
        let estate = declared(&world);
        let bound = bound(&world);
        let output = Mxkeep::new(["plan"]).dir(estate.path()).against(&world).run();
        let _ = output.exits(0);
        let made = world.take_requests().len();
        assert!(made <= bound, "{seed}: {made} requests, at most {bound}");
        assert!(made <= expected + 4, "{seed}, {max_page}: {made} requests, about {expected} expected");
    }
}

#[test]
fn one_target_takes_a_handful_of_requests() {
    let world = seeded("2,10,50,1000", 100);
    let estate = declared(&world);
    let environment = world.get().world()["environments"][7].clone();
    let mut document = environment["manifest"].clone();
    document["environment"]["app"] = environment["appId"].clone();
    let name = document["environment"]["properties"]["name"].as_str().unwrap().to_owned();
    fs_err::write(estate.path().join("environment.yaml"), document.to_string()).unwrap();
    let app = &apps(&world)[environment["appId"].as_str().unwrap()];
    let target = format!("environment/{app}/{name}");
    let output = Mxkeep::new(["plan", "--target", &target]).dir(estate.path()).against(&world).run();
    let output = output.exits(0);
    assert!(output.stdout.contains("1 resource is as declared"), "{output}");
    let requests = world.take_requests();
    assert!(requests.len() <= 4, "{requests:#?}");
}

fn seeded(seed: &str, max_page: usize) -> World {
    World::new(Options { seed: Some(seed.parse::<Seed>().unwrap()), max_page, ..Options::default() })
}

/// An estate of every cluster, namespace and app of a world.
fn declared(world: &World) -> TempDir {
    let state = world.get().world();
    let mut documents: Vec<Value> =
        apps(world).into_iter().map(|(id, name)| json!({"app": {"appId": id, "name": name}})).collect();
    for cluster in items(&state, "clusters") {
        let manifest = &cluster["manifest"]["cluster"];
        documents.push(json!({"cluster": {"clusterId": manifest["clusterId"], "name": manifest["name"]}}));
    }
    for namespace in items(&state, "namespaces") {
        let manifest = &namespace["manifest"]["namespace"];
        documents.push(json!({"namespace": {
            "namespaceId": manifest["namespaceId"], "name": manifest["name"], "cluster": namespace["clusterId"],
        }}));
    }
    let text: String = documents.iter().map(|document| format!("---\n{document}\n")).collect();
    estate(&[("mxkeep.yaml", "estate: seeded\n"), ("all.yaml", &text)])
}

fn apps(world: &World) -> BTreeMap<String, String> {
    let text = |app: &Value, key: &str| app[key].as_str().unwrap().to_owned();
    items(&world.get().world(), "apps").iter().map(|app| (text(app, "appId"), text(app, "appName"))).collect()
}

/// 2 + the declared parents + a page for every 20 items of each list.
fn bound(world: &World) -> usize {
    let state = world.get().world();
    let (clusters, apps) = (items(&state, "clusters"), items(&state, "apps"));
    let pages_of = |kind: &str, key: &str, parent: &Value| {
        items(&state, kind).iter().filter(|item| item[key] == *parent).count().div_ceil(PAGE)
    };
    let pages = clusters.len().div_ceil(PAGE)
        + clusters
            .iter()
            .map(|cluster| pages_of("namespaces", "clusterId", &cluster["manifest"]["cluster"]["clusterId"]))
            .sum::<usize>()
        + apps.iter().map(|app| pages_of("environments", "appId", &app["appId"])).sum::<usize>();
    2 + clusters.len() + apps.len() + pages
}

fn items<'v>(state: &'v Value, kind: &str) -> &'v [Value] {
    state[kind].as_array().unwrap()
}
