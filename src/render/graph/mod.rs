//! Graphs: what stands on what in an estate, what needs what in a plan.

mod dot;
mod layout;
mod mermaid;
mod svg;

use super::format::GraphFormat;
use super::view::{GraphView, NodeView};

pub(super) use svg::{STYLE as SVG_STYLE, element as svg_element};

/// Writes a graph.
pub fn render_graph(graph: &GraphView, format: GraphFormat) -> String {
    match format {
        GraphFormat::Mermaid => mermaid::mermaid(graph),
        GraphFormat::Dot => dot::dot(graph),
        GraphFormat::Svg => svg::svg(graph),
    }
}

/// What a graph is called.
fn title(graph: &GraphView) -> String {
    format!("mxkeep {} of {}", graph.subject.name(), graph.estate)
}

/// What stands below the address of a node.
fn remark(node: &NodeView) -> Option<String> {
    match (node.verb, node.state) {
        (None, None) => None,
        (None, Some(state)) => Some(state.to_owned()),
        (Some(verb), None) => Some(verb.to_string()),
        (Some(verb), Some(state)) => Some(format!("{verb}, {state}")),
    }
}
