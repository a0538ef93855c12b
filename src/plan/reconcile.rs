//! Creates and updates: one declared resource against its live counterpart.

use super::action::{Action, ActionEffect, Problem, Status, Verb, Work};
use super::cloud;
use super::drift::Drifted;
use super::effect::effect;
use super::ignore::Ignores;
use super::note::{self, Note, Severity};
use super::packages;
use super::platform::late_managers;
use super::three_way::{self, ThreeWay};
use super::{Draft, PlanInput, ValuesAt, operate, secrets, waiting};
use crate::diff::{After, Change, Changes, Diff, Why, canonical, resource};
use crate::model::field::{Effect, Shape, find};
use crate::model::{Address, Desired, FieldPath, Identity, ItemKey, Kind, Live, Reference, Step, dig};

/// Adds an action for every declared resource that differs from its live counterpart.
pub(super) fn creates_and_updates(input: &PlanInput<'_>, draft: &mut Draft) {
    let ignores = Ignores::new(&input.desired.settings.ignore, input.today);
    draft.notes.extend(ignores.expired());
    let in_scope = input.desired.resources.values().filter(|desired| input.scope.holds(&desired.address));
    for desired in in_scope.filter(|desired| desired.kind().is_managed()) {
        if input.live.hidden_by(&desired.identity, desired.cluster).is_some() {
            continue;
        }
        reconcile(input, &ignores, desired, draft);
    }
}

fn reconcile(input: &PlanInput<'_>, ignores: &Ignores, desired: &Desired, draft: &mut Draft) {
    let live = input.live.get(&desired.identity);
    if packages::is_gone(desired, live) {
        draft.notes.push(packages::gone(desired));
        return;
    }
    // What is known by now is compared and sent like any other value.
    let settled =
        desired.later_package().map(|_| desired.settled(|identity| input.live.package_id(identity)));
    let desired = settled.as_ref().unwrap_or(desired);
    let secrets_store = uses_secrets_store(input, desired);
    let mut found = compare(desired, live, secrets_store);
    if let Some(live) = live {
        found.changes.extend(moved_cluster(desired, live));
    }
    let three_way = ThreeWay::new(input, desired, live);
    if let Some(three_way) = &three_way {
        draft.notes.extend(three_way::of_resource(three_way, &found, ignores));
        three_way.classify(&mut found);
        secrets::changed(input, three_way, desired, &mut found);
    }
    if live.is_some() {
        draft.notes.extend(ignores.apply(&desired.address, &mut found.changes));
        // What somebody asks for by name is not ignored.
        secrets::rotate(input, desired, &mut found);
    }
    draft.notes.extend(live.and_then(|live| stopped_note(desired, live, &found)));
    let left = three_way::take_drift(input, live.is_some(), &mut found);
    let is_left = !left.is_empty();
    if is_left {
        draft.drift.push(Drifted::new(desired, live, left));
    }
    let is_adopted = three_way.is_some_and(|three_way| three_way.is_adopted());
    report_uncompared(desired, &found, live.is_none(), is_adopted, draft);
    draft.notes.extend(live.and_then(|live| failed_note(desired, live)));
    let is_left_missing = is_left && live.is_none();
    if !found.missing.is_empty() && !is_left_missing {
        draft.problems.push(missing_problem(desired, &found, live.is_none()));
    }
    let pending = Changes::new(found.pending).filter(|_| !reports_at_once(input, desired, live));
    let has_pending = pending.is_some();
    if let Some(changes) = pending {
        let action = Action {
            id: waiting::pending_id(&desired.address),
            // What switches a plan on touches no environment.
            effect: ActionEffect::None,
            ..action(input, desired, live, Work::Update(changes), "differs from the files")
        };
        draft.actions.insert(action.id.clone(), action);
    }
    let Some(changes) = Changes::new(found.changes) else {
        if !has_pending && !is_left {
            draft.unchanged.push(desired.address.clone());
        }
        return;
    };
    let action = match live {
        None if desired.kind().is_created() => {
            action(input, desired, live, Work::Create(changes), "declared and not live")
        }
        None => action(input, desired, live, Work::Update(changes), "declared and not live"),
        Some(_) => action(input, desired, live, Work::Update(changes), "differs from the files"),
    };
    for (change, reference) in action.unset_values() {
        // An item that is known by this value would be another one as soon as the value is known.
        let is_key = matches!(&change.path.0[..], [.., Step::Item(ItemKey::Content(it)), _] if *it == reference.to_string());
        match input.options.values {
            ValuesAt::Apply if !is_key => draft.notes.push(value_at_apply(&action, change, reference)),
            ValuesAt::Plan | ValuesAt::Apply => {
                draft.problems.push(unset_problem(&action, change, reference));
            }
        }
    }
    draft.notes.extend(late_managers(input, &action));
    for action in cloud::split(input, action) {
        draft.notes.extend(cloud::notes(input, &action));
        draft.actions.insert(action.id.clone(), action);
    }
}

