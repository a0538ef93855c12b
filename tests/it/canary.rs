//! Secrets stay secret: a canary in every secret field, every command at its loudest, every way to fail; then a search
//! of everything that was said and written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use mxkeep::apply::ActionOutcome;
use mxkeep::diff::After;
use mxkeep::model::Kind;
use mxkeep::model::field::walk;
use mxkeep::simulator::Options;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::driver::load_valid;
use crate::support::generate::id;
use crate::support::pair::{self, Pair};
use crate::support::stub::{Request, Stub, answer};
use crate::support::{CommandOutput, Mxkeep, World};

/// What every canary begins with; short, so that no line break tears it apart.
const MARK: &str = "cnry";

/// The token of the runs against a server that is not the simulator.
const TOKEN: &str = "cnrytoken0815";

/// An estate with a canary in every place for a secret, and everything that it says and leaves behind.
struct Cage {
    directory: TempDir,
    out: TempDir,
    /// Variables with secrets.
    variables: BTreeMap<String, String>,
    /// The files that the test itself wrote: they hold what they hold.
    written: Vec<PathBuf>,
    /// The secrets as they stand in files and variables.
    secrets: Vec<String>,
}

/// Secrets that are awkward to recognise once somebody has repeated them: quotes, line breaks, blanks at the ends.
fn awkward(core: &str) -> String {
    format!(" {core}a\"b\\{core}c\n{core}d<&>{core}é ")
}

impl Cage {
    fn new() -> Cage {
        let mut cage = Cage {
            directory: tempfile::tempdir().unwrap(),
            out: tempfile::tempdir().unwrap(),
            variables: BTreeMap::new(),
            written: Vec::new(),
            secrets: Vec::new(),
        };
        let documents = cage.documents();
        let text: String = documents.iter().map(|document| format!("---\n{document:#}\n")).collect();
        cage.write("mxkeep.yaml", "estate: cage\napply: {jobTimeout: 2s}\n");
        cage.write("all.yaml", &text);
        cage
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn write(&mut self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, text).unwrap();
        self.written.push(path);
    }

    /// A new secret in a variable; gives the reference to it.
    fn variable(&mut self) -> Value {
        let number = self.secrets.len();
        let secret = awkward(&format!("{MARK}{number:02}x"));
        let name = format!("SECRET_{number}");
        self.variables.insert(name.clone(), secret.clone());
        self.secrets.push(secret);
        json!({ "fromEnv": name })
    }

    /// A new secret in a file; gives the reference to it.
    fn file(&mut self) -> Value {
        let number = self.secrets.len();
        let secret = awkward(&format!("{MARK}{number:02}x"));
        let name = format!("secrets/{number}.txt");
        self.write(&name, &secret);
        self.secrets.push(secret);
        json!({ "fromFile": name })
    }

    /// A cluster, a namespace, an app and an environment; every sensitive field of the tables holds a canary.
    fn documents(&mut self) -> Vec<Value> {
        let mut bodies = BTreeMap::from([
            ("cluster", json!({"clusterId": id("cage cluster"), "name": "cage", "clusterType": "eks"})),
            ("namespace", json!({"namespaceId": id("cage ns"), "name": "ns", "cluster": "cage"})),
            ("app", json!({"appId": id("cage app"), "name": "shop"})),
            (
                "environment",
                json!({
                    "id": "shoplive", "app": "shop", "provider": {"cluster": "cage", "namespace": "ns"},
                    "properties": {"name": "live", "production": true},
                    "deployment": {"appUrl": "https://shop.example", "packageId": id("cage package")},
                    "container": {"instances": 2, "size": "S"},
                    "network": {"outgoingConnectionCertificate": [{"certificateType": "Client", "enabled": true}]},
                    "services": {
                        "db": {"plan": "OnDemand", "config": "{type: \"database\"}"},
                        "fs": {"plan": "OnDemand", "config": "{type: \"storage\"}"},
                    },
                }),
            ),
        ]);
        let mut places = 0;
        for kind in Kind::ALL {
            let mut paths = Vec::new();
            walk(kind.fields(), &mut |path, field| {
                if field.sensitive {
                    paths.push(path.to_owned());
                }
            });
            places += paths.len();
            for (index, path) in paths.iter().enumerate() {
                let secret = if index % 2 == 0 { self.variable() } else { self.file() };
                put(bodies.get_mut(kind.name()).unwrap(), path, secret);
            }
        }
        assert!(places >= 6, "the tables have lost their secrets");
        // Fields that are no secrets by themselves, with values from outside.
        let environment = bodies.get_mut("environment").unwrap();
        put(environment, "deployment.constants", json!({"Main.Key": self.variable(), "Main.Open": "open"}));
        put(environment, "runtime.environmentVariables", json!({"API_KEY": self.file()}));
        put(environment, "runtime.customRuntimeSettings", json!({"Storage.Key": self.variable()}));
        put(environment, "annotations", json!({"Pod": {"acme/key": self.variable()}}));
        let description = self.variable();
        put(bodies.get_mut("cluster").unwrap(), "description", description);
        bodies.into_iter().map(|(kind, body)| json!({ kind: body })).collect()
    }

