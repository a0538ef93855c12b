//! Live values → the places in the files that say otherwise.
//!
//! A value is written where the resource's own documents say it. What others share with it, `defaults` for example, is
//! left alone: an override goes into the resource's own document.

use std::collections::BTreeMap;

use serde_json::Value;

use super::edit::{self, Edit, Step};
use super::file::Span;
use super::outside::KEYS;
use super::refused::EditRefused;
use super::spell::{LeftOut, Speller, Variable, Variables, named_size, together};
use super::tree::{Layout, Tree};
use super::yaml::{Document, Node};
use crate::diff::{After, Change, canonical, item_key};
use crate::model::field::{Clear, Field, Format, ListKey, ListMode, ListShape, Shape, find};
use crate::model::{Desired, FieldPath, ItemKey, Live, Origin, Step as PathStep};

/// The changes of one resource that the files are to follow.
pub struct Accept<'a> {
    /// The resource in the files.
    pub desired: &'a Desired,
    /// The same as it is live.
    pub live: &'a Live,
    /// Where the two differ; `before` is what is live.
    pub changes: Vec<&'a Change>,
}

/// What accepting came to.
#[derive(Debug, Default)]
pub struct Accepted {
    /// The files that change, with their new texts.
    pub files: BTreeMap<String, String>,
    /// Variables that the new texts refer to.
    pub variables: Vec<Variable>,
    /// Changes that no file can follow, with the reason.
    pub refused: Vec<(LeftOut, EditRefused)>,
}

/// Makes the files say what is live. A change that they cannot follow is among the refused ones; the others are made.
///
/// # Errors
///
/// When a text cannot take its changes without something else in it changing.
pub fn accept(files: &BTreeMap<String, String>, accepts: &[Accept<'_>]) -> Result<Accepted, EditRefused> {
    let mut book = Book::new(files);
    let mut variables = Variables::default();
    let mut accepted = Accepted::default();
    for accept in accepts {
        let mut size = false;
        // What comes before what goes, so that no list is empty in between and loses how it is written.
        let (comes, goes): (Vec<_>, Vec<_>) =
            accept.changes.iter().partition(|change| change.before.is_some());
        for change in comes.into_iter().chain(goes) {
            if let Err(refused) = one(&mut book, accept, change, &mut variables, &mut size) {
                let left_out = LeftOut {
                    address: accept.desired.address.to_string(),
                    path: Some(change.path.to_string()),
                    why: refused.message.clone(),
                };
                accepted.refused.push((left_out, refused));
            }
        }
    }
    accepted.files = book.write(files)?;
    accepted.variables = variables.named;
    Ok(accepted)
}

fn one(
    book: &mut Book,
    accept: &Accept<'_>,
    change: &Change,
    variables: &mut Variables,
    size: &mut bool,
) -> Result<(), EditRefused> {
    let refuse = |message: &str, help: &str| Err(EditRefused::at(change.origin.clone(), message, help));
    if change.path == FieldPath::root().field("cluster") {
        return refuse(
            "a resource cannot be declared in another cluster without its id",
            "change it by hand",
        );
    }
    let is_item = matches!(change.path.0.last(), Some(PathStep::Item(_)));
    if matches!(change.after, After::Outside(_)) || (change.sensitive && !is_item) {
        return refuse(
            "the field is secret",
            "set its variable to the value that is live, or apply the value that you have",
        );
    }
    let Some(page) = book.page(accept.desired, change) else {
        return refuse("the place that declares it cannot be found", "change it by hand");
    };
    let (file, document) = page?;
    let kind = accept.desired.kind();
    let base = Step::key(kind.name());
    let mut speller = Speller {
        variables,
        owner: accept.desired.address.names(),
        address: accept.desired.address.to_string(),
        given: BTreeMap::new(),
        secrets_store: false,
        left_out: Vec::new(),
    };
    let Some(tree) = book.tree(&file, document) else {
        return refuse("the document cannot be read", "change it by hand");
    };
    let here = Here { tree: tree.at(std::slice::from_ref(&base)), steps: vec![base] };
    let mut walk = Walk { speller: &mut speller, size };
    let edits = walk.object(&here, kind.fields(), &change.path.0, accept.live.manifest(), &FieldPath::root());
    let edits = edits.map_err(|why| EditRefused::at(change.origin.clone(), why, "change it by hand"))?;
    if let Some(left_out) = speller.left_out.first() {
        let message = format!("the live value cannot stand in a file: {}", left_out.why);
        return refuse(&message, "change it in the portal, or leave the field out of the files");
    }
    book.add(&file, document, edits, change)
}

/// A place in a document, whether or not there is something.
struct Here<'t> {
    tree: Option<&'t Tree>,
    steps: Vec<Step>,
}

