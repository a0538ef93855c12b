//! What an answer means: statuses, error bodies and jobs as they stand on the wire. Pure.
//!
//! The contract requires nothing inside an error body and gives job ids in two places (DOMAIN 2.16), so reading
//! is lenient there. It is strict about one thing: absent means a 404 with the API's own JSON, nothing else.

use std::time::Duration;

use serde_json::Value;

use super::client::Answer;
use super::error::{ApiError, InvalidParam, RequestLine, clean};
use super::job::{Job, JobFailure, JobId, JobState};
use super::redact::Redactor;

/// An answer as HTTP gave it.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    pub status: u16,
    pub content_type: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// `Retry-After`, already read.
    pub retry_after: Option<Duration>,
    pub body: Vec<u8>,
}

/// Turns an answer into a document or the error that it stands for, which repeats no secret.
pub(super) fn read(request: Box<RequestLine>, raw: &Raw, redactor: &Redactor) -> Result<Answer, ApiError> {
    match raw.status {
        200..=299 => success(request, raw),
        300..=399 => {
            let target = raw.location.as_deref().and_then(|location| target(&request.url, location));
            Err(ApiError::Redirect { request, status: raw.status, target })
        }
        _ => Err(failure(request, raw, redactor)),
    }
}

/// Reads an answer as every one of a server is read, and the job in it, where there is one. Pure.
///
/// # Errors
///
/// When the answer is none of the API, or a refusal.
pub fn read_answer(
    request: RequestLine,
    status: u16,
    content_type: Option<&str>,
    location: Option<&str>,
    body: &[u8],
) -> Result<(Answer, Option<Job>), ApiError> {
    let raw = Raw {
        status,
        content_type: content_type.map(str::to_owned),
        location: location.map(str::to_owned),
        retry_after: None,
        body: body.to_vec(),
    };
    let redactor = Redactor::default();
    let answer = read(Box::new(request), &raw, &redactor)?;
    let job = job(&answer.document, &redactor);
    Ok((answer, job))
}

fn success(request: Box<RequestLine>, raw: &Raw) -> Result<Answer, ApiError> {
    let status = raw.status;
    if raw.body.iter().all(u8::is_ascii_whitespace) {
        // A write may be answered without a body; a read that gives nothing was cut off.
        return if request.method.is_read() {
            Err(ApiError::Truncated { request, reason: "its body is empty".to_owned() })
        } else {
            Ok(Answer { request, status, document: Value::Null })
        };
    }
    match serde_json::from_slice(&raw.body) {
        Ok(document @ Value::Object(_)) => Ok(Answer { request, status, document }),
        Err(error) if is_cut_off(&error, raw) => {
            Err(ApiError::Truncated { request, reason: "its JSON has no end".to_owned() })
        }
        _ => Err(not_the_api(request, raw)),
    }
}

fn failure(request: Box<RequestLine>, raw: &Raw, redactor: &Redactor) -> ApiError {
    let status = raw.status;
    let body = match serde_json::from_slice(&raw.body) {
        Ok(body) => body,
        // Half an error is not another server's page: the whole one may well say "absent".
        Err(error) if is_cut_off(&error, raw) && !matches!(status, 401 | 408 | 429 | 500..) => {
            return ApiError::Truncated { request, reason: "its JSON has no end".to_owned() };
        }
        Err(_) => Value::Null,
    };
    let message = message(&body, redactor);
    let reasoned = |message| with_reasons(message, &body, redactor);
    match status {
        401 => ApiError::TokenRejected { request, message: reasoned(message) },
        429 => ApiError::RateLimited { request, message, retry_after: raw.retry_after },
        408 | 500.. => ApiError::Server { request, status, message, retry_after: raw.retry_after },
        _ if !body.is_object() => not_the_api(request, raw),
        403 => ApiError::Forbidden { request, message: reasoned(message) },
        // Gateways have JSON of their own for paths that they do not know; the API's has an `error` object.
        404 if body.get("error").is_some_and(Value::is_object) => ApiError::NotFound { request, message },
        404 => not_the_api(request, raw),
        _ => ApiError::Rejected { request, status, message, invalid_params: invalid_params(&body, redactor) },
    }
}

fn not_the_api(request: Box<RequestLine>, raw: &Raw) -> ApiError {
    let content_type = match raw.content_type.as_deref().map(clean) {
        Some(text) if !text.is_empty() => text,
        _ if raw.body.is_empty() => "nothing".to_owned(),
        _ => "no content type".to_owned(),
    };
    ApiError::NotTheApi { request, status: raw.status, content_type }
}

