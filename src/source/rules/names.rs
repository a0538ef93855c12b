//! Names are unique where addresses need them to be: CL-02, EST-005, PROP-02.
//!
//! Two documents that claim one id are reported for that; their names are then equal for no other reason.

use super::super::codes::{self, Code};
use super::super::diagnostic::Problem;
use super::super::resource::Resource;
use super::repeated;
use crate::model::Kind;

/// CL-02: clusters of one estate have different names.
pub(super) fn unique_cluster_names(resources: &[Resource], problems: &mut Vec<Problem>) {
    unique(resources, problems, &codes::CL_02, Kind::Cluster, |_| Some(None));
}

/// EST-005: apps of one estate have different names.
pub(super) fn unique_app_names(resources: &[Resource], problems: &mut Vec<Problem>) {
    unique(resources, problems, &codes::EST_005, Kind::App, |_| Some(None));
    unique(resources, problems, &codes::EST_005, Kind::CloudApp, |_| Some(None));
}

/// EST-005: packages of one estate have different names, whatever their apps: addresses are made of them.
pub(super) fn unique_package_names(resources: &[Resource], problems: &mut Vec<Problem>) {
    unique(resources, problems, &codes::EST_005, Kind::Package, |_| Some(None));
}

/// EST-005: namespaces of one cluster have different names.
pub(super) fn unique_namespace_names(resources: &[Resource], problems: &mut Vec<Problem>) {
    unique(resources, problems, &codes::EST_005, Kind::Namespace, |resource| {
        Some(Some((resource.links.cluster?, 0)))
    });
}

/// PROP-02: environments of one app in one namespace have different names. In two namespaces equal names are fine:
/// addresses say which is meant.
pub(super) fn unique_environment_names(resources: &[Resource], problems: &mut Vec<Problem>) {
    unique(resources, problems, &codes::PROP_02, Kind::Environment, |resource| {
        Some(Some((resource.links.namespace?, resource.links.app?)))
    });
}

fn unique(
    resources: &[Resource],
    problems: &mut Vec<Problem>,
    code: &'static Code,
    kind: Kind,
    scope: impl Fn(&Resource) -> Option<Option<(usize, usize)>>,
) {
    let key = |resource: &Resource| {
        (resource.kind == kind).then_some(())?;
        Some((scope(resource)?, resource.name()?.to_owned()))
    };
    repeated(resources, key, |index, resource, first| {
        let same_id = resource.id().map(str::to_lowercase) == first.id().map(str::to_lowercase);
        if same_id && (resource.id().is_some() || kind != Kind::Package) {
            return;
        }
        let name = resource.name().unwrap_or_default();
        let place = match kind {
            Kind::Cluster | Kind::App | Kind::Package | Kind::CloudApp => "of this estate",
            Kind::Namespace => "of one cluster",
            Kind::Environment => "of one app in one namespace",
        };
        let message = format!("two {} {place} have the name `{name}`", kind.plural());
        let problem = Problem::new(code, resource.name_origin().clone(), message)
            .label("here again")
            .related(first.name_origin().clone(), "first here")
            .help("rename one of the two");
        problems.push(problem.resource(Some(index)));
    });
}
