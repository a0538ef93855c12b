//! The files of an estate in a commit.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::objs::tree::EntryKind;
use gix::objs::{Kind, TreeRefIter};

use super::error::RevisionError;
use super::objects::{LARGEST, Lost, Objects};
use crate::source::diagnostic::Problem;
use crate::source::discover::{self, Found, MAX_SIZE};
use crate::source::root::{Inside, Refusal, leads_out, no_file};
use crate::source::settings;

/// How many entries of trees are looked at. Trees may hold each other many times over, which costs a hostile repository
/// nothing.
const ENTRIES: usize = 1_000_000;

/// How many bytes of YAML one estate may have; one of 1,000 environments has about 2 MiB.
const YAML: u64 = 512 * 1024 * 1024;

/// How many symbolic links one path may lead through.
const LINKS: usize = 32;

/// How a file begins that holds the SHA-256 of another one in its place (Git LFS).
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// The longest pointer.
const POINTER_SIZE: usize = 1024;

/// How a file begins that was encrypted before it was committed (git-crypt).
const ENCRYPTED: &[u8] = b"\0GITCRYPT\0";

/// A directory of a commit.
pub(in crate::source) struct Snapshot {
    objects: Objects,
    tree: ObjectId,
    /// What stands before the name of a file: `main:` or `main:estates/prod/`.
    prefix: String,
    /// The first object that could not be had. What is read without it means nothing.
    lost: Rc<RefCell<Option<Lost>>>,
}

/// One entry of a tree.
#[derive(Debug, Clone)]
struct Entry {
    name: String,
    kind: EntryKind,
    id: ObjectId,
}

impl Snapshot {
    /// A directory of the tree of a commit; nothing where it has none of this name.
    pub(super) fn new(
        objects: Objects,
        tree: ObjectId,
        reference: &str,
        directory: &str,
    ) -> Result<Option<Snapshot>, RevisionError> {
        let prefix = match directory {
            "" => format!("{reference}:"),
            directory => format!("{reference}:{directory}/"),
        };
        let mut snapshot = Snapshot { objects, tree, prefix, lost: Rc::default() };
        for part in directory.split('/').filter(|part| !part.is_empty()) {
            let entries = snapshot.entries(snapshot.tree);
            let entries = entries.map_err(|lost| snapshot.objects.explain(reference, lost))?;
            match entries.into_iter().find(|entry| entry.name == part && entry.kind == EntryKind::Tree) {
                Some(entry) => snapshot.tree = entry.id,
                None => return Ok(None),
            }
        }
        Ok(Some(snapshot))
    }

    /// Whether the directory is one of an estate. A tree that cannot be read is found again when the files are.
    pub(super) fn is_estate(&self) -> bool {
        let entries = self.entries(self.tree);
        entries
            .is_ok_and(|entries| entries.iter().any(|entry| entry.name == settings::FILE && entry.is_file()))
    }

    /// The name by which places in a file are told, as `git show` takes it.
    pub(in crate::source) fn name_of(&self, file: &str) -> Arc<str> {
        Arc::from(format!("{}{file}", self.prefix))
    }

    /// Where the first object will be told that could not be had.
    pub(super) fn lost(&self) -> Rc<RefCell<Option<Lost>>> {
        Rc::clone(&self.lost)
    }

    /// Every `*.yaml` and `*.yml` that counts when a directory is read, ordered by name.
    pub(in crate::source) fn discover(&self, problems: &mut Vec<Problem>) -> Vec<Found> {
        let mut found = Vec::new();
        let mut bytes = 0;
        let walked = self.walk(&mut |name, entry| {
            let is_yaml = discover::is_yaml(Path::new(name));
            match entry.kind {
                EntryKind::Link if is_yaml || self.is_directory(name) => {
                    discover::not_followed(&self.name_of(name), problems);
                }
                EntryKind::Blob | EntryKind::BlobExecutable if is_yaml => {
                    let size = self.objects.size(entry.id)?;
                    bytes += size.min(MAX_SIZE);
                    if bytes > YAML {
                        return Err(Lost::TooMany);
                    }
                    found.push(if size > MAX_SIZE {
                        discover::too_large(self.name_of(name), problems)
                    } else {
                        let content = self.objects.read(entry.id, Kind::Blob)?;
                        discover::from_bytes(self.name_of(name), content, problems)
                    });
                }
                _ => {}
            }
            Ok(())
        });
        self.note(walked);
        found.sort_by(|a, b| a.file.name().cmp(b.file.name()));
        found
    }

    /// Every regular file that is not hidden, by its name.
    pub(super) fn files(&self) -> Result<BTreeMap<String, ObjectId>, Lost> {
        let mut files = BTreeMap::new();
        self.walk(&mut |name, entry| {
            if entry.is_file() {
                files.insert(name.to_owned(), entry.id);
            }
            Ok(())
        })?;
        Ok(files)
    }

    /// The directories that are estates.
    pub(super) fn estates(&self) -> Result<Vec<String>, Lost> {
        let mut estates = Vec::new();
        self.walk(&mut |name, entry| {
            if entry.is_file() && name.rsplit('/').next() == Some(settings::FILE) {
                estates.push(name.rsplit_once('/').map_or("", |(directory, _)| directory).to_owned());
            }
            Ok(())
        })?;
        estates.sort();
        Ok(estates)
    }