    /// A call in this estate, with the secrets in its environment.
    fn call(&self, args: &[&str]) -> Mxkeep {
        self.bare(args).envs(&self.variables)
    }

    /// A call without the secrets in its environment.
    fn bare(&self, args: &[&str]) -> Mxkeep {
        Mxkeep::new(args.iter().copied()).dir(self.path()).env("COLUMNS", "140")
    }

    /// A command in every format and as loud as it gets, with its files.
    fn loudly(&self, command: &[&str], set: impl Fn(Mxkeep) -> Mxkeep) -> Vec<CommandOutput> {
        ["text", "json"]
            .map(|format| {
                let out = |format: &str| {
                    let name = format!("{}-{format}", command[0]);
                    format!("{format}={}", self.out.path().join(name).display())
                };
                let (text, json) = (out("text"), out("json"));
                let mut args = command.to_vec();
                args.extend(["-v", "-v", "--format", format, "--out", &text, "--out", &json]);
                let output = set(self.call(&args)).run();
                self.search(&output);
                output
            })
            .into()
    }

    /// Searches what was said, and every file that mxkeep wrote.
    fn search(&self, output: &CommandOutput) {
        self.search_text("stdout", &output.stdout);
        self.search_text("stderr", &output.stderr);
        for directory in [self.path(), self.out.path()] {
            for file in files_below(directory) {
                let is_world = file.ends_with(".mxkeep/simulator.json");
                if !is_world && !self.written.contains(&file) {
                    let bytes = fs_err::read(&file).unwrap();
                    self.search_text(&file.display().to_string(), &String::from_utf8_lossy(&bytes));
                }
            }
        }
    }

    fn search_text(&self, place: &str, text: &str) {
        // Torn apart by a line break and a frame, it is still there.
        let joined: String = text.chars().filter(|char| !char.is_whitespace() && *char != '│').collect();
        for text in [text, &joined] {
            assert!(!text.contains(MARK), "a secret in {place}:\n{}", around(text, MARK));
            for secret in self.secrets.iter().map(String::as_str).chain([TOKEN]) {
                for spelling in [secret, secret.trim()] {
                    let spelling = BASE64_STANDARD.encode(spelling);
                    assert!(
                        !text.contains(&spelling),
                        "a secret in base64 in {place}:\n{}",
                        around(text, &spelling)
                    );
                }
            }
        }
    }

    fn world(&self) -> World {
        let world = World::new(Options {
            job_delay: std::time::Duration::ZERO,
            ready_delay: std::time::Duration::ZERO,
            ..Options::default()
        });
        world.prepare(self.path());
        world
    }
}

/// The text around a find.
fn around<'t>(text: &'t str, find: &str) -> &'t str {
    let at = text.find(find).unwrap();
    let floor = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    &text[floor(at.saturating_sub(300))..floor((at + 200).min(text.len()))]
}

