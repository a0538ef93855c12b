//! What declared resources stand on, whatever is live: the picture of an estate, and the ground of needs.

use std::collections::BTreeSet;

use crate::model::{Desired, DesiredState, Identity, Kind};

/// The cluster and the namespaces that a resource lives in or depends on by nature.
pub(super) fn parents(desired: &DesiredState, resource: &Desired) -> Vec<Identity> {
    let mut identities: Vec<_> = resource.cluster.map(Identity::Cluster).into_iter().collect();
    match &resource.identity {
        Identity::Environment { namespace, .. } => identities.push(Identity::Namespace(*namespace)),
        Identity::Namespace(_) if resource.text(&["namespaceType"]) == Some("managed") => {
            let mains = desired.of_kind(Kind::Namespace).filter(|other| {
                other.cluster == resource.cluster && other.text(&["namespaceType"]) == Some("main")
            });
            identities.extend(mains.map(|main| main.identity.clone()));
        }
        _ => {}
    }
    identities
}

/// The declared resources that a resource directly stands on: where it lives, the package that it runs, and what its
/// `dependsOn` names. What a namespace stands on is not repeated for its environments.
pub fn stands_on<'a>(desired: &'a DesiredState, resource: &Desired) -> BTreeSet<&'a Identity> {
    let mut found = parents(desired, resource);
    if let Identity::Environment { namespace, .. } = &resource.identity
        && desired.resources.contains_key(&Identity::Namespace(*namespace))
    {
        found.retain(|identity| identity.kind() != Kind::Cluster);
    }
    found.extend(resource.later_package().map(|package| package.identity.clone()));
    let named = resource.depends_on.iter().filter_map(|(address, _)| desired.by_address(address));
    found.extend(named.map(|other| other.identity.clone()));
    let declared = found.iter().filter(|identity| **identity != resource.identity);
    declared
        .filter_map(|identity| desired.resources.get_key_value(identity))
        .map(|(identity, _)| identity)
        .collect()
}
