//! Golden cases of diagnostics: `tests/invalid/CODE[-variant]/input` is an estate, `expected.txt` what is said of it,
//! and `passes` an estate like it that is right. The case of a rule holds only what differs from `tests/invalid/base`.
//!
//! `UPDATE=1 cargo test --test it invalid` writes the expectations anew; read them before you commit them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use miette::{GraphicalReportHandler, GraphicalTheme};
use mxkeep::source::codes::{self, Code};
use mxkeep::source::{Diagnostic, LoadOptions, Severity, load};

use crate::support::driver::TODAY;
use crate::support::{copy_tree, project};

/// All diagnostics as a person sees them, without colour.
fn render_plain(diagnostics: &[Diagnostic]) -> String {
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(100)
        .with_links(false);
    let mut text = String::new();
    for diagnostic in diagnostics {
        let _ = write!(text, "{}: ", diagnostic.severity().name());
        handler.render_report(&mut text, diagnostic).expect("rendering into a string succeeds");
        let subject = [diagnostic.address(), diagnostic.path()];
        let subject: Vec<&str> = subject.into_iter().flatten().collect();
        let _ = writeln!(text, "  about: {}\n", subject.join(" · "));
    }
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

fn variable(name: &str) -> Option<String> {
    match name {
        "MXKEEP_CASE_SECRET" => Some("swordfish".to_owned()),
        "MXKEEP_CASE_URL" => Some("not a url: swordfish".to_owned()),
        _ => None,
    }
}

fn root() -> PathBuf {
    project().join("tests/invalid")
}

fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = fs_err::read_dir(root())
        .expect("the cases are there")
        .map(|entry| entry.expect("a case is there").path())
        .filter(|path| path.is_dir() && !path.ends_with("base"))
        .collect();
    cases.sort();
    cases
}

fn name(case: &Path) -> String {
    case.file_name().expect("a case has a name").to_string_lossy().into_owned()
}

/// A folder of a case on top of the estate that all rules share.
fn on_base(folder: &Path) -> tempfile::TempDir {
    let scratch = tempfile::tempdir().expect("there is room for a directory");
    for from in [&root().join("base"), folder] {
        if from.is_dir() {
            copy_tree(from, scratch.path());
        }
    }
    if folder.parent().is_some_and(|case| case.ends_with("NS-15")) {
        // More environments than anybody wants to read: one too many in one namespace, or spread over two.
        let spaces: &[&str] = if folder.ends_with("passes") { &["orders", "second"] } else { &["orders"] };
        let many: String = (0..351).map(|index| many(index, spaces[index % spaces.len()])).collect();
        fs_err::write(scratch.path().join("many.yaml"), many).expect("a file can be written");
    }
    scratch
}

fn many(index: usize, namespace: &str) -> String {
    format!(
        "---\nenvironment: {{id: e{index}, app: order-desk, properties: {{name: e{index}}}, provider: {{namespace: {namespace}}}}}\n"
    )
}

/// The directory to read. What Git cannot or should not keep is made here.
fn input(case: &Path, name: &str) -> (PathBuf, Option<tempfile::TempDir>) {
    let input = case.join("input");
    match name {
        _ if expected_code(name).0.is_rule() => {
            let scratch = on_base(&input);
            (scratch.path().to_owned(), Some(scratch))
        }
        "EST-002" => (input.join("missing"), None),
        "EST-025" => {
            let scratch = tempfile::tempdir().expect("there is room for a directory");
            copy_tree(&input, scratch.path());
            let text = "x".repeat(4 * 1024 * 1024);
            let mut all = format!(
                "defaults: {{environment: {{app: order-desk, provider: {{namespace: orders}}, runtime: {{customRuntimeSettings: {{A: {text}}}}}}}}}\n"
            );
            for index in 0..65 {
                let _ = write!(all, "---\nenvironment: {{id: e{index}, properties: {{name: n{index}}}}}\n");
            }
            fs_err::write(scratch.path().join("many.yaml"), all).expect("there is room for a file");
            (scratch.path().to_owned(), Some(scratch))
        }
        "YAML-012" => {
            let scratch = tempfile::tempdir().expect("there is room for a directory");
            copy_tree(&input, scratch.path());
            let many = format!("x: [{}]\n", "a, ".repeat(1_000_000));
            fs_err::write(scratch.path().join("many.yaml"), many).expect("there is room for a file");
            (scratch.path().to_owned(), Some(scratch))
        }
        "YAML-003" => {
            let scratch = tempfile::tempdir().expect("there is room for a directory");
            fs_err::copy(input.join("mxkeep.yaml"), scratch.path().join("mxkeep.yaml"))
                .expect("a small file");
            let large = fs_err::File::create(scratch.path().join("large.yaml")).expect("a file");
            large.set_len(16 * 1024 * 1024 + 1).expect("a file of holes");
            (scratch.path().to_owned(), Some(scratch))
        }
        _ => (input, None),
    }
}

