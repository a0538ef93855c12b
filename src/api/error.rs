//! What can go wrong between mxkeep and the platform, precise enough to tell a person the next step.
//!
//! An error is plain data without the HTTP library's own errors in it: those would print URLs and headers.

use std::fmt;
use std::time::Duration;

use url::Url;

use super::retry::Outcome;
use crate::model::is_hidden;

/// The longest message of a server that is repeated to a person, in characters.
const LONGEST_MESSAGE: usize = 500;

/// The methods that the contract uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads; never changes anything.
    Get,
    /// Creates. A second one for the same id makes a job that fails (ID-02).
    Post,
    /// Replaces a whole manifest.
    Put,
    /// Deletes.
    Delete,
    /// PATCH.
    Patch,
}

impl Method {
    /// The method as HTTP spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
            Method::Patch => "PATCH",
        }
    }

    /// Whether the request only reads.
    pub const fn is_read(self) -> bool {
        matches!(self, Method::Get)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which request an error is about: enough to find it in a log, nothing secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLine {
    /// The method.
    pub method: Method,
    /// The whole URL with path and query, without user name and password.
    pub url: String,
    /// The host, with its port where that is not the scheme's own.
    pub host: String,
}

impl RequestLine {
    pub(super) fn new(method: Method, url: &Url) -> Box<RequestLine> {
        Box::new(RequestLine { method, url: safe_url(url), host: host_of(url) })
    }
}

impl fmt::Display for RequestLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

/// One entry of `error.invalid-params`, which stands in the contract's examples only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidParam {
    /// The parameter or field, as the API names it.
    pub name: String,
    /// What is wrong with it, in the API's words.
    pub reason: String,
}

impl fmt::Display for InvalidParam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.reason)
    }
}

