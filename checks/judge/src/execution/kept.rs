//! The request of an execution, which a program may free while some of its threads are still at work.
//!
//! In a program with steps `free` each of those steps gives one reference back, and so does the completion; whoever gives back
//! the last one frees the request. The count is an object of the runtime, as that of a framework is, so what a thread did to the
//! request before its step happens before the end. A thread without such a step keeps nothing: for its calls the program, or the
//! request, has to see to that itself.

use core::ptr;
use std::alloc::{Layout, dealloc};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{AcqRel, Relaxed};

use cancelproof_machine::CancelableRequest;
use cancelproof_machine::runtime::{Atomic, Runtime};

use crate::arena;
use crate::scenario::{Program, Step};

/// A request, and who keeps it.
pub(super) struct Kept<R: Runtime> {
    /// From a box. What it holds is dropped when it is freed; its own memory is given back with this.
    request: *mut dyn CancelableRequest<R>,
    is_freed: AtomicBool,
    /// Only in programs that free, since an object costs the engine even when nobody touches it: how many references there are.
    references: Option<R::AtomicUsize>,
    is_completed: AtomicBool,
}

impl<R: Runtime> Kept<R> {
    pub(super) fn new(request: Box<dyn CancelableRequest<R>>, program: &Program) -> Self {
        let steps = program.steps().filter(|&step| step == Step::Free).count();
        Kept {
            request: Box::into_raw(request),
            is_freed: AtomicBool::new(false),
            references: (steps > 0).then(|| R::AtomicUsize::new(steps + 1)),
            is_completed: AtomicBool::new(false),
        }
    }

    /// The request, for a call that begins.
    ///
    /// # Panics
    ///
    /// Panics if the request has been freed. The engines take that for a use after free.
    pub(super) fn get(&self) -> &dyn CancelableRequest<R> {
        assert!(
            !self.is_freed.load(Relaxed),
            "use after free: a call begins when the request has been freed; its thread does not keep it by a step `free`"
        );
        // SAFETY: the pointer came from a box whose memory is given back with `self`. A call that goes on after the end finds
        // objects of the runtime that have ended, and the engine stops it there.
        unsafe { &*self.request }
    }

    /// Whether the request has been freed.
    pub(super) fn is_freed(&self) -> bool {
        self.is_freed.load(Relaxed)
    }

    /// A step `free`.
    pub(super) fn give_back(&self) {
        if let Some(references) = &self.references
            && references.fetch_sub(1, AcqRel) == 1
        {
            self.free();
        }
    }

    /// A completion was accepted: the first one gives back what keeps a pending request.
    pub(super) fn completed(&self) {
        if self.references.is_some() && !self.is_completed.swap(true, Relaxed) {
            self.give_back();
        }
    }

    /// Frees the request, where the engine looks at the end of objects and keeps their memory; elsewhere it stays, since those that
    /// go on with it are not stopped there.
    fn free(&self) {
        if arena::serves() {
            self.get().settle();
            self.is_freed.store(true, Relaxed);
            // SAFETY: it is there, and dropped once: the count comes to nothing once.
            unsafe { ptr::drop_in_place(self.request) };
        }
    }
}

impl<R: Runtime> Drop for Kept<R> {
    fn drop(&mut self) {
        // SAFETY: the memory is still there, and tells how large it is.
        let layout = Layout::for_value(unsafe { &*self.request });
        if !self.is_freed() {
            // SAFETY: nobody else has the request any more, and it was not dropped.
            unsafe { ptr::drop_in_place(self.request) };
        }
        if layout.size() > 0 {
            // SAFETY: the memory came from a box of this layout.
            unsafe { dealloc(self.request.cast(), layout) };
        }
    }
}
