//! Nothing that a file can hold makes loading panic, and no place is ever wrong.

use proptest::prelude::*;

use super::*;

const SEEDS: &[&str] = &[valid::SETTINGS, valid::LAND, valid::ENVIRONMENT, SHORT];

/// Defaults, a matrix and a fragment.
const SHORT: &str = "defaults:
  environment: {app: order-desk, provider: {cluster: prod-eu, namespace: orders}, container: {size: M}}
---
matrix: {plant: [ams, bra], stage: [test, prod]}
withoutDefaults: [container.size]
environment:
  id: {ams: {test: a1, prod: a2}, bra: {test: b1, prod: b2}}
  properties: {name: '${plant}-${stage}', production: true}
  deployment: {appUrl: 'https://${plant}.$${x}.example', constants: {'A.${stage}': '${plant}'}}
---
environment:
  id: a1
  container: {instances: 2}
  runtime: {environmentVariables: {exact: {A: b}}, mxAdminPassword: {fromEnv: PW}}
";

/// Pieces of YAML that change the meaning of what is around them.
const PIECES: &[&str] = &[
    "",
    " ",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "---\n",
    "...\n",
    "- ",
    ": ",
    "? ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "#",
    "&a ",
    "*a",
    "!!str ",
    "!x ",
    "|\n",
    ">\n",
    "\"",
    "'",
    "\\",
    "%YAML 1.2\n",
    "<<: ",
    "null",
    "~",
    "\u{feff}",
    "ä",
    "😀",
    "\0",
    "\u{85}",
    "\u{2028}",
    "exact: ",
    "merge: ",
    "absent: true",
    "fromEnv: A",
    "environment:",
    "defaults:",
    "matrix: {plant: [ams]}\n",
    "${plant}",
    "${",
    "id: {ams: x}",
    "remove:",
    "name: production",
    "0",
    "-1",
    "1.10",
    "yes",
];

fn load_bytes(bytes: &[u8]) {
    let dir = estate(&[("mxkeep.yaml", valid::SETTINGS.as_bytes()), ("fuzz.yaml", bytes)]);
    check(&load_dir(dir.path()), bytes, "fuzz.yaml");
    let dir = estate(&[
        ("mxkeep.yaml", bytes),
        ("land.yaml", valid::LAND.as_bytes()),
        ("e.yaml", valid::ENVIRONMENT.as_bytes()),
    ]);
    check(&load_dir(dir.path()), bytes, "mxkeep.yaml");
}

fn check(loaded: &Loaded, bytes: &[u8], name: &str) {
    check_places(loaded, |file| (file == name).then(|| String::from_utf8(bytes.to_vec()).ok()).flatten());
    let is_error = loaded.diagnostics.iter().any(|found| found.severity() == super::super::Severity::Error);
    assert_eq!(loaded.desired.is_none(), is_error, "{:#?}", loaded.diagnostics);
    render(loaded);
}

/// Replaces a part of a text by a piece, at character boundaries.
fn mutate(text: &mut String, at: prop::sample::Index, length: usize, piece: &str) {
    let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let from = at.index(boundaries.len());
    let to = (from + length).min(boundaries.len() - 1);
    text.replace_range(boundaries[from]..boundaries[to], piece);
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        load_bytes(&bytes);
    }

    #[test]
    fn arbitrary_text_is_survived(text in "\\PC{0,200}") {
        load_bytes(text.as_bytes());
    }

    #[test]
    fn pieces_of_yaml_are_survived(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        load_bytes(pieces.concat().as_bytes());
    }

    #[test]
    fn broken_estates_are_survived(
        seed in prop::sample::select(SEEDS),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, prop::sample::select(PIECES)), 1..12),
    ) {
        let mut text = seed.to_owned();
        for (at, length, piece) in edits {
            mutate(&mut text, at, length, piece);
        }
        load_bytes(text.as_bytes());
    }
}
