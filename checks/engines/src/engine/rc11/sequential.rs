//! The axiom of sequential consistency: the relation psc of RC11 has no cycle.
//!
//! This is the only axiom that is checked on the whole graph, and only when an event was added that is not last
//! in coherence order: an event that nothing follows under happens-before and coherence closes no cycle.

use super::event::{Event, EventId, Role};
use super::graph::{Graph, object_index};

/// Whether psc has no cycle.
pub(super) fn is_sequentially_consistent(graph: &Graph) -> bool {
    let nodes = nodes(graph);
    let sequential: Vec<&Node<'_>> = nodes.iter().filter(|node| node.event.sequential).collect();
    let mut edges: Vec<Vec<usize>> = Vec::with_capacity(sequential.len());
    for from in &sequential {
        let follows =
            |to: &Node<'_>| precedes_in_base(&nodes, from, to) || precedes_as_fence(&nodes, from, to);
        edges.push((0..sequential.len()).filter(|to| follows(sequential[*to])).collect());
    }
    is_acyclic(&edges)
}

/// An event with what the relations ask about it.
struct Node<'a> {
    id: EventId,
    event: &'a Event,
    /// The object, for accesses to memory.
    object: Option<usize>,
    /// Its place in coherence order, or that of the write it reads from.
    position: usize,
    /// The nearest events of the same thread, after and before it, that are not accesses to the same object.
    next_elsewhere: Option<EventId>,
    previous_elsewhere: Option<EventId>,
}

fn nodes(graph: &Graph) -> Vec<Node<'_>> {
    let mut nodes = Vec::with_capacity(graph.len());
    for (id, event) in graph.events() {
        let object = object_of(event);
        let position = match (object, event.role) {
            (Some(object), Role::Write { .. }) => graph.position(object, Some(id)),
            (Some(object), _) => graph.position(object, event.source),
            (None, _) => 0,
        };
        let events = graph.events_of(id.thread);
        let at = |index: usize| EventId { thread: id.thread, index: index as u16 };
        let place = usize::from(id.index);
        let elsewhere = |other: &Event| object.is_none() || object_of(other) != object;
        let next_elsewhere =
            events[place + 1..].iter().position(elsewhere).map(|distance| at(place + 1 + distance));
        let previous_elsewhere = events[..place].iter().rposition(elsewhere).map(at);
        nodes.push(Node { id, event, object, position, next_elsewhere, previous_elsewhere });
    }
    nodes
}

fn object_of(event: &Event) -> Option<usize> {
    (event.is_read() || event.is_write()).then(|| object_index(&event.operation))
}

impl Node<'_> {
    fn is_fence(&self) -> bool {
        self.event.role == Role::Fence
    }

    /// hb.
    fn happens_before(&self, later: &Node<'_>) -> bool {
        self.id != later.id && later.event.happens.contains(self.id)
    }

    fn is_same_object(&self, other: &Node<'_>) -> bool {
        self.object.is_some() && self.object == other.object
    }

    /// eco: the transitive closure of rf, co and fr.
    fn precedes_in_coherence(&self, later: &Node<'_>) -> bool {
        self.is_same_object(later)
            && (self.position < later.position
                || later.event.is_read() && later.event.source == Some(self.id))
    }

    /// scb: po, po to another object around hb, hb on one object, co, fr.
    fn precedes_sequentially(&self, later: &Node<'_>, nodes: &[Node<'_>]) -> bool {
        if self.id.thread == later.id.thread && self.id.index < later.id.index {
            return true;
        }
        if self.is_same_object(later)
            && (self.happens_before(later) || later.event.is_write() && self.position < later.position)
        {
            return true;
        }
        let (Some(after), Some(before)) = (self.next_elsewhere, later.previous_elsewhere) else {
            return false;
        };
        let before = node(nodes, before);
        after != before.id && before.event.happens.contains(after)
    }
}

/// Nodes are in the order of their places.
fn node<'n, 'g>(nodes: &'n [Node<'g>], id: EventId) -> &'n Node<'g> {
    let place = nodes.partition_point(|node| node.id < id);
    &nodes[place]
}

/// Psc-base: scb, where a fence stands for everything that happens after it, or before it.
fn precedes_in_base(nodes: &[Node<'_>], from: &Node<'_>, to: &Node<'_>) -> bool {
    let starts = |start: &Node<'_>| start.id == from.id || from.is_fence() && from.happens_before(start);
    let ends = |end: &Node<'_>| end.id == to.id || to.is_fence() && end.happens_before(to);
    if !from.is_fence() && !to.is_fence() {
        return from.precedes_sequentially(to, nodes);
    }
    nodes
        .iter()
        .filter(|start| starts(start))
        .any(|start| nodes.iter().filter(|end| ends(end)).any(|end| start.precedes_sequentially(end, nodes)))
}

/// Psc-F: between fences, hb and hb around eco.
fn precedes_as_fence(nodes: &[Node<'_>], from: &Node<'_>, to: &Node<'_>) -> bool {
    if !from.is_fence() || !to.is_fence() {
        return false;
    }
    from.happens_before(to)
        || nodes
            .iter()
            .filter(|start| from.happens_before(start))
            .any(|start| nodes.iter().any(|end| start.precedes_in_coherence(end) && end.happens_before(to)))
}

/// Whether the graph given by each node's successors has no cycle, an edge to itself included.
fn is_acyclic(edges: &[Vec<usize>]) -> bool {
    let mut incoming = vec![0_usize; edges.len()];
    for to in edges.iter().flatten() {
        incoming[*to] += 1;
    }
    let mut free: Vec<usize> = (0..edges.len()).filter(|node| incoming[*node] == 0).collect();
    let mut removed = 0;
    while let Some(node) = free.pop() {
        removed += 1;
        for to in &edges[node] {
            incoming[*to] -= 1;
            if incoming[*to] == 0 {
                free.push(*to);
            }
        }
    }
    removed == edges.len()
}
