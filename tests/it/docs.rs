//! The documentation is true: links lead somewhere, and every command of a page prints what the page shows.
//!
//! The `console` blocks of a page are one story, told in a directory with a copy of `examples/`. Lines that start
//! with `$ ` are run by `sh`; what follows is stdout and stderr. A line `...` stands for any number of lines, and
//! ```` ```console exit=2 ```` says with which exit code the last command of a block ends. Ports, times and job ids
//! are not compared. `UPDATE=1 cargo test --test it docs` writes blocks without `...` anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::generated::is_update;
use crate::support::{copy_tree, project};

/// All pages, those of the root included.
fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<_> =
        ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|it| project().join(it)).into();
    let mut folders = vec![project().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(extension) if extension == "md" => pages.push(path),
                _ => {}
            }
        }
    }
    pages.sort();
    pages
}

/// The targets of the links of a page, outside of code.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut is_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        // The even parts between backticks are no code.
        let prose: String = line.split('`').step_by(2).collect();
        if !is_code {
            links.extend(
                prose.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())),
            );
        }
    }
    links
}

/// What GitHub makes of the headings of a page.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title.chars().filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_'));
            kept.map(|it| if it == ' ' { '-' } else { it }).collect()
        })
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut dead = String::new();
    for page in pages() {
        let text = fs_err::read_to_string(&page).unwrap();
        for link in links(&text).iter().filter(|link| !link.contains("://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link.as_str(), ""));
            let target = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            let is_alive = target.exists()
                && (anchor.is_empty()
                    || anchors(&fs_err::read_to_string(&target).unwrap()).contains(&anchor.to_owned()));
            if !is_alive {
                let _ = writeln!(dead, "{}: {link}", page.display());
            }
        }
    }
    assert!(dead.is_empty(), "dead links:\n{dead}");
}

#[test]
fn every_page_can_be_reached() {
    let index = fs_err::read_to_string(project().join("docs/index.md")).unwrap();
    let linked: Vec<_> = links(&index).iter().map(|link| project().join("docs").join(link)).collect();
    for page in pages().iter().filter(|page| page.starts_with(project().join("docs"))) {
        let is_index = page.ends_with("docs/index.md") || page.ends_with("docs/SUMMARY.md");
        assert!(is_index || linked.contains(page), "docs/index.md does not link {}", page.display());
    }
}

/// The site has every page, each once, in the order of the index.
#[test]
fn the_site_has_every_page() {
    let docs = project().join("docs");
    let linked = |name: &str| {
        let text = fs_err::read_to_string(docs.join(name)).unwrap();
        let all = links(&text).into_iter().map(|link| link.split('#').next().unwrap().to_owned());
        all.filter(|link| link.ends_with(".md") && link != "index.md").collect::<Vec<_>>()
    };
    assert_eq!(linked("SUMMARY.md"), linked("index.md"));
    let settings = fs_err::read_to_string(docs.join("book.toml")).unwrap();
    assert!(settings.contains("src = \".\""), "{settings}");
}

#[test]
fn every_command_prints_what_its_page_shows() {
    let pages = pages();
    let failures: String = std::thread::scope(|scope| {
        let told = pages.iter().filter(|page| page.starts_with(project().join("docs")));
        let told: Vec<_> = told.map(|page| scope.spawn(move || check_page(page))).collect();
        told.into_iter().map(|page| page.join().unwrap()).collect()
    });
    assert!(failures.is_empty() || is_update(), "{failures}");
}

/// What is wrong with a page.
fn check_page(page: &Path) -> String {
    let text = fs_err::read_to_string(page).unwrap();
    let mut failures = String::new();
    let told = tell(&text, &mut |message| {
        let _ = writeln!(failures, "== {}\n{message}", page.display());
    });
    if is_update() && told != text {
        fs_err::write(page, told).unwrap();
    }
    failures
}

/// Runs the commands of a page; the page as it should be.
fn tell(text: &str, fail: &mut impl FnMut(String)) -> String {
    let story = Story::new();
    let mut told = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        told += &format!("{line}\n");
        let Some(info) = line.strip_prefix("```console") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let code = info.trim().strip_prefix("exit=").map_or(0, |code| code.parse().unwrap());
        told += &story.block(&block, code, fail);
        told += "```\n";
    }
    told
}

/// The directory in which a page is told.
struct Story(tempfile::TempDir);

impl Story {
    fn new() -> Story {
        let directory = tempfile::tempdir().unwrap();
        copy_tree(&project().join("examples"), &directory.path().join("examples"));
        Story(directory)
    }

    /// Runs the commands of one block; the block as it should be.
    fn block(&self, lines: &[&str], code: i32, fail: &mut impl FnMut(String)) -> String {
        let mut told = String::new();
        let starts: Vec<_> = (0..lines.len()).filter(|at| lines[*at].starts_with("$ ")).collect();
        for (index, start) in starts.iter().enumerate() {
            let end = starts.get(index + 1).copied().unwrap_or(lines.len());
            let command = &lines[*start][2..];
            let shown = lines[start + 1..end].join("\n");
            let (printed, exit) = self.run(command);
            let expected_exit = if index + 1 == starts.len() { code } else { 0 };
            if exit != expected_exit {
                fail(format!("$ {command}\nexits with {exit}, not {expected_exit}:\n{printed}"));
            }
            if !matches(&shown, &printed) {
                fail(format!("$ {command}\n-- the page shows\n{shown}\n-- it prints\n{printed}"));
            }
            let keeps = shown.lines().any(|line| line == "...") || matches(&shown, &printed);
            let output = if keeps { shown } else { printed.trim_end().to_owned() };
            told += &format!("$ {command}\n");
            told += &output.lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>();
        }
        told
    }

