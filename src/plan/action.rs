//! The plan as a value: actions, what they need, and why some of them may not run.

use std::collections::BTreeMap;
use std::fmt;

use uuid::Uuid;

use super::drift::Drifted;
use super::note::Note;
use crate::diff::{Change, Changes, Class};
use crate::model::{Address, Identity, Origin, Reference};

/// A complete plan. It leaves no choice to apply.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The name of the estate.
    pub estate: String,
    /// Identifies the plan: equal inputs give equal digests.
    pub digest: String,
    /// The ids that the platform gave to the declared packages that are there already.
    pub packages: BTreeMap<Identity, String>,
    /// What is to be done, in an order that respects every need.
    pub actions: Vec<Action>,
    /// What changed on the live side only and is left as it is, because the command line asks for that.
    pub drift: Vec<Drifted>,
    /// Declared resources, and tombstones, that need nothing.
    pub unchanged: Vec<Address>,
    /// Declared resources, and tombstones, of which the API does not tell this token whether they exist.
    pub unreadable: Vec<Unreadable>,
    /// What is live in the scope of the estate and declared nowhere.
    pub unmanaged: Vec<Unmanaged>,
    /// What a person should read.
    pub notes: Vec<Note>,
    /// Input that makes an action impossible. A plan with problems is shown and never applied.
    pub problems: Vec<Problem>,
}

/// The id of an action in its plan: `update:environment/order-desk/test`.
pub type ActionId = String;

/// One thing to do to one resource.
#[derive(Debug, Clone)]
pub struct Action {
    /// Its id.
    pub id: ActionId,
    /// The resource.
    pub address: Address,
    /// Who the resource is.
    pub identity: Identity,
    /// The cluster that holds it (namespaces), for the path of the request.
    pub cluster: Option<Uuid>,
    /// What to do.
    pub work: Work,
    /// The strongest class of its changes; nothing where no earlier state of the files is known.
    pub class: Option<Class>,
    /// What it does to a running environment.
    pub effect: ActionEffect,
    /// Whether it touches an environment in production mode.
    pub production: bool,
    /// Actions that have to succeed first, ordered.
    pub needs: Vec<ActionId>,
    /// Identifies what it will do and what it found.
    pub digest: String,
    /// Whether it may run.
    pub status: Status,
    /// The guards that said no and were waived.
    pub waived: Vec<Block>,
    /// Why it is in the plan.
    pub reason: String,
    /// The document or tombstone that asks for it.
    pub origin: Origin,
}

/// What an action does.
#[derive(Debug, Clone)]
pub enum Work {
    /// Creates the resource with these fields.
    Create(Changes),
    /// Changes these fields, and nothing else.
    Update(Changes),
    /// Deletes the resource.
    Delete {
        /// The live name that the plan saw.
        name: String,
    },
    /// Makes these changes one after the other, each of them a request of its own: down to no instances, and up again.
    /// None where it is blocked, because nobody knows what they would be.
    Restart(Vec<Change>),
    /// Changes the number of instances, whatever the files say about it. None where it is blocked, as above.
    Scale(Vec<Change>),
}

/// The word for what an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Create.
    Create,
    /// Update.
    Update,
    /// Delete.
    Delete,
    /// Restart.
    Restart,
    /// Scale: start and stop, too.
    Scale,
}

impl Verb {
    /// The verb in JSON and action ids.
    pub const fn name(self) -> &'static str {
        match self {
            Verb::Create => "create",
            Verb::Update => "update",
            Verb::Delete => "delete",
            Verb::Restart => "restart",
            Verb::Scale => "scale",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Work {
    /// The word for it.
    pub const fn verb(&self) -> Verb {
        match self {
            Work::Create(_) => Verb::Create,
            Work::Update(_) => Verb::Update,
            Work::Delete { .. } => Verb::Delete,
            Work::Restart(_) => Verb::Restart,
            Work::Scale(_) => Verb::Scale,
        }
    }

    /// The fields it changes.
    pub fn changes(&self) -> &[Change] {
        match self {
            Work::Create(changes) | Work::Update(changes) => changes.as_slice(),
            Work::Restart(changes) | Work::Scale(changes) => changes,
            Work::Delete { .. } => &[],
        }
    }
}

/// What an action does to a running environment (DOMAIN 2.12), from harmless to final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionEffect {
    /// Nothing that a user of the app would notice.
    None,
    /// Instances are replaced one by one.
    Rolling,
    /// The app restarts.
    Restart,
    /// The app stops, and starts again if it is to run.
    Stop,
    /// Data is lost.
    DataLoss,
}

impl ActionEffect {
    /// The effect in JSON and text.
    pub const fn name(self) -> &'static str {
        match self {
            ActionEffect::None => "none",
            ActionEffect::Rolling => "rolling",
            ActionEffect::Restart => "restart",
            ActionEffect::Stop => "stop",
            ActionEffect::DataLoss => "data-loss",
        }
    }
}

