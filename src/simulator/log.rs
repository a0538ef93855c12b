//! The log of requests, by which tests count what a client did.

use serde::Serialize;
use tokio::sync::watch;

/// A request as the simulator saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The status answered; none while there is no answer, and when the connection was dropped.
    pub status: Option<u16>,
}

/// All requests in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Log {
    last: u64,
    entries: Vec<Entry>,
    /// Tells those who wait for requests that something happened.
    news: watch::Sender<()>,
}

/// One line of the log, as `/_admin/requests` shows it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Entry {
    number: u64,
    method: String,
    path: String,
    status: Option<u16>,
    dropped: bool,
}

impl Log {
    /// Notes a request that came; returns its number.
    pub(super) fn begin(&mut self, method: &str, path: &str) -> u64 {
        self.last += 1;
        let (number, method, path) = (self.last, method.to_owned(), path.to_owned());
        self.entries.push(Entry { number, method, path, status: None, dropped: false });
        self.news.send_replace(());
        number
    }

    /// Notes the answer; none means that the connection was dropped. The log may have been cleared meanwhile.
    pub(super) fn end(&mut self, number: u64, status: Option<u16>) {
        if let Ok(index) = self.entries.binary_search_by_key(&number, |entry| entry.number)
            && let Some(entry) = self.entries.get_mut(index)
        {
            entry.status = status;
            entry.dropped = status.is_none();
        }
        self.news.send_replace(());
    }

    /// Hears of every request that comes and is answered.
    pub(super) fn listen(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    /// Forgets everything but the numbering.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }

    /// The lines.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The lines for Rust callers.
    pub(super) fn requests(&self) -> Vec<LoggedRequest> {
        let public = |Entry { number: _, method, path, status, dropped: _ }: &Entry| LoggedRequest {
            method: method.clone(),
            path: path.clone(),
            status: *status,
        };
        self.entries.iter().map(public).collect()
    }
}
