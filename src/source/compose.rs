//! Parts → resources: fragments side by side, defaults below them, and what is then still missing.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use super::codes;
use super::defaults::{self, AllDefaults, Chain};
use super::diagnostic::Problem;
use super::documents::{Declarations, Doubts};
use super::merge::{Overlap, Paths, Underlay, Union};
use super::part::{self, Part};
use super::resolve::{Index, Resolver};
use super::resource::{Links, Resource};
use super::root::Root;
use super::shape;
use super::tombstones::Declaration;
use crate::model::field::{Field, Need, Shape, find};
use crate::model::{DeclaredValue, FieldPath, Fields, Kind, Layer, Origin, Role};

/// What the documents of an estate come to.
pub(super) struct Composed {
    /// In the order of their first documents.
    pub(super) resources: Vec<Resource>,
    pub(super) tombstones: Vec<Declaration>,
    pub(super) doubts: Doubts,
    pub(super) missing_ids: Vec<MissingId>,
}

/// A resource without an id, and where one would have to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingId {
    /// The kind of the resource.
    pub kind: Kind,
    /// The field that holds the id.
    pub field: &'static str,
    /// The key of the kind in the document.
    pub document: Origin,
    /// The mapping from values of a `matrix` to ids, where the document has one already.
    pub mapping: Option<Origin>,
    /// The keys in that mapping, outermost first; none for a document without a `matrix`.
    pub keys: Vec<String>,
    /// An id that is free.
    pub proposal: Option<String>,
}

/// Puts the parts of each resource together.
pub(super) fn compose(
    declarations: Declarations,
    estate: &str,
    root: &Root,
    problems: &mut Vec<Problem>,
) -> Composed {
    let Declarations { parts, defaults, tombstones, doubts, .. } = declarations;
    let mut composer = Composer {
        parts: parts.into_iter().map(Some).collect(),
        defaults: AllDefaults::new(defaults, problems),
        doubts,
        estate,
        root,
        problems,
        missing_ids: Vec::new(),
        resources: Vec::new(),
        first_of: BTreeMap::new(),
        filled: 0,
        looked_up: 0,
    };
    composer.land();
    composer.environments();
    if !composer.doubts.everything {
        composer.defaults.report_unused(composer.problems);
    }
    composer.finish(tombstones)
}

struct Composer<'a> {
    parts: Vec<Option<Part>>,
    defaults: AllDefaults,
    doubts: Doubts,
    estate: &'a str,
    root: &'a Root,
    problems: &'a mut Vec<Problem>,
    missing_ids: Vec<MissingId>,
    /// Each with the index of its first part.
    resources: Vec<(usize, Resource)>,
    /// The first part of the resource that a part belongs to.
    first_of: BTreeMap<usize, usize>,
    /// How much defaults stand for so far.
    filled: usize,
    /// The same, of what is looked up only.
    looked_up: usize,
}

