//! Ends other than success, each with its words and its next step.

use std::sync::atomic::Ordering;

use super::Step;
use crate::api::{ApiError, JobError};
use crate::apply::outcome::{self, ActionOutcome, Failure, FailureKind};
use crate::diff;
use crate::model::Kind;
use crate::plan::Action;

/// An end other than success.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) outcome: ActionOutcome,
    pub(super) failure: Option<Failure>,
}

impl Step {
    pub(super) fn failure(&self, code: &'static str, message: String) -> Failure {
        Failure {
            code,
            message,
            help: None,
            path: None,
            origin: Some(self.action.origin.clone()),
            kind: FailureKind::Platform,
        }
    }

    pub(super) fn request_failure(&self, error: &ApiError) -> Box<Stop> {
        let kind = kind_of(error);
        let is_cloud = self.action.identity.kind() == Kind::CloudApp;
        let help = match kind {
            // Rights on Mendix Cloud are those of a person in one app; they say nothing of other apps.
            FailureKind::Unauthorised if is_cloud && matches!(error, ApiError::Forbidden { .. }) => {
                "the owner of the token has to be the technical contact of the app, or to have `canManagePrivileges` in the environment"
            }
            FailureKind::Unauthorised => {
                // A token that is not accepted now is not accepted for the rest either. Said here, while this step
                // still holds its slot, so that no other step sends anything in between.
                self.context.stopped.store(true, Ordering::SeqCst);
                match self.action.identity.kind() {
                    Kind::Package => {
                        "the token needs the scope `mx:privatecloud-build:write`, and `mx:modelrepository:write` as well to build"
                    }
                    _ => {
                        "the token needs the scope `mx:deployment:write`, and its owner a role that may do this"
                    }
                }
            }
            FailureKind::Unreachable => {
                "apply again when the API answers as it should: what succeeded is not repeated"
            }
            FailureKind::Platform => "correct what the API names, then apply again",
        };
        let failure = Failure { kind, ..self.failure(outcome::REQUEST_FAILED, error.to_string()) };
        let failure = failure.help(help);
        let failure = if is_cloud { self.at_member(failure, error) } else { failure };
        Stop::with(ActionOutcome::Failed, failure)
    }

    pub(super) fn job_failure(&self, error: &JobError) -> Box<Stop> {
        match error {
            JobError::Failed { .. } => {
                let failure = self.failure(outcome::JOB_FAILED, error.to_string()).help(
                    "correct what the platform names, then apply again: what succeeded is not repeated",
                );
                Stop::with(ActionOutcome::Failed, failure)
            }
            JobError::Unreadable { error: cause, .. } if cause.is_unauthorised() => {
                let failure = Failure {
                    kind: FailureKind::Unauthorised,
                    ..self.failure(outcome::OUTCOME_UNKNOWN, error.to_string())
                };
                Stop::with(ActionOutcome::Unknown, failure)
            }
            JobError::Vanished { .. } | JobError::Deadline { .. } | JobError::Unreadable { .. } => {
                self.unknown(&error.to_string())
            }
        }
    }

    /// A create whose id is taken, although nothing was there before.
    pub(super) fn taken(&self, error: &JobError, is_here: bool) -> Box<Stop> {
        let (where_, help) = match is_here {
            true => (
                "what exists now under this id is not what the files declare",
                "somebody else has created it meanwhile: plan again, it will be an update; or give the document another id",
            ),
            false => (
                "nothing is to be seen under this id here",
                "the id is taken elsewhere: give the document another one, with `mxkeep id --write` after removing it",
            ),
        };
        let failure = self.failure(outcome::ID_TAKEN, format!("{error}; {where_}")).help(help);
        Stop::with(ActionOutcome::Failed, failure)
    }

    pub(super) fn unknown(&self, message: &str) -> Box<Stop> {
        let failure = self
            .failure(outcome::OUTCOME_UNKNOWN, message.to_owned())
            .help("plan again: it shows where the resource stands now");
        Stop::with(ActionOutcome::Unknown, failure)
    }

    pub(super) fn unset(&self, unset: &diff::UnsetValue) -> Box<Stop> {
        Stop::with(ActionOutcome::Failed, self.failure(outcome::REQUEST_FAILED, unset.to_string()))
    }

    pub(super) fn cancelled(&self) -> Box<Stop> {
        let failure = self.failure(outcome::INTERRUPTED, "nothing was sent".to_owned());
        Stop::with(ActionOutcome::Cancelled, failure)
    }
}

impl Stop {
    pub(super) fn with(outcome: ActionOutcome, failure: Failure) -> Box<Stop> {
        Box::new(Stop { outcome, failure: Some(failure) })
    }

    pub(super) fn refused(action: &Action, message: &str) -> Box<Stop> {
        Stop::with(
            ActionOutcome::Refused,
            Failure {
                code: outcome::STALE,
                message: message.to_owned(),
                help: Some("plan again and look at the difference".to_owned()),
                path: None,
                origin: Some(action.origin.clone()),
                kind: FailureKind::Platform,
            },
        )
    }
}

impl Failure {
    pub(in crate::apply) fn help(self, help: &str) -> Failure {
        Failure { help: Some(help.to_owned()), ..self }
    }
}

/// What a failed request says about the API: it answered no, or it did not answer as itself.
pub(super) fn kind_of(error: &ApiError) -> FailureKind {
    match error {
        _ if error.is_unauthorised() => FailureKind::Unauthorised,
        ApiError::UploadFile { .. }
        | ApiError::NotFound { .. }
        | ApiError::Rejected { .. }
        | ApiError::Unaddressable { .. } => FailureKind::Platform,
        _ => FailureKind::Unreachable,
    }
}
