//! The ready-queue: which actions may start now. Pure.
//!
//! There are no level barriers: an action starts as soon as everything that it needs has succeeded. Among those
//! that may start, the one with the longest chain behind it goes first, so that the run ends as early as it can.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Actions by id, what they wait for, and what waits for them.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    /// Needs that have not succeeded yet, of every action that has not started.
    waiting: BTreeMap<String, BTreeSet<String>>,
    dependants: BTreeMap<String, BTreeSet<String>>,
    chain: BTreeMap<String, usize>,
}

impl Queue {
    /// A queue of actions, given as `(id, needs)`. A need that is not in the queue counts as fulfilled.
    pub fn new<'a>(actions: impl IntoIterator<Item = (&'a str, &'a [String])>) -> Queue {
        let actions: BTreeMap<&str, &[String]> = actions.into_iter().collect();
        let mut queue = Queue::default();
        for (id, needs) in &actions {
            let needs: BTreeSet<String> =
                needs.iter().filter(|need| actions.contains_key(need.as_str())).cloned().collect();
            for need in &needs {
                queue.dependants.entry(need.clone()).or_default().insert((*id).to_owned());
            }
            queue.waiting.insert((*id).to_owned(), needs);
        }
        queue.measure();
        queue
    }

    /// The length of the longest chain of actions behind each: from the last actions backwards, without recursion,
    /// since a chain may be as long as an estate is large.
    fn measure(&mut self) {
        let mut open: BTreeMap<String, usize> = self
            .waiting
            .keys()
            .map(|id| (id.clone(), self.dependants.get(id).map_or(0, BTreeSet::len)))
            .collect();
        let mut next: Vec<String> =
            open.iter().filter(|(_, left)| **left == 0).map(|(id, _)| id.clone()).collect();
        while let Some(id) = next.pop() {
            let behind = self.dependants.get(&id).into_iter().flatten();
            let length = behind
                .filter_map(|dependant| self.chain.get(dependant))
                .max()
                .map_or(0, |longest| longest + 1);
            for need in self.waiting.get(&id).into_iter().flatten() {
                if let Some(left) = open.get_mut(need) {
                    *left = left.saturating_sub(1);
                    if *left == 0 {
                        next.push(need.clone());
                    }
                }
            }
            self.chain.insert(id, length);
        }
    }

    /// Takes out every action that may start, the longest chain first, then by id.
    pub fn take_ready(&mut self) -> Vec<String> {
        let mut ready: Vec<String> =
            self.waiting.iter().filter(|(_, needs)| needs.is_empty()).map(|(id, _)| id.clone()).collect();
        ready.sort_by_key(|id| (Reverse(self.chain.get(id).copied().unwrap_or(0)), id.clone()));
        for id in &ready {
            self.waiting.remove(id);
        }
        ready
    }

    /// Takes an action out that must not start. What needs it still waits for it.
    pub fn take_out(&mut self, id: &str) {
        self.waiting.remove(id);
    }

    /// An action succeeded: what waits for it waits for one thing less.
    pub fn succeed(&mut self, id: &str) {
        for dependant in self.dependants.get(id).into_iter().flatten() {
            if let Some(needs) = self.waiting.get_mut(dependant) {
                needs.remove(id);
            }
        }
    }

    /// An action did not succeed: takes out everything that needs it, directly or not, ordered by id.
    pub fn fail(&mut self, id: &str) -> Vec<String> {
        let mut skipped = BTreeSet::new();
        let mut open = vec![id.to_owned()];
        while let Some(id) = open.pop() {
            for dependant in self.dependants.get(&id).into_iter().flatten() {
                if self.waiting.remove(dependant).is_some() {
                    skipped.insert(dependant.clone());
                    open.push(dependant.clone());
                }
            }
        }
        skipped.into_iter().collect()
    }

    /// Takes out everything that has not started, ordered by id.
    pub fn drain(&mut self) -> Vec<String> {
        std::mem::take(&mut self.waiting).into_keys().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn queue(actions: &[(&str, &[&str])]) -> Queue {
        let owned: Vec<(String, Vec<String>)> = actions
            .iter()
            .map(|(id, needs)| ((*id).to_owned(), needs.iter().map(|need| (*need).to_owned()).collect()))
            .collect();
        Queue::new(owned.iter().map(|(id, needs)| (id.as_str(), needs.as_slice())))
    }

    #[test]
    fn actions_start_when_their_needs_have_succeeded_and_no_later() {
        let mut queue =
            queue(&[("c", &[]), ("n1", &["c"]), ("n2", &["c"]), ("e1", &["n1"]), ("e2", &["n2"])]);
        assert_eq!(queue.take_ready(), ["c"]);
        assert!(queue.take_ready().is_empty());
        queue.succeed("c");
        assert_eq!(queue.take_ready(), ["n1", "n2"]);
        queue.succeed("n2");
        assert_eq!(queue.take_ready(), ["e2"], "e2 does not wait for n1");
    }

    #[test]
    fn the_longest_chain_goes_first() {
        let mut queue = queue(&[("a", &[]), ("z", &[]), ("y", &["z"])]);
        assert_eq!(queue.take_ready(), ["z", "a"]);
    }

    #[test]
    fn a_failure_takes_out_what_needs_it_and_nothing_else() {
        let mut queue = queue(&[("a", &[]), ("b", &["a"]), ("c", &["b"]), ("d", &[])]);
        assert_eq!(queue.take_ready(), ["a", "d"]);
        assert_eq!(queue.fail("a"), ["b", "c"]);
        queue.succeed("d");
        assert!(queue.take_ready().is_empty());
        assert!(queue.drain().is_empty());
    }

    /// As long as an estate is large; recursion would end here.
    #[test]
    fn a_long_chain_is_no_problem() {
        let names: Vec<String> = (0..50_000).map(|index| format!("a{index:05}")).collect();
        let needs: Vec<Vec<String>> = std::iter::once(Vec::new())
            .chain(names.iter().map(|name| vec![name.clone()]))
            .take(names.len())
            .collect();
        let mut queue =
            Queue::new(names.iter().zip(&needs).map(|(id, needs)| (id.as_str(), needs.as_slice())));
        assert_eq!(queue.take_ready(), [names[0].clone()]);
        assert_eq!(queue.fail(&names[0]).len(), names.len() - 1);
    }

    proptest! {
        /// Whatever fails, every action is started or skipped exactly once, and never before its needs.
        #[test]
        fn every_action_ends_once(
            edges in proptest::collection::vec((0_usize..20, 0_usize..20), 0..60),
            failures in proptest::collection::btree_set(0_usize..20, 0..6),
        ) {
            let name = |index: usize| format!("a{index:02}");
            let mut needs: Vec<Vec<String>> = vec![Vec::new(); 20];
            for (one, other) in edges {
                if one < other {
                    needs[other].push(name(one));
                }
            }
            let names: Vec<String> = (0..20).map(name).collect();
            let mut queue = Queue::new(names.iter().zip(&needs).map(|(id, needs)| (id.as_str(), needs.as_slice())));
            let failures: BTreeSet<String> = failures.into_iter().map(name).collect();
            let (mut done, mut ended) = (BTreeSet::new(), Vec::new());
            loop {
                let ready = queue.take_ready();
                if ready.is_empty() {
                    break;
                }
                for id in ready {
                    let index: usize = id[1..].parse().unwrap();
                    prop_assert!(needs[index].iter().all(|need| done.contains(need)));
                    ended.push(id.clone());
                    if failures.contains(&id) {
                        ended.extend(queue.fail(&id));
                    } else {
                        queue.succeed(&id);
                        done.insert(id);
                    }
                }
            }
            prop_assert!(queue.drain().is_empty());
            ended.sort();
            prop_assert_eq!(ended, names);
        }
    }
}
