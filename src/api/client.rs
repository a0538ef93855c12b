//! The client: one [`Client::send`] that every call goes through.
//!
//! It owns everything that is the same for all calls: token, hosts, TLS, proxy, time limits, retries and the
//! number of requests in flight. It knows nothing of clusters or environments; that is `endpoints`.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::header::{self, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::time::Instant;
use url::Url;

use super::budget::{Budget, Permit, Verdict};
use super::cloud::CloudVersion;
use super::download::{Download, DownloadError, DownloadOptions};
use super::error::{ApiError, Method, RequestLine, clean, safe_url};
use super::random::Random;
use super::redact::Redactor;
use super::retry::{self, Decision, Failed, RetryPolicy};
use super::server::Server;
use super::token::Token;
use super::transport;
use super::wire::{self, Raw};

/// The largest answer that is read, in bytes after decompression. A page of 100 environments with long lists
/// stays below 10 MB; anything near this limit is not the API.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// The limit of a request that is watched in another way: none that matters.
const UNLIMITED: Duration = Duration::from_secs(24 * 60 * 60);

/// What a client is made of.
#[derive(Clone)]
pub struct ClientOptions {
    /// The API's base URL, `https://privatecloud.mendixcloud.com/api/v4` or another place of the same API.
    pub base_url: Url,
    /// The base URL of the API of Mendix Cloud, `https://cloud.home.mendix.com/api/v4`; its last segment says which
    /// version it is. Nothing where no app on Mendix Cloud is asked for.
    pub cloud_url: Option<Url>,
    /// The token; without one every call fails with [`ApiError::NoToken`] and nothing is sent.
    pub token: Option<Token>,
    /// `User-Agent`.
    pub user_agent: String,
    /// The limit for name resolution, connection and TLS together.
    pub connect_timeout: Duration,
    /// The limit for one try of one request with its whole answer.
    pub request_timeout: Duration,
    /// The most requests in flight at a time; 0 counts as 1.
    pub concurrency: usize,
    /// PEM files with further roots that TLS trusts.
    pub ca_files: Vec<PathBuf>,
    /// A proxy in place of the one that the usual environment variables name. Loopback never goes through one.
    pub proxy: Option<Url>,
    /// How stubborn to be.
    pub retry: RetryPolicy,
    /// How many items to ask for with one page; 0 counts as 1. The contract gives no maximum.
    pub page_size: usize,
    /// What messages of servers must not repeat, besides the token.
    pub secrets: Vec<SecretString>,
    /// Where pauses and boundaries of forms take their chance from.
    pub random: Random,
}

impl ClientOptions {
    /// The defaults for an API.
    pub fn new(base_url: Url, token: Option<Token>) -> ClientOptions {
        ClientOptions {
            base_url,
            cloud_url: None,
            token,
            user_agent: concat!("mxkeep/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            concurrency: 8,
            ca_files: Vec::new(),
            proxy: None,
            retry: RetryPolicy::default(),
            page_size: 100,
            secrets: Vec::new(),
            random: Random::system(),
        }
    }
}

impl fmt::Debug for ClientOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // URLs may hold passwords, so they are the one thing that is not shown as it is.
        f.debug_struct("ClientOptions")
            .field("base_url", &safe_url(&self.base_url))
            .field("cloud_url", &self.cloud_url.as_ref().map(safe_url))
            .field("token", &self.token)
            .field("user_agent", &self.user_agent)
            .field("connect_timeout", &self.connect_timeout)
            .field("request_timeout", &self.request_timeout)
            .field("concurrency", &self.concurrency)
            .field("ca_files", &self.ca_files)
            .field("proxy", &self.proxy.as_ref().map(safe_url))
            .field("retry", &self.retry)
            .field("page_size", &self.page_size)
            .field("secrets", &self.secrets.len())
            .field("random", &self.random)
            .finish()
    }
}

