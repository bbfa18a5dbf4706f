//! Probing: a thread is given made-up answers, to find out whether a turn of a loop leads nowhere.

use super::extending::Progress;
use super::{Explorer, Stage};
use crate::executor::{Choice, View};
use crate::operation::{Operation, TaskId};

impl Explorer<'_> {
    /// The thread that a probe asks was heard of.
    pub(super) fn heard(&mut self, task: TaskId, what: Option<&Operation>) {
        if let Stage::Probing(probe) = &mut self.stage
            && probe.asks(self.naming.thread(task))
        {
            probe.hear(what);
        }
    }

    pub(super) fn choose_in_probe(&mut self, view: &View<'_>) -> Choice {
        let Stage::Probing(probe) = &self.stage else { return Choice::Abandon };
        let (thread, kept) = (probe.thread(), probe.kept());
        if self.performed[usize::from(thread)] < kept {
            return self.follow_for_probe(view);
        }
        let Some(task) = self.naming.task(thread) else { return self.follow_for_probe(view) };
        if !view.enabled().contains(task) {
            // It waits for another thread to end: nothing that can be followed.
            self.heard(task, Some(&view.pending()[usize::from(task.0)]));
            return Choice::Abandon;
        }
        let pending = view.pending()[usize::from(task.0)];
        let operation = self.translate(task, &pending);
        let Stage::Probing(probe) = &mut self.stage else { return Choice::Abandon };
        match probe.answer(task, &operation) {
            Some(reply) => {
                self.reply = reply;
                Choice::Perform(task)
            }
            None => Choice::Abandon,
        }
    }

    /// Brings the execution to where the probe begins.
    pub(super) fn follow_for_probe(&mut self, view: &View<'_>) -> Choice {
        match self.follow_graph(view) {
            Some(choice) => choice,
            None => Choice::Abandon,
        }
    }

    /// The probe's run is over; either it has a verdict, or it takes another run.
    pub(super) fn end_probe(&mut self, panicked: Option<u8>) {
        let Stage::Probing(mut probe) = core::mem::replace(&mut self.stage, Stage::Next) else { return };
        if panicked == Some(probe.thread()) {
            probe.refute();
        }
        match probe.conclude() {
            None => self.stage = Stage::Probing(probe),
            Some(is_pure) => {
                self.purity.learn(&probe, is_pure);
                let read = probe.read();
                let progress =
                    if is_pure { self.block(read, probe.verdict()) } else { self.unless_worn_out(read) };
                let goes_on = match progress {
                    Progress::Blocked => true,
                    Progress::Performed => self.frontier.settle(),
                    Progress::Useless | Progress::Unknown(_) => false,
                };
                self.stage = if goes_on { Stage::Again } else { Stage::Next };
            }
        }
    }
}
