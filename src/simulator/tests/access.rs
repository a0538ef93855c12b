//! Tokens.

use super::*;

fn status(bench: &mut Bench, token: Option<&str>, method: &str, path: &str) -> u16 {
    bench.send_as(token, method, path, Vec::new()).status
}

#[test]
fn no_usable_token_is_401_in_the_words_of_the_contract() {
    let mut bench = Bench::empty();
    for token in [None, Some(""), Some("MxToken "), Some("Bearer simulator"), Some("simulator")] {
        assert_eq!(status(&mut bench, token, "GET", "/clusters"), 401, "{token:?}");
    }
    let answer = body(bench.send_as(None, "GET", "/clusters", Vec::new()));
    assert_eq!(
        answer,
        json!({"error": {"code": 401, "message": "Unauthorized", "invalid-params": [
            {"name": "Authentication", "reason": "Missing or invalid Authorization header"}]}})
    );
}

#[test]
fn a_token_without_the_right_is_403() {
    let mut bench = Bench::deployed();
    assert_eq!(status(&mut bench, Some("MxToken other"), "GET", "/clusters"), 403);
    let read = Some("MxToken simulator-read");
    let environment = environment_path("ordprd01");
    for (method, path, expected) in [
        ("GET", "/clusters", 200),
        ("GET", namespace_path().as_str(), 200),
        ("GET", environment.as_str(), 200),
        ("GET", environments().as_str(), 200),
        ("GET", &format!("/apps/{APP}/packages"), 200),
        ("GET", "/cli", 200),
        ("GET", "/jobs/unknown", 404),
        ("GET", "/apps", 403),
        ("POST", "/clusters", 403),
        ("PUT", environment.as_str(), 403),
        ("DELETE", environment.as_str(), 403),
    ] {
        assert_eq!(status(&mut bench, read, method, path), expected, "{method} {path}");
    }
}
