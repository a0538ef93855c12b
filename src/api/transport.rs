//! Why no answer came: the HTTP library's errors, sorted into ours.

use std::error::Error;
use std::io;
use std::time::Duration;

use super::error::{ApiError, RequestLine, clean};

/// Sorts an error of the HTTP library. `redact` takes the token out of its texts.
pub(super) fn error(
    request: Box<RequestLine>,
    error: reqwest::Error,
    connect_timeout: Duration,
    request_timeout: Duration,
    redact: impl Fn(&str) -> String,
) -> ApiError {
    let error = error.without_url();
    let reason = clean(&redact(&deepest(&error)));
    if let Some(tunnel) = chain(&error).map(ToString::to_string).find(|text| text.starts_with(TUNNEL)) {
        let tunnel = clean(tunnel.trim_start_matches(TUNNEL));
        let reason = if reason.starts_with(TUNNEL) { tunnel } else { format!("{tunnel}: {reason}") };
        return ApiError::Proxy { request, reason };
    }
    if let Some(tls) = chain(&error).find_map(|error| error.downcast_ref::<rustls::Error>()) {
        return ApiError::Tls { request, reason: clean(&tls.to_string()) };
    }
    if error.is_timeout() {
        let connecting = error.is_connect();
        let after = if connecting { connect_timeout.min(request_timeout) } else { request_timeout };
        return ApiError::Timeout { request, after, connecting };
    }
    if error.is_connect() {
        return ApiError::Unreachable { request, reason, dns: error.is_dns() };
    }
    if error.is_builder() {
        return ApiError::Unaddressable { request, problem: reason };
    }
    if error.is_body() || error.is_decode() {
        return ApiError::Truncated { request, reason };
    }
    ApiError::ConnectionLost { request, reason }
}

/// How the HTTP library's proxy tunnel begins its messages; the type itself is private to it.
const TUNNEL: &str = "tunnel error: ";

/// The text of the innermost cause: the outer ones only say that sending failed.
pub(super) fn deepest(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

/// An error and its causes, outermost first.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| cause(*error))
}

/// The cause of an error. Looks inside `io::Error` too, whose `source` skips what it wraps.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}
