//! Rules about resources, each in the file of its family.
//!
//! A rule looks at all declared resources with their references resolved and pushes a problem for each one that
//! breaks it; [`subject`] is how it looks. What the field table of a kind decides is not decided here again. To add a
//! rule: a code in [`super::codes`], a function in the file of its family, a call in the `check` of that file, and a
//! directory in `tests/invalid` with an estate that breaks it and one that does not.

mod annotations;
mod certificates;
mod cloud_app;
mod container;
mod cycles;
mod deployment;
mod identity;
mod ids;
mod metrics;
mod names;
mod namespaces;
mod packages;
mod properties;
mod provider;
mod runtime;
mod services;
mod strategy;
mod subject;

pub(super) use cycles::Needs;

use self::subject::Estate;
use super::diagnostic::Problem;
use super::resource::Resource;

/// Checks all rules. Resources come in the order of files and lines.
pub(super) fn check(resources: &[Resource], needs: &Needs, problems: &mut Vec<Problem>) {
    identity::unique_ids(resources, problems);
    identity::unique_environment_ids(resources, problems);
    names::unique_cluster_names(resources, problems);
    names::unique_app_names(resources, problems);
    names::unique_namespace_names(resources, problems);
    names::unique_package_names(resources, problems);
    names::unique_environment_names(resources, problems);
    cycles::no_loops(resources, needs, problems);
    let estate = Estate::new(resources);
    ids::check(estate, problems);
    properties::check(estate, problems);
    deployment::check(estate, problems);
    container::check(estate, problems);
    certificates::check(estate, problems);
    runtime::check(estate, problems);
    provider::check(estate, problems);
    annotations::check(estate, problems);
    services::check(estate, problems);
    metrics::check(estate, problems);
    strategy::check(estate, problems);
    namespaces::check(estate, problems);
    packages::check(estate, problems);
    cloud_app::check(estate, problems);
}

/// Calls `report` for each resource that has the key of an earlier one, with the earlier one.
fn repeated<'r, K: Ord>(
    resources: &'r [Resource],
    key: impl Fn(&'r Resource) -> Option<K>,
    mut report: impl FnMut(usize, &'r Resource, &'r Resource),
) {
    let mut seen = std::collections::BTreeMap::new();
    for (index, resource) in resources.iter().enumerate() {
        let Some(key) = key(resource) else { continue };
        match seen.entry(key) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(resource);
            }
            std::collections::btree_map::Entry::Occupied(entry) => report(index, resource, entry.get()),
        }
    }
}
