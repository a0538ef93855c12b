//! Three-way with Git: whose a difference is, by what the files said before (base), what they say now (head), and what
//! is live.
//!
//! | base and head | live | class |
//! |---|---|---|
//! | equal | other than head | drift |
//! | differ | as base | change |
//! | differ | as head | none: already done |
//! | differ | as neither | conflict |
//! | only head manages it | other than head | adopt |
//! | only base managed it | any | none: released |
//!
//! Base never decides what differs: it tells whose a difference is, and which secrets have to be sent again although
//! nothing live tells that they changed.

mod asked;
mod conflict;
mod notes;
mod secrecy;

use std::borrow::Cow;
use std::collections::BTreeSet;

use uuid::Uuid;

use super::action::Action;
use super::reconcile::{is_cluster, uses_secrets_store};
use super::{DriftMode, PlanInput};
use crate::diff::{Change, Class, Diff, Why, field_at, overlap, resource};
use crate::model::field::Field;
use crate::model::{Desired, FieldPath, Identity, Kind, Live, Tombstone};
use asked::{Asked, asked};

pub(super) use conflict::conflict;
pub(super) use notes::{of_estate, of_resource};

/// A declared resource, what it was declared as before, and what is live of it.
pub(super) struct ThreeWay<'a> {
    table: &'static [Field],
    head: &'a Desired,
    /// As it was declared before; nothing where it was not.
    base: Option<Cow<'a, Desired>>,
    live: Option<&'a Live>,
    /// The apps whose packages were read: of the others nobody knows what a name of a package meant.
    packages_of: &'a BTreeSet<Uuid>,
    /// How what is live departs from base.
    departs: Diff,
}

impl<'a> ThreeWay<'a> {
    /// Nothing where no earlier state of the files is known.
    pub(super) fn new(
        input: &PlanInput<'a>,
        head: &'a Desired,
        live: Option<&'a Live>,
    ) -> Option<ThreeWay<'a>> {
        let base = input.base?.resources.get(&head.identity);
        let base = base.map(|base| settled(input, base));
        let departs = base.as_deref().map(|base| resource(base, live, uses_secrets_store(input, base)));
        let departs = departs.unwrap_or_default();
        let (table, packages_of) = (head.kind().fields(), &input.live.packages_of);
        Some(ThreeWay { table, head, base, live, packages_of, departs })
    }

    /// Says of every change whose it is.
    pub(super) fn classify(&self, found: &mut Diff) {
        for change in found.changes.iter_mut().chain(&mut found.pending) {
            change.class = Some(self.class(change));
            if let Some(base) = &self.base {
                change.sensitive = secrecy::is_secret(self.table, &base.fields, change);
            }
        }
    }

    fn class(&self, change: &Change) -> Class {
        let Some(base) = &self.base else {
            // A resource that is there although no file named it comes under management as a whole.
            return if self.live.is_some() { Class::Adopt } else { Class::Change };
        };
        if is_cluster(self.head, &change.path) {
            return self.moved(base);
        }
        let field = field_at(self.table, &change.path);
        let before = self.before(base, &change.path);
        // What mxkeep fills in on create, nobody has asked for.
        let is_filled_in = change.origin.is_none();
        match before {
            Asked::Nothing if is_filled_in => Class::Drift,
            Asked::Nothing => Class::Adopt,
            before if Asked::of(&change.after).is_same(before, field) => Class::Drift,
            before if is_filled_in || self.is_as(before, field, &change.path) => Class::Change,
            _ => Class::Conflict,
        }
    }

    /// What base asked for. What an exact list left alone because the platform puts it there, it did not manage.
    fn before<'b>(&self, base: &'b Desired, path: &FieldPath) -> Asked<'b> {
        let is_spared = |other: &crate::diff::Uncompared| other.why == Why::Spared && other.path == *path;
        match asked(self.table, &base.fields, path) {
            Asked::Gone | Asked::GoneWithItem if self.departs.uncompared.iter().any(is_spared) => {
                Asked::Nothing
            }
            before => before,
        }
    }

    /// Whether live is as base asked for.
    fn is_as(&self, before: Asked<'_>, field: Option<&Field>, path: &FieldPath) -> bool {
        if let Asked::Later(later) = before {
            // It has been settled where it is known.
            let is_read = |app: &Uuid| self.packages_of.contains(app);
            return !matches!(&later.identity, Identity::Package { app, .. } if is_read(app));
        }
        let none = serde_json::Value::Null;
        let live = self.live.map_or(&none, Live::manifest);
        before.is_live(self.table, field, path, live).unwrap_or_else(|| {
            let departs = self.departs.changes.iter().chain(&self.departs.pending);
            !departs.into_iter().any(|change| change.path.0.starts_with(&path.0))
        })
    }

    /// A namespace that is declared in another cluster than it lives in.
    fn moved(&self, base: &Desired) -> Class {
        if base.cluster == self.head.cluster {
            Class::Drift
        } else if self.live.is_some_and(|live| live.cluster == base.cluster) {
            Class::Change
        } else {
            Class::Conflict
        }
    }

    /// Whether Git shows that a secret which the API never returns is another one than before. Of a resource that base
    /// does not have, nothing tells.
    pub(super) fn is_other_secret(&self, path: &FieldPath) -> bool {
        let Some(base) = &self.base else { return false };
        let field = field_at(self.table, path);
        let now = asked(self.table, &self.head.fields, path);
        now.is_managed() && !now.is_same(asked(self.table, &base.fields, path), field)
    }

    /// Whether the resource exists, and was declared nowhere before.
    pub(super) const fn is_adopted(&self) -> bool {
        self.base.is_none() && self.live.is_some()
    }
}