impl Composer<'_> {
    /// Everything that environments refer to: fragments have the same id.
    fn land(&mut self) {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut known: BTreeMap<(Kind, String), usize> = BTreeMap::new();
        for (at, part) in self.parts.iter().enumerate() {
            let Some(part) = part.as_ref().filter(|part| part.kind != Kind::Environment) else { continue };
            let key = part.written.id.as_ref().map(|id| (part.kind, id.to_lowercase()));
            add(&mut groups, &mut known, key, at);
        }
        self.compose(groups);
    }

    /// Environments: fragments have the same id, app and namespace. What runs where is looked up only for those whose
    /// id repeats.
    fn environments(&mut self) {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        for (at, part) in self.parts.iter().enumerate() {
            let Some(part) = part.as_ref().filter(|part| part.kind == Kind::Environment) else { continue };
            add(&mut groups, &mut known, part.written.id.clone(), at);
        }
        let (repeated, single): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| group.len() > 1);
        let places = self.places(&repeated.concat());
        self.compose(single);
        for group in repeated {
            let mut groups: Vec<Vec<usize>> = Vec::new();
            let mut known = BTreeMap::new();
            for at in group {
                add(&mut groups, &mut known, places.get(&at).cloned(), at);
            }
            self.compose(groups);
        }
    }

    /// The app and the namespace of environments: the resources that are meant, or what stands there.
    fn places(&mut self, parts: &[usize]) -> BTreeMap<usize, (Place, Place)> {
        if parts.is_empty() {
            return BTreeMap::new();
        }
        let (firsts, mut resources): (Vec<usize>, Vec<Resource>) =
            std::mem::take(&mut self.resources).into_iter().unzip();
        let land = resources.len();
        let index = Index::new(&resources);
        for at in parts {
            resources.extend(self.scratch(*at));
        }
        // What is wrong with references is reported when the resources are complete.
        let mut unheard = Vec::new();
        let mut resolver = Resolver { index, doubts: &self.doubts, root: self.root, problems: &mut unheard };
        resolver.places(&mut resources);
        let environments = resources.split_off(land);
        let places = parts.iter().copied().zip(environments.iter().map(place)).collect();
        self.resources = firsts.into_iter().zip(resources).collect();
        places
    }

    /// An environment as far as one part and its defaults declare it.
    fn scratch(&mut self, at: usize) -> Option<Resource> {
        let part = self.parts.get(at)?.as_ref()?;
        let mut unheard = Vec::new();
        let directories = BTreeSet::from([defaults::directory_of(&part.origin.file).to_owned()]);
        let mut chain = (*self.defaults.chain(part.kind, &directories, &mut unheard)).clone();
        defaults::take_out(&mut chain, &part.without);
        let mut fields = part.fields.clone();
        // More than that is reported when the resources are put together.
        self.looked_up = self.looked_up.saturating_add(chain.weight);
        if self.looked_up <= defaults::MAX_FILLED {
            lay_under(&mut fields, &mut part.pending.stated.clone(), &chain, part.kind);
        }
        let mut written = part.written.clone();
        written.or(&chain.written);
        Some(Resource {
            kind: part.kind,
            fields,
            origin: part.origin.clone(),
            manifest_version: None,
            sound: part.sound,
            written,
            links: Links::default(),
            mark: None,
            upload: None,
            address: None,
            layers: Vec::new(),
            overridden: Vec::new(),
        })
    }

    /// Makes a resource of each group. Documents that agree in their id and not in their name are no fragments of
    /// one resource: somebody copied a document and forgot to change the id.
    fn compose(&mut self, groups: Vec<Vec<usize>>) {
        for group in groups {
            let mut named: Vec<Vec<usize>> = Vec::new();
            let mut known = BTreeMap::new();
            let mut nameless = Vec::new();
            for at in group {
                match self.name_of(at) {
                    Some(name) => add(&mut named, &mut known, Some(name), at),
                    None => nameless.push(at),
                }
            }
            match named.first_mut() {
                Some(first) => {
                    first.extend(nameless);
                    first.sort_unstable();
                }
                None => named.push(nameless),
            }
            named.iter().for_each(|group| self.resource(group));
        }
    }

    fn name_of(&mut self, at: usize) -> Option<String> {
        let part = self.parts.get(at)?.as_ref()?;
        if part.written.name.is_some() {
            return part.written.name.clone();
        }
        let directories = BTreeSet::from([defaults::directory_of(&part.origin.file).to_owned()]);
        let kind = part.kind;
        self.defaults.chain(kind, &directories, &mut Vec::new()).written.name.clone()
    }

    fn resource(&mut self, group: &[usize]) {
        let Some(first) = group.first().copied() else { return };
        self.first_of.extend(group.iter().map(|at| (*at, first)));
        let mut parts = group.iter().filter_map(|at| self.parts.get_mut(*at)?.take());
        let Some(mut part) = parts.next() else { return };
        let rest: Vec<Part> = parts.collect();
        let mut directories = BTreeSet::from([defaults::directory_of(&part.origin.file).to_owned()]);
        let mut layers = vec![layer(&part)];
        let mut texts = vec![part.text.clone()];
        for other in rest {
            directories.insert(defaults::directory_of(&other.origin.file).to_owned());
            layers.push(layer(&other));
            texts.push(other.text.clone());
            self.join(&mut part, other, first);
        }
        let Part { kind, mut fields, mut pending, mut written, origin, .. } = part;
        let chain = self.defaults.chain(kind, &directories, self.problems);
        let chain = self.wanted(&chain, &part.without, first);
        if self.is_too_much(&chain) {
            return;
        }
        let (mut overridden, taken) = lay_under(&mut fields, &mut pending.stated, &chain, kind);
        overridden.extend(chain.overridden.iter().cloned());
        layers.extend(chain.layers.iter().cloned());
        written.or(&chain.written);
        defaults::settle(&mut fields, kind, pending.absent.iter(), &taken, self.problems);
        self.conflicts(&chain, &fields, first);
        let excused: Paths = pending.excused.union(&chain.excused).cloned().collect();
        if !self.doubts.may_complete(written.id.as_deref()) {
            let help = part.identity_help.as_deref();
            let mut missing = Missing { excused: &excused, help, found: Vec::new() };
            missing.below(&fields, kind.fields(), &FieldPath::root(), &format!("`{kind}`"), &origin);
            let found = missing.found.into_iter().map(|problem| problem.resource(Some(first)));
            self.problems.extend(found);
        }
        if written.id.is_none() {
            let keys = part.id_keys.unwrap_or_else(|| part.values.iter().map(|(_, it)| it.clone()).collect());
            self.missing_id(kind, &origin, &keys, part.ids, &written);
        }
        // Most packages have no id in the files.
        if written.name.is_none() || (written.id.is_none() && kind != Kind::Package) {
            texts.iter().for_each(|text| self.doubts.add(Some(kind), text));
        }
        let resource = Resource {
            kind,
            fields,
            origin,
            manifest_version: part.manifest_version,
            sound: part.sound,
            written,
            links: Links::default(),
            mark: None,
            upload: None,
            address: None,
            layers,
            overridden,
        };
        self.resources.push((first, resource));
    }

    /// Puts a fragment beside the others of its resource.
    fn join(&mut self, part: &mut Part, other: Part, first: usize) {
        let mut union = Union {
            stated: &mut part.pending.stated,
            stated_beside: &other.pending.stated,
            fragments_of: Some(part.kind),
            overlaps: Vec::new(),
        };
        union.fields(&mut part.fields, &other.fields, part.kind.fields(), &FieldPath::root());
        let overlaps = union.overlaps;
        part.sound &= other.sound && overlaps.is_empty();
        part.pending.excused.extend(other.pending.excused);
        part.pending.absent.extend(other.pending.absent);
        part.written.or(&other.written);
        part.without.extend(other.without);
        part.manifest_version = part.manifest_version.take().or(other.manifest_version);
        if part.values.is_empty() {
            part.values = other.values;
        }
        self.report_overlaps(part.kind, overlaps, first);
    }

    /// Two documents that set one field. Where they share many, one is a copy of the other, and one report is enough.
    fn report_overlaps(&mut self, kind: Kind, overlaps: Vec<Overlap>, resource: usize) {
        const FEW: usize = 3;
        let count = overlaps.len();
        let shown = if count > FEW { 1 } else { FEW };
        for Overlap { path, first, second } in overlaps.into_iter().take(shown) {
            let message = if count > FEW {
                format!("`{path}` and {} other fields are set by two documents of one {kind}", count - 1)
            } else {
                format!("`{path}` is set by two documents of one {kind}")
            };
            let help = format!(
                "keep one of the two: documents with the same id are fragments of one {kind}; another {kind} needs an id of its own"
            );
            let problem = Problem::new(&codes::EST_020, second, message)
                .label("here again")
                .related(first, "first here")
                .help(help)
                .path(&path);
            self.problems.push(problem.resource(Some(resource)));
        }
    }

    /// Whether the defaults of a resource are more than an estate may have; said once.
    fn is_too_much(&mut self, chain: &Chain) -> bool {
        let before = self.filled;
        self.filled = before.saturating_add(chain.weight);
        if self.filled <= defaults::MAX_FILLED {
            return false;
        }
        self.doubts.everything = true;
        if before <= defaults::MAX_FILLED
            && let Some(layer) = chain.layers.first()
        {
            let message = "the defaults of this estate stand for too much, taken together";
            let problem = Problem::new(&codes::EST_025, layer.origin.clone(), message);
            self.problems.push(problem.help("write long texts in the documents that need them"));
        }
        true
    }

    /// The defaults without those that the documents do not want.
    fn wanted(&mut self, chain: &Rc<Chain>, without: &[(String, Origin)], resource: usize) -> Rc<Chain> {
        if without.is_empty() {
            return chain.clone();
        }
        let mut chain = (**chain).clone();
        let found = defaults::take_out(&mut chain, without);
        for ((path, origin), _) in without.iter().zip(found).filter(|(_, found)| !found) {
            let message = format!("no default sets `{path}`");
            let problem = Problem::new(&codes::EST_024, origin.clone(), message);
            let problem = problem.help("remove the line").path_text(path.clone());
            self.problems.push(problem.resource(Some(resource)));
        }
        Rc::new(chain)
    }

    /// Defaults that reach a resource from two sides, where nothing nearer decides.
    fn conflicts(&mut self, chain: &Chain, fields: &Fields, resource: usize) {
        if chain.conflicts.is_empty() {
            return;
        }
        let mut origins = BTreeSet::new();
        places_of(fields, &mut origins);
        for (path, one, other) in &chain.conflicts {
            if origins.contains(one) || origins.contains(other) {
                let whose = "defaults of two directories, and neither is nearer";
                let problem = defaults::disagreement(path, other.clone(), one.clone(), whose);
                self.problems.push(problem.resource(Some(resource)));
            }
        }
    }

    fn missing_id(
        &mut self,
        kind: Kind,
        origin: &Origin,
        keys: &[Arc<str>],
        mapping: Option<Origin>,
        written: &part::Written,
    ) {
        let Some(field) = part::identity_field(kind) else { return };
        self.missing_ids.push(MissingId {
            kind,
            field: field.name,
            document: origin.clone(),
            mapping,
            keys: keys.iter().map(ToString::to_string).collect(),
            proposal: part::proposal(kind, self.estate, written, origin.start),
        });
    }

    /// Orders resources by their first documents, and has problems point at resources instead of parts.
    fn finish(mut self, tombstones: Vec<Declaration>) -> Composed {
        self.resources.sort_by_key(|(first, _)| *first);
        let index_of: BTreeMap<usize, usize> =
            self.resources.iter().enumerate().map(|(at, (first, _))| (*first, at)).collect();
        for problem in self.problems.iter_mut() {
            let first = problem.resource_index().and_then(|part| self.first_of.get(&part));
            problem.set_resource(first.and_then(|first| index_of.get(first)).copied());
        }
        let resources = self.resources.into_iter().map(|(_, resource)| resource).collect();
        Composed { resources, tombstones, doubts: self.doubts, missing_ids: self.missing_ids }
    }
}

