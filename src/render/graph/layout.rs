//! Where the nodes of a graph go: layers from left to right, each a column, and nothing on top of anything else.
//!
//! The graphs of estates are nearly trees of four layers, a hundred environments in the last one. A node is in the layer
//! behind everything that it stands on, as high as the middle of its neighbours where there is room. The same graph is
//! always drawn the same.

use std::collections::BTreeMap;

/// How often the columns are put in order after their neighbours.
const SWEEPS: usize = 8;

/// Where a node stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spot {
    /// Its column, from 0.
    pub(super) layer: usize,
    /// The middle of the node, in heights of a row; the highest has 0.
    pub(super) row: f64,
}

/// Where everything of a graph goes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    /// A spot for each node.
    pub(super) nodes: Vec<Spot>,
    /// For each edge, where it goes through the layers between its ends.
    pub(super) ways: Vec<Vec<Spot>>,
}

/// How many spots edges may take up. The graph of an estate needs a few hundred.
const MOST_SPOTS: usize = 20_000;

/// Lays out so many nodes. An edge that closes a loop is no reason to be further right.
pub(super) fn layout(nodes: usize, edges: &[(usize, usize)]) -> Layout {
    let mut layers = layers(nodes, edges);
    // An edge over several layers has a place of its own in each of them, so that it goes around the nodes there.
    let (mut steps, mut ways) = (Vec::new(), Vec::new());
    for (first, then) in edges {
        let ends = layers.get(*first).copied().zip(layers.get(*then).copied());
        let between = ends.map_or(0..0, |(from, to)| from + 1..to.max(from + 1));
        let (mut last, mut way) = (*first, Vec::new());
        for layer in between {
            if layers.len() >= nodes + MOST_SPOTS {
                break;
            }
            steps.push((last, layers.len()));
            last = layers.len();
            way.push(last);
            layers.push(layer);
        }
        steps.push((last, *then));
        ways.push(way);
    }
    let mut spots = placed(&layers, &steps);
    let ways =
        ways.iter().map(|way| way.iter().filter_map(|spot| spots.get(*spot).copied()).collect()).collect();
    spots.truncate(nodes);
    Layout { nodes: spots, ways }
}

/// A spot for each node of a layer.
fn placed(layers: &[usize], edges: &[(usize, usize)]) -> Vec<Spot> {
    let nodes = layers.len();
    let mut columns: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (node, layer) in layers.iter().enumerate() {
        columns.entry(*layer).or_default().push(node);
    }
    let (mut before, mut behind) = (vec![Vec::new(); nodes], vec![Vec::new(); nodes]);
    for (first, then) in edges {
        if let (Some(back), Some(forth)) = (before.get_mut(*then), behind.get_mut(*first)) {
            back.push(*first);
            forth.push(*then);
        }
    }
    let mut rows = vec![0.0; nodes];
    for column in columns.values() {
        for (row, node) in column.iter().enumerate() {
            set(&mut rows, *node, row as f64);
        }
    }
    for sweep in 0..SWEEPS {
        let forth = sweep % 2 == 0;
        let neighbours = if forth { &before } else { &behind };
        let mut order: Vec<_> = columns.values_mut().collect();
        if !forth {
            order.reverse();
        }
        for column in order {
            settle(column, neighbours, &mut rows);
        }
    }
    // Parents once more in the middle of their children, and children behind them as they are.
    for column in columns.values_mut().rev() {
        settle(column, &behind, &mut rows);
    }
    let top = rows.iter().copied().fold(f64::INFINITY, f64::min);
    layers.iter().zip(rows).map(|(layer, row)| Spot { layer: *layer, row: row - top }).collect()
}

/// The layer of each node: one behind the last of those that it stands on.
fn layers(nodes: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut layers = vec![0; nodes];
    let mut open: Vec<usize> = vec![0; nodes];
    let mut behind = vec![Vec::new(); nodes];
    for (first, then) in edges {
        if let (Some(behind), Some(open)) = (behind.get_mut(*first), open.get_mut(*then)) {
            behind.push(*then);
            *open += 1;
        }
    }
    let mut free: Vec<usize> = (0..nodes).filter(|node| open.get(*node) == Some(&0)).collect();
    while let Some(node) = free.pop() {
        let next = layers.get(node).copied().unwrap_or_default() + 1;
        for then in behind.get(node).into_iter().flatten() {
            if let (Some(layer), Some(open)) = (layers.get_mut(*then), open.get_mut(*then)) {
                *layer = next.max(*layer);
                *open -= 1;
                if *open == 0 {
                    free.push(*then);
                }
            }
        }
    }
    layers
}

