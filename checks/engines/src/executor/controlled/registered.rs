//! Objects that are numbered where an execution first uses them.
//!
//! A constant constructor can tell nobody of the object that it makes, and a static is there before any execution. So
//! such an object carries the number that the present execution gave it, together with the number of the execution;
//! another execution gives it another one, and the object begins anew.

use core::cell::RefCell;
use core::fmt;
use core::ops::Deref;
use core::panic::Location;
use core::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHashMap;

use crate::arena;
use crate::executor::controller::ObjectKind;
use crate::executor::session::{self, Handle};
use crate::operation::ObjectId;

/// The bits of a registration that hold the object's number plus one.
const OBJECT_BITS: u32 = 16;

/// What the registration of an object begins with that was dropped although no execution had used it; the rest is part of
/// the number of the execution that it was dropped in, and what tells where.
const DROPPED: u64 = 0xDEAD << DROPPED_SHIFT;
const DROPPED_SHIFT: u32 = 48;
const EXECUTION_SHIFT: u32 = 32;

/// What an object knows of its registration.
///
/// Several threads of the machine may run executions that use one static, each with registrations of its own. The last
/// one is kept in the object; the others are found by its address.
pub(crate) struct Registration(AtomicU64);

thread_local! {
    /// By address: the registrations of the objects that were there before the execution, with its number.
    static KNOWN: RefCell<(u64, FxHashMap<usize, u16>)> = RefCell::new((0, FxHashMap::default()));
}

impl Registration {
    /// Of an object that no execution has used.
    pub(crate) const fn new() -> Self {
        Registration(AtomicU64::new(0))
    }

    /// The object as the present execution knows it. `kind` is asked where it does not know it yet.
    pub(crate) fn handle(&self, kind: impl FnOnce() -> ObjectKind) -> Handle {
        self.handle_at(None, kind)
    }

    /// The same, for an operation that is written at a place.
    pub(crate) fn handle_at(
        &self,
        at: Option<&'static Location<'static>>,
        kind: impl FnOnce() -> ObjectKind,
    ) -> Handle {
        let execution = session::execution().number();
        let kept = self.0.load(Ordering::Relaxed);
        if kept >> OBJECT_BITS == execution && kept != 0 {
            return Handle::new(ObjectId(kept as u16), session::execution());
        }
        let at = at.unwrap_or_else(|| Location::caller());
        session::refuse_freed(kept, at);
        let kept = self.unless_dropped(kept, execution, at);
        self.register(kept, execution, kind)
    }

    /// Whether the present execution has used the object.
    pub(crate) fn is_known(&self) -> bool {
        let kept = self.0.load(Ordering::Relaxed);
        kept != 0 && (kept >> OBJECT_BITS == session::execution().number() || self.elsewhere().is_some())
    }

    /// Whether another execution has used the object first, of those that ended or of those that run beside this one.
    pub(crate) fn is_left_over(&self, kind: ObjectKind) -> bool {
        if self.0.load(Ordering::Relaxed) == 0 {
            let _ = self.handle(|| kind);
        }
        self.0.load(Ordering::Relaxed) >> OBJECT_BITS != session::execution().number()
    }

    /// What is kept here, if the object was not dropped in this execution. A drop in an earlier one counts for nothing: what
    /// is here by now is another object.
    fn unless_dropped(&self, kept: u64, execution: u64, at: &'static Location<'static>) -> u64 {
        if kept >> DROPPED_SHIFT != DROPPED >> DROPPED_SHIFT {
            return kept;
        }
        if kept >> EXECUTION_SHIFT == (DROPPED >> EXECUTION_SHIFT) | (execution & 0xFFFF)
            && let Some(dropped) = session::unused_end(kept as u32)
        {
            session::refuse_ended(dropped, at);
        }
        self.0.store(0, Ordering::Relaxed);
        0
    }

    #[cold]
    fn register(&self, kept: u64, execution: u64, kind: impl FnOnce() -> ObjectKind) -> Handle {
        let known = if kept == 0 { None } else { self.elsewhere() };
        let object = known.unwrap_or_else(|| {
            let object = session::find(kind()).object().0;
            let _paused = arena::pause();
            KNOWN.with_borrow_mut(|(of, known)| {
                if *of != execution {
                    *of = execution;
                    known.clear();
                }
                known.insert(self.address(), object);
            });
            object
        });
        let new = execution << OBJECT_BITS | u64::from(object);
        if kept == 0 {
            // Of two threads of the machine that come first, one is noted here; the other finds its own by address.
            let _ = self.0.compare_exchange(0, new, Ordering::Relaxed, Ordering::Relaxed);
        } else {
            self.0.store(new, Ordering::Relaxed);
        }
        Handle::new(ObjectId(object), session::execution())
    }

    /// The number of an object whose registration here was replaced by one of another thread of the machine.
    fn elsewhere(&self) -> Option<u16> {
        KNOWN.with_borrow(|(of, known)| {
            if *of == session::execution().number() { known.get(&self.address()).copied() } else { None }
        })
    }

    /// The object ends. One that was moved is still the same, and one that is forgotten has no end.
    pub(crate) fn end(&self) {
        if !session::is_running() {
            return;
        }
        let (kept, execution) = (self.0.load(Ordering::Relaxed), session::execution());
        if kept >> OBJECT_BITS == execution.number() {
            session::ended(Handle::new(ObjectId(kept as u16), execution), self.address());
        } else if kept == 0
            && let Some(place) = session::ended_unused()
        {
            let execution = (execution.number() & 0xFFFF) << EXECUTION_SHIFT;
            self.0.store(DROPPED | execution | u64::from(place), Ordering::Relaxed);
        }
    }

    fn address(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.end();
    }
}

/// The number of an object that was made in the present execution, with its end.
#[derive(Debug)]
pub(super) struct Owned(Handle);

impl Owned {
    /// Numbers a new object.
    pub(super) fn create(kind: ObjectKind) -> Self {
        Owned(session::create(kind))
    }
}

impl Deref for Owned {
    type Target = Handle;

    #[inline]
    fn deref(&self) -> &Handle {
        &self.0
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        session::ended(self.0, core::ptr::from_ref(self).addr());
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Registration")
    }
}