/// A resource by its index, or what is written where it should be named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Found(usize),
    Written(Vec<String>),
}

fn place(environment: &Resource) -> (Place, Place) {
    let text = |fields: Option<&Fields>, names: &[&str]| {
        let texts = names.iter().map(|name| {
            let declared = fields.and_then(|fields| fields.get(name));
            declared.and_then(|declared| declared.as_text()).unwrap_or_default().to_owned()
        });
        Place::Written(texts.collect())
    };
    let provider = environment.fields.get("provider").and_then(|provider| provider.as_object());
    let names = ["cluster", "clusterId", "namespace", "namespaceId"];
    (
        environment.links.app.map_or_else(|| text(Some(&environment.fields), &["app"]), Place::Found),
        environment.links.namespace.map_or_else(|| text(provider, &names), Place::Found),
    )
}

/// Adds a part to the group with its key; one without a key stays alone.
fn add<K: Ord>(groups: &mut Vec<Vec<usize>>, known: &mut BTreeMap<K, usize>, key: Option<K>, at: usize) {
    let Some(key) = key else { return groups.push(vec![at]) };
    let group = *known.entry(key).or_insert(groups.len());
    match groups.get_mut(group) {
        Some(group) => group.push(at),
        None => groups.push(vec![at]),
    }
}

