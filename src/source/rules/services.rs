//! `services` of environments: database and storage (DOMAIN 2.9).
//!
//! Which plans a namespace really has, only a plan knows: it blocks the create of an environment whose plans are not
//! there (SVC-02 again).

use std::collections::{BTreeMap, BTreeSet};

use super::super::codes;
use super::super::diagnostic::{Problem, Severity};
use super::super::suggest;
use super::subject::{Estate, Item, Spot, Subject, twins};
use crate::model::{Kind, ServiceKind};

/// How alike two names have to be for one to be taken for the other: a letter of four or five.
const ALMOST: f32 = 0.8;

pub(super) fn check(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    let plans = declared_plans(estate);
    for environment in estate.of(Kind::Environment) {
        let Some(services) = environment.find(&["services"]) else { continue };
        one_of_each(environment, &services, problems);
        known(environment, &services, &plans, problems);
    }
    dedicated(estate, problems);
}

/// The names of the plans that each namespace declares, by its index; nothing for those that declare none.
type Plans<'a> = BTreeMap<usize, BTreeSet<&'a str>>;

fn declared_plans(estate: Estate<'_>) -> Plans<'_> {
    let mut plans = Plans::new();
    for namespace in estate.of(Kind::Namespace) {
        let names: BTreeSet<&str> = namespace.items(&["plans"]).iter().filter_map(Item::name).collect();
        if !names.is_empty() {
            plans.insert(namespace.index(), names);
        }
    }
    plans
}

fn secrets_store<'a>(environment: Subject<'a>) -> Option<Spot<'a>> {
    environment.namespace()?.find(&["enableExternalSecretsStore"])
}

/// SVC-01: one database and one storage, or none of both where the namespace has an external secrets store.
fn one_of_each(environment: Subject<'_>, services: &Spot<'_>, problems: &mut Vec<Problem>) {
    let mut found: BTreeMap<ServiceKind, Item<'_>> = BTreeMap::new();
    // An item that could not be read was reported; what seems to be missing may be that one.
    let mut is_clear = services.is_exact() && environment.resource.sound;
    let mut items = services.clone().items();
    // The second is the one that stands behind the other.
    items.sort_by_key(|item| item.origin().clone());
    for item in &items {
        match kind(item, problems) {
            None => is_clear = false,
            Some(kind) => match found.get(&kind) {
                None => {
                    found.insert(kind, item.clone());
                }
                Some(first) => {
                    let name = item.name().unwrap_or_default();
                    let message = format!("an environment has one {kind}, and `{name}` is a second one");
                    let problem =
                        item.breaks(&codes::SVC_01, message).related(first.origin().clone(), "the first");
                    problems.push(problem.help("remove one of the two"));
                }
            },
        }
    }
    let store = secrets_store(environment);
    let uses_store = store.as_ref().and_then(Spot::truth);
    // Whether a namespace has a store that the files do not mention, they cannot tell.
    if !is_clear || items.is_empty() && uses_store != Some(false) {
        return;
    }
    let missing = ServiceKind::ALL.into_iter().find(|kind| !found.contains_key(kind));
    if let Some(missing) = missing {
        let message = format!("`services` has no {missing} plan");
        let help = format!("add one: `NAME: {{plan: OnDemand, config: '{{type: \"{missing}\"}}'}}`");
        problems.push(services.breaks(&codes::SVC_01, message).help(help));
    } else if let (Some(true), Some(store)) = (uses_store, store) {
        let message = "the namespace uses an external secrets store, which names database and storage";
        let problem = services.breaks(&codes::SVC_01, message).severity(Severity::Warning);
        problems.push(problem.related(store.origin().clone(), "here").help("remove `services`"));
    }
}

/// What a service is; a problem where `config` does not say it.
fn kind(item: &Item<'_>, problems: &mut Vec<Problem>) -> Option<ServiceKind> {
    let config = item.field("config")?;
    let kind = ServiceKind::of_config(config.text()?);
    if kind.is_none() {
        let problem = config.breaks(&codes::SVC_01, "`config` says neither database nor storage");
        problems.push(problem.help("write `'{type: \"database\"}'` or `'{type: \"storage\"}'`"));
    }
    kind
}

/// SVC-02: a service is one of the plans that its namespace lists. The list may leave out plans that exist all the same,
/// so only a name that is almost that of a declared plan is an error. Where another service of the environment is
/// listed, the list seems to be meant as a whole, and an unlisted one is a warning.
fn known(environment: Subject<'_>, services: &Spot<'_>, plans: &Plans<'_>, problems: &mut Vec<Problem>) {
    let Some(namespace) = environment.namespace() else { return };
    let Some(plans) = plans.get(&namespace.index()) else { return };
    let Some(list) = namespace.find(&["plans"]) else { return };
    let namespace_name = namespace.resource.name().unwrap_or_default();
    let items = services.clone().items();
    let seems_whole = items.iter().filter_map(Item::name).any(|name| plans.contains(name));
    for service in items {
        let Some(name) = service.name().filter(|name| !plans.contains(name)) else { continue };
        let add = format!("if the plan exists, add it to `plans` of the namespace: `{name}: true`");
        let (severity, help) = match suggest::alike(name, plans.iter().copied(), ALMOST) {
            Some(meant) => (Severity::Error, format!("did you mean `{meant}`? {add}")),
            None if seems_whole => (Severity::Warning, add),
            None => continue,
        };
        let message = format!("namespace `{namespace_name}` declares no plan `{name}`");
        let problem = service
            .breaks(&codes::SVC_02, message)
            .severity(severity)
            .related(list.origin().clone(), "the plans that it declares");
        problems.push(problem.help(help));
    }
}

/// SVC-05: a dedicated plan is one database or one bucket.
fn dedicated(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    let mut used = Vec::new();
    for environment in estate.of(Kind::Environment) {
        let Some(namespace) = environment.namespace() else { continue };
        for service in environment.items(&["services"]) {
            let is_dedicated = service.field("plan").and_then(|plan| plan.text()) == Some("Dedicated");
            if let Some(name) = service.name().filter(|_| is_dedicated) {
                used.push(((namespace.index(), name), service));
            }
        }
    }
    for ((_, name), service, first) in twins(used) {
        let message = format!("two environments use the dedicated plan `{name}`, which is for one");
        let problem =
            service.breaks(&codes::SVC_05, message).related(first.origin().clone(), "used here, too");
        problems.push(
            problem.help("make a plan of its own for each environment, or an on-demand plan for all of them"),
        );
    }
}
