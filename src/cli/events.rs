//! Events of a run on their way to `--format events` and `--out events=FILE`.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use fs_err::{File, OpenOptions};
use jiff::Timestamp;

use super::args::OutputArgs;
use super::error::CliError;
use super::files;
use super::ui::Ui;
use crate::apply::ApplyEvent;
use crate::render::{Format, event_line};

/// Where the events of a run go, each at once.
pub(super) struct EventLog {
    files: Vec<File>,
    to_stdout: bool,
}

/// Makes empty files for the events of a command, before it does anything: a file that cannot be written is found then.
///
/// # Errors
///
/// When one cannot be written.
pub(super) fn begin(args: &OutputArgs) -> Result<(), CliError> {
    paths(args).try_for_each(|path| {
        files::refuse_planted(path)?;
        File::create(path).map(|_| ()).map_err(|error| CliError::file("write", path, &error))
    })
}

/// Adds the last line.
pub(super) fn append(path: &PathBuf, line: &str) -> std::io::Result<()> {
    opened(path)?.write_all(line.as_bytes())
}

fn paths(args: &OutputArgs) -> impl Iterator<Item = &PathBuf> {
    args.out.iter().filter(|out| out.format == Format::Events).map(|out| &out.path)
}

fn opened(path: &PathBuf) -> std::io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

impl EventLog {
    /// The places of these arguments. A file that cannot be opened any more is told when the report is to go there.
    pub(super) fn open(args: &OutputArgs) -> EventLog {
        let files = paths(args).filter_map(|path| opened(path).ok()).collect();
        EventLog { files, to_stdout: args.format == Format::Events }
    }

    /// Writes an event. What cannot be written does not stop a run; the report at its end fails then, too.
    pub(super) fn hear(&mut self, ui: &Ui, event: &ApplyEvent, elapsed: Duration) {
        if self.files.is_empty() && !self.to_stdout {
            return;
        }
        let line = event_line(event, Timestamp::now(), elapsed);
        for file in &mut self.files {
            // In one piece, so that nobody who follows the file reads half a line.
            let _ = file.write_all(line.as_bytes());
        }
        if self.to_stdout {
            let _ = ui.result(&line);
        }
    }
}
