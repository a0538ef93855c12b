//! When a list is complete. Pure.
//!
//! The contract pages by `offset` and `limit`, gives no total, names no largest limit, and answers a limit that is
//! too large with a shorter page and no word about it. So a short page may be the end, or a server that gives less
//! than it was asked for. What settles it:
//!
//! * the documented default is 20 items (100 for apps), so every server can give 20: a page shorter than the limit
//!   and shorter than 20 is the last;
//! * an empty page is the last;
//! * a page as long as the limit has a next one;
//! * a short page of 20 or more is the last when a list of the same kind gave a longer page during this read;
//!   else the next page is asked for, and if it is not empty, the server's own limit is found and used from there.
//!
//! Mistaking a short page for the end would make existing resources look absent, and a plan would create them again.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The documented default page size of clusters, namespaces and environments: what every server can give.
pub(super) const ALWAYS_POSSIBLE: usize = 20;

/// The longest page of packages (Build API).
pub(super) const MOST_PACKAGES: usize = 50;

/// More pages than any estate has; a list that is longer does not end.
pub(super) const MOST_PAGES: usize = 1_000;

/// The lists of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listing {
    Clusters,
    Namespaces,
    Apps,
    Environments,
    Packages,
    CloudApps,
    CloudEnvironments,
    /// Of an environment on Mendix Cloud.
    Permissions,
}

impl Listing {
    /// The key that holds the items of a page.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Listing::Clusters => "clusters",
            Listing::Namespaces => "namespaces",
            Listing::Apps | Listing::CloudApps => "apps",
            Listing::Environments | Listing::CloudEnvironments => "environments",
            Listing::Packages => "packages",
            Listing::Permissions => "permissions",
        }
    }
}

/// The longest page that each kind of list gave during one read; a server's limit is at least that.
#[derive(Debug, Default)]
pub(super) struct Longest {
    clusters: AtomicUsize,
    namespaces: AtomicUsize,
    apps: AtomicUsize,
    environments: AtomicUsize,
    packages: AtomicUsize,
    cloud_apps: AtomicUsize,
    cloud_environments: AtomicUsize,
    permissions: AtomicUsize,
}

impl Longest {
    fn of(&self, listing: Listing) -> &AtomicUsize {
        match listing {
            Listing::Clusters => &self.clusters,
            Listing::Namespaces => &self.namespaces,
            Listing::Apps => &self.apps,
            Listing::Environments => &self.environments,
            Listing::Packages => &self.packages,
            Listing::CloudApps => &self.cloud_apps,
            Listing::CloudEnvironments => &self.cloud_environments,
            Listing::Permissions => &self.permissions,
        }
    }

    /// Notes a page and gives the longest so far, this one included.
    pub(super) fn note(&self, listing: Listing, got: usize) -> usize {
        self.of(listing).fetch_max(got, Ordering::Relaxed).max(got)
    }
}

/// Where a list is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The number of items before the page.
    pub offset: usize,
    /// How many items to ask for.
    pub limit: usize,
    /// The length of the short page before this one, when this request is to find out whether it was the last.
    probing: Option<usize>,
}

impl Cursor {
    /// The first page.
    pub(super) fn first(limit: usize) -> Cursor {
        Cursor { offset: 0, limit, probing: None }
    }

    /// The same place, where the server says how many items it gives at most.
    pub(super) fn limited(self, limit: Option<usize>) -> Cursor {
        let limit = limit.filter(|limit| (1..self.limit).contains(limit)).unwrap_or(self.limit);
        Cursor { limit, ..self }
    }

    /// The next page after one with `got` items; nothing when that was the last. `longest` is the longest page
    /// that a list of this kind gave so far.
    pub(super) fn next(self, got: usize, longest: usize) -> Option<Cursor> {
        if got == 0 {
            return None;
        }
        let offset = self.offset.saturating_add(got);
        // A page after a short one: that one was as long as the server allows.
        let limit = self.probing.unwrap_or(self.limit);
        if got >= limit {
            return Some(Cursor { offset, limit, probing: None });
        }
        if got < ALWAYS_POSSIBLE || got < longest {
            return None;
        }
        Some(Cursor { offset, limit, probing: Some(got) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The requests for a list of `total` items from a server that gives at most `clamp` items, and what they gave.
    fn walk(total: usize, limit: usize, clamp: usize, known: usize) -> (Vec<(usize, usize)>, usize) {
        let (mut requests, mut read, mut longest) = (Vec::new(), 0, known);
        let mut cursor = Some(Cursor::first(limit));
        while let Some(at) = cursor {
            requests.push((at.offset, at.limit));
            assert!(requests.len() < 300, "no end: {total} {limit} {clamp}");
            let got = total.saturating_sub(at.offset).min(at.limit).min(clamp);
            read += got;
            longest = longest.max(got);
            cursor = at.next(got, longest);
        }
        (requests, read)
    }

    #[test]
    fn asks_for_as_few_pages_as_certainty_allows() {
        let table = [
            // total, limit, server's own limit, longest page known → (offset, limit) of the requests
            (0, 100, 100, 0, vec![(0, 100)]),
            (19, 100, 100, 0, vec![(0, 100)]),
            // 20 may be all, or all that the server gives.
            (20, 100, 100, 0, vec![(0, 100), (20, 100)]),
            (20, 100, 100, 21, vec![(0, 100)]),
            (99, 100, 100, 0, vec![(0, 100), (99, 100)]),
            (100, 100, 100, 0, vec![(0, 100), (100, 100)]),
            (137, 100, 100, 0, vec![(0, 100), (100, 100)]),
            // A clamp of 50 is found and used.
            (120, 100, 50, 0, vec![(0, 100), (50, 100), (100, 50)]),
            (100, 100, 50, 50, vec![(0, 100), (50, 100), (100, 50)]),
            (3, 5, 100, 0, vec![(0, 5)]),
        ];
        for (total, limit, clamp, known, expected) in table {
            assert_eq!(walk(total, limit, clamp, known), (expected, total), "{total} {limit} {clamp}");
        }
    }

    #[test]
    fn never_misses_an_item_whatever_the_server_gives_at_most() {
        for total in 0..=260 {
            for clamp in [20, 21, 25, 50, 99, 100, 500] {
                for limit in [1, 7, 19, 20, 21, 50, 100] {
                    assert_eq!(walk(total, limit, clamp, 0).1, total, "{total} {limit} {clamp}");
                    assert_eq!(
                        walk(total, limit, clamp, clamp.min(limit)).1,
                        total,
                        "{total} {limit} {clamp}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_page_longer_than_asked_for_is_not_the_end() {
        let next = Cursor::first(100).next(150, 150).unwrap();
        assert_eq!((next.offset, next.limit), (150, 100));
    }
}