/// Whether an answer is JSON that ends in the middle.
fn is_cut_off(error: &serde_json::Error, raw: &Raw) -> bool {
    error.is_eof() && !raw.body.is_empty() && claims_json(raw)
}

/// The message with the reasons: for 401 and 403 the message is one word, and the reasons say what is missing.
fn with_reasons(message: String, body: &Value, redactor: &Redactor) -> String {
    let reasons = invalid_params(body, redactor).into_iter().map(|param| param.reason);
    let parts: Vec<String> =
        std::iter::once(message).chain(reasons).filter(|part| !part.is_empty()).collect();
    parts.join(": ")
}

fn claims_json(raw: &Raw) -> bool {
    raw.content_type.as_deref().is_none_or(|text| text.to_ascii_lowercase().contains("json"))
}

/// Scheme and host of a `Location`, which may be relative.
fn target(base: &str, location: &str) -> Option<String> {
    let url = url::Url::parse(base).ok()?.join(location).ok()?;
    Some(clean(&format!("{}://{}", url.scheme(), super::error::host_of(&url))))
}

/// The message of an error body: the contract's `error.message`, or where others put theirs.
fn message(body: &Value, redactor: &Redactor) -> String {
    ["/error/message", "/message", "/error_description", "/error", "/detail"]
        .into_iter()
        .find_map(|pointer| body.pointer(pointer).and_then(Value::as_str))
        .map(|text| told(text, redactor))
        .unwrap_or_default()
}

fn invalid_params(body: &Value, redactor: &Redactor) -> Vec<InvalidParam> {
    let text = |value: &Value, key| {
        let text = value.get(key).and_then(Value::as_str);
        text.map(|text| told(text, redactor)).unwrap_or_default()
    };
    body.pointer("/error/invalid-params")
        .and_then(Value::as_array)
        .map(|params| {
            params
                .iter()
                .map(|param| InvalidParam { name: text(param, "name"), reason: text(param, "reason") })
                .filter(|param| !(param.name.is_empty() && param.reason.is_empty()))
                .collect()
        })
        .unwrap_or_default()
}

/// Reads a job: at the top, or inside `job`, where the only public script looks for it.
pub(super) fn job(document: &Value, redactor: &Redactor) -> Option<Job> {
    let job = document.get("job").filter(|job| job.is_object()).unwrap_or(document);
    let text = |key| job.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    Some(Job {
        id: JobId::new(scalar(job.get("id")?)?),
        state: state(text("status").map(clean)),
        details: text("details").map(|text| told(text, redactor)),
        error: job.get("error").filter(|error| error.is_object()).map(|error| JobFailure {
            code: error.get("code").and_then(scalar),
            message: message(job, redactor),
        }),
        package_id: text("packageId").map(clean),
    })
}

/// A text of a server, fit to be shown.
fn told(text: &str, redactor: &Redactor) -> String {
    clean(&redactor.text(text))
}

