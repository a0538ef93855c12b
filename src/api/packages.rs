//! Packages (Build API, which lives on the same server): builds, uploads, logs, downloads.
//!
//! What is large is a stream in both directions. No time limit holds for a whole upload or download, only for standing
//! still.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header;
use serde_json::{Value, json};
use tokio::fs::File;
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;

use super::budget::Verdict;
use super::client::{Call, Client, verdict};
use super::endpoints::absent_is_none;
use super::error::{ApiError, Method, RequestLine, clean};
use super::job::JobId;
use super::log::{Lines, LogScanner};
use super::page::{Listing, Longest};
use super::retry::retry_after;
use super::server::is_loopback;
use super::upload::{Form, Sent};
use crate::model::Upload;

/// How often an upload is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// How long the platform may think about an upload that has come whole: it stores a gigabyte somewhere.
const THINKING: Duration = Duration::from_secs(10 * 60);

impl Client {
    /// `GET /apps/{appId}/packages`, all pages; nothing when the app does not exist. Each item is wrapped as
    /// `{"package": …}`, like a single package.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`]; a list is given whole or not at all.
    pub async fn list_packages(&self, app: Uuid) -> Result<Option<Vec<Value>>, ApiError> {
        self.packages(app, &Longest::default()).await
    }

    pub(super) async fn packages(
        &self,
        app: Uuid,
        longest: &Longest,
    ) -> Result<Option<Vec<Value>>, ApiError> {
        let call = Call::new(Method::Get, &["apps", &app.to_string(), "packages"]);
        let listed = absent_is_none(self.list(call, Listing::Packages, longest).await)?;
        // The list gives its items bare, and a single package comes wrapped; here they are all alike.
        Ok(listed.map(|items| items.into_iter().map(|item| json!({ "package": item })).collect()))
    }