/// Why a request did not give what was asked for. Texts of the server are stripped of control characters,
/// cut to 500 characters, and hold no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// No token was given; nothing was sent.
    #[error("no token to send with {request}")]
    NoToken {
        /// The request.
        request: Box<RequestLine>,
    },
    /// An id cannot stand in a path (empty, `.`, `..`, control characters) or lacks its parent; nothing was sent.
    #[error("cannot address {request}: {problem}")]
    Unaddressable {
        /// The request.
        request: Box<RequestLine>,
        /// What is wrong with the id.
        problem: String,
    },
    /// 401: no usable credentials.
    #[error("the API rejected the token ({request}: 401{})", Tail(.message))]
    TokenRejected {
        /// The request.
        request: Box<RequestLine>,
        /// The API's message; may be empty.
        message: String,
    },
    /// 403: the token is known but may not do this; a scope or a role is missing.
    #[error("the API does not allow {request} (403{})", Tail(.message))]
    Forbidden {
        /// The request.
        request: Box<RequestLine>,
        /// The API's message; may be empty.
        message: String,
    },
    /// 404 with the API's own error body: the only answer that means absent.
    #[error("the API knows no such resource ({request}: 404{})", Tail(.message))]
    NotFound {
        /// The request.
        request: Box<RequestLine>,
        /// The API's message; may be empty.
        message: String,
    },
    /// 400, and every other 4xx with a JSON body that has no variant of its own.
    #[error("the API did not accept {request} ({status}{}){}", Tail(.message), List(.invalid_params))]
    Rejected {
        /// The request.
        request: Box<RequestLine>,
        /// The HTTP status.
        status: u16,
        /// The API's message; may be empty.
        message: String,
        /// What the API says about single parameters; mostly empty.
        invalid_params: Vec<InvalidParam>,
    },
    /// 429, still after the retries.
    #[error("the API allows no more requests for now ({request}: 429{})", Tail(.message))]
    RateLimited {
        /// The request.
        request: Box<RequestLine>,
        /// The server's message; may be empty.
        message: String,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// 5xx or 408, still after the retries.
    #[error("the API failed ({request}: {status}{})", Tail(.message))]
    Server {
        /// The request.
        request: Box<RequestLine>,
        /// The HTTP status.
        status: u16,
        /// The server's message; may be empty.
        message: String,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// No connection: the name does not resolve, or nobody listens. Nothing was sent.
    #[error("cannot reach {} ({reason})", .request.host)]
    Unreachable {
        /// The request.
        request: Box<RequestLine>,
        /// The system's reason.
        reason: String,
        /// Whether the host's name could not be resolved.
        dns: bool,
    },
    /// The connection ended after the request went out and before an answer came.
    #[error("the connection ended before an answer to {request} ({reason})")]
    ConnectionLost {
        /// The request.
        request: Box<RequestLine>,
        /// The system's reason.
        reason: String,
    },
    /// No answer in time.
    #[error("no answer to {request} within {} s", .after.as_secs_f64())]
    Timeout {
        /// The request.
        request: Box<RequestLine>,
        /// The limit that was hit.
        after: Duration,
        /// Whether the connection did not come about; then nothing was sent.
        connecting: bool,
    },
    /// No trust: certificate, name or protocol. Nothing was sent.
    #[error("no secure connection to {} ({reason})", .request.host)]
    Tls {
        /// The request.
        request: Box<RequestLine>,
        /// What TLS says.
        reason: String,
    },
    /// The proxy between here and the API does not let the connection through. Nothing was sent.
    #[error("the proxy gives no connection to {} ({reason})", .request.host)]
    Proxy {
        /// The request.
        request: Box<RequestLine>,
        /// What went wrong with it.
        reason: String,
    },
    /// An answer that the API would not give: HTML, or no JSON. Mostly a wrong base URL, a login page or a firewall.
    #[error("{} is not the Mendix API: {request} answered {status} with {content_type}", .request.host)]
    NotTheApi {
        /// The request.
        request: Box<RequestLine>,
        /// The HTTP status.
        status: u16,
        /// The `Content-Type`, or words for its absence.
        content_type: String,
    },
    /// The answer broke off.
    #[error("the answer to {request} is cut off ({reason})")]
    Truncated {
        /// The request.
        request: Box<RequestLine>,
        /// Where or how.
        reason: String,
    },
    /// The answer is larger than any that makes sense.
    #[error("the answer to {request} is larger than {limit} bytes")]
    TooLarge {
        /// The request.
        request: Box<RequestLine>,
        /// The limit in bytes.
        limit: usize,
    },
    /// 3xx. Redirects are never followed: the token would go to another host.
    #[error("{request} was redirected ({status}) to {}", .target.as_deref().unwrap_or("an unknown place"))]
    Redirect {
        /// The request.
        request: Box<RequestLine>,
        /// The HTTP status.
        status: u16,
        /// Scheme and host of the target.
        target: Option<String>,
    },
    /// An upload ended before its last byte was sent, so that the platform cannot have taken it.
    #[error("the upload broke off after {} of {} ({reason})", super::upload::size(*.sent), super::upload::size(*.total))]
    UploadBroken {
        /// The request.
        request: Box<RequestLine>,
        /// How many bytes were sent.
        sent: u64,
        /// How many there are.
        total: u64,
        /// Why.
        reason: String,
    },
    /// The file that is uploaded is not what it was when it was read first. Nothing was taken.
    #[error("the file of {request} {reason}")]
    UploadFile {
        /// The request.
        request: Box<RequestLine>,
        /// What is wrong with it.
        reason: String,
    },
    /// Valid JSON that lacks what cannot be missing, or contradicts itself.
    #[error("the answer to {request} is incomplete: {problem}")]
    Incomplete {
        /// The request.
        request: Box<RequestLine>,
        /// What is missing or contradicts.
        problem: String,
    },
    /// A list does not end, or repeats itself: the server does not page as the contract says.
    #[error("the pages of {request} make no sense: {problem}")]
    Paging {
        /// The request for the last page.
        request: Box<RequestLine>,
        /// What was seen.
        problem: String,
    },
}

impl ApiError {
    /// The request that the error is about.
    pub fn request(&self) -> &RequestLine {
        match self {
            ApiError::NoToken { request }
            | ApiError::Unaddressable { request, .. }
            | ApiError::TokenRejected { request, .. }
            | ApiError::Forbidden { request, .. }
            | ApiError::NotFound { request, .. }
            | ApiError::Rejected { request, .. }
            | ApiError::RateLimited { request, .. }
            | ApiError::Server { request, .. }
            | ApiError::Unreachable { request, .. }
            | ApiError::ConnectionLost { request, .. }
            | ApiError::Timeout { request, .. }
            | ApiError::Tls { request, .. }
            | ApiError::Proxy { request, .. }
            | ApiError::NotTheApi { request, .. }
            | ApiError::Truncated { request, .. }
            | ApiError::TooLarge { request, .. }
            | ApiError::Redirect { request, .. }
            | ApiError::UploadBroken { request, .. }
            | ApiError::UploadFile { request, .. }
            | ApiError::Incomplete { request, .. }
            | ApiError::Paging { request, .. } => request,
        }
    }

    /// The host that was asked.
    pub fn host(&self) -> &str {
        &self.request().host
    }

    /// The HTTP status, where an answer came at all.
    pub fn status(&self) -> Option<u16> {
        match self {
            ApiError::TokenRejected { .. } => Some(401),
            ApiError::Forbidden { .. } => Some(403),
            ApiError::NotFound { .. } => Some(404),
            ApiError::RateLimited { .. } => Some(429),
            ApiError::Rejected { status, .. }
            | ApiError::Server { status, .. }
            | ApiError::NotTheApi { status, .. }
            | ApiError::Redirect { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether the token is missing, unknown or not allowed to do this.
    pub fn is_unauthorised(&self) -> bool {
        matches!(self, ApiError::NoToken { .. } | ApiError::TokenRejected { .. } | ApiError::Forbidden { .. })
    }

    /// Whether the platform may have carried the request out although this error came back. A write must then
    /// look at the resource before it is repeated.
    pub fn maybe_sent(&self) -> bool {
        match self {
            ApiError::NoToken { .. }
            | ApiError::Unaddressable { .. }
            | ApiError::TokenRejected { .. }
            | ApiError::Forbidden { .. }
            | ApiError::NotFound { .. }
            | ApiError::Rejected { .. }
            | ApiError::RateLimited { .. }
            | ApiError::Unreachable { .. }
            | ApiError::Tls { .. }
            | ApiError::UploadBroken { .. }
            | ApiError::UploadFile { .. }
            | ApiError::Proxy { .. } => false,
            ApiError::Timeout { connecting, .. } => !connecting,
            ApiError::Server { .. }
            | ApiError::ConnectionLost { .. }
            | ApiError::NotTheApi { .. }
            | ApiError::Truncated { .. }
            | ApiError::TooLarge { .. }
            | ApiError::Redirect { .. }
            | ApiError::Incomplete { .. }
            | ApiError::Paging { .. } => true,
        }
    }

    /// Whether a later repetition of the same read may well succeed.
    pub fn is_transient(&self) -> bool {
        self.outcome() != Outcome::Final
    }

    /// How long the server asked to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            ApiError::RateLimited { retry_after, .. } | ApiError::Server { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The error as the retry decision sees it.
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            ApiError::RateLimited { .. } => Outcome::RateLimited,
            ApiError::Server { status: 408 | 500 | 502 | 503 | 504, .. }
            | ApiError::ConnectionLost { .. }
            | ApiError::Truncated { .. }
            | ApiError::Timeout { connecting: false, .. } => Outcome::Transient,
            ApiError::Unreachable { .. } | ApiError::Timeout { connecting: true, .. } => Outcome::NotSent,
            _ => Outcome::Final,
        }
    }
}

/// A server's text made fit for a terminal: control characters and direction marks become blanks, and it is cut.
pub(super) fn clean(text: &str) -> String {
    let mut clean: String =
        text.chars().map(|c| if is_hidden(c) { ' ' } else { c }).take(LONGEST_MESSAGE + 1).collect();
    if clean.chars().count() > LONGEST_MESSAGE {
        clean.pop();
        clean.push('…');
    }
    clean.trim().to_owned()
}

/// A URL without user name and password.
pub(super) fn safe_url(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail only for URLs that can have neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

/// The host of a URL, with its port where that is not the scheme's own.
pub(super) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("(no host)");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// `: message`, or nothing when there is none.
struct Tail<'a>(&'a String);

impl fmt::Display for Tail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, ": {}", self.0) }
    }
}