impl<'t> Here<'t> {
    fn key(&self, name: &str) -> Here<'t> {
        let step = Step::key(name);
        let tree = self.tree.and_then(|tree| tree.at(std::slice::from_ref(&step)));
        let steps = self.steps.iter().cloned().chain([step]).collect();
        Here { tree, steps }
    }

    fn index(&self, index: usize) -> Here<'t> {
        let step = Step::Index(index);
        let tree = self.tree.and_then(|tree| tree.at(std::slice::from_ref(&step)));
        let steps = self.steps.iter().cloned().chain([step]).collect();
        Here { tree, steps }
    }

    fn put(&self, value: Tree) -> Vec<Edit> {
        vec![Edit::put(self.steps.clone(), value)]
    }

    fn remove(&self) -> Vec<Edit> {
        vec![Edit::Remove { path: self.steps.clone() }]
    }
}

/// How an item stands in its list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// All fields, the key among them.
    Whole,
    /// All fields but the key.
    Rest,
    /// The value of the short field.
    Short,
}

struct Walk<'s, 'v, 'z> {
    speller: &'s mut Speller<'v>,
    /// Whether the size of this resource was accepted already, all of it at once.
    size: &'z mut bool,
}

impl Walk<'_, '_, '_> {
    fn object(
        &mut self,
        here: &Here<'_>,
        table: &'static [Field],
        path: &[PathStep],
        live: &Value,
        at: &FieldPath,
    ) -> Result<Vec<Edit>, String> {
        let Some((PathStep::Field(name), rest)) = path.split_first() else { return Err(lost()) };
        let field = find(table, name).ok_or_else(lost)?;
        let at = at.field(field.name);
        let value = live.get(field.name).filter(|value| !value.is_null());
        let inner = here.key(field.name);
        match (field.shape, rest) {
            // A declared package that is not the one that runs.
            (_, []) if field.name == "packageId" && here.key(PACKAGE).tree.is_some() => {
                let mut edits = self.leaf(&inner, field, value, &at)?;
                edits.extend(here.key(PACKAGE).remove());
                Ok(edits)
            }
            (_, []) => self.leaf(&inner, field, value, &at),
            // A size stands for all of it.
            (Shape::Object(_), _)
                if field.name == "coreResources" && (*self.size || inner.tree.is_none()) =>
            {
                self.core_resources(here, field, value, &at)
            }
            (Shape::Object(table), rest) => {
                self.object(&inner, table, rest, value.unwrap_or(&Value::Null), &at)
            }
            (Shape::List(shape), [PathStep::Item(key), rest @ ..]) => {
                self.list(&inner, shape, key, rest, value, &at)
            }
            _ => Err(lost()),
        }
    }

    /// A field without parts, or all of a list.
    fn leaf(
        &mut self,
        here: &Here<'_>,
        field: &'static Field,
        live: Option<&Value>,
        at: &FieldPath,
    ) -> Result<Vec<Edit>, String> {
        // An empty text stands for none where the format allows no empty one.
        let is_text = !matches!(field.shape, Shape::Text(Format::Plain));
        let live = live.filter(|live| !(is_text && live.as_str() == Some("")));
        let value = match (field.shape, live) {
            (_, None) => None,
            (Shape::List(_) | Shape::Object(_), Some(live)) => self.speller.field(field, Some(live), at),
            (_, Some(live)) => match self.speller.scalar(field, live, at) {
                // What cannot be said is told by the caller.
                None => return Ok(Vec::new()),
                tree => tree,
            },
        };
        match value {
            Some(value) => Ok(here.put(value)),
            None if here.tree.is_some() => Ok(here.remove()),
            None if field.clear != Clear::Never => Ok(here.put(Tree::Null)),
            None => Err(shared()),
        }
    }

    fn core_resources(
        &mut self,
        container: &Here<'_>,
        field: &'static Field,
        live: Option<&Value>,
        at: &FieldPath,
    ) -> Result<Vec<Edit>, String> {
        if *self.size {
            return Ok(Vec::new());
        }
        let size = container.key("size");
        let edits = if let Some(named) = named_size(live) {
            size.put(Tree::text(named.name))
        } else {
            let mut edits = if size.tree.is_some() { size.remove() } else { Vec::new() };
            match self.speller.field(field, live, at) {
                Some(tree) => edits.extend(container.key(field.name).put(tree)),
                None if edits.is_empty() => return Err(shared()),
                None => {}
            }
            edits
        };
        *self.size = true;
        Ok(edits)
    }

    fn list(
        &mut self,
        here: &Here<'_>,
        shape: ListShape,
        key: &ItemKey,
        rest: &[PathStep],
        live: Option<&Value>,
        at: &FieldPath,
    ) -> Result<Vec<Edit>, String> {
        let ItemKey::Natural(parts) = key else {
            return Err("the items of this list are known by a secret".to_owned());
        };
        let here = unwrapped(here);
        let at = at.item(key.clone());
        let items = live.and_then(Value::as_array);
        let item = items.and_then(|items| items.iter().find(|item| item_key(shape, item) == *key));
        let found = item_place(&here, shape, parts);
        match (item, found) {
            (None, Some((_, _, whole))) => Ok(whole.remove()),
            // Others share it; here it is not wanted.
            (None, None) => {
                let absent = vec![("absent", Tree::Boolean(true))];
                Ok(self.add(&here, shape, parts, with_key(shape, parts, absent)))
            }
            (Some(item), None) => {
                let fields = self.speller.item(shape, item, &at);
                Ok(self.add(&here, shape, parts, fields))
            }
            (Some(item), Some((place, form, _))) => self.item(&place, form, shape, item, rest, &at),
        }
    }

    /// An item that is there and is to say something else.
    fn item(
        &mut self,
        here: &Here<'_>,
        form: Form,
        shape: ListShape,
        live: &Value,
        rest: &[PathStep],
        at: &FieldPath,
    ) -> Result<Vec<Edit>, String> {
        // What is further down has a place of its own, and everything beside it stays.
        if form != Form::Short && rest.len() > 1 {
            return self.object(here, shape.items, rest, live, at);
        }
        if let [PathStep::Field(name)] = rest {
            let field = find(shape.items, name).ok_or_else(lost)?;
            let value = live.get(field.name).filter(|value| !value.is_null());
            let at = at.field(field.name);
            match form {
                Form::Whole | Form::Rest => return self.leaf(&here.key(field.name), field, value, &at),
                Form::Short if shape.short == Some(field.name) && value.is_some() => {
                    return self.leaf(here, field, value, &at);
                }
                Form::Short => {}
            }
        }
        // All of it anew: it was to be removed, or has other fields than the short one now.
        let fields = self.speller.item(shape, live, at);
        let value = match form {
            Form::Whole => Tree::flow(fields),
            Form::Rest | Form::Short => behind_key(shape, fields),
        };
        Ok(here.put(value))
    }

    /// An item more, as the others are written.
    fn add(
        &self,
        here: &Here<'_>,
        shape: ListShape,
        parts: &[String],
        fields: Vec<(&'static str, Tree)>,
    ) -> Vec<Edit> {
        match here.tree {
            Some(Tree::Sequence(items)) if !items.is_empty() => {
                vec![Edit::Push { path: here.steps.clone(), value: Tree::flow(fields) }]
            }
            Some(Tree::Mapping(..)) => {
                let mut place = Here { tree: None, steps: here.steps.clone() };
                let texts = key_texts(shape, &fields);
                for part in texts.iter().take(parts.len()) {
                    place = place.key(part);
                }
                place.put(behind_key(shape, fields))
            }
            _ => here.put(together(shape, &[(ItemKey::Natural(parts.to_vec()), fields)])),
        }
    }
}

