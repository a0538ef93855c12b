//! Why a field is what it is: what the files say and where, what that replaced, what is live, and whose it is.

use std::collections::BTreeSet;

use serde_json::Value;

use super::ignore::Ignores;
use crate::diff::{After, Change, Diff, diff, live_at, overlap};
use crate::model::field::{Clear, Field, ListKey, ListMode, ListShape, Owner, Shape, find};
use crate::model::{
    Declared, DeclaredItem, DeclaredList, DeclaredValue, Desired, DesiredState, FieldPath, Fields,
    IgnoreRule, ItemKey, Layer, Live, LiveState, Origin, Overridden, Step, lies_in,
};

/// Why the fields of one resource are what they are.
#[derive(Debug)]
pub struct Why<'a> {
    /// The resource.
    pub desired: &'a Desired,
    /// What is known of its live side.
    pub live: LiveSide,
    /// The fields, in the order of the table.
    pub fields: Vec<WhyField>,
}

/// What is known of the live side of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveSide {
    /// Nobody asked.
    NotRead,
    /// The API does not let this token read it.
    Refused,
    /// It does not exist.
    Missing,
    /// It was read.
    Read,
}

/// One field.
#[derive(Debug)]
pub struct WhyField {
    /// Its entry in the table.
    pub field: &'static Field,
    /// The mode of the list that it is an item of, or is.
    pub mode: Option<ListMode>,
    /// Whether the files mention it.
    pub is_declared: bool,
    /// What is live, and what the files ask for, with its place.
    pub value: Change,
    /// The layer that says so, by its number.
    pub layer: Option<usize>,
    /// What nearer layers replaced, each with its layer.
    pub over: Vec<(Change, Option<usize>)>,
    /// What the files said before.
    pub base: Before,
    /// How the two sides compare.
    pub verdict: Verdict,
    /// The rule that has the field left alone.
    pub ignored: Option<IgnoreRule>,
}

/// What the files said of a field before.
#[derive(Debug)]
pub enum Before {
    /// Nobody asked.
    Unknown,
    /// Nothing.
    Undeclared,
    /// This.
    Declared(Box<Change>),
}

/// How the two sides of a field compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The live side was not read, or the resource does not exist.
    Unknown,
    /// They are the same.
    Same,
    /// They differ.
    Differs,
    /// They are not compared: the field is not a state, or its value is not known now.
    NotCompared,
    /// The files do not mention the field.
    Unmanaged,
}

/// A path that leads to no field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NoSuchField {
    /// What is wrong.
    pub message: String,
    /// What to ask for instead.
    pub help: String,
}

/// Tells why the fields of a resource are what they are: all that are declared, or those at a path and below it.
/// Without live state, the files alone are told; with an earlier state of the files, also what that asked for.
///
/// # Errors
///
/// When no field has the path.
pub fn why<'a>(
    estate: &DesiredState,
    desired: &'a Desired,
    live: Option<&LiveState>,
    base: Option<&DesiredState>,
    today: jiff::civil::Date,
    wanted: Option<&str>,
) -> Result<Why<'a>, NoSuchField> {
    let table = desired.kind().fields();
    let found = live.and_then(|live| live.get(&desired.identity));
    let side = match (live, found) {
        (None, _) => LiveSide::NotRead,
        (Some(_), Some(_)) => LiveSide::Read,
        (Some(live), None) if live.hidden_by(&desired.identity, desired.cluster).is_some() => {
            LiveSide::Refused
        }
        (Some(_), None) => LiveSide::Missing,
    };
    // The secrets store decides only what a create may leave out.
    let differences = found.map(|live| diff(table, &desired.fields, Some(live.manifest()), false));
    let mut leaves = Leaves::of(desired);
    let before = base.map(|base| base.resources.get(&desired.identity).map(Leaves::of).unwrap_or_default());
    if let Some(wanted) = wanted {
        leaves.retain(|leaf| lies_in(&leaf.path.to_string(), wanted));
        if leaves.is_empty() {
            leaves.push(undeclared(table, wanted)?.within(&desired.fields));
        }
    }
    let ignores = Ignores::new(&estate.settings.ignore, today);
    let fields = leaves
        .into_iter()
        .map(|leaf| tell(leaf, desired, found, differences.as_ref(), before.as_deref(), &ignores))
        .collect();
    Ok(Why { desired, live: side, fields })
}

