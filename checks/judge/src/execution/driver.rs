//! What the threads of a program do: the driver's idioms, cancels, and raw calls.

use std::sync::Arc;
use std::sync::atomic::Ordering::AcqRel;

use cancelproof_machine::machine::{Call, Misuse, Reply};
use cancelproof_machine::runtime::{Atomic, Condvar, Mutex, Runtime};
use cancelproof_machine::{Callback, Cancel, Complete, Mark, Status, Unmark};

use super::World;
use super::callback::Registered;
use super::watch::Watch;
use crate::history::{Arming, Thread, Title};
use crate::platform::reduction;
use crate::scenario::Step;

/// This file, as an engine names it.
pub(super) const DRIVER_FILE: &str = file!();

/// Whether a thread may still make driver's calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ownership {
    Owner,
    /// It has completed the request, handed it to another thread, or been told that it is canceled.
    GaveUp,
}

impl<R: Runtime> World<R> {
    /// Runs all steps of `thread`; threads that it starts are added to `handles`.
    pub(super) fn act(self: &Arc<Self>, thread: Thread, handles: &mut Vec<R::JoinHandle<()>>) {
        self.roll.sign::<R>(thread);
        reduction::begins(usize::from(thread));
        let mut ownership = Ownership::Owner;
        for &step in &self.program.threads[usize::from(thread)] {
            if step.is_drivers() && !step.is_raw() && ownership == Ownership::GaveUp {
                continue;
            }
            ownership = match step {
                Step::Start(started) => {
                    handles.push(self.spawn(started));
                    Ownership::GaveUp
                }
                _ => self.take_step(thread, step, ownership),
            };
        }
        if self.unmarked.is_some() && self.unmarks(thread) {
            self.announce_unmark();
        }
    }

    /// Whether a thread of the program takes a mark back.
    fn unmarks(&self, thread: Thread) -> bool {
        self.program
            .threads
            .get(usize::from(thread))
            .is_some_and(|steps| steps.iter().any(|step| step.is_unmark()))
    }

    /// Lets a callback go on that waits for an unmark, in programs that have such a callback.
    fn announce_unmark(&self) {
        if let Some((unmarked, changed)) = &self.unmarked {
            *unmarked.lock() = true;
            changed.notify_all();
        }
    }

    /// Waits, in the callback on `thread`, until the unmark of another thread has been answered.
    pub(super) fn wait_for_unmark(&self, thread: Thread) {
        let others = (0..self.program.threads.len() as Thread).filter(|&other| other != thread);
        if let Some((unmarked, changed)) = &self.unmarked
            && others.into_iter().any(|other| self.unmarks(other))
        {
            let mut is_unmarked = unmarked.lock();
            while !*is_unmarked {
                is_unmarked = changed.wait(is_unmarked);
            }
        }
    }

    fn take_step(self: &Arc<Self>, thread: Thread, step: Step, ownership: Ownership) -> Ownership {
        match step {
            Step::Mark => return self.mark_or_complete(thread),
            Step::Unmark => return self.unmark_or_leave(thread),
            Step::Finish => return self.finish(thread),
            Step::FinishTogether => return self.finish_together(thread),
            Step::FinishAlone => return self.finish_alone(thread),
            Step::Complete => {
                self.complete(thread, Title::Entitled, None, Status::Success);
                return Ownership::GaveUp;
            }
            Step::IsCanceled => self.is_canceled(thread, Title::Entitled),
            Step::Cancel => {
                let _: Cancel = self.cancel(thread, None);
            }
            Step::RawMark => {
                self.mark(thread, Title::Raw);
            }
            Step::RawUnmark => {
                self.unmark(thread, Title::Raw, None);
            }
            Step::RawComplete => {
                self.complete(thread, Title::Raw, None, Status::Success);
            }
            Step::RawIsCanceled => self.is_canceled(thread, Title::Raw),
            Step::Receive => self.request.receive(),
            Step::Deliver | Step::Work | Step::Purge | Step::Stop => {
                if let Some(happening) = step.happening() {
                    self.request.happen(happening, &Watch::observer(self));
                }
            }
            Step::Start(_) => {}
        }
        ownership
    }