/// Puts a value at a dotted path; `[]` is the first item.
fn put(body: &mut Value, path: &str, value: Value) {
    let mut place = body;
    for step in path.split('.') {
        let (name, is_list) = step.strip_suffix("[]").map_or((step, false), |name| (name, true));
        if !place.is_object() {
            *place = json!({});
        }
        place = place.as_object_mut().unwrap().entry(name).or_insert(Value::Null);
        if is_list {
            if place.is_null() {
                *place = json!([{}]);
            }
            place = &mut place[0];
        }
    }
    *place = value;
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}

/// Every call ended with this code.
fn all_exit(outputs: Vec<CommandOutput>, code: i32) -> Vec<CommandOutput> {
    outputs.into_iter().map(|output| output.exits(code)).collect()
}

#[test]
fn when_all_goes_well() {
    let cage = Cage::new();
    let world = cage.world();
    let against = |call: Mxkeep| call.against(&world);
    all_exit(cage.loudly(&["validate"], |call| call), 0);
    all_exit(cage.loudly(&["plan"], against), 0);
    all_exit(cage.loudly(&["drift"], against), 2);
    all_exit(cage.loudly(&["status"], against), 0);
    all_exit(cage.loudly(&["doctor"], against), 0);
    all_exit(cage.loudly(&["apply", "--yes"], against), 0);
    all_exit(cage.loudly(&["status"], against), 0);
    all_exit(cage.loudly(&["why", "environment/shop/live"], against), 0);
    all_exit(cage.loudly(&["why", "namespace/cage/ns", "secret"], against), 0);
    all_exit(cage.loudly(&["why", "environment/shop/live", "--offline"], |call| call), 0);
    // They did arrive.
    let live = world.get().world().to_string();
    let arrived = cage.secrets.iter().filter(|secret| {
        let text = Value::from(secret.as_str()).to_string();
        live.contains(text.trim_matches('"')) || live.contains(&BASE64_STANDARD.encode(secret))
    });
    assert_eq!(arrived.count(), cage.secrets.len(), "{live}");
    all_exit(cage.loudly(&["plan", "--exit-code"], against), 0);
    all_exit(cage.loudly(&["drift"], against), 0);
    for args in
        [["schema"].as_slice(), &["schema", "environment"], &["completions", "bash"], &["plan", "--help"]]
    {
        let output = cage.call(args).run().exits(0);
        cage.search(&output);
    }
}

#[test]
fn with_the_built_in_simulator() {
    let cage = Cage::new();
    all_exit(cage.loudly(&["plan", "--simulate"], |call| call), 0);
    all_exit(cage.loudly(&["apply", "--yes", "--simulate"], |call| call), 0);
    all_exit(cage.loudly(&["drift", "--simulate"], |call| call), 0);
    all_exit(cage.loudly(&["status", "--simulate"], |call| call), 0);
}

/// What the picture shows may itself come from outside as a secret: then it is not told, as it is or as it was.
#[test]
fn when_the_picture_itself_is_secret() {
    let mut cage = Cage::new();
    let text = fs_err::read_to_string(cage.path().join("all.yaml")).unwrap();
    let address = "\"appUrl\": \"https://shop.example\"";
    assert!(text.contains(address));
    cage.write("all.yaml", &text.replace(address, "\"appUrl\": {\"fromEnv\": \"APP_URL\"}"));
    cage.variables.insert("APP_URL".to_owned(), format!("https://{MARK}.example"));
    let world = World::quick();
    world.prepare(cage.path());
    let against = |call: Mxkeep| call.against(&world);
    all_exit(cage.loudly(&["apply", "--yes"], against), 0);
    assert!(world.get().world().to_string().contains(&format!("https://{MARK}.example")), "it did arrive");
    all_exit(cage.loudly(&["status"], against), 0);
    let environment = format!("environments/{}/{}/shoplive", id("cage app"), id("cage ns"));
    world.edit(&environment, "/deployment/appUrl", Value::from(format!("https://other.{MARK}.example")));
    for output in all_exit(cage.loudly(&["status"], against), 0) {
        assert!(output.stdout.contains("drifted"), "{output}");
    }
}

