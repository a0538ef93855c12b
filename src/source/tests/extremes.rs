//! Files that are empty, huge, deep, strange or wrong all over.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::*;

const SETTINGS: (&str, &str) = ("mxkeep.yaml", "estate: acme\n");

#[test]
fn empty_files_and_documents_are_nothing() {
    let loaded = load_files(&[
        SETTINGS,
        ("a.yaml", ""),
        ("b.yaml", "---\n---\n# nothing\n...\n"),
        ("c.yml", "\u{feff}"),
    ]);
    assert_eq!(summary(&loaded), ["EST-007"]);
    assert!(loaded.desired.is_some());
}

#[test]
fn what_is_hidden_is_not_read_and_what_git_ignores_is() {
    let loaded = load_files(&[
        SETTINGS,
        (".mxkeep/simulator.yaml", "wrong: x"),
        (".hidden.yaml", "wrong: x"),
        ("notes.txt", "wrong: x"),
        (".gitignore", "ignored.yaml\n"),
        ("ignored.yaml", "wrong: x"),
    ]);
    assert_eq!(summary(&loaded), ["SHAPE-001 ignored.yaml:1:1"]);
}

#[test]
fn line_ends_marks_and_letters_do_not_move_places() {
    let text = "cluster:\n  clusterId: 085a0e34-69ec-4c61-9c7d-5cd42554f9f2\n  name: prod-eu\n  description: \"Größe 😀\" # ü\n  \"ключ\": {wörd: x}\n";
    for text in
        [text.to_owned(), text.replace('\n', "\r\n"), format!("\u{feff}{text}"), text.replace('\n', "\r")]
    {
        let loaded = load_files(&[SETTINGS, ("a.yaml", &text)]);
        assert_eq!(summary(&loaded), ["SHAPE-001 a.yaml:5:3"], "{text:?}");
        let origin = loaded.diagnostics[0].origin().unwrap();
        assert_eq!(text.get(origin.start..origin.end), Some("\"ключ\""));
        assert_eq!(origin.end_column, 9);
        check_places(&loaded, |_| Some(text.clone()));
    }
}

#[test]
fn columns_count_characters() {
    let text = "app: {name: \"äöü😀\", appId: x}\n";
    let loaded = load_files(&[SETTINGS, ("a.yaml", text)]);
    assert_eq!(summary(&loaded), ["ID-01 a.yaml:1:28"]);
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    let mut block = String::new();
    // Ten thousand levels of indentation would be too large a file.
    for depth in 0..2_000 {
        let _ = writeln!(block, "{}a:", " ".repeat(depth));
    }
    let compact = format!("a: {}x", "- ".repeat(10_000));
    for text in [
        "[".repeat(10_000),
        "[".repeat(10_000) + &"]".repeat(10_000),
        "{a: ".repeat(10_000),
        block,
        compact,
        "- ".repeat(10_000),
        "? ".repeat(10_000),
    ] {
        let loaded = load_files(&[SETTINGS, ("a.yaml", &text)]);
        let codes: Vec<&str> = loaded.diagnostics.iter().map(super::super::Diagnostic::code).collect();
        assert!(
            codes.contains(&"YAML-005") || codes.contains(&"YAML-001"),
            "{codes:?} {}",
            text.get(..20).unwrap()
        );
        render(&loaded);
    }
}

#[test]
fn aliases_repeat_and_are_bounded() {
    let small = "a: &size {instances: 3}\n";
    let text = format!("{small}environment: {{container: *size}}\n");
    assert!(
        summary(&load_files(&[SETTINGS, ("a.yaml", &text)])).iter().all(|line| !line.starts_with("YAML"))
    );

    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..40 {
        let _ = writeln!(bomb, "a{level}: &a{level} [{}]", vec![format!("*a{}", level - 1); 10].join(", "));
    }
    let start = Instant::now();
    let loaded = load_files(&[SETTINGS, ("a.yaml", &bomb)]);
    let bombs = loaded.diagnostics.iter().filter(|found| found.code() == "YAML-006").count();
    assert_eq!(bombs, 1);
    assert!(start.elapsed() < Duration::from_secs(2));

    // Each alias is one level deeper than the one before.
    let mut tower = String::from("a0: &a0 x\n");
    for level in 1..200 {
        let _ = writeln!(tower, "a{level}: &a{level} [*a{}]", level - 1);
    }
    let loaded = load_files(&[SETTINGS, ("a.yaml", &tower)]);
    assert!(loaded.diagnostics.iter().any(|found| found.code() == "YAML-005"));
}

