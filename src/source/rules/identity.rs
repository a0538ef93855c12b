//! Ids are unique: ID-02 for what is known by a UUID, ID-07 for environments.

use super::super::codes;
use super::super::diagnostic::Problem;
use super::super::resource::Resource;
use super::repeated;
use crate::model::Kind;

/// ID-02: no two clusters, namespaces or apps have one id.
pub(super) fn unique_ids(resources: &[Resource], problems: &mut Vec<Problem>) {
    let key = |resource: &Resource| {
        (resource.kind != Kind::Environment).then_some(())?;
        Some((resource.kind, resource.uuid()?))
    };
    repeated(resources, key, |index, resource, first| {
        let id = resource.id().unwrap_or_default();
        let message = format!("the {} id `{id}` is declared twice", resource.kind);
        let problem = Problem::new(&codes::ID_02, resource.id_origin().clone(), message)
            .label("here again")
            .related(first.id_origin().clone(), "first here")
            .help("give one of the two another id, or remove one of the documents");
        problems.push(problem.resource(Some(index)));
    });
}

/// ID-07: no two environments of one namespace have one id, whatever their apps.
pub(super) fn unique_environment_ids(resources: &[Resource], problems: &mut Vec<Problem>) {
    let key = |resource: &Resource| {
        (resource.kind == Kind::Environment).then_some(())?;
        Some((resources.get(resource.links.namespace?)?.uuid()?, resource.id()?.to_owned()))
    };
    repeated(resources, key, |index, resource, first| {
        let id = resource.id().unwrap_or_default();
        let namespace =
            resource.links.namespace.and_then(|index| resources.get(index)).and_then(Resource::name);
        let message =
            format!("namespace `{}` has two environments with the id `{id}`", namespace.unwrap_or_default());
        let problem = Problem::new(&codes::ID_07, resource.id_origin().clone(), message)
            .label("here again")
            .related(first.id_origin().clone(), "first here")
            .help("give one of the two another id; ids are unique in a namespace, across all apps");
        problems.push(problem.resource(Some(index)));
    });
}
