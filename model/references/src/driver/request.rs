//! A request as its driver has it: calls to the framework, each held against the driver's rules.

use core::fmt;
use core::panic::Location;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use cancelproof_machine::shape::found;

use super::below::Below;
use crate::callback::{Callback, OnCancel};
use crate::framework::{Framework, Id, Moved};
use crate::machine::{Misuse, Reply};
use crate::request::{Complete, IsCanceled, Mark, Observer, Status, Unmark};
use crate::rule::Rule;
use crate::runtime::{Runtime, UnsafeCell};

/// The request whose calls and callbacks are told to the observer: the one that the application cancels.
pub(super) const CANCELED: Id = 0;

/// What all handles of an execution's requests share.
pub(super) struct Core<R: Runtime> {
    pub(super) framework: Framework<R>,
    pub(super) below: Below<R>,
    buffers: Vec<Buffer<R>>,
    /// Not seen by any engine: what is told to it is no part of the driver.
    observer: Mutex<Option<Arc<dyn Observer>>>,
    marks: AtomicU8,
    /// The callbacks of the observed request that run: the number of the thread, and that of the mark.
    running: Mutex<Vec<(usize, u8)>>,
    calls: Mutex<Vec<Made>>,
}

/// What a request is about: it is the driver's to use until the request is completed.
struct Buffer<R: Runtime>(R::UnsafeCell<AtomicBool>);

// SAFETY: accesses to the cell are unordered exactly when the driver is wrong, and it holds an atomic.
unsafe impl<R: Runtime> Sync for Buffer<R> {}
// SAFETY: nothing in it is tied to the thread that made it.
unsafe impl<R: Runtime> Send for Buffer<R> {}

/// A call that the driver has made.
#[derive(Clone, Copy)]
struct Made {
    id: Id,
    at: &'static Location<'static>,
    verb: &'static str,
    /// `None` if the call has no answer but that it was made.
    reply: Option<Reply>,
}

/// Access to what no engine sees. A panic ends the execution anyway.
pub(super) fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<R: Runtime> Core<R> {
    pub(super) fn new(framework: Framework<R>, requests: usize, sends: bool) -> Self {
        Core {
            framework,
            below: Below::new(sends),
            buffers: (0..requests).map(|_| Buffer(R::UnsafeCell::new(AtomicBool::new(false)))).collect(),
            observer: Mutex::default(),
            marks: AtomicU8::new(0),
            running: Mutex::default(),
            calls: Mutex::default(),
        }
    }

    pub(super) fn is_observed_by(&self, observer: &Arc<dyn Observer>) {
        *lock(&self.observer) = Some(Arc::clone(observer));
    }

    /// The calls of the driver about a request, with their lines, for the end of a finding.
    pub(super) fn told(&self, id: Id) -> String {
        let calls: Vec<String> =
            lock(&self.calls).iter().filter(|made| made.id == id).map(Made::to_string).collect();
        if calls.is_empty() { String::new() } else { format!("; before: {}", calls.join(", ")) }
    }

    fn observer(&self, id: Id) -> Option<Arc<dyn Observer>> {
        lock(&self.observer).clone().filter(|_| id == CANCELED)
    }

    /// The mark from within whose callback the calling thread makes a call.
    fn inside(&self) -> Option<u8> {
        let current = R::current_number();
        lock(&self.running).iter().rev().find(|(thread, _)| *thread == current).map(|(_, mark)| *mark)
    }

    fn note(&self, id: Id, at: &'static Location<'static>, verb: &'static str, reply: Option<Reply>) {
        lock(&self.calls).push(Made { id, at, verb, reply });
    }

    fn blame(&self, rule: Rule, id: Id, at: &'static Location<'static>, does: &str, misuse: Misuse) -> ! {
        found(rule, &format!("{at} {does}, which is refused: {misuse}{}", self.told(id)))
    }
}

/// A request that was delivered to its driver. The handle is no reference: it may be kept for as long as one likes, but calls on a
/// request that has ended are misuse.
pub struct IoRequest<R: Runtime> {
    core: Weak<Core<R>>,
    id: Id,
}