/// Why there can be no client with these options; nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// Plain `http` to a host that is not this machine: the token would travel in the open.
    #[error("`{url}` is not secure: plain http is possible only to this machine")]
    Insecure {
        /// The base URL, without credentials.
        url: String,
    },
    /// Not the base URL of an HTTP API.
    #[error("`{url}` is no base URL: {reason}")]
    BaseUrl {
        /// The base URL, without credentials.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file with roots that cannot be read.
    #[error("cannot use the certificates in `{}`: {reason}", .path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A token that cannot be sent.
    #[error(transparent)]
    Token(#[from] super::token::TokenError),
    /// The HTTP library refuses the options, such as a proxy's address.
    #[error("cannot set up the HTTP client: {reason}")]
    Http {
        /// In the library's words.
        reason: String,
    },
}

/// Which API a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// That of private clouds.
    PrivateCloud,
    /// That of Mendix Cloud.
    MendixCloud,
}

/// One request, as the contract describes it.
#[derive(Clone)]
pub struct Call {
    /// The API.
    pub api: Api,
    /// The method.
    pub method: Method,
    /// What follows the base URL, segment by segment; each is percent-encoded.
    pub path: Vec<String>,
    /// The query, in this order.
    pub query: Vec<(&'static str, String)>,
    /// The JSON body.
    pub body: Option<Value>,
    /// Whether the answer is to be a redirect, whose `location` is what is asked for.
    pub takes_redirect: bool,
}

impl Call {
    /// A call to Mendix Cloud without query and body.
    pub fn cloud(method: Method, path: &[&str]) -> Call {
        Call { api: Api::MendixCloud, ..Call::new(method, path) }
    }

    /// A call without query and body.
    pub fn new(method: Method, path: &[&str]) -> Call {
        let path = path.iter().map(|&segment| segment.to_owned()).collect();
        Call { api: Api::PrivateCloud, method, path, query: Vec::new(), body: None, takes_redirect: false }
    }

    /// The call with one more query parameter.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: &impl ToString) -> Call {
        self.query.push((name, value.to_string()));
        self
    }

    /// The call whose answer is a redirect. It is not followed: its target is the answer.
    #[must_use]
    pub fn takes_redirect(mut self) -> Call {
        self.takes_redirect = true;
        self
    }

    /// The call with a JSON body.
    #[must_use]
    pub fn body(mut self, body: Value) -> Call {
        self.body = Some(body);
        self
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Bodies hold secrets (namespace secret, administrator's password).
        f.debug_struct("Call")
            .field("api", &self.api)
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &self.query)
            .field("body", &self.body.as_ref().map(|_| "…"))
            .field("takes_redirect", &self.takes_redirect)
            .finish()
    }
}

/// A 2xx answer.
#[derive(Clone)]
pub struct Answer {
    /// The request that it answers.
    pub request: Box<RequestLine>,
    /// The HTTP status, 200 to 299.
    pub status: u16,
    /// The JSON object; null for a write that was answered without a body.
    pub document: Value,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A GET returns secrets as well (namespace secret, certificate keys).
        write!(f, "Answer({}: {}, …)", self.request, self.status)
    }
}

/// The one client of the platform; cheap to clone, all clones share connections, the budget and the count of requests.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    downloads: DownloadOptions,
    private_cloud: Server,
    mendix_cloud: Option<Server>,
    /// The header that carries the token.
    token: Option<HeaderValue>,
    redactor: Redactor,
    request_timeout: Duration,
    connect_timeout: Duration,
    budget: Budget,
    retry: RetryPolicy,
    random: Random,
    page_size: usize,
    requests: AtomicU64,
}

