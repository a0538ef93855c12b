//! Guards: what the owner of the estate does not want, or what is dangerous, although the platform would do it.
//!
//! A guard stops its action and what needs it, never the whole plan. It is waived by the digest of the action
//! ([`super::waive`]), by nothing else, and for nothing else. What the platform would refuse is in [`super::blocks`] and
//! cannot be waived: no good can come of sending it.
//!
//! Where an earlier state of the files is known, the guards in it count as well, so that a change cannot take away what
//! would stop it. Of two numbers the smaller one counts; of windows and globs, all.

mod own_account;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use own_account::own_account;
use rules::Rules;
use serde_json::Value;

use super::action::{Action, ActionEffect, ActionId, Block, Status, Verb};
use super::names::Names;
use super::{Draft, PlanInput, effect, note, three_way, waive};
use crate::diff::canonical;
use crate::model::field::{Shape, find};
use crate::model::{AddressGlob, Freeze, Identity, Kind, Live};

/// A guard: says why not, or nothing.
type Guard = fn(&Watch<'_>, &Action) -> Option<Block>;

/// Every guard, the most telling first.
const GUARDS: [Guard; 7] =
    [conflict, studio_target, own_account, protected, frozen, max_deletes, max_restarts];

/// What guards look at.
struct Watch<'a> {
    input: &'a PlanInput<'a>,
    actions: &'a BTreeMap<ActionId, Action>,
    rules: Rules<'a>,
    /// The actions whose guards are waived.
    waived: BTreeSet<ActionId>,
    /// What may run, except for these.
    counted: Counts,
    /// What may run, these included: what counts for themselves.
    all: Counts,
}

/// What guards count.
struct Counts {
    deletes: usize,
    /// Environments in production mode that are restarted or stopped.
    restarts: usize,
    /// How to say what is left out.
    besides: &'static str,
}

impl Counts {
    fn of<'a>(actions: impl Iterator<Item = &'a Action> + Clone, besides: &'static str) -> Counts {
        let restarted: BTreeSet<_> =
            actions.clone().filter(|it| restarts(it)).map(|it| &it.identity).collect();
        let deletes = actions.filter(|action| action.verb() == Verb::Delete).count();
        Counts { deletes, restarts: restarted.len(), besides }
    }
}

impl Watch<'_> {
    /// The numbers that count for an action.
    fn counts(&self, action: &Action) -> &Counts {
        if self.waived.contains(&action.id) { &self.all } else { &self.counted }
    }

    /// Whether a glob names the resource of an action: as the files call it, as it is called now, or as the earlier state of
    /// the files called it. A change that gives a resource, or its app, another name does not take it out of a guard.
    fn is_meant(&self, glob: &AddressGlob, action: &Action) -> bool {
        let Watch { input, .. } = self;
        let live = input.live.get(&action.identity);
        let called_now = |files| live.map(|live| Names::new(files, input.live).live_address(live));
        let before = || input.base?.resources.get(&action.identity).map(|before| before.address.clone());
        glob.matches(&action.address)
            || called_now(input.desired).is_some_and(|address| glob.matches(&address))
            || before().is_some_and(|address| glob.matches(&address))
            || input.base.and_then(called_now).is_some_and(|address| glob.matches(&address))
    }
}

/// Blocks every action that a guard says no to, unless its guards are waived; then it keeps what they said.
pub(super) fn guard(input: &PlanInput<'_>, draft: &mut Draft) {
    let waived = waive::waived(&draft.actions, input.options);
    let may_run = draft.actions.values().filter(|action| action.is_ready());
    let besides = if waived.is_empty() { "" } else { ", besides those that are waived" };
    let watch = Watch {
        input,
        actions: &draft.actions,
        rules: Rules::of(input),
        counted: Counts::of(may_run.clone().filter(|action| !waived.contains(&action.id)), besides),
        all: Counts::of(may_run, ""),
        waived,
    };
    let said = |action: &Action| GUARDS.iter().filter_map(|guard| guard(&watch, action)).collect();
    let found: Vec<(ActionId, Vec<Block>)> =
        draft.actions.values().map(|action| (action.id.clone(), said(action))).collect();
    draft.notes.extend(watch.rules.over(input.now));
    if watch.rules.users.is_empty() {
        draft.notes.extend(own_account::unknown(draft.actions.values().filter(|action| action.is_ready())));
    }
    let waived = watch.waived;
    for (id, blocks) in found {
        let Some(action) = draft.actions.get_mut(&id) else { continue };
        if waived.contains(&id) {
            action.waived = blocks;
        } else if action.is_ready()
            && let Some(block) = together(blocks)
        {
            action.status = Status::Blocked(block);
        }
    }
    draft.notes.extend(waive::notes(&draft.actions, input.options));
}

/// One block that tells of all: whoever waives the guards of an action waives every one of them, and has to know it.
fn together(blocks: Vec<Block>) -> Option<Block> {
    let mut blocks = blocks.into_iter();
    let mut first = blocks.next()?;
    // The code of the first one is shown behind everything.
    let others: String = blocks.map(|other| format!("{} [{}]; ", other.reason, other.code)).collect();
    first.reason = format!("{others}{}", first.reason);
    Some(first)
}

