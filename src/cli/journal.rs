//! Where the journal of a run stands, whether it stays, and the command that goes on with it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::error::CliError;
use super::exit::ExitStatus;
use super::simulate::private_folder;
use super::ui::Ui;
use crate::apply::journal::{Header, Journal, JournalError, Recorded};
use crate::apply::{ActionOutcome, Outcome};

/// Where a run is to keep its journal.
#[derive(Debug)]
pub(super) enum Place {
    /// Nowhere: a run of another command, which nothing can go on with.
    Nowhere,
    /// In the estate, in a folder that Git ignores.
    Estate(PathBuf),
    /// In a file that somebody has chosen.
    Chosen(PathBuf),
    /// In that of the run that it goes on with.
    Resumed(Kept),
}

/// A journal that is kept.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) journal: Journal,
    path: PathBuf,
    /// Whether it stays when nobody needs it any more.
    stays: bool,
}

impl Place {
    /// Begins the journal of a run that is approved.
    ///
    /// # Errors
    ///
    /// When somebody has chosen a place that cannot be used. A run that nobody has chosen a place for goes on without.
    pub(super) fn begin(self, header: &Header, ui: &Ui) -> Result<Option<Kept>, CliError> {
        match self {
            Place::Nowhere => Ok(None),
            Place::Resumed(kept) => Ok(Some(kept)),
            Place::Chosen(path) => chosen(path, header).map(Some),
            Place::Estate(estate) => {
                let begun = in_estate(&estate, header);
                let kept = begun.inspect_err(|(path, error)| {
                    let path = path.display();
                    ui.tell(&format!("warning: the run keeps no journal: cannot write `{path}`: {error}\n"));
                });
                Ok(kept.ok())
            }
        }
    }
}

impl Kept {
    /// Goes on in the journal of an earlier run; nothing, and a warning, where it cannot be written.
    pub(super) fn of(path: &Path, estate: &Path, recorded: &Recorded, ui: &Ui) -> Option<Kept> {
        let stays = !is_in(estate, path);
        match Journal::go_on(path, recorded, Timestamp::now()) {
            Ok(journal) => Some(Kept { journal, path: path.to_owned(), stays }),
            Err(error) => {
                let path = path.display();
                ui.tell(&format!("warning: the run keeps no journal: cannot write `{path}`: {error}\n"));
                None
            }
        }
    }

    /// What becomes of it when the run is over. One that nothing has to go on with is removed, unless somebody has chosen
    /// its place; the others are told in the outcome.
    pub(super) fn end(self, outcome: &mut Outcome) {
        let is_of_use = outcome.interrupted || outcome.count(ActionOutcome::Unknown) > 0;
        if !is_of_use && !self.stays {
            // That it cannot be removed is no failure of the run.
            let _ = self.journal.remove();
            return;
        }
        outcome.journal = Some(self.path.display().to_string());
        if is_of_use {
            outcome.resume = Some(command(&self.path));
        }
    }
}

/// The command that goes on with a journal.
pub(super) fn command(path: &Path) -> String {
    resume_command(std::env::args_os().skip(1), path)
}

/// Reads the journal to go on with, and checks that it is of this estate and these APIs.
pub(super) fn read(path: &Path, estate: &str, apis: &[String]) -> Result<Recorded, CliError> {
    let read = Recorded::read(path).and_then(|recorded| recorded.check(estate, apis).map(|()| recorded));
    read.map_err(|error| {
        let (status, help) = match &error {
            JournalError::Unreadable(error) => return CliError::file("read", path, error),
            JournalError::NoJournal | JournalError::TooLarge => {
                (ExitStatus::InvalidInput, "an interrupted run says which file to name here")
            }
            JournalError::Damaged { .. } => (
                ExitStatus::Refused,
                "run `mxkeep apply` without --resume: it plans anew, and ends in the same place",
            ),
            JournalError::OtherFormat { .. } => {
                (ExitStatus::Refused, "use the mxkeep that wrote it, or run `mxkeep apply` without --resume")
            }
            JournalError::OtherEstate { .. } => {
                (ExitStatus::Refused, "name the directory of the estate that the run was of")
            }
            JournalError::OtherApi { .. } => (
                ExitStatus::Refused,
                "resume against the API that the run talked to, or apply without --resume",
            ),
        };
        CliError::new(status, format!("the journal `{}` {error}", path.display()), help)
    })
}

