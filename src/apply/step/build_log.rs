//! The log of a build that failed: its end for the report, and the whole of it where somebody wants it.

use std::collections::VecDeque;
use std::io::Write;
use std::path::Path;

use crate::api::{Client, JobId};

/// How many lines of a log are shown.
const SHOWN: usize = 20;

/// The longest line that is shown, in characters.
const WIDEST: usize = 200;

/// What became of a log.
pub(super) struct BuildLog {
    /// Its last lines.
    pub(super) tail: Vec<String>,
    /// What to know about it.
    pub(super) note: Option<String>,
}

/// Reads the log of a job, a piece at a time; writes it to `DIRECTORY/NAME.log` where there is a directory.
pub(super) async fn read(client: &Client, job: &JobId, name: &str, directory: Option<&Path>) -> BuildLog {
    let mut tail: VecDeque<String> = VecDeque::with_capacity(SHOWN + 1);
    let mut file = directory.map(|directory| LogFile::create(directory, name));
    let read = client.build_log(job, |line| {
        if let Some(file) = &mut file {
            file.line(line);
        }
        tail.push_back(line.chars().take(WIDEST).collect());
        if tail.len() > SHOWN {
            tail.pop_front();
        }
    });
    let error = read.await.err().map(|error| format!("the log of the build could not be read: {error}"));
    let note = error.or_else(|| file.map(LogFile::end));
    BuildLog { tail: tail.into(), note }
}

/// A file that receives a log. What goes wrong with it is told once, and does not spoil the rest.
struct LogFile {
    path: std::path::PathBuf,
    file: std::io::Result<std::io::BufWriter<fs_err::File>>,
}

impl LogFile {
    fn create(directory: &Path, name: &str) -> LogFile {
        let path = directory.join(format!("{name}.log"));
        let file = fs_err::create_dir_all(directory)
            .and_then(|()| fs_err::File::create(&path))
            .map(std::io::BufWriter::new);
        LogFile { path, file }
    }

    fn line(&mut self, line: &str) {
        if let Ok(file) = &mut self.file
            && let Err(error) = writeln!(file, "{line}")
        {
            self.file = Err(error);
        }
    }

    fn end(self) -> String {
        let path = self.path.display().to_string();
        match self.file.and_then(|mut file| file.flush()) {
            Ok(()) => format!("the whole log of the build is in `{path}`"),
            Err(error) => format!("the log of the build could not be saved: {error}"),
        }
    }
}