    fn run(&self, command: &str) -> (String, i32) {
        let binary = Path::new(env!("CARGO_BIN_EXE_mxkeep")).parent().unwrap();
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", binary.display());
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("exec 2>&1; {command}")]).current_dir(self.0.path());
        let output = shell.env_clear().env("PATH", path).env("HOME", self.0.path()).output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap_or(-1))
    }
}

/// Whether an output is the one that is shown, where `...` stands for any number of lines.
fn matches(shown: &str, printed: &str) -> bool {
    let shown: Vec<_> = shown.trim_end().lines().map(steady).collect();
    let printed: Vec<_> = printed.trim_end().lines().map(steady).collect();
    lines_match(&shown, &printed)
}

fn lines_match(shown: &[String], printed: &[String]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first == "..." => {
            (0..=printed.len()).any(|skip| lines_match(rest, &printed[skip..]))
        }
        Some((first, rest)) => {
            printed.split_first().is_some_and(|(other, left)| first == other && lines_match(rest, left))
        }
    }
}

/// A line without what differs from run to run: ports, durations, and the blanks that make room for them.
fn steady(line: &str) -> String {
    let words = line.trim_end().split(' ').filter(|word| !word.is_empty());
    let indent = line.len() - line.trim_start().len();
    let mut words: Vec<_> = words.map(steady_word).collect();
    for at in 1..words.len() {
        if words[at - 1] == "job" && words[at].len() == "00000000-0000-0000-0000-000000000000".len() {
            words[at] = "ID".to_owned();
        }
    }
    format!("{}{}", " ".repeat(indent), words.join(" "))
}

fn steady_word(word: &str) -> String {
    if let Some((before, port)) = word.split_once("127.0.0.1:") {
        let rest = port.trim_start_matches(|it: char| it.is_ascii_digit());
        return format!("{before}127.0.0.1:PORT{rest}");
    }
    let bare = word.trim_end_matches([']', ',']);
    let is_duration = bare.strip_suffix('s').is_some_and(|number| number.parse::<f64>().is_ok());
    if is_duration { "TIME".to_owned() } else { word.to_owned() }
}

#[test]
fn elisions_and_times_are_no_difference() {
    assert!(matches("a\n...\nd", "a\nb\nc\nd"));
    assert!(!matches("a\n...\nd", "a\nb\nc"));
    assert!(matches("done  0.4s · verified", "done 12.1s · verified"));
    assert!(matches("at http://127.0.0.1:1/api", "at http://127.0.0.1:40123/api"));
    assert!(!matches("  a", "a"));
}

#[test]
fn the_guide_of_the_simulator_names_every_fault_and_no_other() {
    let guide = fs_err::read_to_string(project().join("docs/guides/simulator.md")).unwrap();
    let section = guide.split("## What goes wrong").nth(1).unwrap().split("## ").next().unwrap();
    let mut tables = section.split("\n\n").filter(|part| part.starts_with("| "));
    let cells = |table: &str| -> Vec<String> {
        let cells = table.lines().skip(2).filter_map(|row| row.split(" | ").next());
        cells.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned)).collect()
    };
    let faults = cells(tables.next().unwrap());
    for fault in &faults {
        assert!(fault.parse::<mxkeep::simulator::Fault>().is_ok(), "`{fault}` is no fault");
    }
    for selector in cells(tables.next().unwrap()) {
        let fault = format!("500,{selector}").parse::<mxkeep::simulator::Fault>();
        assert!(fault.is_ok(), "`{selector}` is no selector");
    }
    let unknown = "nothing-of-the-kind".parse::<mxkeep::simulator::Fault>().unwrap_err();
    let (_, known) = unknown.split_once("known: ").unwrap();
    for name in known.split(", ") {
        assert!(
            faults.iter().any(|it| it.split('=').next() == Some(name)),
            "the guide does not name the fault `{name}`"
        );
    }
}

#[test]
fn every_dependency_has_its_reason() {
    let page = fs_err::read_to_string(project().join("docs/design/0002-dependencies.md")).unwrap();
    let manifest = fs_err::read_to_string(project().join("Cargo.toml")).unwrap();
    let sections =
        manifest.split("\n[").filter(|section| section.split(']').next().unwrap().contains("dependencies"));
    let mut named = Vec::new();
    for line in sections.flat_map(|section| section.lines().skip(1)) {
        if let Some((name, _)) = line.split_once(" = ") {
            assert!(page.contains(&format!("`{name}`")), "{name} has no reason");
            named.push(format!("`{name}`"));
        }
    }
    // The first cell of a row names crates, and nothing else.
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let cell = row.split('|').nth(1).unwrap().split('(').next().unwrap();
        for name in cell.split(',').map(str::trim) {
            assert!(named.contains(&name.to_owned()), "{name} is no dependency");
        }
    }
}
