//! Documents → what they declare: parts of resources, defaults, tombstones.

use super::codes;
use super::defaults::{self, DEFAULTS, DefaultsOf};
use super::diagnostic::Problem;
use super::file::{SourceFile, Span};
use super::matrix::{self, Budget, Expanded, MATRIX, Missing};
use super::outside::Surroundings;
use super::part::{self, Part, Place};
use super::scalar::Meaning;
use super::settings::{self, SETTINGS};
use super::shape::Literals;
use super::suggest;
use super::tombstones::{self, Declaration};
use super::yaml::{Entry, Mapping, Node, Value};
use crate::model::{Kind, Origin};

/// The key of tombstones.
pub(super) const REMOVE: &str = "remove";
/// The key of the version of a manifest.
const VERSION: &str = "manifestVersion";
/// The version that the API knows.
const KNOWN_VERSION: &str = "2.0.0";
/// The key of the fields that no default may fill.
pub(super) const WITHOUT: &str = "withoutDefaults";

/// What all documents declare, and what may be hidden in those that could not be read.
#[derive(Default)]
pub(super) struct Declarations {
    pub(super) parts: Vec<Part>,
    pub(super) defaults: Vec<DefaultsOf>,
    pub(super) tombstones: Vec<Declaration>,
    pub(super) doubts: Doubts,
    budget: Budget,
}

/// Text that may declare something that a reference names. A reference to it is not reported, since the real mistake
/// already was.
#[derive(Default)]
pub(super) struct Doubts {
    /// A file could not be read at all.
    pub(super) everything: bool,
    /// Documents of these kinds could not be read to their end.
    all: Vec<Kind>,
    texts: Vec<(Option<Kind>, String)>,
    /// How many bytes the texts have.
    size: usize,
}

/// How much text that could not be read is searched for names. Where there is more, anything may stand in it.
const MOST_DOUBTS: usize = 128 * 1024;

impl Doubts {
    pub(super) fn add(&mut self, kind: Option<Kind>, text: &str) {
        self.size = self.size.saturating_add(text.len());
        if self.size > MOST_DOUBTS {
            self.everything = true;
            self.texts.clear();
        } else {
            self.texts.push((kind, text.to_lowercase()));
        }
    }

    /// Whether what could not be read may be a fragment of the resource with this id, or defaults.
    pub(super) fn may_complete(&self, id: Option<&str>) -> bool {
        let id = id.map(str::to_lowercase);
        let holds = |text: &str| text.contains(DEFAULTS) || id.as_ref().is_some_and(|id| text.contains(id));
        self.everything || self.texts.iter().any(|(of, text)| of.is_none() && holds(text))
    }

    /// Whether a resource of this kind and name or id may be declared where nothing could be read.
    pub(super) fn may_hold(&self, kind: Kind, name: &str) -> bool {
        let name = name.to_lowercase();
        let fits = |of: &Option<Kind>| of.is_none_or(|of| of == kind);
        self.everything
            || self.all.contains(&kind)
            || self.texts.iter().any(|(of, text)| fits(of) && text.contains(&name))
    }
}

/// What the documents of one estate share.
pub(super) struct Context<'a> {
    pub(super) surroundings: &'a Surroundings<'a>,
    pub(super) literals: Literals,
    pub(super) estate: &'a str,
}

/// Reads one document that is not the settings.
pub(super) fn read(
    file: &SourceFile,
    root: &Node,
    span: Span,
    context: &Context<'_>,
    declarations: &mut Declarations,
    problems: &mut Vec<Problem>,
) {
    let Some(mapping) = root.mapping() else {
        if !root.is_null() {
            declarations.doubts.add(None, file.slice(span));
            if !matches!(&*root.value, Value::Broken) {
                let message = format!("a document has to be a mapping, not {}", root.words());
                let problem = Problem::new(&codes::SHAPE_009, file.origin(root.span), message);
                problems.push(problem.help(
                    "start it with `cluster:`, `namespace:`, `app:`, `package:`, `environment:`, `cloudApp:` or `remove:`",
                ));
            }
        }
        return;
    };
    if !mapping.complete {
        declarations.doubts.add(None, file.slice(span));
    }
    check_top(file, mapping, span, &mut declarations.doubts, problems);
    let document = Document { file, mapping, span, context };
    for entry in &mapping.entries {
        if &*entry.key == REMOVE {
            tombstones::declare(file, entry, context, &mut declarations.tombstones, problems);
        } else if &*entry.key == DEFAULTS {
            defaults::read(file, entry, span, context, declarations, problems);
        } else if let Some(kind) = Kind::from_name(&entry.key) {
            document.resource(kind, entry, declarations, problems);
        }
    }
}

/// An id that a mapping from values lacks.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Lacking {
    missing: Missing,
    /// The values that it lacks it for.
    values: Vec<(String, String)>,
    /// An id that is free.
    free: Option<String>,
}

