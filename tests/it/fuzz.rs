//! What fuzzing found, and thousands of variants of it, on every run of the tests: no crash, no hang.
//!
//! `tests/fuzz` has the functions, the corpus, and the programs that a fuzzer runs.

#[path = "../fuzz/targets.rs"]
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::support::project;

/// What one input may take, without optimisation and beside other tests.
const TIME: Duration = Duration::from_secs(20);

/// The largest variant, so that their number is what takes the time.
const LARGEST: usize = 16 * 1024;

/// The corpus of a target: names and contents.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let entries = fs_err::read_dir(project().join("tests/fuzz/corpus").join(target)).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: &std::path::PathBuf| {
        (path.file_name().unwrap().to_string_lossy().into_owned(), fs_err::read(path).unwrap())
    };
    let files: Vec<_> = files.iter().map(read).collect();
    assert!(files.len() >= 3, "{target} has {} inputs", files.len());
    files
}

/// Runs a target over its corpus and over variants of it.
fn replay(target: &str, run: fn(&[u8]), variants: u64, words: &[&str]) {
    let corpus = corpus(target);
    for (name, input) in &corpus {
        check(&format!("{target}/{name}"), run, input);
    }
    for seed in 0..variants {
        let mut random = StdRng::seed_from_u64(seed);
        check(&format!("{target}, seed {seed}"), run, &variant(&corpus, words, &mut random));
    }
}

fn check(name: &str, run: fn(&[u8]), input: &[u8]) {
    let start = Instant::now();
    let ended = catch_unwind(AssertUnwindSafe(|| run(input)));
    assert!(ended.is_ok(), "{name}: {:?}", String::from_utf8_lossy(input));
    assert!(start.elapsed() < TIME, "{name} took {:?}", start.elapsed());
}

/// An input of the corpus with some changes.
fn variant(corpus: &[(String, Vec<u8>)], words: &[&str], random: &mut StdRng) -> Vec<u8> {
    let pick = |random: &mut StdRng| corpus[random.random_range(0..corpus.len())].1.clone();
    let mut input = pick(random);
    input.truncate(LARGEST);
    for _ in 0..random.random_range(1..6) {
        let at = random.random_range(0..=input.len());
        let end = (at + random.random_range(0..40)).min(input.len());
        match random.random_range(0..8) {
            0 => input.truncate(at),
            1 => drop(input.drain(at..end)),
            2 => input.splice(at..at, words[random.random_range(0..words.len())].bytes()).for_each(drop),
            3 => input.splice(at..end, words[random.random_range(0..words.len())].bytes()).for_each(drop),
            4 => {
                let piece = input[at..end].to_vec();
                input.splice(at..at, piece.repeat(random.random_range(1..20))).for_each(drop);
            }
            5 => {
                let other = pick(random);
                let from = random.random_range(0..=other.len().min(LARGEST));
                input.truncate(at);
                input.extend_from_slice(&other[from..other.len().min(LARGEST)]);
            }
            6 if at < input.len() => input[at] = random.random(),
            7 if at < input.len() => input[at] ^= 1 << random.random_range(0..8),
            _ => {}
        }
    }
    input
}

const YAML: &[&str] = &[
    "\n",
    "  ",
    "---\n",
    "- ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "!!str ",
    "|\n",
    ">-\n",
    "#",
    "'",
    "\"",
    "\\u202e",
    "\u{1b}",
    "\u{feff}",
    "null",
    "~",
    "0",
    "1e999",
    "-1",
    "true",
    "${x}",
    "fromEnv: A",
    "{fromEnv: A, sensitive: false}",
    "fromFile: ../x",
    "absent: true",
    "exact: ",
    "merge: ",
    "matrix: {x: [a, b]}",
    "defaults: ",
    "remove: ",
    "environment: ",
    "<<: ",
    "é",
    "\u{10ffff}",
    "environment/**/*",
    "{a,b}",
    "[!",
    "\t",
    "\r",
    "\r\n",
    "? ",
    "%YAML 1.2\n",
    "...\n",
];

const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "null",
    "true",
    "1e999",
    "-0.0",
    "1234567890123456789012345678901234567890",
    "\"\\ud800\"",
    "\"\\u001b[31m\"",
    "{}",
    "[]",
    "\"\"",
    "\\",
    "\u{202e}",
    "\n",
    "\"id\":",
    "\"job\":",
    "\"error\":",
    "\"status\":\"failed\"",
    "\"value\":",
    "\"environment\":",
    "\"cluster\":",
    "\"namespace\":",
    "\"digest\":",
    "\"format\":",
    "\"event\":\"job\"",
    "\"action\":",
];

#[test]
fn estates() {
    replay("yaml", targets::yaml, 1_500, YAML);
}

#[test]
fn answers() {
    replay("answer", targets::answer, 5_000, JSON);
}

#[test]
fn live_manifests() {
    replay("live", targets::live, 1_000, JSON);
}

#[test]
fn journals() {
    replay("journal", targets::journal, 5_000, JSON);
}

#[test]
fn plan_files() {
    replay("plan_file", targets::plan_file, 3_000, JSON);
}
