//! What somebody names, such as `main`, `v1.2` or `HEAD~1`, and which commit that is.

use std::collections::BTreeSet;

use gix::ObjectId;
use gix::objs::{CommitRef, Kind, TagRef};
use gix::revision::spec::parse::Error as ParseError;

use super::error::RevisionError;
use super::objects::{Lost, Objects};

/// How many tags may stand between a name and its commit.
const TAGS: usize = 16;

/// A commit.
pub(super) struct Found {
    pub(super) id: ObjectId,
    /// The tree of all its files.
    pub(super) tree: ObjectId,
}

/// The commit that has a name.
pub(super) fn find(objects: &Objects, name: &str) -> Result<Found, RevisionError> {
    let mut id = match objects.repository.rev_parse(name) {
        Ok(spec) => spec.single().map(gix::Id::detach).ok_or_else(|| RevisionError::NoCommit {
            reference: name.to_owned(),
            what: "a range of commits".to_owned(),
        })?,
        Err(error) => return Err(unknown(objects, name, &error)),
    };
    for _ in 0..TAGS {
        let kind = match objects.repository.try_find_header(id) {
            Ok(Some(header)) => header.kind(),
            Ok(None) => return Err(objects.explain(name, Lost::Missing(id))),
            Err(error) => return Err(objects.explain(name, Lost::Broken(id, error.to_string()))),
        };
        let wrong = |error: gix::Error| objects.explain(name, Lost::Broken(id, error.to_string()));
        let data = match kind {
            Kind::Commit | Kind::Tag => objects.read(id, kind).map_err(|lost| objects.explain(name, lost))?,
            Kind::Tree | Kind::Blob => break,
        };
        if kind == Kind::Tag {
            id = TagRef::from_bytes(&data, id.kind()).map_err(wrong)?.target();
            continue;
        }
        let tree = CommitRef::from_bytes(&data, id.kind()).map_err(wrong)?.tree();
        return Ok(Found { id, tree });
    }
    let what = "something else: a tree, a file, or a tag of one".to_owned();
    Err(RevisionError::NoCommit { reference: name.to_owned(), what })
}

/// Why nothing has a name.
fn unknown(objects: &Objects, name: &str, error: &gix::Error) -> RevisionError {
    if let Some(ParseError::AmbiguousPrefix { .. }) = error.downcast_any_ref() {
        let what = "the beginning of several ids: write more of it".to_owned();
        return RevisionError::NoCommit { reference: name.to_owned(), what };
    }
    let is_missing = error.downcast_any_ref::<ParseError>().is_some();
    let is_id = ObjectId::from_hex(name.as_bytes()).is_ok();
    if (!is_missing || is_id) && objects.is_shallow() {
        // An id, or a name that is known, leads to a commit that is not there.
        return RevisionError::Shallow { reference: name.to_owned() };
    }
    RevisionError::Unknown {
        reference: name.to_owned(),
        near: nearest(objects, name),
        shallow: objects.is_shallow(),
    }
}

/// The name of a reference that is most like a text: the same branch of a remote before one that is spelled alike.
fn nearest(objects: &Objects, name: &str) -> Option<String> {
    let platform = objects.repository.references().ok()?;
    let names: BTreeSet<String> = platform
        .all()
        .ok()?
        .flatten()
        .map(|reference| reference.name().shorten().to_string())
        .filter(|name| !name.starts_with("refs/"))
        .collect();
    let last = name.rsplit('/').next().unwrap_or(name);
    let is_same = |known: &&String| known.rsplit('/').next() == Some(last);
    if let Some(same) = names.iter().filter(is_same).min_by_key(|known| known.len()) {
        return Some(same.clone());
    }
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    similar::get_close_matches(name, &known, 1, 0.6).first().map(|near| (*near).to_owned())
}