/// Whether an action may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It may.
    Ready,
    /// It must not, and why.
    Blocked(Block),
    /// It cannot yet: a person has to do something first.
    Waiting(Wait),
}

/// What an action waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// The stable code of the reason.
    pub code: &'static str,
    /// The reason, for people.
    pub reason: String,
    /// The resource that is not ready for it.
    pub on: Address,
    /// The command that a person has to run; secrets are references to variables of the shell.
    pub command: String,
}

/// Why an action must not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The stable code of the reason.
    pub code: &'static str,
    /// The reason, for people.
    pub reason: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The place that says no: a guard, or the field that cannot change.
    pub origin: Option<Origin>,
    /// Whether it is a guard, which can be waived by the digest of the action. What the platform would refuse cannot.
    pub is_guard: bool,
}

impl Block {
    /// What to do about it; of a guard also how to waive it, by the digest of the action.
    pub fn remedy(&self, digest: &str) -> Option<String> {
        let waive = self.is_guard.then(|| format!("waive it with --waive {digest}"));
        let remedies: Vec<String> = self.help.iter().cloned().chain(waive).collect();
        Some(remedies.join(", or ")).filter(|text| !text.is_empty())
    }
}

/// A live resource that is declared nowhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unmanaged {
    /// Its address, made of live names.
    pub address: Address,
    /// Its id, as the manifest spells it.
    pub id: String,
}

/// A declared resource, or a tombstone, of which the API does not tell this token whether it exists. Where a cluster or
/// app hides nothing that is declared, it stands here itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreadable {
    /// The resource.
    pub address: Address,
    /// Whose reading was refused: the app of an environment, the cluster of a namespace, or the resource itself.
    pub because: Address,
    /// What the API said.
    pub reason: String,
    /// The document or tombstone.
    pub origin: Origin,
}

/// Input without which an action cannot run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The stable code.
    pub code: &'static str,
    /// The resource.
    pub address: Address,
    /// The field, where it is one.
    pub path: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Where.
    pub origin: Origin,
}

impl Action {
    /// The word for what it does.
    pub const fn verb(&self) -> Verb {
        self.work.verb()
    }

    /// The fields it changes.
    pub fn changes(&self) -> &[Change] {
        self.work.changes()
    }

    /// The same action with what is known by now in the place of what was still to come.
    #[must_use]
    pub fn settled(&self, known: impl Fn(&Identity) -> Option<String>) -> Action {
        let mut settled = self.clone();
        let (Work::Create(changes) | Work::Update(changes)) = &mut settled.work else { return settled };
        changes.settle(known);
        settled
    }

    /// Whether it may run.
    pub const fn is_ready(&self) -> bool {
        matches!(self.status, Status::Ready)
    }

    /// What it waits for, if a person has to do something first.
    pub const fn wait(&self) -> Option<&Wait> {
        match &self.status {
            Status::Waiting(wait) => Some(wait),
            Status::Ready | Status::Blocked(_) => None,
        }
    }

    /// Whether it must not run.
    pub const fn is_blocked(&self) -> bool {
        matches!(self.status, Status::Blocked(_))
    }

    /// Whether it takes something away from users: these come first wherever a plan is shown.
    pub fn is_destructive(&self) -> bool {
        self.verb() == Verb::Delete || self.effect >= ActionEffect::Stop
    }

    /// The values that have to be sent and are not known.
    pub fn unset_values(&self) -> impl Iterator<Item = (&Change, &Reference)> {
        self.changes().iter().filter_map(|change| match &change.after {
            crate::diff::After::Outside(outside) if outside.expose().is_none() => {
                Some((change, &outside.reference))
            }
            _ => None,
        })
    }
}
