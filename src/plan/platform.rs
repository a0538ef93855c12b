//! What the platform refuses, where that takes live state to know: rules of the domain that no file can decide alone.
//!
//! Each function is one reason of [`super::blocks`].

use std::collections::BTreeMap;

use serde_json::Value;

use super::PlanInput;
use super::action::{Action, ActionId, Block, Verb};
use super::names::tenants;
use super::note::{self, Note, Severity};
use super::reconcile::uses_secrets_store;
use crate::diff::{After, Change, canonical, canonical_text, needs_update_after_create};
use crate::model::field::{Field, Format, Shape, find};
use crate::model::{
    Declared, DeclaredItem, DeclaredValue, Desired, Identity, ItemKey, Kind, Live, Origin, ServiceKind, Step,
    dig,
};

/// The actions of the plan, by id.
type Actions = BTreeMap<ActionId, Action>;

/// NS-05: a main namespace is created and never updated.
pub(super) fn main_namespace(input: &PlanInput<'_>, action: &Action, _: &Actions) -> Option<Block> {
    let desired = input.desired.resources.get(&action.identity)?;
    let table = desired.kind().fields();
    let late = |change: &&Change| needs_update_after_create(table, std::slice::from_ref(*change));
    let change = match (action.identity.kind(), action.verb()) {
        (Kind::Namespace, Verb::Update) => {
            let live = input.live.get(&action.identity).map(|live| live.text("/namespaceType"));
            let kind = live.unwrap_or_else(|| desired.text(&["namespaceType"]));
            (kind == Some("main")).then(|| action.changes().first())?
        }
        // What the create model lacks would have to follow as an update.
        (Kind::Namespace, Verb::Create) if desired.text(&["namespaceType"]) == Some("main") => {
            action.changes().iter().find(late)
        }
        _ => None,
    }?;
    Some(Block {
        code: note::MAIN_NAMESPACE,
        reason: "the platform does not update the main namespace of a global operator".to_owned(),
        help: Some("change it in the portal, or leave the fields out of the file".to_owned()),
        origin: change.origin.clone(),
        is_guard: false,
    })
}

/// NS-03: a namespace to be created whose type the operator of its cluster does not have. The files alone tell only
/// when they name both types.
pub(super) fn operator_type(input: &PlanInput<'_>, action: &Action, _: &Actions) -> Option<Block> {
    let desired = created(input, action, Kind::Namespace)?;
    let cluster = Identity::Cluster(desired.cluster?);
    let declared = input.desired.resources.get(&cluster);
    let live = input.live.get(&cluster);
    let operator = declared
        .and_then(|cluster| cluster.text(&["operatorType"]))
        .or_else(|| live.and_then(|live| live.text("/operatorType")))
        // A new cluster gets what the API makes of silence; what an existing one does not tell, nobody knows.
        .or_else(|| live.is_none().then_some("standard_operator"))?;
    let kind = desired.text(&["namespaceType"]).unwrap_or("standard");
    let fits = (operator == "global_operator") == matches!(kind, "main" | "managed");
    let types = match operator {
        "global_operator" => "`namespaceType: managed`, or `main` for the namespace of the operator itself",
        _ => "`namespaceType: standard`, or a cluster with `operatorType: global_operator`",
    };
    (!fits).then(|| Block {
        code: note::OPERATOR_TYPE,
        reason: format!("a `{operator}` has no namespaces of type `{kind}`"),
        help: Some(format!("declare {types}")),
        origin: Some(origin_of(desired, &["namespaceType"])),
        is_guard: false,
    })
}

/// NS-04: managed namespaces come after the main one.
pub(super) fn main_missing(input: &PlanInput<'_>, action: &Action, _: &Actions) -> Option<Block> {
    let desired = created(input, action, Kind::Namespace)?;
    if desired.text(&["namespaceType"]) != Some("managed") {
        return None;
    }
    let declared = input
        .desired
        .of_kind(Kind::Namespace)
        .any(|other| other.cluster == desired.cluster && other.text(&["namespaceType"]) == Some("main"));
    let live = input
        .live
        .of_kind(Kind::Namespace)
        .any(|other| other.cluster == desired.cluster && other.text("/namespaceType") == Some("main"));
    (!declared && !live).then(|| Block {
        code: note::MAIN_MISSING,
        reason: "the cluster has no main namespace, which managed ones need".to_owned(),
        help: Some("declare the namespace of the operator, too, with `namespaceType: main`".to_owned()),
        origin: Some(origin_of(desired, &["namespaceType"])),
        is_guard: false,
    })
}

