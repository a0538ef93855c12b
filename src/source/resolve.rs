//! References → the resources that they name, whatever the order of files and documents.

use std::collections::BTreeMap;

use super::codes;
use super::diagnostic::Problem;
use super::documents::Doubts;
use super::resource::{Resource, scalar};
use super::root::Root;
use super::suggest;
use crate::model::kinds::{SIZES, Size};
use crate::model::{Address, Declared, DeclaredValue, Fields, Kind, Origin};

/// Finds resources by name and id.
pub(super) struct Index {
    names: BTreeMap<(Kind, String), Vec<usize>>,
    ids: BTreeMap<(Kind, String), Vec<usize>>,
}

impl Index {
    pub(super) fn new(resources: &[Resource]) -> Index {
        let mut index = Index { names: BTreeMap::new(), ids: BTreeMap::new() };
        for (at, resource) in resources.iter().enumerate() {
            if let Some(name) = resource.name() {
                index.names.entry((resource.kind, name.to_owned())).or_default().push(at);
            }
            if let Some(id) = resource.id() {
                index.ids.entry((resource.kind, id.to_lowercase())).or_default().push(at);
            }
        }
        index
    }

    pub(super) fn by_name(&self, kind: Kind, name: &str) -> &[usize] {
        self.names.get(&(kind, name.to_owned())).map_or(&[], Vec::as_slice)
    }

    pub(super) fn by_id(&self, kind: Kind, id: &str) -> &[usize] {
        self.ids.get(&(kind, id.to_lowercase())).map_or(&[], Vec::as_slice)
    }

    /// By name, or else by id.
    pub(super) fn find(&self, kind: Kind, text: &str) -> &[usize] {
        match self.by_name(kind, text) {
            [] => self.by_id(kind, text),
            found => found,
        }
    }

    pub(super) fn names(&self, kind: Kind) -> Vec<&str> {
        self.names.keys().filter(|(of, _)| *of == kind).map(|(_, name)| name.as_str()).collect()
    }
}

/// After how many problems no nearest names are looked for any more.
const MOST_SUGGESTED: usize = 1_000;

/// What resolving needs to know and to report to.
pub(super) struct Resolver<'a> {
    pub(super) index: Index,
    pub(super) doubts: &'a Doubts,
    /// Where the files of the estate are, for packages.
    pub(super) root: &'a Root,
    pub(super) problems: &'a mut Vec<Problem>,
}

