//! The recipe "deploy an app" of the API's documentation, from an empty account: one estate, two runs of `apply`, and
//! between them the step that a person does, with the command that the first run prints.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::support::{Mxkeep, World, example};

const SECRET: &str = "canary-namespace-secret";

fn mxkeep(world: &World, estate: &Path, args: &[&str]) -> Mxkeep {
    Mxkeep::new(args.iter().copied()).dir(estate).against(world).env("ORDERS_NS_SECRET", SECRET)
}

/// Runs a command as a person would: in a shell, with the downloaded mxpc-cli and the secret at hand.
fn run_as_printed(command: &str, tools: &Path, secret: &str) -> (bool, String) {
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", tools.display());
    let mut shell = Command::new("sh");
    let output = shell.args(["-c", command]).env_clear().env("PATH", path).env("ORDERS_NS_SECRET", secret);
    let output = output.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

/// Whether the requests hold these in this order, among others.
fn in_order(requests: &[String], wanted: &[&str]) {
    let mut rest = requests.iter();
    for wanted in wanted {
        assert!(
            rest.any(|request| request.starts_with(wanted)),
            "`{wanted}` is not where it should be: {requests:#?}"
        );
    }
}

#[test]
fn an_app_is_deployed_from_an_empty_account() {
    let (world, estate) = (World::quick(), example("deploy-an-app"));
    let desired = world.prepare_apps(estate.path());
    assert_eq!(desired.resources.len(), 5);

    // Cluster and namespace, with their people, come into being, and the package is built; what needs the operator waits.
    let first = mxkeep(&world, estate.path(), &["apply", "--yes", "--format", "json"]).run().exits(8);
    let outcomes = first.outcomes();
    assert_eq!(outcomes["create:cluster/lab"], "done", "{first}");
    assert_eq!(outcomes["create:namespace/lab/orders"], "done", "{first}");
    assert_eq!(outcomes["create:package/order-desk-1.0.0"], "done", "{first}");
    assert_eq!(outcomes["update:namespace/lab/orders#plans"], "waiting", "{first}");
    assert_eq!(outcomes["create:environment/order-desk/development"], "waiting", "{first}");
    let requests = world.take_requests();
    in_order(
        &requests,
        &[
            "POST /api/v4/clusters",
            "GET /api/v4/jobs/",
            "PUT /api/v4/clusters/",
            "POST /api/v4/clusters/6a0f3e0e",
        ],
    );
    in_order(&requests, &["POST /api/v4/apps/5b0c2f8e-4b8f-5a1d-8f57-0f6f5c7a2d10/packages/build"]);

    // The tool, and the command that was printed.
    let list = mxkeep(&world, estate.path(), &["cli", "list"]).run().exits(0);
    assert!(list.stdout.lines().nth(1).unwrap().starts_with("2.25.0"), "{list}");
    let _ = mxkeep(&world, estate.path(), &["cli", "download"]).run().exits(0);
    let mode = fs_err::metadata(estate.path().join("mxpc-cli")).unwrap().permissions().mode();
    assert_eq!(mode & 0o111, 0o111, "it can be run");
    in_order(&world.take_requests(), &["GET /api/v4/cli", "POST /api/v4/cli/2.25.0?os=", "GET /cdn/"]);
    let address = "namespace/lab/orders";
    let command = mxkeep(&world, estate.path(), &["cli", "command", address]).run().exits(0).stdout;
    assert_eq!(
        command.trim_end(),
        first.json()["actions"].as_array().unwrap().iter().find(|it| it["status"] == "waiting").unwrap()["command"]
    );
    assert!(!command.contains(SECRET) && !first.to_string().contains(SECRET));

    let (ok, said) = run_as_printed(&command, estate.path(), "another-secret");
    assert!(!ok && said.contains("is not the secret of the namespace"), "{said}");
    let _ = mxkeep(&world, estate.path(), &["apply", "--yes"]).run().exits(8);
    let (ok, said) = run_as_printed(&command, estate.path(), SECRET);
    assert!(ok && said.contains("plans: postgres, minio"), "{said}");

    // The same command again, without any flag, goes on.
    world.get().clear_requests();
    let second = mxkeep(&world, estate.path(), &["apply", "--yes", "--format", "json"]).run().exits(0);
    assert!(second.outcomes().values().all(|outcome| outcome == "done"), "{second}");
    in_order(
        &world.take_requests(),
        &["POST /api/v4/apps/5b0c2f8e", "GET /api/v4/jobs/", "GET /api/v4/apps/5b0c2f8e"],
    );
    let live = world.get().world();
    let environment = &live["environments"][0]["manifest"]["environment"];
    assert_eq!(live["packages"].as_array().unwrap().len(), 1, "built once");
    assert_eq!(environment["deployment"]["packageId"], live["packages"][0]["id"]);
    assert_eq!(environment["deployment"]["appUrl"], "https://orders-dev.acme.example");
    assert_eq!(environment["container"]["state"], "Ready");
    let namespace = &live["namespaces"][0]["manifest"]["namespace"];
    assert_eq!(namespace["enableDevelopmentMode"], json!(true));
    assert_eq!(namespace["membership"].as_array().unwrap().len(), 2);
    assert_eq!(world.counts(), [1, 1, 1]);
    let _ = mxkeep(&world, estate.path(), &["plan", "--exit-code"]).run().exits(0);
}

/// The same in one run that waits for the person.
#[test]
fn an_app_is_deployed_by_one_run_that_waits() {
    let (world, estate) = (World::quick(), example("deploy-an-app"));
    let _ = world.prepare_apps(estate.path());
    let _ = mxkeep(&world, estate.path(), &["cli", "download", "-q"]).run().exits(0);
    let args = ["apply", "--yes", "--wait-for-human", "2m", "--format", "json", "--progress", "plain"];
    let mut run = mxkeep(&world, estate.path(), &args).start();
    run.until("looking for another");
    let command = run.until("mxpc-cli installer");
    let (ok, said) = run_as_printed(command.trim(), estate.path(), SECRET);
    assert!(ok, "{said}");
    let output = run.end().exits(0);
    assert!(output.outcomes().values().all(|outcome| outcome == "done"), "{output}");
    let _ = mxkeep(&world, estate.path(), &["plan", "--exit-code"]).run().exits(0);
}