/// A field that has no fields below it, as declared.
struct Leaf {
    path: FieldPath,
    field: &'static Field,
    mode: Option<ListMode>,
    after: Option<After>,
    sensitive: bool,
    origin: Option<Origin>,
}

impl Leaf {
    /// As it is in lists that are declared without it: an exact one has what is not in it removed.
    fn within(self, fields: &Fields) -> Leaf {
        let Some((list, origin)) = list_without(fields, &self.path) else { return self };
        match list.mode {
            ListMode::Merge => Leaf { mode: Some(ListMode::Merge), ..self },
            ListMode::Exact => Leaf {
                mode: Some(ListMode::Exact),
                after: Some(After::Remove),
                origin: Some(origin.clone()),
                ..self
            },
        }
    }
}

/// The declared list that a path leads into and that has no such item.
fn list_without<'f>(mut fields: &'f Fields, path: &FieldPath) -> Option<(&'f DeclaredList, &'f Origin)> {
    let mut steps = path.0.iter();
    while let Some(Step::Field(name)) = steps.next() {
        let declared = fields.get(name)?;
        fields = match &declared.value {
            DeclaredValue::Object(fields) => fields,
            DeclaredValue::List(list) => match list.items.get(steps.next().and_then(key_of)?) {
                Some(item) => &item.fields,
                None => return Some((list, &declared.origin)),
            },
            _ => return None,
        };
    }
    None
}

fn key_of(step: &Step) -> Option<&ItemKey> {
    match step {
        Step::Item(key) => Some(key),
        Step::Field(_) => None,
    }
}

struct Leaves {
    found: Vec<Leaf>,
}

impl Leaves {
    fn of(desired: &Desired) -> Vec<Leaf> {
        let mut leaves = Leaves { found: Vec::new() };
        leaves.below(&desired.fields, desired.kind().fields(), &FieldPath::root(), None);
        leaves.found
    }

    fn below(&mut self, fields: &Fields, table: &'static [Field], path: &FieldPath, mode: Option<ListMode>) {
        for field in table {
            if let Some(declared) = fields.get(field.name) {
                self.field(declared, field, &path.field(field.name), mode);
            }
        }
    }

    fn field(
        &mut self,
        declared: &Declared,
        field: &'static Field,
        path: &FieldPath,
        mode: Option<ListMode>,
    ) {
        match (&declared.value, field.shape) {
            (DeclaredValue::Object(fields), Shape::Object(table)) => self.below(fields, table, path, mode),
            (DeclaredValue::List(list), Shape::List(shape)) => {
                let mode = Some(list.mode);
                for (key, item) in &list.items {
                    self.item(item, field, shape, &path.item(key.clone()), mode);
                }
                if list.items.is_empty() {
                    let after = After::Set(Value::Array(Vec::new()));
                    self.push(declared, field, path, mode, after);
                }
            }
            _ => {
                if let Some(after) = after(declared, field) {
                    self.push(declared, field, path, mode, after);
                }
            }
        }
    }

    fn item(
        &mut self,
        item: &DeclaredItem,
        field: &'static Field,
        shape: ListShape,
        path: &FieldPath,
        mode: Option<ListMode>,
    ) {
        let before = self.found.len();
        if !item.absent {
            let mut rest = item.fields.clone();
            rest.retain(|name, _| !is_key(shape, name));
            self.below(&rest, shape.items, path, mode);
        }
        if self.found.len() == before {
            let after = if item.absent { After::Remove } else { After::Set(Value::Bool(true)) };
            let origin = Some(item.origin.clone());
            let sensitive = field.sensitive;
            self.found.push(Leaf { path: path.clone(), field, mode, after: Some(after), sensitive, origin });
        }
    }

    fn push(
        &mut self,
        declared: &Declared,
        field: &'static Field,
        path: &FieldPath,
        mode: Option<ListMode>,
        after: After,
    ) {
        let (path, origin) = (path.clone(), Some(declared.origin.clone()));
        let sensitive = field.sensitive || is_secret(declared);
        self.found.push(Leaf { path, field, mode, after: Some(after), sensitive, origin });
    }
}

fn is_secret(declared: &Declared) -> bool {
    matches!(&declared.value, DeclaredValue::Outside(outside) if outside.sensitive)
}

fn is_key(shape: ListShape, name: &str) -> bool {
    match shape.key {
        ListKey::Natural(names) => names.contains(&name),
        ListKey::Content(content) => content == name,
    }
}

