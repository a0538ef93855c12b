//! `provider` of an environment: names and ids of cluster and namespace → one declared namespace.

use super::codes;
use super::diagnostic::Problem;
use super::resolve::Resolver;
use super::resource::{Resource, scalar};
use super::suggest;
use crate::model::{Declared, Fields, Kind, Origin};

/// What an environment says about where it runs.
struct Written {
    key: Origin,
    cluster: Option<Declared>,
    cluster_id: Option<Declared>,
    namespace: Option<Declared>,
    namespace_id: Option<Declared>,
}

impl Resolver<'_> {
    /// Finds the namespace that an environment runs in, and completes what the API wants to know of it.
    pub(super) fn provider(&mut self, resources: &mut [Resource], at: usize) {
        let Some(written) = resources.get(at).and_then(written) else { return };
        let Some((namespace, cluster)) = self.place(&written, resources, at) else { return };
        let text = |index: usize, of: fn(&Resource) -> Option<&str>| {
            resources.get(index).and_then(of).unwrap_or_default().to_owned()
        };
        let cluster_id = text(cluster, Resource::id);
        let namespace_id = text(namespace, Resource::id);
        let name = text(namespace, Resource::name);
        let by_namespace = written.namespace.as_ref().or(written.namespace_id.as_ref());
        let namespace_origin = by_namespace.map_or(&written.key, |declared| &declared.origin);
        let by_cluster = written.cluster_id.as_ref().or(written.cluster.as_ref());
        let cluster_origin = by_cluster.map_or(namespace_origin, |declared| &declared.origin);
        let id_origin = written.namespace_id.as_ref().map_or(namespace_origin, |declared| &declared.origin);
        let mut fields = Fields::new();
        fields.insert("clusterId", scalar(&cluster_id, cluster_origin));
        fields.insert("namespace", scalar(&name, namespace_origin));
        fields.insert("namespaceId", scalar(&namespace_id, id_origin));
        if let Some(resource) = resources.get_mut(at) {
            resource.links.namespace = Some(namespace);
            resource.links.cluster = Some(cluster);
            if let Some(provider) = resource.object_mut("provider") {
                *provider = fields;
            }
        }
    }

    /// The namespace and its cluster.
    fn place(&mut self, written: &Written, resources: &[Resource], at: usize) -> Option<(usize, usize)> {
        let before = self.problems.len();
        let cluster = self.cluster(written, resources, at);
        if self.problems.len() > before {
            return None;
        }
        let wanted = written.cluster.is_some() || written.cluster_id.is_some();
        if wanted && cluster.is_none() {
            return None;
        }
        let namespace = self.namespace(written, cluster, resources, at)?;
        let own = resources.get(namespace)?.links.cluster?;
        // Two clusters of one name are reported as such; which of them is meant does not matter then.
        let same = cluster.is_none_or(|cluster| {
            own == cluster
                || resources.get(own).and_then(Resource::name)
                    == resources.get(cluster).and_then(Resource::name)
        });
        if same {
            return Some((namespace, own));
        }
        let first = written.namespace_id.as_ref().or(written.namespace.as_ref())?;
        let second = written.cluster_id.as_ref().or(written.cluster.as_ref())?;
        let holder = resources.get(own).and_then(Resource::name).unwrap_or_default();
        let help = format!("the namespace is declared in cluster `{holder}`");
        self.inconsistent(second, first, "the namespace is not in this cluster", &help, at);
        None
    }

    /// The cluster, where it is named. Nothing without a report when it is not, or when it may stand elsewhere.
    fn cluster(&mut self, written: &Written, resources: &[Resource], at: usize) -> Option<usize> {
        let by_name = written
            .cluster
            .as_ref()
            .and_then(|cluster| self.one(Kind::Cluster, cluster, "provider.cluster", at));
        let by_id = written.cluster_id.as_ref().and_then(|id| {
            let found = self.index.by_id(Kind::Cluster, id.as_text()?).first().copied();
            if found.is_none() {
                self.dangling(Kind::Cluster, id.as_text()?, &id.origin, "provider.clusterId", Some(at));
            }
            found
        });
        if let (Some(a), Some(b)) = (by_name, by_id) {
            let differ =
                resources.get(a).and_then(Resource::uuid) != resources.get(b).and_then(Resource::uuid);
            if let (true, Some(cluster), Some(id)) = (differ, &written.cluster, &written.cluster_id) {
                self.inconsistent(
                    id,
                    cluster,
                    "`clusterId` is the id of another cluster",
                    "keep one of the two",
                    at,
                );
                return None;
            }
        }
        by_name.or(by_id)
    }

    fn namespace(
        &mut self,
        written: &Written,
        cluster: Option<usize>,
        resources: &[Resource],
        at: usize,
    ) -> Option<usize> {
        let by_id = match &written.namespace_id {
            None => None,
            Some(id) => {
                let found = self.index.by_id(Kind::Namespace, id.as_text()?).first().copied();
                if found.is_none() {
                    self.dangling(
                        Kind::Namespace,
                        id.as_text()?,
                        &id.origin,
                        "provider.namespaceId",
                        Some(at),
                    );
                    return None;
                }
                found
            }
        };
        let Some(reference) = &written.namespace else {
            if by_id.is_none() {
                let problem =
                    Problem::new(&codes::SHAPE_006, written.key.clone(), "`provider` has no `namespace`");
                let problem = problem.help("add `namespace: NAME`, the name of a declared namespace");
                self.problems.push(problem.path_text("provider.namespace".to_owned()).resource(Some(at)));
            }
            return by_id;
        };
        let text = reference.as_text()?;
        let found = self.index.find(Kind::Namespace, text).to_vec();
        if found.is_empty() {
            self.dangling(Kind::Namespace, text, &reference.origin, "provider.namespace", Some(at));
            return None;
        }
        if let (Some(by_id), Some(id)) = (by_id, &written.namespace_id) {
            if !found.contains(&by_id) {
                let name = resources.get(by_id).and_then(Resource::name).unwrap_or_default();
                let help = format!("the id is that of namespace `{name}`; keep one of the two");
                self.inconsistent(id, reference, "`namespaceId` is the id of another namespace", &help, at);
                return None;
            }
            return Some(by_id);
        }
        self.choose(text, reference, &found, cluster, resources, at)
    }

    /// The one of several namespaces of one name that is in the cluster.
    fn choose(
        &mut self,
        text: &str,
        reference: &Declared,
        found: &[usize],
        cluster: Option<usize>,
        resources: &[Resource],
        at: usize,
    ) -> Option<usize> {
        let name_of =
            |index: Option<usize>| index.and_then(|index| resources.get(index)).and_then(Resource::name);
        let cluster_of =
            |namespace: usize| resources.get(namespace).and_then(|resource| resource.links.cluster);
        let Some(wanted) = cluster else {
            if let [one] = found {
                return Some(*one);
            }
            let message = format!("{} declared namespaces have the name `{text}`", found.len());
            let mut problem = Problem::new(&codes::REF_002, reference.origin.clone(), message)
                .help("add `cluster: NAME` to say which one")
                .path_text("provider.namespace".to_owned())
                .resource(Some(at));
            for namespace in found.iter().filter_map(|index| resources.get(*index)) {
                let holder = name_of(namespace.links.cluster).unwrap_or("an unknown cluster");
                problem =
                    problem.related(namespace.name_origin().clone(), format!("this one is in `{holder}`"));
            }
            self.problems.push(problem);
            return None;
        };
        let here = found.iter().find(|namespace| name_of(cluster_of(**namespace)) == name_of(Some(wanted)));
        if let Some(here) = here {
            return Some(*here);
        }
        // The cluster of a namespace may be what is wrong, which was reported there.
        if found.iter().any(|namespace| cluster_of(*namespace).is_none())
            || self.doubts.may_hold(Kind::Namespace, text)
        {
            return None;
        }
        let cluster_name = name_of(Some(wanted)).unwrap_or_default();
        let in_cluster: Vec<&str> = resources
            .iter()
            .filter(|other| other.kind == Kind::Namespace && other.links.cluster == Some(wanted))
            .filter_map(Resource::name)
            .collect();
        let holders: Vec<&str> =
            found.iter().filter_map(|namespace| name_of(cluster_of(*namespace))).collect();
        let elsewhere = format!("it is declared in {}", suggest::listed(&holders).replace(" or ", " and "));
        let help = suggest::nearest(text, in_cluster).map_or_else(
            || elsewhere.clone(),
            |nearest| format!("did you mean `{nearest}`? `{text}`: {elsewhere}"),
        );
        let message = format!("cluster `{cluster_name}` has no namespace `{text}`");
        let problem = Problem::new(&codes::REF_001, reference.origin.clone(), message).help(help);
        self.problems.push(problem.path_text("provider.namespace".to_owned()).resource(Some(at)));
        None
    }

    fn inconsistent(&mut self, at: &Declared, other: &Declared, message: &str, help: &str, resource: usize) {
        let problem = Problem::new(&codes::PRV_01, at.origin.clone(), message)
            .related(other.origin.clone(), "does not fit this")
            .help(help);
        self.problems.push(problem.path_text("provider".to_owned()).resource(Some(resource)));
    }
}

fn written(resource: &Resource) -> Option<Written> {
    let provider = resource.fields.get("provider")?;
    let fields = provider.as_object()?;
    // What could not be read was reported, and so was what was missed because of it.
    let is_unread =
        |name: &&str| resource.written.provider.iter().any(|key| key == name) && !fields.contains_key(*name);
    if ["cluster", "clusterId", "namespace", "namespaceId"].iter().any(is_unread) {
        return None;
    }
    let given = |name: &str| fields.get(name).cloned();
    Some(Written {
        key: provider.origin.clone(),
        cluster: given("cluster"),
        cluster_id: given("clusterId"),
        namespace: given("namespace"),
        namespace_id: given("namespaceId"),
    })
}