/// Whether the plans of a namespace are there as soon as it is created: what is to be switched on then belongs to the
/// create.
fn reports_at_once(input: &PlanInput<'_>, desired: &Desired, live: Option<&Live>) -> bool {
    matches!(desired.identity, Identity::Namespace(id) if live.is_none() && input.operators.contains(&id))
}

/// An action on a declared resource.
fn action(input: &PlanInput<'_>, desired: &Desired, live: Option<&Live>, work: Work, reason: &str) -> Action {
    Action {
        id: action_id(work.verb(), &desired.address),
        address: desired.address.clone(),
        identity: desired.identity.clone(),
        cluster: desired.cluster,
        effect: effect(input.live, desired, live, &work),
        class: three_way::strongest(work.changes()),
        production: desired.boolean(&["properties", "production"]) == Some(true)
            || live.is_some_and(is_production),
        work,
        needs: Vec::new(),
        digest: String::new(),
        status: Status::Ready,
        waived: Vec::new(),
        reason: reason.to_owned(),
        origin: desired.origin.clone(),
    }
}

/// Compares a declared resource with its live counterpart. `secrets_store` says whether its namespace uses the
/// external secrets store.
fn compare(desired: &Desired, live: Option<&Live>, secrets_store: bool) -> Diff {
    resource(desired, live, secrets_store)
}

/// The id of the action that does this to the resource with this address.
pub(super) fn action_id(verb: Verb, address: &Address) -> String {
    format!("{verb}:{address}")
}

/// Whether the namespace of an environment uses the external secrets store: as declared, else as it is.
pub(super) fn uses_secrets_store(input: &PlanInput<'_>, desired: &Desired) -> bool {
    let Identity::Environment { namespace, .. } = &desired.identity else { return false };
    let identity = Identity::Namespace(*namespace);
    let declared = input.desired.resources.get(&identity);
    let declared = declared.and_then(|namespace| namespace.boolean(&["enableExternalSecretsStore"]));
    let live = || {
        let live = input.live.get(&identity)?;
        let field = find(Kind::Namespace.fields(), "enableExternalSecretsStore")?;
        canonical(field, live.manifest().get("enableExternalSecretsStore")).as_bool()
    };
    declared.or_else(live).unwrap_or(false)
}

/// Whether a live environment runs in production mode; booleans may arrive as texts.
pub(super) fn is_production(live: &Live) -> bool {
    let production = live.manifest().pointer("/properties/production");
    let field = find(Kind::Environment.fields(), "properties").and_then(|field| match field.shape {
        Shape::Object(fields) => find(fields, "production"),
        _ => None,
    });
    field.is_some_and(|field| canonical(field, production) == serde_json::Value::Bool(true))
}

/// A namespace that is declared in another cluster than it lives in. The cluster stands in the path and not in the
/// manifest, so that no field tells.
fn moved_cluster(desired: &Desired, live: &Live) -> Option<Change> {
    let (Some(declared), Some(found)) = (desired.cluster, live.cluster) else { return None };
    (desired.kind() == Kind::Namespace && declared != found).then(|| Change {
        path: FieldPath::root().field("cluster"),
        before: Some(found.to_string().into()),
        after: After::Set(declared.to_string().into()),
        sensitive: false,
        effect: Effect::None,
        immutable: true,
        origin: Some(desired.origin.clone()),
        class: None,
    })
}

/// Whether a path is that of the cluster of a namespace.
pub(super) fn is_cluster(desired: &Desired, path: &FieldPath) -> bool {
    desired.kind() == Kind::Namespace && *path == FieldPath::root().field("cluster")
}