/// A new file in the estate, named after the time and the plan.
fn in_estate(estate: &Path, header: &Header) -> Result<Kept, (PathBuf, std::io::Error)> {
    let folder = folder(estate);
    let failed = |error| (folder.clone(), error);
    private_folder(estate).map_err(failed)?;
    fs_err::create_dir_all(&folder).map_err(failed)?;
    let name = format!("{}-{}", header.created.strftime("%Y%m%dT%H%M%SZ"), short(&header.plan));
    let mut path = folder.join(format!("{name}.jsonl"));
    for count in 2..100 {
        match Journal::begin(&path, header, false) {
            Ok(journal) => return Ok(Kept { journal, path, stays: false }),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                path = folder.join(format!("{name}-{count}.jsonl"));
            }
            Err(error) => {
                // Half a first line is of no use to anybody.
                let _ = fs_err::remove_file(&path);
                return Err((path, error));
            }
        }
    }
    let error = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
    Err((path, error))
}

fn folder(estate: &Path) -> PathBuf {
    estate.join(".mxkeep").join("journal")
}

fn is_in(estate: &Path, path: &Path) -> bool {
    let home = path.parent().and_then(|parent| fs_err::canonicalize(parent).ok());
    home.is_some() && home == fs_err::canonicalize(folder(estate)).ok()
}

fn short(digest: &str) -> &str {
    digest.get(..8).unwrap_or(digest)
}

/// The file that somebody has chosen. What is there already is replaced only when it is a journal that nothing is open in.
fn chosen(path: PathBuf, header: &Header) -> Result<Kept, CliError> {
    match Recorded::read(&path) {
        Ok(recorded) if !recorded.open_jobs().is_empty() => {
            let path = path.display();
            let message = format!("the journal `{path}` is of a run whose jobs may be open");
            let help = format!("go on with `--resume {path}`, choose another file, or remove it");
            return Err(CliError::new(ExitStatus::Refused, message, &help));
        }
        Err(JournalError::Unreadable(_)) | Ok(_) => {}
        Err(_) if fs_err::metadata(&path).is_ok_and(|file| file.is_file() && file.len() > 0) => {
            let message = format!("`{}` is there already, and no journal", path.display());
            return Err(CliError::new(ExitStatus::Refused, message, "choose another file, or remove it"));
        }
        Err(_) => {}
    }
    let begun = Journal::begin(&path, header, true);
    let journal = begun.map_err(|error| CliError::file("write", &path, &error))?;
    Ok(Kept { journal, path, stays: true })
}

/// The command line of this run without what only begins one, and with the journal. It can be run as it is shown, in the
/// directory in which this one was started.
fn resume_command(arguments: impl Iterator<Item = OsString>, journal: &Path) -> String {
    let mut words = vec!["mxkeep".to_owned()];
    let mut arguments = arguments.map(|argument| argument.to_string_lossy().into_owned());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--yes" | "-y" => {}
            "--journal" | "--resume" | "--plan" => drop(arguments.next()),
            other if ["--journal=", "--resume=", "--plan="].iter().any(|it| other.starts_with(it)) => {}
            other => words.push(quoted(other)),
        }
    }
    words.push("--resume".to_owned());
    words.push(quoted(&journal.display().to_string()));
    words.join(" ")
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_=./:,@%+".contains(character);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_that_of_the_run() {
        let command = |arguments: &[&str]| {
            resume_command(arguments.iter().map(OsString::from), Path::new("my journals/one.jsonl"))
        };
        assert_eq!(
            command(&["-C", "es tate", "apply", ".", "--yes", "--journal", "x", "--simulate=w.json"]),
            "mxkeep -C 'es tate' apply . --simulate=w.json --resume 'my journals/one.jsonl'"
        );
        assert_eq!(
            command(&["apply", "-y", "--plan=p.json", "--resume=old", "--target", "environment/*/it's"]),
            r"mxkeep apply --target 'environment/*/it'\''s' --resume 'my journals/one.jsonl'"
        );
    }
}