impl Resolver<'_> {
    /// Resolves everything but `dependsOn`, which needs addresses.
    pub(super) fn resolve(&mut self, resources: &mut [Resource]) {
        self.places(resources);
        for at in indices(resources, Kind::Package) {
            self.package(resources, at);
        }
        for at in indices(resources, Kind::Environment) {
            let Some(resource) = resources.get_mut(at) else { continue };
            self.expand_size(resource, at);
            self.deployed_package(resources, at);
        }
        for at in indices(resources, Kind::CloudApp) {
            let Some(resource) = resources.get_mut(at) else { continue };
            self.expand_roles(resource, at);
        }
    }

    /// Finds out what runs where.
    pub(super) fn places(&mut self, resources: &mut [Resource]) {
        for at in indices(resources, Kind::Namespace) {
            let Some(resource) = resources.get_mut(at) else { continue };
            if let Some(reference) = resource.fields.get("cluster").cloned() {
                resource.links.cluster = self.one(Kind::Cluster, &reference, "cluster", at);
            }
        }
        for at in indices(resources, Kind::Environment) {
            let Some(resource) = resources.get_mut(at) else { continue };
            if let Some(reference) = resource.fields.get("app").cloned() {
                resource.links.app = self.one(Kind::App, &reference, "app", at);
            }
            self.provider(resources, at);
        }
    }

    /// The resource that a reference names. Several of one name are an error of their own.
    pub(super) fn one(&mut self, kind: Kind, reference: &Declared, path: &str, from: usize) -> Option<usize> {
        let text = reference.as_text()?;
        if let Some(found) = self.index.find(kind, text).first() {
            return Some(*found);
        }
        self.dangling(kind, text, &reference.origin, path, Some(from));
        None
    }

    /// Whether the nearest right name is looked for, which costs a look at every name: nobody reads that much.
    fn may_suggest(&self) -> bool {
        self.problems.len() < MOST_SUGGESTED
    }

    /// Reports a reference to nothing, unless what it names may stand where nothing could be read.
    pub(super) fn dangling(
        &mut self,
        kind: Kind,
        text: &str,
        origin: &Origin,
        path: &str,
        from: Option<usize>,
    ) {
        if self.doubts.may_hold(kind, text) {
            return;
        }
        let help = if self.may_suggest() {
            suggest::did_you_mean(text, self.index.names(kind), &format!("declared {} are", kind.plural()))
        } else {
            None
        };
        let help = help.unwrap_or_else(|| format!("declare it in a document with the key `{kind}`"));
        let problem =
            Problem::new(&codes::REF_001, origin.clone(), format!("no {kind} `{text}` is declared"));
        self.problems.push(problem.help(help).path_text(path.to_owned()).resource(from));
    }

    /// `container.size` becomes `container.coreResources`.
    fn expand_size(&mut self, resource: &mut Resource, at: usize) {
        let Some(container) = resource.object_mut("container") else { return };
        let Some(size) = container.remove("size") else { return };
        if let Some(resources) = container.get("coreResources") {
            let problem = Problem::new(
                &codes::SHAPE_015,
                size.origin.clone(),
                "`size` is short for `coreResources`, and both are given",
            );
            let problem = problem.related(resources.origin.clone(), "given here").help("keep one of the two");
            self.problems.push(problem.path_text("container.size".to_owned()).resource(Some(at)));
            return;
        }
        if let Some(named) = SIZES.iter().find(|named| Some(named.name) == size.as_text()) {
            container.insert("coreResources", core_resources(*named, &size.origin));
        }
    }

    /// Resolves `dependsOn` of all resources; their addresses are known by now.
    pub(super) fn depends_on(&mut self, resources: &[Resource]) -> BTreeMap<usize, Vec<(Address, Origin)>> {
        let mut needs = BTreeMap::new();
        let known: BTreeMap<String, &Address> =
            resources.iter().filter_map(|other| other.address.as_ref()).map(|a| (a.to_string(), a)).collect();
        for (at, resource) in resources.iter().enumerate() {
            let Some(DeclaredValue::Addresses(list)) =
                resource.fields.get("dependsOn").map(|list| &list.value)
            else {
                continue;
            };
            let mut found: Vec<(Address, Origin)> = Vec::new();
            for item in list {
                let Some(address) = self.depended(item, resource, &known, at) else { continue };
                if !found.iter().any(|(other, _)| *other == address) {
                    found.push((address, item.origin.clone()));
                }
            }
            found.sort();
            needs.insert(at, found);
        }
        needs
    }

    fn depended(
        &mut self,
        item: &Declared,
        resource: &Resource,
        known: &BTreeMap<String, &Address>,
        at: usize,
    ) -> Option<Address> {
        let text = item.as_text()?;
        let (message, help) = match text.parse::<Address>() {
            Err(error) => (
                format!("`{text}` is not an address: {error}"),
                "write it as `environment/APP/NAME`".to_owned(),
            ),
            Ok(address) if resource.address.as_ref() == Some(&address) => {
                ("a resource cannot depend on itself".to_owned(), "remove the line".to_owned())
            }
            Ok(address) if known.contains_key(text) => return Some(address),
            Ok(address) => {
                let name = address.names().pop().unwrap_or_default();
                if self.doubts.may_hold(address.kind(), &name) {
                    return None;
                }
                let known = known.keys().map(String::as_str).filter(|_| self.may_suggest());
                let help = suggest::nearest(text, known).map_or_else(
                    || "name a resource that this estate declares".to_owned(),
                    |nearest| format!("did you mean `{nearest}`?"),
                );
                (format!("no resource `{text}` is declared"), help)
            }
        };
        let problem = Problem::new(&codes::REF_004, item.origin.clone(), message).help(help);
        self.problems.push(problem.path_text("dependsOn".to_owned()).resource(Some(at)));
        None
    }
}

pub(super) fn indices(resources: &[Resource], kind: Kind) -> Vec<usize> {
    (0..).zip(resources).filter(|(_, resource)| resource.kind == kind).map(|(at, _)| at).collect()
}

fn core_resources(size: Size, origin: &Origin) -> Declared {
    let amounts = |[cpu, memory]: [&str; 2]| {
        let mut fields = Fields::new();
        fields.insert("cpu", scalar(cpu, origin));
        fields.insert("memory", scalar(memory, origin));
        fields.insert("ephemeralStorage", scalar("1", origin));
        Declared { value: DeclaredValue::Object(fields), origin: origin.clone() }
    };
    let mut fields = Fields::new();
    fields.insert("limits", amounts(size.limits));
    fields.insert("requests", amounts(size.requests));
    Declared { value: DeclaredValue::Object(fields), origin: origin.clone() }
}