/// A document that declares a resource.
struct Document<'a> {
    file: &'a SourceFile,
    mapping: &'a Mapping,
    span: Span,
    context: &'a Context<'a>,
}

impl Document<'_> {
    /// Reads the body of a resource, once for each choice of values of a matrix.
    fn resource(
        &self,
        kind: Kind,
        entry: &Entry,
        declarations: &mut Declarations,
        problems: &mut Vec<Problem>,
    ) {
        let Some(at) = self.mapping.get(MATRIX) else {
            return self.part(kind, entry, declarations, problems);
        };
        let expanded = matrix::read(self.file, at, problems).and_then(|matrix| {
            matrix.expand(self.file, at, entry, kind.fields(), &mut declarations.budget, problems)
        });
        let Some(expanded) = expanded else {
            // Whatever a reference names may be among what this would have become.
            return declarations.doubts.all.push(kind);
        };
        let first = declarations.parts.len();
        let mut missing = Vec::new();
        for Expanded { values, entry, missing: lacking, repeated } in expanded {
            let index = declarations.parts.len();
            self.part(kind, &entry, declarations, problems);
            let Some(part) = declarations.parts.get_mut(index) else { continue };
            for (earlier, later) in repeated {
                let message = "the variables make this key equal to another one of the mapping";
                let problem = Problem::new(&codes::YAML_004, self.file.origin(later), message)
                    .label("here again")
                    .related(self.file.origin(earlier), "first here")
                    .help("use other keys, or put the items of one plant into a document of their own");
                problems.push(problem.resource(Some(index)));
            }
            part.values = values;
            part.ids = ids(self.file, kind, self.mapping);
            let is_own = |missing: &&Missing| {
                part::identity_field(kind).is_some_and(|field| field.name == missing.field)
            };
            part.id_keys = lacking.iter().find(is_own).map(|missing| missing.keys.clone());
            let start = entry.key_span.start;
            let free = part::proposal(kind, self.context.estate, &part.written, start);
            let values = part::told(&part.values);
            missing.extend(lacking.into_iter().map(|missing| Lacking {
                missing,
                values: values.clone(),
                free: free.clone(),
            }));
        }
        self.report_missing(kind, entry, missing, problems);
        let lacks_id = kind != Kind::Package
            && declarations.parts.get(first).is_some_and(|part| part.written.id.is_none());
        if lacks_id {
            declarations.doubts.all.push(kind);
        }
    }

    fn part(&self, kind: Kind, entry: &Entry, declarations: &mut Declarations, problems: &mut Vec<Problem>) {
        // Read again for each choice of values, reported once all the same.
        let version = self.mapping.get(VERSION).and_then(|entry| self::version(self.file, entry, problems));
        let place = Place { file: self.file, kind, entry, document: self.span };
        let mut part = part::shape(&place, self.context, Some(declarations.parts.len()), problems);
        part.manifest_version = version;
        part.without = self
            .mapping
            .get(WITHOUT)
            .map_or_else(Vec::new, |entry| defaults::without(self.file, entry, kind, problems));
        declarations.parts.push(part);
    }

    /// Reports ids that a mapping from values lacks, all of one mapping at once.
    fn report_missing(
        &self,
        kind: Kind,
        body: &Entry,
        mut lacking: Vec<Lacking>,
        problems: &mut Vec<Problem>,
    ) {
        lacking.sort();
        let place = |lacking: &Lacking| (lacking.missing.field, lacking.missing.mapping);
        for group in lacking.chunk_by(|a, b| place(a) == place(b)) {
            let Some(Lacking { missing: first, .. }) = group.first() else { continue };
            let message = format!("`{}` has no value", first.field);
            let is_own = part::identity_field(kind).is_some_and(|field| field.name == first.field);
            let lines = group.iter().take(SHOWN).filter_map(|Lacking { missing, values: _, free }| {
                let free = free.as_deref().filter(|_| is_own)?;
                let (last, outer) = missing.keys.split_last()?;
                let line = format!("{last}: {free}");
                Some(outer.iter().rev().fold(format!("`{line}`"), |line, key| {
                    format!("`{key}: {{{}}}`", line.trim_matches('`'))
                }))
            });
            let lines: Vec<String> = lines.collect();
            let help = if lines.is_empty() {
                "write one for each value".to_owned()
            } else {
                format!("choose them, once; these are free:\n{}", lines.join("\n"))
            };
            let span = if first.mapping.is_empty() { body.key_span } else { first.mapping };
            let problem = Problem::new(&codes::SHAPE_024, self.file.origin(span), message).help(help);
            let mut problem = problem.path_text(first.field.to_owned());
            group.iter().for_each(|lacking| problem.add_values(lacking.values.clone()));
            problems.push(problem);
        }
    }
}

/// How many of many things a message shows.
const SHOWN: usize = 8;

