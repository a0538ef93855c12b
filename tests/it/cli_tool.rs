//! `mxkeep cli`: versions in their order, a file that is whole or not there, and a token that stays at home.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::stub::{Stub, answer, dead_port};
use crate::support::{CommandOutput, Mxkeep, World, estate, example};

fn run(directory: &Path, url: &str, args: &[&str]) -> CommandOutput {
    let args = [&["cli"], args].concat();
    Mxkeep::new(args).dir(directory).env("MXKEEP_API_URL", url).env("MXKEEP_TOKEN", "canary-4711").run()
}

fn download(directory: &Path, url: &str, further: &[&str]) -> CommandOutput {
    run(directory, url, &[&["download", "--os", "linux", "--arch", "x86"], further].concat())
}

/// The names of what lies in a directory.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs_err::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn versions_are_listed_for_people_and_for_scripts() {
    let (world, nowhere) = (World::quick(), tempfile::tempdir().unwrap());
    let args = ["cli", "list"];
    let text = Mxkeep::new(args).dir(nowhere.path()).against(&world).run().exits(0);
    insta::assert_snapshot!(text.stdout, @r"
    VERSION  OPERATOR  SYSTEMS                ARCHITECTURES
    2.25.0   2.25.0    windows, linux, macos  x86, arm
    2.24.1   2.24.1    windows, linux, macos  x86, arm
    2.10.0   2.10.0    windows, linux, macos  x86, arm
    1.9.0    1.9.0     windows, linux, macos  x86
    ");
    let list =
        Mxkeep::new(["cli", "list", "--format", "json"]).dir(nowhere.path()).against(&world).run().exits(0);
    let schema = Mxkeep::new(["schema", "mxkeep.cli/1"]).run().exits(0).json();
    assert!(jsonschema::is_valid(&schema, &list.json()), "{list}");
    assert_eq!(list.json()["versions"][3]["architectures"], json!(["x86"]));
    // No estate is needed, and none is made.
    assert_eq!(names(nowhere.path()), [""; 0]);
    let _ = Mxkeep::new(args).dir(nowhere.path()).env("MXKEEP_API_URL", &world.url()).run().exits(7);
}

/// An API with these versions, whose files lie on `cdn`.
fn api(versions: &'static [&'static str], cdn: String) -> Stub {
    Stub::new(move |request| {
        let list: Vec<Value> = versions
            .iter()
            .map(|it| json!({"cliVersion": it, "availableOperatingSystems": "linux, windows", "availableArchitectures": "x86"}))
            .collect();
        match request.line.split(' ').next() {
            Some("POST") => answer("303 See Other", &format!("Location: {cdn}\r\n"), ""),
            _ => answer(
                "200 OK",
                "Content-Type: application/json\r\n",
                &json!({"cliVersionList": list}).to_string(),
            ),
        }
    })
}

fn cdn(whole: &'static str) -> Stub {
    Stub::new(move |_| whole.to_owned())
}

fn at(stub: &Stub) -> String {
    stub.url().replace("/api/v4", "/files/mxpc-cli-9.tar.gz?signature=canary-4712")
}

const WHOLE: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\n#!/bin/sh";

#[test]
fn the_newest_is_fetched_and_the_token_stays_at_home() {
    let (nowhere, files) = (tempfile::tempdir().unwrap(), cdn(WHOLE));
    let api = api(&["2.9.1", "2.10.0", "1.11.0"], at(&files));
    let output = download(nowhere.path(), &api.url(), &[]).exits(0);
    assert_eq!(output.stdout, "mxpc-cli\n");
    let file = nowhere.path().join("mxpc-cli");
    assert_eq!(fs_err::read_to_string(&file).unwrap(), "#!/bin/sh");
    assert_eq!(fs_err::metadata(&file).unwrap().permissions().mode() & 0o111, 0o111);
    let asked: Vec<_> = api.requests().iter().map(|it| it.line.clone()).collect();
    assert_eq!(
        asked,
        ["GET /api/v4/cli HTTP/1.1", "POST /api/v4/cli/2.10.0?os=linux&architecture=x86 HTTP/1.1"]
    );
    let [request] = &files.requests()[..] else { panic!("{:?}", files.requests()) };
    assert!(!format!("{request:?}").contains("4711"), "{request:?}");
    assert!(!output.to_string().contains("canary"), "{output}");
    assert_eq!(names(nowhere.path()), ["mxpc-cli"]);

    // What is there is not overwritten by accident.
    let before = api.requests().len();
    let _ = download(nowhere.path(), &api.url(), &["--output", "mxpc-cli"]).exits(5).says(&["pass --force"]);
    assert_eq!(api.requests().len(), before, "nothing is asked for in vain");
    let _ = download(nowhere.path(), &api.url(), &[]).exits(5);
    let _ = download(nowhere.path(), &api.url(), &["--force", "--version", "2.9.1"]).exits(0);
    let _ = download(nowhere.path(), &api.url(), &["-o", "tools"]).exits(0);
    assert_eq!(names(nowhere.path()), ["mxpc-cli", "tools"]);
}

#[test]
fn an_archive_is_told_from_a_program() {
    let nowhere = tempfile::tempdir().unwrap();
    // What a stub sends is text; a zip begins with one.
    let files = cdn("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 7\r\n\r\nPK\u{3}\u{4}zip");
    let api = api(&["2.25.0"], at(&files));
    let output = download(nowhere.path(), &api.url(), &[]).exits(0).says(&["unpack it"]);
    assert_eq!(output.stdout, "mxpc-cli-9.tar.gz\n");
    let mode = fs_err::metadata(nowhere.path().join("mxpc-cli-9.tar.gz")).unwrap().permissions().mode();
    assert_eq!(mode & 0o111, 0);
}