impl<R: Runtime> IoRequest<R> {
    pub(super) fn new(core: &Arc<Core<R>>, id: Id) -> Self {
        IoRequest { core: Arc::downgrade(core), id }
    }

    /// Which of the requests of its queue it is, from 0 on.
    #[must_use]
    pub fn number(&self) -> usize {
        self.id
    }

    /// Makes the request cancelable: `on_cancel` is called if it is or gets canceled. `MarkCancelable`, `WdfRequestMarkCancelableEx`.
    ///
    /// # Panics
    ///
    /// Panics with a finding if the request is not the driver's to mark.
    #[track_caller]
    pub fn mark_cancelable(&self, on_cancel: impl Fn(IoRequest<R>) + Send + Sync + 'static) -> Mark {
        let (core, at) = (self.core(), Location::caller());
        let mark = if self.id == CANCELED { core.marks.fetch_add(1, Ordering::Relaxed) } else { 0 };
        let observer = core.observer(self.id);
        let called = OnCanceled { request: self.clone(), on_cancel, mark, observer: observer.clone() };
        let mut callback = Some(Callback::new(called));
        let mut call = || match callback.take() {
            Some(callback) => core.framework.mark(self.id, callback),
            None => Mark::Untold,
        };
        let answer = match observer {
            Some(observer) => observer.mark(mark, &mut call),
            None => call(),
        };
        if let Mark::Refused(misuse) = answer {
            core.blame(Rule::NoMisuse, self.id, at, "marks the request", misuse);
        }
        core.note(self.id, at, "marks", Some(Reply::Mark(answer)));
        answer
    }

    /// Takes the mark back: only [`Unmark::Unmarked`] gives the request back to the driver. `UnmarkCancelable`.
    ///
    /// # Panics
    ///
    /// Panics with a finding if the request is not marked or has ended.
    #[track_caller]
    pub fn unmark_cancelable(&self) -> Unmark {
        let (core, at) = (self.core(), Location::caller());
        let mut call = || core.framework.unmark(self.id);
        let answer = match core.observer(self.id) {
            Some(observer) => observer.unmark(core.inside(), &mut call),
            None => call(),
        };
        if let Unmark::Refused(misuse) = answer {
            core.blame(Rule::NoMisuse, self.id, at, "takes a mark back", misuse);
        }
        core.note(self.id, at, "takes the mark back", Some(Reply::Unmark(answer)));
        answer
    }

    /// Ends the request.
    ///
    /// # Panics
    ///
    /// Panics with a finding if the request is not the driver's to end.
    #[track_caller]
    pub fn complete(&self, status: Status) {
        let (core, at) = (self.core(), Location::caller());
        let mut call = || core.framework.complete(self.id, status);
        let answer = match core.observer(self.id) {
            Some(observer) => observer.complete(core.inside(), &mut call),
            None => call(),
        };
        if let Complete::Refused(misuse) = answer {
            core.blame(broken_by_completing(misuse), self.id, at, "completes the request", misuse);
        }
        core.note(self.id, at, "completes", Some(Reply::Complete(answer)));
        // Whoever completes gives away what the request is about.
        // SAFETY: the cell outlives the access, and what it holds is an atomic.
        core.buffers[self.id].0.with_mut(|cell| unsafe { &*cell }.store(true, Ordering::Relaxed));
    }

    /// Whether a cancel was asked for and the request is not marked.
    ///
    /// # Panics
    ///
    /// Panics with a finding if the request is not the driver's to ask about.
    #[must_use]
    #[track_caller]
    pub fn is_canceled(&self) -> bool {
        let (core, at) = (self.core(), Location::caller());
        let mut call = || core.framework.is_canceled(self.id);
        let answer = match core.observer(self.id) {
            Some(observer) => observer.is_canceled(core.inside(), &mut call),
            None => call(),
        };
        if let IsCanceled::Refused(misuse) = answer {
            core.blame(Rule::NoMisuse, self.id, at, "asks about the request", misuse);
        }
        core.note(self.id, at, "asks", Some(Reply::IsCanceled(answer)));
        answer == IsCanceled::Yes
    }

