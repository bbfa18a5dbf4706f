//! Coherence and sequential consistency of a graph to which one event is added at a time.
//!
//! Coherence needs no relation algebra, because an event is added only where nothing follows it. All that can go
//! wrong is that the event is put before something, in coherence order, that happens before it: so there is a
//! least place, and every place from there on is coherent.

use super::event::EventId;
use super::graph::Graph;

/// The least place in coherence order that an access of `thread` to the object may read from; a write goes behind
/// it.
///
/// Of each thread, the last access to the object that happens before is enough: the earlier ones of a coherent
/// thread are at no later place.
pub(super) fn least_position(graph: &Graph, thread: u8, object: usize) -> usize {
    let happens = graph.standing(thread).happens;
    let mut least = 0;
    for other in 0..graph.threads().len() as u8 {
        let before = happens.of(other);
        let newest = graph.accesses(object, other).find(|(id, _)| id.index < before);
        if let Some((id, event)) = newest {
            let write = if event.is_write() { Some(id) } else { event.source };
            least = least.max(graph.position(write));
        }
    }
    least
}

/// The thread's read whose update already follows the write at `position`, if there is one: atomicity allows one
/// update of each write.
pub(super) fn update_of(graph: &Graph, object: usize, position: usize) -> Option<EventId> {
    if !graph.is_bound_to_predecessor(object, position + 1) {
        return None;
    }
    let write = graph.write_at(object, position + 1)?;
    Some(EventId { thread: write.thread, index: write.index - 1 })
}
