//! `mxkeep doctor` through the binary: every way in which something is missing, told by its name, with the exit of the
//! contract.

use std::collections::BTreeMap;
use std::path::Path;

use mxkeep::render::schemas;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::stub::{Stub, answer, dead_port};
use crate::support::{CommandOutput, Mxkeep, World, edit, estate, example};

/// What the doctor found.
struct Found {
    output: CommandOutput,
    /// Check → verdict, message, help.
    checks: BTreeMap<String, [String; 3]>,
    /// Command → whether it can do its work.
    commands: BTreeMap<String, String>,
}

impl Found {
    fn by(call: impl Fn(&[&str]) -> Mxkeep, code: i32) -> Found {
        let output = call(&["doctor", "--format", "json"]).run().exits(code);
        let document = output.json();
        let validator = jsonschema::validator_for(&schemas::doctor()).unwrap();
        let errors: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
        let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let list = |key: &str| document[key].as_array().unwrap().clone();
        let checks = list("checks");
        // People are told the same.
        let told = call(&["doctor"]).env("COLUMNS", "140").run().exits(code);
        for check in &checks {
            assert!(told.stdout.contains(&text(check, "check")), "{told}");
        }
        Found {
            output,
            checks: checks
                .iter()
                .map(|it| (text(it, "check"), ["verdict", "message", "help"].map(|key| text(it, key))))
                .collect(),
            commands: list("commands").iter().map(|it| (text(it, "command"), text(it, "able"))).collect(),
        }
    }

    /// A check with this verdict, whose message and help have this text.
    fn has(&self, check: &str, verdict: &str, part: &str) -> &Found {
        let found = self.checks.get(check).unwrap_or_else(|| panic!("no {check}: {}", self.output));
        assert_eq!(found[0], verdict, "{check}: {}", self.output);
        assert!(found[1].contains(part) || found[2].contains(part), "{check}: {part}: {}", self.output);
        self
    }

    fn can(&self, command: &str, able: &str) -> &Found {
        assert_eq!(self.commands.get(command).map(String::as_str), Some(able), "{command}: {}", self.output);
        self
    }
}

/// The quick start in a simulator, applied.
fn shop() -> (World, TempDir) {
    let (world, estate) = (World::quick(), example("quickstart"));
    world.prepare(estate.path());
    let _ = Mxkeep::new(["apply", "--yes", "-q"]).dir(estate.path()).against(&world).run().exits(0);
    (world, estate)
}

/// A call in this estate, of this API, with this token.
fn with(directory: &Path, url: &str, token: Option<&str>) -> impl Fn(&[&str]) -> Mxkeep {
    move |args| {
        let call = Mxkeep::new(args.iter().copied()).dir(directory).env("MXKEEP_API_URL", url);
        match token {
            Some(token) => call.env("MXKEEP_TOKEN", token),
            None => call,
        }
    }
}

#[test]
fn all_is_well() {
    let (world, estate) = shop();
    let _ = world.take_requests();
    let found = Found::by(with(estate.path(), &world.url(), Some("simulator")), 0);
    found
        .has("estate", "ok", "quickstart")
        .has("api", "ok", "MXKEEP_API_URL")
        .has("connection", "ok", "answers")
        .has("clock", "ok", "")
        .has("token", "ok", "MXKEEP_TOKEN")
        .has("resources", "ok", "all that the estate names can be read")
        .has("jobs", "ok", "")
        .has("write", "ok", "mx:deployment:write")
        .can("plan", "yes")
        .can("apply", "yes");
    let requests = world.take_requests();
    assert!(requests.iter().all(|request| request.starts_with("GET ")), "{requests:#?}");
    let built_in = Found::by(|args| Mxkeep::new([args, &["--simulate"]].concat()).dir(estate.path()), 0);
    built_in.has("api", "ok", "the built-in simulator").has("token", "ok", "the simulator's own");
}

#[test]
fn a_token_that_only_reads_is_enough_for_plan() {
    let (world, estate) = shop();
    Found::by(with(estate.path(), &world.url(), Some("simulator-read")), 0)
        .has("read", "ok", "accepted")
        .has("write", "warning", "read-only")
        .can("plan", "yes")
        .can("drift", "yes")
        .can("apply", "unknown");
}