/// `; name: reason` for every entry.
struct List<'a>(&'a [InvalidParam]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|param| write!(f, "; {param}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Box<RequestLine> {
        RequestLine::new(
            Method::Get,
            &Url::parse("https://me:pw@api.example:8443/v4/clusters?limit=2").unwrap(),
        )
    }

    #[test]
    fn names_the_request_without_credentials() {
        let error = ApiError::Forbidden { request: line(), message: "scope missing".into() };
        assert_eq!(
            error.to_string(),
            "the API does not allow GET https://api.example:8443/v4/clusters?limit=2 (403: scope missing)"
        );
        assert_eq!(error.host(), "api.example:8443");
        assert!(!format!("{error:?}").contains("pw"));
    }

    #[test]
    fn cleans_what_a_server_says() {
        assert_eq!(clean(" a\u{1b}[31mb\nc\u{202e}d "), "a [31mb c d");
        let long = clean(&"ä".repeat(2_000));
        assert_eq!(long.chars().count(), 501);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn only_certain_failures_may_be_repeated_blindly() {
        let server =
            ApiError::Server { request: line(), status: 503, message: String::new(), retry_after: None };
        assert!(server.maybe_sent());
        let timeout =
            |connecting| ApiError::Timeout { request: line(), after: Duration::from_secs(3), connecting };
        assert!(timeout(false).maybe_sent());
        assert!(!timeout(true).maybe_sent());
        assert!(
            !ApiError::Unreachable { request: line(), reason: "refused".into(), dns: false }.maybe_sent()
        );
        assert!(ApiError::Incomplete { request: line(), problem: "no job id".into() }.maybe_sent());
    }
}