/// Some texts, not too many.
pub(super) fn several(texts: &[String], separator: &str) -> String {
    let shown: Vec<&str> = texts.iter().take(SHOWN).map(String::as_str).collect();
    let more = texts.len() - shown.len();
    let shown = shown.join(separator);
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// Where the mapping from values to ids stands.
fn ids(file: &SourceFile, kind: Kind, document: &Mapping) -> Option<Origin> {
    let body = document.get(kind.name())?.node.mapping()?;
    let ids = &body.get(part::identity_field(kind)?.name)?.node;
    ids.mapping().map(|_| file.origin(ids.span))
}

/// Whether a key says what a document declares.
fn is_subject(key: &str) -> bool {
    Kind::from_name(key).is_some() || key == REMOVE || key == DEFAULTS
}

/// Checks the keys of a document: known ones only, and one that says what it declares.
fn check_top(
    file: &SourceFile,
    mapping: &Mapping,
    span: Span,
    doubts: &mut Doubts,
    problems: &mut Vec<Problem>,
) {
    let mut unknown = false;
    let mut first: Option<&Entry> = None;
    for entry in &mapping.entries {
        let key = &*entry.key;
        let origin = file.origin(entry.key_span);
        if is_subject(key) {
            match first {
                None => first = Some(entry),
                Some(first) => problems.push(
                    Problem::new(
                        &codes::SHAPE_009,
                        origin,
                        format!("the document has the key `{}` already", first.key),
                    )
                    .related(file.origin(first.key_span), "here")
                    .help("separate the two by a line `---`"),
                ),
            }
        } else if key == MATRIX || key == WITHOUT {
            let is_resource = mapping.entries.iter().any(|entry| Kind::from_name(&entry.key).is_some());
            if !is_resource {
                unknown = true;
                let message = format!("`{key}` stands beside the key of a resource");
                let problem = Problem::new(&codes::SHAPE_009, origin, message);
                problems.push(problem.help("write `environment:`, or another kind, in the same document"));
            }
        } else if key != VERSION {
            unknown = true;
            problems.push(unknown_top(key, origin));
        }
    }
    if first.is_none() {
        doubts.add(None, file.slice(span));
    }
    if first.is_none() && !unknown && mapping.complete {
        let at = mapping.entries.first().map_or(span, |entry| entry.key_span);
        let problem = Problem::new(&codes::SHAPE_009, file.origin(at), "the document declares nothing");
        problems.push(
            problem
                .help("add `cluster`, `namespace`, `app`, `package`, `environment`, `cloudApp` or `remove`"),
        );
    }
}

fn unknown_top(key: &str, origin: crate::model::Origin) -> Problem {
    if crate::model::field::find(SETTINGS, key).is_some() {
        let message = format!("`{key}` is a setting of the estate and does not belong here");
        return Problem::new(&codes::EST_004, origin, message)
            .help("settings stand in the first document of `mxkeep.yaml`");
    }
    let problem =
        Problem::new(&codes::SHAPE_001, origin, format!("unknown key `{key}` at the top of a document"));
    let words = Kind::ALL.into_iter().map(Kind::name).chain([REMOVE, DEFAULTS, MATRIX, WITHOUT, VERSION]);
    let nearest = suggest::did_you_mean(key, words, "it may be");
    problem.help(nearest.unwrap_or_default()).path_text(key.to_owned())
}

fn version(file: &SourceFile, entry: &Entry, problems: &mut Vec<Problem>) -> Option<String> {
    let scalar = entry.node.scalar().filter(|scalar| scalar.meaning == Meaning::Text);
    if let Some(scalar) = scalar.filter(|scalar| scalar.text == KNOWN_VERSION) {
        return Some(scalar.text.clone());
    }
    if !matches!(&*entry.node.value, Value::Broken) {
        let span = if entry.node.span.is_empty() { entry.key_span } else { entry.node.span };
        let message = format!("the only known `{VERSION}` is {KNOWN_VERSION}");
        let problem = Problem::new(&codes::ENV_01, file.origin(span), message);
        let help = format!("write `{VERSION}: {KNOWN_VERSION}`, or leave it out");
        problems.push(problem.help(help).path_text(VERSION.to_owned()));
    }
    None
}

/// Whether a document is meant to be the settings: it has a key of theirs.
pub(super) fn is_settings(root: &Node) -> bool {
    root.mapping().is_some_and(|mapping| {
        mapping
            .entries
            .iter()
            .any(|entry| crate::model::field::find(settings::SETTINGS, &entry.key).is_some())
    })
}

/// Whether a document declares something.
pub(super) fn declares(root: &Node) -> bool {
    root.mapping().is_some_and(|mapping| {
        mapping.entries.iter().any(|entry| is_subject(&entry.key) || [MATRIX, WITHOUT].contains(&&*entry.key))
    })
}