fn conflict(watch: &Watch<'_>, action: &Action) -> Option<Block> {
    three_way::conflict(watch.input, action)
}

fn protected(watch: &Watch<'_>, action: &Action) -> Option<Block> {
    // A new package stops the app, too, and starts it again; that is what deploying is. So does a restart.
    let takes_away = match action.verb() {
        Verb::Delete => true,
        Verb::Restart => false,
        Verb::Create | Verb::Update | Verb::Scale => action.changes().iter().any(effect::stops_for_good),
    };
    let mut rules = watch.rules.protect.iter().filter(|_| takes_away);
    let rule = rules.find(|rule| watch.is_meant(&rule.what, action))?;
    Some(rule.block(
        note::PROTECTED,
        &format!("protect: {}", rule.what.as_str()),
        "says that it is never deleted or stopped",
        "take it out of `guards.protect` in a change of its own",
    ))
}

fn frozen(watch: &Watch<'_>, action: &Action) -> Option<Block> {
    let is_meant = |glob: &Option<AddressGlob>| glob.as_ref().is_none_or(|it| watch.is_meant(it, action));
    let mut windows = watch.rules.freeze.iter();
    let rule = windows.find(|rule| rule.what.0.holds(watch.input.now) && is_meant(&rule.what.1))?;
    let Freeze { window, reason, .. } = rule.what.0;
    Some(rule.block(
        note::FROZEN,
        &format!("freeze: {window}"),
        &format!("says no: {reason}"),
        "wait until it is over, or end it in a change of its own",
    ))
}

fn max_deletes(watch: &Watch<'_>, action: &Action) -> Option<Block> {
    let rule = watch.rules.max_deletes.as_ref()?;
    let Counts { deletes, besides, .. } = watch.counts(action);
    let most = rule.what;
    (action.verb() == Verb::Delete && *deletes > most).then(|| {
        rule.block(
            note::MAX_DELETES,
            &format!("maxDeletes: {most}"),
            &format!("says no: the plan holds {}{}", plural(*deletes, "delete"), besides),
            "delete in smaller steps, or raise `guards.maxDeletes` in a change of its own",
        )
    })
}

fn max_restarts(watch: &Watch<'_>, action: &Action) -> Option<Block> {
    let rule = watch.rules.max_restarts.as_ref()?;
    let Counts { restarts: restarted, besides, .. } = watch.counts(action);
    let most = rule.what;
    (restarts(action) && *restarted > most).then(|| {
        rule.block(
            note::MAX_RESTARTS,
            &format!("maxRestarts: {most}"),
            &format!(
                "says no: the plan restarts or stops {}{}",
                plural(*restarted, "production environment"),
                besides
            ),
            "go on in smaller steps with `--target`, or raise `guards.maxRestarts` in a change of its own",
        )
    })
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("{count} {noun}") } else { format!("{count} {noun}s") }
}

/// Whether it interrupts an environment in production mode. A delete has a guard of its own; instances that are replaced
/// one by one interrupt nobody.
fn restarts(action: &Action) -> bool {
    action.production && matches!(action.effect, ActionEffect::Restart | ActionEffect::Stop)
}

/// PROP-06: the environment that Studio Pro deploys to. Older versions of the platform refuse its delete and do it with
/// `force` only, which also hides the errors of the cluster, so that mxkeep never sends it. The last environment of an
/// app has no successor, and may go.
fn studio_target(watch: &Watch<'_>, action: &Action) -> Option<Block> {
    let Watch { input, actions, .. } = watch;
    let Identity::Environment { app, .. } = &action.identity else { return None };
    if action.verb() != Verb::Delete || !input.live.get(&action.identity).is_some_and(is_studio_target) {
        return None;
    }
    let goes = |identity: &Identity| {
        actions.values().any(|other| other.verb() == Verb::Delete && other.identity == *identity)
    };
    let of_app = |identity: &Identity| matches!(identity, Identity::Environment { app: of, .. } if of == app);
    let others: Vec<_> = input
        .live
        .of_kind(Kind::Environment)
        .filter(|live| of_app(&live.identity) && !goes(&live.identity))
        .collect();
    let has_other_target = others.iter().any(|live| is_studio_target(live));
    let has_others = !others.is_empty() || input.desired.resources.keys().any(of_app);
    (has_others && !has_other_target).then(|| Block {
        code: note::STUDIO_TARGET,
        reason: "Studio Pro deploys here: it is the default target of its app".to_owned(),
        help: Some(
            "set `defaultStudioTarget: true` in another environment and `false` in this one, apply, and delete it then"
                .to_owned(),
        ),
        origin: Some(action.origin.clone()),
        is_guard: true,
    })
}

fn is_studio_target(live: &Live) -> bool {
    let field =
        find(Kind::Environment.fields(), "properties").and_then(|properties| match properties.shape {
            Shape::Object(fields) => find(fields, "defaultStudioTarget"),
            _ => None,
        });
    let value = live.manifest().pointer("/properties/defaultStudioTarget");
    field.is_some_and(|field| canonical(field, value) == Value::Bool(true))
}
