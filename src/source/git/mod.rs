//! The estate as it is in a commit, read from the objects of the repository that it lies in.
//!
//! No process is started, nothing is written, and no object is fetched: `gix` opens files below `.git`, and nothing of
//! the repository's settings is heeded but how its objects are named. Only Git itself writes below `.git`, so that a pull
//! request can bring no settings of its own; `.git` entries and directories that could come in another way are refused
//! by [`location`].
//!
//! ```text
//! location     directory → the `.git` that it belongs to, or why none is trusted
//! objects      id → content that has this id
//! commit       what somebody named → commit, or the nearest right name
//! snapshot     commit × directory → files                  (the other half of `source/root.rs`)
//! head         the commit that is checked out, and whether the files are as committed
//! ```

mod commit;
mod error;
mod head;
mod location;
mod objects;
mod snapshot;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use self::error::RevisionError;
pub(super) use self::head::is_content;
use self::location::Location;
use self::objects::Objects;
pub(super) use self::snapshot::Snapshot;
use super::packages::is_unknown;
use super::root::Root;
use super::{Files, LoadOptions, Loaded, read_root};
use crate::model::{BaseRevision, DeclaredValue, DesiredState, Identity};

/// The Git repository that an estate lies in.
#[derive(Debug)]
pub struct Repository {
    objects: Objects,
    /// The estate directory, without symbolic links in it.
    estate: PathBuf,
    /// The estate directory in the repository, with `/` between folders; empty where it is all of it.
    directory: String,
    /// The directory that the repository is checked out to.
    work_tree: PathBuf,
}

/// An estate as it was at a revision.
#[derive(Debug)]
pub struct Based {
    /// What the files asked for. Places in it name the revision, as `main:clusters/prod-eu.yaml`.
    pub desired: DesiredState,
    /// The files, for excerpts.
    pub files: Files,
    /// What was named, and which commit that is.
    pub revision: BaseRevision,
    /// The directory of the estate in that commit: another one than today where it moved, none where it is new.
    pub directory: Option<String>,
}

impl Repository {
    /// Opens the repository that an estate directory lies in.
    ///
    /// # Errors
    ///
    /// When the directory lies in no repository, or in one that is not what it seems.
    pub fn open(estate: &Path) -> Result<Repository, RevisionError> {
        let Location { estate, directory, work_tree, git, common } = location::find(estate)?;
        Ok(Repository { objects: Objects::open(&git, &common)?, estate, directory, work_tree })
    }

    /// The estate directory in the repository, with `/` between folders; empty where it is all of it.
    pub fn directory(&self) -> &str {
        &self.directory
    }

    /// Reads the estate as it is in the commit that somebody names. `REF:DIRECTORY` says that it lay elsewhere then.
    ///
    /// # Errors
    ///
    /// When nothing has that name, objects are missing, or the estate is invalid there.
    pub fn load(&self, reference: &str, options: &LoadOptions<'_>) -> Result<Based, RevisionError> {
        let (name, elsewhere) = match reference.split_once(':') {
            Some((name, directory)) => (name, Some(directory.trim_matches('/'))),
            None => (reference, None),
        };
        let commit = commit::find(&self.objects, name)?;
        let revision = BaseRevision { reference: name.to_owned(), commit: commit.id.to_string() };
        let directory = match elsewhere {
            Some(directory) => Some(directory.to_owned()),
            None => self.directory_at(name, &commit)?,
        };
        let Some(directory) = directory else {
            let (desired, files) = (DesiredState::default(), Files::default());
            return Ok(Based { desired, files, revision, directory: None });
        };
        let snapshot = Snapshot::new(self.objects.clone(), commit.tree, name, &directory)?;
        let Some(snapshot) = snapshot.filter(Snapshot::is_estate) else {
            return Err(RevisionError::NoEstate { reference: name.to_owned(), directory });
        };
        let lost = snapshot.lost();
        let shown = snapshot.name_of("").trim_end_matches('/').to_owned();
        let root = Root::Commit(Box::new(snapshot));
        let Loaded { desired, diagnostics, files, .. } =
            read_root(root, &shown, options, &BTreeMap::new(), Vec::new());
        if let Some(lost) = lost.take() {
            return Err(self.objects.explain(name, lost));
        }
        match desired {
            Some(mut desired) => {
                forget_unknown_packages(&mut desired);
                Ok(Based { desired, files, revision, directory: Some(directory) })
            }
            None => Err(RevisionError::Invalid { reference: name.to_owned(), diagnostics }),
        }
    }

    /// The directory of this estate in a commit; nothing where it is new.
    ///
    /// An estate whose directory has another name today is looked for: were it taken for a new one, renaming a directory
    /// would lose what its files forbid.
    fn directory_at(&self, name: &str, commit: &commit::Found) -> Result<Option<String>, RevisionError> {
        let snapshot = Snapshot::new(self.objects.clone(), commit.tree, name, &self.directory)?;
        if snapshot.is_some_and(|snapshot| snapshot.is_estate()) {
            return Ok(Some(self.directory.clone()));
        }
        let whole = Snapshot::new(self.objects.clone(), commit.tree, name, "")?;
        let estates = whole.map_or_else(|| Ok(Vec::new()), |whole| whole.estates());
        let mut estates = estates.map_err(|lost| self.objects.explain(name, lost))?;
        estates.retain(|directory| !self.is_checked_out(directory));
        if estates.len() > 1 {
            return Err(RevisionError::Moved { reference: name.to_owned(), directories: estates });
        }
        Ok(estates.pop())
    }

    /// Whether an estate lies in this directory today. What only a link leads to has moved: were it taken for what was
    /// there before, a link with the old name would lose what the files forbid.
    fn is_checked_out(&self, directory: &str) -> bool {
        let mut path = self.work_tree.clone();
        let is_no_link = directory.split('/').filter(|part| !part.is_empty()).all(|part| {
            path.push(part);
            path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir())
        });
        is_no_link && super::discover::is_estate(&path)
    }
}

/// Leaves out packages of which a commit does not hold the file, and what runs them: what is not known can differ from
/// nothing.
fn forget_unknown_packages(desired: &mut DesiredState) {
    let is_lost =
        |identity: &Identity| matches!(identity, Identity::Package { mark, .. } if is_unknown(mark));
    desired.resources.retain(|identity, _| !is_lost(identity));
    for resource in desired.resources.values_mut() {
        let Some(later) = resource.later_package() else { continue };
        if !is_lost(&later.identity) {
            continue;
        }
        let deployment = resource.fields.get_mut("deployment").map(|deployment| &mut deployment.value);
        if let Some(DeclaredValue::Object(deployment)) = deployment {
            deployment.remove("packageId");
        }
    }
}