/// Puts a column in order after where its neighbours are, each node as near to their middle as the others let it.
fn settle(column: &mut [usize], neighbours: &[Vec<usize>], rows: &mut [f64]) {
    let middle = |node: usize, rows: &[f64]| {
        let own = rows.get(node).copied().unwrap_or_default();
        let Some(others) = neighbours.get(node).filter(|others| !others.is_empty()) else { return own };
        let sum: f64 = others.iter().filter_map(|other| rows.get(*other)).sum();
        sum / others.len() as f64
    };
    let mut wanted: Vec<(usize, f64)> = column.iter().map(|node| (*node, middle(*node, rows))).collect();
    // The order of addresses decides where nothing else does, since sorting is stable.
    wanted.sort_by(|one, other| one.1.total_cmp(&other.1));
    for ((node, row), place) in spread(&wanted).into_iter().zip(column.iter_mut()) {
        set(rows, node, row);
        *place = node;
    }
}

/// Rows in this order, at least one apart, and together as near as can be to the wanted ones: blocks of neighbours that
/// would overlap move as one, to the mean of what they want.
fn spread(wanted: &[(usize, f64)]) -> Vec<(usize, f64)> {
    // Each block: the sum of what its nodes want for its first, and how many they are.
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (index, (_, row)) in wanted.iter().enumerate() {
        let mut block = (row - index as f64, 1);
        while let Some((sum, count)) = blocks.last().copied() {
            if sum / count as f64 <= block.0 / block.1 as f64 {
                break;
            }
            blocks.pop();
            block = (block.0 + sum, block.1 + count);
        }
        blocks.push(block);
    }
    let starts = blocks.iter().flat_map(|(sum, count)| std::iter::repeat_n(sum / *count as f64, *count));
    wanted
        .iter()
        .zip(starts)
        .enumerate()
        .map(|(index, ((node, _), start))| (*node, start + index as f64))
        .collect()
}

fn set(rows: &mut [f64], node: usize, row: f64) {
    if let Some(place) = rows.get_mut(node) {
        *place = row;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(spots: &[Spot], layer: usize) -> Vec<f64> {
        spots.iter().filter(|spot| spot.layer == layer).map(|spot| spot.row).collect()
    }

    #[test]
    fn a_parent_stands_in_the_middle_of_its_children() {
        let Layout { nodes: spots, ways: _ } = layout(6, &[(0, 1), (1, 2), (1, 3), (1, 4), (0, 5)]);
        assert_eq!(spots.iter().map(|spot| spot.layer).collect::<Vec<_>>(), [0, 1, 2, 2, 2, 1]);
        assert_eq!(rows(&spots, 2), [0.0, 1.0, 2.0]);
        assert_eq!(spots[1].row, 1.0);
    }

    #[test]
    fn families_do_not_mix() {
        // Two parents, whose children are named in turns.
        let Layout { nodes: spots, ways: _ } = layout(8, &[(0, 2), (1, 3), (0, 4), (1, 5), (0, 6), (1, 7)]);
        let of = |nodes: [usize; 3]| nodes.map(|node| spots[node].row);
        assert_eq!((of([2, 4, 6]), of([3, 5, 7])), ([0.0, 1.0, 2.0], [3.0, 4.0, 5.0]));
        assert_eq!((spots[0].row, spots[1].row), (1.0, 4.0));
    }

    proptest! {
        #[test]
        fn nothing_overlaps_whatever_the_graph(
            nodes in 0..60usize,
            edges in prop::collection::vec((0..60usize, 0..60usize), 0..200),
        ) {
            let edges: Vec<_> = edges.into_iter().filter(|(first, then)| first.max(then) < &nodes).collect();
            let layout = layout(nodes, &edges);
            prop_assert_eq!((layout.nodes.len(), layout.ways.len()), (nodes, edges.len()));
            let spots: Vec<_> = layout.nodes.iter().chain(layout.ways.iter().flatten()).collect();
            for (index, one) in spots.iter().enumerate() {
                prop_assert!(one.row.is_finite() && one.row >= 0.0);
                for other in &spots[index + 1..] {
                    prop_assert!(one.layer != other.layer || (one.row - other.row).abs() > 0.999);
                }
            }
            prop_assert_eq!(&layout, &super::layout(nodes, &edges));
        }

        #[test]
        fn what_stands_on_something_is_right_of_it(
            edges in prop::collection::vec((0..40usize, 0..40usize), 0..100),
        ) {
            let edges: Vec<_> = edges.into_iter().filter(|(first, then)| first < then).collect();
            let Layout { nodes: spots, ways } = layout(40, &edges);
            for ((first, then), way) in edges.into_iter().zip(ways) {
                prop_assert!(spots[first].layer < spots[then].layer);
                // Every layer between is passed.
                let passed: Vec<_> = way.iter().map(|spot| spot.layer).collect();
                prop_assert_eq!(passed, (spots[first].layer + 1..spots[then].layer).collect::<Vec<_>>());
            }
        }
    }
}