impl Client {
    /// Makes a client. Loads the system's roots for `https`; sends nothing.
    ///
    /// # Errors
    ///
    /// [`SetupError`] when the base URL is not usable, a CA file is not readable, or the proxy has no valid URL.
    /// Missing system roots are no error.
    pub fn new(options: ClientOptions) -> Result<Client, SetupError> {
        let private_cloud = Server::new(&options, options.base_url.clone())?;
        let mendix_cloud = options.cloud_url.clone().map(|url| Server::new(&options, url)).transpose()?;
        let token = options.token.as_ref().map(Token::header).transpose()?;
        let secrets = options.secrets.iter().map(ExposeSecret::expose_secret);
        let redactor = Redactor::new(options.token, secrets);
        let downloads = DownloadOptions {
            user_agent: options.user_agent,
            connect_timeout: options.connect_timeout,
            ca_files: options.ca_files,
            proxy: options.proxy,
        };
        Ok(Client(Arc::new(Inner {
            downloads,
            private_cloud,
            mendix_cloud,
            token,
            redactor,
            request_timeout: options.request_timeout,
            connect_timeout: options.connect_timeout,
            budget: Budget::new(options.concurrency),
            retry: options.retry,
            random: options.random,
            page_size: options.page_size.max(1),
            requests: AtomicU64::new(0),
        })))
    }

    /// Asks another host than the API's for a file. The token stays here.
    ///
    /// # Errors
    ///
    /// [`DownloadError`] when there is no such file, or the way to it is not secure.
    pub async fn fetch_file(&self, url: &Url) -> Result<Download, DownloadError> {
        self.0.downloads.start(url).await
    }

    /// How many requests went out so far, retries included.
    pub fn requests_made(&self) -> u64 {
        self.0.requests.load(Ordering::Relaxed)
    }

    /// What takes the token and the secrets out of texts.
    pub fn redactor(&self) -> &Redactor {
        &self.0.redactor
    }

    /// Where chance comes from.
    pub(super) fn random(&self) -> &Random {
        &self.0.random
    }

    /// How many items to ask for with one page.
    pub(super) fn page_size(&self) -> usize {
        self.0.page_size
    }

    /// Sends a call and repeats it where that is safe and sensible (see `retry`).
    ///
    /// # Errors
    ///
    /// The [`ApiError`] of the last try.
    pub async fn send(&self, call: &Call) -> Result<Answer, ApiError> {
        check_segments(call)
            .and_then(|()| self.check_api(call))
            .map_err(|problem| ApiError::Unaddressable { request: self.request_line(call), problem })?;
        let url = self.url(call);
        let mut spent = Duration::ZERO;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let (result, took) = self.attempt(call, &url).await;
            let error = match result {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            spent = spent.saturating_add(took);
            let failed = Failed {
                attempt,
                elapsed: spent,
                method: call.method,
                outcome: error.outcome(),
                retry_after: error.retry_after(),
            };
            match retry::decide(&self.0.retry, &failed, self.0.random.part()) {
                Decision::Stop => return Err(error),
                Decision::Wait(wait) => {
                    tokio::time::sleep(wait).await;
                    spent = spent.saturating_add(wait);
                }
            }
        }
    }

    /// The request of a call that is sent as a stream, or whose answer is read as one, with the time limit taken off:
    /// whoever sends it watches whether it gets on. Counts as sent.
    pub(super) fn begin(&self, call: &Call) -> Result<reqwest::RequestBuilder, ApiError> {
        check_segments(call)
            .map_err(|problem| ApiError::Unaddressable { request: self.request_line(call), problem })?;
        let Some(header) = &self.0.token else {
            return Err(ApiError::NoToken { request: self.request_line(call) });
        };
        self.0.requests.fetch_add(1, Ordering::Relaxed);
        let request = self.server(call).http.request(method(call.method), self.url(call)).timeout(UNLIMITED);
        Ok(request.header(header::AUTHORIZATION, header.clone()))
    }