/// Variables that are not set; live values that nobody declares; other values live than declared.
#[test]
fn when_live_secrets_differ() {
    let mut cage = Cage::new();
    let world = cage.world();
    let apply = || all_exit(cage.loudly(&["apply", "--yes"], |call| call.against(&world)), 0);
    apply();
    for command in [["plan"].as_slice(), &["drift"], &["apply", "--yes"]] {
        let unset = cage.bare(&[command, &["-v", "-v"]].concat()).against(&world).run();
        cage.search(&unset);
    }
    let environment = format!("environments/{}/{}/shoplive", id("cage app"), id("cage ns"));
    let live = |text: &str| Value::from(format!("{MARK}live{text}"));
    let constants = json!([{"name": "Main.Key", "value": live("a")}, {"name": "Main.Open", "value": "open"}]);
    world.edit(&environment, "/deployment/constants", constants);
    let variables = json!([{"name": "API_KEY", "value": live("b")}]);
    world.edit(&environment, "/runtime/environmentVariables", variables);
    let secret = BASE64_STANDARD.encode(format!("{MARK}livec"));
    world.edit(&format!("namespaces/{}", id("cage ns")), "/secret", Value::from(secret.clone()));
    let certificate =
        json!([{"key": secret, "password": secret, "certificateType": "Client", "enabled": true}]);
    world.edit(&environment, "/network/outgoingConnectionCertificate", certificate);
    cage.secrets.push(format!("{MARK}livec"));
    all_exit(cage.loudly(&["status"], |call| call.against(&world)), 0);
    for command in [["plan"].as_slice(), &["drift"]] {
        let outputs = cage.loudly(command, |call| call.against(&world));
        for output in outputs {
            assert!(output.stdout.contains("Main.Key"), "{output}");
        }
    }
    all_exit(cage.loudly(&["apply", "--yes"], |call| call.against(&world)), 0);
}

/// Jobs that repeat what they were sent: plain, in base64, as JSON, and the token.
#[test]
fn when_a_job_repeats_a_secret() {
    let cage = Cage::new();
    let mut texts: Vec<String> = Vec::new();
    for secret in &cage.secrets {
        // The grammar of faults ends a message at a comma.
        assert!(!secret.contains(','));
        texts.push(format!("bad value >{secret}< {}", BASE64_STANDARD.encode(secret)));
        texts.push(format!("bad value {}", Value::from(secret.as_str())));
        // Cut in the middle of the secret, where messages of servers are cut.
        texts.push(format!("{} {secret}", "x".repeat(492)));
        texts.push(format!("{} {}", "x".repeat(492), BASE64_STANDARD.encode(secret)));
    }
    let world = cage.world();
    // One world for all: a job that fails changes nothing.
    for text in texts {
        world.faults(&[&format!("job-fails={text}")]);
        let output = cage.call(&["apply", "--yes", "-v", "-v"]).against(&world).run().exits(4);
        cage.search(&output);
        let text: String = output.stderr.chars().filter(|char| !char.is_whitespace()).collect();
        assert!(text.contains("badvalue") || text.contains("xxx"), "{output}");
    }
    world.faults(&[]);
    all_exit(cage.loudly(&["apply", "--yes"], |call| call.against(&world)), 0);
}