#[test]
fn tokens_that_are_missing_or_wrong() {
    let (world, estate) = shop();
    let at = |token| with(estate.path(), world.url().leak(), token);
    // Without a token the way is looked at all the same.
    let found = Found::by(at(None), 7);
    found
        .has("token", "failed", "MXKEEP_TOKEN")
        .has("connection", "ok", "")
        .has("read", "skipped", "a token");
    found.can("plan", "no").can("validate", "yes");
    Found::by(at(Some("unknown")), 7).has("token", "ok", "").has("read", "failed", "403").can("status", "no");
    Found::by(at(Some("two words")), 7).has("token", "failed", "a character that no token has");
    world.faults(&["401"]);
    Found::by(at(Some("simulator")), 7).has("read", "failed", "rejected the token");
    world.faults(&[]);
    let file = |args: &[&str]| {
        Mxkeep::new([args, &["--token-file", "token.txt"]].concat())
            .dir(estate.path())
            .env("MXKEEP_API_URL", &world.url())
    };
    Found::by(file, 7).has("token", "failed", "token.txt");
    fs_err::write(estate.path().join("token.txt"), "simulator\n").unwrap();
    Found::by(file, 0).has("token", "ok", "--token-file token.txt");
}

#[test]
fn what_a_token_may_not_see_is_named() {
    let (world, estate) = shop();
    world.faults(&["403,path=/apps/*/environments", "403,path=/jobs/*"]);
    Found::by(with(estate.path(), &world.url(), Some("simulator")), 7)
        .has("resources", "failed", "the environments of `app/web-shop`")
        .has("jobs", "warning", "mx:deployment:write")
        .can("plan", "partly")
        .can("apply", "no");
    world.faults(&["403,path=/clusters/*/namespaces"]);
    Found::by(with(estate.path(), &world.url(), Some("simulator")), 7)
        .has("resources", "failed", "the namespaces of `cluster/demo`")
        .can("apply", "partly");
    // An app that the API does not know.
    let (empty, fresh) = (World::quick(), example("quickstart"));
    Found::by(with(fresh.path(), &empty.url(), Some("simulator")), 0).has(
        "resources",
        "warning",
        "`app/web-shop`",
    );
}

#[test]
fn servers_that_are_not_the_api() {
    let (world, estate) = shop();
    let at = |url: &str| with(estate.path(), url.to_owned().leak(), Some("simulator"));
    let dead = format!("http://127.0.0.1:{}/api/v4", dead_port());
    Found::by(at(&dead), 10)
        .has("connection", "failed", "cannot reach 127.0.0.1")
        .has("read", "skipped", "a connection")
        .can("plan", "no");
    world.faults(&["html"]);
    Found::by(at(&world.url()), 10).has("connection", "failed", "is not the Mendix API");
    world.faults(&["502"]);
    Found::by(at(&world.url()), 10).has("connection", "failed", "502");
    world.faults(&[]);
    let elsewhere = Stub::new(|_| answer("302 Found", "Location: https://login.example/\r\n", ""));
    Found::by(at(&elsewhere.url()), 10).has("connection", "failed", "redirected");
    Found::by(at("http://api.example/api/v4"), 64).has("api", "failed", "not secure");
    Found::by(at("not a url"), 64).has("api", "failed", "is not a URL");
}

/// The token does not leave before it is known who answers.
#[test]
fn a_stranger_does_not_get_the_token() {
    let (_, estate) = shop();
    let stranger = Stub::new(|_| answer("200 OK", "Content-Type: text/html\r\n", "<html>"));
    let found = Found::by(with(estate.path(), &stranger.url(), Some("canary-4711")), 10);
    found.has("connection", "failed", "is not the Mendix API");
    let requests = stranger.requests();
    assert!(!requests.is_empty());
    for request in requests {
        assert!(!request.headers.iter().any(|header| header.contains("authorization")), "{request:?}");
    }
}

#[test]
fn a_clock_that_is_wrong() {
    let (world, estate) = shop();
    let at = || with(estate.path(), world.url().leak(), Some("simulator"));
    world.faults(&["clock=-600s"]);
    Found::by(at(), 0).has("clock", "warning", "s ahead of the API's").has("clock", "warning", "NTP");
    world.faults(&["clock=600s"]);
    Found::by(at(), 0).has("clock", "warning", "s behind the API's").can("plan", "yes");
    world.faults(&["clock=30s"]);
    Found::by(at(), 0).has("clock", "ok", "s behind the API's");
    let silent = Stub::new(|_| {
        answer("401 Unauthorized", "Content-Type: application/json\r\n", "{\"error\":{\"message\":\"who?\"}}")
    });
    let found = Found::by(with(estate.path(), &silent.url(), Some("any")), 7);
    found.has("clock", "skipped", "tells no time").has("read", "failed", "rejected the token");
}