/// A declared resource with what is known by now in the place of what was still to come.
fn settled<'a>(input: &PlanInput<'_>, desired: &'a Desired) -> Cow<'a, Desired> {
    match desired.later_package() {
        Some(_) => Cow::Owned(desired.settled(|identity| input.live.package_id(identity))),
        None => Cow::Borrowed(desired),
    }
}

/// The strongest class of some changes.
pub(super) fn strongest(changes: &[Change]) -> Option<Class> {
    changes.iter().filter_map(|change| change.class).max()
}

/// The class of a delete: who wrote the tombstone before, has seen the resource go, and it is there again.
pub(super) fn of_tombstone(input: &PlanInput<'_>, tombstone: &Tombstone) -> Option<Class> {
    let base = input.base?;
    let is_old = base.tombstones.iter().any(|other| other.target == tombstone.target);
    Some(if is_old { Class::Drift } else { Class::Change })
}

/// Takes out what is left as it is: what changed on the live side only, where the command line asks for that. A
/// resource that is missing is left missing as a whole, or created as a whole.
pub(super) fn take_drift(input: &PlanInput<'_>, is_there: bool, found: &mut Diff) -> Vec<Change> {
    if input.options.drift != DriftMode::Report || input.base.is_none() {
        return Vec::new();
    }
    if !is_there && strongest(&found.changes) != Some(Class::Drift) {
        return Vec::new();
    }
    let (left, rest) =
        std::mem::take(&mut found.changes).into_iter().partition(|change| change.class == Some(Class::Drift));
    found.changes = rest;
    left
}

/// Whether a delete is left undone, because the command line asks for that.
pub(super) fn leaves(input: &PlanInput<'_>, delete: &Action) -> bool {
    input.options.drift == DriftMode::Report && delete.class == Some(Class::Drift)
}

/// Whether some difference that was found overlaps a path.
fn touches(found: &Diff, path: &FieldPath) -> bool {
    let changes = found.changes.iter().chain(&found.pending).map(|change| &change.path);
    let uncompared = found.uncompared.iter().map(|other| &other.path);
    changes.chain(uncompared).any(|other| overlap(other, path))
}

/// Whether a kind has fields that somebody may manage.
const fn has_fields(kind: Kind) -> bool {
    kind.is_managed() && !matches!(kind, Kind::Package)
}