/// The doctor tells of the way, and not of what opens it.
#[test]
fn when_the_way_itself_holds_secrets() {
    let mut cage = Cage::new();
    cage.secrets.push(format!("{MARK}proxy"));
    let proxy = format!("http://{MARK}user:{MARK}proxy@127.0.0.1:1");
    for (name, value) in [
        ("HTTPS_PROXY", proxy.clone()),
        ("https_proxy", proxy.replace("http://", "")),
        ("ALL_PROXY", proxy.clone()),
    ] {
        let set = |call: Mxkeep| call.env(name, &value).env("MXKEEP_TOKEN", TOKEN);
        // Nobody listens there, so that nothing leaves this machine.
        all_exit(cage.loudly(&["doctor"], set), 10);
    }
    let token = format!("{MARK} two words");
    all_exit(cage.loudly(&["doctor"], |call| call.env("MXKEEP_TOKEN", &token)), 7);
    let url = format!("https://{MARK}:{MARK}@127.0.0.1:1/api/v4?key={MARK}");
    let outputs =
        cage.loudly(&["doctor"], |call| call.env("MXKEEP_API_URL", &url).env("MXKEEP_TOKEN", TOKEN));
    assert_ne!(outputs[0].code, 0, "{}", outputs[0]);
}

/// A server that repeats everything that it gets, in errors and jobs.
#[test]
fn when_a_server_repeats_everything() {
    let cage = Cage::new();
    for status in
        ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "409 Conflict", "500 Oops", "429 Slow"]
    {
        for wrap in [true, false] {
            let server = Stub::new(move |request| repeat(request, status, wrap));
            let set = |call: Mxkeep| call.env("MXKEEP_API_URL", &server.url()).env("MXKEEP_TOKEN", TOKEN);
            cage.loudly(&["status"], set);
            cage.loudly(&["doctor"], set);
            let outputs = cage.loudly(&["apply", "--yes"], set);
            assert!(outputs.iter().all(|output| [4, 7, 10].contains(&output.code)), "{}", outputs[0]);
            assert!(server.requests().iter().any(|request| request.body.contains(MARK)), "secrets were sent");
        }
    }
}

/// Nothing exists; a write is answered with itself, as text or as its parts.
fn repeat(request: &Request, status: &str, whole: bool) -> String {
    const JSON: &str = "Content-Type: application/json\r\n";
    let error = |text: &str| json!({"error": {"code": 1, "message": text}}).to_string();
    if request.line.starts_with("GET ") {
        return match request.line.contains("clusters?") {
            true => answer("200 OK", JSON, r#"{"clusters":[]}"#),
            false if request.line.contains("apps/") && request.line.contains("environments?") => {
                answer("200 OK", JSON, r#"{"environments":[]}"#)
            }
            false => answer("404 Not Found", JSON, &error("no such thing")),
        };
    }
    let all = format!("{} {}", request.body, request.headers.join(" "));
    if whole {
        return answer(status, JSON, &error(&format!("cannot read {TOKEN} in {all}")));
    }
    let body: Value = serde_json::from_str(&request.body).unwrap();
    let mut params = Vec::new();
    strings(&body, &mut |text| {
        params.push(json!({"name": text, "reason": format!("{text} is bad, {TOKEN}")}));
    });
    answer(status, JSON, &json!({"error": {"message": "bad", "invalid-params": params}}).to_string())
}

fn strings(value: &Value, hear: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => hear(text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, hear)),
        Value::Object(fields) => fields.values().for_each(|field| strings(field, hear)),
        _ => {}
    }
}

#[test]
fn when_a_job_repeats_the_token() {
    let cage = Cage::new();
    let server = Stub::new(|request| {
        const JSON: &str = "Content-Type: application/json\r\n";
        let job = |status: &str| {
            let error = json!({"message": format!("who is {TOKEN}?")});
            json!({"id": "job-1", "status": status, "details": TOKEN, "error": error}).to_string()
        };
        match request.line.split(' ').collect::<Vec<_>>()[..] {
            ["GET", path, _] if path.contains("/jobs/") => answer("200 OK", JSON, &job("failed")),
            ["GET", ..] => repeat(request, "400 Bad Request", true),
            _ => answer("202 Accepted", JSON, &job("created")),
        }
    });
    let set = |call: Mxkeep| call.env("MXKEEP_API_URL", &server.url()).env("MXKEEP_TOKEN", TOKEN);
    let outputs = all_exit(cage.loudly(&["apply", "--yes"], set), 4);
    assert!(outputs[0].stderr.contains("who is "), "{}", outputs[0]);
}

