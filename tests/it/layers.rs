//! Arrows between modules point down only (DESIGN 10).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support::project;

/// Who may import whom. `cli` may import everybody, and nobody may import `cli`.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("simulator", &[]),
    ("source", &["model", "diff"]),
    ("diff", &["model"]),
    ("api", &["model"]),
    ("plan", &["model", "diff"]),
    ("apply", &["model", "diff", "plan", "api"]),
    ("render", &["model", "diff", "plan", "apply"]),
    ("lsp", &["model", "source"]),
    ("cli", &["model", "source", "diff", "api", "plan", "apply", "render", "simulator", "lsp"]),
];

/// Tests of the client talk to the simulator over a socket; that is no arrow between the layers.
const TEST_FILES: &[&str] = &["src/api/simulated.rs", "src/api/tests.rs"];

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The modules of the crate that a text names as `crate::MODULE`, or in the braces of `use crate::{…}`.
fn imports(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let names = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default(),
            None => rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default(),
        };
        found.extend(
            names.split(',').map(|name| name.trim().split("::").next().unwrap_or_default().to_owned()),
        );
    }
    found.retain(|name| !name.is_empty());
    found
}

#[test]
fn arrows_point_down() {
    let source = project().join("src");
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for file in rust_files(&source) {
        let name = file.strip_prefix(project()).unwrap().to_string_lossy().replace('\\', "/");
        let module = name.strip_prefix("src/").unwrap().split('/').next().unwrap().to_owned();
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(from, _)| *from == module) else {
            assert!(["main.rs", "lib.rs"].contains(&module.as_str()), "{name} is in no layer");
            continue;
        };
        seen.insert(module.clone());
        let text = fs_err::read_to_string(&file).unwrap();
        for import in imports(&text) {
            let is_test = TEST_FILES.contains(&name.as_str()) && import == "simulator";
            if import != module && !allowed.contains(&import.as_str()) && !is_test {
                wrong.push(format!("{name} imports {import}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(seen.len(), MAY_IMPORT.len(), "a layer of the table is gone");
}

#[test]
fn pure_layers_do_no_input_or_output() {
    let forbidden = [
        "std::fs",
        "fs_err",
        "std::env",
        "std::net",
        "tokio::",
        "reqwest",
        "println!",
        "SystemTime",
        "Instant::now",
    ];
    for module in ["model", "diff", "plan", "render"] {
        for file in rust_files(&project().join("src").join(module)) {
            // Their tests may look at pictures.
            if file.parent().unwrap().ends_with("tests") {
                continue;
            }
            let text = fs_err::read_to_string(&file).unwrap();
            for word in forbidden {
                assert!(!text.contains(word), "{} uses {word}", file.display());
            }
        }
    }
}

#[test]
fn no_file_is_a_drawer() {
    for file in rust_files(&project().join("src")) {
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(
            !["util", "utils", "helpers", "common", "misc", "manager"].contains(&stem.as_str()),
            "{stem}.rs"
        );
    }
}

#[test]
fn imports_are_found_in_both_spellings() {
    let found =
        imports("use crate::model::Kind;\nuse crate::{diff::Change, plan};\nlet x = crate::api::fetch();");
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["api", "diff", "model", "plan"]);
}
