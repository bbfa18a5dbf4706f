//! Values that are not the same in every run.
//!
//! A value can be an address, and an address differs from run to run although the program does the same. So a graph
//! keeps the values of the latest run: when a step is performed again, it and what it writes take their values from
//! this run. A step is performed only after the write that it reads from, so a read sees the value that was written
//! in the same run, and an address is never older than what it points to.

use super::{Graph, object_index};
use crate::engine::rc11::event::{Continuation, EventId, Role};
use crate::engine::rc11::semantics::{Effect, effect};
use crate::operation::{Action, Operation};

impl Graph {
    /// Gives the step that begins at `id` the values of `found`, which the program is about to perform. False if
    /// that is another step, or if its values lead to another effect: then the program is not deterministic.
    pub(in crate::engine::rc11) fn renew(&mut self, id: EventId, found: &Operation) -> bool {
        let event = *self.event(id);
        if event.operation.object != found.object
            || event.operation.location != found.location
            || without_values(event.operation.action) != without_values(found.action)
        {
            return false;
        }
        match event.role {
            Role::Read(continuation) => self.renew_read(id, found, continuation),
            Role::Write { .. } => {
                if let Action::Store { value, .. } = found.action {
                    let value = value & self.object(found).mask;
                    self.set_values(id, found, value, event.role);
                }
                true
            }
            _ => true,
        }
    }

    fn renew_read(&mut self, id: EventId, found: &Operation, continuation: Continuation) -> bool {
        let (source, choice) = (self.event(id).source, self.event(id).choice);
        let value = self.value_of(object_index(found), source);
        let next = effect(found, id.thread, value, choice, self.object(found).mask);
        let continuation = match (continuation, next) {
            (Continuation::Write(_), Effect::Write(new)) => {
                let write = EventId { index: id.index + 1, ..id };
                self.set_values(write, found, new, self.event(write).role);
                Continuation::Write(new)
            }
            (Continuation::Program, Effect::None) => Continuation::Program,
            _ => return false,
        };
        self.set_values(id, found, value, Role::Read(continuation));
        true
    }

    fn set_values(&mut self, id: EventId, operation: &Operation, value: u64, role: Role) {
        let event = &mut self.threads[usize::from(id.thread)].events[usize::from(id.index)];
        (event.operation, event.value, event.role) = (*operation, value, role);
    }
}

/// What an action is, its values aside.
fn without_values(action: Action) -> Action {
    match action {
        Action::Store { ordering, .. } => Action::Store { value: 0, ordering },
        Action::Update { update, ordering, .. } => Action::Update { update, operand: 0, ordering },
        Action::CompareExchange { success, failure, weak, .. } => {
            Action::CompareExchange { expected: 0, new: 0, success, failure, weak }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use core::sync::atomic::Ordering::{AcqRel, Relaxed};
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;

    use cancelproof_runtime::{Atomic, JoinHandle, Runtime};

    use crate::engine::rc11::{Options, explore};
    use crate::executor::Controlled;
    use crate::exploration::{Extent, FailureKind};

    type Word = <Controlled as Runtime>::AtomicU64;

    /// The value is another address in each run, and a reader must never see that of another run.
    #[test]
    fn a_value_that_changes_from_run_to_run_is_read_from_the_same_run() {
        static RUNS: AtomicU64 = AtomicU64::new(0x5555_0000_0000);
        let exploration = explore(&Options::default(), || {
            let address = RUNS.fetch_add(1, Relaxed);
            let slot = Arc::new(<Word as Atomic<u64>>::new(0));
            let takers = [0, 1].map(|_| {
                let slot = Arc::clone(&slot);
                Controlled::spawn(move || slot.swap(0, AcqRel))
            });
            slot.swap(address, AcqRel);
            let taken: Vec<u64> =
                takers.into_iter().map(JoinHandle::join).filter(|found| *found != 0).collect();
            assert!(taken.len() <= 1 && taken.iter().all(|found| *found == address), "{taken:?} {address}");
        });
        assert_eq!((exploration.extent, exploration.failure), (Extent::Exhausted, None));
        assert_eq!(exploration.executions, 6, "the orders of three exchanges");
    }

    #[test]
    fn a_value_that_changes_what_the_program_does_is_nondeterminism() {
        static RUNS: AtomicU64 = AtomicU64::new(0);
        let exploration = explore(&Options::default(), || {
            let word = Arc::new(<Word as Atomic<u64>>::new(0));
            let other = Controlled::spawn({
                let word = Arc::clone(&word);
                move || word.swap(1, AcqRel)
            });
            if RUNS.fetch_add(1, Relaxed) == 0 {
                word.swap(2, AcqRel);
            } else {
                word.load(Relaxed);
            }
            other.join();
        });
        let kind = exploration.failure.map(|failure| failure.kind);
        assert!(matches!(kind, Some(FailureKind::Nondeterminism { .. })), "{kind:?}");
    }
}