/// Faults on the way, with canaries in flight.
#[test]
fn when_requests_get_lost() {
    let cage = Cage::new();
    for fault in [
        "html,method=POST",
        "drop-after,method=POST",
        "truncate,method=POST",
        "500,method=POST",
        "env-fails",
        "job-hangs",
    ] {
        let world = cage.world();
        world.faults(&[fault]);
        let output = cage.call(&["apply", "--yes", "-v", "-v", "--format", "json"]).against(&world).run();
        cage.search(&output);
    }
}

/// Fields that are not what was sent: the messages name fields, not values.
#[test]
fn when_fields_do_not_arrive() {
    let cage = Cage::new();
    for field in ["/deployment/constants", "/runtime/environmentVariables", "/network", "/annotations"] {
        let world = cage.world();
        world.faults(&[&format!("drop-field={field},path=/apps/*")]);
        let outputs = cage.loudly(&["apply", "--yes"], |call| call.against(&world));
        assert!(outputs[0].stderr.contains("declared value"), "{}", outputs[0]);
    }
}

/// Files that are wrong near a secret that stands in them, which excerpts must not show.
#[test]
fn when_files_are_wrong_near_a_literal() {
    let literal = BASE64_STANDARD.encode(format!("{MARK}literal"));
    let head = "environment:\n  id: shoplive\n  app: shop\n  properties: {name: live}\n";
    let provider = "  provider: {cluster: cage, namespace: ns}\n";
    let wrong = [
        // Literals that are not allowed, in several spellings.
        format!("{head}{provider}  runtime:\n    mxAdminPassword: {literal}\n"),
        format!("{head}{provider}  runtime: {{mxAdminPassword: \"{literal}\", debuggerPassword: '{MARK}plain'}}\n"),
        format!("{head}{provider}  runtime:\n    mxAdminPassword: |\n      {MARK}\n      {literal}\n    debuggerPassword: {MARK}\n"),
        format!("{head}{provider}  network:\n    outgoingConnectionCertificate:\n      - {{key: {literal}, password: {MARK}, enabld: true}}\n"),
        // Broken YAML around one.
        format!("{head}{provider}  runtime:\n    mxAdminPassword: {literal}\n   bad: [\n"),
        format!("{head}{provider}  runtime: {{mxAdminPassword: {literal}\n"),
        format!("{head}{provider}  runtime:\n    mxAdminPassword: \"{MARK}\n"),
        format!("{head}{provider}  runtime:\n\tmxAdminPassword: {literal}\n"),
        // Misspelt keys, wrong shapes.
        format!("{head}{provider}  runtime:\n    mxAdminPasword: {literal}\n"),
        format!("{head}{provider}  runtime:\n    mxAdminPassword: [{literal}, {MARK}]\n"),
        format!("{head}{provider}  runtime:\n    mxAdminPassword: {{value: {literal}, fromEnv: {MARK}}}\n    nonsense: 1\n").replace(&format!("fromEnv: {MARK}"), "fromEnv: NAME"),
        // A value from outside that is not what the field takes.
        format!("{head}{provider}  runtime:\n    mxAdminPassword: {{fromEnv: SECRET_0, encoding: base64}}\n"),
        format!("{head}{provider}  deployment:\n    appUrl: {{fromEnv: SECRET_0}}\n"),
    ];
    for allow in ["", "allowLiteralSecrets: true\n"] {
        for text in &wrong {
            let mut cage = Cage::new();
            cage.write("mxkeep.yaml", &format!("estate: cage\n{allow}"));
            let all = fs_err::read_to_string(cage.path().join("all.yaml")).unwrap();
            let rest: Vec<_> =
                all.split("---\n").filter(|document| !document.contains("\"environment\"")).collect();
            cage.write("all.yaml", &rest.join("---\n"));
            cage.write("wrong.yaml", text);
            cage.secrets.push(format!("{MARK}literal"));
            let outputs = cage.loudly(&["validate"], |call| call);
            assert!(outputs[0].stderr.contains("wrong.yaml"), "{text}\n{}", outputs[0]);
            let world = World::quick();
            for command in [["plan"].as_slice(), &["apply", "--yes"], &["drift"]] {
                cage.loudly(command, |call| call.against(&world));
            }
        }
    }
}

