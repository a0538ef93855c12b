//! What the environments of a folder have in common → `defaults`, so that their own files say what makes them different.

use super::outside::KEYS;
use super::tree::{Layout, Tree};
use crate::model::Kind;
use crate::model::field::{Field, ListKey, Shape, find};

/// Fields that each environment says by itself: who it is, where it runs, and what is promoted from one to the next.
const OWN: &[&str] = &["id", "app", "provider", "properties", "packageId", "package"];

/// Takes what all of these environments say alike out of them. Nothing, and nothing is taken, where there is none.
pub(super) fn pull_out(bodies: &mut [&mut Tree]) -> Option<Tree> {
    let table = Kind::Environment.fields();
    let common = {
        let trees: Vec<&Tree> = bodies.iter().map(|body| &**body).collect();
        if trees.len() < 2 {
            return None;
        }
        common(&trees, table)
    };
    if common.is_empty() {
        return None;
    }
    for body in bodies {
        subtract(body, &common, table);
    }
    Some(Tree::Mapping(common, Layout::Block))
}

/// The values of a key in all of these mappings.
fn all<'t>(trees: &[&'t Tree], key: &str) -> Option<Vec<&'t Tree>> {
    trees.iter().map(|tree| tree.get(key)).collect()
}

fn common(trees: &[&Tree], table: &'static [Field]) -> Vec<(String, Tree)> {
    let Some(Tree::Mapping(entries, _)) = trees.first() else { return Vec::new() };
    let mut found = Vec::new();
    for (key, value) in entries.iter().filter(|(key, _)| !OWN.contains(&key.as_str())) {
        let Some(values) = all(trees, key) else { continue };
        let shared = match find(table, key).map(|field| field.shape) {
            Some(Shape::Object(table)) => nested(value, common(&values, table)),
            Some(Shape::List(shape)) => match shape.key {
                ListKey::Natural(names) => items(&values, names.len()),
                ListKey::Content(_) => None,
            },
            _ => alike(&values),
        };
        found.extend(shared.map(|shared| (key.clone(), shared)));
    }
    found
}

fn nested(of: &Tree, entries: Vec<(String, Tree)>) -> Option<Tree> {
    let layout = match of {
        Tree::Mapping(_, layout) => *layout,
        _ => Layout::Block,
    };
    (!entries.is_empty()).then_some(Tree::Mapping(entries, layout))
}

/// Items that are there in all of these lists and say the same.
fn items(lists: &[&Tree], depth: usize) -> Option<Tree> {
    let Some(Tree::Mapping(entries, _)) = lists.first() else { return None };
    let mut found = Vec::new();
    for (key, _) in entries {
        let Some(values) = all(lists, key) else { continue };
        let shared = if depth > 1 { items(&values, depth - 1) } else { alike(&values) };
        found.extend(shared.map(|shared| (key.clone(), shared)));
    }
    // A mapping of one such key would say how the list is meant.
    let reserved = matches!(found.as_slice(), [(key, _)] if key == "exact" || key == "merge");
    (!found.is_empty() && !reserved).then_some(Tree::Mapping(found, Layout::Block))
}

fn alike(values: &[&Tree]) -> Option<Tree> {
    let (first, others) = values.split_first()?;
    // A variable belongs to one environment.
    let is_outside = matches!(first, Tree::Mapping(entries, _) if entries.iter().any(|(key, _)| KEYS.contains(&key.as_str())));
    (!is_outside && others.iter().all(|other| other.says(first))).then(|| (*first).clone())
}

fn subtract(tree: &mut Tree, common: &[(String, Tree)], table: &'static [Field]) {
    let Tree::Mapping(entries, _) = tree else { return };
    entries.retain_mut(|(key, value)| {
        let Some((_, shared)) = common.iter().find(|(name, _)| name == key) else { return true };
        match (find(table, key).map(|field| field.shape), shared) {
            (Some(Shape::Object(table)), Tree::Mapping(inner, _)) => {
                subtract(value, inner, table);
                !is_empty(value)
            }
            (Some(Shape::List(shape)), Tree::Mapping(inner, _)) => {
                let depth = match shape.key {
                    ListKey::Natural(names) => names.len(),
                    ListKey::Content(_) => 1,
                };
                subtract_items(value, inner, depth);
                !is_empty(value)
            }
            _ => false,
        }
    });
}

fn subtract_items(tree: &mut Tree, common: &[(String, Tree)], depth: usize) {
    let Tree::Mapping(entries, _) = tree else { return };
    entries.retain_mut(|(key, value)| match common.iter().find(|(name, _)| name == key) {
        None => true,
        Some((_, Tree::Mapping(inner, _))) if depth > 1 => {
            subtract_items(value, inner, depth - 1);
            !is_empty(value)
        }
        Some(_) => false,
    });
}

fn is_empty(tree: &Tree) -> bool {
    matches!(tree, Tree::Mapping(entries, _) if entries.is_empty())
}
