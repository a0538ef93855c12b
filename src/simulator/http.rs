//! HTTP ⇄ world: the only place that knows sockets, the real clock and the file.

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::{
    body::Body,
    extract::{ConnectInfo, Request, State as Shared},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use jiff::Timestamp;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::time::Instant;

use super::{
    admin::{self, Admin},
    durations,
    faults::{Faults, Hold, Instead, Mishap},
    line::Caller,
    log::Log,
    message::{Answer, Call, Content, Refusal},
    state::StateError,
    upload::{self, Received},
    world::World,
};

/// More than any manifest, less than harm.
const MAX_BODY: usize = 32 * 1024 * 1024;
/// The longest file that is handed out: what was uploaded is not kept, only counted.
const LONGEST_DOWNLOAD: usize = 64 * 1024 * 1024;
/// What a login wall or a wrong base URL answers.
const PAGE: &str =
    "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please sign in.</body></html>\n";

/// Everything behind the server, under one lock that is never held across an await.
pub(super) struct Desk {
    inner: Mutex<Inner>,
    file: Option<PathBuf>,
    /// The time at the start, where it is not that of the machine.
    start: Option<(Timestamp, Instant)>,
    /// Tells what is held that the faults in force were replaced.
    replaced: watch::Sender<()>,
}

/// What the lock guards.
pub(super) struct Inner {
    pub(super) world: World,
    pub(super) faults: Faults,
    pub(super) log: Log,
}

impl Desk {
    pub(super) fn new(inner: Inner, file: Option<PathBuf>, start: Option<(Timestamp, Instant)>) -> Self {
        Self { inner: Mutex::new(inner), file, start, replaced: watch::Sender::default() }
    }

    /// Replaces the faults in force; what they held goes on.
    pub(super) fn replace_faults(&self, faults: Faults) {
        self.lock().faults = faults;
        self.replaced.send_replace(());
    }

    /// The lock. A panic in another test's thread is no reason to refuse everybody else.
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Saves the world if it has changed since the last time.
    pub(super) fn save(&self, inner: &mut Inner) -> Result<(), StateError> {
        if let Some(file) = &self.file
            && inner.world.changed
        {
            inner.world.state.save(file)?;
        }
        inner.world.changed = false;
        Ok(())
    }

    /// The simulated time of a world.
    pub(super) fn now(&self, world: &World) -> Timestamp {
        world.time(real_time(self.start))
    }

    fn answer(&self, call: &Call) -> Answer {
        let mut inner = self.lock();
        let now = self.now(&inner.world);
        let answer = inner.world.handle(call, now);
        self.saved(&mut inner, answer)
    }

    fn administer(&self, call: &Call) -> Answer {
        let mut inner = self.lock();
        let now = self.now(&inner.world);
        let Inner { world, faults, log } = &mut *inner;
        let answer = Admin { world, faults, log, now }.handle(call);
        if call.method != "GET" && call.path.ends_with("/faults") {
            self.replaced.send_replace(());
        }
        self.saved(&mut inner, answer)
    }

    /// A change that cannot be saved must not look like one that was.
    fn saved(&self, inner: &mut Inner, answer: Answer) -> Answer {
        match self.save(inner) {
            Ok(()) => answer,
            Err(error) => Refusal::new(500, error.to_string()).into(),
        }
    }
}

/// The time before the simulated clock is put forward: that of the machine, or of tokio's clock since a start.
pub(super) fn real_time(start: Option<(Timestamp, Instant)>) -> Timestamp {
    match start {
        None => Timestamp::now(),
        Some((start, since)) => durations::later(start, since.elapsed()),
    }
}

/// Answers one request.
pub(super) async fn serve(
    Shared(desk): Shared<Arc<Desk>>,
    ConnectInfo(caller): ConnectInfo<Caller>,
    request: Request,
) -> Response {
    let path_and_query = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    if let Some(boundary) = form_boundary(&request) {
        return receive(&desk, &caller, request, &boundary).await;
    }
    let Some(mut call) = read(request).await else {
        caller.hang_up();
        return Response::default();
    };
    if call.path == admin::BASE || call.path.starts_with("/_admin/") {
        if !caller.address.ip().to_canonical().is_loopback() {
            return respond(Refusal::new(403, "The administration answers this machine only").into());
        }
        return respond(desk.administer(&call));
    }
    // From before the request is known to others, so that no replacement is missed.
    let mut replaced = desk.replaced.subscribe();
    let (number, mishap) = {
        let mut inner = desk.lock();
        let now = desk.now(&inner.world);
        (inner.log.begin(&call.method, &path_and_query), inner.faults.next(&call.method, &call.path, now))
    };
    tokio::time::sleep(mishap.latency).await;
    if mishap.hold == Some(Hold::Request) {
        drop(replaced.changed().await);
    }
    call.faults = mishap.job.clone();
    let answer = with_mishap(&desk, &call, &mishap);
    desk.lock().log.end(number, answer.as_ref().map(|answer| answer.status));
    tokio::time::sleep(mishap.stall).await;
    if mishap.hold == Some(Hold::Answer) {
        drop(replaced.changed().await);
    }
    match answer {
        Some(answer) if mishap.instead == Some(Instead::Truncate) => truncate(answer),
        Some(answer) => dated(respond(answer), &mishap),
        None => {
            caller.hang_up();
            Response::default()
        }
    }
}

fn form_boundary(request: &Request) -> Option<String> {
    upload::boundary(request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?)
}

/// Answers a request whose body is a form. What goes wrong is known before it is read: it may be cut in the middle.
async fn receive(desk: &Desk, caller: &Caller, request: Request, boundary: &str) -> Response {
    let path_and_query = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let (mut parts, body) = request.into_parts();
    let mut replaced = desk.replaced.subscribe();
    let (number, mishap) = {
        let mut inner = desk.lock();
        let (method, path) = (parts.method.as_str(), parts.uri.path());
        let now = desk.now(&inner.world);
        (inner.log.begin(method, &path_and_query), inner.faults.next(method, path, now))
    };
    tokio::time::sleep(mishap.latency).await;
    if mishap.hold == Some(Hold::Request) {
        drop(replaced.changed().await);
    }
    let cut_after = match mishap.instead {
        Some(Instead::CutUpload(after)) => Some(after),
        _ => None,
    };
    let answer = match upload::receive(body, boundary, cut_after).await {
        Received::Form(form) => {
            let mut call = of_head(&mut parts);
            call.body = form.to_string().into_bytes();
            call.faults = mishap.job.clone();
            with_mishap(desk, &call, &mishap)
        }
        Received::Broken | Received::Cut => None,
    };
    desk.lock().log.end(number, answer.as_ref().map(|answer| answer.status));
    if mishap.hold == Some(Hold::Answer) {
        drop(replaced.changed().await);
    }
    match answer {
        Some(answer) if mishap.instead == Some(Instead::Truncate) => truncate(answer),
        Some(answer) => respond(answer),
        None => {
            caller.hang_up();
            Response::default()
        }
    }
}

/// A request without its body.
fn of_head(parts: &mut axum::http::request::Parts) -> Call {
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Call {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        authorization: header(header::AUTHORIZATION),
        ..Call::default()
    }
}

async fn read(request: Request) -> Option<Call> {
    let (mut parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, MAX_BODY).await.ok()?;
    Some(Call { body: body.to_vec(), ..of_head(&mut parts) })
}

/// The answer, or none if it is lost.
fn with_mishap(desk: &Desk, call: &Call, mishap: &Mishap) -> Option<Answer> {
    match mishap.instead {
        Some(Instead::Status(status, retry_after)) => {
            let refusal = match status {
                401 => Refusal::access(401, "Unauthorized", "The token is not valid any more"),
                403 => {
                    Refusal::access(403, "Forbidden", "The token does not have the required level of access")
                }
                _ => Refusal::new(status, "Simulated failure"),
            };
            let answer: Answer = refusal.into();
            Some(match retry_after {
                Some(seconds) => answer.with_header("retry-after", seconds.to_string()),
                None => answer,
            })
        }
        Some(Instead::Html) => Some(Answer { status: 200, headers: Vec::new(), body: Content::Html(PAGE) }),
        Some(Instead::DropBefore | Instead::CutUpload(_)) => None,
        Some(Instead::DropAfter) => {
            desk.answer(call);
            None
        }
        Some(Instead::Truncate) | None => Some(desk.answer(call)),
    }
}

/// The answer with the time of a clock that is wrong; the server itself adds the right one where there is none.
fn dated(mut response: Response, mishap: &Mishap) -> Response {
    if let Some(ahead) = mishap.clock {
        let time = Timestamp::now() + jiff::SignedDuration::from_secs(ahead);
        let date = time.to_zoned(jiff::tz::TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        if let Ok(date) = HeaderValue::from_str(&date) {
            response.headers_mut().insert(header::DATE, date);
        }
    }
    response
}

/// The first half of the JSON; length and status look right.
fn truncate(answer: Answer) -> Response {
    let status = answer.status;
    let headers = answer.headers.clone();
    let text = match answer.body {
        Content::Json(body) => body.to_string(),
        Content::Empty | Content::Html(_) | Content::File(_) | Content::Zeros(_) => json!({}).to_string(),
    };
    let half = text.as_bytes().get(..text.len() / 2).unwrap_or_default().to_vec();
    build(status, headers, "application/json", half)
}

fn respond(answer: Answer) -> Response {
    let Answer { status, headers, body } = answer;
    match body {
        Content::Json(body) => build(status, headers, "application/json", body.to_string().into_bytes()),
        Content::Html(page) => build(status, headers, "text/html; charset=utf-8", page.into()),
        Content::File(bytes) => build(status, headers, "application/octet-stream", bytes.into_bytes()),
        Content::Zeros(size) => {
            let bytes = vec![0; usize::try_from(size).unwrap_or(usize::MAX).min(LONGEST_DOWNLOAD)];
            build(status, headers, "application/octet-stream", bytes)
        }
        Content::Empty => build(status, headers, "", Vec::new()),
    }
}

fn build(
    status: u16,
    headers: Vec<(&'static str, String)>,
    content_type: &'static str,
    body: Vec<u8>,
) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if !content_type.is_empty() {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}
