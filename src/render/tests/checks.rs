//! What holds of the formats that tools for checks read.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::cases::{HOSTILE, cases};
use super::*;

fn rendered(format: Format) -> Vec<(&'static str, String)> {
    cases().into_iter().map(|(name, report)| (name, report.render(format, &plain(100)))).collect()
}

/// The schema that OASIS published, as `serde-sarif` brings it: where cargo has put the source of that crate.
#[expect(clippy::disallowed_methods, reason = "cargo tells where its home is by a variable")]
fn published_schema() -> Value {
    let home = std::env::var("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|_| std::env::var("HOME").map(|home| Path::new(&home).join(".cargo"))).unwrap();
    let sources = fs_err::read_dir(home.join("registry/src")).unwrap();
    let crates = sources.flat_map(|registry| fs_err::read_dir(registry.unwrap().path()).unwrap());
    let is_sarif = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with("serde-sarif-");
    let sarif = crates.map(|entry| entry.unwrap().path()).find(is_sarif).unwrap();
    serde_json::from_str(&fs_err::read_to_string(sarif.join("src/schema.json")).unwrap()).unwrap()
}

#[test]
fn sarif_is_what_its_published_schema_asks_for() {
    let mut schema = published_schema();
    // The one expression in it that is none; no report says in which language it is.
    for part in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][part]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern");
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (name, text) in rendered(Format::Sarif) {
        let document: Value = serde_json::from_str(&text).unwrap();
        let errors: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
    let wrong = json!({"version": "2.1.0", "runs": [{"results": []}]});
    assert!(!validator.is_valid(&wrong), "the schema has to notice a run without a tool");
}

#[test]
fn annotations_are_one_order_a_line_and_no_more_than_are_shown() {
    for (name, text) in rendered(Format::Github) {
        for word in ["error", "warning", "notice"] {
            let orders = text.lines().filter(|line| line.starts_with(&format!("::{word} "))).count();
            assert!(orders <= 10, "{name}: {orders} of {word}");
        }
        for line in text.lines().filter(|line| *line != "mxkeep: nothing to mark") {
            let rest = line.strip_prefix("::").unwrap();
            let (head, message) = rest.split_once("::").unwrap();
            let (word, properties) = head.split_once(' ').unwrap();
            assert!(["error", "warning", "notice"].contains(&word), "{name}: {line}");
            for property in properties.split(',') {
                let (key, _) = property.split_once('=').unwrap();
                assert!(["file", "line", "endLine", "title"].contains(&key), "{name}: {line}");
            }
            assert!(!message.contains("##vso["), "{name}: {line}");
        }
    }
    let many = rendered(Format::Github).into_iter().find(|(name, _)| *name == "400-changes").unwrap().1;
    assert!(
        many.ends_with("::notice title=mxkeep::391 more like this are not marked; the report has them all\n")
    );
}

#[test]
fn code_quality_has_what_gitlab_asks_for_and_no_fingerprint_twice() {
    for (name, text) in rendered(Format::Gitlab) {
        let document: Value = serde_json::from_str(&text).unwrap();
        let mut prints = BTreeSet::new();
        for entry in document.as_array().unwrap() {
            assert!(prints.insert(entry["fingerprint"].as_str().unwrap().to_owned()), "{name}: twice");
            assert!(entry["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
            assert!(!entry["location"]["path"].as_str().unwrap().is_empty());
            let severity = entry["severity"].as_str().unwrap();
            assert!(["info", "minor", "critical"].contains(&severity));
        }
    }
}

#[test]
fn a_fingerprint_does_not_depend_on_lines() {
    let at = |line| {
        let change = change("container.instances", json!(1), json!(2)).at(line);
        let mut action = update(order_desk("test"), vec![change]);
        action.origin = origin("envs/orders.yaml", line, 1);
        let report = Report::Plan(plan_view(&plan(vec![action]), &facts()));
        let document: Value = serde_json::from_str(&report.render(Format::Gitlab, &plain(100))).unwrap();
        document[0]["fingerprint"].clone()
    };
    assert_eq!(at(3), at(30));
}

#[test]
fn junit_reads_back_and_counts() {
    for (name, text) in rendered(Format::Junit) {
        let read = quick_junit::Report::deserialize_from_str(&text)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let cases = read.test_suites.iter().map(|suite| suite.test_cases.len()).sum::<usize>();
        assert_eq!(read.tests, cases, "{name}");
    }
    let of = |wanted: &str| {
        let text = rendered(Format::Junit).into_iter().find(|(name, _)| *name == wanted).unwrap().1;
        let read = quick_junit::Report::deserialize_from_str(&text).unwrap();
        (read.tests, read.failures, read.skipped)
    };
    assert_eq!(of("partial-failure"), (7, 2, 2));
    assert_eq!(of("waiting"), (2, 0, 2));
    assert_eq!(of("drift"), (4, 4, 0));
}

#[test]
fn metrics_have_a_number_in_every_line_and_an_end() {
    for (name, text) in rendered(Format::Openmetrics) {
        assert!(text.ends_with("# EOF\n"), "{name}");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (head, value) = line.rsplit_once(' ').unwrap();
            assert!(head.starts_with("mxkeep_") && value.parse::<f64>().is_ok(), "{name}: {line}");
        }
    }
    let hostile =
        rendered(Format::Openmetrics).into_iter().find(|(name, _)| *name == "hostile-names").unwrap().1;
    assert!(hostile.contains(r#"\"'&amp;""#), "the quote of {HOSTILE:?} is escaped: {hostile}");
}
