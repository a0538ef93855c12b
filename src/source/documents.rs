//! Documents → what they declare: resources, tombstones, settings.

use uuid::Uuid;

use super::codes;
use super::diagnostic::Problem;
use super::file::{SourceFile, Span};
use super::outside::Surroundings;
use super::resource::Resource;
use super::scalar::Meaning;
use super::settings::{self, SETTINGS};
use super::shape::{Holder, Literals, Shaper};
use super::suggest;
use super::tombstones::{self, Declaration};
use super::yaml::{Entry, Mapping, Node, Value};
use crate::model::{FieldPath, Fields, Kind};

/// The key of tombstones.
pub(super) const REMOVE: &str = "remove";
/// The key of the version of a manifest.
const VERSION: &str = "manifestVersion";
/// The version that the API knows.
const KNOWN_VERSION: &str = "2.0.0";

/// The namespace of the ids that help texts propose, so that a proposal is the same in every run.
const PROPOSALS: Uuid = Uuid::from_bytes(*b"mxkeep proposals");

/// What all documents declare, and what may be hidden in those that could not be read.
#[derive(Default)]
pub(super) struct Declarations {
    pub(super) resources: Vec<Resource>,
    pub(super) tombstones: Vec<Declaration>,
    pub(super) doubts: Doubts,
}

/// Text that may declare something that a reference names. A reference to it is not reported, since the real mistake
/// already was.
#[derive(Default)]
pub(super) struct Doubts {
    /// A file could not be read at all.
    pub(super) everything: bool,
    texts: Vec<(Option<Kind>, String)>,
}

impl Doubts {
    pub(super) fn add(&mut self, kind: Option<Kind>, text: &str) {
        self.texts.push((kind, text.to_lowercase()));
    }

    /// Whether a resource of this kind and name or id may be declared where nothing could be read.
    pub(super) fn may_hold(&self, kind: Kind, name: &str) -> bool {
        let name = name.to_lowercase();
        let fits = |of: &Option<Kind>| of.is_none_or(|of| of == kind);
        self.everything || self.texts.iter().any(|(of, text)| fits(of) && text.contains(&name))
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
    let version = mapping.get(VERSION).and_then(|entry| self::version(file, entry, problems));
    for entry in &mapping.entries {
        if &*entry.key == REMOVE {
            tombstones::declare(file, entry, context, &mut declarations.tombstones, problems);
        } else if let Some(kind) = Kind::from_name(&entry.key) {
            resource(file, kind, entry, version.as_deref(), context, declarations, problems);
        }
    }
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
        if Kind::from_name(key).is_some() || key == REMOVE {
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
    let words = Kind::ALL.into_iter().map(Kind::name).chain([REMOVE, VERSION]);
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

/// Reads the body of a resource.
fn resource(
    file: &SourceFile,
    kind: Kind,
    entry: &Entry,
    version: Option<&str>,
    context: &Context<'_>,
    declarations: &mut Declarations,
    problems: &mut Vec<Problem>,
) {
    let before = problems.len();
    let index = declarations.resources.len();
    let mut fields = Fields::new();
    let written = Written::of(kind, &entry.node);
    let mut shaper = Shaper {
        file,
        problems,
        surroundings: context.surroundings,
        literals: context.literals,
        outside_allowed: true,
        resource: Some(index),
        table: kind.fields(),
        identity_help: identity_help(kind, context.estate, &written, entry),
    };
    match entry.node.mapping() {
        Some(mapping) => {
            let name = format!("`{kind}`");
            let holder = Holder { name: &name, span: entry.key_span, besides: None };
            fields = shaper.fields(mapping, kind.fields(), Fields::new(), &FieldPath::root(), &holder);
        }
        None if matches!(&*entry.node.value, Value::Broken) => {}
        None => {
            let message = format!("`{kind}` wants a mapping, not {}", entry.node.words());
            let span = if entry.node.span.is_empty() { entry.key_span } else { entry.node.span };
            let problem = Problem::new(&codes::SHAPE_002, file.origin(span), message).resource(Some(index));
            problems.push(problem.help(format!("indent the fields of the {kind} below the key")));
        }
    }
    let sound = !problems.iter().skip(before).any(Problem::is_error)
        && entry.node.mapping().is_some_and(|mapping| mapping.complete);
    // Most packages have no id in the files.
    if written.name.is_none() || (written.id.is_none() && kind != Kind::Package) {
        declarations.doubts.add(Some(kind), file.slice(entry.key_span.to(entry.node.span)));
    }
    declarations.resources.push(Resource {
        kind,
        fields,
        origin: file.origin(entry.key_span),
        manifest_version: version.map(str::to_owned),
        sound,
        written,
        links: super::resource::Links::default(),
        mark: None,
        upload: None,
        address: None,
    });
}

/// What a document says about who it is, read even where other parts of it are wrong.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// The id, where there is one in the right place.
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    /// The text of the reference to the parent: cluster or app.
    pub(super) parent: Option<String>,
    /// The keys of `provider`, also of values that could not be read.
    pub(super) provider: Vec<String>,
}

impl Written {
    fn of(kind: Kind, node: &Node) -> Written {
        let text = |path: &[&str]| {
            let mut node = node.clone();
            for key in path {
                node = node.mapping()?.get(key)?.node.clone();
            }
            let scalar = node.scalar()?;
            (scalar.meaning != Meaning::Null && !scalar.text.trim().is_empty()).then(|| scalar.text.clone())
        };
        let (id, name, parent): (&[&str], &[&str], &[&str]) = match kind {
            Kind::Cluster => (&["clusterId"], &["name"], &[]),
            Kind::Namespace => (&["namespaceId"], &["name"], &["cluster"]),
            Kind::App | Kind::CloudApp => (&["appId"], &["name"], &[]),
            Kind::Package => (&["packageId"], &["name"], &["app"]),
            Kind::Environment => (&["id"], &["properties", "name"], &["app"]),
        };
        let provider = node.mapping().and_then(|body| body.get("provider")?.node.mapping());
        let provider = provider.into_iter().flat_map(|provider| &provider.entries);
        Written {
            id: text(id),
            name: text(name),
            parent: if parent.is_empty() { None } else { text(parent) },
            provider: provider.map(|entry| entry.key.to_string()).collect(),
        }
    }
}

/// What to write where the id is missing. The proposal depends on nothing but the names, so that it stays the same.
fn identity_help(kind: Kind, estate: &str, written: &Written, entry: &Entry) -> Option<String> {
    if !kind.is_created() {
        return Some("copy the App ID that the Developer Portal shows: `appId: …`".to_owned());
    }
    let name = written.name.clone().unwrap_or_else(|| entry.key_span.start.to_string());
    let parent = written.parent.as_deref().unwrap_or_default();
    let id = Uuid::new_v5(&PROPOSALS, format!("{estate}/{kind}/{parent}/{name}").as_bytes());
    Some(match kind {
        Kind::Environment => {
            // One to eight letters and digits, starting with a letter, suit every tool (ID-05).
            let id: String = id.simple().to_string().chars().take(7).collect();
            format!("choose one, once; this one is free:\n`id: e{id}`")
        }
        Kind::Cluster => format!("choose one, once; this one is free:\n`clusterId: {id}`"),
        Kind::Namespace | Kind::App | Kind::Package | Kind::CloudApp => {
            format!("choose one, once; this one is free:\n`namespaceId: {id}`")
        }
    })
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
        mapping.entries.iter().any(|entry| Kind::from_name(&entry.key).is_some() || &*entry.key == REMOVE)
    })
}