#[test]
fn estates_that_are_invalid_or_missing() {
    let world = World::quick();
    let invalid = estate(&[("mxkeep.yaml", "estate: acme\nguard: {}\n")]);
    let found = Found::by(with(invalid.path(), &world.url(), Some("simulator")), 9);
    found.has("estate", "failed", "mxkeep validate").has("read", "ok", "").can("plan", "no");
    assert!(found.output.stderr.contains("guard"), "the mistake itself is shown: {}", found.output);
    // Outside of an estate, what can be looked at is.
    let nowhere = tempfile::tempdir().unwrap();
    let found = Found::by(with(nowhere.path(), &world.url(), Some("simulator-read")), 0);
    found.has("estate", "warning", "mxkeep.yaml").has("read", "ok", "").has("resources", "skipped", "");
    found.can("validate", "no").can("plan", "yes").can("apply", "unknown");
    // An estate cannot name the host that gets the token.
    let foreign =
        estate(&[("mxkeep.yaml", "estate: acme\napi: {privateCloud: \"https://evil.example/api/v4\"}\n")]);
    let call = |args: &[&str]| {
        Mxkeep::new(args.iter().copied()).dir(foreign.path()).env("MXKEEP_TOKEN", "canary-4711")
    };
    let found = Found::by(call, 9);
    found.has("api", "failed", "evil.example").has("api", "failed", "MXKEEP_ALLOW_HOSTS");
    assert!(!found.output.to_string().contains("canary-4711"));
}

#[test]
fn variables_and_certificates_are_looked_at() {
    let (world, estate) = shop();
    edit(
        &estate.path().join("platform.yaml"),
        "{fromFile: secrets/shop-test.txt}",
        "{fromEnv: NOT_SET_HERE}",
    );
    let call = with(estate.path(), world.url().leak(), Some("simulator"));
    Found::by(&call, 0).has("variables", "warning", "`NOT_SET_HERE`");
    let set = |args: &[&str]| call(args).env("NOT_SET_HERE", "x");
    Found::by(set, 0).has("variables", "ok", "");
    // Only https needs certificates.
    let remote = |args: &[&str]| {
        Mxkeep::new(args.iter().copied())
            .dir(estate.path())
            .env("MXKEEP_API_URL", "https://127.0.0.1:1/api/v4")
            .env("MXKEEP_TOKEN", "any")
    };
    let missing = |args: &[&str]| remote(args).env("MXKEEP_CA_FILE", "missing.pem");
    Found::by(missing, 64).has("api", "failed", "missing.pem");
    Found::by(remote, 10).has("connection", "failed", "cannot reach");
}

#[test]
fn apps_on_mendix_cloud_have_an_api_of_their_own() {
    let (world, estate) = (World::quick(), example("cloud-permissions"));
    world.prepare(estate.path());
    // Who has nothing else needs no private cloud.
    let nowhere = format!("http://127.0.0.1:{}/api/v4", dead_port());
    let at = |cloud: String, token: Option<&'static str>| {
        let call = with(estate.path(), &nowhere, token);
        move |args: &[&str]| call(args).env("MXKEEP_CLOUD_API_URL", &cloud)
    };
    for version in [3, 4] {
        let found = Found::by(at(world.get().mendix_cloud_url(version), Some("simulator")), 0);
        found
            .has("api", "skipped", "nothing in a private cloud")
            .has("cloud-api", "ok", "MXKEEP_CLOUD_API_URL")
            .has("cloud-connection", "ok", "answers")
            .has("clock", "ok", "")
            .has("resources", "ok", "all that the estate names can be read")
            .can("plan", "yes")
            .can("apply", "unknown");
    }
    let found = Found::by(at(nowhere.clone(), Some("simulator")), 10);
    found.has("cloud-connection", "failed", "cannot reach").can("plan", "no");
    // The token does not go to a host that only the estate names.
    fs_err::write(
        estate.path().join("mxkeep.yaml"),
        "estate: cloud\napi: {mendixCloud: https://elsewhere.example/api/v4}\n",
    )
    .unwrap();
    let _ = Found::by(with(estate.path(), &nowhere, Some("canary-4711")), 9).has(
        "cloud-api",
        "failed",
        "elsewhere.example",
    );
}
