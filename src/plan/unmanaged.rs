//! What is live in the scope of the estate and declared nowhere.

use std::collections::BTreeSet;

use super::PlanInput;
use super::action::Unmanaged;
use super::cloud;
use super::names::{Names, tenants};
use crate::model::{Identity, Kind};

/// Lists what is live, neither declared nor to be removed, ordered by address.
pub(super) fn unmanaged(input: &PlanInput<'_>) -> Vec<Unmanaged> {
    let names = Names::new(input.desired, input.live);
    let is_known = |identity: &Identity| {
        input.desired.resources.contains_key(identity)
            || input.desired.tombstones.iter().any(|tombstone| tombstone.target.matches(identity))
    };
    let mut found = BTreeSet::new();
    for live in input.live.resources.values() {
        // The platform makes packages and lets them expire: they are no business of an estate that does not name them.
        let is_package = live.identity.kind() == Kind::Package;
        if live.identity.kind().is_managed() && !is_package && !is_known(&live.identity) {
            found.insert((live.identity.clone(), names.live_address(live)));
        }
    }
    // Environments of apps that the estate does not declare show up in their namespaces only.
    for tenant in input.live.of_kind(Kind::Namespace).flat_map(tenants) {
        if !is_known(&tenant.identity) && input.live.get(&tenant.identity).is_none() {
            let address = names.tenant_address(&tenant);
            found.insert((tenant.identity, address));
        }
    }
    let mut unmanaged: Vec<_> = found
        .into_iter()
        .filter(|(_, address)| input.scope.holds(address))
        .map(|(identity, address)| Unmanaged { address, id: identity.id() })
        .collect();
    unmanaged.extend(cloud::unmanaged(input));
    unmanaged.sort();
    unmanaged
}
