//! The commit that is checked out, and whether the files of the estate are as they were committed.

use std::collections::{BTreeMap, BTreeSet};

use gix::ObjectId;
use gix::objs::Kind;

use super::snapshot::Snapshot;
use super::{Repository, commit};
use crate::model::HeadRevision;
use crate::source::{Files, discover};

impl Repository {
    /// The commit that is checked out; nothing where there is none, or where it cannot be read. `files` are the files of
    /// the estate, `taken` those whose content became a value.
    pub fn head(&self, files: &Files, taken: &BTreeSet<String>) -> Option<HeadRevision> {
        let found = commit::find(&self.objects, "HEAD").ok()?;
        let snapshot = Snapshot::new(self.objects.clone(), found.tree, "HEAD", &self.directory).ok()?;
        let committed = match &snapshot {
            Some(snapshot) => snapshot.files().ok()?,
            None => BTreeMap::new(),
        };
        let names: BTreeSet<&str> = files.names().collect();
        let is_yaml = |name: &&String| discover::is_yaml(name.as_ref());
        let clean = committed.keys().filter(is_yaml).all(|name| names.contains(name.as_str()))
            && names.iter().all(|name| committed.get(*name).is_some_and(|id| self.is_as(name, *id)))
            // What was never committed, such as a secret that is there for this run only, is not a change.
            && taken.iter().all(|name| committed.get(name).is_none_or(|id| self.is_as(name, *id)));
        Some(HeadRevision { commit: found.id.to_string(), clean })
    }

    /// The files of the estate in the commit that is checked out; none where they cannot be read.
    pub(in crate::source) fn committed(&self) -> BTreeMap<String, ObjectId> {
        let read = || {
            let found = commit::find(&self.objects, "HEAD").ok()?;
            let snapshot =
                Snapshot::new(self.objects.clone(), found.tree, "HEAD", &self.directory).ok()??;
            snapshot.files().ok()
        };
        read().unwrap_or_default()
    }

    fn is_as(&self, name: &str, id: ObjectId) -> bool {
        fs_err::read(self.estate.join(name)).is_ok_and(|bytes| is_content(id, &bytes))
    }
}

/// Whether a file on disk has the content of an object. Git may have written other ends of lines.
pub(in crate::source) fn is_content(id: ObjectId, bytes: &[u8]) -> bool {
    let hash = |bytes: &[u8]| gix::objs::compute_hash(id.kind(), Kind::Blob, bytes).ok();
    hash(bytes) == Some(id) || hash(&unix_lines(bytes)) == Some(id)
}

/// The same text with line feeds alone at the ends of its lines.
fn unix_lines(bytes: &[u8]) -> Vec<u8> {
    let next = bytes.iter().skip(1).copied().chain([0]);
    bytes.iter().copied().zip(next).filter(|pair| *pair != (b'\r', b'\n')).map(|(byte, _)| byte).collect()
}
