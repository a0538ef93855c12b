//! The revisions of the files that a plan was made of.

/// What a plan with a base was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revisions {
    /// What the files are compared with.
    pub base: BaseRevision,
    /// What the files are; nothing where no commit exists yet.
    pub head: Option<HeadRevision>,
}

/// The revision that the files are compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseRevision {
    /// What the command line named, such as `origin/main`.
    pub reference: String,
    /// The commit that it named then, in hexadecimal digits.
    pub commit: String,
}

/// The revision that the files were checked out from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadRevision {
    /// The commit, in hexadecimal digits.
    pub commit: String,
    /// Whether the files of the estate are as they were committed.
    pub clean: bool,
}
