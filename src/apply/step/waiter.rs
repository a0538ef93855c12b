//! What the end of a job means for the action that it is of. Pure: one table.
//!
//! The end of the job is half of the answer at most. A job that failed may be the second one for a request whose answer was
//! lost, and a job that nobody can look at any more may have done its work. The other half is what is live now.

use crate::api::{Job, JobError};
use crate::plan::Verb;

/// How the wait for a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The job finished. Whatever else it says, its status is what counts.
    Finished,
    /// The job failed.
    Failed,
    /// The job failed because its id is taken.
    Duplicate,
    /// The API does not know the job any more.
    Vanished,
    /// The job was not done in time; the last look may have met a page of HTML, or a status that nobody knows.
    Deadline,
    /// The job cannot be looked at.
    Unreadable,
    /// The token may not look at the job any more.
    Unauthorised,
}

/// What is live, compared with what the action wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// Everything that was sent. What a create has no place for may still be missing.
    Wanted,
    /// Something else.
    Other,
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Read back and verify.
    GoOn,
    /// It is as wanted, although the job did not end well: a success with a warning, which does not count as verified.
    Doubtful,
    /// It was there already, as wanted.
    Adopt,
    /// The id is taken by something else.
    Taken,
    /// The platform did not do it.
    Fail,
    /// Nobody knows.
    Unknown,
    /// Nobody knows, and the token is of no use for finding out.
    Unauthorised,
}

/// The table.
pub(super) const fn decide(verb: Verb, end: End, found: Found) -> Verdict {
    let is_wanted = match (verb, found) {
        (Verb::Delete, Found::Nothing) => true,
        (Verb::Delete, _) => false,
        (_, Found::Wanted) => true,
        (_, Found::Nothing | Found::Other) => false,
    };
    match end {
        End::Finished => Verdict::GoOn,
        // Nothing can be read with this token, so nothing that is said to be live counts.
        End::Unauthorised => Verdict::Unauthorised,
        End::Duplicate if matches!(verb, Verb::Create) => {
            if is_wanted {
                Verdict::Adopt
            } else {
                Verdict::Taken
            }
        }
        End::Failed | End::Duplicate | End::Vanished | End::Deadline | End::Unreadable if is_wanted => {
            Verdict::Doubtful
        }
        End::Failed | End::Duplicate => Verdict::Fail,
        End::Vanished | End::Deadline | End::Unreadable => Verdict::Unknown,
    }
}

impl End {
    /// How a wait ended.
    pub(super) fn of(ended: &Result<Job, JobError>) -> End {
        match ended {
            Ok(_) => End::Finished,
            Err(error) if error.is_unauthorised() => End::Unauthorised,
            Err(JobError::Failed { job }) if is_duplicate(job) => End::Duplicate,
            Err(JobError::Failed { .. }) => End::Failed,
            Err(JobError::Vanished { .. }) => End::Vanished,
            Err(JobError::Deadline { .. }) => End::Deadline,
            Err(JobError::Unreadable { .. }) => End::Unreadable,
        }
    }
}

/// Whether a job failed because of its id. The contract has no code for that, so that its words have to do; where they are
/// others, the failure is told as it is.
fn is_duplicate(job: &Job) -> bool {
    let Some(error) = &job.error else { return false };
    let message = error.message.to_lowercase();
    error.code.as_deref() == Some("409")
        || ["already exist", "already in use", "duplicate", "not unique"]
            .iter()
            .any(|it| message.contains(it))
}

#[cfg(test)]
mod tests {
    use super::Verdict::{Adopt, Doubtful, Fail, GoOn, Taken, Unauthorised, Unknown};
    use super::*;
    use crate::api::{ApiError, JobFailure, JobId, JobState, Method, RequestLine};

