//! Resources must not depend on each other in a loop: REF-007.

use std::collections::BTreeMap;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::super::codes;
use super::super::diagnostic::Problem;
use super::super::resource::Resource;
use crate::model::{Address, Origin};

/// What `dependsOn` of each resource names, by the index of the resource.
pub(in crate::source) type Needs = BTreeMap<usize, Vec<(Address, Origin)>>;

/// REF-007: reports each loop once, at its first `dependsOn`, and shows all the others.
pub(super) fn no_loops(resources: &[Resource], needs: &Needs, problems: &mut Vec<Problem>) {
    let edges = edges(resources, needs);
    let mut graph = DiGraph::<&Address, ()>::new();
    // In the order of addresses, so that the same loop is always told in the same way.
    let nodes: BTreeMap<&Address, NodeIndex> =
        edges.keys().map(|address| (*address, graph.add_node(address))).collect();
    for (from, found) in &edges {
        for (to, _) in *found {
            if let (Some(from), Some(to)) = (nodes.get(from), nodes.get(to)) {
                graph.add_edge(*from, *to, ());
            }
        }
    }
    let mut loops: Vec<Vec<&Address>> = kosaraju_scc(&graph)
        .into_iter()
        .filter(|component| component.len() > 1)
        .map(|component| component.iter().filter_map(|node| graph.node_weight(*node).copied()).collect())
        .collect();
    loops.iter_mut().for_each(|members| members.sort());
    loops.sort();
    for members in &loops {
        problems.extend(report(members, &edges, resources));
    }
}

type Edges<'a> = BTreeMap<&'a Address, &'a [(Address, Origin)]>;

fn edges<'a>(resources: &'a [Resource], needs: &'a Needs) -> Edges<'a> {
    needs
        .iter()
        .filter_map(|(index, found)| Some((resources.get(*index)?.address.as_ref()?, found.as_slice())))
        .collect()
}

fn report(members: &[&Address], edges: &Edges<'_>, resources: &[Resource]) -> Option<Problem> {
    let path = walk(members, edges);
    let ((first, _), origin) = (path.first()?, &path.first()?.1);
    let told: Vec<_> = path.iter().map(|(address, _)| address.to_string()).collect();
    let message = format!("resources depend on each other: {} → {first}", told.join(" → "));
    let mut problem = Problem::new(&codes::REF_007, (*origin).clone(), message)
        .label("this one")
        .help("remove one of these `dependsOn`")
        .path_text("dependsOn".to_owned());
    for (_, origin) in path.iter().skip(1) {
        problem = problem.related((*origin).clone(), "and this one");
    }
    let index = resources.iter().position(|resource| resource.address.as_ref() == Some(*first));
    Some(problem.resource(index))
}

/// One loop through the members, from the first of them that it meets again: each with the place that names the next.
fn walk<'a>(members: &[&'a Address], edges: &Edges<'a>) -> Vec<(&'a Address, &'a Origin)> {
    let mut path: Vec<(&Address, &Origin)> = Vec::new();
    let mut current = members.first().copied();
    while let Some(address) = current {
        if let Some(start) = path.iter().position(|(seen, _)| *seen == address) {
            return path.split_off(start);
        }
        let next = edges
            .get(address)
            .into_iter()
            .flat_map(|found| found.iter())
            .find(|(to, _)| members.contains(&to));
        let Some((to, origin)) = next else { break };
        path.push((address, origin));
        current = members.iter().find(|member| **member == to).copied();
    }
    path
}