fn report_uncompared(desired: &Desired, found: &Diff, is_new: bool, is_adopted: bool, draft: &mut Draft) {
    for uncompared in &found.uncompared {
        let path = &uncompared.path;
        let (severity, code, message) = match &uncompared.why {
            // A create sends it, so there is nothing to know.
            Why::WriteOnly { .. } | Why::Unset(_) if is_new => continue,
            Why::WriteOnly { clears: true } => (
                Severity::Warning,
                note::WRITE_ONLY,
                format!(
                    "`{path}` is not cleared: the API never returns it, so nothing tells whether it is set"
                ),
            ),
            Why::WriteOnly { clears: false } if is_adopted => (
                Severity::Info,
                note::WRITE_ONLY,
                format!(
                    "`{path}` is not compared: the API never returns it, and nothing tells whether it is set as declared; `--rotate {}` sends it",
                    desired.address
                ),
            ),
            Why::WriteOnly { clears: false } => (
                Severity::Info,
                note::WRITE_ONLY,
                format!("`{path}` is not compared: the API never returns it"),
            ),
            Why::Unset(reference) => {
                let message = format!("`{path}` is not compared: its value is not set ({reference})");
                (Severity::Info, note::UNSET, message)
            }
            Why::NotLive => {
                let message = format!("`{path}` is not there, and only the platform can add it");
                (Severity::Info, note::NOT_LIVE, message)
            }
            Why::NotReported => {
                let message = format!(
                    "`{path}` is not compared: version 3 of the API tells it with the permissions of an environment only; declare one"
                );
                (Severity::Warning, note::NOT_REPORTED, message)
            }
            Why::Spared => {
                let why = match desired.kind() {
                    Kind::Cluster => "created the cluster",
                    _ => {
                        "may be a technical contact, whom the platform adds itself; `absent: true` removes it"
                    }
                };
                let message = format!("`{path}` is not declared and stays: it {why}");
                (Severity::Info, note::SPARED, message)
            }
        };
        draft.notes.push(Note {
            severity,
            code,
            address: Some(desired.address.clone()),
            message,
            origin: Some(uncompared.origin.clone()),
        });
    }
}

fn failed_note(desired: &Desired, live: &Live) -> Option<Note> {
    (live.text("/container/state") == Some("Failed")).then(|| Note {
        severity: Severity::Warning,
        code: note::FAILED,
        address: Some(desired.address.clone()),
        message: "the platform reports the state `Failed`".to_owned(),
        origin: Some(desired.origin.clone()),
    })
}

/// An environment that stands still, which nothing in the files ends. A restart that was killed in between may be the
/// reason, or somebody who stopped it on purpose: nothing tells.
fn stopped_note(desired: &Desired, live: &Live, found: &Diff) -> Option<Note> {
    let is_stopped = desired.kind() == Kind::Environment && operate::instances(live) == Some(0);
    let is_started = || found.changes.iter().any(|change| change.path.to_string() == "container.instances");
    let is_meant = || {
        let declared = dig(&desired.fields, &["container", "instances"]);
        declared.is_some() && operate::declared(desired).is_none()
    };
    (is_stopped && !is_started() && !is_meant())
        .then(|| operate::stopped(desired, live, "and no file says how many instances it is to have"))
}

fn missing_problem(desired: &Desired, found: &Diff, is_new: bool) -> Problem {
    let fields: Vec<_> = found.missing.iter().map(|path| format!("`{path}`")).collect();
    let lacks_resources = fields.iter().any(|field| field.contains("coreResources"));
    let help = if lacks_resources {
        "add them to this document; `container.size: M`, or another size, stands for all of `coreResources`"
    } else {
        "add it to this document"
    };
    let what = if is_new { "the resource does not exist yet, and creating it" } else { "the new list item" };
    Problem {
        code: note::MISSING_FIELD,
        address: desired.address.clone(),
        path: found.missing.first().map(ToString::to_string),
        message: format!("{what} needs {}", fields.join(", ")),
        help: help.to_owned(),
        origin: desired.origin.clone(),
    }
}

/// A value that is sent has to be known where the plan is applied.
fn value_at_apply(action: &Action, change: &Change, reference: &Reference) -> Note {
    Note {
        severity: Severity::Info,
        code: note::VALUE_AT_APPLY,
        address: Some(action.address.clone()),
        message: format!("`{}` is sent with the value that apply has ({reference})", change.path),
        origin: change.origin.clone(),
    }
}

/// A value that is sent has to be known.
fn unset_problem(action: &Action, change: &Change, reference: &Reference) -> Problem {
    let help = match reference {
        Reference::Env(name) => format!("set the environment variable `{name}` for this run"),
        other => format!("make the value available ({other})"),
    };
    Problem {
        code: note::UNSET_REQUIRED,
        address: action.address.clone(),
        path: Some(change.path.to_string()),
        message: format!("`{}` has to be sent, and its value is not set ({reference})", change.path),
        help,
        origin: change.origin.clone().unwrap_or_else(|| action.origin.clone()),
    }
}
