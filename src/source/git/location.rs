//! Finds the `.git` that a directory belongs to, and refuses what Git itself would not have made.
//!
//! Git puts nothing named `.git` into a work tree, whatever a commit says, so that a pull request cannot bring one. A
//! directory can come in other ways, though (an archive, a submodule), and a commit may hold a directory that looks like
//! a bare repository. So no directory but one that is named `.git` counts; a `.git` file counts when it is that of a
//! linked worktree, whose repository names it in turn; and nothing in there may be a link to elsewhere.
//!
//! Who owns the directory does not matter. Git refuses the repositories of others because their settings can run
//! programs; here nothing is run, whatever the settings say, and in a container the owner is often another one.
//!
//! `GIT_DIR` and its like are not heeded: what an estate is compared with is decided by where it lies.

use std::fs::FileType;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::error::RevisionError;

/// Files and directories of a repository that lead elsewhere when they are links.
const PARTS: [&str; 6] = ["HEAD", "config", "objects", "packed-refs", "refs", "shallow"];

/// How long a file may be that holds one path.
const LONGEST: u64 = 16 * 1024;

/// Where the repository of an estate is.
pub(super) struct Location {
    /// The estate directory, without symbolic links in it.
    pub(super) estate: PathBuf,
    /// The estate directory in the repository, with `/` between folders; empty where it is all of it.
    pub(super) directory: String,
    /// The directory that holds `.git`.
    pub(super) work_tree: PathBuf,
    /// The directory with the `HEAD` of this work tree.
    pub(super) git: PathBuf,
    /// The directory with the objects.
    pub(super) common: PathBuf,
}

/// Finds the repository of an estate directory.
pub(super) fn find(estate: &Path) -> Result<Location, RevisionError> {
    let nowhere = || RevisionError::NoRepository { directory: estate.to_owned() };
    let estate = fs_err::canonicalize(estate).map_err(|_| nowhere())?;
    for work_tree in estate.ancestors() {
        let path = work_tree.join(".git");
        let Some(kind) = kind_of(&path) else { continue };
        let (git, common) = if kind.is_dir() {
            if kind_of(&path.join("HEAD")).is_none() {
                // Git passes over a directory that is no repository, too.
                continue;
            }
            if kind_of(&path.join("commondir")).is_some() {
                return refuse(&path, "it keeps its objects elsewhere (`commondir`)");
            }
            (path.clone(), path)
        } else if kind.is_file() {
            linked(work_tree, &path)?
        } else {
            return refuse(&path, "it is a symbolic link");
        };
        check(&git, &common)?;
        let relative = estate.strip_prefix(work_tree).unwrap_or(Path::new(""));
        let directory: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
        let (directory, work_tree) = (directory.join("/"), work_tree.to_owned());
        return Ok(Location { estate, directory, work_tree, git, common });
    }
    Err(nowhere())
}

/// The repository of a linked worktree: `.git/worktrees/NAME` of another work tree, which names this one in turn.
fn linked(work_tree: &Path, file: &Path) -> Result<(PathBuf, PathBuf), RevisionError> {
    const FOREIGN: &str =
        "its repository knows of no worktree here (`git worktree repair` there, if it was moved)";
    let named = text(file).and_then(|text| Some(text.strip_prefix("gitdir:")?.trim().to_owned()));
    let Some(named) = named else { return refuse(file, "it does not name a repository") };
    let Ok(git) = fs_err::canonicalize(work_tree.join(named)) else {
        return refuse(file, "it names a repository that is not there");
    };
    let Some(common) = text(&git.join("commondir")) else {
        return refuse(file, "it names a repository elsewhere, as submodules do, and is no linked worktree");
    };
    let back = text(&git.join("gitdir")).and_then(|back| fs_err::canonicalize(git.join(back.trim())).ok());
    if back.as_deref() != Some(file) {
        return refuse(file, FOREIGN);
    }
    let Ok(common) = fs_err::canonicalize(git.join(common.trim())) else { return refuse(file, FOREIGN) };
    if git.parent() != Some(&common.join("worktrees")) {
        return refuse(file, FOREIGN);
    }
    if common.starts_with(work_tree) {
        return refuse(file, "its repository lies in the very directory that it is of");
    }
    Ok((git, common))
}

/// Whether everything that will be read lies where it seems to lie, and is nothing that never ends.
fn check(git: &Path, common: &Path) -> Result<(), RevisionError> {
    for (directory, name) in [git, common].into_iter().flat_map(|it| PARTS.map(|name| (it, name))) {
        let path = directory.join(name);
        let Some(kind) = kind_of(&path) else { continue };
        let is_directory = matches!(name, "objects" | "refs");
        if (is_directory && !kind.is_dir()) || (!is_directory && !kind.is_file()) {
            return refuse(&path, "Git makes no link and nothing special there");
        }
    }
    let alternates = common.join("objects/info/alternates");
    if kind_of(&alternates).is_some() {
        return Err(RevisionError::Borrows { path: alternates });
    }
    Ok(())
}

fn refuse<T>(path: &Path, reason: &'static str) -> Result<T, RevisionError> {
    Err(RevisionError::NotTrusted { path: path.to_owned(), reason })
}

/// What there is; links are not followed.
fn kind_of(path: &Path) -> Option<FileType> {
    path.symlink_metadata().ok().map(|metadata| metadata.file_type())
}

/// The text of a small file.
fn text(path: &Path) -> Option<String> {
    if !kind_of(path)?.is_file() {
        return None;
    }
    let mut text = String::new();
    fs_err::File::open(path).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
    Some(text)
}
