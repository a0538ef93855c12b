//! The fields of a new resource, as YAML: what a person would write into a file, with what mxkeep fills in.

use super::changes::{INDENT, wanted_piece};
use crate::render::layout::{Line, Page};
use crate::render::style::Label;
use crate::render::view::{ChangeView, Wanted};

/// A part of a manifest.
enum Node {
    /// A value.
    Leaf {
        label: Label,
        value: String,
        /// Whether it may stand for the item that it is the only field of.
        short: bool,
    },
    /// Fields of an object, or items of a list by their keys.
    Branch(Vec<(String, Node)>),
}

/// Shows the fields of a new resource. A part that fits into one line is written in one.
pub(super) fn fields(page: &mut Page<'_>, changes: &[ChangeView]) {
    let mut root = Vec::new();
    for change in changes {
        let (label, value) = match &change.wanted {
            // An item that is nothing but its key, which stands in front of it already.
            Wanted::Value(value) if change.is_item && value.exact().is_object() => {
                (Label::Plain, "{}".to_owned())
            }
            _ => wanted_piece(change, page.style()),
        };
        let label = if label == Label::After { Label::Plain } else { label };
        let steps: Vec<String> = change.steps.iter().map(ToString::to_string).collect();
        insert(&mut root, &steps, Node::Leaf { label, value, short: change.short });
    }
    for (name, node) in root {
        block(page, INDENT, &name, &node);
    }
}

fn insert(fields: &mut Vec<(String, Node)>, steps: &[String], leaf: Node) {
    let Some((first, rest)) = steps.split_first() else { return };
    let position = match fields.iter().position(|(name, _)| name == first) {
        Some(position) => position,
        None => {
            fields.push((first.clone(), Node::Branch(Vec::new())));
            fields.len() - 1
        }
    };
    match fields.get_mut(position) {
        Some((_, node)) if rest.is_empty() => *node = leaf,
        Some((_, Node::Branch(fields))) => insert(fields, rest, leaf),
        _ => {}
    }
}

fn block(page: &mut Page<'_>, indent: usize, name: &str, node: &Node) {
    let node = shortened(node);
    let head = Line::new(indent).add(Label::Dim, format!("{name}:"));
    let line = head.clone().add(Label::Plain, " ").append(flow(node));
    match node {
        Node::Branch(fields) if line.width() > page.width() => {
            page.line(&head);
            for (name, node) in fields {
                block(page, indent + 2, name, node);
            }
        }
        Node::Branch(_) | Node::Leaf { .. } => page.line(&line),
    }
}

/// `Name: value` instead of `Name: {value: value}`.
fn shortened(node: &Node) -> &Node {
    match node {
        Node::Branch(fields) => match fields.as_slice() {
            [(_, leaf @ Node::Leaf { short: true, .. })] => leaf,
            _ => node,
        },
        Node::Leaf { .. } => node,
    }
}

fn flow(node: &Node) -> Line {
    let fields = match shortened(node) {
        Node::Leaf { label, value, short: _ } => return Line::new(0).add(*label, value.clone()),
        Node::Branch(fields) => fields,
    };
    let mut line = Line::new(0).add(Label::Dim, "{");
    for (index, (name, node)) in fields.iter().enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        line = line.add(Label::Dim, format!("{separator}{name}: ")).append(flow(node));
    }
    line.add(Label::Dim, "}")
}
