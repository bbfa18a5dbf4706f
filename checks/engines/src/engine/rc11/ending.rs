//! What it means that no thread can go on.

use super::event::{Blocked, Event, EventId};
use super::graph::{Graph, is_same_step, object_index};
use super::revisit::enables;
use super::semantics::Spurious;
use crate::executor::waits;
use crate::exploration::FailureKind;
use crate::operation::{Action, TaskId};

/// What an execution in which no thread can go on amounts to.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It is a failure of the program.
    Failure(FailureKind),
    /// Nothing: a thread did not go on because another execution covers this one.
    Covered,
    /// A timed wait would have run out of time once more, and that is not explored.
    Tired,
}

/// Judges a graph in which `unfinished` are the threads that have not ended, and none of them can go on.
///
/// A thread that waits is stuck if the newest write does not let it go on either: nobody is left to write a newer
/// one. Otherwise the thread could have read that write, and in another execution does.
pub(super) fn judge(graph: &Graph, unfinished: impl Iterator<Item = u8>) -> Verdict {
    let mut blocked = Vec::new();
    let mut repeats = false;
    let mut is_tired = false;
    for thread in unfinished {
        match graph.last_of(thread).and_then(|(id, event)| Some((id, event, event.blocked()?))) {
            // A thread that is blocked without a read waits for another thread to end.
            None => blocked.push(format!("{} waits for a thread to end", TaskId(thread))),
            Some((_, _, Blocked::Failed | Blocked::WornOut)) => return Verdict::Covered,
            Some((id, event, _)) if matches!(event.operation.action, Action::WaitEndTimed { .. }) => {
                // That its time is over is explored elsewhere, unless it was so again and again.
                let before = &graph.events_of(id.thread)[..usize::from(id.index)];
                let is_notified = enables(graph, id, event, newest_value(graph, event));
                if is_notified || Spurious::default().allows(before, &event.operation) {
                    return Verdict::Covered;
                }
                is_tired = true;
            }
            Some((id, event, why)) => {
                let is_stuck = match why {
                    Blocked::Repeating => reads_newest(graph, id) && turn_reads_newest(graph, id),
                    _ => !enables(graph, id, event, newest_value(graph, event)),
                };
                if !is_stuck {
                    return Verdict::Covered;
                }
                repeats |= why == Blocked::Repeating;
                blocked.push(waits(TaskId(thread), &event.operation));
            }
        }
    }
    if is_tired {
        return Verdict::Tired;
    }
    Verdict::Failure(if repeats {
        FailureKind::Unbounded { steps: graph.len() as u64, cycle: true }
    } else {
        FailureKind::Deadlock { blocked }
    })
}

fn newest_value(graph: &Graph, event: &Event) -> u64 {
    let object = object_index(&event.operation);
    graph.value_of(object, graph.objects()[object].writes.last().copied())
}

fn reads_newest(graph: &Graph, id: EventId) -> bool {
    let event = graph.event(id);
    graph.object(&event.operation).writes.last().copied() == event.source
}

/// Whether every read of the turn that ends with this one is of the newest write.
fn turn_reads_newest(graph: &Graph, last: EventId) -> bool {
    let operation = graph.event(last).operation;
    let before = &graph.events_of(last.thread)[..usize::from(last.index)];
    let start = before.iter().rposition(|event| is_same_step(&event.operation, &operation)).unwrap_or(0);
    (start..before.len())
        .filter(|index| before[*index].is_read())
        .all(|index| reads_newest(graph, EventId { thread: last.thread, index: index as u16 }))
}
