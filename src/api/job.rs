//! The platform's own asynchronous work, and waiting for it.
//!
//! Every write is answered with a job (202). The job says only that the portal has processed the request; whether
//! the environment then runs is for the caller to look at (DOMAIN 2.16).

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::client::Client;
use super::error::ApiError;

/// The id of a job: a UUID in one contract, any text in another, so it is text here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(String);

impl JobId {
    /// An id as the API or a journal spells it.
    pub fn new(id: String) -> JobId {
        JobId(id)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobState {
    /// Not picked up yet.
    Created,
    /// Being worked on.
    Running,
    /// Processed.
    Finished,
    /// Given up; [`Job::error`] says why.
    Failed,
    /// A word that the contract does not have, or none. Counts as not done.
    Unknown(String),
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JobState::Created => f.write_str("created"),
            JobState::Running => f.write_str("running"),
            JobState::Finished => f.write_str("finished"),
            JobState::Failed => f.write_str("failed"),
            JobState::Unknown(word) if word.is_empty() => f.write_str("without a status"),
            JobState::Unknown(word) => write!(f, "`{word}`"),
        }
    }
}

/// A job as the API last reported it. Texts are fit for a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Where it is.
    pub state: JobState,
    /// What the API says about it.
    pub details: Option<String>,
    /// Why it failed. Means something only in the state [`JobState::Failed`].
    pub error: Option<JobFailure>,
    /// The package that a finished build or upload made.
    pub package_id: Option<String>,
}

/// The `error` of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFailure {
    /// A code, which may be absent.
    pub code: Option<String>,
    /// The API's message; may be empty.
    pub message: String,
}

/// How to wait.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WaitOptions {
    /// The wait before the first look.
    pub first: Duration,
    /// The longest wait between two looks.
    pub max: Duration,
    /// By how much the wait grows from look to look; below 1 counts as 1.
    pub factor: f64,
    /// When to stop waiting, from the call on. The job itself goes on.
    pub deadline: Duration,
}

impl Default for WaitOptions {
    /// From 0.5 s to 10 s between looks, for half an hour.
    fn default() -> WaitOptions {
        WaitOptions {
            first: Duration::from_millis(500),
            max: Duration::from_secs(10),
            factor: 1.5,
            deadline: Duration::from_secs(30 * 60),
        }
    }
}

/// What one look at a job gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Poll {
    /// The job.
    Seen(Job),
    /// No answer that says anything about the job.
    Missed(ApiError),
    /// The deadline came before the answer.
    TimedOut,
}

/// Why a wait ended without a finished job.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum JobError {
    /// The platform gave the job up.
    #[error("job {} failed{}", .job.id, failure(.job))]
    Failed {
        /// The job, with its reason.
        job: Box<Job>,
    },
    /// The API does not know the job any more, so its end is unknown: look at the resource.
    #[error("job {id} is gone, so how it ended is unknown")]
    Vanished {
        /// The job.
        id: JobId,
    },
    /// Not done in time. The job goes on.
    #[error("job {id} was not done after {} s{}", .waited.as_secs(), last(.state.as_ref(), .error.as_deref()))]
    Deadline {
        /// The job.
        id: JobId,
        /// How long it was waited for.
        waited: Duration,
        /// The last state that was seen.
        state: Option<JobState>,
        /// Why the last look gave nothing, when it did.
        error: Option<Box<ApiError>>,
    },
    /// Looking is not possible (token rejected, scope missing …). The job goes on.
    #[error("cannot look at job {id}: {error}")]
    Unreadable {
        /// The job.
        id: JobId,
        /// Why.
        error: Box<ApiError>,
    },
}

impl JobError {
    /// The job.
    pub fn id(&self) -> &JobId {
        match self {
            JobError::Failed { job } => &job.id,
            JobError::Vanished { id } | JobError::Deadline { id, .. } | JobError::Unreadable { id, .. } => id,
        }
    }
}

impl JobError {
    /// Whether it says that the token is not accepted.
    pub fn is_unauthorised(&self) -> bool {
        matches!(self, JobError::Unreadable { error, .. } if error.is_unauthorised())
    }
}

fn failure(job: &Job) -> String {
    match &job.error {
        Some(JobFailure { code: Some(code), message }) if message.is_empty() => format!(" (code {code})"),
        Some(JobFailure { message, .. }) if !message.is_empty() => format!(": {message}"),
        _ => job.details.as_ref().map(|details| format!(": {details}")).unwrap_or_default(),
    }
}

fn last(state: Option<&JobState>, error: Option<&ApiError>) -> String {
    match (state, error) {
        (Some(state), None) => format!("; it is {state}"),
        (Some(state), Some(error)) => format!("; it was {state}, and then {error}"),
        (None, Some(error)) => format!("; {error}"),
        (None, None) => String::new(),
    }
}