fn shared() -> String {
    "it is not live, and what others share cannot be taken back here".to_owned()
}

fn lost() -> String {
    "its place in the file cannot be told".to_owned()
}

/// The list itself, where `{exact: …}` or `{merge: …}` is around it.
fn unwrapped<'t>(here: &Here<'t>) -> Here<'t> {
    if let Some(Tree::Mapping(entries, _)) = here.tree
        && let [(name, inner)] = entries.as_slice()
        && [ListMode::Exact, ListMode::Merge].into_iter().any(|mode| mode.name() == name)
        && (matches!(inner, Tree::Null | Tree::Sequence(_)) || matches!(inner, Tree::Mapping(..)))
    {
        return here.key(name);
    }
    Here { tree: here.tree, steps: here.steps.clone() }
}

/// Where an item stands, in which form, and what to remove when it goes.
fn item_place<'t>(here: &Here<'t>, shape: ListShape, parts: &[String]) -> Option<(Here<'t>, Form, Here<'t>)> {
    let ListKey::Natural(names) = shape.key else { return None };
    let is = |name: &str, text: &str, part: &String| {
        let field = find(shape.items, name);
        field.is_some_and(|field| canonical(field, Some(&text.into())).as_str() == Some(part))
    };
    match here.tree? {
        Tree::Sequence(items) => {
            let index = items.iter().position(|item| {
                names.iter().zip(parts).all(|(name, part)| {
                    matches!(item.at(&[Step::key(name)]), Some(Tree::Text(text)) if is(name, text, part))
                })
            })?;
            Some((here.index(index), Form::Whole, here.index(index)))
        }
        Tree::Mapping(..) => {
            let mut place = Here { tree: here.tree, steps: here.steps.clone() };
            let mut whole = None;
            for (name, part) in names.iter().zip(parts) {
                let Some(Tree::Mapping(entries, _)) = place.tree else { return None };
                let (key, _) = entries.iter().find(|(key, _)| is(name, key, part))?;
                let is_alone = entries.len() == 1;
                let is_outermost = place.steps.len() == here.steps.len();
                place = place.key(key);
                // A group whose last item goes, goes as well.
                whole = match whole {
                    Some(whole) if is_alone && !is_outermost => Some(whole),
                    _ => Some(Here { tree: place.tree, steps: place.steps.clone() }),
                };
            }
            let form = match place.tree {
                Some(Tree::Mapping(entries, _))
                    if shape.short.is_none()
                        || !entries.iter().any(|(key, _)| KEYS.contains(&key.as_str()))
                        || entries.iter().any(|(key, _)| find(shape.items, key).is_some()) =>
                {
                    Form::Rest
                }
                _ => Form::Short,
            };
            Some((place, form, whole?))
        }
        _ => None,
    }
}

