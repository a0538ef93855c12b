//! Writes a journal as a run goes on.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use fs_err::{File, OpenOptions};
use jiff::Timestamp;
use serde::Serialize;

use super::{Entry, Header, Line, Recorded};

/// A journal that is being written. Clones write the same file.
#[derive(Debug, Clone)]
pub struct Journal(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    /// Nothing once a line could not be written: what came after it would stand behind half a line.
    file: Option<File>,
    /// Why there are no more lines, until somebody has told it.
    failure: Option<String>,
}

impl Journal {
    /// Begins a journal in a new file, or in the place of `replace`.
    ///
    /// # Errors
    ///
    /// When the file exists and is not to be replaced, or cannot be written.
    pub fn begin(path: &Path, header: &Header, replace: bool) -> io::Result<Journal> {
        let mut options = OpenOptions::new();
        options.write(true);
        let mut file = match replace {
            true => options.create(true).truncate(true).open(path)?,
            false => options.create_new(true).open(path)?,
        };
        // A run that is killed before this is on disk has sent nothing.
        file.write_all(&line(header)?)?;
        file.sync_all()?;
        Ok(Journal::of(path, file))
    }

    /// Goes on in the journal of an earlier run, behind its last whole line.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn go_on(path: &Path, recorded: &Recorded, now: Timestamp) -> io::Result<Journal> {
        let mut file = OpenOptions::new().append(true).open(path)?;
        file.set_len(recorded.length())?;
        if !recorded.ends_with_a_line() {
            file.write_all(b"\n")?;
        }
        file.write_all(&line(&Line { at: now, entry: Entry::Resumed })?)?;
        file.sync_all()?;
        Ok(Journal::of(path, file))
    }

    fn of(path: &Path, file: File) -> Journal {
        Journal(Arc::new(Mutex::new(Inner { path: path.to_owned(), file: Some(file), failure: None })))
    }

    /// Notes something that happened.
    pub(in crate::apply) fn note(&self, at: Timestamp, entry: Entry) {
        self.write(&Line { at, entry }, false);
    }

    /// Notes something, and comes back when it is on disk, or cannot be.
    pub(in crate::apply) async fn note_durably(&self, at: Timestamp, entry: Entry) {
        let journal = self.clone();
        // Only a panic ends the thread early, and then there is nothing to wait for.
        let _ = tokio::task::spawn_blocking(move || journal.write(&Line { at, entry }, true)).await;
    }

    /// Why nothing more is written, said once.
    pub(in crate::apply) fn failure(&self) -> Option<String> {
        self.lock().failure.take()
    }

    /// Removes the file: nothing in it is of use any more.
    ///
    /// # Errors
    ///
    /// When it cannot be removed.
    pub fn remove(&self) -> io::Result<()> {
        let mut inner = self.lock();
        inner.file = None;
        fs_err::remove_file(&inner.path)
    }

    fn write(&self, entry: &Line, durably: bool) {
        let mut inner = self.lock();
        let Some(file) = &mut inner.file else { return };
        let written = line(entry).and_then(|line| {
            file.write_all(&line)?;
            if durably { file.sync_data() } else { Ok(()) }
        });
        if let Err(error) = written {
            inner.file = None;
            inner.failure = Some(error.to_string());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        // What a panic can leave behind is half a line, and every reader of journals expects that.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One line, written in one piece so that no other comes in between.
fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}