/// SVC-02: an environment to be created with plans that its live namespace does not have. Existing environments keep
/// working, whatever becomes of their plans.
pub(super) fn plan_unusable(input: &PlanInput<'_>, action: &Action, _: &Actions) -> Option<Block> {
    let desired = created(input, action, Kind::Environment)?;
    let Identity::Environment { namespace, .. } = &desired.identity else { return None };
    let namespace = Identity::Namespace(*namespace);
    let live = input.live.get(&namespace)?;
    if uses_secrets_store(input, desired) {
        return None;
    }
    let plans = Plans { live, declared: input.desired.resources.get(&namespace)? };
    let services = dig(&desired.fields, &["services"]).and_then(Declared::as_list)?;
    services.items.iter().filter(|(_, item)| !item.absent).find_map(|(key, item)| plans.refuse(key, item))
}

/// The plans of a namespace that is live and declared.
struct Plans<'a> {
    live: &'a Live,
    declared: &'a Desired,
}

impl Plans<'_> {
    /// Why an environment cannot be created with this service.
    fn refuse(&self, key: &ItemKey, item: &DeclaredItem) -> Option<Block> {
        let ItemKey::Natural(names) = key else { return None };
        let name = names.first()?;
        let namespace = &self.declared.address;
        let config = item.fields.get("config").and_then(Declared::as_text);
        let kind = config.and_then(ServiceKind::of_config);
        let Some(live) = self.all().find(|plan| text(plan, "planName") == Some(name)) else {
            return self.unknown(name, kind, item);
        };
        let is_active = match self.is_declared_active(key) {
            Some(active) => active,
            None => canonical_of("activate", live.get("activate")) == Value::Bool(true),
        };
        if !is_active {
            return Some(Block {
                code: note::PLAN_UNUSABLE,
                reason: format!("the plan `{name}` of `{namespace}` is not active"),
                help: Some(format!("activate it in `{namespace}`: `plans: {{{name}: true}}`")),
                origin: Some(item.origin.clone()),
                is_guard: false,
            });
        }
        let provided = text(live, "planType").filter(|provided| !provided.is_empty());
        if let (Some(declared), Some(provided)) = (item.fields.get("plan"), provided)
            && declared.as_text().is_some_and(|declared| declared != provided)
        {
            return Some(Block {
                code: note::PLAN_UNUSABLE,
                reason: format!("the plan `{name}` of `{namespace}` is of another type: {provided}"),
                help: Some(format!("write `plan: {provided}`")),
                origin: Some(declared.origin.clone()),
                is_guard: false,
            });
        }
        let holds = text(live, "planConfig").and_then(ServiceKind::of_config)?;
        let other = kind.filter(|kind| *kind != holds)?;
        Some(Block {
            code: note::PLAN_UNUSABLE,
            reason: format!("the plan `{name}` of `{namespace}` is no {other} plan, but a {holds} plan"),
            help: Some(format!("name a {other} plan here")),
            origin: item.fields.get("config").map(|config| config.origin.clone()),
            is_guard: false,
        })
    }

    /// A plan that does not exist. It may be one that a person has yet to make, when the files declare it or the
    /// namespace has none of its kind; otherwise its name is wrong.
    fn unknown(&self, name: &str, kind: Option<ServiceKind>, item: &DeclaredItem) -> Option<Block> {
        let key = ItemKey::Natural(vec![name.to_owned()]);
        if self.is_declared_active(&key).is_some() {
            return None;
        }
        let same = |plan: &&Value| {
            let config = text(plan, "planConfig").and_then(ServiceKind::of_config);
            kind.is_none() || config == kind
        };
        let others: Vec<_> = self
            .all()
            .filter(same)
            .filter_map(|plan| text(plan, "planName"))
            .map(|name| format!("`{name}`"))
            .collect();
        let namespace = &self.declared.address;
        let what = kind.map_or_else(String::new, |kind| format!("{kind} "));
        let plural = if others.len() == 1 { "" } else { "s" };
        (!others.is_empty()).then(|| Block {
            code: note::PLAN_UNUSABLE,
            reason: format!("`{namespace}` has no plan `{name}`"),
            help: Some(format!("it has the {what}plan{plural} {}", others.join(", "))),
            origin: Some(item.origin.clone()),
            is_guard: false,
        })
    }

    fn all(&self) -> impl Iterator<Item = &Value> {
        self.live.manifest().get("plans").and_then(Value::as_array).into_iter().flatten()
    }

    /// What the files make of the plan, before the environment is created.
    fn is_declared_active(&self, key: &ItemKey) -> Option<bool> {
        let item = self.declared.fields.get("plans")?.as_list()?.items.get(key)?;
        match &item.fields.get("activate")?.value {
            DeclaredValue::Scalar(value) => value.as_bool(),
            _ => None,
        }
    }
}

