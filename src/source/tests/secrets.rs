//! No way of writing a secret wrongly makes a diagnostic show it.

use super::*;

/// Parts of the secret: no one of them may be shown.
const PARTS: [&str; 2] = ["kelp", "trout"];

fn check(text: &str) {
    let loaded =
        load_files(&[("mxkeep.yaml", "estate: acme\n"), ("land.yaml", valid::LAND), ("e.yaml", text)]);
    assert!(!loaded.diagnostics.is_empty(), "{text}");
    let shown = format!("{}{:?}{:?}", render(&loaded), loaded.diagnostics, loaded.desired);
    for part in PARTS {
        assert!(!shown.contains(part), "{text}\n{}", render(&loaded));
    }
}

#[test]
fn literals_are_never_shown() {
    let values = [
        "kelptrout",
        "\"kelptrout\"",
        "'kelp''trout'",
        "kelp trout",
        "kelp #trout",
        "|\n      kelptrout\n      kelptrout",
        ">-\n      kelp\n\n      trout",
        "kelp\n      trout",
        "[kelptrout]",
        "{kelptrout}",
        "{kelptrout: x}",
        "{fromEnv: A, kelptrout: x}",
        "{fromEnv: A, value: kelptrout}",
        "{value: kelptrout}",
        "*kelptrout",
        "!kelptrout",
        "&kelptrout",
        "&kelp trout",
        "#kelptrout",
        "!kelp trout",
        "!!int kelptrout",
        "@kelptrout",
        "`kelptrout",
        "%kelptrout",
        "\"kelptrout",
        "'kelptrout",
        "[kelptrout",
        "{kelptrout",
        "kelp: trout",
        "kelptrout: ",
        "\"kelp\" trout",
        "\\tkelptrout",
        "kälptrout",
        "[[[[kelptrout]]]]",
        "- kelptrout",
        "? kelptrout",
        "null #kelptrout",
    ];
    let keys = [
        "mxAdminPassword",
        "mxAdminPasword",
        "mxAdminPwd",
        "subscriptionSecret",
        "adminPassword",
        "\"debuggerPassword\"",
    ];
    let head = valid::ENVIRONMENT.split("  runtime:").next().unwrap();
    for value in values {
        for key in keys {
            check(&format!("{head}  wrong: x\n  runtime:\n    {key}: {value}\n    wrong: x\n"));
            let misplaced = format!("{head}  wrong: x\n  {key}: {value}\n  wrong2: x\n");
            check(&misplaced.replace('\n', "\r\n"));
            check(&misplaced);
            check(&format!("{head}  runtime:\n    {key}: x\n    {key}: {value}\n    wrong: x\n"));
            check(&format!("{head}  runtime:\n    {key}: {value}\n    broken: [x\n"));
            check(&format!("{head}  runtime: !x\n    {key}: {value}\n    wrong: x\n"));
            check(&format!("{head}  runtime:\n    <<:\n      {key}: {value}\n    wrong: x\n"));
        }
    }
}

#[test]
fn names_of_variables_are_shown() {
    let head = valid::ENVIRONMENT.split("  runtime:").next().unwrap();
    let text = format!("{head}  runtime:\n    mxAdminPassword: {{fromEnv: NOT-A-NAME}}\n");
    let loaded =
        load_files(&[("mxkeep.yaml", "estate: acme\n"), ("land.yaml", valid::LAND), ("e.yaml", &text)]);
    assert!(render(&loaded).contains("{fromEnv: NOT-A-NAME}"));
}
