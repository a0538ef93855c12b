//! `defaults`: fields for every document of a kind in a directory and below it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::codes;
use super::diagnostic::Problem;
use super::documents::{Context, Declarations};
use super::file::{SourceFile, Span};
use super::merge::{self, Overlap, Paths, Underlay, Union};
use super::part::{self, Part, Place, Written};
use super::scalar::Meaning;
use super::settings;
use super::suggest;
use super::yaml::{Entry, Value};
use crate::model::field::{Field, ListMode, Shape, find};
use crate::model::{Declared, DeclaredValue, FieldPath, Fields, Kind, Layer, Origin, Overridden, Role};

/// How much defaults may stand for in all resources of an estate together, so that a few large files cannot grow
/// beyond all bounds: values, each with its text counted in pieces of [`PIECE`] bytes.
pub(super) const MAX_FILLED: usize = 4_000_000;
const PIECE: usize = 64;

/// The key of defaults.
pub(super) const DEFAULTS: &str = "defaults";

/// What one document says about all resources of one kind.
#[derive(Debug)]
pub(super) struct DefaultsOf {
    /// The directory, without a slash at its end; empty for that of the estate.
    directory: String,
    part: Part,
}

/// The directory of a file.
pub(super) fn directory_of(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// Whether a directory is another one or holds it.
fn holds(outer: &str, inner: &str) -> bool {
    outer.is_empty() || inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Reads a document of defaults. Its mistakes are reported here, once, and not for each resource.
pub(super) fn read(
    file: &SourceFile,
    entry: &Entry,
    document: Span,
    context: &Context<'_>,
    declarations: &mut Declarations,
    problems: &mut Vec<Problem>,
) {
    let span = if entry.node.span.is_empty() { entry.key_span } else { entry.node.span };
    let Some(mapping) = entry.node.mapping() else {
        declarations.doubts.add(None, file.slice(document));
        if !matches!(&*entry.node.value, Value::Broken) {
            let message = format!("`{DEFAULTS}` wants a mapping, not {}", entry.node.words());
            let problem = Problem::new(&codes::SHAPE_002, file.origin(span), message);
            problems.push(
                problem.help("write fields below a kind: `defaults: {environment: {container: {size: M}}}`"),
            );
        }
        return;
    };
    if !mapping.complete {
        declarations.doubts.add(None, file.slice(document));
    }
    for entry in &mapping.entries {
        let Some(kind) = Kind::from_name(&entry.key) else {
            let message = format!("unknown key `{}` in `{DEFAULTS}`", entry.key);
            let problem = Problem::new(&codes::SHAPE_001, file.origin(entry.key_span), message);
            let help = suggest::did_you_mean(&entry.key, Kind::ALL.into_iter().map(Kind::name), "kinds are");
            problems
                .push(problem.help(help.unwrap_or_default()).path_text(format!("{DEFAULTS}.{}", entry.key)));
            continue;
        };
        let place = Place { file, kind, entry, document };
        let mut part = part::shape(&place, context, None, problems);
        if let Some(id) = part::identity_field(kind) {
            if let Some(given) = entry.node.mapping().and_then(|body| body.get(id.name)) {
                let message = format!("`{}` names one {kind} and cannot be a default", id.name);
                let problem = Problem::new(&codes::EST_023, file.origin(given.key_span), message);
                let help = format!("write it in the document of the {kind}");
                problems.push(problem.help(help).path_text(format!("{DEFAULTS}.{kind}.{}", id.name)));
            }
            part.fields.remove(id.name);
            part.written.id = None;
        }
        declarations.defaults.push(DefaultsOf { directory: directory_of(file.name()).to_owned(), part });
    }
}

/// Reads `withoutDefaults`: the fields that no default may fill.
pub(super) fn without(
    file: &SourceFile,
    entry: &Entry,
    kind: Kind,
    problems: &mut Vec<Problem>,
) -> Vec<(String, Origin)> {
    let wrong = |span: Span, message: String, help: String| {
        let span = if span.is_empty() { entry.key_span } else { span };
        let problem = Problem::new(&codes::SHAPE_002, file.origin(span), message).help(help);
        problem.path_text(entry.key.to_string())
    };
    let example = "write paths of fields: `withoutDefaults: [container.size]`";
    let Value::Sequence(nodes) = &*entry.node.value else {
        if !matches!(&*entry.node.value, Value::Broken) {
            let message = format!("`{}` wants a list, not {}", entry.key, entry.node.words());
            problems.push(wrong(entry.node.span, message, example.to_owned()));
        }
        return Vec::new();
    };
    let known = settings::paths([kind], Field::is_declarable);
    let mut paths = Vec::new();
    for node in nodes {
        let text = node.scalar().filter(|scalar| scalar.meaning == Meaning::Text);
        let Some(text) = text.map(|scalar| scalar.text.as_str()) else {
            if !matches!(&*node.value, Value::Broken) {
                let message = format!("a path has to be text, not {}", node.words());
                problems.push(wrong(node.span, message, example.to_owned()));
            }
            continue;
        };
        let plain = settings::without_brackets(text);
        if known.contains(&plain) {
            paths.push((text.to_owned(), file.origin(node.span)));
            continue;
        }
        let nearest = suggest::nearest(&plain, known.iter().map(String::as_str));
        let help = nearest.map_or_else(|| example.to_owned(), |path| format!("did you mean `{path}`?"));
        let problem =
            Problem::new(&codes::EST_003, file.origin(node.span), format!("no field has the path `{text}`"));
        problems.push(problem.help(help).path_text(entry.key.to_string()));
    }
    paths
}

/// All defaults that apply to a resource, laid over each other.
#[derive(Debug, Default, Clone)]
pub(super) struct Chain {
    pub(super) fields: Fields,
    pub(super) stated: Paths,
    pub(super) excused: Paths,
    pub(super) overridden: Vec<Overridden>,
    pub(super) written: Written,
    /// Nearest first.
    pub(super) layers: Vec<Layer>,
    /// How much filling them in costs.
    pub(super) weight: usize,
    /// What defaults of directories say of which neither holds the other.
    pub(super) conflicts: Vec<(FieldPath, Origin, Origin)>,
}

/// The defaults of one kind in one directory.
#[derive(Debug)]
struct Link {
    kind: Kind,
    directory: String,
    chain: Chain,
    /// `absent: true` in exact lists.
    absent: Vec<(FieldPath, Problem)>,
    /// The keys of the kind, to say where defaults stand that apply to nothing.
    origins: Vec<Origin>,
}

/// The defaults of an estate.
pub(super) struct AllDefaults {
    links: Vec<Link>,
    cache: BTreeMap<(Kind, BTreeSet<String>), Rc<Chain>>,
    used: BTreeSet<(Kind, String)>,
}

impl AllDefaults {
    /// Puts the documents of each directory together; two of them that set one field are an error.
    pub(super) fn new(documents: Vec<DefaultsOf>, problems: &mut Vec<Problem>) -> AllDefaults {
        let mut links: Vec<Link> = Vec::new();
        for DefaultsOf { directory, part } in documents {
            let layer = Layer {
                role: Role::Defaults,
                origin: part.origin.clone(),
                document: part.document.clone(),
                values: Vec::new(),
            };
            let at = links.iter().position(|link| link.kind == part.kind && link.directory == directory);
            let Some(link) = at.and_then(|at| links.get_mut(at)) else {
                let chain = Chain {
                    fields: part.fields,
                    stated: part.pending.stated,
                    excused: part.pending.excused,
                    written: part.written,
                    layers: vec![layer],
                    ..Chain::default()
                };
                let origins = vec![part.origin];
                links.push(Link { kind: part.kind, directory, chain, absent: part.pending.absent, origins });
                continue;
            };
            let overlaps = beside(&mut link.chain, &part.fields, &part.pending.stated, part.kind);
            for Overlap { path, first, second } in overlaps {
                problems.push(disagreement(&path, second, first, "two defaults of one directory"));
            }
            link.chain.excused.extend(part.pending.excused);
            link.chain.written.or(&part.written);
            link.chain.layers.push(layer);
            link.absent.extend(part.pending.absent);
            link.origins.push(part.origin);
        }
        AllDefaults { links, cache: BTreeMap::new(), used: BTreeSet::new() }
    }

    /// The defaults for a resource whose documents stand in these directories.
    pub(super) fn chain(
        &mut self,
        kind: Kind,
        directories: &BTreeSet<String>,
        problems: &mut Vec<Problem>,
    ) -> Rc<Chain> {
        let key = (kind, directories.clone());
        if let Some(chain) = self.cache.get(&key) {
            return chain.clone();
        }
        let mut links: Vec<&Link> = self
            .links
            .iter()
            .filter(|link| link.kind == kind && directories.iter().any(|inner| holds(&link.directory, inner)))
            .collect();
        // Nearest first; of two that are equally near, either, since what both set is reported.
        links.sort_by_key(|link| (std::cmp::Reverse(depth(&link.directory)), link.directory.clone()));
        self.used.extend(links.iter().map(|link| (kind, link.directory.clone())));
        let chain = Rc::new(fold(&links, kind, problems));
        self.cache.insert(key, chain.clone());
        chain
    }

    /// Warns of defaults that apply to nothing.
    pub(super) fn report_unused(&self, problems: &mut Vec<Problem>) {
        for link in &self.links {
            if self.used.contains(&(link.kind, link.directory.clone())) {
                continue;
            }
            let place = match link.directory.as_str() {
                "" => "this estate".to_owned(),
                directory => format!("`{directory}` or below"),
            };
            for origin in &link.origins {
                let message = format!("these defaults apply to nothing: no {} in {place}", link.kind);
                let problem = Problem::new(&codes::EST_022, origin.clone(), message);
                problems.push(problem.help(
                    "defaults apply to documents in their own directory and below; move or remove them",
                ));
            }
        }
    }
}

fn depth(directory: &str) -> usize {
    if directory.is_empty() { 0 } else { directory.split('/').count() }
}

/// Lays the defaults of all directories over each other, nearest first.
fn fold(links: &[&Link], kind: Kind, problems: &mut Vec<Problem>) -> Chain {
    let mut chain = Chain::default();
    let mut taken = Paths::new();
    for (at, link) in links.iter().enumerate() {
        for nearer in links.iter().take(at).filter(|nearer| !holds(&link.directory, &nearer.directory)) {
            let overlaps = beside(&mut nearer.chain.clone(), &link.chain.fields, &link.chain.stated, kind);
            chain
                .conflicts
                .extend(overlaps.into_iter().map(|Overlap { path, first, second }| (path, first, second)));
        }
        let mut under = Underlay {
            stated: &mut chain.stated,
            stated_below: &link.chain.stated,
            overridden: Vec::new(),
            taken: Paths::new(),
        };
        under.fields(&mut chain.fields, &link.chain.fields, kind.fields(), &FieldPath::root());
        let Underlay { overridden, taken: more, .. } = under;
        chain.overridden.extend(overridden);
        taken.extend(more);
        chain.excused.extend(link.chain.excused.iter().cloned());
        chain.written.or(&link.chain.written);
        chain.layers.extend(link.chain.layers.iter().cloned());
    }
    let absent = links.iter().flat_map(|link| &link.absent);
    settle(&mut chain.fields, kind, absent, &taken, problems);
    let replaced = chain.overridden.iter().map(|overridden| weight_of(&overridden.declared));
    chain.weight = weight(&chain.fields).saturating_add(replaced.sum());
    chain
}

fn weight(fields: &Fields) -> usize {
    fields.values().map(weight_of).sum()
}

fn weight_of(declared: &Declared) -> usize {
    let below = match &declared.value {
        DeclaredValue::Object(fields) => weight(fields),
        DeclaredValue::List(list) => list.items.values().map(|item| 1 + weight(&item.fields)).sum(),
        DeclaredValue::Addresses(list) => list.len(),
        DeclaredValue::Scalar(value) => value.as_str().map_or(0, str::len) / PIECE,
        DeclaredValue::Outside(outside) => outside.expose().map_or(0, str::len) / PIECE,
        DeclaredValue::Clear | DeclaredValue::Later(_) => 0,
    };
    below + 1
}

/// Drops absent items of exact lists, and reports those that had nothing to take out.
pub(super) fn settle<'a>(
    fields: &mut Fields,
    kind: Kind,
    absent: impl Iterator<Item = &'a (FieldPath, Problem)>,
    taken: &Paths,
    problems: &mut Vec<Problem>,
) {
    let mut dropped = Paths::new();
    drop_absent(fields, kind.fields(), &FieldPath::root(), &mut dropped);
    for (path, problem) in absent {
        if dropped.contains(path) && !taken.contains(path) {
            problems.push(problem.clone());
        }
    }
}

fn drop_absent(fields: &mut Fields, table: &'static [Field], path: &FieldPath, dropped: &mut Paths) {
    for (name, declared) in fields {
        let path = path.field(name);
        match (&mut declared.value, find(table, name).map(|field| field.shape)) {
            (DeclaredValue::Object(fields), Some(Shape::Object(table))) => {
                drop_absent(fields, table, &path, dropped);
            }
            (DeclaredValue::List(list), Some(Shape::List(shape))) => {
                if list.mode == ListMode::Exact && shape.spared.is_none() {
                    list.items.retain(|key, item| {
                        if item.absent {
                            dropped.insert(path.item(key.clone()));
                        }
                        !item.absent
                    });
                }
                for (key, item) in &mut list.items {
                    drop_absent(&mut item.fields, shape.items, &path.item(key.clone()), dropped);
                }
            }
            _ => {}
        }
    }
}

/// Puts more defaults beside those of the same directory.
fn beside(chain: &mut Chain, fields: &Fields, stated: &Paths, kind: Kind) -> Vec<Overlap> {
    let mut union =
        Union { stated: &mut chain.stated, stated_beside: stated, fragments_of: None, overlaps: Vec::new() };
    union.fields(&mut chain.fields, fields, kind.fields(), &FieldPath::root());
    union.overlaps
}

/// That two defaults of equal standing set one field.
pub(super) fn disagreement(path: &FieldPath, here: Origin, first: Origin, whose: &str) -> Problem {
    Problem::new(&codes::EST_021, here, format!("`{path}` is set by {whose}"))
        .label("here again")
        .related(first, "first here")
        .help("remove one of the two, or set the field in a directory that is nearer")
        .path(path)
}

/// Takes the fields out that a document does not want, and says which of them there were.
pub(super) fn take_out(chain: &mut Chain, without: &[(String, Origin)]) -> Vec<bool> {
    let mut found = Vec::new();
    for (wanted, _) in without {
        let is_there = merge::take_out(&mut chain.fields, &FieldPath::root(), wanted);
        chain.overridden.retain(|overridden| {
            let path = overridden.path.to_string();
            path != *wanted
                && !path.strip_prefix(wanted.as_str()).is_some_and(|rest| rest.starts_with(['.', '[']))
        });
        found.push(is_there);
    }
    found
}
