//! Mermaid, which GitHub, GitLab and Azure DevOps draw inside of Markdown.

use std::fmt::Write;

use super::super::view::{GraphView, Mark};
use super::{remark, title};

pub(super) fn mermaid(graph: &GraphView) -> String {
    let mut out = format!("---\ntitle: \"{}\"\n---\nflowchart LR\n", escape(&title(graph)));
    for (index, node) in graph.nodes.iter().enumerate() {
        let mut label = escape(&node.address.to_string());
        if let Some(remark) = remark(node) {
            let _ = write!(label, "<br/>{}", escape(&remark));
        }
        let _ = writeln!(out, "  n{index}[\"{label}\"]:::{}", node.mark.name());
    }
    for (first, then) in &graph.edges {
        let _ = writeln!(out, "  n{first} --> n{then}");
    }
    for mark in Mark::ALL {
        if graph.nodes.iter().any(|node| node.mark == mark) {
            let _ = writeln!(out, "  classDef {} {}", mark.name(), look(mark));
        }
    }
    out
}

/// Fill and text are both given, so that a dark page does not take the text away.
const fn look(mark: Mark) -> &'static str {
    match mark {
        Mark::Plain => "fill:#f6f8fa,stroke:#57606a,color:#1f2328",
        Mark::Create => "fill:#dafbe1,stroke:#1a7f37,color:#1f2328",
        Mark::Update => "fill:#fff8c5,stroke:#9a6700,color:#1f2328",
        Mark::Delete => "fill:#ffebe9,stroke:#cf222e,color:#1f2328",
        Mark::Held => "fill:#fbefff,stroke:#8250df,color:#1f2328",
        Mark::Failed => "fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-width:3px",
    }
}

/// Names as entities, as far as Mermaid, Markdown or HTML could make something of them.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_alphanumeric() || matches!(character, ' ' | '/' | '.' | ',' | '-' | '_') {
            out.push(character);
        } else {
            let _ = write!(out, "#{};", u32::from(character));
        }
    }
    out
}
