//! Addresses of declared resources.

use std::collections::BTreeMap;

use super::resource::Resource;
use crate::model::{Address, Kind};

/// Gives every resource its address, as far as names are known. An environment whose name is not unique in its app
/// says where it is, as shortly as will do.
pub(super) fn assign(resources: &mut [Resource]) {
    let plain: Vec<Option<Address>> = resources.iter().map(|resource| plain(resource, resources)).collect();
    let mut places: Vec<(Option<String>, Option<String>)> = Vec::new();
    for resource in resources.iter() {
        let name = |index: Option<usize>| Some(resources.get(index?)?.name()?.to_owned());
        places.push((name(resource.links.namespace), name(resource.links.cluster)));
    }
    let count = |addresses: &[Option<Address>]| {
        let mut counts: BTreeMap<Address, usize> = BTreeMap::new();
        for address in addresses.iter().flatten() {
            *counts.entry(address.clone()).or_default() += 1;
        }
        counts
    };
    let first = count(&plain);
    let with_namespace: Vec<Option<Address>> = plain
        .iter()
        .zip(&places)
        .map(|(address, (namespace, _))| Some(address.as_ref()?.at_namespace(namespace.as_deref()?)))
        .collect();
    let second = count(&with_namespace);
    let is_unique =
        |counts: &BTreeMap<Address, usize>, address: &Address| counts.get(address).is_none_or(|n| *n < 2);
    for (((resource, plain), with_namespace), (namespace, cluster)) in
        resources.iter_mut().zip(plain).zip(with_namespace).zip(places)
    {
        let Some(plain) = plain else { continue };
        let is_environment = resource.kind == Kind::Environment;
        resource.address = Some(match (with_namespace, namespace, cluster) {
            _ if !is_environment || is_unique(&first, &plain) => plain,
            (Some(address), ..) if is_unique(&second, &address) => address,
            (_, Some(namespace), Some(cluster)) => plain.at_cluster_namespace(&cluster, &namespace),
            _ => plain,
        });
    }
}

/// The address without a place. Where a reference could not be resolved, its text stands for the name.
fn plain(resource: &Resource, resources: &[Resource]) -> Option<Address> {
    let parent = |index: Option<usize>| {
        let linked = index.and_then(|index| resources.get(index)).and_then(Resource::name);
        linked.or(resource.written.parent.as_deref())
    };
    let name = resource.name()?;
    Some(match resource.kind {
        Kind::Cluster => Address::cluster(name),
        Kind::App => Address::app(name),
        Kind::CloudApp => Address::cloud_app(name),
        Kind::Package => Address::package(name),
        Kind::Namespace => Address::namespace(parent(resource.links.cluster)?, name),
        Kind::Environment => Address::environment(parent(resource.links.app)?, name),
    })
}