    /// A turn in the budget for a URL that the API gave, where its own server is behind it.
    pub(super) async fn turn_for(&self, url: &Url) -> Option<Permit<'_>> {
        if url.origin() != self.0.private_cloud.base_url.origin() {
            return None;
        }
        Some(self.turn().await)
    }

    /// A request to another host: the token does not go with it.
    pub(super) fn elsewhere(&self, url: Url) -> reqwest::RequestBuilder {
        self.0.requests.fetch_add(1, Ordering::Relaxed);
        let http = &self.0.private_cloud.http;
        http.get(url).header(header::ACCEPT, HeaderValue::from_static("*/*")).timeout(UNLIMITED)
    }

    /// Waits for a turn in the budget of requests.
    pub(super) async fn turn(&self) -> Permit<'_> {
        self.0.budget.start().await
    }

    /// How long a request may stand still.
    pub(super) fn patience(&self) -> Duration {
        self.0.request_timeout
    }

    /// Why no answer came.
    pub(super) fn unanswered(&self, request: Box<RequestLine>, error: reqwest::Error) -> ApiError {
        let redact = |text: &str| self.redactor().text(text);
        transport::error(request, error, self.0.connect_timeout, self.0.request_timeout, redact)
    }

    /// Reads a whole answer and says what it means.
    pub(super) async fn understand(
        &self,
        request: Box<RequestLine>,
        response: reqwest::Response,
    ) -> Result<Answer, ApiError> {
        match body_of(response).await {
            Ok(Some((status, headers, body))) => {
                let redactor = self.redactor();
                wire::read(request, &raw(status, &headers, body, redactor), redactor)
            }
            Ok(None) => Err(ApiError::TooLarge { request, limit: LARGEST_ANSWER }),
            Err(error) => Err(self.unanswered(request, error)),
        }
    }

    /// How an error names this call, sent or not.
    pub(super) fn request_line(&self, call: &Call) -> Box<RequestLine> {
        RequestLine::new(call.method, &self.url(call))
    }

    /// The version of the API of Mendix Cloud, by the last segment of its base URL.
    pub(super) fn cloud_version(&self) -> CloudVersion {
        let url = self.0.mendix_cloud.as_ref().map(|it| it.base_url.path().trim_end_matches('/'));
        if url.is_some_and(|path| path.ends_with("/v3")) { CloudVersion::V3 } else { CloudVersion::V4 }
    }

    /// Where a call goes to. One to Mendix Cloud that has no place to go to is never sent.
    fn server(&self, call: &Call) -> &Server {
        match call.api {
            Api::PrivateCloud => &self.0.private_cloud,
            Api::MendixCloud => self.0.mendix_cloud.as_ref().unwrap_or(&self.0.private_cloud),
        }
    }

    pub(super) fn check_api(&self, call: &Call) -> Result<(), String> {
        match (call.api, &self.0.mendix_cloud) {
            (Api::MendixCloud, None) => Err("where the API of Mendix Cloud is was not said".to_owned()),
            _ => Ok(()),
        }
    }

    /// The URL of a call.
    fn url(&self, call: &Call) -> Url {
        let mut url = self.server(call).base_url.clone();
        // Fails only for URLs without a host, which no client has.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(&call.path);
        }
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        url
    }

    /// One try, and how long it took without the wait for its turn.
    async fn attempt(&self, call: &Call, url: &Url) -> (Result<Answer, ApiError>, Duration) {
        let request = || RequestLine::new(call.method, url);
        let Some(header) = &self.0.token else {
            return (Err(ApiError::NoToken { request: request() }), Duration::ZERO);
        };
        let permit = self.0.budget.start().await;
        let started = Instant::now();
        self.0.requests.fetch_add(1, Ordering::Relaxed);
        let (result, _) = self.ask(call, url, Some(header)).await;
        permit.end(verdict(&result));
        (result, started.elapsed())
    }

    /// One try of a call without the token; also gives the headers of an answer.
    pub(super) async fn ask_as_stranger(&self, call: &Call) -> (Result<Answer, ApiError>, HeaderMap) {
        let url = self.url(call);
        let permit = self.0.budget.start().await;
        self.0.requests.fetch_add(1, Ordering::Relaxed);
        let (result, headers) = self.ask(call, &url, None).await;
        permit.end(verdict(&result));
        (result, headers)
    }

    /// Sends a call once and reads what the answer, or its absence, means.
    async fn ask(
        &self,
        call: &Call,
        url: &Url,
        authorization: Option<&HeaderValue>,
    ) -> (Result<Answer, ApiError>, HeaderMap) {
        let request = || RequestLine::new(call.method, url);
        match self.exchange(call, url, authorization).await {
            Ok(Some((status, headers, _))) if call.takes_redirect && (300..400).contains(&status) => {
                let location = headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
                let document = json!({ "location": location });
                (Ok(Answer { request: request(), status, document }), headers)
            }
            Ok(Some((status, headers, body))) => {
                let redactor = self.redactor();
                let result = wire::read(request(), &raw(status, &headers, body, redactor), redactor);
                (result, headers)
            }
            Ok(None) => {
                let error = ApiError::TooLarge { request: request(), limit: LARGEST_ANSWER };
                (Err(error), HeaderMap::new())
            }
            Err(error) => {
                let (connect, whole) = (self.0.connect_timeout, self.0.request_timeout);
                let redact = |text: &str| self.redactor().text(text);
                (Err(transport::error(request(), error, connect, whole, redact)), HeaderMap::new())
            }
        }
    }

    /// Sends the bytes and reads the whole answer; nothing when that is too large.
    async fn exchange(
        &self,
        call: &Call,
        url: &Url,
        authorization: Option<&HeaderValue>,
    ) -> Result<Option<(u16, HeaderMap, Vec<u8>)>, reqwest::Error> {
        let mut http = self.server(call).http.request(method(call.method), url.clone());
        if let Some(authorization) = authorization {
            http = http.header(header::AUTHORIZATION, authorization.clone());
        }
        if let Some(body) = &call.body {
            http = http.json(body);
        }
        body_of(http.send().await?).await
    }
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Delete => reqwest::Method::DELETE,
        Method::Patch => reqwest::Method::PATCH,
    }
}

