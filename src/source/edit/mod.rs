//! Changes the text of a file and nothing but what is meant: comments, order, quotes and indentation stay.
//!
//! Pure: text in, text out. Whatever a patch makes of the text is read again, and what it says then has to be what was
//! intended; else there is no result. So a strange file is refused and never broken, and a value that an alias repeats
//! elsewhere cannot change there by accident.

mod insert;
mod lines;
mod remove;
mod replace;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::file::{SourceFile, Span};
use super::tree::{Layout, Tree};
use super::yaml::{self, Document, Entry, Node, Value};
use lines::Text;

/// One step from a value into a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

impl Step {
    pub(super) fn key(name: &str) -> Step {
        Step::Key(name.to_owned())
    }
}

/// What to change in one document.
#[derive(Debug, Clone)]
pub(super) enum Edit {
    /// Gives the value behind a path; keys that are not there are added, `first` in their mapping or last.
    Put { path: Vec<Step>, value: Tree, first: bool },
    /// Adds an item to the list behind a path.
    Push { path: Vec<Step>, value: Tree },
    /// Takes out the entry or item behind a path.
    Remove { path: Vec<Step> },
}

impl Edit {
    pub(super) fn put(path: Vec<Step>, value: Tree) -> Edit {
        Edit::Put { path, value, first: false }
    }

    fn path(&self) -> &[Step] {
        match self {
            Edit::Put { path, .. } | Edit::Push { path, .. } | Edit::Remove { path } => path,
        }
    }
}

/// Why an edit was not made; the text is as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// What is in the way.
    pub(super) message: String,
    /// What to do about it.
    pub(super) help: &'static str,
    /// Where: a range of bytes in the text.
    pub(super) at: Option<Span>,
}

const BY_HAND: &str = "change it by hand";

impl Refusal {
    fn new(message: &str, at: Option<Span>) -> Refusal {
        Refusal { message: message.to_owned(), help: BY_HAND, at }
    }
}

/// A replacement in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Patch {
    start: usize,
    end: usize,
    text: String,
}

impl Patch {
    fn new(start: usize, end: usize, text: impl Into<String>) -> Patch {
        Patch { start, end, text: text.into() }
    }

    fn insert(at: usize, text: impl Into<String>) -> Patch {
        Patch::new(at, at, text)
    }
}

/// Edits documents of a file, by their number from 0, one edit after the other.
pub(super) fn edit_all(text: &str, edits: &BTreeMap<usize, Vec<Edit>>) -> Result<String, Refusal> {
    let before = read(text)?;
    if edits.keys().any(|document| *document >= before.len()) {
        return Err(Refusal::new("the document is not there", None));
    }
    let mut out = String::with_capacity(text.len() + 256);
    let mut done = 0;
    let mut intended = Vec::new();
    for (index, document) in before.iter().enumerate() {
        let Some(edits) = edits.get(&index) else {
            intended.push(document.root.as_ref().and_then(Tree::of));
            continue;
        };
        let region = document.span;
        out.push_str(text.get(done..region.start).unwrap_or_default());
        done = region.end;
        // Each document is a text of its own, so that a file of a thousand is not read a thousand times.
        let mut own = text.get(region.start..region.end).unwrap_or_default().to_owned();
        let mut tree = tree_of(Some(document))?;
        for edit in edits {
            apply(&mut tree, edit)?;
            own = edit_own(&own, edit, &tree).map_err(|refusal| Refusal {
                at: refusal.at.map(|at| Span::new(at.start + region.start, at.end + region.start)),
                ..refusal
            })?;
        }
        out.push_str(&own);
        intended.push(Some(tree));
    }
    out.push_str(text.get(done..).unwrap_or_default());
    let after = read(&out)?;
    let all_as_intended = after.len() == intended.len()
        && intended.iter().zip(&after).all(|(intended, after)| {
            let found = after.root.as_ref().and_then(Tree::of);
            matches!((intended, found), (Some(intended), Some(found)) if found.says(intended))
        });
    if all_as_intended { Ok(out) } else { Err(unlike(None)) }
}

fn unlike(at: Option<Span>) -> Refusal {
    Refusal::new("the text cannot be changed without changing something else in it", at)
}

/// The documents of a text that has no problems.
pub(super) fn read(text: &str) -> Result<Vec<Document>, Refusal> {
    let file = SourceFile::new(Arc::from(""), text.to_owned());
    let mut problems = Vec::new();
    let mut room = yaml::MOST_VALUES;
    let documents = yaml::parse(&file, &mut room, &mut problems);
    match problems.first() {
        None => Ok(documents),
        Some(_) => Err(Refusal::new("the file is not valid YAML", None)),
    }
}

fn tree_of(document: Option<&Document>) -> Result<Tree, Refusal> {
    let root = document.and_then(|document| document.root.as_ref());
    root.and_then(Tree::of).ok_or_else(|| Refusal::new("the document cannot be read", None))
}