    #[test]
    fn the_table() {
        #[rustfmt::skip]
        let table = [
            // how the job ended → a create that finds nothing, what is wanted, something else; an update; a delete
            (End::Finished,     [GoOn, GoOn, GoOn],                   [GoOn, GoOn, GoOn],                   [GoOn, GoOn, GoOn]),
            (End::Failed,       [Fail, Doubtful, Fail],               [Fail, Doubtful, Fail],               [Doubtful, Fail, Fail]),
            (End::Duplicate,    [Taken, Adopt, Taken],                [Fail, Doubtful, Fail],               [Doubtful, Fail, Fail]),
            (End::Vanished,     [Unknown, Doubtful, Unknown],         [Unknown, Doubtful, Unknown],         [Doubtful, Unknown, Unknown]),
            (End::Deadline,     [Unknown, Doubtful, Unknown],         [Unknown, Doubtful, Unknown],         [Doubtful, Unknown, Unknown]),
            (End::Unreadable,   [Unknown, Doubtful, Unknown],         [Unknown, Doubtful, Unknown],         [Doubtful, Unknown, Unknown]),
            (End::Unauthorised, [Unauthorised; 3],                    [Unauthorised; 3],                    [Unauthorised; 3]),
        ];
        for (end, create, update, delete) in table {
            for (verb, expected) in [
                (Verb::Create, create),
                (Verb::Update, update),
                (Verb::Scale, update),
                (Verb::Delete, delete),
            ] {
                let found = [Found::Nothing, Found::Wanted, Found::Other];
                let decided = found.map(|found| decide(verb, end, found));
                assert_eq!(decided, expected, "{end:?} {verb}");
            }
        }
    }

    #[test]
    fn ends() {
        let id = || JobId::new("7".to_owned());
        let job = |state, error: Option<(&str, &str)>| Job {
            id: id(),
            state,
            details: None,
            error: error.map(|(code, message)| JobFailure {
                code: Some(code.to_owned()).filter(|code| !code.is_empty()),
                message: message.to_owned(),
            }),
            package_id: None,
        };
        let failed = |error| Err(JobError::Failed { job: Box::new(job(JobState::Failed, error)) });
        let (url, host) = ("https://api.example/jobs/7".to_owned(), "api.example".to_owned());
        let line = || Box::new(RequestLine { method: Method::Get, url: url.clone(), host: host.clone() });
        let unreadable = |error| Err(JobError::Unreadable { id: id(), error: Box::new(error) });
        let html = ApiError::NotTheApi { request: line(), status: 200, content_type: "text/html".to_owned() };
        let late = |state, error: Option<ApiError>| {
            let error = error.map(Box::new);
            Err(JobError::Deadline { id: id(), waited: std::time::Duration::ZERO, state, error })
        };
        let message = String::new;
        #[rustfmt::skip]
        let table = [
            (Ok(job(JobState::Finished, None)), End::Finished),
            (Ok(job(JobState::Finished, Some(("500", "odd")))), End::Finished),
            (failed(None), End::Failed),
            (failed(Some(("400", "No room"))), End::Failed),
            (failed(Some(("400", "A cluster with id 7 already exists"))), End::Duplicate),
            (failed(Some(("409", ""))), End::Duplicate),
            (failed(Some(("", "The environment id is not unique"))), End::Duplicate),
            (Err(JobError::Vanished { id: id() }), End::Vanished),
            (late(Some(JobState::Running), None), End::Deadline),
            (late(Some(JobState::Unknown("paused".to_owned())), None), End::Deadline),
            (late(None, Some(html)), End::Deadline),
            (unreadable(ApiError::TokenRejected { request: line(), message: message() }), End::Unauthorised),
            (unreadable(ApiError::Forbidden { request: line(), message: message() }), End::Unauthorised),
            (unreadable(ApiError::Redirect { request: line(), status: 302, target: None }), End::Unreadable),
        ];
        for (ended, expected) in table {
            assert_eq!(End::of(&ended), expected, "{ended:?}");
        }
    }
}
