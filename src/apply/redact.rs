//! Keeps secrets out of what a run tells.
//!
//! The client takes the token, and the secrets that it was given, out of what the platform says. This does the same
//! for everything that a run reports, with all secrets of the estate, whatever the client was given.

use super::outcome::Failure;
use crate::api::{Client, Redactor};
use crate::model::DesiredState;

/// The secrets that a run knows.
#[derive(Clone)]
pub(super) struct RunRedactor {
    client: Client,
    estate: Redactor,
}

impl RunRedactor {
    /// Collects every secret value of an estate.
    pub(super) fn new(client: &Client, desired: &DesiredState) -> RunRedactor {
        RunRedactor { client: client.clone(), estate: Redactor::new(None, desired.secrets()) }
    }

    /// The text without any secret.
    pub(super) fn text(&self, text: &str) -> String {
        self.estate.text(&self.client.redactor().text(text))
    }

    /// The failure without any secret.
    pub(super) fn failure(&self, failure: Failure) -> Failure {
        let Failure { code, message, help, path, origin, kind } = failure;
        let help = help.map(|help| self.text(&help));
        Failure { code, message: self.text(&message), help, path, origin, kind }
    }
}