    /// `GET /apps/{appId}/packages/{packageId}?url=true`: the package, with a URL for its file.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn get_package_with_url(&self, app: Uuid, package: &str) -> Result<Option<Value>, ApiError> {
        let call = Call::new(Method::Get, &["apps", &app.to_string(), "packages", package]);
        let answer = absent_is_none(self.send(&call.query("url", &true)).await)?;
        Ok(answer.map(|answer| answer.document))
    }

    /// `POST /apps/{appId}/packages/build`.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`]. After one with [`ApiError::maybe_sent`] a build may be under way, and nothing shows it before
    /// it is done: a second request would build a second time.
    pub async fn build_package(&self, app: Uuid, body: Value) -> Result<JobId, ApiError> {
        let path = ["apps", &app.to_string(), "packages", "build"];
        self.write(Call::new(Method::Post, &path).body(body)).await
    }

    /// `DELETE /apps/{appId}/packages/{packageId}`.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn delete_package(&self, app: Uuid, package: &str) -> Result<JobId, ApiError> {
        self.write(Call::new(Method::Delete, &["apps", &app.to_string(), "packages", package])).await
    }

    /// `POST /apps/{appId}/packages`: sends a file, and says how many bytes have gone and how many there are.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`]; [`ApiError::UploadBroken`] when the connection ended in the middle.
    pub async fn upload_package(
        &self,
        app: Uuid,
        file_name: &str,
        upload: &Upload,
        mut on_progress: impl FnMut(u64, u64),
    ) -> Result<JobId, ApiError> {
        let call = Call::new(Method::Post, &["apps", &app.to_string(), "packages"]);
        let request = || self.request_line(&call);
        let file = File::open(&upload.path).await.map_err(|error| ApiError::UploadFile {
            request: request(),
            reason: format!("cannot be read any more ({error})"),
        })?;
        let boundary = format!("mxkeep-{:032x}", self.random().bits());
        let sent = Arc::new(Sent::default());
        let form = Form::new(&boundary, file_name, upload, file, Arc::clone(&sent));
        let total = form.remaining();
        let permit = self.turn().await;
        let response = self
            .begin(&call)?
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={boundary}"))
            .body(reqwest::Body::wrap(form))
            .send();
        let watched = watch(response, &sent, total, self.patience(), |now| on_progress(now, total));
        let broken = |reason: String| match sent.failure() {
            Some(failure) => ApiError::UploadFile { request: request(), reason: failure.to_owned() },
            None => ApiError::UploadBroken { request: request(), sent: sent.bytes(), total, reason },
        };
        let is_whole = || sent.failure().is_none() && sent.bytes() >= total;
        let result = match watched.await {
            Some(Ok(response)) => match self.understand(request(), response).await {
                Ok(answer) => self.job_of(&answer),
                Err(error) => Err(error),
            },
            Some(Err(error)) => match self.unanswered(request(), error) {
                ApiError::ConnectionLost { reason, .. } | ApiError::Truncated { reason, .. }
                    if !is_whole() =>
                {
                    Err(broken(reason))
                }
                error => Err(error),
            },
            None if is_whole() => {
                Err(ApiError::Timeout { request: request(), after: THINKING, connecting: false })
            }
            None => Err(broken(format!("nothing was taken for {} s", self.patience().as_secs()))),
        };
        permit.end(verdict(&result));
        result
    }

    /// `GET /jobs/{jobId}?log=true`: gives every line of a build's log to `sink`, without secrets, in little memory.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn build_log(&self, job: &JobId, sink: impl FnMut(&str)) -> Result<(), ApiError> {
        let call = Call::new(Method::Get, &["jobs", job.as_str()]).query("log", &true);
        self.log_of(&call, sink).await
    }

    async fn log_of(&self, call: &Call, mut sink: impl FnMut(&str)) -> Result<(), ApiError> {
        let request = || self.request_line(call);
        let permit = self.turn().await;
        let response = self.begin(call)?.send().await;
        let result = match response.map_err(|error| self.unanswered(request(), error)) {
            Ok(response) if !response.status().is_success() => {
                self.understand(request(), response).await.map(|_| None)
            }
            other => other.map(Some),
        };
        permit.end(verdict(&result));
        let Some(mut response) = result? else { return Ok(()) };
        let (mut scanner, mut lines) = (LogScanner::new(), Lines::default());
        let mut told = |line: &str| sink(&self.redactor().text(line));
        while let Some(chunk) = self.next_chunk(&mut response, request()).await? {
            scanner.feed(&chunk, &mut |bytes| lines.feed(bytes, &mut told));
        }
        lines.flush(&mut told);
        Ok(())
    }

    /// Gets the file behind a URL that the platform gave, without the token, and gives it to `sink` piece by piece.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn download(
        &self,
        url: &str,
        mut sink: impl FnMut(&[u8]) -> Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        let refused = |problem: &str| ApiError::Unaddressable {
            request: self.request_line(&Call::new(Method::Get, &["packages"])),
            problem: problem.to_owned(),
        };
        let url = Url::parse(url).map_err(|_| refused("the URL for the download is none"))?;
        if url.scheme() != "https" && !is_loopback(&url) {
            return Err(refused("the URL for the download is not secure"));
        }
        // What stands behind the question mark gives access to whoever has it.
        let mut shown = url.clone();
        shown.set_query(None);
        let request = || RequestLine::new(Method::Get, &shown);
        let permit = self.turn_for(&url).await;
        let response = self.elsewhere(url).send().await;
        let result = response.map_err(|error| self.unanswered(request(), error));
        if let Some(permit) = permit {
            permit.end(verdict_of_file(&result));
        }
        let mut response = result?;
        if !response.status().is_success() {
            let status = response.status().as_u16();
            let message = match status {
                403 => "the URL does not work any more",
                _ => "the file cannot be had",
            };
            return Err(ApiError::Rejected {
                request: request(),
                status,
                message: message.to_owned(),
                invalid_params: Vec::new(),
            });
        }
        while let Some(chunk) = self.next_chunk(&mut response, request()).await? {
            sink(&chunk)?;
        }
        Ok(())
    }

    /// How an error names a download that was given up on this side.
    pub fn no_request(&self) -> Box<RequestLine> {
        self.request_line(&Call::new(Method::Get, &["packages"]))
    }

    /// The next piece of an answer, unless nothing comes for too long.
    async fn next_chunk(
        &self,
        response: &mut reqwest::Response,
        request: Box<RequestLine>,
    ) -> Result<Option<bytes::Bytes>, ApiError> {
        match tokio::time::timeout(self.patience(), response.chunk()).await {
            Ok(Ok(chunk)) => Ok(chunk),
            Ok(Err(error)) => Err(match self.unanswered(request, error) {
                ApiError::ConnectionLost { request, reason } => ApiError::Truncated { request, reason },
                other => other,
            }),
            Err(_) => Err(ApiError::Truncated { request, reason: clean("nothing came any more") }),
        }
    }
}

/// What the answer for a file says about the state of the server.
fn verdict_of_file(result: &Result<reqwest::Response, ApiError>) -> Verdict {
    let Ok(response) = result else { return verdict(result) };
    match response.status().as_u16() {
        429 => Verdict::Refused(retry_after_of(response)),
        500..=599 => Verdict::Struggling(retry_after_of(response)),
        _ => Verdict::Fine,
    }
}

fn retry_after_of(response: &reqwest::Response) -> Option<Duration> {
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    retry_after(header(header::RETRY_AFTER)?, header(header::DATE))
}

/// Waits for the answer to an upload, as long as it gets on; nothing when it stands still.
async fn watch(
    response: impl Future<Output = Result<reqwest::Response, reqwest::Error>>,
    sent: &Sent,
    total: u64,
    patience: Duration,
    mut on_progress: impl FnMut(u64),
) -> Option<Result<reqwest::Response, reqwest::Error>> {
    let mut response = std::pin::pin!(response);
    let (mut last, mut since) = (0, Instant::now());
    loop {
        tokio::select! {
            biased;
            response = &mut response => {
                on_progress(sent.bytes());
                return Some(response);
            }
            () = tokio::time::sleep(LOOK) => {
                let now = sent.bytes();
                if now != last {
                    (last, since) = (now, Instant::now());
                    on_progress(now);
                }
                let limit = if now >= total { THINKING } else { patience };
                if since.elapsed() >= limit {
                    return None;
                }
            }
        }
    }
}
