//! The page of the rules of the platform, and what has to hold for all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use mxkeep::model::Kind;
use mxkeep::model::field::find;
use mxkeep::source::codes::{self, Code, FAMILIES, Family};
use mxkeep::source::{Diagnostic, LoadOptions, Severity, load};
use serde_json::{Map, Value, json};

use super::{assert_page, table};
use crate::support::driver::TODAY;
use crate::support::{estate, project};

/// How bad a violation is, in one word or two.
pub(super) fn severity(code: &Code) -> String {
    let milder = code.milder.map(|milder| format!(" or {}", milder.name())).unwrap_or_default();
    format!("{}{milder}", code.severity.name())
}

/// The section of one code.
pub(super) fn section(code: &Code) -> String {
    let mut text = format!("\n### {}\n\n*{}.* {}\n\n{}\n", code.id, severity(code), code.title, code.why);
    text += &code.instead.map(|instead| format!("\n{instead}\n")).unwrap_or_default();
    text += &code.example.map(|example| format!("\n```yaml\n{example}\n```\n")).unwrap_or_default();
    text
}

fn platform() -> impl Iterator<Item = &'static Family> {
    FAMILIES.iter().filter(|family| family.is_platform)
}

#[test]
fn rules() {
    let mut text = "# Rules\n\n\
        What the platform asks of an estate, beyond what each [code](codes.md) about text, keys and references says. \
        Every command that reads an estate checks them; `mxkeep validate` does nothing else, and `mxkeep validate --explain ID` prints one \
        of the sections below. A warning can be waived: [Rules and waivers](../guides/rules-and-waivers.md).\n\n\
        ## All rules\n\n"
        .to_owned();
    let rules = platform().flat_map(|family| family.codes.iter());
    text += &table(
        ["rule", "severity", "what is wrong"],
        rules.map(|code| {
            let link = format!("[`{}`](#{})", code.id, code.id.to_lowercase());
            [link, severity(code), code.title.to_owned()]
        }),
    );
    text += "\n## Rules that files alone do not decide\n\n";
    let elsewhere = platform().flat_map(|family| family.elsewhere);
    text += &table(
        ["rule", "what it says", "who decides it"],
        elsewhere.map(|rule| [format!("`{}`", rule.id), rule.title.to_owned(), rule.decided.to_owned()]),
    );
    for family in platform() {
        let _ = write!(text, "\n## {}\n", family.title);
        family.codes.iter().for_each(|code| text += &section(code));
    }
    assert_page("rules.md", &text);
}

/// A rule that was forgotten leaves a gap.
#[test]
fn the_numbers_of_a_family_have_no_gap() {
    let mut numbers: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    let rules = platform().flat_map(|family| family.codes.iter().map(|code| code.id));
    for id in rules.chain(platform().flat_map(|family| family.elsewhere).map(|rule| rule.id)) {
        let (prefix, number) = id.split_once('-').unwrap();
        numbers.entry(prefix).or_default().insert(number.parse().unwrap());
    }
    for (prefix, numbers) in numbers {
        let last = *numbers.last().unwrap();
        assert!(numbers.iter().copied().eq(1..=last), "{prefix} has {numbers:?}");
    }
}

#[test]
fn every_rule_has_a_case_that_breaks_it_and_one_that_does_not() {
    let cases = project().join("tests/invalid");
    for code in codes::all().filter(|code| code.is_rule()) {
        for part in ["input", "passes"] {
            let folder = cases.join(code.id).join(part);
            // Git keeps no estate of 351 environments; tests/it/invalid.rs makes it.
            let is_made = code.id == "NS-15" && part == "input";
            assert!(is_made || folder.is_dir(), "{} is not there", folder.display());
        }
    }
}

/// What an example stands in.
fn base() -> Map<String, Value> {
    let base = json!({
        "cluster": {"clusterId": "085a0e34-69ec-4c61-9c7d-5cd42554f9f2", "name": "prod-eu"},
        "namespace": {"namespaceId": "80a5f23d-8b2a-5233-b614-07348d4d7a23", "cluster": "prod-eu", "name": "orders"},
        "app": {"appId": "ef41475b-98bf-5149-b98f-cd77fa66d08a", "name": "order-desk"},
        "environment": {
            "id": "ordtst01", "app": "order-desk", "properties": {"name": "test"},
            "provider": {"cluster": "prod-eu", "namespace": "orders"},
        },
        "cloudApp": {
            "appId": "77ce12ac-6831-5f90-8cfe-a785d44defac", "name": "crm-suite",
            "roles": {"viewer": {"canViewLogs": true}},
        },
    });
    base.as_object().unwrap().clone()
}

fn overlay(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            patch.iter().for_each(|(key, value)| overlay(target.entry(key).or_insert(Value::Null), value));
        }
        (target, patch) => *target = patch.clone(),
    }
}

/// An estate around an example: documents as they are, settings in their place, all else in what has such fields.
fn around(example: &str) -> String {
    let mut documents = base();
    let mut settings = json!({"estate": "acme"});
    for part in example.split("\n---\n") {
        let part: Value = serde_yaml::from_str(part).unwrap_or_else(|error| panic!("{error}: {part}"));
        for (key, value) in part.as_object().unwrap() {
            if key == "waivers" {
                settings[key] = value.clone();
            } else if key == "manifestVersion" {
                assert_eq!(value, "2.0.0");
            } else if Kind::from_name(key).is_some() {
                overlay(documents.entry(key).or_insert(Value::Null), value);
            } else {
                let has = |kind: &Kind| find(kind.fields(), key).is_some();
                let kind = [Kind::Environment, Kind::CloudApp, Kind::Namespace, Kind::Cluster]
                    .into_iter()
                    .find(has)
                    .unwrap();
                overlay(&mut documents[kind.name()][key], value);
            }
        }
    }
    let documents = documents.into_iter().map(|(kind, body)| json!({ kind: body }).to_string());
    let texts: Vec<String> = std::iter::once(settings.to_string()).chain(documents).collect();
    texts.join("\n---\n")
}

#[test]
fn the_example_of_a_rule_is_right() {
    for code in codes::all().filter(|code| code.is_rule()) {
        let Some(example) = code.example else { continue };
        let text = around(example);
        let files = estate(&[("mxkeep.yaml", &text), ("certificates/erp.p12", "0"), ("agent.json", "{}")]);
        let loaded = load(files.path(), &LoadOptions { environment: &|_| None, today: TODAY });
        let is_wrong = |found: &&Diagnostic| found.code() == code.id || found.severity() == Severity::Error;
        let said: Vec<_> = loaded.diagnostics.iter().filter(is_wrong).collect();
        assert!(said.is_empty(), "the example of {} is wrong: {said:#?}\n{text}", code.id);
    }
}
