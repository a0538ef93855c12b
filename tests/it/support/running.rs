//! A call of the binary that is still running.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStderr, Command};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use super::CommandOutput;

/// A call of the binary that is still running. What it says is read line by line.
pub struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
    heard: String,
    stdout: JoinHandle<String>,
    /// Dropped with this, it calls the watchdog off.
    _alive: Sender<()>,
}

/// A run that lasts longer than this hangs, and is killed, so that its test fails instead of hanging as well.
const TOO_LONG: Duration = Duration::from_secs(60);

impl Running {
    pub(super) fn new(mut child: Child) -> Running {
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let stdout = child.stdout.take();
        // Read alongside, so that neither pipe is ever full.
        let stdout = std::thread::spawn(move || {
            let mut text = String::new();
            if let Some(mut stdout) = stdout {
                stdout.read_to_string(&mut text).unwrap();
            }
            text
        });
        let (alive, watched) = mpsc::channel();
        let pid = child.id();
        std::thread::spawn(move || {
            if watched.recv_timeout(TOO_LONG) == Err(RecvTimeoutError::Timeout) {
                send("KILL", pid);
            }
        });
        Running { child, stderr, heard: String::new(), stdout, _alive: alive }
    }

    /// Waits until it says a line with this text; gives the line.
    pub fn until(&mut self, text: &str) -> String {
        loop {
            let mut line = String::new();
            let length = self.stderr.read_line(&mut line).unwrap();
            assert_ne!(length, 0, "ended without `{text}`:\n{}", self.heard);
            self.heard.push_str(&line);
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Sends it a signal, by name.
    pub fn signal(&self, name: &str) {
        send(name, self.child.id());
    }

    /// Waits for its end.
    pub fn end(mut self) -> CommandOutput {
        self.stderr.read_to_string(&mut self.heard).unwrap();
        let status = self.child.wait().unwrap();
        let code = status.code().unwrap_or_else(|| -status.signal().unwrap());
        CommandOutput { stdout: self.stdout.join().unwrap(), stderr: self.heard, code }
    }
}

/// Sends a process a signal, by name.
pub fn send(signal: &str, pid: u32) {
    // The shell's own `kill`: not every system has a program of that name.
    let status = Command::new("sh").args(["-c", &format!("kill -{signal} {pid}")]).status();
    assert!(status.unwrap().success());
}
