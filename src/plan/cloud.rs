//! Access to apps on Mendix Cloud: what is particular about it.
//!
//! The technical contact is handed over by an action of its own, behind every other action on cloud apps: afterwards
//! the token may have lost its rights (DOMAIN 5).

use std::collections::BTreeMap;

use serde_json::Value;

use super::PlanInput;
use super::action::{Action, ActionId, Block, Unmanaged, Verb, Work};
use super::note::{self, Note, Severity};
use super::three_way;
use crate::diff::{Change, Changes, canonical, is_contact, member};
use crate::model::field::Field;
use crate::model::kinds::RIGHTS;
use crate::model::{Address, Declared, Desired, Identity, ItemKey, Kind, Live};

/// The id of the action that hands an app over.
pub(super) fn hand_over_id(address: &Address) -> ActionId {
    format!("{}:{address}#technicalContact", Verb::Update)
}

/// Takes the hand-over out of an update, as an action of its own.
pub(super) fn split(input: &PlanInput<'_>, action: Action) -> Vec<Action> {
    // Of an app that is not there, nothing can be handed over.
    if cloud_app(input, &action).is_none() {
        return vec![action];
    }
    let Work::Update(changes) = &action.work else { return vec![action] };
    let (contact, rest): (Vec<Change>, Vec<Change>) =
        changes.as_slice().iter().cloned().partition(|change| is_contact(&change.path));
    let (Some(contact), rest) = (Changes::new(contact), Changes::new(rest)) else { return vec![action] };
    let class = three_way::strongest(contact.as_slice());
    let hand_over = Action {
        id: hand_over_id(&action.address),
        class,
        work: Work::Update(contact),
        reason: "hands the app over, after everything else on cloud apps".to_owned(),
        ..action.clone()
    };
    let rest = rest.map(|rest| {
        let class = three_way::strongest(rest.as_slice());
        Action { work: Work::Update(rest), class, ..action }
    });
    rest.into_iter().chain([hand_over]).collect()
}

impl Action {
    /// Whether it hands a cloud app over to another technical contact.
    pub fn is_hand_over(&self) -> bool {
        let changes = self.changes();
        self.identity.kind() == Kind::CloudApp
            && !changes.is_empty()
            && changes.iter().all(|change| is_contact(&change.path))
    }

    /// Whether a field is this action's business; of a cloud app, the hand-over has one field and the update the rest.
    pub fn concerns(&self, change: &Change) -> bool {
        self.identity.kind() != Kind::CloudApp || is_contact(&change.path) == self.is_hand_over()
    }
}

/// Lets every hand-over wait for all other actions on cloud apps that may run.
pub(super) fn hand_overs_last(actions: &mut BTreeMap<ActionId, Action>) {
    let is_other = |action: &&Action| action.identity.kind() == Kind::CloudApp && !action.is_hand_over();
    let others: Vec<(ActionId, Address, bool)> = actions
        .values()
        .filter(is_other)
        .map(|action| (action.id.clone(), action.address.clone(), action.is_ready()))
        .collect();
    for action in actions.values_mut().filter(|action| action.is_hand_over()) {
        let needed = others.iter().filter(|(_, address, is_ready)| *is_ready || *address == action.address);
        action.needs.extend(needed.map(|(id, ..)| id.clone()));
        action.needs.sort();
        action.needs.dedup();
    }
}

/// Mendix Cloud makes its apps; the API cannot.
pub(super) fn app_missing(
    input: &PlanInput<'_>,
    action: &Action,
    _: &BTreeMap<ActionId, Action>,
) -> Option<Block> {
    let Identity::CloudApp(app) = &action.identity else { return None };
    input.live.get(&action.identity).is_none().then(|| Block {
        code: note::APP_MISSING,
        reason: format!("the app {app} does not exist on Mendix Cloud, or the token cannot see it"),
        help: Some("check `appId`, and that the token's owner is a member of the app".to_owned()),
        origin: Some(action.origin.clone()),
        is_guard: false,
    })
}