/// Literals that are allowed stay hidden as well, and an excerpt next to one leaves it out.
#[test]
fn when_literals_are_allowed() {
    let mut cage = Cage::new();
    let literal = BASE64_STANDARD.encode(format!("{MARK}literal"));
    cage.secrets.push(format!("{MARK}literal"));
    cage.write("mxkeep.yaml", "estate: cage\nallowLiteralSecrets: true\n");
    let text = format!(
        "cluster: {{clusterId: {}, name: cage, clusterType: eks}}
---
namespace:
  secret: {literal}
  namespaceId: {}
  cluster: cage
  name: ns
---
app: {{appId: {}, name: shop}}
---
environment:
  runtime: {{mxAdminPassword: {literal}, debuggerPassword: \"{literal}\"}}
  id: shoplive
  app: shop
  properties: {{name: live, production: true}}
  provider: {{cluster: cage, namespace: ns}}
  deployment: {{appUrl: \"https://shop.example\", packageId: {}}}
  network:
    outgoingConnectionCertificate:
      - key: >-
          {literal}
        password: {literal}
        certificateType: Client
        enabled: true
  container: {{size: S, instances: 2}}
  services: {{db: {{plan: OnDemand, config: '{{type: \"database\"}}'}}, fs: {{plan: OnDemand, config: '{{type: \"storage\"}}'}}}}
",
        id("cage cluster"),
        id("cage ns"),
        id("cage app"),
        id("cage package")
    );
    cage.write("all.yaml", &text);
    all_exit(cage.loudly(&["validate"], |call| call), 0);
    for fault in [
        format!("job-fails=no {literal} {MARK}literal"),
        "job-fails=plain,path=/apps/*".to_owned(),
        "env-fails".to_owned(),
        "drop-field=/network,path=/apps/*".to_owned(),
        "drop-field=/container/instances,path=/apps/*".to_owned(),
        "latency=1ms".to_owned(),
    ] {
        let world = cage.world();
        world.faults(&[&fault]);
        for command in [["plan"].as_slice(), &["apply", "--yes"], &["drift"]] {
            cage.loudly(command, |call| call.against(&world));
        }
    }
}

/// A text that goes from a list which nobody declares any more may have been a secret: the plan itself says so, before any
/// renderer looks at it.
#[test]
fn what_goes_from_a_list_that_may_hold_secrets_is_marked() {
    let (world, pair) = (World::quick(), Pair::new());
    world.prepare(pair.path());
    let environment = "  runtime:\n    customRuntimeSettings: {}\n    environmentVariables: {}\n";
    let file = pair.path().join("one.yaml");
    let text = fs_err::read_to_string(&file).unwrap();
    fs_err::write(&file, format!("{text}{environment}")).unwrap();
    let desired = load_valid(pair.path());
    let (outcome, _) = world.apply(&desired, &world.plan(&desired));
    assert_eq!(outcome.count(ActionOutcome::Done), outcome.actions.len(), "{outcome:#?}");
    let place = format!("environments/{}/{}/envone", pair::app("one"), pair::namespace("one"));
    let items = json!([{"name": "GONE", "value": "by hand"}]);
    for list in ["customRuntimeSettings", "environmentVariables"] {
        world.edit(&place, &format!("/runtime/{list}"), items.clone());
    }
    let plan = world.plan(&desired);
    let changes: Vec<_> = plan.actions.iter().flat_map(mxkeep::plan::Action::changes).collect();
    assert_eq!(changes.len(), 2, "{changes:#?}");
    for change in changes {
        assert!(change.sensitive && matches!(change.after, After::Remove), "{change:#?}");
    }
}