/// What follows from a look at a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Look again after this time.
    Again(Duration),
    /// Finished.
    Done,
    /// Failed.
    Failed,
    /// Not known any more.
    Vanished,
    /// The time is over.
    Deadline,
    /// There is no use in looking again.
    Unreadable,
}

/// Decides what follows from a look. `looks` counts this one; `elapsed` is the time since the wait began.
pub fn step(options: &WaitOptions, looks: u32, elapsed: Duration, poll: &Poll) -> Step {
    match poll {
        Poll::Seen(Job { state: JobState::Finished, .. }) => return Step::Done,
        Poll::Seen(Job { state: JobState::Failed, .. }) => return Step::Failed,
        Poll::Missed(ApiError::NotFound { .. }) => return Step::Vanished,
        Poll::Missed(error) if is_final(error) => return Step::Unreadable,
        Poll::Seen(_) | Poll::Missed(_) | Poll::TimedOut => {}
    }
    let asked = match poll {
        Poll::Missed(error) => error.retry_after().unwrap_or_default(),
        _ => Duration::ZERO,
    };
    let left = options.deadline.saturating_sub(elapsed);
    if left.is_zero() { Step::Deadline } else { Step::Again(pause(options, looks).max(asked).min(left)) }
}

/// The wait before the look that follows `looks` looks.
fn pause(options: &WaitOptions, looks: u32) -> Duration {
    let grown = options.first.as_secs_f64() * options.factor.max(1.0).powf(f64::from(looks));
    Duration::try_from_secs_f64(grown).unwrap_or(options.max).min(options.max)
}

/// Failures that waiting does not heal. An HTML page, a TLS or a proxy failure may pass: the job itself was
/// accepted a moment ago on the same way.
fn is_final(error: &ApiError) -> bool {
    error.is_unauthorised()
        || matches!(
            error,
            ApiError::Unaddressable { .. } | ApiError::Rejected { .. } | ApiError::Redirect { .. }
        )
}

/// Waits until a job is finished. Takes from the budget of requests only while it looks; failing looks do not end the wait.
/// `on_poll` hears every look.
///
/// # Errors
///
/// [`JobError`] when the job fails, vanishes, is not done in time, or cannot be looked at.
pub async fn wait(
    client: &Client,
    id: &JobId,
    options: &WaitOptions,
    mut on_poll: impl FnMut(&Poll),
) -> Result<Job, JobError> {
    let started = Instant::now();
    let mut state = None;
    let mut pause = pause(options, 0).min(options.deadline);
    let mut looks = 0_u32;
    loop {
        tokio::time::sleep(pause).await;
        let left = options.deadline.saturating_sub(started.elapsed());
        let poll = look(client, id, left).await;
        on_poll(&poll);
        looks = looks.saturating_add(1);
        let step = step(options, looks, started.elapsed(), &poll);
        let error = match poll {
            Poll::Seen(job) if step == Step::Done => return Ok(job),
            Poll::Seen(job) if step == Step::Failed => return Err(JobError::Failed { job: Box::new(job) }),
            Poll::Seen(job) => {
                state = Some(job.state);
                None
            }
            Poll::Missed(error) if step == Step::Unreadable => {
                return Err(JobError::Unreadable { id: id.clone(), error: Box::new(error) });
            }
            Poll::Missed(error) => Some(Box::new(error)),
            Poll::TimedOut => None,
        };
        match step {
            Step::Again(after) => pause = after,
            Step::Vanished => return Err(JobError::Vanished { id: id.clone() }),
            Step::Deadline | Step::Done | Step::Failed | Step::Unreadable => {
                return Err(JobError::Deadline { id: id.clone(), waited: started.elapsed(), state, error });
            }
        }
    }
}