/// The fields of an item that has this key and nothing else of its own.
fn with_key(
    shape: ListShape,
    parts: &[String],
    rest: Vec<(&'static str, Tree)>,
) -> Vec<(&'static str, Tree)> {
    let ListKey::Natural(names) = shape.key else { return rest };
    let keys = names.iter().zip(parts).map(|(name, part)| (*name, Tree::text(part.clone())));
    keys.chain(rest).collect()
}

fn key_texts(shape: ListShape, fields: &[(&'static str, Tree)]) -> Vec<String> {
    let ListKey::Natural(names) = shape.key else { return Vec::new() };
    let text = |name: &&str| match fields.iter().find(|(field, _)| field == name) {
        Some((_, Tree::Text(text))) => text.clone(),
        _ => String::new(),
    };
    names.iter().map(text).collect()
}

/// What stands behind the key of an item.
fn behind_key(shape: ListShape, fields: Vec<(&'static str, Tree)>) -> Tree {
    let ListKey::Natural(names) = shape.key else { return Tree::flow(fields) };
    let mut rest: Vec<_> = fields.into_iter().filter(|(name, _)| !names.contains(name)).collect();
    if let ([(name, _)], Some(short)) = (rest.as_slice(), shape.short)
        && *name == short
        && let Some((_, value)) = rest.pop()
    {
        return value;
    }
    Tree::Mapping(rest.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(), Layout::Flow)
}

/// The documents of all files, and what is to be changed in them.
struct Book {
    files: BTreeMap<String, Vec<Document>>,
    trees: BTreeMap<(String, usize), Tree>,
    edits: BTreeMap<String, BTreeMap<usize, Vec<Edit>>>,
}

impl Book {
    fn new(files: &BTreeMap<String, String>) -> Book {
        let read = |(name, text): (&String, &String)| Some((name.clone(), edit::read(text).ok()?));
        Book {
            files: files.iter().filter_map(read).collect(),
            trees: BTreeMap::new(),
            edits: BTreeMap::new(),
        }
    }

    fn document(&self, origin: &Origin) -> Option<(String, usize)> {
        let documents = self.files.get(&*origin.file)?;
        let at = Span::new(origin.start, origin.start);
        let index = documents.iter().rposition(|document| document.span.start <= at.start)?;
        Some((origin.file.to_string(), index))
    }

    /// The keys at the top of a document.
    fn tops(&self, file: &str, document: usize) -> Vec<String> {
        let root = self.files.get(file).and_then(|documents| documents.get(document)?.root.as_ref());
        let entries = root.and_then(Node::mapping).map(|mapping| &mapping.entries);
        entries.into_iter().flatten().map(|entry| entry.key.to_string()).collect()
    }

    /// The document that a change belongs in: the one that declares the value, if that is the resource's alone.
    fn page(&self, desired: &Desired, change: &Change) -> Option<Result<(String, usize), EditRefused>> {
        let own = self.document(&desired.origin)?;
        let declared = change.origin.as_ref().and_then(|origin| self.document(origin));
        let is_own = |(file, document): &(String, usize)| {
            let tops = self.tops(file, *document);
            tops.iter().any(|top| top == desired.kind().name()) && !tops.iter().any(|top| top == MATRIX)
        };
        let page = declared.filter(is_own).unwrap_or(own);
        if !is_own(&page) {
            let message = "the document declares several resources at once";
            let help = "change it by hand, or give the resource a document of its own";
            return Some(Err(EditRefused::at(change.origin.clone(), message, help)));
        }
        Some(Ok(page))
    }

    /// What a document says with the edits so far.
    fn tree(&mut self, file: &str, document: usize) -> Option<Tree> {
        let key = (file.to_owned(), document);
        if let Some(tree) = self.trees.get(&key) {
            return Some(tree.clone());
        }
        let root = self.files.get(file)?.get(document)?.root.as_ref();
        let tree = root.and_then(Tree::of)?;
        self.trees.insert(key, tree.clone());
        Some(tree)
    }

    fn add(
        &mut self,
        file: &str,
        document: usize,
        edits: Vec<Edit>,
        change: &Change,
    ) -> Result<(), EditRefused> {
        let Some(tree) = self.trees.get_mut(&(file.to_owned(), document)) else { return Ok(()) };
        for edit in edits {
            edit::apply(tree, &edit)
                .map_err(|refusal| EditRefused::at(change.origin.clone(), refusal.message, refusal.help))?;
            self.edits.entry(file.to_owned()).or_default().entry(document).or_default().push(edit);
        }
        Ok(())
    }

    fn write(self, files: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, EditRefused> {
        let mut changed = BTreeMap::new();
        for (name, edits) in self.edits {
            let Some(text) = files.get(&name) else { continue };
            let new =
                edit::edit_all(text, &edits).map_err(|refusal| EditRefused::new(&name, text, refusal))?;
            if new != *text {
                changed.insert(name, new);
            }
        }
        Ok(changed)
    }
}

/// The key of a reference to a declared package, in the place of its id.
const PACKAGE: &str = "package";

/// The key of documents that stand for several resources.
const MATRIX: &str = "matrix";
