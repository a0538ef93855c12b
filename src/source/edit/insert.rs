//! One entry or item more.

use super::super::emit;
use super::super::tree::Tree;
use super::super::yaml::Value;
use super::lines::Text;
use super::{Patch, Place, replace};

/// The ways to add a key to the mapping at a place.
pub(super) fn entry(
    text: &Text<'_>,
    place: &Place<'_>,
    key: &str,
    value: &Tree,
    first: bool,
) -> Vec<Vec<Patch>> {
    let alone = Tree::flow([(key, value.clone())]);
    let entries = match &*place.node.value {
        Value::Mapping(mapping) => &mapping.entries,
        Value::Scalar(_) if place.node.is_null() => {
            return replace::value(text, place, &Tree::block([(key, value.clone())]));
        }
        Value::Scalar(_) | Value::Sequence(_) | Value::Broken => return Vec::new(),
    };
    let (Some(head), Some(last)) = (entries.first(), entries.last()) else {
        return replace::value(text, place, &alone);
    };
    let line = emit::flow_entry(key, value);
    if place.in_flow || place.is_flow() {
        let begin = Patch::insert(head.key_span.start, format!("{line}, "));
        let end = member_end(text, last.key_span.end, last.node.span.end, last.node.span.is_empty());
        let mut ways = flow_end(text, head.key_span.start, end, place.node.span.end, &line);
        ways.insert(if first { 0 } else { ways.len() }, vec![begin]);
        return ways;
    }
    let indent = text.column(head.key_span.start);
    let lines = text.with_line_ends(&emit::block_entry(key, value, indent));
    let break_ = text.with_line_ends(&format!("\n{}", " ".repeat(indent)));
    let begin = vec![Patch::insert(head.key_span.start, format!("{lines}{break_}"))];
    let end = member_end(text, last.key_span.end, last.node.span.end, last.node.span.is_empty());
    let end = vec![Patch::insert(text.line_end(end), format!("{break_}{lines}"))];
    if first { vec![begin, end] } else { vec![end, begin] }
}

/// The ways to add an item to the list at a place.
pub(super) fn item(text: &Text<'_>, place: &Place<'_>, value: &Tree) -> Vec<Vec<Patch>> {
    let nodes = match &*place.node.value {
        Value::Sequence(nodes) => nodes,
        Value::Scalar(_) if place.node.is_null() => {
            return replace::value(text, place, &Tree::Sequence(vec![value.clone()]));
        }
        Value::Scalar(_) | Value::Mapping(_) | Value::Broken => return Vec::new(),
    };
    let (Some(head), Some(last)) = (nodes.first(), nodes.last()) else {
        return replace::value(text, place, &Tree::Sequence(vec![value.clone()]));
    };
    if place.in_flow || place.is_flow() {
        return flow_end(text, head.span.start, last.span.end, place.node.span.end, &emit::flow(value));
    }
    let Some(dash) = text.dash(last.span.start) else { return Vec::new() };
    let indent = text.column(dash);
    // As the last item: on one line when that one is, and as far from the dash.
    let is_line = matches!(text.slice(last.span.start, last.span.start + 1), "{" | "[");
    let gap = text.slice(dash + 1, last.span.start);
    let gap = if !gap.is_empty() && gap.chars().all(|it| it == ' ') { gap.len() } else { 1 };
    let body = if is_line {
        format!("-{}{}", " ".repeat(gap), emit::flow(value))
    } else {
        let wide = emit::block_item(value, indent + gap - 1);
        format!("-{}{}", " ".repeat(gap), wide.strip_prefix("- ").unwrap_or(&wide))
    };
    let body = text.with_line_ends(&format!("\n{}{body}", " ".repeat(indent)));
    let end = if last.span.is_empty() { dash + 1 } else { last.span.end };
    vec![vec![Patch::insert(text.line_end(end), body)]]
}

/// Where an entry ends.
fn member_end(text: &Text<'_>, key_end: usize, value_end: usize, is_empty: bool) -> usize {
    if is_empty { text.behind_colon(key_end).unwrap_or(key_end) } else { value_end }
}

/// The ways to add something behind the last one between brackets.
fn flow_end(text: &Text<'_>, head: usize, end: usize, closed: usize, line: &str) -> Vec<Vec<Patch>> {
    let rest = text.slice(end, closed);
    let blanks = rest.len() - rest.trim_start().len();
    let comma = rest.trim_start().starts_with(',').then_some(end + blanks + 1);
    let mut ways = Vec::new();
    // One on each line: the new one gets a line, too.
    if text.is_first(head) && text.is_last(comma.unwrap_or(end)) {
        let indent = text.column(head);
        let mut patches = Vec::new();
        let tail = if comma.is_some() { "," } else { "" };
        if comma.is_none() {
            patches.push(Patch::insert(end, ","));
        }
        let at = text.line_end(comma.unwrap_or(end));
        patches
            .push(Patch::insert(at, text.with_line_ends(&format!("\n{}{line}{tail}", " ".repeat(indent)))));
        ways.push(patches);
    }
    ways.push(match comma {
        Some(comma) => vec![Patch::insert(comma, format!(" {line}"))],
        None => vec![Patch::insert(end, format!(", {line}"))],
    });
    ways
}