/// One look, which may not outlast the deadline by more than the shortest useful time.
async fn look(client: &Client, id: &JobId, left: Duration) -> Poll {
    // The last look begins when the time is over, and deserves an answer.
    const LAST: Duration = Duration::from_secs(5);
    match tokio::time::timeout(left.max(LAST), client.get_job(id)).await {
        Ok(Ok(job)) => Poll::Seen(job),
        Ok(Err(error)) => Poll::Missed(error),
        Err(_) => Poll::TimedOut,
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::super::error::{Method, RequestLine};
    use super::*;

    fn job(state: JobState) -> Poll {
        let id = JobId::new("7".to_owned());
        Poll::Seen(Job { id, state, details: None, error: None, package_id: None })
    }

    /// An error says something only where the job failed (NOTES of the API, 9).
    fn with_error(state: JobState) -> Poll {
        let Poll::Seen(job) = job(state) else { unreachable!() };
        let error = Some(JobFailure { code: None, message: "odd".to_owned() });
        Poll::Seen(Job { error, ..job })
    }

    fn line() -> Box<RequestLine> {
        RequestLine::new(Method::Get, &Url::parse("https://api.example/jobs/7").unwrap())
    }

    #[test]
    fn steps() {
        let s = Duration::from_secs;
        let options = WaitOptions { first: s(1), max: s(8), factor: 2.0, deadline: s(100) };
        let text = String::new;
        let server = |status, retry_after| {
            Poll::Missed(ApiError::Server { request: line(), status, message: text(), retry_after })
        };
        #[rustfmt::skip]
        let table = [
            // looks, seconds since the start, what was seen → what follows
            (1, 1, job(JobState::Created), Step::Again(s(2))),
            (2, 3, job(JobState::Running), Step::Again(s(4))),
            (3, 7, job(JobState::Running), Step::Again(s(8))),
            (4, 15, job(JobState::Running), Step::Again(s(8))),
            (u32::MAX, 15, job(JobState::Running), Step::Again(s(8))),
            (5, 95, job(JobState::Running), Step::Again(s(5))),
            (5, 100, job(JobState::Running), Step::Deadline),
            (5, 999, job(JobState::Created), Step::Deadline),
            (1, 1, with_error(JobState::Created), Step::Again(s(2))),
            (1, 1, with_error(JobState::Running), Step::Again(s(2))),
            (1, 1, with_error(JobState::Finished), Step::Done),
            (1, 1, with_error(JobState::Failed), Step::Failed),
            (1, 1, job(JobState::Unknown("paused".into())), Step::Again(s(2))),
            (1, 100, job(JobState::Unknown("paused".into())), Step::Deadline),
            // An end counts also when the time is over.
            (1, 1, job(JobState::Finished), Step::Done),
            (9, 999, job(JobState::Finished), Step::Done),
            (9, 999, job(JobState::Failed), Step::Failed),
            // A bad day does not end the wait.
            (1, 1, server(503, None), Step::Again(s(2))),
            (1, 1, server(503, Some(s(20))), Step::Again(s(20))),
            (1, 90, server(503, Some(s(20))), Step::Again(s(10))),
            (1, 100, server(503, None), Step::Deadline),
            (1, 1, Poll::Missed(ApiError::NotTheApi { request: line(), status: 200, content_type: text() }), Step::Again(s(2))),
            (1, 1, Poll::Missed(ApiError::Unreachable { request: line(), reason: text(), dns: false }), Step::Again(s(2))),
            (1, 1, Poll::TimedOut, Step::Again(s(2))),
            (1, 100, Poll::TimedOut, Step::Deadline),
            // These do.
            (1, 1, Poll::Missed(ApiError::NotFound { request: line(), message: text() }), Step::Vanished),
            (1, 1, Poll::Missed(ApiError::TokenRejected { request: line(), message: text() }), Step::Unreadable),
            (1, 1, Poll::Missed(ApiError::Forbidden { request: line(), message: text() }), Step::Unreadable),
        ];
        for (looks, elapsed, poll, expected) in table {
            assert_eq!(step(&options, looks, s(elapsed), &poll), expected, "{looks} {elapsed} {poll:?}");
        }
    }

    #[test]
    fn odd_options_do_no_harm() {
        for factor in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e300] {
            let options = WaitOptions { factor, ..WaitOptions::default() };
            for looks in [0, 1, 50, u32::MAX] {
                let pause = pause(&options, looks);
                assert!(pause >= options.first && pause <= options.max, "{factor} {looks} {pause:?}");
            }
        }
    }

    #[test]
    fn messages_say_what_is_known() {
        let id = JobId::new("7".to_owned());
        let failed = |error, details: Option<&str>| {
            let details = details.map(str::to_owned);
            let job = Job { id: id.clone(), state: JobState::Failed, details, error, package_id: None };
            JobError::Failed { job: Box::new(job) }.to_string()
        };
        let why = |code: Option<&str>, message: &str| {
            Some(JobFailure { code: code.map(str::to_owned), message: message.to_owned() })
        };
        assert_eq!(failed(why(Some("x"), "no room"), None), "job 7 failed: no room");
        assert_eq!(failed(why(Some("x"), ""), None), "job 7 failed (code x)");
        assert_eq!(failed(None, Some("told so")), "job 7 failed: told so");
        assert_eq!(failed(None, None), "job 7 failed");
        let late = JobError::Deadline {
            id,
            waited: Duration::from_secs(90),
            state: Some(JobState::Unknown("paused".to_owned())),
            error: None,
        };
        assert_eq!(late.to_string(), "job 7 was not done after 90 s; it is `paused`");
    }
}
