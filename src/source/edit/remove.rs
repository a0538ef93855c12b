//! One entry or item less: its own lines and its own comment behind it go, and nothing of its neighbours.

use super::super::tree::{Layout, Tree};
use super::super::yaml::{Node, Value};
use super::lines::Text;
use super::{Patch, Place, replace};

/// Where a member of a collection begins and ends.
#[derive(Clone, Copy)]
struct Extent {
    start: usize,
    end: usize,
}

/// The ways to take out the entry or item at a place.
pub(super) fn member(text: &Text<'_>, place: &Place<'_>) -> Vec<Vec<Patch>> {
    let (Some((holder, index)), Some(above)) = (place.above.last(), place.holder()) else {
        return Vec::new();
    };
    let in_flow = above.in_flow || above.is_flow();
    let members = extents(text, holder, in_flow);
    let Some(own) = members.get(*index).copied() else { return Vec::new() };
    let mut ways = Vec::new();
    if let [_] = members.as_slice() {
        let empty = match &*holder.value {
            Value::Sequence(_) => Tree::Sequence(Vec::new()),
            _ => Tree::Mapping(Vec::new(), Layout::Flow),
        };
        return replace::value(text, &above, &empty);
    }
    let next = members.get(index + 1).copied();
    let before = index.checked_sub(1).and_then(|index| members.get(index)).copied();
    let closing = behind_comma(text, own.end, in_flow);
    if text.is_first(own.start) && text.is_last(closing) {
        let from = text.line_start(own.start);
        let to = text.next_line(closing);
        if text.line_end(closing) == text.end() {
            // The last line of a file without a line end takes the one before it along.
            let from = text.slice(0, from).trim_end_matches(['\n', '\r']).len();
            ways.push(vec![Patch::new(from, text.end(), "")]);
        }
        ways.push(vec![Patch::new(from, to, "")]);
    }
    if let Some(next) = next {
        let between = text.slice(closing, next.start);
        if in_flow || !between.contains('#') {
            ways.push(vec![Patch::new(own.start, next.start, "")]);
        }
        ways.push(vec![Patch::new(own.start, text.line_end(closing), "")]);
    }
    if let Some(before) = before {
        ways.push(vec![Patch::new(before.end, own.end, "")]);
    }
    ways
}

fn behind_comma(text: &Text<'_>, end: usize, in_flow: bool) -> usize {
    let rest = text.slice(end, text.line_end(end));
    let blanks = rest.len() - rest.trim_start().len();
    if in_flow && rest.trim_start().starts_with(',') { end + blanks + 1 } else { end }
}

fn extents(text: &Text<'_>, holder: &Node, in_flow: bool) -> Vec<Extent> {
    match &*holder.value {
        Value::Mapping(mapping) => mapping
            .entries
            .iter()
            .map(|entry| {
                let end = if entry.node.span.is_empty() {
                    text.behind_colon(entry.key_span.end).unwrap_or(entry.key_span.end)
                } else {
                    entry.node.span.end
                };
                Extent { start: entry.key_span.start, end }
            })
            .collect(),
        Value::Sequence(nodes) => nodes
            .iter()
            .map(|node| {
                let start = if in_flow { None } else { text.dash(node.span.start) };
                let start = start.unwrap_or(node.span.start);
                Extent { start, end: node.span.end.max(start + 1) }
            })
            .collect(),
        Value::Scalar(_) | Value::Broken => Vec::new(),
    }
}
