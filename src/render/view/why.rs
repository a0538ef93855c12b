//! Why fields are what they are, as far as it may be shown.

use super::{ChangeView, Place};
use crate::model::field::{Effect, Field, ListMode, Owner};
use crate::model::{Layer, Role};
use crate::plan::why::{Before, LiveSide, Verdict, Why, WhyField};
use crate::render::sanitise::{Message, Name};

/// Why the fields of one resource are what they are.
#[derive(Debug, Clone, PartialEq)]
pub struct WhyView {
    /// The resource.
    pub address: Name,
    /// What is known of its live side.
    pub live: LiveSide,
    /// The documents and defaults that it is made of, nearest first.
    pub layers: Vec<LayerView>,
    /// The fields.
    pub fields: Vec<WhyFieldView>,
}

/// A part of the files that a resource is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerView {
    /// `document`, `fragment` or `defaults`.
    pub role: &'static str,
    /// The values of a matrix that made the resource.
    pub values: Vec<(Name, Name)>,
    /// Where it stands.
    pub place: Place,
}

/// One field.
#[derive(Debug, Clone, PartialEq)]
pub struct WhyFieldView {
    /// Both sides.
    pub value: ChangeView,
    /// Whether the files mention it.
    pub is_declared: bool,
    /// The layer that says so, by its number.
    pub layer: Option<usize>,
    /// What nearer layers replaced.
    pub over: Vec<(ChangeView, Option<usize>)>,
    /// What the files said before: nothing where nobody asked, and nothing inside where they did not mention it.
    pub base: Option<Option<ChangeView>>,
    /// How the two sides compare.
    pub verdict: Verdict,
    /// Who decides its value, in a word, and what that means.
    pub owner: (&'static str, &'static str),
    /// What a change does, in a word, and what that means.
    pub effect: (&'static str, &'static str),
    /// The mode of the list that it is an item of.
    pub mode: Option<ListMode>,
    /// One line of documentation.
    pub doc: &'static str,
    /// Why it is left alone, and the rule that says so.
    pub ignored: Option<(Option<Message>, Place)>,
}

/// Views why fields are what they are.
pub fn why_view(why: &Why<'_>) -> WhyView {
    let Why { desired, live, fields } = why;
    let table = desired.kind().fields();
    let documents = desired.layers.iter().filter(|layer| layer.role == Role::Document).count();
    let layer = |layer: &Layer| LayerView {
        role: match layer.role {
            Role::Defaults => "defaults",
            Role::Document if documents > 1 => "fragment",
            Role::Document => "document",
        },
        values: layer.values.iter().map(|(name, value)| (Name::new(name), Name::new(value))).collect(),
        place: Place::from(&layer.origin),
    };
    let field = |field: &WhyField| WhyFieldView {
        value: ChangeView::new(table, &field.value),
        is_declared: field.is_declared,
        layer: field.layer,
        over: field.over.iter().map(|(change, layer)| (ChangeView::new(table, change), *layer)).collect(),
        base: match &field.base {
            Before::Unknown => None,
            Before::Undeclared => Some(None),
            Before::Declared(change) => Some(Some(ChangeView::new(table, change))),
        },
        verdict: field.verdict,
        owner: owner(field.field),
        effect: effect(field.field.effect),
        mode: field.mode,
        doc: field.field.doc,
        ignored: field
            .ignored
            .as_ref()
            .map(|rule| (rule.reason.as_deref().map(Message::new), Place::from(&rule.origin))),
    };
    WhyView {
        address: Name::new(&desired.address),
        live: *live,
        layers: desired.layers.iter().map(layer).collect(),
        fields: fields.iter().map(field).collect(),
    }
}

const fn owner(field: &Field) -> (&'static str, &'static str) {
    match field.owner {
        Owner::Managed => ("managed", "the files decide its value, when they mention it"),
        Owner::Identity => {
            ("identity", "it says which resource this is and where; sent with a create, never compared")
        }
        Owner::Immutable => ("immutable", "it cannot change once the resource exists"),
        Owner::CreateOnly => ("create-only", "sent when the resource is created, not compared afterwards"),
        Owner::WriteOnly => ("write-only", "the API accepts it and never returns it, so it is not compared"),
        Owner::Command => ("command", "sent with a new item, never a state"),
        Owner::ServerOwned { .. } => ("server-owned", "the platform decides its value; files are ignored"),
        Owner::Reference => ("reference", "it names another resource"),
        Owner::Shorthand => ("shorthand", "it is short for other fields"),
    }
}

const fn effect(effect: Effect) -> (&'static str, &'static str) {
    match effect {
        Effect::None => ("none", "a change does nothing to a running app"),
        Effect::Restart => ("restart", "a change restarts the app; operators from 2.25 on roll it"),
        Effect::Stop => ("stop", "a change stops the app and starts it again"),
        Effect::Scale => ("scale", "a change starts or stops instances"),
    }
}
