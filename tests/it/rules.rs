//! Rules and waivers, through the binary.

use std::path::Path;

use crate::support::{CommandOutput, Mxkeep, copy_tree, estate, project};

fn run(directory: &Path, args: &[&str]) -> CommandOutput {
    Mxkeep::new(args.iter().copied()).dir(directory).run()
}

/// An estate with one warning, LOG-02, and these settings.
fn with_settings(settings: &str) -> tempfile::TempDir {
    let directory = estate(&[]);
    for from in ["tests/invalid/base", "tests/invalid/LOG-02/input"] {
        copy_tree(&project().join(from), directory.path());
    }
    fs_err::write(directory.path().join("mxkeep.yaml"), settings).unwrap();
    directory
}

#[test]
fn what_is_waived_is_counted_and_shown_on_request() {
    let plain = with_settings("estate: acme\n");
    let found = run(plain.path(), &["validate", "--strict"]).exits(9);
    assert_eq!(found.stdout, "Valid: 2 warnings\n");

    let waived = with_settings("estate: acme\nwaivers: [{rule: LOG-02, reason: the operator knows it}]\n");
    let quiet = run(waived.path(), &["validate", "--strict"]).exits(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("Valid: 4 resources (2 waived)\n", ""));
    let _ =
        run(waived.path(), &["validate", "-v"]).exits(0).says(&["LOG-02", "waived: the operator knows it"]);
    let document = run(waived.path(), &["validate", "--format", "json"]).exits(0).json();
    assert_eq!(document["summary"]["waived"], 2);
    assert_eq!(document["findings"].as_array().unwrap().len(), 0);
}

#[test]
fn a_code_is_explained() {
    let nowhere = tempfile::tempdir().unwrap();
    let rule = run(nowhere.path(), &["validate", "--explain", "log-02"]).exits(0);
    for text in ["LOG-02: ", "warning · Deployment", "appLogLevels: {Core: ERROR}", "waivers:"] {
        assert!(rule.stdout.contains(text), "{rule}");
    }
    let error = run(nowhere.path(), &["validate", "--explain", "CNT-01"]).exits(0);
    assert!(!error.stdout.contains("waivers:"), "{error}");
    // What plans say, and what files alone cannot decide.
    for code in ["PLAN-101", "APPLY-001", "ID-09", "SHAPE-001"] {
        let page = run(nowhere.path(), &["validate", "--explain", code]).exits(0);
        assert!(page.stdout.starts_with(&format!("{code}: ")), "{page}");
    }
    let _ =
        run(nowhere.path(), &["validate", "--explain", "CNT-1"]).exits(64).says(&["did you mean `CNT-01`?"]);
    let _ = run(nowhere.path(), &["validate", "--explain", "LOG-02", "--strict"]).exits(64);
}