fn lay_under(
    fields: &mut Fields,
    stated: &mut Paths,
    chain: &Chain,
    kind: Kind,
) -> (Vec<crate::model::Overridden>, Paths) {
    let mut under =
        Underlay { stated, stated_below: &chain.stated, overridden: Vec::new(), taken: Paths::new() };
    under.fields(fields, &chain.fields, kind.fields(), &FieldPath::root());
    (under.overridden, under.taken)
}

fn layer(part: &Part) -> Layer {
    Layer {
        role: Role::Document,
        origin: part.origin.clone(),
        document: part.document.clone(),
        values: part::told(&part.values),
    }
}

fn places_of(fields: &Fields, origins: &mut BTreeSet<Origin>) {
    for declared in fields.values() {
        origins.insert(declared.origin.clone());
        match &declared.value {
            DeclaredValue::Object(fields) => places_of(fields, origins),
            DeclaredValue::List(list) => {
                for item in list.items.values() {
                    origins.insert(item.origin.clone());
                    places_of(&item.fields, origins);
                }
            }
            DeclaredValue::Clear
            | DeclaredValue::Scalar(_)
            | DeclaredValue::Outside(_)
            | DeclaredValue::Later(_)
            | DeclaredValue::Addresses(_) => {}
        }
    }
}

/// Looks for fields that every resource needs.
struct Missing<'a> {
    /// Those that are there and could not be read.
    excused: &'a Paths,
    help: Option<&'a str>,
    found: Vec<Problem>,
}

impl Missing<'_> {
    fn below(
        &mut self,
        fields: &Fields,
        table: &'static [Field],
        path: &FieldPath,
        holder: &str,
        origin: &Origin,
    ) {
        if self.excused.contains(path) {
            return;
        }
        for field in table.iter().filter(|field| field.need == Need::Always) {
            if !fields.contains_key(field.name) && !self.excused.contains(&path.field(field.name)) {
                self.found.push(shape::missing(field, path, holder, origin.clone(), self.help));
            }
        }
        for (name, declared) in fields {
            if let (DeclaredValue::Object(fields), Some(Shape::Object(table))) =
                (&declared.value, find(table, name).map(|field| field.shape))
            {
                self.below(fields, table, &path.field(name), &format!("`{name}`"), &declared.origin);
            }
        }
    }
}
