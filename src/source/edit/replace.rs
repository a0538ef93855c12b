//! Another value in the place of one.

use super::super::emit::{self, Quotes};
use super::super::tree::Tree;
use super::super::yaml::Value;
use super::lines::Text;
use super::{Patch, Place};

/// The ways to give the value at a place anew.
pub(super) fn value(text: &Text<'_>, place: &Place<'_>, new: &Tree) -> Vec<Vec<Patch>> {
    let node = place.node;
    if node.span.is_empty() {
        return absent(text, place, new);
    }
    let is_alias = node.span != node.text;
    let is_block =
        !is_alias && matches!(&*node.value, Value::Mapping(_) | Value::Sequence(_)) && !place.is_flow();
    let start = if is_block { block_start(text, place) } else { node.span.start };
    let starts_line = text.is_first(start);
    let mut ways = Vec::new();
    if is_block {
        // A block with something else in its place.
        if let Some(entry) = place.entry()
            && starts_line
            && let Some(colon) = text.behind_colon(entry.key_span.end)
        {
            let from = text.line_start(start);
            let to = text.next_line(node.span.end);
            let is_same_kind = matches!(new, Tree::Mapping(..)) && matches!(&*node.value, Value::Mapping(_))
                || matches!(new, Tree::Sequence(_)) && matches!(&*node.value, Value::Sequence(_));
            if is_same_kind && !is_empty(new) {
                let column = text.column(start);
                ways.push(vec![Patch::new(start, node.span.end, text.with_line_ends(&block(new, column)))]);
            }
            // The comment behind the key stays behind it; so do comments between the key and the block.
            ways.push(vec![Patch::insert(colon, format!(" {}", emit::flow(new))), Patch::new(from, to, "")]);
            if to == text.end() && text.line_end(node.span.end) == text.end() {
                ways.insert(
                    ways.len() - 1,
                    vec![
                        Patch::insert(colon, format!(" {}", emit::flow(new))),
                        Patch::new(text.line_end(from.saturating_sub(2).max(colon)), to, ""),
                    ],
                );
            }
        } else {
            ways.push(vec![Patch::new(node.span.start, node.span.end, emit::flow(new))]);
        }
        return ways;
    }
    if new.is_scalar() {
        let quotes = match text.slice(node.span.start, node.span.start + 1) {
            _ if is_alias => Quotes::None,
            "'" => Quotes::Single,
            "\"" => Quotes::Double,
            _ => Quotes::None,
        };
        let where_ = if place.in_flow { emit::Place::Flow } else { emit::Place::Block };
        let line = emit::scalar(new, where_, quotes);
        ways.push(vec![Patch::new(node.span.start, node.span.end, line)]);
    }
    if is_alias && !place.in_flow && !new.is_scalar() && !is_empty(new) && text.is_last(node.span.end) {
        // What the alias stood for, on lines of its own.
        if let Some(entry) = place.entry() {
            let indent = text.column(entry.key_span.start) + 2;
            let colon = text.behind_colon(entry.key_span.end).unwrap_or(node.span.start);
            ways.push(vec![
                Patch::new(colon, node.span.end, ""),
                Patch::insert(text.line_end(node.span.end), lines_below(text, new, indent)),
            ]);
        }
    }
    ways.push(vec![Patch::new(node.span.start, node.span.end, emit::flow(new))]);
    // What stands in front of the old value belongs to it: an anchor, a tag, the head of a text of several lines.
    let behind = match place.entry() {
        Some(entry) => text.behind_colon(entry.key_span.end),
        None if place.in_flow => None,
        None => text.dash(node.span.start).map(|dash| dash + 1),
    };
    if let Some(behind) = behind {
        ways.push(vec![Patch::new(behind, node.span.end, format!(" {}", emit::flow(new)))]);
    }
    ways
}

/// Where a block begins. The span of a list whose dashes are no deeper than its key begins behind the first of them.
fn block_start(text: &Text<'_>, place: &Place<'_>) -> usize {
    let start = place.node.span.start;
    match &*place.node.value {
        Value::Sequence(_) if !text.is_first(start) => {
            text.dash(start).filter(|dash| text.is_first(*dash)).unwrap_or(start)
        }
        _ => start,
    }
}

/// A value where a key has none.
fn absent(text: &Text<'_>, place: &Place<'_>, new: &Tree) -> Vec<Vec<Patch>> {
    let Some(entry) = place.entry() else { return Vec::new() };
    let Some(colon) = text.behind_colon(entry.key_span.end) else { return Vec::new() };
    let inline = vec![Patch::insert(colon, format!(" {}", emit::flow(new)))];
    if place.in_flow || new.is_scalar() || is_empty(new) {
        return vec![inline];
    }
    let indent = text.column(entry.key_span.start) + 2;
    vec![vec![Patch::insert(text.line_end(colon), lines_below(text, new, indent))], inline]
}

/// A value on the lines below its key.
pub(super) fn lines_below(text: &Text<'_>, new: &Tree, indent: usize) -> String {
    text.with_line_ends(&format!("\n{}{}", " ".repeat(indent), block(new, indent)))
}

/// A value on lines of its own, the first one without its indentation.
fn block(new: &Tree, indent: usize) -> String {
    match new {
        Tree::Mapping(entries, _) => {
            let mut out = String::new();
            emit::block_entries(&mut out, entries, indent);
            out
        }
        Tree::Sequence(items) => {
            let items: Vec<_> = items.iter().map(|item| emit::block_item(item, indent)).collect();
            items.join(&format!("\n{}", " ".repeat(indent)))
        }
        scalar => emit::flow(scalar),
    }
}

fn is_empty(tree: &Tree) -> bool {
    match tree {
        Tree::Mapping(entries, _) => entries.is_empty(),
        Tree::Sequence(items) => items.is_empty(),
        _ => false,
    }
}