/// MC-07: a free app has nothing to manage.
pub(super) fn free(input: &PlanInput<'_>, action: &Action, _: &BTreeMap<ActionId, Action>) -> Option<Block> {
    let live = cloud_app(input, action)?;
    (live.text("/licenseType") == Some("free")).then(|| Block {
        code: note::FREE_APP,
        reason: "the app is free, and access to a free app cannot be managed".to_owned(),
        help: Some("leave `permissions` and `technicalContact` out, or license the app first".to_owned()),
        origin: action.changes().first().and_then(|change| change.origin.clone()),
        is_guard: false,
    })
}

/// An environment that the app does not have.
pub(super) fn environment_missing(
    input: &PlanInput<'_>,
    action: &Action,
    _: &BTreeMap<ActionId, Action>,
) -> Option<Block> {
    let live = cloud_app(input, action)?;
    if action.is_hand_over() {
        return None;
    }
    let desired = input.desired.resources.get(&action.identity)?;
    let (id, declared) = declared_environments(desired)
        .find(|(id, _)| !live_environments(live).any(|(live, _)| live == *id))?;
    Some(Block {
        code: note::CLOUD_ENVIRONMENT_MISSING,
        reason: format!("the app has no environment {id}, or the token cannot see it"),
        help: Some("copy the id of the environment from its page in the Developer Portal".to_owned()),
        origin: Some(declared.clone()),
        is_guard: false,
    })
}

/// MC-03: `canManagePrivileges` is the technical contact's to give. Says nothing where it is not known who asks.
pub(super) fn not_the_contact(
    input: &PlanInput<'_>,
    action: &Action,
    _: &BTreeMap<ActionId, Action>,
) -> Option<Block> {
    let live = cloud_app(input, action)?;
    let (caller, contact) = (caller(input)?, live.text("/technicalContact")?);
    let change =
        action.changes().iter().find(|change| change.path.last_field() == Some("canManagePrivileges"))?;
    (!contact.trim().eq_ignore_ascii_case(caller)).then(|| Block {
        code: note::NOT_THE_CONTACT,
        reason: format!(
            "only the technical contact `{contact}` may change `canManagePrivileges`, and the token belongs to `{caller}`"
        ),
        help: Some("apply with a token of the technical contact, or leave the right as it is".to_owned()),
        origin: change.origin.clone(),
        is_guard: false,
    })
}

/// What a person should know before access to a cloud app changes.
pub(super) fn notes(input: &PlanInput<'_>, action: &Action) -> Vec<Note> {
    let Some(live) = cloud_app(input, action) else { return Vec::new() };
    let mut notes = Vec::new();
    let mut add = |severity, code, message, change: &Change| {
        let address = Some(action.address.clone());
        notes.push(Note { severity, code, address, message, origin: change.origin.clone() });
    };
    let caller = caller(input);
    for change in action.changes() {
        if !is_contact(&change.path) {
            continue;
        }
        let contact = live.text("/technicalContact").unwrap_or_default().trim();
        if caller.is_some_and(|caller| caller.eq_ignore_ascii_case(contact)) {
            let message = format!(
                "hands the app over from `{contact}`, to whom the token belongs: afterwards it may do only what the row of `{contact}` allows"
            );
            add(Severity::Warning, note::LOCK_OUT, message, change);
        }
    }
    for (environment, user, change) in unlisted(action, live) {
        let message = format!(
            "`{user}` is not in the team of the app as far as the API tells (environment {environment}); the change fails unless the platform knows the member"
        );
        add(Severity::Warning, note::MEMBER_UNLISTED, message, change);
    }
    notes
}

/// Members that are to be changed and that the API does not list, each with its first change.
fn unlisted<'a>(action: &'a Action, live: &Live) -> Vec<(&'a str, &'a str, &'a Change)> {
    let mut found: Vec<(&str, &str, &Change)> = Vec::new();
    for change in action.changes() {
        let Some((environment, user)) = member(&change.path) else { continue };
        if found.iter().any(|(other, name, _)| (*other, *name) == (environment, user)) {
            continue;
        }
        let Some((_, rows)) = live_environments(live).find(|(id, _)| id == environment) else { continue };
        if !rows.iter().any(|row| user_of(row).as_deref() == Some(user)) {
            found.push((environment, user, change));
        }
    }
    found
}