/// What a declared value asks for, as plans say it.
fn after(declared: &Declared, field: &Field) -> Option<After> {
    Some(match &declared.value {
        DeclaredValue::Scalar(value) => After::Set(value.clone()),
        DeclaredValue::Outside(outside) => After::Outside(outside.clone()),
        DeclaredValue::Later(later) => After::Later(later.clone()),
        DeclaredValue::Clear if field.clear == Clear::Omit => After::Omit,
        DeclaredValue::Clear => After::ClearTo(Value::Null),
        DeclaredValue::Object(_) | DeclaredValue::List(_) | DeclaredValue::Addresses(_) => return None,
    })
}

fn tell(
    leaf: Leaf,
    desired: &Desired,
    live: Option<&Live>,
    differences: Option<&Diff>,
    earlier: Option<&[Leaf]>,
    ignores: &Ignores,
) -> WhyField {
    let table = desired.kind().fields();
    let Leaf { path, field, mode, after, sensitive, origin } = leaf;
    let before = live.and_then(|live| live_at(table, live.manifest(), &path)).cloned();
    let is_declared = after.is_some();
    let verdict = match differences {
        _ if !is_declared => Verdict::Unmanaged,
        None => Verdict::Unknown,
        Some(found) if found.changes.iter().any(|change| overlap(&change.path, &path)) => Verdict::Differs,
        Some(found) if found.uncompared.iter().any(|other| overlap(&other.path, &path)) => {
            Verdict::NotCompared
        }
        Some(_) if is_compared(field) => Verdict::Same,
        Some(_) => Verdict::NotCompared,
    };
    // Where that which is live came from, the files of today do not decide.
    let was_secret = |leaf: &Leaf| leaf.sensitive && overlap(&leaf.path, &path);
    let sensitive = sensitive || earlier.is_some_and(|earlier| earlier.iter().any(was_secret));
    let over = replaced(desired, &path, field);
    let base = earlier.map_or(Before::Unknown, |earlier| said_before(earlier, &path));
    let layer = origin.as_ref().and_then(|origin| layer_of(&desired.layers, origin));
    let ignored = ignores.rule_of(&desired.address, &path).cloned();
    let value = Change {
        path,
        before,
        after: after.unwrap_or(After::Omit),
        sensitive,
        effect: field.effect,
        immutable: field.owner == Owner::Immutable,
        origin,
        class: None,
    };
    WhyField { field, mode, is_declared, value, layer, over, base, verdict, ignored }
}

fn said_before(before: &[Leaf], path: &FieldPath) -> Before {
    let Some(leaf) = before.iter().find(|leaf| leaf.path == *path) else { return Before::Undeclared };
    Before::Declared(Box::new(Change {
        path: path.clone(),
        before: None,
        after: leaf.after.clone().unwrap_or(After::Omit),
        sensitive: leaf.sensitive,
        effect: leaf.field.effect,
        immutable: false,
        origin: leaf.origin.clone(),
        class: None,
    }))
}

const fn is_compared(field: &Field) -> bool {
    matches!(field.owner, Owner::Managed | Owner::Immutable)
}

fn layer_of(layers: &[Layer], origin: &Origin) -> Option<usize> {
    layers.iter().position(|layer| layer.holds(origin))
}

/// What nearer layers replaced here, or above or below. Fields that say the same thing replace each other.
fn replaced(desired: &Desired, path: &FieldPath, field: &'static Field) -> Vec<(Change, Option<usize>)> {
    let mut seen = BTreeSet::new();
    let here = desired.overridden.iter().filter(|other| overlap(&wire(&other.path), path));
    here.flat_map(|Overridden { path, declared }| {
        let own = field_at(desired.kind().fields(), path).unwrap_or(field);
        let mut leaves = Leaves { found: Vec::new() };
        leaves.field(declared, own, path, None);
        leaves.found
    })
    .filter(|leaf| overlap(&wire(&leaf.path), path) && seen.insert(leaf.origin.clone()))
    .map(|leaf| {
        let layer = leaf.origin.as_ref().and_then(|origin| layer_of(&desired.layers, origin));
        let change = Change {
            path: leaf.path,
            before: None,
            after: leaf.after.unwrap_or(After::Omit),
            sensitive: leaf.sensitive,
            effect: leaf.field.effect,
            immutable: false,
            origin: leaf.origin,
            class: None,
        };
        (change, layer)
    })
    .collect()
}

/// What becomes of fields that only files have.
static SHORT: &[(&str, &str)] =
    &[("size", "coreResources"), ("cluster", "clusterId"), ("package", "packageId")];

