//! Bad days: every message names the thing and the next step, every exit code is the one of the contract, and the
//! token is nowhere.

use std::path::Path;

use crate::support::pair::Pair;
use crate::support::stub::{Request, Stub, answer, dead_port};
use crate::support::{CommandOutput, Mxkeep, World, edit, estate, example};

/// A token that no message may show.
const TOKEN: &str = "cnryToken4711";

/// The part of an estate that talks to the API.
fn small() -> tempfile::TempDir {
    estate(&[
        ("mxkeep.yaml", "estate: small\n"),
        (
            "land.yaml",
            "cluster: {clusterId: 085a0e34-69ec-4c61-9c7d-5cd42554f9f2, name: prod, clusterType: eks}\n",
        ),
    ])
}

/// A plan of a small estate with this API and the token.
fn plan(directory: &Path, url: &str) -> Mxkeep {
    Mxkeep::new(["plan"]).dir(directory).env("MXKEEP_API_URL", url).env("MXKEEP_TOKEN", TOKEN)
}

/// Ends with this code, says these things, gives no result, and does not show the token.
fn refuses(output: CommandOutput, code: i32, says: &[&str]) {
    let output = output.exits(code).says(says);
    assert_eq!(output.stdout, "", "{output}");
    assert!(!output.stderr.contains(TOKEN), "{output}");
    assert!(!output.stderr.contains("report it"), "no fault of mxkeep: {output}");
}