/// Members of declared environments that have some right and stand in no file. The technical contact is none.
pub(super) fn unmanaged(input: &PlanInput<'_>) -> Vec<Unmanaged> {
    let mut found = Vec::new();
    for desired in input.desired.of_kind(Kind::CloudApp).filter(|it| input.scope.holds(&it.address)) {
        let Some(live) = input.live.get(&desired.identity) else { continue };
        let contact = live.text("/technicalContact").map(|contact| contact.trim().to_lowercase());
        for (environment, rows) in live_environments(live) {
            let with_rights = rows.iter().filter(|row| has_any_right(row)).filter_map(user_of);
            found.extend(
                with_rights
                    .filter(|user| {
                        contact.as_ref() != Some(user) && !is_declared(desired, &environment, user)
                    })
                    .map(|user| Unmanaged {
                        address: desired.address.clone(),
                        id: format!("environments[{environment}].permissions[{user}]"),
                    }),
            );
        }
    }
    found
}

/// How many members of cloud apps the files declare, as far as they are live.
pub(super) fn managed_members(input: &PlanInput<'_>) -> usize {
    let apps = input.desired.of_kind(Kind::CloudApp).filter(|it| input.scope.holds(&it.address));
    let members = apps.filter_map(|desired| Some((desired, input.live.get(&desired.identity)?))).map(
        |(desired, live)| {
            let rows =
                live_environments(live).flat_map(|(id, rows)| rows.iter().map(move |row| (id.clone(), row)));
            rows.filter_map(|(id, row)| Some((id, user_of(row)?)))
                .filter(|(id, user)| is_declared(desired, id, user))
                .count()
        },
    );
    members.sum()
}

/// The environments of cloud apps whose permissions the files declare.
pub(super) fn declared_environments(
    desired: &Desired,
) -> impl Iterator<Item = (String, &crate::model::Origin)> {
    let list = desired.fields.get("environments").and_then(Declared::as_list);
    list.into_iter().flat_map(|list| &list.items).filter_map(|(key, item)| match key {
        ItemKey::Natural(parts) => Some((parts.first()?.clone(), &item.origin)),
        ItemKey::Content(_) => None,
    })
}

fn is_declared(desired: &Desired, environment: &str, user: &str) -> bool {
    let items = |declared: Option<&Declared>, key: &str| {
        let key = ItemKey::Natural(vec![key.to_owned()]);
        declared.and_then(Declared::as_list).and_then(|list| list.items.get(&key)).cloned()
    };
    let environment = items(desired.fields.get("environments"), environment);
    environment.is_some_and(|environment| items(environment.fields.get("permissions"), user).is_some())
}

/// The live counterpart of a cloud app that an action changes.
fn cloud_app<'a>(input: &PlanInput<'a>, action: &Action) -> Option<&'a Live> {
    (action.identity.kind() == Kind::CloudApp).then(|| input.live.get(&action.identity))?
}

/// Whose token it is, where somebody says so.
fn caller<'a>(input: &PlanInput<'a>) -> Option<&'a str> {
    input.desired.settings.user.as_deref().map(str::trim)
}

/// The environments of a live app with their rows of permissions.
fn live_environments(live: &Live) -> impl Iterator<Item = (String, &Vec<Value>)> {
    let environments = live.manifest().get("environments").and_then(Value::as_array).into_iter().flatten();
    environments.filter_map(|environment| {
        let id = environment.get("environmentId")?.as_str()?.trim().to_lowercase();
        Some((id, environment.get("permissions")?.as_array()?))
    })
}

fn user_of(row: &Value) -> Option<String> {
    Some(row.get("userId")?.as_str()?.trim().to_lowercase())
}

fn has_any_right(row: &Value) -> bool {
    RIGHTS.iter().any(|right| canonical(&Field::boolean(right, ""), row.get(right)) == Value::Bool(true))
}