fn wire(path: &FieldPath) -> FieldPath {
    let mut path = path.clone();
    if let [_, Step::Field(name)] = path.0.as_mut_slice()
        && let Some((_, long)) = SHORT.iter().find(|(short, _)| short == name)
    {
        *name = long;
    }
    path
}

fn field_at(table: &'static [Field], path: &FieldPath) -> Option<&'static Field> {
    let mut table = table;
    let mut last = None;
    for step in &path.0 {
        let Step::Field(name) = step else { continue };
        let field = find(table, name)?;
        table = match field.shape {
            Shape::Object(fields) => fields,
            Shape::List(list) => list.items,
            _ => &[],
        };
        last = Some(field);
    }
    last
}

/// A field that the files do not mention.
fn undeclared(table: &'static [Field], text: &str) -> Result<Leaf, NoSuchField> {
    let steps = steps(text).unwrap_or_default();
    let mut path = FieldPath::root();
    let mut fields = table;
    let mut last: Option<&'static Field> = None;
    let mut mode = None;
    for step in steps {
        match (step, last.map(|field| field.shape)) {
            (Piece::Name(name), shape) if !matches!(shape, Some(Shape::List(_))) || is_item(&path) => {
                let Some(field) = find(fields, &name) else { return Err(unknown(table, text)) };
                path = path.field(field.name);
                fields = match field.shape {
                    Shape::Object(fields) => fields,
                    Shape::List(list) => list.items,
                    _ => &[],
                };
                last = Some(field);
            }
            (Piece::Key(parts), Some(Shape::List(list))) if !is_item(&path) => {
                path = path.item(ItemKey::Natural(parts));
                mode = Some(list.mode);
            }
            _ => return Err(unknown(table, text)),
        }
    }
    let Some(field) = last else { return Err(unknown(table, text)) };
    if !field.is_wire() {
        let long = SHORT.iter().find(|(short, _)| *short == field.name).map(|(_, long)| *long);
        let help = match (long, text.rsplit_once('.')) {
            (Some(long), Some((object, _))) => format!("ask for `{object}.{long}`, which it stands for"),
            _ => "it names another resource, and becomes part of the address".to_owned(),
        };
        return Err(NoSuchField { message: format!("`{text}` exists in files only"), help });
    }
    let mode = match field.shape {
        Shape::List(list) => Some(list.mode),
        _ => mode,
    };
    Ok(Leaf { path, field, mode, after: None, sensitive: field.sensitive, origin: None })
}

fn is_item(path: &FieldPath) -> bool {
    matches!(path.0.last(), Some(Step::Item(_)))
}

fn unknown(table: &'static [Field], text: &str) -> NoSuchField {
    let mut names = Vec::new();
    crate::model::field::walk(table, &mut |path, _| names.push(path.replace("[]", "")));
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let near = similar::get_close_matches(text, &known, 1, 0.6);
    let help = near.first().map_or_else(
        || {
            "write it as plans do: `container.instances`, `deployment.constants[Erp.BaseUrl].value`"
                .to_owned()
        },
        |near| format!("did you mean `{near}`?"),
    );
    NoSuchField { message: format!("no field has the path `{text}`"), help }
}

/// A step of a path as it is spelt.
enum Piece {
    Name(String),
    Key(Vec<String>),
}

/// Cuts a path at dots and brackets (DESIGN 8).
fn steps(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let (parts, behind) = key(inside)?;
            pieces.push(Piece::Key(parts));
            rest = behind;
        } else {
            let name = rest.strip_prefix('.').unwrap_or(rest);
            let end = name.find(['.', '[']).unwrap_or(name.len());
            let (name, behind) = name.split_at_checked(end)?;
            pieces.push(Piece::Name(name.to_owned()));
            rest = behind;
        }
    }
    Some(pieces)
}

/// The parts of a key up to its bracket, and what follows.
fn key(mut rest: &str) -> Option<(Vec<String>, &str)> {
    let mut parts = Vec::new();
    loop {
        if rest.starts_with('"') {
            let mut texts = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            parts.push(texts.next()?.ok()?);
            rest = rest.get(texts.byte_offset()..)?;
        } else {
            let end = rest.find([',', ']'])?;
            let (part, behind) = rest.split_at_checked(end)?;
            parts.push(part.to_owned());
            rest = behind;
        }
        if let Some(behind) = rest.strip_prefix(']') {
            return Some((parts, behind));
        }
        rest = rest.strip_prefix(',')?;
    }
}