#[test]
fn ten_megabytes_are_read() {
    let mut text = String::from(valid::LAND.split("---\nremove").next().unwrap());
    let mut count = 0;
    while text.len() < 10_000_000 {
        let _ = write!(
            text,
            "---\nenvironment:\n  id: e{count}\n  app: order-desk\n  properties: {{name: e{count}, production: true}}\n  provider: {{namespace: orders}}\n  deployment:\n    constants:\n"
        );
        for constant in 0..50 {
            let _ = writeln!(text, "      Module.Constant{constant}: \"värde {constant}\"");
        }
        count += 1;
    }
    let start = Instant::now();
    let loaded = load_files(&[SETTINGS, ("a.yaml", &text)]);
    // That many environments are more than one operator should have.
    assert!(summary(&loaded).iter().all(|line| line.starts_with("NS-15 ")), "{:#?}", summary(&loaded));
    assert_eq!(loaded.desired.unwrap().resources.len(), count + 3);
    // Unoptimised, on a shared machine.
    assert!(start.elapsed() < Duration::from_secs(180), "{:?}", start.elapsed());
}

#[test]
fn a_very_long_line_is_no_trouble() {
    let constants: Vec<String> =
        (0..40_000).map(|number| format!("Mod.C{number}: \"söme text {number}\"")).collect();
    let text = format!("environment: {{deployment: {{constants: {{{}, A.B: 1}}}}}}\n", constants.join(", "));
    assert!(text.len() > 1_000_000);
    let start = Instant::now();
    let loaded = load_files(&[SETTINGS, ("a.yaml", &text)]);
    let wrong = loaded.diagnostics.iter().find(|found| found.code() == "CON-03").unwrap();
    let origin = wrong.origin().unwrap();
    assert_eq!(text.get(origin.start..origin.end), Some("1"));
    check_place(origin, &text);
    assert!(render(&loaded).len() < 20_000);
    assert!(start.elapsed() < Duration::from_secs(90), "{:?}", start.elapsed());
}

#[test]
fn a_hundred_mistakes_are_a_hundred_diagnostics() {
    let mut files = vec![("mxkeep.yaml".to_owned(), "estate: acme\n".to_owned())];
    files.push(("land.yaml".to_owned(), valid::LAND.split("---\nremove").next().unwrap().to_owned()));
    for file in 0..10 {
        let text = format!(
            "environment:
  id: e{file}
  app: order-dsk
  properties: {{name: e{file}, production: yes, nmae: x}}
  provider: {{cluster: prod-eu, namespace: ordrs}}
  container: {{instances: 99, size: m}}
  deployment:
    constants: {{A.B: 1.10, A.B: x}}
  runtime:
    mxAdminPassword: swordfish
    environmentVariables: [{{name: A, value: x}}, {{name: A, value: y}}]
"
        );
        files.push((format!("e{file}.yaml"), text));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let loaded = load_files(&files);
    assert_eq!(loaded.diagnostics.len(), 100, "{:#?}", summary(&loaded));
    let places = summary(&loaded);
    let unique: std::collections::BTreeSet<&String> = places.iter().collect();
    assert_eq!(unique.len(), 100);
    assert!(!render(&loaded).contains("swordfish"));
    assert!(!format!("{:?}", loaded.diagnostics).contains("swordfish"));
}

#[cfg(unix)]
#[test]
fn a_file_behind_a_link_out_of_the_estate_is_not_read() {
    let outside = estate(&[("secret", "swordfish")]);
    let dir = estate(&[
        SETTINGS,
        (
            "a.yaml",
            "cluster: {clusterId: 085a0e34-69ec-4c61-9c7d-5cd42554f9f2, name: n, description: {fromFile: link/secret}}",
        ),
    ]);
    std::os::unix::fs::symlink(outside.path(), dir.path().join("link")).unwrap();
    let loaded = load_dir(dir.path());
    assert_eq!(summary(&loaded), ["EST-006", "REF-003 a.yaml:1:93"]);
}

#[test]
fn a_value_from_a_file_is_encoded_where_the_api_wants_base64() {
    let loaded = load_files(&[
        SETTINGS,
        ("land.yaml", valid::LAND),
        (
            "e.yaml",
            &format!(
                "{}  network: {{outgoingConnectionCertificate: [{{key: {{fromFile: ./c.p12}}, password: {{fromEnv: UNSET}}}}]}}\n",
                valid::ENVIRONMENT
            ),
        ),
        ("c.p12", "\x30\x01"),
    ]);
    let dump = dump(&loaded.desired.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics)));
    let list = &dump["resources"][3]["fields"]["network"]["outgoingConnectionCertificate"]["items"];
    let (key, item) = list.as_object().unwrap().iter().next().unwrap();
    assert_eq!(item["fields"]["key"]["value"], "MAE=");
    assert_eq!(*key, crate::model::ItemKey::of_content("MAE=").to_string());
    assert_eq!(item["fields"]["password"]["value"], Value::Null);
}