/// `CODE-variant` → the code, and how bad it is in that variant.
fn expected_code(name: &str) -> (&'static Code, Severity) {
    let code = codes::all()
        .filter(|code| name == code.id || name.starts_with(&format!("{}-", code.id)))
        .max_by_key(|code| code.id.len())
        .unwrap_or_else(|| panic!("{name} starts with no code"));
    let is_milder = ["SECR-04-allowed", "ID-03-long"].contains(&name);
    let severity = code.milder.filter(|_| is_milder).unwrap_or(code.severity);
    (code, severity)
}

#[expect(clippy::disallowed_methods, reason = "a switch of the test itself")]
fn is_update() -> bool {
    std::env::var("UPDATE").is_ok()
}

#[test]
fn each_case_is_reported_as_expected() {
    let mut failures = Vec::new();
    for case in cases() {
        let name = name(&case);
        let (input, _scratch) = input(&case, &name);
        let loaded = load(&input, &LoadOptions { environment: &variable, today: TODAY });
        let (code, severity) = expected_code(&name);
        let found =
            loaded.diagnostics.iter().any(|found| found.code() == code.id && found.severity() == severity);
        assert!(found, "{name} does not emit {} as {severity:?}: {:#?}", code.id, loaded.diagnostics);
        let is_error = loaded.diagnostics.iter().any(|found| found.severity() == Severity::Error);
        assert_eq!(loaded.desired.is_none(), is_error, "{name}");
        let actual = render_plain(&loaded.diagnostics).replace(&*input.to_string_lossy(), "INPUT");
        assert!(!actual.contains("swordfish"), "{name} shows a secret:\n{actual}");
        let expected_path = case.join("expected.txt");
        if is_update() {
            fs_err::write(&expected_path, &actual).expect("the expectation can be written");
        }
        let expected = fs_err::read_to_string(&expected_path).unwrap_or_default().replace("\r\n", "\n");
        if actual != expected {
            failures.push(format!("== {name}\n-- expected\n{expected}\n-- actual\n{actual}"));
        }
    }
    assert!(failures.is_empty(), "{} cases differ\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn what_is_right_passes() {
    for case in cases().into_iter().filter(|case| case.join("passes").is_dir()) {
        let name = name(&case);
        let (code, _) = expected_code(&name);
        let estate = on_base(&case.join("passes"));
        let loaded = load(estate.path(), &LoadOptions { environment: &variable, today: TODAY });
        let is_wrong = |found: &&Diagnostic| found.severity() == Severity::Error || found.code() == code.id;
        let said: Vec<_> = loaded.diagnostics.iter().filter(is_wrong).collect();
        assert!(said.is_empty(), "{name}/passes is not right: {said:#?}");
    }
}

#[test]
fn every_code_has_a_case() {
    let covered: BTreeSet<&str> = cases().iter().map(|case| expected_code(&name(case)).0.id).collect();
    let missing: Vec<&str> = codes::all().map(|code| code.id).filter(|id| !covered.contains(id)).collect();
    assert!(missing.is_empty(), "codes without a directory in tests/invalid: {missing:?}");
}

/// The documents of a folder that are YAML, by the second opinion of tests.
fn documents(folder: &Path) -> Vec<(PathBuf, serde_json::Value)> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry is there").path();
        if path.is_dir() {
            found.extend(documents(&path));
        } else if path.extension().is_some_and(|it| it == "yaml" || it == "yml") {
            let Ok(text) = fs_err::read_to_string(&path) else { continue };
            let parts = text
                .split("\n---")
                .filter(|part| part.lines().any(|line| !line.trim_start().starts_with('#')));
            let read = parts.filter_map(|part| serde_yaml::from_str(part).ok());
            found.extend(read.filter(|it: &serde_json::Value| !it.is_null()).map(|it| (path.clone(), it)));
        }
    }
    found
}

/// What editors see by the schema alone, without mxkeep: the cases of `tests/invalid/schema.txt` and no others. What is
/// right has to be right for it, too.
#[test]
fn the_schema_catches_what_it_can() {
    let schema = mxkeep::source::schema::schema();
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let mut caught = String::new();
    for case in cases() {
        let name = name(&case);
        for (path, document) in documents(&case.join("passes")) {
            let wrong: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{}: {wrong:#?}", path.display());
        }
        if expected_code(&name).1 != Severity::Error {
            continue;
        }
        if documents(&case.join("input")).iter().any(|(_, document)| !validator.is_valid(document)) {
            let _ = writeln!(caught, "{name}");
        }
    }
    let file = root().join("schema.txt");
    if is_update() {
        fs_err::write(&file, &caught).expect("the list can be written");
    }
    let listed = fs_err::read_to_string(&file).unwrap_or_default();
    assert_eq!(caught, listed, "UPDATE=1 cargo test --test it schema_catches writes the list anew");
    for (path, document) in documents(&project().join("examples")) {
        let wrong: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{}: {wrong:#?}", path.display());
    }
}