/// CL-03: the creator of a cluster stays one of its managers.
pub(super) fn creator_removed(input: &PlanInput<'_>, action: &Action, _: &Actions) -> Option<Block> {
    if action.identity.kind() != Kind::Cluster || action.verb() != Verb::Update {
        return None;
    }
    let live = input.live.get(&action.identity)?;
    let creator = live.text("/creator")?.trim().to_lowercase();
    let mut removed = action.changes().iter().filter(|change| matches!(change.after, After::Remove));
    let of_creator = |change: &&Change| {
        let [Step::Field("clusterManagers"), Step::Item(ItemKey::Natural(key))] = change.path.0.as_slice()
        else {
            return false;
        };
        let managers = live.manifest().get("clusterManagers").and_then(Value::as_array);
        let mail = |manager: &Value| canonical_text(Format::Mail, text(manager, "email").unwrap_or_default());
        managers.into_iter().flatten().filter(|manager| key.first() == Some(&mail(manager))).any(|manager| {
            ["email", "displayName"].iter().any(|name| {
                text(manager, name)
                    .is_some_and(|text| !creator.is_empty() && text.trim().to_lowercase() == creator)
            })
        })
    };
    let change = removed.find(of_creator)?;
    Some(Block {
        code: note::CREATOR,
        reason: format!("`{}` created the cluster, and the creator cannot be removed", change.path),
        help: Some("take the `absent: true` out of the file".to_owned()),
        origin: change.origin.clone(),
        is_guard: false,
    })
}

/// CL-04: a manager who comes later does not get into environments that are there already.
pub(super) fn late_managers(input: &PlanInput<'_>, action: &Action) -> Option<Note> {
    let Identity::Cluster(cluster) = &action.identity else { return None };
    let live = input.live.get(&action.identity)?;
    let mut managers = action.changes().iter().filter(|change| {
        matches!(change.path.0.first(), Some(Step::Field("clusterManagers")))
            && !matches!(change.after, After::Remove)
    });
    let change = managers.next()?;
    let total = live.manifest().get("totalEnvironments").and_then(Value::as_i64);
    let holds_some = total.unwrap_or_default() > 0
        || input
            .live
            .of_kind(Kind::Namespace)
            .any(|namespace| namespace.cluster == Some(*cluster) && !tenants(namespace).is_empty());
    holds_some.then(|| Note {
        severity: Severity::Info,
        code: note::LATE_MANAGER,
        address: Some(action.address.clone()),
        message: "a manager who is added now does not get into environments that exist already: these need a place in the team of the app, too".to_owned(),
        origin: change.origin.clone(),
    })
}

/// The declared resource, when the action creates one of this kind.
fn created<'a>(input: &PlanInput<'a>, action: &Action, kind: Kind) -> Option<&'a Desired> {
    let is_meant = action.identity.kind() == kind && action.verb() == Verb::Create;
    is_meant.then(|| input.desired.resources.get(&action.identity))?
}

/// Where a field is declared, or the document.
fn origin_of(desired: &Desired, path: &[&str]) -> Origin {
    dig(&desired.fields, path).map_or(&desired.origin, |declared| &declared.origin).clone()
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}

/// The canonical form of a field of a live plan.
fn canonical_of(name: &str, value: Option<&Value>) -> Value {
    let plans = find(Kind::Namespace.fields(), "plans").and_then(|plans| match plans.shape {
        Shape::List(list) => find(list.items, name),
        _ => None,
    });
    plans.map_or(Value::Null, |field: &Field| canonical(field, value))
}
