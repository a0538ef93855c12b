//! The order of a plan, and loops.

use std::collections::BTreeMap;

use petgraph::algo::{kosaraju_scc, toposort};
use petgraph::graph::DiGraph;

use super::action::{Action, ActionId};

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Actions need each other.
    #[error("actions need each other: {}", .0.join(" → "))]
    Cycle(Vec<ActionId>),
}

/// An order that respects every need; among actions that are free to run, by id.
///
/// # Errors
///
/// When actions need each other: the whole loop.
pub(super) fn order(actions: &BTreeMap<ActionId, Action>) -> Result<Vec<ActionId>, PlanError> {
    let mut graph = DiGraph::<&str, ()>::new();
    // `toposort` follows the order of insertion backwards, so that the last id goes in first.
    let nodes: BTreeMap<&str, _> = actions.keys().rev().map(|id| (id.as_str(), graph.add_node(id))).collect();
    for action in actions.values() {
        for need in &action.needs {
            if let (Some(from), Some(to)) = (nodes.get(need.as_str()), nodes.get(action.id.as_str())) {
                graph.add_edge(*from, *to, ());
            }
        }
    }
    match toposort(&graph, None) {
        Ok(order) => Ok(order
            .into_iter()
            .filter_map(|node| graph.node_weight(node))
            .map(|id| (*id).to_owned())
            .collect()),
        Err(_) => Err(PlanError::Cycle(first_loop(&graph))),
    }
}

fn first_loop(graph: &DiGraph<&str, ()>) -> Vec<ActionId> {
    let mut loops: Vec<Vec<ActionId>> = kosaraju_scc(graph)
        .into_iter()
        .filter(|component| {
            component.len() > 1 || component.first().is_some_and(|node| graph.contains_edge(*node, *node))
        })
        .map(|component| {
            let mut ids: Vec<_> = component
                .iter()
                .filter_map(|node| graph.node_weight(*node))
                .map(|id| (*id).to_owned())
                .collect();
            ids.sort();
            ids
        })
        .collect();
    loops.sort();
    loops.into_iter().next().unwrap_or_default()
}
