//! What a shell completes while somebody types: commands and options as they are declared, addresses from the estate.
//!
//! The shell asks mxkeep itself, with a variable set; the scripts that make it ask are those of
//! `mxkeep completions`.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};

use super::args::Cli;
use super::context::load_options;
use super::env;
use crate::plan::addresses;
use crate::source::load;

/// Answers a shell, if one asks. An error says why it gets no answer.
pub(super) fn answer() -> Result<bool, clap::Error> {
    let here = std::env::current_dir().ok();
    CompleteEnv::with_factory(Cli::command)
        .var(env::COMPLETE.name)
        .try_complete(std::env::args_os(), here.as_deref())
}

/// The script that makes a shell ask; nothing for a shell that is not known.
pub(super) fn script(shell: &str) -> Option<std::io::Result<Vec<u8>>> {
    let shells = Shells::builtins();
    let shell = shells.completer(shell)?;
    let mut script = Vec::new();
    let written = shell.write_registration(env::COMPLETE.name, "mxkeep", "mxkeep", "mxkeep", &mut script);
    Some(written.map(|()| script))
}

/// Completes addresses of the estate that the words typed so far are about.
pub(super) fn address() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let Some(current) = current.to_str() else { return Vec::new() };
        let words: Vec<OsString> = std::env::args_os().skip_while(|word| word != "--").skip(1).collect();
        let Some(desired) = load(&estate(&words), &load_options()).desired else { return Vec::new() };
        let mut known: Vec<String> = addresses(&desired).map(ToString::to_string).collect();
        known.sort();
        known.dedup();
        known
            .into_iter()
            .filter(|address| address.starts_with(current))
            .map(CompletionCandidate::new)
            .collect()
    })
}

/// The estate that words of a command line name: a directory that is one, or that of `-C DIR` or `-CDIR`.
fn estate(words: &[OsString]) -> PathBuf {
    let next = words.iter().skip(1).map(Some).chain([None]);
    let base = words.iter().zip(next).find_map(|(word, next)| match word.to_str()?.strip_prefix("-C")? {
        "" => next.map(PathBuf::from),
        attached => Some(PathBuf::from(attached.strip_prefix('=').unwrap_or(attached))),
    });
    let base = base.unwrap_or_else(|| PathBuf::from("."));
    let is_estate = |directory: &Path| directory.join("mxkeep.yaml").is_file();
    words.iter().skip(1).map(|word| base.join(word)).find(|directory| is_estate(directory)).unwrap_or(base)
}
