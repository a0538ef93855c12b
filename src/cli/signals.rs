//! SIGINT and SIGTERM, as one stream.
//!
//! Listening begins once and goes on: a signal that comes between two looks is not lost. From then on no signal ends
//! the process by itself, so whoever listens also has to end.

use super::error::CliError;
use super::exit::ExitStatus;

/// The signals that ask the process to end.
#[cfg(unix)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    ///
    /// When the system has no room for it.
    pub(super) fn listen() -> Result<Signals, CliError> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| {
            signal(kind).map_err(|error| {
                let message = format!("cannot listen to signals: {error}");
                CliError::new(ExitStatus::Unexpected, message, "check the limits of the system")
            })
        };
        Ok(Signals {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            Some(()) = self.interrupt.recv() => {}
            Some(()) = self.terminate.recv() => {}
            else => std::future::pending().await,
        }
    }
}

/// The signals that ask the process to end: Ctrl-C only.
#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    ///
    /// Never.
    pub(super) fn listen() -> Result<Signals, CliError> {
        Ok(Signals)
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without signals there are no interrupts; the run goes on.
            std::future::pending().await
        }
    }
}

impl Signals {
    /// Does something that may be left at any point; a signal ends it.
    ///
    /// # Errors
    ///
    /// Its own, or that it was interrupted.
    pub(super) async fn end<T>(
        &mut self,
        work: impl Future<Output = Result<T, CliError>>,
    ) -> Result<T, CliError> {
        tokio::select! {
            ended = work => ended,
            () = self.next() => {
                Err(CliError::new(ExitStatus::Interrupted, "interrupted", "nothing was changed"))
            }
        }
    }
}