    /// Puts the request back into its queue, from which it is delivered again: `WdfRequestRequeue`.
    ///
    /// # Panics
    ///
    /// Panics with a finding if the request is not the driver's to put back.
    #[track_caller]
    pub fn requeue(&self) {
        let (core, at) = (self.core(), Location::caller());
        if let Moved::Refused(misuse) = core.framework.requeue(self.id) {
            core.blame(Rule::NoMisuse, self.id, at, "puts the request back", misuse);
        }
        core.note(self.id, at, "puts back", None);
    }

    /// Cancels a request that was sent: `WdfRequestCancelSentRequest`. Its routine runs all the same.
    #[track_caller]
    pub fn cancel_sent(&self) {
        let (core, at) = (self.core(), Location::caller());
        core.note(self.id, at, "cancels what it sent", None);
        let _ = core.framework.cancel(self.id);
    }

    /// Sends the request to the driver below, which ends it on a thread of its own: `WdfRequestSend`. The routine is called with the
    /// result when it has ended; until then, and from then on, it is not the driver's.
    ///
    /// # Panics
    ///
    /// Panics with a finding if the request is not the driver's to send, and if the driver does not say that it
    /// [sends](super::Driver::SENDS).
    #[track_caller]
    pub fn send(&self, routine: impl FnOnce(Status) + Send + 'static) {
        let (core, at) = (self.core(), Location::caller());
        core.below.sends(self.id, Box::new(routine));
        if let Moved::Refused(misuse) = core.framework.send_down(self.id) {
            core.blame(Rule::NoMisuse, self.id, at, "sends the request", misuse);
        }
        core.note(self.id, at, "sends", None);
        let id = self.id;
        drop(R::spawn(move || {
            core.framework.end_down(id);
            core.below.ended();
        }));
    }

    /// Uses what the request is about.
    ///
    /// # Panics
    ///
    /// Panics with a finding if the request has been completed.
    #[track_caller]
    pub fn use_buffer(&self) {
        let (core, at) = (self.core(), Location::caller());
        // SAFETY: the cell outlives the access, and what it holds is an atomic.
        let is_gone = core.buffers[self.id].0.with(|cell| unsafe { &*cell }.load(Ordering::Relaxed));
        if is_gone {
            let words =
                format!("{at} uses the buffer of a request that has been completed{}", core.told(self.id));
            found(Rule::NeverAfterCompletion, &words);
        }
    }

    /// # Panics
    ///
    /// Panics if the execution has ended.
    fn core(&self) -> Arc<Core<R>> {
        self.core.upgrade().expect("requests are there for as long as an execution is")
    }
}

/// The rule that a refused completion breaks.
fn broken_by_completing(misuse: Misuse) -> Rule {
    match misuse {
        Misuse::AlreadyCompleted => Rule::SingleCompletion,
        Misuse::StillCancelable | Misuse::CallbackPromised | Misuse::CancelClaimed => {
            Rule::NeverAfterCompletion
        }
        _ => Rule::NoMisuse,
    }
}

/// The cancel callback of one mark.
struct OnCanceled<R: Runtime, F> {
    request: IoRequest<R>,
    on_cancel: F,
    mark: u8,
    observer: Option<Arc<dyn Observer>>,
}

impl<R: Runtime, F: Fn(IoRequest<R>) + Send + Sync> OnCancel for OnCanceled<R, F> {
    fn on_cancel(&self) {
        let Some(observer) = &self.observer else { return (self.on_cancel)(self.request.clone()) };
        let core = self.request.core();
        let entry = (R::current_number(), self.mark);
        lock(&core.running).push(entry);
        observer.callback(self.mark, &mut || (self.on_cancel)(self.request.clone()));
        lock(&core.running).retain(|running| *running != entry);
    }

    fn on_release(&self) {
        if let Some(observer) = &self.observer {
            observer.released(self.mark);
        }
    }
}

impl<R: Runtime> Clone for IoRequest<R> {
    fn clone(&self) -> Self {
        IoRequest { core: Weak::clone(&self.core), id: self.id }
    }
}

impl<R: Runtime> PartialEq for IoRequest<R> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl<R: Runtime> fmt::Debug for IoRequest<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IoRequest({})", self.id)
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.at, self.verb)?;
        match self.reply {
            Some(reply) => write!(f, " ({reply})"),
            None => Ok(()),
        }
    }
}
