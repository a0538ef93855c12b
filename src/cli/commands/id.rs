//! `mxkeep id`: gives documents the ids that they lack.

use std::collections::BTreeMap;

use crate::cli::args::IdArgs;
use crate::cli::context::today;
use crate::cli::env;
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::files;
use crate::cli::ui::Ui;
use crate::render::{plural, sanitise};
use crate::source::{LoadOptions, MissingId, load, name_in, propose_ids, with_ids};

pub(in crate::cli) fn run(args: &IdArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let directory = &args.estate.estate;
    let loaded = load(directory, &LoadOptions { environment: &env::read_for_estate, today: today() });
    let names: Vec<String> = loaded.files.names().map(str::to_owned).collect();
    if names.is_empty() {
        return Err(crate::cli::context::invalid(loaded.diagnostics));
    }
    let texts = files::read(directory, names.iter().map(String::as_str))?;
    let mut missing = loaded.missing_ids;
    propose_ids(&texts, &mut missing, &mut rand::random);
    let mut out = String::new();
    if missing.is_empty() {
        out.push_str("No document lacks its id\n");
    }
    for missing in &missing {
        out.push_str(&line(missing, &texts));
    }
    let proposed = missing.iter().filter(|missing| missing.proposal.is_some()).count();
    if args.write && proposed > 0 {
        let changed = with_ids(&texts, &missing)?;
        files::write(directory, &changed)?;
        out.push_str(&written(&texts, &changed, proposed));
    }
    ui.result(&out).map_err(|error| CliError::output(&error))?;
    if !args.write && proposed > 0 {
        ui.status("`mxkeep id --write` puts such ids into the files; each run proposes others");
    }
    let left = if args.write { missing.len() - proposed } else { missing.len() };
    Ok(if left == 0 { ExitStatus::Done } else { ExitStatus::InvalidInput })
}

fn line(missing: &MissingId, texts: &BTreeMap<String, String>) -> String {
    let MissingId { kind, field, document, mapping: _, keys, proposal } = missing;
    let mut name = name_in(texts, missing).map_or_else(String::new, |name| format!(" {}", sanitise(&name)));
    if !keys.is_empty() {
        name.push_str(&format!(" ({})", sanitise(&keys.join(", "))));
    }
    let place = format!("{}:{}:{}", document.file, document.line, document.column);
    match proposal {
        Some(id) => format!("{place}: {kind}{name} lacks `{field}: {id}`\n"),
        None => format!("{place}: {kind}{name} lacks `{field}`; copy it from the Developer Portal\n"),
    }
}

fn written(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>, count: usize) -> String {
    let ids = if count == 1 { "1 id".to_owned() } else { format!("{count} ids") };
    format!("\n{}\nWrote {ids} into {}\n", files::difference(old, new), plural::FILE.count(new.len()))
}
