//! Creates and updates: one declared resource against its live counterpart.

use super::action::{Action, ActionEffect, Problem, Status, Verb, Work};
use super::effect::effect;
use super::note::{self, Note, Severity};
use super::scope::AddressGlob;
use super::{Draft, PlanInput};
use crate::diff::{After, Change, Changes, Diff, Why, canonical, diff};
use crate::model::field::{Effect, Shape, find};
use crate::model::{Address, Desired, FieldPath, Identity, IgnoreRule, Kind, Live, LiveState, Reference};

/// Adds an action for every declared resource that differs from its live counterpart.
pub(super) fn creates_and_updates(input: &PlanInput<'_>, draft: &mut Draft) {
    let ignores = Ignores::new(&input.desired.settings.ignore, input.today);
    draft.notes.extend(ignores.expired());
    let in_scope = input.desired.resources.values().filter(|desired| input.scope.holds(&desired.address));
    for desired in in_scope.filter(|desired| desired.kind().is_managed()) {
        reconcile(input, &ignores, desired, draft);
    }
}

fn reconcile(input: &PlanInput<'_>, ignores: &Ignores, desired: &Desired, draft: &mut Draft) {
    let live = input.live.get(&desired.identity);
    let secrets_store = uses_secrets_store(input, desired);
    let mut found = compare(desired, live, secrets_store);
    if let Some(live) = live {
        found.changes.extend(moved_cluster(desired, live));
        draft.notes.extend(ignores.apply(&desired.address, &mut found.changes));
    }
    report_uncompared(desired, &found, live.is_none(), draft);
    draft.notes.extend(live.and_then(|live| failed_note(desired, live)));
    if !found.missing.is_empty() {
        draft.problems.push(missing_problem(desired, &found, live.is_none()));
    }
    let Some(changes) = Changes::new(found.changes) else {
        draft.unchanged.push(desired.address.clone());
        return;
    };
    let (work, reason) = match live {
        None => (Work::Create(changes), "declared and not live".to_owned()),
        Some(_) => (Work::Update(changes), "differs from the files".to_owned()),
    };
    let action = Action {
        id: action_id(work.verb(), &desired.address),
        address: desired.address.clone(),
        identity: desired.identity.clone(),
        cluster: desired.cluster,
        effect: effect(input.live, desired, live, &work),
        production: desired.boolean(&["properties", "production"]) == Some(true)
            || live.is_some_and(is_production),
        work,
        needs: Vec::new(),
        digest: String::new(),
        status: Status::Ready,
        reason,
        origin: desired.origin.clone(),
    };
    draft
        .problems
        .extend(action.unset_values().map(|(change, reference)| unset_problem(&action, change, reference)));
    draft.actions.insert(action.id.clone(), action);
}

/// Compares a declared resource with its live counterpart. `secrets_store` says whether its namespace uses the
/// external secrets store.
pub fn compare(desired: &Desired, live: Option<&Live>, secrets_store: bool) -> Diff {
    diff(desired.kind().fields(), &desired.fields, live.map(Live::manifest), secrets_store)
}

/// The id of the action that does this to the resource with this address.
pub(super) fn action_id(verb: Verb, address: &Address) -> String {
    format!("{verb}:{address}")
}

/// Whether the namespace of an environment uses the external secrets store: as declared, else as it is.
fn uses_secrets_store(input: &PlanInput<'_>, desired: &Desired) -> bool {
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
    })
}

fn report_uncompared(desired: &Desired, found: &Diff, is_new: bool, draft: &mut Draft) {
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
                let message = format!("`{path}` is not live yet, and only the platform can add it");
                (Severity::Warning, note::NOT_LIVE, message)
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

fn missing_problem(desired: &Desired, found: &Diff, is_new: bool) -> Problem {
    let fields: Vec<_> = found.missing.iter().map(|path| format!("`{path}`")).collect();
    let what = if is_new { "the resource does not exist yet, and creating it" } else { "the new list item" };
    Problem {
        code: note::MISSING_FIELD,
        address: desired.address.clone(),
        path: found.missing.first().map(ToString::to_string),
        message: format!("{what} needs {}", fields.join(", ")),
        help: "add the field to this document".to_owned(),
        origin: desired.origin.clone(),
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

/// The `ignore` rules of an estate, on a certain day.
#[derive(Debug, Clone, Default)]
pub struct Ignores {
    /// Each rule, its glob if it is one, and whether it holds.
    rules: Vec<(IgnoreRule, Option<AddressGlob>, bool)>,
}

impl Ignores {
    /// The rules that hold on this day, and those that do not any more. A rule holds through its last day.
    pub fn new(rules: &[IgnoreRule], today: jiff::civil::Date) -> Ignores {
        let read = |rule: &IgnoreRule| {
            let holds = rule.until.is_none_or(|until| today <= until);
            (rule.clone(), AddressGlob::new(&rule.address).ok(), holds)
        };
        Ignores { rules: rules.iter().map(read).collect() }
    }

    /// Whether a field of a resource is left alone.
    pub fn covers(&self, address: &Address, path: &FieldPath) -> bool {
        self.rule_for(address, &path.to_string()).is_some()
    }

    /// Takes the ignored changes out, with a note for each.
    pub fn apply(&self, address: &Address, changes: &mut Vec<Change>) -> Vec<Note> {
        let mut notes = Vec::new();
        changes.retain(|change| {
            let Some(rule) = self.rule_for(address, &change.path.to_string()) else { return true };
            let reason = rule.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            notes.push(Note {
                severity: Severity::Info,
                code: note::IGNORED,
                address: Some(address.clone()),
                message: format!("`{}` differs and is left alone{reason}", change.path),
                origin: Some(rule.origin.clone()),
            });
            false
        });
        notes
    }

    fn rule_for(&self, address: &Address, path: &str) -> Option<&IgnoreRule> {
        self.rules.iter().find_map(|(rule, glob, holds)| {
            let matches = *holds
                && glob.as_ref().is_some_and(|glob| glob.matches(address))
                && covers(&rule.field, path);
            matches.then_some(rule)
        })
    }

    fn expired(&self) -> impl Iterator<Item = Note> {
        self.rules.iter().filter(|(_, _, holds)| !*holds).map(|(rule, _, _)| Note {
            severity: Severity::Warning,
            code: note::IGNORE_EXPIRED,
            address: None,
            message: format!("the rule to ignore `{}` of `{}` has expired", rule.field, rule.address),
            origin: Some(rule.origin.clone()),
        })
    }
}

/// Whether a field path is the ignored one or lies below it.
fn covers(ignored: &str, path: &str) -> bool {
    path.strip_prefix(ignored).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// What it takes to judge a live environment: the operator of its namespace.
pub(super) fn operator_version(live: &LiveState, identity: &Identity) -> Option<(u64, u64)> {
    let Identity::Environment { namespace, .. } = identity else { return None };
    let namespace = live.get(&Identity::Namespace(*namespace))?;
    // The schema says componentVersion, most examples componentsVersion (NOTES 8.4).
    let version = ["componentVersion", "componentsVersion"]
        .iter()
        .find_map(|name| namespace.text(&format!("/additionalInformation/{name}/operatorVersion")))?;
    let mut parts = version.trim().split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// The effect of a delete: only environments hold data; a namespace or cluster leaves Kubernetes as it is.
pub(super) const fn delete_effect(kind: Kind) -> ActionEffect {
    match kind {
        Kind::Environment => ActionEffect::DataLoss,
        Kind::Cluster | Kind::Namespace | Kind::App => ActionEffect::None,
    }
}
