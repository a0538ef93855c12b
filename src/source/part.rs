//! The body of a document, shaped by the table of its kind: one part of a resource.

use std::sync::Arc;

use uuid::Uuid;

use super::codes;
use super::diagnostic::Problem;
use super::documents::Context;
use super::file::{SourceFile, Span};
use super::scalar::Meaning;
use super::shape::{Holder, Pending, Shaper};
use super::yaml::{Entry, Node, Value};
use crate::model::field::{Field, Format, Need, Owner, Shape};
use crate::model::{FieldPath, Fields, Kind, Origin};

/// The namespace of the ids that help texts propose, so that a proposal is the same in every run.
const PROPOSALS: Uuid = Uuid::from_bytes(*b"mxkeep proposals");

/// The values of the variables of a `matrix`, ordered by name.
pub(super) type Values = Vec<(Arc<str>, Arc<str>)>;

/// Values as texts, for those who tell of them.
pub(super) fn told(values: &Values) -> Vec<(String, String)> {
    values.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

/// What one document says about one resource.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) kind: Kind,
    pub(super) fields: Fields,
    /// The key that names its kind.
    pub(super) origin: Origin,
    /// The whole document.
    pub(super) document: Origin,
    pub(super) manifest_version: Option<String>,
    /// Whether the document has no errors.
    pub(super) sound: bool,
    pub(super) written: Written,
    pub(super) pending: Pending,
    pub(super) identity_help: Option<String>,
    /// Fields that no default may fill, as written.
    pub(super) without: Vec<(String, Origin)>,
    pub(super) values: Values,
    /// The mapping from values to ids, where the document has one.
    pub(super) ids: Option<Origin>,
    /// The keys under which that mapping lacks an id, outermost first.
    pub(super) id_keys: Option<Vec<Arc<str>>>,
    /// The text, in which a name or id may be hidden.
    pub(super) text: Arc<str>,
}

/// Where a part stands.
pub(super) struct Place<'a> {
    pub(super) file: &'a SourceFile,
    pub(super) kind: Kind,
    /// The key of the kind and what is below it.
    pub(super) entry: &'a Entry,
    pub(super) document: Span,
}

/// Shapes the body of a document. Problems are about the part with this index, until it is known which resource
/// that is.
pub(super) fn shape(
    place: &Place<'_>,
    context: &Context<'_>,
    index: Option<usize>,
    problems: &mut Vec<Problem>,
) -> Part {
    let Place { file, kind, entry, document } = *place;
    let before = problems.len();
    let mut fields = Fields::new();
    let mut pending = Pending::default();
    let written = Written::of(kind, &entry.node);
    let mut shaper = Shaper {
        file,
        problems,
        surroundings: context.surroundings,
        literals: context.literals,
        outside_allowed: true,
        resource: index,
        table: kind.fields(),
        identity_help: identity_help(kind, context.estate, &written, entry.key_span.start),
        pending: Some(&mut pending),
    };
    match entry.node.mapping() {
        Some(mapping) => {
            let name = format!("`{kind}`");
            let holder = Holder { name: &name, span: entry.key_span, besides: None, is_item: false };
            fields = shaper.fields(mapping, kind.fields(), Fields::new(), &FieldPath::root(), &holder);
        }
        None if matches!(&*entry.node.value, Value::Broken) => {}
        None => {
            let message = format!("`{kind}` wants a mapping, not {}", entry.node.words());
            let span = if entry.node.span.is_empty() { entry.key_span } else { entry.node.span };
            let problem = Problem::new(&codes::SHAPE_002, file.origin(span), message).resource(index);
            shaper.problems.push(problem.help(format!("indent the fields of the {kind} below the key")));
        }
    }
    let identity_help = shaper.identity_help.take();
    if entry.node.mapping().is_none() {
        pending.excused.insert(FieldPath::root());
    }
    let sound = !problems.iter().skip(before).any(Problem::is_error)
        && entry.node.mapping().is_some_and(|mapping| mapping.complete);
    Part {
        kind,
        fields,
        origin: file.origin(entry.key_span),
        document: file.origin(document),
        manifest_version: None,
        sound,
        written,
        pending,
        identity_help,
        without: Vec::new(),
        values: Values::new(),
        ids: None,
        id_keys: None,
        text: file.slice(entry.key_span.to(entry.node.span)).into(),
    }
}

/// What a document says about who it is, read even where other parts of it are wrong.
#[derive(Debug, Default, Clone)]
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
    /// What is not said here is taken from there.
    pub(super) fn or(&mut self, other: &Written) {
        let fill = |own: &mut Option<String>, other: &Option<String>| {
            if own.is_none() {
                own.clone_from(other);
            }
        };
        fill(&mut self.id, &other.id);
        fill(&mut self.name, &other.name);
        fill(&mut self.parent, &other.parent);
        self.provider.extend(other.provider.iter().cloned());
    }

    pub(super) fn of(kind: Kind, node: &Node) -> Written {
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

/// The field by which resources of a kind are known.
pub(super) fn identity_field(kind: Kind) -> Option<&'static Field> {
    kind.fields().iter().find(|field| field.owner == Owner::Identity && field.need == Need::Always)
}

/// An id that is free. It depends on nothing but the names, so that it stays the same.
pub(super) fn proposal(kind: Kind, estate: &str, written: &Written, start: usize) -> Option<String> {
    if !kind.is_created() {
        return None;
    }
    let name = written.name.clone().unwrap_or_else(|| start.to_string());
    let parent = written.parent.as_deref().unwrap_or_default();
    let id = Uuid::new_v5(&PROPOSALS, format!("{estate}/{kind}/{parent}/{name}").as_bytes());
    Some(match identity_field(kind)?.shape {
        // One to eight letters and digits, starting with a letter, suit every tool (ID-05).
        Shape::Text(Format::EnvironmentId) => format!("e{}", &id.simple().to_string().get(..7)?),
        _ => id.to_string(),
    })
}

/// What to write where the id is missing.
fn identity_help(kind: Kind, estate: &str, written: &Written, start: usize) -> Option<String> {
    let field = identity_field(kind)?.name;
    Some(match proposal(kind, estate, written, start) {
        Some(id) => format!(
            "choose one, once; this one is free:\n`{field}: {id}`\nor let `mxkeep id --write` put ids into the files"
        ),
        None => format!("copy the App ID that the Developer Portal shows: `{field}: …`"),
    })
}
