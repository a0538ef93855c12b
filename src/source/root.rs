//! Where the files of an estate are: in a directory, or in a commit of a Git repository.
//!
//! Whatever reads a file of an estate asks here, so that an estate means the same on disk and in history.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use gix::ObjectId;
use sha2::{Digest, Sha256};

use super::diagnostic::Problem;
use super::discover::{self, Found};
use super::git::{Repository, RevisionError, Snapshot, is_content};
use crate::model::hex;

/// How much of a file is in memory while its hash is computed.
const CHUNK: usize = 256 * 1024;

/// What to write where a file is not inside the estate.
const INSIDE: &str = "name a file inside the estate directory, relative to that directory";

/// Why a file cannot be had, and what to do about it.
pub(super) type Refusal = (String, &'static str);

/// Where the files of an estate are.
pub(super) enum Root {
    /// A directory.
    Directory(Directory),
    /// The tree of a commit, from the directory of the estate down.
    Commit(Box<Snapshot>),
}

/// An estate directory.
pub(super) struct Directory {
    /// Where it is, without symbolic links in it.
    path: PathBuf,
    /// The files whose content became a value, relative to it.
    taken: RefCell<BTreeSet<String>>,
    /// What of it is committed, once somebody asks; nothing where it lies in no repository.
    committed: OnceCell<Option<BTreeMap<String, ObjectId>>>,
}

/// A file of an estate that is not one of its YAML files.
pub(super) enum Inside {
    /// It is on disk.
    File {
        /// Where, without symbolic links in it.
        path: PathBuf,
        /// How many bytes it has.
        size: u64,
    },
    /// It is in a commit.
    Committed {
        /// The content.
        bytes: Vec<u8>,
    },
    /// A commit tells its SHA-256 and size, and the content is kept elsewhere (Git LFS).
    Pointer {
        /// In hexadecimal digits.
        sha256: String,
        /// How many bytes it has.
        size: u64,
    },
}

impl Root {
    pub(super) fn directory(path: PathBuf) -> Root {
        Root::Directory(Directory { path, taken: RefCell::default(), committed: OnceCell::new() })
    }

    /// The name by which places in a file of the estate are told.
    pub(super) fn name_of(&self, file: &str) -> Arc<str> {
        match self {
            Root::Directory(_) => Arc::from(file),
            Root::Commit(snapshot) => snapshot.name_of(file),
        }
    }

    /// Every `*.yaml` and `*.yml`, ordered by name. Hidden files and folders are skipped, and so is what lies behind
    /// symbolic links.
    pub(super) fn discover(&self, problems: &mut Vec<Problem>) -> Vec<Found> {
        match self {
            Root::Directory(directory) => discover::discover(&directory.path, problems),
            Root::Commit(snapshot) => snapshot.discover(problems),
        }
    }

    /// A file of the estate by its path; no symbolic link may lead out of it. Nothing where a commit does not hold it:
    /// a file that is not committed may have been there all the same.
    pub(super) fn find(&self, path: &str) -> Result<Option<Inside>, Refusal> {
        let relative = Path::new(path);
        if relative.components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err((format!("the file `{path}` is not inside the estate directory"), INSIDE));
        }
        match self {
            Root::Directory(directory) => directory.find(path).map(Some),
            Root::Commit(snapshot) => snapshot.find(path),
        }
    }

    /// The content of a file of the estate, which becomes a value.
    pub(super) fn read(&self, path: &str, most: u64) -> Result<Option<Vec<u8>>, Refusal> {
        let Some(inside) = self.find(path)? else { return Ok(None) };
        if inside.size() > most {
            return Err((
                format!("the file `{path}` is larger than {} MiB", most / 1024 / 1024),
                "no value of a manifest is that large",
            ));
        }
        match inside {
            Inside::File { path: real, .. } => {
                if let Root::Directory(directory) = self {
                    directory.taken.borrow_mut().insert(path.to_owned());
                }
                fs_err::read(&real).map(Some).map_err(|error| unreadable(path, &error))
            }
            Inside::Committed { bytes } => Ok(Some(bytes)),
            Inside::Pointer { .. } => Ok(None),
        }
    }

    /// Whether everybody who can propose a change of the files can read this content of one of them anyway. What a
    /// pipeline put beside the files, such as a secret for this run, is there and not committed.
    pub(super) fn is_public(&self, path: &str, content: &[u8]) -> bool {
        match self {
            Root::Directory(directory) => directory.is_public(path, content),
            Root::Commit(_) => true,
        }
    }

    /// The files whose content became a value.
    pub(super) fn taken(&self) -> BTreeSet<String> {
        match self {
            Root::Directory(directory) => directory.taken.borrow().clone(),
            Root::Commit(_) => BTreeSet::new(),
        }
    }
}

impl Directory {
    fn find(&self, path: &str) -> Result<Inside, Refusal> {
        let root = &self.path;
        let real = fs_err::canonicalize(root.join(path)).map_err(|error| unreadable(path, &error))?;
        if !real.starts_with(root) {
            return Err(leads_out(path));
        }
        let metadata = fs_err::metadata(&real).map_err(|error| unreadable(path, &error))?;
        if !metadata.is_file() {
            return Err(no_file(path));
        }
        Ok(Inside::File { path: real, size: metadata.len() })
    }
}

impl Directory {
    fn is_public(&self, path: &str, content: &[u8]) -> bool {
        let committed = self.committed.get_or_init(|| match Repository::open(&self.path) {
            Ok(repository) => Some(repository.committed()),
            // Without a repository nobody proposes changes.
            Err(RevisionError::NoRepository { .. }) => None,
            Err(_) => Some(BTreeMap::new()),
        });
        let parts: Vec<_> = Path::new(path)
            .components()
            .filter(|part| *part != Component::CurDir)
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        let Some(files) = committed else { return true };
        files.get(&parts.join("/")).is_some_and(|id| is_content(*id, content))
    }
}

impl Inside {
    /// How many bytes the file has.
    pub(super) fn size(&self) -> u64 {
        match self {
            Inside::File { size, .. } | Inside::Pointer { size, .. } => *size,
            Inside::Committed { bytes } => bytes.len() as u64,
        }
    }

    /// The SHA-256 of the content, in hexadecimal digits.
    pub(super) fn sha256(&self) -> std::io::Result<String> {
        match self {
            Inside::File { path, .. } => sha256(path),
            Inside::Committed { bytes } => Ok(hex(&Sha256::digest(bytes))),
            Inside::Pointer { sha256, .. } => Ok(sha256.clone()),
        }
    }
}

pub(super) fn leads_out(path: &str) -> Refusal {
    (format!("the file `{path}` is a symbolic link that leads out of the estate directory"), INSIDE)
}

pub(super) fn no_file(path: &str) -> Refusal {
    (format!("`{path}` is not a file"), INSIDE)
}

/// What to say of a file that the system does not give.
pub(super) fn unreadable(path: &str, error: &std::io::Error) -> Refusal {
    let reason = match error.kind() {
        std::io::ErrorKind::NotFound => "does not exist",
        std::io::ErrorKind::PermissionDenied => "may not be read",
        _ => "cannot be read",
    };
    (format!("the file `{path}` {reason}"), INSIDE)
}

/// The SHA-256 of a file's content, in hexadecimal digits, with little of it in memory at a time.
pub(super) fn sha256(path: &Path) -> std::io::Result<String> {
    let mut file = fs_err::File::open(path)?;
    let (mut hash, mut chunk) = (Sha256::new(), vec![0; CHUNK]);
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(chunk.get(..read).unwrap_or_default()),
        }
    }
}