    fn mark_or_complete(self: &Arc<Self>, thread: Thread) -> Ownership {
        match self.mark(thread, Title::Entitled) {
            Reply::Mark(Mark::Canceled) => {
                self.complete(thread, Title::Entitled, None, Status::Canceled);
                Ownership::GaveUp
            }
            _ => Ownership::Owner,
        }
    }

    fn unmark_or_leave(&self, thread: Thread) -> Ownership {
        match self.unmark(thread, Title::Entitled, None) {
            Reply::Unmark(Unmark::Unmarked) => Ownership::Owner,
            _ => Ownership::GaveUp,
        }
    }

    fn finish(&self, thread: Thread) -> Ownership {
        if self.unmark_or_leave(thread) == Ownership::Owner {
            self.complete(thread, Title::Entitled, None, Status::Success);
        }
        Ownership::GaveUp
    }

    fn finish_together(&self, thread: Thread) -> Ownership {
        match self.unmark(thread, Title::Entitled, None) {
            Reply::Unmark(Unmark::Unmarked) => {
                self.complete(thread, Title::Entitled, None, Status::Success);
            }
            Reply::Unmark(Unmark::Canceled) if self.is_second_to_meet() => {
                self.complete(thread, Title::Entitled, None, Status::Canceled);
            }
            _ => {}
        }
        Ownership::GaveUp
    }

    fn finish_alone(&self, thread: Thread) -> Ownership {
        let status = match self.unmark(thread, Title::Entitled, None) {
            Reply::Unmark(Unmark::Unmarked) => Status::Success,
            // Whoever is not told relies on what unmark waits for alone.
            Reply::Unmark(Unmark::Canceled | Unmark::Untold) => Status::Canceled,
            _ => return Ownership::GaveUp,
        };
        self.complete(thread, Title::Entitled, None, status);
        Ownership::GaveUp
    }

    /// The handshake of those who complete together: whether the other one has been here before.
    pub(super) fn is_second_to_meet(&self) -> bool {
        self.meeting.as_ref().is_some_and(|meeting| meeting.swap(1, AcqRel) == 1)
    }

    fn mark(self: &Arc<Self>, thread: Thread, title: Title) -> Reply {
        let arming = self.roll.next_mark();
        if title == Title::Entitled {
            self.write_context(arming);
        }
        let callback = Callback::new(Registered::new(self, arming, title));
        self.call(thread, Call::Mark, title, Some(arming), |request| Reply::Mark(request.mark(callback)))
    }

    pub(super) fn unmark(&self, thread: Thread, title: Title, inside: Option<Arming>) -> Reply {
        let reply = self.call(thread, Call::Unmark, title, inside, |request| Reply::Unmark(request.unmark()));
        if inside.is_none() {
            self.announce_unmark();
        }
        reply
    }

    pub(super) fn cancel(&self, thread: Thread, inside: Option<Arming>) -> Cancel {
        let reply = self
            .call(thread, Call::Cancel, Title::Entitled, inside, |request| Reply::Cancel(request.cancel()));
        match reply {
            Reply::Cancel(answer) => answer,
            // The closure above wraps nothing else.
            _ => unreachable!("cancel answers a cancel"),
        }
    }

    pub(super) fn complete(&self, thread: Thread, title: Title, inside: Option<Arming>, status: Status) {
        let reply = self
            .call(thread, Call::Complete, title, inside, |request| Reply::Complete(request.complete(status)));
        // Whoever completes by right and is not told otherwise gives away what the request is about; and where the request
        // knows of no completion, whoever owns it ends the operation.
        let not_offered = Complete::Refused(Misuse::NotOffered);
        let is_done = matches!(reply, Reply::Complete(Complete::Completed | Complete::Untold))
            || reply == Reply::Complete(not_offered);
        if title == Title::Entitled && is_done {
            self.consume_payload();
        }
    }

    fn is_canceled(&self, thread: Thread, title: Title) {
        self.call(thread, Call::IsCanceled, title, None, |request| Reply::IsCanceled(request.is_canceled()));
    }
}
