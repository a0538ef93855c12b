//! DOT, the language of Graphviz.

use std::fmt::Write;

use super::super::view::{GraphView, Mark};
use super::{remark, title};

pub(super) fn dot(graph: &GraphView) -> String {
    let mut out = format!("digraph mxkeep {{\n  label = \"{}\";\n", escape(&title(graph)));
    out += "  rankdir = LR;\n  node [shape = box, style = \"rounded,filled\", fontname = \"sans-serif\"];\n";
    for (index, node) in graph.nodes.iter().enumerate() {
        let mut label = escape(&node.address.to_string());
        if let Some(remark) = remark(node) {
            let _ = write!(label, "\\n{}", escape(&remark));
        }
        let (fill, line) = look(node.mark);
        let _ =
            writeln!(out, "  n{index} [label = \"{label}\", fillcolor = \"{fill}\", color = \"{line}\"];");
    }
    for (first, then) in &graph.edges {
        let _ = writeln!(out, "  n{first} -> n{then};");
    }
    out + "}\n"
}

const fn look(mark: Mark) -> (&'static str, &'static str) {
    match mark {
        Mark::Plain => ("#f6f8fa", "#57606a"),
        Mark::Create => ("#dafbe1", "#1a7f37"),
        Mark::Update => ("#fff8c5", "#9a6700"),
        Mark::Delete | Mark::Failed => ("#ffebe9", "#cf222e"),
        Mark::Held => ("#fbefff", "#8250df"),
    }
}

/// Inside of a quoted string, where `\n` and `\G` would be orders, and `&amp;` an entity.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('\\', "\\\\").replace('"', "\\\"")
}
