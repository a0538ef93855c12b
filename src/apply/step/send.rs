//! One write, whose answer may be lost.

use std::time::Duration;

use serde_json::Value;

use super::Step;
use super::settle::{Pauses, is_processing};
use super::stop::{Stop, kind_of};
use crate::api::{ApiError, JobId};
use crate::apply::event::Phase;
use crate::plan::Verb;

/// How often a write whose answer was lost is sent again after looking.
const WRITE_TRIES: usize = 3;

/// The longest pause before a write is sent again that a server may ask for, as for reads.
const LONGEST_ASKED: Duration = Duration::from_secs(60);

/// What a write led to.
pub(super) enum Sent {
    /// The platform works on it.
    Job(JobId),
    /// The answer was lost, and the resource is already as wanted.
    Arrived,
}

impl Step {
    /// Sends one write. When its answer is lost, looks at the resource before sending it again.
    pub(super) async fn send(&mut self, verb: Verb, body: Value) -> Result<Sent, Box<Stop>> {
        let (identity, cluster) = (self.action.identity.clone(), self.action.cluster);
        let mut pauses = Pauses::new(self.waits());
        let mut tries = 0;
        loop {
            self.check_stop()?;
            self.tell(Phase::Sending { verb });
            self.sent = true;
            tries += 1;
            let answer = match verb {
                Verb::Create => self.context.client.create(&identity, cluster, body.clone()).await,
                Verb::Update => self.context.client.update(&identity, cluster, body.clone()).await,
                Verb::Delete => self.context.client.delete(&identity, cluster).await,
            };
            let error = match answer {
                Ok(job) => {
                    self.job = Some(job.clone());
                    return Ok(Sent::Job(job));
                }
                Err(error) => error,
            };
            if verb == Verb::Delete && matches!(error, ApiError::NotFound { .. }) {
                return Ok(Sent::Arrived);
            }
            if !error.maybe_sent() {
                return Err(self.request_failure(&error));
            }
            tokio::time::sleep(pauses.next().max(asked(&error))).await;
            if self.has_arrived(verb).await? {
                self.warnings
                    .push("the answer to the request was lost; the platform had carried it out".to_owned());
                return Ok(Sent::Arrived);
            }
            if tries >= WRITE_TRIES {
                let mut stop = self.unknown(&error.to_string());
                if let Some(failure) = &mut stop.failure {
                    failure.kind = kind_of(&error);
                }
                return Err(stop);
            }
        }
    }

    /// Whether a write whose answer was lost took effect.
    pub(super) async fn has_arrived(&self, verb: Verb) -> Result<bool, Box<Stop>> {
        let live = self.read().await?;
        Ok(match (verb, live, self.desired.as_ref()) {
            (Verb::Delete, live, _) => live.is_none(),
            (Verb::Create, live, _) => live.is_some(),
            (Verb::Update, Some(live), Some(desired)) => {
                is_processing(&live) || self.differences(desired, &live).is_empty()
            }
            (Verb::Update, _, _) => false,
        })
    }
}

/// How long the server asks to wait, within reason.
pub(super) fn asked(error: &ApiError) -> Duration {
    error.retry_after().unwrap_or_default().min(LONGEST_ASKED)
}
