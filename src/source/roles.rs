//! Access to cloud apps: named roles and defaults become six booleans for each member of each environment.
//!
//! ```text
//! roles × permissions of the app × permissions of an environment ──▶ permissions of that environment
//! ```
//!
//! What a member has in an environment stands there, or else in the defaults of the app; the nearer is taken whole.
//! Every boolean carries the place that gives it to the member: the use of the role, not its definition.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::codes;
use super::diagnostic::Problem;
use super::resolve::Resolver;
use super::resource::Resource;
use super::suggest;
use crate::model::field::ListMode;
use crate::model::kinds::RIGHTS;
use crate::model::{Declared, DeclaredItem, DeclaredList, DeclaredValue, Fields, ItemKey, Origin};

type Members = BTreeMap<ItemKey, DeclaredItem>;

impl Resolver<'_> {
    /// Spells out the permissions of every environment of a cloud app.
    pub(super) fn expand_roles(&mut self, resource: &mut Resource, at: usize) {
        let declared = resource.fields.get("roles").cloned();
        let roles = Roles::of(declared.as_ref());
        let (defaults, default_mode) = match resource.fields.get("permissions").and_then(Declared::as_list) {
            Some(list) => (self.expanded(&list.items, &roles, "permissions", at), Some(list.mode)),
            None => (Members::new(), None),
        };
        let Some(environments) = resource.fields.get_mut("environments") else { return };
        let origin = environments.origin.clone();
        let DeclaredValue::List(environments) = &mut environments.value else { return };
        for (key, environment) in &mut environments.items {
            if environment.absent {
                let message = "an environment of a cloud app belongs to the platform and cannot be removed";
                let problem = Problem::new(&codes::SHAPE_011, environment.origin.clone(), message)
                    .help("leave it out; give its members `absent: true` to take their rights away");
                self.problems.push(problem.path_text(format!("environments[{key}]")).resource(Some(at)));
                continue;
            }
            let path = format!("environments[{key}].permissions");
            let own = environment.fields.get("permissions");
            let place = own.map_or_else(|| origin.clone(), |own| own.origin.clone());
            let own = own.and_then(Declared::as_list);
            if own.is_none() && default_mode.is_none() {
                continue;
            }
            let mode = own.map(|own| own.mode).or(default_mode).unwrap_or(ListMode::Merge);
            let mut members = defaults.clone();
            if let Some(own) = own {
                members.extend(self.expanded(&own.items, &roles, &path, at));
            }
            let value = DeclaredValue::List(DeclaredList { mode, items: members });
            environment.fields.insert("permissions", Declared { value, origin: place });
        }
    }

    /// The members of a list with all their rights. One whose role does not exist is reported and left out.
    fn expanded(&mut self, members: &Members, roles: &Roles<'_>, path: &str, at: usize) -> Members {
        let mut expanded = Members::new();
        for (key, member) in members {
            let role = member.fields.get("role");
            let named = role.and_then(|role| Some((roles.by_name.get(role.as_text()?)?, &role.origin)));
            if let (Some(role), None) = (role, named) {
                self.unknown_role(role, roles, &format!("{path}[{key}].role"), at);
                continue;
            }
            let mut fields = member.fields.clone();
            for right in RIGHTS {
                if fields.contains_key(right) {
                    continue;
                }
                let (has, origin) = match named {
                    Some((role, origin)) => (role.get(right).is_some_and(is_true), origin),
                    None => (false, &member.origin),
                };
                fields.insert(right, truth(has, origin));
            }
            let item = DeclaredItem { absent: false, fields, origin: member.origin.clone() };
            expanded.insert(key.clone(), item);
        }
        expanded
    }

    fn unknown_role(&mut self, role: &Declared, roles: &Roles<'_>, path: &str, at: usize) {
        let text = role.as_text().unwrap_or_default();
        let help = suggest::did_you_mean(text, roles.by_name.keys().copied(), "the roles of the app are");
        let help = help.unwrap_or_else(|| format!("declare it: `roles: {{{text}: {{canDeployApp: true}}}}`"));
        let problem =
            Problem::new(&codes::REF_001, role.origin.clone(), format!("the app has no role `{text}`"));
        self.problems.push(problem.help(help).path_text(path.to_owned()).resource(Some(at)));
    }
}

/// The roles of an app, by name.
struct Roles<'a> {
    by_name: BTreeMap<&'a str, &'a Fields>,
}

impl<'a> Roles<'a> {
    fn of(roles: Option<&'a Declared>) -> Roles<'a> {
        let roles = roles.and_then(Declared::as_list);
        let roles = roles.into_iter().flat_map(|list| list.items.values());
        let by_name = roles.filter_map(|role| Some((role.fields.get("name")?.as_text()?, &role.fields)));
        Roles { by_name: by_name.collect() }
    }
}

fn is_true(declared: &Declared) -> bool {
    matches!(declared.value, DeclaredValue::Scalar(Json::Bool(true)))
}

fn truth(value: bool, origin: &Origin) -> Declared {
    Declared { value: DeclaredValue::Scalar(value.into()), origin: origin.clone() }
}
