//! The objects of a repository, each with the content that its id promises.

use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::objs::{Data, Kind};

use super::error::RevisionError;

/// The largest object that is read. What is compared is far smaller; packages may be this large.
pub(super) const LARGEST: u64 = 128 * 1024 * 1024;

/// The objects and references of a repository.
#[derive(Clone)]
pub(super) struct Objects {
    pub(super) repository: gix::Repository,
    /// The directory that they are in.
    common: PathBuf,
}

/// An object that cannot be had.
#[derive(Debug, Clone)]
pub(super) enum Lost {
    /// It is not there.
    Missing(ObjectId),
    /// It is something else than what it has to be, or cannot be read.
    Broken(ObjectId, String),
    /// There are more than can be.
    TooMany,
}

impl Objects {
    /// Opens a repository for reading. Of its settings only those count that say how objects are named and stored.
    pub(super) fn open(git: &Path, common: &Path) -> Result<Objects, RevisionError> {
        let options = gix::open::Options::isolated()
            .open_path_as_is(true)
            // Never trusted, whoever owns it: settings of the repository are left alone.
            .with(gix::sec::Trust::Reduced)
            .config_overrides([
                // A commit holds what its id says, and not what `refs/replace` puts in its place.
                "core.useReplaceRefs=false".to_owned(),
                format!("gitoxide.objects.allocLimitIfReducedTrust={}", 2 * LARGEST),
            ]);
        let broken = |error: &dyn std::fmt::Display| RevisionError::Broken {
            path: common.to_owned(),
            reason: error.to_string(),
        };
        let repository = options.open(git).map_err(|error| broken(&error))?.to_thread_local();
        let storage = repository.config_snapshot().string("extensions.refStorage");
        if storage.is_some_and(|storage| storage.as_slice() != b"files") {
            return Err(broken(
                &"its references are stored in a way that is not known (`extensions.refStorage`)",
            ));
        }
        Ok(Objects { repository, common: common.to_owned() })
    }

    /// How many bytes an object has.
    pub(super) fn size(&self, id: ObjectId) -> Result<u64, Lost> {
        match self.repository.try_find_header(id) {
            Ok(Some(header)) => Ok(header.size()),
            Ok(None) => Err(Lost::Missing(id)),
            Err(error) => Err(Lost::Broken(id, error.to_string())),
        }
    }

    /// The content of an object. It is hashed again: neither a broken disk nor a clever hand can put in another one.
    pub(super) fn read(&self, id: ObjectId, kind: Kind) -> Result<Vec<u8>, Lost> {
        if self.size(id)? > LARGEST {
            return Err(Lost::Broken(id, format!("it is larger than {} MiB", LARGEST / 1024 / 1024)));
        }
        let object = match self.repository.try_find_object(id) {
            Ok(Some(object)) => object.detach(),
            Ok(None) => return Err(Lost::Missing(id)),
            Err(error) => return Err(Lost::Broken(id, error.to_string())),
        };
        if object.kind != kind {
            return Err(Lost::Broken(id, format!("it is a {} and has to be a {kind}", object.kind)));
        }
        match Data::new(&object.data, kind, id.kind()).verify_checksum(&id) {
            Ok(_) => Ok(object.data),
            Err(_) => Err(Lost::Broken(id, "its content is not what its id says".to_owned())),
        }
    }

    /// Whether the history was cut off when the repository was cloned.
    pub(super) fn is_shallow(&self) -> bool {
        self.repository.is_shallow().unwrap_or_default()
    }

    /// Whether objects were left out when the repository was cloned.
    fn is_partial(&self) -> bool {
        let packs = fs_err::read_dir(self.common.join("objects/pack")).into_iter().flatten().flatten();
        packs.into_iter().any(|entry| entry.path().extension().is_some_and(|it| it == "promisor"))
    }

    /// Why an object is not there.
    pub(super) fn explain(&self, reference: &str, lost: Lost) -> RevisionError {
        let reference = reference.to_owned();
        match lost {
            Lost::Missing(_) if self.is_shallow() => RevisionError::Shallow { reference },
            Lost::Missing(_) if self.is_partial() => RevisionError::Partial { reference },
            Lost::Missing(id) => RevisionError::Missing { reference, object: id.to_string() },
            Lost::Broken(id, reason) => {
                RevisionError::Broken { path: self.common.clone(), reason: format!("object {id}: {reason}") }
            }
            Lost::TooMany => RevisionError::TooLarge { reference },
        }
    }
}

impl std::fmt::Debug for Objects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Objects").field("common", &self.common).finish_non_exhaustive()
    }
}
