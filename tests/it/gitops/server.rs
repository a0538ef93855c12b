//! A server that keeps comments and issues, as GitLab and Azure DevOps do.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::stub::{Request, Stub, answer};

/// A comment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Note {
    pub(super) author: usize,
    pub(super) text: String,
}

/// Who the token of a pipeline belongs to.
pub(super) const ME: usize = 9;

/// What the server keeps.
#[derive(Default)]
pub(super) struct Kept {
    /// Comments on the one request that there is.
    pub(super) notes: Vec<Note>,
    /// The commits of the runs that succeeded on main, the last one last.
    pub(super) runs: Vec<String>,
    /// Issues: whether they are open, and their text.
    pub(super) issues: Vec<(bool, String)>,
    /// The plan of the last check that succeeded.
    pub(super) plan: Option<String>,
    /// What a request brought to a branch, though its message does not say so: commit and branch.
    pub(super) merged: Vec<(String, String)>,
    /// Whether it does not say what a commit was brought by.
    pub(super) is_forgetful: bool,
    /// How many requests changed something.
    pub(super) changes: usize,
}

impl Kept {
    /// What our one comment shows, without the line by which it is found.
    pub(super) fn comment(&self) -> &str {
        let ours = self.notes.iter().filter(|note| note.author == ME);
        let mut texts = ours.filter_map(|note| note.text.strip_prefix("<!-- mxkeep:check:. -->\n"));
        let text = texts.next().unwrap();
        assert_eq!(texts.next(), None, "one comment, however often");
        text
    }

    /// Comments that only look like ours.
    pub(super) fn add_others(&mut self) -> Vec<Note> {
        let mark = "<!-- mxkeep:check:. -->\n";
        let other = "<!-- mxkeep:check:envs/test -->\nof another estate";
        let note = |author, text: &str| Note { author, text: text.to_owned() };
        self.notes.extend([
            note(8, &format!("{mark}mine")),
            note(ME, &format!("about {mark}")),
            note(ME, other),
        ]);
        self.notes.clone()
    }
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
        // GitLab. The newest note comes first, and there are pages.
        ("GET", "/api/v4/user") => Some(json!({"id": ME, "username": "project_3_bot"}).to_string()),
        ("GET", "/api/v4/projects/3/merge_requests/7/notes") => {
            let query: BTreeMap<_, _> =
                url::form_urlencoded::parse(target.split_once('?')?.1.as_bytes()).collect();
            let (size, page): (usize, usize) = (query["per_page"].parse().ok()?, query["page"].parse().ok()?);
            assert!(size <= 100, "GitLab gives no more in one page");
            let notes = kept.notes.iter().enumerate().rev().skip((page - 1) * size).take(size);
            let notes = notes.map(|(index, note)| json!({"id": index + 1, "type": null, "body": note.text, "author": {"id": note.author, "name": "bot"}}));
            Some(Value::Array(notes.collect()).to_string())
        }
        ("POST", "/api/v4/projects/3/merge_requests/7/notes") => {
            kept.notes.push(Note { author: ME, text: field("body")? });
            Some("{}".to_owned())
        }
        ("PUT", path) if path.starts_with("/api/v4/projects/3/merge_requests/7/notes/") => {
            let note = kept.notes.get_mut(number()?)?;
            assert_eq!(note.author, ME, "nobody may edit what somebody else wrote");
            note.text = field("body")?;
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
            assert!(
                target.ends_with("?job=mxkeep%20check") || target.ends_with("?job=mxkeep+check"),
                "{target}"
            );
            kept.plan.clone()
        }
        ("GET", path) if path.starts_with("/api/v4/projects/3/repository/commits/") => {
            let commit = path.strip_suffix("/merge_requests")?.rsplit('/').next()?;
            if kept.is_forgetful {
                return None;
            }
            let merged = kept.merged.iter().filter(|(merged, _)| merged == commit);
            let merged = merged
                .map(|(_, branch)| json!({"id": 4711, "iid": 7, "state": "merged", "target_branch": branch}));
            // Somebody opened another one with the same commit.
            let open = json!({"id": 4712, "iid": 8, "state": "opened", "target_branch": "main"});
            Some(Value::Array(merged.chain([open]).collect()).to_string())
        }
        // Azure DevOps.
        ("GET", "/acme/_apis/connectionData") => {
            Some(json!({"authenticatedUser": {"id": ME.to_string(), "isActive": true}}).to_string())
        }
        ("GET", "/acme/6ce9/_apis/build/builds") => {
            let rest = "definitions=12&branchName=refs/heads/main&statusFilter=completed&resultFilter=succeeded&queryOrder=finishTimeDescending&$top=1&api-version=7.1";
            assert_eq!(target.split_once('?')?.1, rest);
            let last = kept
                .runs
                .last()
                .map(|commit| json!({"id": 1, "sourceBranch": "refs/heads/main", "sourceVersion": commit}));
            let last: Vec<_> = last.into_iter().collect();
            Some(json!({"count": last.len(), "value": last}).to_string())
        }
        ("GET", "/acme/6ce9/_apis/git/repositories/r1/pullRequests/7/threads") => {
            let threads = kept.notes.iter().enumerate().map(|(index, note)| {
                json!({"pullRequestThreadContext": null, "id": index + 1, "publishedDate": "2026-11-26T08:00:00Z",
                    "comments": [{"id": 1, "parentCommentId": 0, "author": {"id": note.author.to_string()}, "content": note.text}], "status": "closed"})
            });
            // A thread whose comments were deleted has comments without content.
            let deleted = json!({"id": 99, "comments": [{"id": 1, "author": {"id": ME.to_string()}, "isDeleted": true}]});
            let threads: Vec<_> = std::iter::once(deleted).chain(threads).collect();
            Some(json!({"count": threads.len(), "value": threads}).to_string())
        }
        ("POST", "/acme/6ce9/_apis/git/repositories/r1/pullRequests/7/threads") => {
            let body: Value = serde_json::from_str(&request.body).ok()?;
            kept.notes.push(Note { author: ME, text: body["comments"][0]["content"].as_str()?.to_owned() });
            Some("{}".to_owned())
        }
        ("PATCH", path) if path.ends_with("/comments/1") => {
            let body: Value = serde_json::from_str(&request.body).ok()?;
            let thread: usize = path.split('/').rev().nth(2)?.parse().ok()?;
            let note = kept.notes.get_mut(thread - 1)?;
            assert_eq!(note.author, ME, "nobody may edit what somebody else wrote");
            note.text = body["content"].as_str()?.to_owned();
            Some("{}".to_owned())
        }
        _ => None,
    }
}
