//! The relation psc as the paper has it, from every event to every other: what the search for cycles is compared with.

use crate::engine::rc11::event::{Event, EventId, Role};
use crate::engine::rc11::graph::Graph;

use super::{is_elsewhere, object_of};

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
    /// In each thread, the nearest events after and before it in program order that are not accesses to the same
    /// object. Program order leads from thread to thread where one starts or joins another.
    next_elsewhere: Vec<EventId>,
    previous_elsewhere: Vec<EventId>,
}

fn nodes(graph: &Graph) -> Vec<Node<'_>> {
    let mut nodes = Vec::with_capacity(graph.len());
    for (id, event) in graph.events() {
        let object = object_of(event);
        let position = match (object, event.role) {
            (Some(_), Role::Write { .. }) => graph.position(Some(id)),
            (Some(_), _) => graph.position(event.source),
            (None, _) => 0,
        };
        let threads = 0..graph.threads().len() as u8;
        let next_elsewhere =
            threads.clone().filter_map(|thread| next_elsewhere(graph, thread, id, object)).collect();
        let previous_elsewhere =
            threads.filter_map(|thread| previous_elsewhere(graph, thread, id, object)).collect();
        nodes.push(Node { id, event, object, position, next_elsewhere, previous_elsewhere });
    }
    nodes
}

/// The first event of the thread that `id` comes before in program order, and that is elsewhere.
fn next_elsewhere(graph: &Graph, thread: u8, id: EventId, object: Option<usize>) -> Option<EventId> {
    let events = graph.events_of(thread);
    // Whatever comes after an event comes after all that the event comes after.
    let first = events.partition_point(|event| !event.program.contains(id));
    let first = if thread == id.thread { first + 1 } else { first };
    let distance = events.get(first..)?.iter().position(|event| is_elsewhere(event, object))?;
    Some(EventId { thread, index: (first + distance) as u16 })
}

/// The last event of the thread that comes before `id` in program order, and that is elsewhere.
fn previous_elsewhere(graph: &Graph, thread: u8, id: EventId, object: Option<usize>) -> Option<EventId> {
    let end = graph.event(id).program.of(thread);
    let end = if thread == id.thread { id.index } else { end };
    let before = graph.events_of(thread).get(..usize::from(end))?;
    let index = before.iter().rposition(|event| is_elsewhere(event, object))?;
    Some(EventId { thread, index: index as u16 })
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
        if self.id != later.id && later.event.program.contains(self.id) {
            return true;
        }
        if self.is_same_object(later)
            && (self.happens_before(later) || later.event.is_write() && self.position < later.position)
        {
            return true;
        }
        later.previous_elsewhere.iter().any(|before| {
            let happens = node(nodes, *before).event.happens;
            self.next_elsewhere.iter().any(|after| after != before && happens.contains(*after))
        })
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
