//! The reference pages are made from the code and committed, so that people can read them and nobody can forget them.
//!
//! `UPDATE=1 cargo test --test it generated` writes them anew; read the difference before you commit it.

mod fields;
mod formats;
mod rules;

use std::fmt::Write as _;
use std::path::Path;

use clap::CommandFactory;
use mxkeep::cli::args::Cli;
use mxkeep::cli::{self, env, exit};
use mxkeep::model::kinds::SIZES;
use mxkeep::render::Format;
use mxkeep::source::codes;
use mxkeep::{apply, plan};

use crate::support::project;

/// What the top of every page says.
const MADE: &str =
    "<!-- Made from the code by tests/it/generated.rs; edit the code, then run UPDATE=1 cargo test. -->\n\n";

/// Whether expectations are to be written anew.
#[expect(clippy::disallowed_methods, reason = "a switch of the tests themselves")]
pub fn is_update() -> bool {
    std::env::var("UPDATE").is_ok()
}

/// Holds a text against a committed file, or writes the file.
pub fn assert_committed(path: &Path, text: &str) {
    if is_update() {
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    let committed = fs_err::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
    if committed != text {
        let at = committed.lines().zip(text.lines()).position(|(one, other)| one != other);
        let at = at.unwrap_or_else(|| committed.lines().count().min(text.lines().count()));
        panic!(
            "{} is out of date from line {} on; UPDATE=1 cargo test --test it writes it\n- {}\n+ {}",
            path.display(),
            at + 1,
            committed.lines().nth(at).unwrap_or("(end of file)"),
            text.lines().nth(at).unwrap_or("(end of file)"),
        );
    }
}

fn assert_page(name: &str, text: &str) {
    assert_committed(&project().join("docs/reference").join(name), &format!("{MADE}{}\n", text.trim_end()));
}

/// A cell of a table: one line, no bars.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// A table; columns are not aligned, so that one long cell does not change every line.
fn table<const N: usize>(heads: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let line = |cells: [String; N]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(heads.map(str::to_owned)) + &line([(); N].map(|()| "---".to_owned()));
    for row in rows {
        text += &line(row.map(|it| cell(&it)));
    }
    text
}

#[test]
fn codes() {
    let mut text = "# Codes\n\n\
        Every diagnostic, note, block and failure has a stable code. A rule of the platform has its own id (`CNT-01`); \
        everything else is `YAML-` (the text), `SHAPE-` (keys and types), `REF-` (references), `EST-` (the estate as \
        a whole), `PLAN-` (plans) or `APPLY-` (runs) with a number.\n\n\
        ## In files\n\nReported by every command that reads an estate. The rules of the platform have [a page of their \
        own](rules.md).\n"
        .to_owned();
    let mut all: Vec<_> = codes::all().filter(|code| !code.is_rule()).collect();
    all.sort_by_key(|code| code.id);
    all.into_iter().for_each(|code| text += &rules::section(code));
    text += "\n## On the way to the API\n\n";
    text += &short_codes(cli::codes::CODES);
    let _ = write!(
        text,
        "\n## In plans\n\nNotes, reasons of blocked actions, and problems that keep a plan from being applied.\n\n"
    );
    text += &short_codes(plan::note::CODES);
    let _ = write!(text, "\n## In outcomes\n\nWhy an action did not succeed.\n\n");
    text += &short_codes(apply::outcome::CODES);
    assert_page("codes.md", &text);
}

/// Codes are looked up; one that no list has could not be.
#[test]
fn no_code_is_outside_of_the_lists() {
    let lists = [plan::note::CODES, apply::outcome::CODES, cli::codes::CODES].concat();
    let mut known: Vec<_> = lists.iter().map(|(code, _)| *code).collect();
    known.extend(codes::all().map(|code| code.id));
    known.extend(codes::FAMILIES.iter().flat_map(|family| family.elsewhere).map(|rule| rule.id));
    let mut folders = vec![project().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = String::from_utf8(fs_err::read(&path).unwrap()).unwrap_or_default();
            for literal in text.split('"').filter(|literal| is_code(literal)) {
                assert!(known.contains(&literal), "{}: {literal}", path.display());
            }
        }
    }
}

