//! `mxkeep graph`: what stands on what in an estate, what needs what in a plan and a run.

use crate::support::pair::Pair;
use crate::support::{CommandOutput, Mxkeep, World, estate, example};

fn graph(args: &[&str]) -> CommandOutput {
    Mxkeep::new(["graph"].iter().chain(args).copied()).run()
}

/// The edges of a graph in Mermaid, by what its boxes say.
fn edges(mermaid: &str) -> Vec<String> {
    let label = |node: &str| {
        let line = mermaid.lines().find(|line| line.trim().starts_with(&format!("{node}[\""))).unwrap();
        line.split('"').nth(1).unwrap().split("<br/>").next().unwrap().to_owned()
    };
    let ends = mermaid.lines().filter_map(|line| line.trim().split_once(" --> "));
    ends.map(|(first, then)| format!("{} > {}", label(first), label(then))).collect()
}

#[test]
fn an_estate_is_drawn_without_the_api() {
    let shop = example("quickstart");
    let output = graph(&[shop.path().to_str().unwrap()]).exits(0);
    assert_eq!(
        edges(&output.stdout),
        [
            "cluster/demo > namespace/demo/shop-prod",
            "cluster/demo > namespace/demo/shop-test",
            "environment/web-shop/production > environment/back-office/production",
            "namespace/demo/shop-test > environment/back-office/test",
            "namespace/demo/shop-prod > environment/web-shop/production",
            "namespace/demo/shop-test > environment/web-shop/test",
        ]
    );
    assert_eq!(output.stderr, "");
    // The namespace of `back-office/production` is left out because `web-shop/production` stands on it, too.
    let some = ["--target", "environment/back-office/*", "--target", "namespace/**"];
    let args: Vec<_> = [shop.path().to_str().unwrap()].into_iter().chain(some).collect();
    assert_eq!(
        edges(&graph(&args).exits(0).stdout),
        [
            "namespace/demo/shop-prod > environment/back-office/production",
            "namespace/demo/shop-test > environment/back-office/test"
        ]
    );
}

#[test]
fn plans_and_runs_are_drawn_as_they_were_saved() {
    let (world, pair) = (World::quick(), Pair::new());
    world.prepare(pair.path());
    let run = |args: &[&str], code: i32| {
        Mxkeep::new(args.iter().copied()).dir(pair.path()).against(&world).run().exits(code)
    };
    let draw = |file: &str, format: &str| {
        Mxkeep::new(["graph", "--plan", file, "--format", format]).dir(pair.path()).run().exits(0).stdout
    };
    let _ = run(&["plan", "--out", "json=plan.json"], 0);
    let drawn = draw("plan.json", "mermaid");
    assert_eq!(
        edges(&drawn),
        [
            "cluster/one > namespace/one/ns-one",
            "namespace/one/ns-one > environment/app-one/live",
            "cluster/two > namespace/two/ns-two",
            "namespace/two/ns-two > environment/app-two/live",
        ],
        "{drawn}"
    );
    assert!(drawn.contains("<br/>create\"]:::create"), "{drawn}");
    assert!(draw("plan.json", "dot").contains("n0 -> n2;"));
    world.faults(&["job-fails,nth=1"]);
    let _ = run(&["apply", "--yes", "--out", "json=outcome.json"], 4);
    let drawn = draw("outcome.json", "svg");
    assert!(drawn.contains(">create, failed</text>") && drawn.contains("class=\"mx-failed\""), "{drawn}");
    let _ = run(&["drift", "--out", "json=drift.json"], 2);
    let _ = graph(&["--plan", pair.path().join("drift.json").to_str().unwrap()])
        .exits(9)
        .says(&["holds no plan and no outcome", "--out json=FILE"]);
}

#[test]
fn what_is_removed_stands_alone() {
    let pair = Pair::new();
    pair.remove();
    let drawn = graph(&[pair.arg()]).exits(0).stdout;
    assert!(drawn.contains("<br/>remove\"]:::delete"), "{drawn}");
    assert!(edges(&drawn).is_empty(), "{drawn}");
}

#[test]
fn an_invalid_estate_has_no_graph() {
    let invalid = estate(&[("mxkeep.yaml", "estate: acme\n"), ("a.yaml", "nonsense: {}\n")]);
    let output = graph(&[invalid.path().to_str().unwrap(), "--format", "svg"]).exits(9);
    assert_eq!(output.stdout, "");
    let _ = output.says(&["SHAPE-001"]);
    let _ = graph(&["--format", "png"]).exits(64).says(&["the formats are mermaid, dot, svg"]);
}