#[test]
fn what_does_not_arrive_whole_leaves_nothing_behind() {
    let closing = |body: &str| format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{body}");
    for (sent, said) in [
        (closing("Content-Length: 1000\r\n\r\n#!/bin/sh"), "ended after 9 bytes of 1000"),
        (closing("Content-Length: 1000\r\n\r\n"), "ended after 0 bytes of 1000"),
        (closing("Transfer-Encoding: chunked\r\n\r\n9\r\n#!/bin/sh\r\n"), "ended after 9 bytes"),
        (closing("\r\n#!/bin/sh"), "does not say how long it is"),
        (closing("Content-Type: text/html\r\nContent-Length: 5\r\n\r\nlogin"), "a web page"),
        ("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_owned(), "status 403"),
        (
            "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: http://cdn.example/x\r\nContent-Length: 0\r\n\r\n".to_owned(),
            "not secure",
        ),
    ] {
        let nowhere = tempfile::tempdir().unwrap();
        let files = Stub::new(move |_| sent.clone());
        let api = api(&["2.25.0"], at(&files));
        let output = download(nowhere.path(), &api.url(), &[]).exits(10).says(&[said]);
        assert!(!output.to_string().contains("canary"), "{output}");
        assert_eq!(names(nowhere.path()), [""; 0], "{said}");
        fs_err::write(nowhere.path().join("mxpc-cli"), "old").unwrap();
        let _ = download(nowhere.path(), &api.url(), &["--force"]).exits(10);
        assert_eq!(fs_err::read_to_string(nowhere.path().join("mxpc-cli")).unwrap(), "old");
    }
}

#[test]
fn a_file_is_not_fetched_from_a_place_that_is_not_secure() {
    let nowhere = tempfile::tempdir().unwrap();
    let insecure = api(&["2.25.0"], "http://cdn.example/mxpc-cli?signature=canary".to_owned());
    let _ = download(nowhere.path(), &insecure.url(), &[])
        .exits(10)
        .says(&["`http://cdn.example/mxpc-cli` is not secure"]);
    let dead = api(&["2.25.0"], format!("http://127.0.0.1:{}/mxpc-cli", dead_port()));
    let _ = download(nowhere.path(), &dead.url(), &[]).exits(10).says(&["cannot fetch"]);
    let silent = Stub::new(|request| match request.line.starts_with("POST") {
        true => answer("303 See Other", "", ""),
        false => answer(
            "200 OK",
            "Content-Type: application/json\r\n",
            r#"{"cliVersionList": [{"cliVersion": "1.0.0"}]}"#,
        ),
    });
    let _ =
        download(nowhere.path(), &silent.url(), &[]).exits(10).says(&["does not say where the file lies"]);
}

#[test]
fn what_does_not_exist_is_said_with_what_does() {
    let nowhere = tempfile::tempdir().unwrap();
    let api = api(&["2.25.0", "2.24.1"], "https://cdn.example/x".to_owned());
    for (args, said) in [
        (
            &["download", "--version", "3.0.0", "--os", "linux", "--arch", "x86"][..],
            "there is 2.25.0, 2.24.1",
        ),
        (&["download", "--os", "macos", "--arch", "x86"], "pass --os: linux, windows"),
        (&["download", "--os", "linux", "--arch", "arm"], "pass --arch: x86"),
        (&["download", "--os", "beos"], "invalid value 'beos'"),
        (&["download", "--os", "linux", "--arch", "x86", "--output", ".."], "exists already"),
    ] {
        let code = if said == "exists already" { 5 } else { 64 };
        let _ = run(nowhere.path(), &api.url(), args).exits(code).says(&[said]);
    }
    assert!(api.requests().iter().all(|it| it.line.starts_with("GET")));
}

#[test]
fn the_command_is_for_scripts_and_gives_no_secret_away() {
    let nowhere = tempfile::tempdir().unwrap();
    let shop = example("quickstart");
    let output = Mxkeep::new(["cli", "command", "namespace/demo/shop-test"]).dir(shop.path()).run().exits(0);
    assert!(output.stdout.starts_with("mxpc-cli installer -n shop-test -i "), "{output}");
    assert!(output.stdout.ends_with(" -s \"$NAMESPACE_SECRET\"\n"), "no variable is named for it: {output}");
    assert!(output.stderr.is_empty(), "{output}");
    let wrong = Mxkeep::new(["cli", "command", "namespace/demo/shop-tst"]).dir(shop.path()).run().exits(64);
    let _ = wrong.says(&["did you mean `namespace/demo/shop-test`?"]);
    let _ = Mxkeep::new(["cli", "command", "namespace/a/b"]).dir(nowhere.path()).run().exits(9);

    let global = estate(&[(
        "mxkeep.yaml",
        "estate: acme
---
cluster: {clusterId: 085a0e34-69ec-4c61-9c7d-5cd42554f9f2, name: eu, clusterType: eks, operatorType: global_operator}
---
namespace: {namespaceId: 80a5f23d-8b2a-5233-b614-07348d4d7a23, cluster: eu, name: main, namespaceType: main, secret: {fromEnv: MAIN_SECRET}}
",
    )]);
    let output = Mxkeep::new(["cli", "command", "namespace/eu/main"]).dir(global.path()).run().exits(0);
    let command =
        "mxpc-cli installer --global -n main -i 80a5f23d-8b2a-5233-b614-07348d4d7a23 -s \"$MAIN_SECRET\"\n";
    assert_eq!(output.stdout, command);
}