    /// A file by its path, through symbolic links that stay inside; nothing where there is none.
    pub(in crate::source) fn find(&self, path: &str) -> Result<Option<Inside>, Refusal> {
        match self.follow(path) {
            Ok(Followed::Blob(id)) => match self.content(id) {
                Ok(inside) => Ok(inside),
                Err(lost) => {
                    self.note(Err(lost));
                    Ok(None)
                }
            },
            Ok(Followed::Nothing) => Ok(None),
            Ok(Followed::Directory) => Err(no_file(path)),
            Ok(Followed::Outside) => Err(leads_out(path)),
            Err(lost) => {
                self.note(Err(lost));
                Ok(None)
            }
        }
    }

    /// What is known of the content of a blob.
    fn content(&self, id: ObjectId) -> Result<Option<Inside>, Lost> {
        if self.objects.size(id)? > LARGEST {
            return Ok(None);
        }
        let bytes = self.objects.read(id, Kind::Blob)?;
        if bytes.starts_with(ENCRYPTED) {
            return Ok(None);
        }
        if bytes.starts_with(POINTER) && bytes.len() <= POINTER_SIZE {
            return Ok(pointer(&bytes));
        }
        Ok(Some(Inside::Committed { bytes }))
    }

    fn is_directory(&self, path: &str) -> bool {
        matches!(self.follow(path), Ok(Followed::Directory))
    }

    /// Where a path leads to.
    fn follow(&self, path: &str) -> Result<Followed, Lost> {
        let mut ahead: VecDeque<String> = path.split('/').map(str::to_owned).collect();
        // The folders on the way, each with its tree.
        let mut way = vec![self.tree];
        let mut links = 0;
        while let Some(part) = ahead.pop_front() {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    way.pop();
                    if way.is_empty() {
                        return Ok(Followed::Outside);
                    }
                    continue;
                }
                _ => {}
            }
            let Some(here) = way.last() else { return Ok(Followed::Outside) };
            let entry = self.entries(*here)?.into_iter().find(|entry| entry.name == part);
            let Some(entry) = entry else { return Ok(Followed::Nothing) };
            match entry.kind {
                EntryKind::Tree => way.push(entry.id),
                EntryKind::Blob | EntryKind::BlobExecutable if ahead.is_empty() => {
                    return Ok(Followed::Blob(entry.id));
                }
                EntryKind::Link => {
                    links += 1;
                    let target = self.objects.read(entry.id, Kind::Blob)?;
                    let target = target.to_str_lossy().into_owned();
                    if links > LINKS || target.starts_with('/') {
                        return Ok(Followed::Outside);
                    }
                    target.rsplit('/').for_each(|part| ahead.push_front(part.to_owned()));
                }
                EntryKind::Blob | EntryKind::BlobExecutable | EntryKind::Commit => {
                    return Ok(Followed::Nothing);
                }
            }
        }
        Ok(Followed::Directory)
    }

    /// Visits every entry that is not hidden, folders first looked into, submodules not.
    fn walk(&self, visit: &mut dyn FnMut(&str, &Entry) -> Result<(), Lost>) -> Result<(), Lost> {
        let mut folders = vec![(self.tree, String::new())];
        let mut seen = 0;
        while let Some((tree, folder)) = folders.pop() {
            for entry in self.entries(tree)? {
                seen += 1;
                if seen > ENTRIES {
                    return Err(Lost::TooMany);
                }
                if entry.name.starts_with('.') {
                    continue;
                }
                let name =
                    if folder.is_empty() { entry.name.clone() } else { format!("{folder}/{}", entry.name) };
                match entry.kind {
                    EntryKind::Tree => folders.push((entry.id, name)),
                    _ => visit(&name, &entry)?,
                }
            }
        }
        Ok(())
    }

    fn entries(&self, tree: ObjectId) -> Result<Vec<Entry>, Lost> {
        // The empty tree need not be stored.
        let data = if tree.is_empty_tree() { Vec::new() } else { self.objects.read(tree, Kind::Tree)? };
        TreeRefIter::from_bytes(&data, tree.kind())
            .map(|entry| {
                let entry = entry.map_err(|error| Lost::Broken(tree, error.to_string()))?;
                let name = entry.filename.to_str_lossy().into_owned();
                Ok(Entry { name, kind: entry.mode.kind(), id: entry.oid.to_owned() })
            })
            .collect()
    }

    /// Keeps the first object that could not be had.
    fn note(&self, read: Result<(), Lost>) {
        if let Err(lost) = read {
            self.lost.borrow_mut().get_or_insert(lost);
        }
    }
}

impl Entry {
    fn is_file(&self) -> bool {
        matches!(self.kind, EntryKind::Blob | EntryKind::BlobExecutable)
    }
}

/// Where a path leads to.
enum Followed {
    Blob(ObjectId),
    Directory,
    Outside,
    Nothing,
}

/// What a pointer tells: lines of a key and a value each, `oid sha256:…` and `size …` among them.
fn pointer(bytes: &[u8]) -> Option<Inside> {
    let text = bytes.to_str().ok()?;
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key));
    let sha256 = value("oid sha256:")?.to_owned();
    let size = value("size ")?.parse().ok()?;
    Some(Inside::Pointer { sha256, size })
}
