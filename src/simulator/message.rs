//! Requests and answers as plain values, so that the world can be tested without a socket.

use serde_json::{Value, json};

use super::{faults::JobFaults, pointer};

/// One request to the API, already taken apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Call {
    /// `GET`, `POST`, …
    pub(super) method: String,
    /// The path with its percent escapes, without the query.
    pub(super) path: String,
    /// The query without the question mark.
    pub(super) query: String,
    /// The `Authorization` header, if there is one.
    pub(super) authorization: Option<String>,
    /// The body as it came.
    pub(super) body: Vec<u8>,
    /// What shall go wrong with the job that this request starts.
    pub(super) faults: JobFaults,
}

impl Call {
    /// The value of a query parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .find_map(|(key, value)| (key == name).then(|| value.into_owned()))
    }

    /// Whether a boolean query parameter is set.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.parameter(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Result<Value, Refusal> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Refusal::invalid(vec![("body".into(), format!("is not valid JSON: {error}"))]))
    }
}

/// The answer to a request.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    /// Headers besides the content type.
    pub(super) headers: Vec<(&'static str, String)>,
    /// The body.
    pub(super) body: Content,
}

/// The body of an answer.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// No body at all.
    Empty,
    /// A JSON document.
    Json(Value),
    /// An HTML page, as proxies and login walls send it.
    Html(&'static str),
    /// A file.
    File(String),
    /// A file of so many zeros.
    Zeros(u64),
}

impl Answer {
    /// 200 with a JSON body.
    pub(super) fn ok(body: Value) -> Self {
        Self::json(200, body)
    }

    /// A JSON body with any status.
    pub(super) fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Content::Json(body) }
    }

    /// The same answer with one more header.
    pub(super) fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// A request that is not accepted.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    status: u16,
    message: String,
    params: Vec<(String, String)>,
}

impl Refusal {
    /// Any status with a message and no further detail.
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), params: Vec::new() }
    }

    /// 400 with every problem of the body; the message is the contract's own.
    pub(super) fn invalid(params: Vec<(String, String)>) -> Self {
        Self { status: 400, message: "Request validation errors".into(), params }
    }

    /// 400 for a single reason.
    pub(super) fn bad(name: &str, reason: impl Into<String>) -> Self {
        Self::invalid(vec![(name.into(), reason.into())])
    }

    /// Any status with a message and one detail.
    pub(super) fn detailed(status: u16, message: &str, name: &str, reason: &str) -> Self {
        Self { status, message: message.into(), params: vec![(name.into(), reason.into())] }
    }

    /// 401 and 403, both worded as in the contract's examples.
    pub(super) fn access(status: u16, message: &str, reason: &str) -> Self {
        Self { status, message: message.into(), params: vec![("Authentication".into(), reason.into())] }
    }

    /// 404 as in the contract's example: `App not found`, `App 76ef… could not be found`.
    pub(super) fn not_found(kind: &str, id: &str) -> Self {
        Self {
            status: 404,
            message: format!("{kind} not found"),
            params: vec![("Validation".into(), format!("{kind} {id} could not be found"))],
        }
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let Refusal { status, message, params } = refusal;
        let mut error = json!({"code": status, "message": message});
        if !params.is_empty() {
            // In the examples of the contracts, though not in their schema (DOMAIN 2.16, 14).
            let params: Vec<Value> =
                params.iter().map(|(name, reason)| json!({"name": name, "reason": reason})).collect();
            pointer::put(&mut error, "/invalid-params", Value::Array(params));
        }
        Self::json(status, json!({ "error": error }))
    }
}

/// What an endpoint returns.
pub(super) type Reply = Result<Answer, Refusal>;