/// `CNT-01`, `SHAPE-001`.
fn is_code(text: &str) -> bool {
    let is_upper = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_number =
        |text: &str| matches!(text.len(), 2 | 3) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.rsplit_once('-').is_some_and(|(family, number)| is_upper(family) && is_number(number))
}

#[test]
fn the_help_names_every_format() {
    let command = Cli::command();
    let plan = command.find_subcommand("plan").unwrap();
    let format = plan.get_arguments().find(|argument| argument.get_id() == "format").unwrap();
    let help = format.get_help().unwrap().to_string();
    for format in Format::ALL {
        assert!(help.contains(format.name()), "`{help}` does not name {format}");
    }
}

fn short_codes(codes: &[(&str, &str)]) -> String {
    table(["code", "meaning"], codes.iter().map(|(code, doc)| [format!("`{code}`"), (*doc).to_owned()]))
}

#[test]
fn exit_codes() {
    let rows = exit::ALL.iter().map(|(status, doc)| [format!("`{}`", status.code()), (*doc).to_owned()]);
    let mut order: Vec<_> = exit::ALL.iter().map(|(status, _)| *status).collect();
    order.sort_by_key(|one| {
        exit::ALL.iter().filter(|(other, _)| exit::ExitStatus::first_of(&[*one, *other]) == *other).count()
    });
    let order: Vec<_> = order.iter().map(|status| status.code().to_string()).collect();
    let text = format!(
        "# Exit codes\n\nThe same for every command and format.\n\n{}\nA run that meets several of them ends with the first \
         of {}.\n",
        table(["code", "meaning"], rows),
        order.join(", "),
    );
    assert_page("exit-codes.md", &text);
}

#[test]
fn environment_variables() {
    let rows = env::ALL.iter().map(|variable| {
        let names: Vec<_> = variable.name.split(", ").map(|name| format!("`{name}`")).collect();
        [names.join(", "), variable.doc.to_owned()]
    });
    let text = format!(
        "# Environment variables\n\nA variable that is set to nothing counts as not set. Besides these, mxkeep reads the \
         variables that an estate names with `fromEnv`.\n\n{}",
        table(["variable", "what it is for"], rows),
    );
    assert_page("environment.md", &text);
}

#[test]
fn commands() {
    let mut command = Cli::command().term_width(100);
    command.build();
    let mut text = "# Commands\n\nWhat `--help` says.\n".to_owned();
    text += &section("mxkeep", &mut command);
    let names: Vec<String> = command.get_subcommands().map(|it| it.get_name().to_owned()).collect();
    for name in names {
        let command = command.find_subcommand_mut(&name).unwrap();
        text += &section(&format!("mxkeep {name}"), command);
        let below: Vec<String> = command.get_subcommands().map(|it| it.get_name().to_owned()).collect();
        for below in below {
            let title = format!("mxkeep {name} {below}");
            text += &section(&title, command.find_subcommand_mut(&below).unwrap());
        }
    }
    assert_page("commands.md", &text);
}

fn section(title: &str, command: &mut clap::Command) -> String {
    let help = command.render_long_help().to_string();
    let lines: Vec<_> = help.trim_end().lines().map(str::trim_end).collect();
    format!("\n## {title}\n\n```text\n{}\n```\n", lines.join("\n"))
}

#[test]
fn sizes() {
    let rows = SIZES.iter().map(|size| {
        let [limit_cpu, limit_memory] = size.limits;
        let [request_cpu, request_memory] = size.requests;
        [
            format!("`{}`", size.name),
            limit_cpu.into(),
            limit_memory.into(),
            request_cpu.into(),
            request_memory.into(),
        ]
    });
    let text = format!(
        "# Sizes\n\n`container.size` is short for `container.coreResources`. cpu is in cores, memory in Gb; ephemeral \
         storage is 1 Gb for all of them.\n\n{}",
        table(["size", "cpu limit", "memory limit", "cpu request", "memory request"], rows),
    );
    assert_page("sizes.md", &text);
}
