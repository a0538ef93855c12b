//! `mxkeep validate --explain CODE`: the page of one code.

use std::fmt::Write as _;

use super::codes;
use super::error::CliError;
use crate::source::codes::{Code, FAMILIES, Family};
use crate::{apply, plan};

/// The page of a code, no line longer than `width`.
///
/// # Errors
///
/// When no code has this id.
pub(super) fn page(id: &str, width: usize) -> Result<String, CliError> {
    let id = id.trim().to_uppercase();
    for family in FAMILIES {
        if let Some(code) = family.codes.iter().find(|code| code.id == id) {
            return Ok(of_code(code, family, width));
        }
        if let Some(rule) = family.elsewhere.iter().find(|rule| rule.id == id) {
            let title = textwrap::fill(&format!("{}: {}", rule.id, rule.title), width);
            let decided = textwrap::fill(&format!("Files alone do not decide it. {}", rule.decided), width);
            return Ok(format!("{title}\n\n{decided}\n"));
        }
    }
    match short_codes().find(|(code, _)| *code == id) {
        Some((code, meaning)) => Ok(format!("{}\n", textwrap::fill(&format!("{code}: {meaning}"), width))),
        None => Err(unknown(&id)),
    }
}

fn of_code(code: &Code, family: &Family, width: usize) -> String {
    let Code { id, severity, milder, title, why, instead, example } = code;
    let milder = milder.map(|milder| format!(", or {}", milder.name())).unwrap_or_default();
    let mut text = format!("{}\n", textwrap::fill(&format!("{id}: {title}"), width));
    let _ = write!(text, "{}{milder} · {}\n\n", severity.name(), family.title);
    let _ = writeln!(text, "{}", textwrap::fill(why, width));
    if let Some(instead) = instead {
        let _ = write!(text, "\n{}\n", textwrap::fill(instead, width));
    }
    if let Some(example) = example {
        let _ = write!(text, "\n{}\n", textwrap::indent(example, "    "));
    }
    if code.may_be_waived() {
        let waiver = format!("    waivers:\n      - {{rule: {id}, address: \"…\", reason: …, until: …}}");
        let _ = write!(text, "\nWhere it is right all the same, `mxkeep.yaml` can waive it:\n\n{waiver}\n");
    }
    text
}

/// Codes that come from elsewhere than the files, with their meaning.
fn short_codes() -> impl Iterator<Item = (&'static str, &'static str)> {
    [plan::note::CODES, apply::outcome::CODES, codes::CODES].into_iter().flatten().copied()
}

fn unknown(id: &str) -> CliError {
    let mut known: Vec<&str> = Vec::new();
    for family in FAMILIES {
        known.extend(family.codes.iter().map(|code| code.id));
        known.extend(family.elsewhere.iter().map(|rule| rule.id));
    }
    known.extend(short_codes().map(|(code, _)| code));
    let near = similar::get_close_matches(id, &known, 1, 0.6);
    let help = near.first().map_or_else(
        || "mxkeep validate shows the code of each finding, such as `CNT-01`".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    CliError::usage(format!("no code has the id `{id}`"), &help)
}