fn edit_own(text: &str, edit: &Edit, intended: &Tree) -> Result<String, Refusal> {
    let documents = read(text)?;
    let root = documents.first().and_then(|document| document.root.as_ref());
    let root = root.ok_or_else(|| Refusal::new("the document cannot be read", None))?;
    let place = Place::find(text, root, edit.path());
    let at = place.as_ref().map(|place| place.node.span);
    let mut first = None;
    for patches in candidates(&Text::new(text), root, edit)? {
        let patched = patch(text, patches);
        let after = read(&patched).ok();
        let tree = after.as_ref().and_then(|after| match after.as_slice() {
            [one] => one.root.as_ref().and_then(Tree::of),
            _ => None,
        });
        if tree.is_some_and(|tree| tree.says(intended)) {
            first = Some(patched);
            break;
        }
    }
    first.ok_or_else(|| match repeated(text, root, edit.path()) {
        Some(alias) => Refusal {
            message: "the value is repeated elsewhere by an alias and would change there as well".to_owned(),
            help: "write the value out at one of the two places",
            at: Some(alias),
        },
        None => unlike(at),
    })
}

fn patch(text: &str, mut patches: Vec<Patch>) -> String {
    patches.sort_by_key(|patch| (patch.start, patch.end));
    let mut out = String::with_capacity(text.len() + 64);
    let mut done = 0;
    for patch in patches {
        out.push_str(text.get(done..patch.start.max(done)).unwrap_or_default());
        out.push_str(&patch.text);
        done = patch.end.max(done);
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// Where an alias repeats the value behind a path, or one that holds it or that it holds.
fn repeated(text: &str, root: &Node, path: &[Step]) -> Option<Span> {
    fn walk(node: &Node, target: Span, found: &mut Option<Span>) {
        let touches = node.text.start <= target.end && target.start <= node.text.end;
        if node.span != node.text {
            if touches && found.is_none() {
                *found = Some(node.span);
            }
            return;
        }
        match &*node.value {
            Value::Sequence(nodes) => nodes.iter().for_each(|node| walk(node, target, found)),
            Value::Mapping(mapping) => {
                mapping.entries.iter().for_each(|entry| walk(&entry.node, target, found));
            }
            Value::Scalar(_) | Value::Broken => {}
        }
    }
    let target = Place::deepest(text, root, path).node.text;
    let mut found = None;
    walk(root, target, &mut found);
    found
}

/// A value in its document.
#[derive(Clone)]
struct Place<'n> {
    text: &'n str,
    node: &'n Node,
    /// What holds it, from the root on, with the position in it.
    above: Vec<(&'n Node, usize)>,
    /// Whether brackets are around it.
    in_flow: bool,
}

impl<'n> Place<'n> {
    fn root(text: &'n str, root: &'n Node) -> Place<'n> {
        Place { text, node: root, above: Vec::new(), in_flow: false }
    }

    fn find(text: &'n str, root: &'n Node, path: &[Step]) -> Option<Place<'n>> {
        let place = Place::deepest(text, root, path);
        (place.above.len() == path.len()).then_some(place)
    }

    /// As far down the path as the document goes.
    fn deepest(text: &'n str, root: &'n Node, path: &[Step]) -> Place<'n> {
        let mut place = Place::root(text, root);
        for step in path {
            match place.step(step) {
                Some(next) => place = next,
                None => break,
            }
        }
        place
    }

    fn step(&self, step: &Step) -> Option<Place<'n>> {
        let (index, node) = match (&*self.node.value, step) {
            (Value::Mapping(mapping), Step::Key(key)) => {
                let index = mapping.entries.iter().position(|entry| &*entry.key == key)?;
                (index, &mapping.entries.get(index)?.node)
            }
            (Value::Sequence(nodes), Step::Index(index)) => (*index, nodes.get(*index)?),
            _ => return None,
        };
        let mut above = self.above.clone();
        above.push((self.node, index));
        Some(Place { text: self.text, node, above, in_flow: self.in_flow || self.is_flow() })
    }

    /// Whether it is a collection in brackets.
    fn is_flow(&self) -> bool {
        let first = match &*self.node.value {
            Value::Mapping(mapping) => mapping.entries.first().map(|entry| entry.key_span.start),
            Value::Sequence(nodes) => nodes.first().map(|node| node.span.start),
            Value::Scalar(_) | Value::Broken => return false,
        };
        // A list with dashes may begin at its first item, which may be a bracket.
        let start = self.node.text.start;
        let bracket = self.text.get(start..).is_some_and(|rest| rest.starts_with(['{', '[']));
        bracket && first != Some(start)
    }

    /// The entry that it is the value of.
    fn entry(&self) -> Option<&'n Entry> {
        let (holder, index) = self.above.last()?;
        holder.mapping()?.entries.get(*index)
    }

    /// What holds it.
    fn holder(&self) -> Option<Place<'n>> {
        let (_, above) = self.above.split_last()?;
        let mut place = Place::root(self.text, above.first().map_or(self.above.first()?.0, |(node, _)| node));
        for (index, (node, _)) in self.above.iter().enumerate().skip(1) {
            place = Place {
                text: self.text,
                node,
                above: self.above.get(..index)?.to_vec(),
                in_flow: place.in_flow || place.is_flow(),
            };
        }
        Some(place)
    }
}

