//! What stands on what, to be drawn.

use std::collections::{BTreeMap, HashMap};

use petgraph::algo::toposort;
use petgraph::algo::tred::{dag_to_toposorted_adjacency_list, dag_transitive_reduction_closure};
use petgraph::graph::{DiGraph, NodeIndex};

use super::{ActionView, OutcomeView, PlanView, StatusView};
use crate::apply::ActionOutcome;
use crate::model::{DesiredState, Identity, Kind};
use crate::plan::{Scope, Verb, stands_on};
use crate::render::sanitise::Name;

/// Resources of an estate, or actions of a plan or run, and which of them come before others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphView {
    /// What it is a graph of.
    pub subject: Subject,
    /// The name of the estate.
    pub estate: Name,
    /// What is drawn.
    pub nodes: Vec<NodeView>,
    /// From what comes first to what stands on it or needs it: indices of nodes.
    pub edges: Vec<(usize, usize)>,
}

/// What a graph is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// What the files declare.
    Estate,
    /// What apply would do.
    Plan,
    /// What became of a run.
    Outcome,
}

impl Subject {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Subject::Estate => "estate",
            Subject::Plan => "plan",
            Subject::Outcome => "outcome",
        }
    }
}

/// A resource, or an action on one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeView {
    /// The resource.
    pub address: Name,
    /// Its kind.
    pub kind: Kind,
    /// What is done with it.
    pub verb: Option<Verb>,
    /// What else there is to say: that it is blocked, waits, or how it ended.
    pub state: Option<&'static str>,
    /// How it is to look.
    pub mark: Mark,
}

/// How a node is to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// A resource as it is declared; what ended without anything done.
    Plain,
    /// It comes into being, or ended well.
    Create,
    /// It changes.
    Update,
    /// It goes.
    Delete,
    /// It may not run, or waits.
    Held,
    /// It failed.
    Failed,
}

impl Mark {
    /// Every look.
    pub const ALL: [Mark; 6] =
        [Mark::Plain, Mark::Create, Mark::Update, Mark::Delete, Mark::Held, Mark::Failed];

    /// The name of the look, for style sheets.
    pub const fn name(self) -> &'static str {
        match self {
            Mark::Plain => "plain",
            Mark::Create => "create",
            Mark::Update => "update",
            Mark::Delete => "delete",
            Mark::Held => "held",
            Mark::Failed => "failed",
        }
    }
}

/// The graph of what the files declare, as far as it lies in the scope. Tombstones stand alone.
pub fn estate_graph(desired: &DesiredState, scope: &Scope) -> GraphView {
    let drawn = desired.resources.values();
    let mut drawn: Vec<_> = drawn.filter(|it| it.kind() != Kind::App && scope.holds(&it.address)).collect();
    drawn.sort_by(|one, other| one.address.cmp(&other.address));
    let indices: HashMap<&Identity, usize> =
        drawn.iter().enumerate().map(|(index, resource)| (&resource.identity, index)).collect();
    let mut edges = Vec::new();
    for (index, resource) in drawn.iter().enumerate() {
        let first = stands_on(desired, resource).into_iter().filter_map(|identity| indices.get(identity));
        edges.extend(first.map(|first| (*first, index)));
    }
    let declared = drawn.iter().map(|resource| NodeView {
        address: Name::new(&resource.address),
        kind: resource.kind(),
        verb: None,
        state: None,
        mark: Mark::Plain,
    });
    let removed = desired.tombstones.iter().filter(|tombstone| scope.holds(&tombstone.address));
    let removed = removed.map(|tombstone| NodeView {
        address: Name::new(&tombstone.address),
        kind: tombstone.address.kind(),
        verb: None,
        state: Some("remove"),
        mark: Mark::Delete,
    });
    GraphView {
        subject: Subject::Estate,
        estate: Name::new(&desired.settings.estate),
        nodes: declared.chain(removed).collect(),
        edges: reduced(drawn.len(), edges),
    }
}

/// The graph of a plan.
pub fn plan_graph(plan: &PlanView) -> GraphView {
    let node = |action: &ActionView| {
        let (state, mark) = match &action.status {
            StatusView::Ready => (None, of_verb(action.verb)),
            held => (Some(held.name()), Mark::Held),
        };
        of_action(action, state, mark)
    };
    of_actions(Subject::Plan, &plan.estate, &plan.actions, node)
}

/// The graph of a run.
pub fn outcome_graph(outcome: &OutcomeView) -> GraphView {
    let actions: Vec<ActionView> = outcome.actions.iter().map(|report| report.action.clone()).collect();
    let ends: BTreeMap<&Name, ActionOutcome> =
        outcome.actions.iter().map(|report| (&report.action.id, report.outcome)).collect();
    let node = |action: &ActionView| {
        let end = ends.get(&action.id).copied().unwrap_or(ActionOutcome::NotStarted);
        let mark = match end {
            ActionOutcome::Done => Mark::Create,
            ActionOutcome::Failed | ActionOutcome::Unknown => Mark::Failed,
            ActionOutcome::Blocked | ActionOutcome::Waiting | ActionOutcome::Refused => Mark::Held,
            ActionOutcome::Skipped | ActionOutcome::Cancelled | ActionOutcome::NotStarted => Mark::Plain,
        };
        of_action(action, Some(end.name()), mark)
    };
    of_actions(Subject::Outcome, &outcome.estate, &actions, node)
}

fn of_verb(verb: Verb) -> Mark {
    match verb {
        Verb::Create => Mark::Create,
        Verb::Update | Verb::Restart | Verb::Scale => Mark::Update,
        Verb::Delete => Mark::Delete,
    }
}

fn of_action(action: &ActionView, state: Option<&'static str>, mark: Mark) -> NodeView {
    NodeView { address: action.address.clone(), kind: action.kind, verb: Some(action.verb), state, mark }
}

fn of_actions(
    subject: Subject,
    estate: &Name,
    actions: &[ActionView],
    node: impl Fn(&ActionView) -> NodeView,
) -> GraphView {
    let indices: HashMap<&Name, usize> =
        actions.iter().enumerate().map(|(index, action)| (&action.id, index)).collect();
    let mut edges = Vec::new();
    for (index, action) in actions.iter().enumerate() {
        edges.extend(action.needs.iter().filter_map(|need| indices.get(need)).map(|first| (*first, index)));
    }
    let edges = reduced(actions.len(), edges);
    GraphView { subject, estate: estate.clone(), nodes: actions.iter().map(node).collect(), edges }
}

/// The edges that do not follow from others: what the environment needs that another one needs, it need not be told to
/// need. Edges that make a loop, which a saved plan may have, stay as they are.
fn reduced(nodes: usize, edges: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let mut graph: DiGraph<(), (), usize> = DiGraph::default();
    let indices: Vec<NodeIndex<usize>> = (0..nodes).map(|_| graph.add_node(())).collect();
    for (first, then) in &edges {
        if let (Some(first), Some(then)) = (indices.get(*first), indices.get(*then)) {
            graph.update_edge(*first, *then, ());
        }
    }
    let Ok(order) = toposort(&graph, None) else { return edges };
    let (sorted, places) = dag_to_toposorted_adjacency_list::<_, usize>(&graph, &order);
    let (reduction, _) = dag_transitive_reduction_closure(&sorted);
    let place = |node: usize| places.get(node).copied().unwrap_or_default();
    edges.into_iter().filter(|(first, then)| reduction.contains_edge(place(*first), place(*then))).collect()
}
