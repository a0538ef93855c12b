//! Access to an app on Mendix Cloud → what a file would say: of each member the rights that it has.
//!
//! Who has no right in an environment is left out, and so is the technical contact, who has all of them.

use serde_json::Value;

use super::tree::Tree;
use crate::diff::canonical;
use crate::model::Live;
use crate::model::field::Field;
use crate::model::kinds::RIGHTS;

/// The fields of a cloud app, in the order of the table.
pub(super) fn fields(live: &Live, id: &str, name: &str) -> Vec<(&'static str, Tree)> {
    let mut fields = vec![("appId", Tree::text(id)), ("name", Tree::text(name))];
    let license = live.text("/licenseType").filter(|license| ["licensed", "free"].contains(license));
    fields.extend(license.map(|license| ("licenseType", Tree::text(license))));
    // Nothing of a free app can be managed.
    if license == Some("free") {
        return fields;
    }
    let contact = live.text("/technicalContact").map(str::trim).filter(|contact| !contact.is_empty());
    fields.extend(contact.map(|contact| ("technicalContact", Tree::text(contact))));
    let environments: Vec<Tree> =
        array(live.manifest(), "environments").filter_map(|it| environment(it, contact)).collect();
    if !environments.is_empty() {
        fields.push(("environments", Tree::Sequence(environments)));
    }
    fields
}

fn environment(live: &Value, contact: Option<&str>) -> Option<Tree> {
    let text = |name: &str| live.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let mut fields = vec![("environmentId", Tree::text(text("environmentId")?))];
    fields.extend(text("name").map(|name| ("name", Tree::text(name))));
    let mut members: Vec<(String, Tree)> = Vec::new();
    for row in array(live, "permissions") {
        let Some(user) = row.get("userId").and_then(Value::as_str).map(str::trim) else { continue };
        let has =
            |right: &&'static str| canonical(&Field::boolean(right, ""), row.get(right)) == Value::Bool(true);
        let rights: Vec<_> = RIGHTS.into_iter().filter(has).map(|it| (it, Tree::Boolean(true))).collect();
        let is_contact = contact.is_some_and(|contact| contact.eq_ignore_ascii_case(user));
        let is_there = members.iter().any(|(other, _)| other.eq_ignore_ascii_case(user));
        if !rights.is_empty() && !is_contact && !is_there {
            members.push((user.to_owned(), Tree::flow(rights)));
        }
    }
    members.sort_by_key(|(user, _)| user.to_lowercase());
    if !members.is_empty() {
        fields.push(("permissions", Tree::block(members)));
    }
    Some(Tree::block(fields))
}

fn array<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}
