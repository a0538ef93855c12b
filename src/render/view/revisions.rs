//! The revisions that a plan was made of, to be shown.

use crate::model::{BaseRevision, HeadRevision, Revisions};
use crate::render::sanitise::Name;

/// The revisions that a plan was made of, to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionsView {
    /// What the command line named.
    pub reference: Name,
    /// The commit that it named.
    pub base: String,
    /// The commit that is checked out, and whether the files are as committed.
    pub head: Option<(String, bool)>,
}

/// How many digits of a commit tell it apart for a reader.
const SHORT: usize = 7;

impl RevisionsView {
    /// The first digits of the commit of the base.
    pub fn short(&self) -> &str {
        self.base.get(..SHORT).unwrap_or(&self.base)
    }
}

impl From<&Revisions> for RevisionsView {
    fn from(revisions: &Revisions) -> RevisionsView {
        let Revisions { base: BaseRevision { reference, commit }, head } = revisions;
        let head = head.as_ref().map(|HeadRevision { commit, clean }| (commit.clone(), *clean));
        RevisionsView { reference: Name::new(reference), base: commit.clone(), head }
    }
}