/// Reads the whole answer; nothing when it is too large.
async fn body_of(
    mut response: reqwest::Response,
) -> Result<Option<(u16, HeaderMap, Vec<u8>)>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len().saturating_add(chunk.len()) > LARGEST_ANSWER {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    let headers = std::mem::take(response.headers_mut());
    Ok(Some((response.status().as_u16(), headers, body)))
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("private_cloud", &safe_url(&self.0.private_cloud.base_url))
            .field("mendix_cloud", &self.0.mendix_cloud.as_ref().map(|it| safe_url(&it.base_url)))
            .field("requests", &self.requests_made())
            .finish_non_exhaustive()
    }
}

/// What the end of a try says about the state of the server.
pub(super) fn verdict<T>(result: &Result<T, ApiError>) -> Verdict {
    match result {
        Err(error @ ApiError::RateLimited { .. }) => Verdict::Refused(error.retry_after()),
        Err(error) => match error.outcome() {
            retry::Outcome::Transient => Verdict::Struggling(error.retry_after()),
            retry::Outcome::NotSent => Verdict::Silent,
            retry::Outcome::RateLimited | retry::Outcome::Final => Verdict::Fine,
        },
        Ok(_) => Verdict::Fine,
    }
}

/// The parts of an answer that matter.
fn raw(status: u16, headers: &HeaderMap, body: Vec<u8>, redactor: &Redactor) -> Raw {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    Raw {
        status,
        content_type: text(header::CONTENT_TYPE).map(|value| redactor.text(value)),
        location: text(header::LOCATION).map(|value| redactor.text(value)),
        retry_after: text(header::RETRY_AFTER)
            .and_then(|value| retry::retry_after(value, text(header::DATE))),
        body,
    }
}

/// Checks the segments of a path.
///
/// Ids of environments come from outside. A segment that is empty or `.` or `..`, or that the URL parser would
/// silently shorten, would address something else, and a DELETE of something else cannot be taken back.
fn check_segments(call: &Call) -> Result<(), String> {
    let leads_away = |segment: &&String| {
        matches!(segment.as_str(), "" | "." | "..") || segment.chars().any(char::is_control)
    };
    match call.path.iter().find(leads_away) {
        Some(segment) => Err(format!("`{}` cannot stand in a path", clean(segment))),
        None => Ok(()),
    }
}
