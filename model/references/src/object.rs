//! Objects with a count of their references, in the manner of `IUnknown`.
//!
//! An object is born with one reference. `add_ref` takes another one, from somebody who has one; `query_interface`
//! takes one along with the interface that it hands out; `release` gives one back, and whoever gives back the last one
//! destroys the object. A callback object is held by the framework from the mark until the mark was taken back or the
//! callback has returned, so that its driver may release it right after marking.
//!
//! # Orderings
//!
//! Taking a reference needs none: whoever takes one has one. Giving one back releases what was done with the object,
//! and giving back the last one acquires it, so that all use comes before the destruction.
//!
//! # Source
//!
//! Section 2.5 of the request cancellation specification, and its invariants I9 to I11. That the framework of UMDF 1
//! holds a reference itself is inference.

use core::fmt;
use core::sync::atomic::Ordering::{AcqRel, Relaxed};

use crate::runtime::{Atomic, Runtime};

/// What an object may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interface {
    /// The interface that every object has.
    Unknown,
    /// The interface of callback objects (`IRequestCallbackCancel`).
    RequestCallbackCancel,
    /// The interface of something else.
    SomethingElse,
}

/// What an object is told.
pub trait Body: Send + Sync {
    /// The last reference was given back.
    fn on_destroy(&self);
}

/// The steps of counting, for faults to override.
pub trait CountSteps<R: Runtime>: Send + Sync + 'static {
    /// Takes a reference; the count afterwards.
    fn add_ref(&self, object: &Object<R>) -> usize {
        object.count.fetch_add(1, Relaxed).wrapping_add(1)
    }

    /// Gives a reference back; the count afterwards.
    fn release(&self, object: &Object<R>) -> usize {
        // One too many is a caller's doing, and is not to take the caller down.
        let left = object.count.fetch_sub(1, AcqRel).wrapping_sub(1);
        if left == 0 {
            object.body.on_destroy();
        }
        left
    }

    /// Whether the object has the interface; if so, with a reference.
    fn query_interface(&self, object: &Object<R>, interface: Interface) -> bool {
        match interface {
            Interface::SomethingElse => false,
            Interface::Unknown | Interface::RequestCallbackCancel => {
                object.add_ref();
                true
            }
        }
    }
}

impl<R: Runtime> CountSteps<R> for crate::framework::Reference {}

/// An object with a count of its references. The memory is not its own business: it is told when it is destroyed, and
/// stays where it is.
pub struct Object<R: Runtime> {
    count: R::AtomicUsize,
    body: Box<dyn Body>,
    steps: Box<dyn CountSteps<R>>,
}

impl<R: Runtime> Object<R> {
    /// An object with one reference, its maker's.
    #[must_use]
    #[track_caller]
    pub fn new(body: Box<dyn Body>, steps: Box<dyn CountSteps<R>>) -> Self {
        Object { count: R::AtomicUsize::new(1), body, steps }
    }

    /// Takes a reference. The caller has one. Returns the count afterwards, which may be stale at once.
    pub fn add_ref(&self) -> usize {
        self.steps.add_ref(self)
    }

    /// Gives a reference back. Returns the count afterwards; at 0 the object was destroyed.
    pub fn release(&self) -> usize {
        self.steps.release(self)
    }

    /// Asks for an interface. If the object has it, the answer is yes and the caller has a reference more.
    pub fn query_interface(&self, interface: Interface) -> bool {
        self.steps.query_interface(self, interface)
    }

    /// The count, for steps that are overridden.
    pub fn count(&self) -> &R::AtomicUsize {
        &self.count
    }

    /// What is told, for steps that are overridden.
    #[must_use]
    pub fn body(&self) -> &dyn Body {
        &*self.body
    }
}

impl<R: Runtime> fmt::Debug for Object<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object").field("count", &self.count).finish_non_exhaustive()
    }
}