#[test]
fn no_token() {
    for command in [["plan", "."], ["drift", "."], ["apply", "--yes"]] {
        let world = World::quick();
        let output =
            Mxkeep::new(command).dir(small().path()).env("MXKEEP_API_URL", &world.url()).run().exits(7);
        insta::allow_duplicates! {
            insta::assert_snapshot!(output.stderr.replace(&world.url(), "URL"), @r#"
    error: no token to send with GET URL/clusters?offset=0&limit=100
    help: set MXKEEP_TOKEN, or pass --token-file FILE; --simulate needs none
    "#);
        }
        assert_eq!(output.stdout, "");
        assert!(world.take_requests().is_empty(), "nothing is sent without a token");
    }
}

#[test]
fn a_rejected_token() {
    let body = format!(r#"{{"error":{{"code":401,"message":"token {TOKEN} is revoked"}}}}"#);
    let server = Stub::new(move |_| answer("401 Unauthorized", "Content-Type: application/json\r\n", &body));
    let output = plan(small().path(), &server.url()).run();
    assert_eq!(server.requests().len(), 1, "not repeated: {output}");
    refuses(output, 7, &["the API rejected the token", "[token] is revoked", "help: check MXKEEP_TOKEN"]);
}

#[test]
fn an_unknown_token() {
    let output = plan(small().path(), &World::quick().url()).run();
    refuses(
        output,
        7,
        &[
            "(403: Forbidden: The token is not accepted)",
            "help: the token needs the scope `mx:deployment:read`",
        ],
    );
}

#[test]
fn a_token_that_only_reads_changes_nothing_and_starts_nothing_more() {
    let (world, pair) = (World::quick(), Pair::new());
    world.prepare(pair.path());
    let apply = |token: &str| {
        let args = ["apply", pair.arg(), "--yes", "--concurrency", "1", "--format", "json"];
        Mxkeep::new(args).against(&world).env("MXKEEP_TOKEN", token).run()
    };
    let _ = apply("simulator").exits(0);
    pair.declare("12");
    let before = world.get().world();
    world.get().clear_requests();

    let output = apply("simulator-read").exits(7);
    let outcomes = output.outcomes();
    let count = |wanted: &str| outcomes.values().filter(|outcome| *outcome == wanted).count();
    assert_eq!((count("failed"), count("not-started")), (1, 3), "{output}");
    let requests = world.take_requests();
    assert_eq!(requests.iter().filter(|request| !request.starts_with("GET ")).count(), 1, "{requests:#?}");
    let unchanged = world.get().world();
    assert_eq!(before["clusters"], unchanged["clusters"]);
    assert_eq!(before["environments"], unchanged["environments"]);
    let _ = output.says(&[
        "(403: Forbidden: The token does not have the required level of access",
        "`mx:deployment:write`",
    ]);
}

#[test]
fn nobody_listens() {
    let port = dead_port();
    let output = plan(small().path(), &format!("http://127.0.0.1:{port}/api/v4")).run();
    let reached = format!("cannot reach 127.0.0.1:{port} (Connection refused");
    refuses(output, 10, &[&reached, "help: check that the API runs there"]);
}

#[test]
fn a_name_that_nobody_knows() {
    let output = plan(small().path(), "https://api.acme.invalid/api/v4").run();
    refuses(output, 10, &["cannot reach api.acme.invalid", "help: check the host name of the API"]);
}

#[test]
fn a_login_page_in_place_of_the_api() {
    let world = World::quick();
    world.faults(&["html"]);
    let output = plan(small().path(), &world.url()).env("MXKEEP_TOKEN", "simulator").run();
    refuses(
        output,
        10,
        &["is not the Mendix API", "answered 200 with text/html", "help: is the base URL right?"],
    );
    assert_eq!(world.take_requests().len(), 1);
}

#[test]
fn a_wrong_base_url() {
    let server =
        Stub::new(|_| answer("404 Not Found", "Content-Type: text/html\r\n", "<html>nothing here</html>"));
    let output = plan(small().path(), &server.url()).run();
    let url = format!("GET {}/clusters?offset=0&limit=100 answered 404 with text/html", server.url());
    refuses(
        output,
        10,
        &["is not the Mendix API", &url, "help: is the base URL right? it ends in `/api/v4`"],
    );
}

#[test]
fn the_path_of_the_base_url_is_missing() {
    let world = World::quick();
    let output = plan(small().path(), &world.get().origin()).env("MXKEEP_TOKEN", "simulator").run();
    let output = output.exits(10);
    assert!(output.stderr.contains("/clusters?offset=0"), "{output}");
    refuses(output, 10, &["help:"]);
}

#[test]
fn tls_to_a_port_without_tls() {
    let world = World::quick();
    let url = world.url().replace("http://", "https://");
    let output = plan(small().path(), &url).run();
    refuses(
        output,
        10,
        &["no secure connection to 127.0.0.1", "help: if a firewall inspects TLS", "MXKEEP_CA_FILE"],
    );
    assert!(world.take_requests().is_empty());
}

#[test]
fn a_file_of_certificates_that_is_none() {
    let directory = small();
    fs_err::write(directory.path().join("ca.pem"), "no certificate").unwrap();
    for file in ["ca.pem", "missing.pem"] {
        let call = plan(directory.path(), "https://127.0.0.1:1/api/v4").env("MXKEEP_CA_FILE", file);
        refuses(
            call.run(),
            64,
            &["cannot use the certificates in", file, "help: MXKEEP_CA_FILE has to name a PEM file"],
        );
    }
}

#[test]
fn a_dead_proxy() {
    let proxy = format!("http://user:{TOKEN}@127.0.0.1:{}", dead_port());
    let output = plan(small().path(), "https://api.acme.invalid/api/v4").env("HTTPS_PROXY", &proxy).run();
    refuses(output, 10, &["the proxy gives no connection to api.acme.invalid", "help: check HTTPS_PROXY"]);
}

#[test]
fn a_proxy_that_is_no_url() {
    let directory = small();
    let call = plan(directory.path(), "https://api.acme.invalid/api/v4").env("HTTPS_PROXY", "http://[::bad");
    let output = call.run();
    assert!([10, 64].contains(&output.code), "{output}");
    let code = output.code;
    refuses(output, code, &["help:"]);
}

#[test]
fn plain_http_leaves_no_machine() {
    let output = plan(small().path(), "http://api.acme.example/api/v4").run();
    refuses(output, 64, &["`http://api.acme.example/api/v4` is not secure", "help: use https"]);
}

#[test]
fn credentials_in_the_url_are_not_shown() {
    let output = plan(small().path(), &format!("https://me:{TOKEN}@api.acme.example/api/v4")).run();
    refuses(output, 64, &["it holds a user name or password"]);
}

#[test]
fn what_is_no_url() {
    refuses(
        plan(small().path(), "api.acme.example").run(),
        64,
        &["`api.acme.example` is not a URL", "help:"],
    );
}

#[test]
fn a_host_that_only_the_estate_names_gets_no_token() {
    let directory = small();
    let server = Stub::new(|_| answer("200 OK", "", "{}"));
    let text = "estate: small\napi:\n  privateCloud: https://api.evil.example/api/v4\n";
    fs_err::write(directory.path().join("mxkeep.yaml"), text).unwrap();
    let call = Mxkeep::new(["plan"]).dir(directory.path()).env("MXKEEP_TOKEN", TOKEN);
    let output = call.run();
    insta::assert_snapshot!(output.stderr, @r#"
    EST-101

      × the estate names `api.evil.example` as its API, and the token is not sent to hosts that only
      │ the estate names
       ╭─[mxkeep.yaml:3:17]
     2 │ api:
     3 │   privateCloud: https://api.evil.example/api/v4
       ·                 ───────────────────────────────
       ╰────
      help: if it is right, set MXKEEP_ALLOW_HOSTS=api.evil.example, or pass --api-url

    error: the estate is invalid: 1 error
    "#);
    refuses(output, 9, &["EST-101"]);
    // Named outside the estate, a host may have it, whatever the estate says.
    let _ = plan(directory.path(), &server.url()).run();
    assert!(!server.requests().is_empty());
}

#[test]
fn a_host_of_the_estate_that_was_allowed_outside() {
    let directory = small();
    let text = "estate: small\napi: {privateCloud: \"https://api.acme.invalid/api/v4\"}\n";
    fs_err::write(directory.path().join("mxkeep.yaml"), text).unwrap();
    let call = Mxkeep::new(["plan"]).dir(directory.path()).env("MXKEEP_TOKEN", TOKEN);
    let call = call.env("MXKEEP_ALLOW_HOSTS", "other.example, API.acme.invalid");
    refuses(call.run(), 10, &["cannot reach api.acme.invalid"]);
}

#[test]
fn a_redirect_is_not_followed() {
    let other = Stub::new(|_| answer("200 OK", "Content-Type: application/json\r\n", r#"{"clusters":[]}"#));
    let location = format!("Location: {}/clusters?token={TOKEN}\r\n", other.url());
    let server = Stub::new(move |_| answer("302 Found", &location, ""));
    let output = plan(small().path(), &server.url()).run();
    let target = other.url().replace("/api/v4", "");
    refuses(output, 10, &[&format!("was redirected (302) to {target}"), "the token would travel along"]);
    assert_eq!((server.requests().len(), other.requests().len()), (1, 0));
}

#[test]
fn files_of_tokens() {
    let directory = small();
    let world = World::quick();
    let file = directory.path().join("token.txt");
    let run = || {
        let args = ["plan", "--token-file", "token.txt"];
        Mxkeep::new(args).dir(directory.path()).env("MXKEEP_API_URL", &world.url()).run()
    };
    insta::assert_snapshot!(run().stderr, @r"
    error: cannot read the token from `token.txt`: No such file or directory (os error 2)
    help: --token-file has to name a file that holds the token alone
    ");
    refuses(run(), 7, &["cannot read the token"]);
    for (bytes, says) in [
        (b"".as_slice(), "the token is empty"),
        (b"\n", "the token is empty"),
        (b"cnryToken4711\nsecond line", "a blank, a line break"),
        (b"cnryToken4711\xff", "cannot read the token from `token.txt`"),
    ] {
        fs_err::write(&file, bytes).unwrap();
        refuses(run(), 7, &[says, "help:"]);
    }
    for text in ["simulator", "simulator\n", "simulator\r\n", "  simulator  \n", "MxToken simulator\n"] {
        fs_err::write(&file, text).unwrap();
        let _ = run().exits(0);
    }
}

#[test]
fn the_token_goes_out_in_its_header_and_nowhere_else() {
    let server = Stub::new(|_| answer("200 OK", "Content-Type: application/json\r\n", r#"{"clusters":[]}"#));
    let _ = plan(small().path(), &server.url()).run();
    for Request { line, headers, body } in server.requests() {
        assert!(!line.contains(TOKEN) && !body.contains(TOKEN), "{line}");
        let with: Vec<_> = headers.iter().filter(|header| header.contains(&TOKEN.to_lowercase())).collect();
        assert_eq!(with, [&format!("authorization: mxtoken {}", TOKEN.to_lowercase())], "{line}");
    }
}

/// With nobody to ask, nothing is done without `--yes`.
#[test]
fn nobody_to_ask() {
    let (world, estate) = (World::quick(), example("quickstart"));
    world.prepare(estate.path());
    let output = Mxkeep::new(["apply", "-q"]).dir(estate.path()).against(&world).run();
    insta::assert_snapshot!(output.stderr, @r#"
    error: 7 actions to run, and nobody to ask
    help: pass --yes to apply without asking
    "#);
    refuses(output, 5, &[]);
    assert!(world.take_requests().iter().all(|request| request.starts_with("GET ")));
}

/// A reference to what is not declared never gets as far as the API.
#[test]
fn an_invalid_estate_sends_nothing() {
    let (world, estate) = (World::quick(), example("quickstart"));
    edit(&estate.path().join("web-shop.yaml"), "cluster: demo", "cluster: dmo");
    for command in [["plan", "."], ["drift", "."], ["apply", "--yes"]] {
        let output = Mxkeep::new(command).dir(estate.path()).against(&world).run();
        refuses(output, 9, &["web-shop.yaml:5", "did you mean `demo`?"]);
    }
    assert!(world.take_requests().is_empty());
}
