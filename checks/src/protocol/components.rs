//! The strongly connected components of a part of a graph.
//!
//! Tarjan's algorithm with an explicit stack, because the graphs are deeper than the stack of a thread. Source: Tarjan,
//! "Depth-first search and linear graph algorithms", 1972.

/// A part of a graph with `nodes` nodes: `targets` calls back with each successor that belongs to the part.
///
/// Returns the components that can be reached from `roots`, each as a list of nodes; a component comes after those it
/// leads to.
///
/// # Example
///
/// ```
/// use cancelproof::protocol::components::strongly_connected;
///
/// let targets: [&[u32]; 4] = [&[1], &[2], &[1], &[0]];
/// let found = strongly_connected(4, &[0], |node, found| found.extend_from_slice(targets[node as usize]));
/// assert_eq!(found, [vec![2, 1], vec![0]]);
/// ```
#[must_use]
pub fn strongly_connected(
    nodes: usize,
    roots: &[u32],
    targets: impl Fn(u32, &mut Vec<u32>),
) -> Vec<Vec<u32>> {
    let mut search = Search {
        visits: vec![NOT_VISITED; nodes],
        lowest: vec![0; nodes],
        is_open: vec![false; nodes],
        open: Vec::new(),
        visited: 0,
        components: Vec::new(),
    };
    for &root in roots {
        if search.visits[root as usize] == NOT_VISITED {
            search.run(root, &targets);
        }
    }
    search.components
}

const NOT_VISITED: u32 = u32::MAX;

struct Search {
    /// When each node was visited first.
    visits: Vec<u32>,
    /// The earliest visit that is known to be reachable within the component.
    lowest: Vec<u32>,
    /// Whether the node waits for its component to be complete.
    is_open: Vec<bool>,
    open: Vec<u32>,
    visited: u32,
    components: Vec<Vec<u32>>,
}

impl Search {
    fn run(&mut self, root: u32, targets: &impl Fn(u32, &mut Vec<u32>)) {
        // The successors of all nodes on the path share one list, each node's part of it behind its predecessor's.
        let mut successors = Vec::new();
        let mut path: Vec<(u32, usize)> = Vec::new();
        self.enter(root, &mut path, &mut successors, targets);
        while let Some(&(node, begin)) = path.last() {
            if successors.len() > begin {
                let next = successors.pop().unwrap_or(node);
                if self.visits[next as usize] == NOT_VISITED {
                    self.enter(next, &mut path, &mut successors, targets);
                } else if self.is_open[next as usize] {
                    self.lower(node, self.visits[next as usize]);
                }
                continue;
            }
            path.pop();
            if let Some(&(parent, _)) = path.last() {
                self.lower(parent, self.lowest[node as usize]);
            }
            if self.lowest[node as usize] == self.visits[node as usize] {
                self.close(node);
            }
        }
    }

    fn enter(
        &mut self,
        node: u32,
        path: &mut Vec<(u32, usize)>,
        successors: &mut Vec<u32>,
        targets: &impl Fn(u32, &mut Vec<u32>),
    ) {
        self.visits[node as usize] = self.visited;
        self.lowest[node as usize] = self.visited;
        self.visited += 1;
        self.is_open[node as usize] = true;
        self.open.push(node);
        path.push((node, successors.len()));
        targets(node, successors);
    }

    fn lower(&mut self, node: u32, visit: u32) {
        let lowest = &mut self.lowest[node as usize];
        *lowest = visit.min(*lowest);
    }

    fn close(&mut self, node: u32) {
        let begin = self.open.iter().rposition(|open| *open == node).unwrap_or(0);
        let component = self.open.split_off(begin);
        for &member in &component {
            self.is_open[member as usize] = false;
        }
        self.components.push(component.into_iter().rev().collect());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quickcheck::QuickCheck;

    use super::*;

    const NODES: usize = 8;

    /// Two nodes are in one component if each can be reached from the other: slow, and too simple to be wrong.
    fn brute_force(edges: &[(u8, u8)]) -> BTreeSet<BTreeSet<u32>> {
        let mut reaches = [[false; NODES]; NODES];
        for (node, reached) in reaches.iter_mut().enumerate() {
            reached[node] = true;
        }
        for &(from, to) in edges {
            reaches[usize::from(from) % NODES][usize::from(to) % NODES] = true;
        }
        for over in 0..NODES {
            for from in 0..NODES {
                for to in 0..NODES {
                    reaches[from][to] |= reaches[from][over] && reaches[over][to];
                }
            }
        }
        let component = |node: usize| {
            let both_ways = |&other: &usize| reaches[node][other] && reaches[other][node];
            (0..NODES).filter(both_ways).map(|other| other as u32).collect()
        };
        (0..NODES).map(component).collect()
    }

    #[test]
    #[allow(clippy::needless_pass_by_value, reason = "quickcheck hands values over")]
    fn components_are_those_of_brute_force() {
        fn agrees(edges: Vec<(u8, u8)>) -> bool {
            let roots: Vec<u32> = (0..NODES as u32).collect();
            let found = strongly_connected(NODES, &roots, |node, targets| {
                let leaving = edges.iter().filter(|(from, _)| usize::from(*from) % NODES == node as usize);
                targets.extend(leaving.map(|(_, to)| u32::from(*to) % NODES as u32));
            });
            let found: BTreeSet<BTreeSet<u32>> =
                found.into_iter().map(|component| component.into_iter().collect()).collect();
            found == brute_force(&edges)
        }
        QuickCheck::new().tests(2_000).quickcheck(agrees as fn(Vec<(u8, u8)>) -> bool);
    }
}
