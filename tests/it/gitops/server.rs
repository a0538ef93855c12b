//! A server that keeps comments and issues, as GitLab and Azure DevOps do.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::stub::{Request, Stub, answer};

/// What the server keeps.
#[derive(Default)]
pub(super) struct Kept {
    /// Comments on the one request that there is.
    pub(super) notes: Vec<String>,
    /// Issues: whether they are open, and their text.
    pub(super) issues: Vec<(bool, String)>,
    /// The plan of the last check that succeeded.
    pub(super) plan: Option<String>,
    /// How many requests changed something.
    pub(super) changes: usize,
}

/// The server, and what it keeps.
pub(super) fn start() -> (String, Arc<Mutex<Kept>>) {
    let kept = Arc::new(Mutex::new(Kept::default()));
    let shared = Arc::clone(&kept);
    let stub = Stub::new(move |request| {
        let found = respond(&mut shared.lock().unwrap(), request);
        match found {
            Some(body) => answer("200 OK", "Content-Type: application/json\r\n", &body),
            None => answer("404 Not Found", "", "{}"),
        }
    });
    (stub.url().trim_end_matches("/api/v4").to_owned(), kept)
}

fn respond(kept: &mut Kept, request: &Request) -> Option<String> {
    let mut words = request.line.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let path = target.split('?').next()?;
    kept.changes += usize::from(method != "GET");
    let form = || -> Vec<(String, String)> {
        url::form_urlencoded::parse(request.body.as_bytes()).into_owned().collect()
    };
    let field = |name: &str| form().into_iter().find(|(key, _)| key == name).map(|(_, value)| value);
    let number = || path.rsplit('/').next()?.parse::<usize>().ok()?.checked_sub(1);
    match (method, path) {
        // GitLab. Its JSON has no `<` in texts, and the id first.
        ("GET", "/api/v4/projects/3/merge_requests/7/notes") => {
            let notes = kept.notes.iter().enumerate();
            let notes = notes.map(|(index, body)| json!({"id": index + 1, "type": null, "body": body, "author": {"id": 9, "name": "bot"}}));
            Some(Value::Array(notes.collect()).to_string().replace('<', "\\u003c").replace('>', "\\u003e"))
        }
        ("POST", "/api/v4/projects/3/merge_requests/7/notes") => {
            kept.notes.push(field("body")?);
            Some("{}".to_owned())
        }
        ("PUT", path) if path.starts_with("/api/v4/projects/3/merge_requests/7/notes/") => {
            *kept.notes.get_mut(number()?)? = field("body")?;
            Some("{}".to_owned())
        }
        ("GET", "/api/v4/projects/3/issues") => {
            let open = kept.issues.iter().enumerate().filter(|(_, (is_open, _))| *is_open);
            let open = open.map(|(index, (_, text))| {
                json!({"id": 800 + index, "iid": index + 1, "project_id": 3, "description": text, "milestone": {"iid": 44, "id": 5}})
            });
            assert!(target.ends_with("?labels=mxkeep-drift&state=opened"), "{target}");
            Some(Value::Array(open.collect()).to_string())
        }
        ("POST", "/api/v4/projects/3/issues") => {
            assert_eq!(field("labels").as_deref(), Some("mxkeep-drift"));
            kept.issues.push((true, field("description")?));
            Some("{}".to_owned())
        }
        ("PUT", path) if path.starts_with("/api/v4/projects/3/issues/") => {
            let issue = kept.issues.get_mut(number()?)?;
            if let Some(text) = field("description") {
                issue.1 = text;
            }
            issue.0 &= field("state_event").as_deref() != Some("close");
            Some("{}".to_owned())
        }
        ("GET", "/api/v4/projects/3/jobs/artifacts/refs%2Fmerge-requests%2F7%2Fhead/raw/plan.json") => {
            kept.plan.clone()
        }
        // Azure DevOps.
        ("GET", "/acme/shop/_apis/git/repositories/r1/pullRequests/7/threads") => {
            let threads = kept.notes.iter().enumerate().map(|(index, text)| {
                json!({"pullRequestThreadContext": null, "id": index + 1, "publishedDate": "2026-11-26T08:00:00Z",
                    "comments": [{"id": 1, "parentCommentId": 0, "content": text}], "status": "closed"})
            });
            Some(json!({"value": threads.collect::<Vec<_>>(), "count": kept.notes.len()}).to_string())
        }
        ("POST", "/acme/shop/_apis/git/repositories/r1/pullRequests/7/threads") => {
            let body: Value = serde_json::from_str(&request.body).ok()?;
            kept.notes.push(body["comments"][0]["content"].as_str()?.to_owned());
            Some("{}".to_owned())
        }
        ("PATCH", path) if path.ends_with("/comments/1") => {
            let body: Value = serde_json::from_str(&request.body).ok()?;
            let thread: usize = path.split('/').rev().nth(2)?.parse().ok()?;
            *kept.notes.get_mut(thread - 1)? = body["content"].as_str()?.to_owned();
            Some("{}".to_owned())
        }
        _ => None,
    }
}
