//! The token goes where somebody outside the estate let it go.

use crate::support::stub::{Stub, answer};
use crate::support::{CommandOutput, estate};
use tempfile::TempDir;

use super::{CANARY, cluster, mxkeep};

fn naming(api: &str) -> TempDir {
    let api = serde_json::Value::from(api);
    estate(&[
        ("mxkeep.yaml", &format!("estate: acme\napi: {{privateCloud: {api}, mendixCloud: {api}}}\n")),
        ("cluster.yaml", &cluster("")),
    ])
}

fn plan(estate: &TempDir, set: &[(&str, &str)]) -> CommandOutput {
    let call = mxkeep(estate, &["plan", "-v"]).env("MXKEEP_TOKEN", CANARY);
    set.iter().fold(call, |call, (name, value)| call.env(name, value)).run()
}

/// An API that refuses everybody.
fn server() -> Stub {
    Stub::new(|_| answer("401 Unauthorized", "", "{}"))
}

fn heard_token(server: &Stub) -> bool {
    server.requests().iter().any(|request| request.headers.iter().any(|header| header.contains(CANARY)))
}

/// All of these are somebody else, however much they look like the platform or like this machine.
#[test]
fn hosts_that_only_the_estate_names_do_not_get_it() {
    let server = server();
    let port = server.url().split(':').nth(2).unwrap().split('/').next().unwrap().to_owned();
    for api in [
        "https://evil.example/api/v4",
        "https://privatecloud.mendixcloud.com.evil.example/api/v4",
        "https://privatecloud.mendixcloud.com@evil.example/api/v4",
        "https://evil.example\\@privatecloud.mendixcloud.com/api/v4",
        "https://evil.example#@privatecloud.mendixcloud.com/api/v4",
        "https://privatecloud.mendixcloud.com:8443/api/v4",
        "https://privatecloud.mendixcloud.com./api/v4",
        "https://privatecloud\u{3002}mendixcloud.com.evil.example/api/v4",
        "https://privаtecloud.mendixcloud.com/api/v4",
        "https://xn--privtecloud-wnb.mendixcloud.com/api/v4",
        "https://mendixcloud.com/api/v4",
        "http://privatecloud.mendixcloud.com/api/v4",
        "http://localhost.evil.example/api/v4",
        "http://localhost./api/v4",
        "http://sub.localhost/api/v4",
        "http://127.0.0.1.nip.io/api/v4",
        "http://[::ffff:127.0.0.1]:PORT/api/v4",
        "http://[::ffff:7f00:1]:PORT/api/v4",
        "http://[::]:PORT/api/v4",
        "http://0.0.0.0:PORT/api/v4",
        "http://0:PORT/api/v4",
        "http://169.254.169.254/latest",
        "http://10.0.0.1/api/v4",
    ] {
        let estate = naming(&api.replace("PORT", &port));
        let output = plan(&estate, &[]).exits(9);
        assert!(output.stderr.contains("EST-101"), "{api}: {output}");
        assert!(!output.to_string().contains(CANARY), "{api}: {output}");
        // Allowing another host changes nothing, and neither does allowing a part of the name.
        let allowed = [("MXKEEP_ALLOW_HOSTS", "other.example,example,*,")];
        assert!(plan(&estate, &allowed).exits(9).stderr.contains("EST-101"), "{api}");
    }
    assert_eq!(server.requests().len(), 0);
}

/// What is no base URL at all is refused before anything is sent.
#[test]
fn what_is_no_base_url_is_refused() {
    let server = server();
    let address = server.url().replace("http://", "");
    for api in [
        format!("http://user:{CANARY}@{address}"),
        format!("ftp://{address}"),
        format!("http://{address}?to=evil"),
        "file:///etc/passwd".to_owned(),
        "javascript:alert(1)".to_owned(),
        "//evil.example/api".to_owned(),
        "https://".to_owned(),
    ] {
        let output = plan(&naming(&api), &[]);
        assert!([9, 64, 10].contains(&output.code), "{api}: {output}");
        assert!(!output.to_string().contains(CANARY), "{api}: {output}");
    }
    assert_eq!(server.requests().len(), 0);
}

/// This machine in all its spellings, and hosts that somebody outside allowed.
#[test]
fn this_machine_and_allowed_hosts_get_it() {
    for host in ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "017700000001", "localhost"] {
        let server = server();
        let url = server.url().replace("127.0.0.1", host);
        let _ = plan(&naming(&url), &[]).exits(7);
        assert!(heard_token(&server), "{host}");
    }
    // Named outside, plain http to another host is still too open.
    let estate = naming("http://evil.example/api/v4");
    let output = plan(&estate, &[("MXKEEP_ALLOW_HOSTS", "evil.example")]);
    assert!([9, 64].contains(&output.code) && output.stderr.contains("not secure"), "{output}");
}

#[test]
fn a_redirect_is_not_followed() {
    for status in
        ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
    {
        let elsewhere = server();
        let location = format!("Location: {}\r\n", elsewhere.url());
        let server = Stub::new(move |_| answer(status, &location, ""));
        let output = plan(&naming(&server.url()), &[]).exits(10);
        assert!(heard_token(&server), "{output}");
        assert_eq!(elsewhere.requests().len(), 0, "{status}");
    }
}

/// Files that other tools would heed.
#[test]
fn no_file_of_the_estate_names_a_proxy_or_a_token() {
    let (server, proxy) = (server(), server());
    let estate = naming(&server.url());
    let write = |name: &str, text: &str| {
        let path = estate.path().join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    };
    let url = proxy.url();
    write(".env", &format!("HTTP_PROXY={url}\nMXKEEP_API_URL={url}\nMXKEEP_ALLOW_HOSTS=evil.example\n"));
    write(".netrc", "default login a password b\n");
    write(".curlrc", &format!("proxy = {url}\n"));
    write(".cargo/config.toml", &format!("[http]\nproxy = \"{url}\"\n"));
    write(".mxkeep/config.yaml", &format!("api: {{privateCloud: {url}}}\n"));
    write("token", "other");
    let home = estate.path().to_str().unwrap();
    let _ = plan(&estate, &[("HOME", home)]).exits(7);
    assert!(heard_token(&server));
    assert_eq!(proxy.requests().len(), 0);
    assert!(server.requests().iter().all(|request| !request.headers.iter().any(|it| it.contains("basic"))));
}
