//! The body of an upload: a form with a file in it, read from the disk while it is sent.
//!
//! A package has up to 1 GiB, and only one chunk of it is in memory. The content is its identity, so its hash is
//! computed once more on the way: a file that has changed meanwhile is not sent to its end.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncRead, ReadBuf};

use crate::model::{Upload, hex};

/// How much of the file is in memory at a time.
const CHUNK: usize = 256 * 1024;

/// How far an upload has come; shared by the body and by who watches it.
#[derive(Debug, Default)]
pub(super) struct Sent {
    bytes: AtomicU64,
    /// Why the file could not be sent.
    failure: OnceLock<String>,
}

impl Sent {
    /// How many bytes were handed to the connection.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// What is wrong with the file, if something is.
    pub(super) fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }
}

/// The file cannot be sent.
#[derive(Debug, thiserror::Error)]
#[error("the file cannot be sent")]
pub(super) struct Unsendable;

/// A `multipart/form-data` body with `fileName` and `file`.
pub(super) struct Form {
    head: Option<Bytes>,
    file: File,
    left: u64,
    hash: Sha256,
    sha256: String,
    tail: Option<Bytes>,
    sent: Arc<Sent>,
}

impl Form {
    /// A form with this boundary.
    pub(super) fn new(boundary: &str, file_name: &str, upload: &Upload, file: File, sent: Arc<Sent>) -> Form {
        // The name of a package holds nothing that a quoted string has to escape.
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"fileName\"\r\n\r\n{file_name}\r\n--{boundary}\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        Form {
            head: Some(head.into()),
            file,
            left: upload.size,
            hash: Sha256::new(),
            sha256: upload.sha256.clone(),
            tail: Some(format!("\r\n--{boundary}--\r\n").into()),
            sent,
        }
    }

    /// How many bytes are still to be sent.
    pub(super) fn remaining(&self) -> u64 {
        let length = |part: &Option<Bytes>| part.as_ref().map_or(0, |part| part.len() as u64);
        length(&self.head) + self.left + length(&self.tail)
    }

    fn hand_out(&self, bytes: Bytes) -> Poll<Option<Result<Frame<Bytes>, Unsendable>>> {
        self.sent.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn give_up(&self, reason: String) -> Poll<Option<Result<Frame<Bytes>, Unsendable>>> {
        // The first reason is the one that counts.
        let _ = self.sent.failure.set(reason);
        Poll::Ready(Some(Err(Unsendable)))
    }
}

impl Body for Form {
    type Data = Bytes;
    type Error = Unsendable;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Unsendable>>> {
        if let Some(head) = self.head.take() {
            return self.hand_out(head);
        }
        if self.left == 0 {
            return match self.tail.take() {
                Some(tail) => self.hand_out(tail),
                None => Poll::Ready(None),
            };
        }
        let mut chunk = vec![0; usize::try_from(self.left).unwrap_or(CHUNK).min(CHUNK)];
        let mut buffer = ReadBuf::new(&mut chunk);
        if let Err(error) = ready!(Pin::new(&mut self.file).poll_read(cx, &mut buffer)) {
            return self.give_up(format!("cannot be read any more ({error})"));
        }
        let read = buffer.filled().len();
        chunk.truncate(read);
        self.hash.update(&chunk);
        self.left = self.left.saturating_sub(read as u64);
        // The last chunk goes out only when all of it is what it should be: without it nothing is taken.
        let has_changed = self.left == 0 && hex(&std::mem::take(&mut self.hash).finalize()) != self.sha256;
        if read == 0 || has_changed {
            return self.give_up("changed since it was read first".to_owned());
        }
        self.hand_out(chunk.into())
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining())
    }
}

/// A number of bytes for people.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 3] = ["kB", "MB", "GB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS.get(unit).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let shown = [0, 999, 1_000, 2_924_125, 1_073_741_824, u64::MAX].map(size);
        assert_eq!(shown, ["0 B", "999 B", "1.0 kB", "2.9 MB", "1.1 GB", "18446744073.7 GB"]);
    }
}
