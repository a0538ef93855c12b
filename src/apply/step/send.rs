//! One write, whose answer may be lost.

use std::time::Duration;

use serde_json::Value;

use super::settle::Pauses;
use super::stop::{Stop, kind_of};
use super::{SlotGuard, Step};
use crate::api::{ApiError, JobId};
use crate::apply::event::Phase;
use crate::model::Identity;
use crate::plan::Verb;

/// How often a write is sent at most. Before each time but the first the resource is read again.
const WRITE_TRIES: usize = 5;

/// The longest pause before a write is sent again that a server may ask for, as for reads.
const LONGEST_ASKED: Duration = Duration::from_secs(60);

/// What one try of a write led to.
pub(super) enum Attempt {
    /// The platform works on it.
    Job(JobId),
    /// The platform is done with it.
    Done,
    /// Whether it took effect is not known, or the server wants to be asked later: look at the resource, and decide
    /// anew what is to be sent.
    Lost(ApiError),
}

/// What a write led to.
pub(super) enum Sent {
    /// The platform works on it.
    Job(JobId),
    /// The platform is done with it, or the answer was lost and the resource is as wanted.
    Arrived,
}

/// The tries of one write.
pub(super) struct Tries {
    made: usize,
    pauses: Pauses,
}

impl Step {
    pub(super) fn tries(&self) -> Tries {
        Tries { made: 0, pauses: Pauses::new(self.waits()) }
    }

    /// Sends a write once.
    pub(super) async fn attempt(&mut self, verb: Verb, body: &Value) -> Result<Attempt, Box<Stop>> {
        self.check_stop()?;
        self.tell(Phase::Sending { verb });
        self.note_sending(verb);
        let sent_before = std::mem::replace(&mut self.sent, true);
        let (identity, cluster, client) = (&self.action.identity, self.action.cluster, &self.context.client);
        let answer = match verb {
            Verb::Create => client.create(identity, cluster, body.clone()).await.map(Some),
            Verb::Update | Verb::Restart | Verb::Scale => match identity {
                Identity::CloudApp(app) => client.patch_cloud_app(*app, body).await.map(|()| None),
                _ => client.update(identity, cluster, body.clone()).await.map(Some),
            },
            Verb::Delete => client.delete(identity, cluster).await.map(Some),
        };
        match answer {
            Ok(None) => Ok(Attempt::Done),
            Ok(Some(job)) => {
                self.take_job(&job).await;
                Ok(Attempt::Job(job))
            }
            Err(error) if error.maybe_sent() => {
                self.lost = true;
                Ok(Attempt::Lost(error))
            }
            Err(error @ ApiError::RateLimited { .. }) => {
                // The server did nothing, so the action can still be cancelled for free.
                self.sent = sent_before;
                Ok(Attempt::Lost(error))
            }
            // What is not there any more need not be deleted.
            Err(error @ ApiError::NotFound { .. }) if verb == Verb::Delete => Ok(Attempt::Lost(error)),
            // An earlier try may have arrived all the same, and be the reason for this refusal.
            Err(error) if self.lost && !error.is_unauthorised() => Err(self.unknown(&error.to_string())),
            Err(error) => Err(self.request_failure(&error)),
        }
    }

    /// Waits before the next try, without a slot; or gives up.
    pub(super) async fn pause(
        &mut self,
        tries: &mut Tries,
        error: &ApiError,
        slot: SlotGuard,
    ) -> Result<SlotGuard, Box<Stop>> {
        drop(slot);
        tries.made += 1;
        if tries.made >= WRITE_TRIES {
            if !self.lost {
                return Err(self.request_failure(error));
            }
            let mut stop = self.unknown(&error.to_string());
            if let Some(failure) = &mut stop.failure {
                failure.kind = kind_of(error);
            }
            return Err(stop);
        }
        tokio::time::sleep(tries.pauses.next().max(asked(error))).await;
        self.slot().await
    }

    /// The warning for a write that needs not be sent again.
    pub(super) fn arrived(&mut self) -> Sent {
        let warning = match self.lost {
            true => "the answer to the request was lost; the platform had carried it out",
            false => "came to be as declared while the server let this wait",
        };
        self.warnings.push(warning.to_owned());
        Sent::Arrived
    }
}

/// How long the server asks to wait, within reason.
fn asked(error: &ApiError) -> Duration {
    error.retry_after().unwrap_or_default().min(LONGEST_ASKED)
}
