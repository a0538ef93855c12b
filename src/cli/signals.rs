//! SIGINT and SIGTERM, as one stream.
//!
//! Listening begins once and goes on: a signal that comes between two looks is not lost. From then on no signal ends
//! the process by itself, so whoever listens also has to end. Only the third does, whatever the process is at: whoever
//! sends it does not want to wait for anything.

use tokio::sync::mpsc;

use super::error::CliError;
use super::exit::ExitStatus;

/// The signals that ask the process to end.
pub(super) struct Signals(mpsc::UnboundedReceiver<()>);

impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    ///
    /// When the system has no room for it.
    pub(super) fn listen() -> Result<Signals, CliError> {
        let mut source = Source::listen().map_err(|error| {
            let message = format!("cannot listen to signals: {error}");
            CliError::new(ExitStatus::Unexpected, message, "check the limits of the system")
        })?;
        let (tell, heard) = mpsc::unbounded_channel();
        // A task of its own, which no work of the command holds up.
        tokio::spawn(async move {
            for _ in 1..3 {
                source.next().await;
                // Nobody has to listen any more.
                let _ = tell.send(());
            }
            source.next().await;
            end_process();
        });
        Ok(Signals(heard))
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            // The third ends the process.
            std::future::pending::<()>().await;
        }
    }

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

#[expect(clippy::exit, reason = "the third interrupt means: now")]
fn end_process() -> ! {
    std::process::exit(i32::from(ExitStatus::Interrupted.code()))
}

#[cfg(unix)]
struct Source {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Source {
    fn listen() -> std::io::Result<Source> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Source {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            Some(()) = self.interrupt.recv() => {}
            Some(()) = self.terminate.recv() => {}
            else => std::future::pending().await,
        }
    }
}

/// Ctrl-C only.
#[cfg(not(unix))]
struct Source;

#[cfg(not(unix))]
impl Source {
    fn listen() -> std::io::Result<Source> {
        Ok(Source)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without signals there are no interrupts; the run goes on.
            std::future::pending::<()>().await;
        }
    }
}