/// The ways to make an edit; the first one that comes out as intended is taken.
fn candidates(text: &Text<'_>, root: &Node, edit: &Edit) -> Result<Vec<Vec<Patch>>, Refusal> {
    // Below an alias there is nothing to edit: what it stands for is written out in its place.
    let source = text.whole();
    let mut place = Place::root(source, root);
    for (depth, step) in edit.path().iter().enumerate() {
        let Some(next) = place.step(step) else { break };
        place = next;
        let is_last = depth + 1 == edit.path().len();
        let is_alias = place.node.span != place.node.text;
        if is_alias && !(is_last && matches!(edit, Edit::Put { .. } | Edit::Remove { .. })) {
            let mut tree = Tree::of(place.node).ok_or_else(|| unlike(Some(place.node.span)))?;
            apply(&mut tree, &below(edit, depth + 1))?;
            return Ok(replace::value(text, &place, &tree));
        }
    }
    match edit {
        Edit::Remove { path } => {
            let place = Place::find(source, root, path)
                .ok_or_else(|| Refusal::new("there is nothing to remove", None))?;
            Ok(remove::member(text, &place))
        }
        Edit::Push { path, value } => match Place::find(source, root, path) {
            Some(place) => Ok(insert::item(text, &place, value)),
            None => candidates(text, root, &Edit::put(path.clone(), Tree::Sequence(vec![value.clone()]))),
        },
        Edit::Put { path, value, first } => {
            let place = Place::deepest(source, root, path);
            let rest = path.get(place.above.len()..).unwrap_or_default();
            let Some((key, deeper)) = rest.split_first() else {
                return Ok(replace::value(text, &place, value));
            };
            let Step::Key(key) = key else { return Err(Refusal::new("the list has no such item", None)) };
            let mut value = value.clone();
            for step in deeper.iter().rev() {
                let Step::Key(key) = step else {
                    return Err(Refusal::new("the list has no such item", None));
                };
                value = Tree::block([(key.clone(), value)]);
            }
            Ok(insert::entry(text, &place, key, &value, *first))
        }
    }
}

/// The same edit, seen from further down.
fn below(edit: &Edit, depth: usize) -> Edit {
    let path = edit.path().get(depth..).unwrap_or_default().to_vec();
    match edit {
        Edit::Put { value, first, .. } => Edit::Put { path, value: value.clone(), first: *first },
        Edit::Push { value, .. } => Edit::Push { path, value: value.clone() },
        Edit::Remove { .. } => Edit::Remove { path },
    }
}

/// What an edit means, without any text.
pub(super) fn apply(tree: &mut Tree, edit: &Edit) -> Result<(), Refusal> {
    let no_place = || Refusal::new("the document has no such place", None);
    match edit.path().split_first() {
        None => match edit {
            Edit::Put { value, .. } => *tree = value.clone(),
            Edit::Push { value, .. } => match tree {
                Tree::Sequence(items) => items.push(value.clone()),
                Tree::Null => *tree = Tree::Sequence(vec![value.clone()]),
                _ => return Err(no_place()),
            },
            Edit::Remove { .. } => return Err(no_place()),
        },
        Some((step, rest)) => {
            if matches!(tree, Tree::Null) && matches!(step, Step::Key(_)) {
                *tree = Tree::Mapping(Vec::new(), Layout::Block);
            }
            let removes = rest.is_empty() && matches!(edit, Edit::Remove { .. });
            match (tree, step) {
                (Tree::Mapping(entries, _), Step::Key(key)) => {
                    let found = entries.iter().position(|(name, _)| name == key);
                    match found {
                        Some(index) if removes => {
                            entries.remove(index);
                        }
                        None if matches!(edit, Edit::Remove { .. }) => return Err(no_place()),
                        found => {
                            let index = found.unwrap_or_else(|| {
                                entries.push((key.clone(), Tree::Null));
                                entries.len() - 1
                            });
                            let (_, inner) = entries.get_mut(index).ok_or_else(no_place)?;
                            apply(inner, &below(edit, 1))?;
                        }
                    }
                }
                (Tree::Sequence(items), Step::Index(index)) if *index < items.len() => {
                    if removes {
                        items.remove(*index);
                    } else {
                        apply(items.get_mut(*index).ok_or_else(no_place)?, &below(edit, 1))?;
                    }
                }
                _ => return Err(no_place()),
            }
        }
    }
    Ok(())
}