/// Text or a number as text; anything else, and an empty text, is nothing.
fn scalar(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => clean(text),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// Decided by the word alone: one example of the contract has an error in a job that is only created.
fn state(word: Option<String>) -> JobState {
    let word = word.unwrap_or_default();
    match word.to_ascii_lowercase().as_str() {
        "created" => JobState::Created,
        "running" => JobState::Running,
        "finished" => JobState::Finished,
        "failed" => JobState::Failed,
        _ => JobState::Unknown(word),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use url::Url;

    use super::super::error::Method;
    use super::*;

    fn answer(method: Method, status: u16, content_type: &str, body: &str) -> Result<Answer, ApiError> {
        let url = Url::parse("https://api.example/api/v4/clusters").unwrap();
        let raw = Raw {
            status,
            content_type: (!content_type.is_empty()).then(|| content_type.to_owned()),
            location: Some("//cdn.example:444/secret?x=1".to_owned()),
            retry_after: None,
            body: body.as_bytes().to_vec(),
        };
        read(RequestLine::new(method, &url), &raw, &Redactor::default())
    }

    #[test]
    fn every_answer_has_one_meaning() {
        const JSON: &str = "application/json; charset=utf-8";
        const HTML: &str = "text/html";
        const ERROR: &str =
            r#"{"error":{"code":404,"message":"gone","invalid-params":[{"name":"a","reason":"b"}]}}"#;
        #[rustfmt::skip]
        let table = [
            (200, JSON, r#"{"clusters":[]}"#, "ok"),
            (200, "", r#"{"clusters":[]}"#, "ok"),
            (200, HTML, "<html>log in</html>", "https://api.example/api/v4/clusters answered 200 with text/html"),
            (200, HTML, "", "is cut off (its body is empty)"),
            (200, JSON, "", "is cut off (its body is empty)"),
            (200, JSON, r#"{"clusters":[{"clu"#, "is cut off (its JSON has no end)"),
            (200, JSON, "[]", "answered 200 with application/json"),
            (200, JSON, "{oops}", "answered 200 with application/json"),
            (200, "", "oops", "answered 200 with no content type"),
            (302, HTML, "", "was redirected (302) to https://cdn.example:444"),
            (400, JSON, ERROR, "did not accept GET https://api.example/api/v4/clusters (400: gone); a: b"),
            (400, HTML, "<html>", "is not the Mendix API"),
            (401, JSON, ERROR, "401: gone: b)"),
            (401, HTML, "<html>", "rejected the token"),
            (403, JSON, ERROR, "does not allow GET https://api.example/api/v4/clusters (403: gone: b)"),
            (403, JSON, r#"{"message":"no"}"#, "(403: no)"),
            (403, HTML, "<html>", "is not the Mendix API"),
            (404, JSON, ERROR, "knows no such resource"),
            (404, JSON, r#"{"error":{}}"#, "knows no such resource"),
            (404, JSON, r#"{"error":"Not Found","path":"/x"}"#, "is not the Mendix API"),
            (404, JSON, r#"{"message":"no route"}"#, "is not the Mendix API"),
            (404, JSON, r#"{"error":{"code":404,"mess"#, "is cut off (its JSON has no end)"),
            (403, JSON, r#"{"error":"#, "is cut off (its JSON has no end)"),
            (401, JSON, r#"{"error":"#, "rejected the token"),
            (404, HTML, r#"{"error":"#, "answered 404 with text/html"),
            (404, JSON, "", "answered 404 with application/json"),
            (404, HTML, "<html>", "answered 404 with text/html"),
            (404, "", "", "answered 404 with nothing"),
            (409, JSON, ERROR, "(409: gone)"),
            (408, "", "", "the API failed"),
            (429, HTML, "<html>", "allows no more requests"),
            (500, JSON, ERROR, "the API failed (GET https://api.example/api/v4/clusters: 500: gone)"),
            (503, HTML, "<html>", "the API failed"),
            (599, "", "", "599"),
        ];
        for (status, content_type, body, expected) in table {
            let text = match answer(Method::Get, status, content_type, body) {
                Ok(answer) => {
                    assert_eq!(answer.status, status);
                    "ok".to_owned()
                }
                Err(error) => error.to_string(),
            };
            assert!(text.contains(expected), "{status} {content_type} {body}: {text}");
        }
        assert_eq!(answer(Method::Put, 202, "", "").unwrap().document, Value::Null);
        assert!(!answer(Method::Get, 302, "", "").unwrap_err().to_string().contains("secret"));
    }

    #[test]
    fn a_job_is_found_where_the_spec_and_the_script_put_it() {
        let id = |document: Value| job(&document, &Redactor::default()).map(|job| job.id.to_string());
        assert_eq!(id(json!({"id": "a-1", "status": "created"})), Some("a-1".to_owned()));
        assert_eq!(id(json!({"job": {"id": "a-1"}})), Some("a-1".to_owned()));
        assert_eq!(id(json!({"job": {"id": 12}})), Some("12".to_owned()));
        assert_eq!(id(json!({"id": 12, "job": null})), Some("12".to_owned()));
        for broken in [json!(null), json!({}), json!({"id": null}), json!({"id": " "}), json!({"job": {}})] {
            assert_eq!(id(broken.clone()), None, "{broken}");
        }
    }

    #[test]
    fn a_job_is_judged_by_its_status_alone() {
        let state = |word: &str| {
            job(&json!({"id": "1", "status": word, "error": {"message": "m"}}), &Redactor::default())
                .unwrap()
                .state
        };
        assert_eq!(state("created"), JobState::Created);
        assert_eq!(state("Running"), JobState::Running);
        assert_eq!(state("finished"), JobState::Finished);
        assert_eq!(state("failed"), JobState::Failed);
        assert_eq!(state("paused"), JobState::Unknown("paused".to_owned()));
        assert_eq!(
            job(&json!({"id": "1"}), &Redactor::default()).unwrap().state,
            JobState::Unknown(String::new())
        );
        let failed = job(
            &json!({"id": "1", "status": "failed", "error": {"message": "no room"}}),
            &Redactor::default(),
        )
        .unwrap();
        assert_eq!(failed.error, Some(JobFailure { code: None, message: "no room".to_owned() }));
        let coded =
            job(&json!({"id": "1", "status": "failed", "error": {"code": 7}}), &Redactor::default()).unwrap();
        assert_eq!(coded.error, Some(JobFailure { code: Some("7".to_owned()), message: String::new() }));
    }
}
