//! Why an estate cannot be read at a revision.

use std::path::PathBuf;

use crate::source::Diagnostic;

/// Why an estate cannot be read at a revision.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RevisionError {
    /// The estate directory lies in no repository.
    #[error("`{}` lies in no Git repository", .directory.display())]
    NoRepository {
        /// The estate directory.
        directory: PathBuf,
    },
    /// What is there is not what `git clone`, `git init` and `git worktree add` make.
    #[error("`{}` is not read as a repository: {reason}", .path.display())]
    NotTrusted {
        /// What was found.
        path: PathBuf,
        /// What is odd about it.
        reason: &'static str,
    },
    /// The repository borrows objects from another one.
    #[error("`{}` borrows objects from another repository, which is not read", .path.display())]
    Borrows {
        /// The file that says so.
        path: PathBuf,
    },
    /// The repository cannot be opened, or something in it is broken.
    #[error("the repository `{}` cannot be read: {reason}", .path.display())]
    Broken {
        /// The `.git` directory.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Nothing in the repository has this name.
    #[error("the repository has no revision `{reference}`")]
    Unknown {
        /// What was asked for.
        reference: String,
        /// The nearest name that there is.
        near: Option<String>,
        /// Whether the history was cut off when the repository was cloned.
        shallow: bool,
    },
    /// The name is that of something else.
    #[error("`{reference}` is no commit but {what}")]
    NoCommit {
        /// What was asked for.
        reference: String,
        /// What it is.
        what: String,
    },
    /// The commit, or what belongs to it, is beyond the end of a history that was cut off.
    #[error(
        "`{reference}` is not in this repository: it is a shallow clone, which has a part of the history only"
    )]
    Shallow {
        /// What was asked for.
        reference: String,
    },
    /// Files of the commit were left out when the repository was cloned.
    #[error(
        "files of `{reference}` are not in this repository: it is a partial clone, which fetches them when Git asks"
    )]
    Partial {
        /// What was asked for.
        reference: String,
    },
    /// An object is not there.
    #[error("`{reference}` cannot be read: the repository lacks the object {object}")]
    Missing {
        /// What was asked for.
        reference: String,
        /// The id of the object.
        object: String,
    },
    /// There is no estate in the directory that was named.
    #[error("`{reference}` has no estate in `{directory}`")]
    NoEstate {
        /// What was asked for.
        reference: String,
        /// The directory that was asked for.
        directory: String,
    },
    /// The directory of the estate is new, and several others are gone.
    #[error("the estate lay elsewhere in `{reference}`, and it may be any of these: {}", .directories.join(", "))]
    Moved {
        /// What was asked for.
        reference: String,
        /// The directories of estates that are no more.
        directories: Vec<String>,
    },
    /// The estate is larger than what can be one.
    #[error("`{reference}` holds more files than an estate can have")]
    TooLarge {
        /// What was asked for.
        reference: String,
    },
    /// The files of the revision have errors.
    #[error("the estate is invalid in `{reference}`")]
    Invalid {
        /// What was asked for.
        reference: String,
        /// All problems.
        diagnostics: Vec<Diagnostic>,
    },
}
