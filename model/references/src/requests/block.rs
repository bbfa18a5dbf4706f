//! **block**: a request in a block of its own, which whoever leaves it last frees.
//!
//! What lies in the block leads to the request [`Locked`]; what this one adds is how long the block lives. The references to it are
//! counted by hand, as a framework does that has no counted pointers:
//!
//! 1. the handle has one from the beginning until the request is completed, or until the handle itself is dropped;
//! 2. each call has one from before it looks into the block until it is done with it;
//! 3. a call takes its reference under the lock of the handle, where the address lies. So the count never comes back from
//!    nothing;
//! 4. the address leaves the handle before the handle's reference is given back. So no call finds the address of a block that
//!    is gone.
//!
//! A callback may complete the request: the call that makes the callback still has its own reference.
//!
//! # Safety
//!
//! The count is one for each [`Address`] that is still followed, by the rules above. Giving a reference back releases, and whoever gives back the
//! last one acquires, so all that was done in the block happens before it is freed.

use core::marker::PhantomData;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::Arc;

use crate::callback::Callback;
use crate::contract::Contract;
use crate::machine::Misuse;
use crate::request::{Cancel, CancelableRequest, Complete, IsCanceled, Mark, Status, Unmark};
use crate::runtime::{Atomic, Mutex, Runtime};

use super::locked::{self, Locked};

/// The reference request **block**; `P` is the protocol, which only faults replace.
pub struct Block<R: Runtime, P: Protocol = Reference> {
    handle: R::Mutex<Option<Address<R>>>,
    protocol: PhantomData<P>,
}

/// What lies in the block.
struct Body<R: Runtime> {
    references: R::AtomicUsize,
    /// Whether the end was told.
    told: R::Mutex<bool>,
    /// What a call works on. It has it for itself from its beginning on, so a fault that frees the block too early shows at the
    /// block, and follows no pointer out of it.
    request: Arc<Locked<R, locked::Reference>>,
}

/// Where the block lies.
pub struct Address<R: Runtime>(*mut Body<R>);

#[allow(clippy::expl_impl_clone_on_copy, reason = "a derive would ask the same of the runtime")]
impl<R: Runtime> Clone for Address<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: Runtime> Copy for Address<R> {}

// SAFETY: an address is a number; what lies there may be shared between threads, and is followed by the rules at the head of the
// module.
unsafe impl<R: Runtime> Send for Address<R> {}

impl<R: Runtime> Address<R> {
    /// The number of references.
    pub(crate) fn references<'a>(self) -> &'a R::AtomicUsize {
        &self.body().references
    }

    /// Where it is noted that the end was told.
    pub(crate) fn told<'a>(self) -> &'a R::Mutex<bool> {
        &self.body().told
    }

    /// The request.
    pub(crate) fn request(self) -> Arc<Locked<R, locked::Reference>> {
        Arc::clone(&self.body().request)
    }

    fn body<'a>(self) -> &'a Body<R> {
        // SAFETY: rules 1 to 4 at the head of the module: the block is there as long as the caller has a reference. A fault that has none
        // runs only where an engine keeps the memory of what was freed.
        unsafe { &*self.0 }
    }

    /// Frees the block. The caller has given back the last reference.
    pub(crate) fn free(self) {
        // SAFETY: the address came from a box, and the last reference is given back once; of a fault, as above.
        drop(unsafe { Box::from_raw(self.0) });
    }
}

/// The protocol as it should be.
#[derive(Debug)]
pub struct Reference;

impl Protocol for Reference {}

impl<R: Runtime, P: Protocol> Block<R, P> {
    /// A pending request that keeps `contract`, which has to answer calls after the end as [`Contract::UMDF_1`] does.
    #[must_use]
    #[track_caller]
    pub fn with_contract(contract: Contract) -> Self {
        let body = Body {
            references: R::AtomicUsize::new(1),
            told: R::Mutex::new(false),
            request: Arc::new(Locked::<R>::with_contract(contract)),
        };
        let address = Address(Box::into_raw(Box::new(body)));
        Block { handle: R::Mutex::new(Some(address)), protocol: PhantomData }
    }

    /// The lock of the handle, for protocols that override a step.
    pub(crate) fn handle(&self) -> &R::Mutex<Option<Address<R>>> {
        &self.handle
    }

    /// Makes a call in the block, or answers for a request that is gone.
    fn call<T>(&self, call: impl FnOnce(&Locked<R, locked::Reference>) -> T, gone: T) -> T {
        let Some(address) = P::enter(self) else { return gone };
        let answer = call(&address.request());
        P::leave(address);
        answer
    }
}

impl<R: Runtime, P: Protocol> Drop for Block<R, P> {
    fn drop(&mut self) {
        // An execution that is torn down performs no operations any more; what it leaves behind is the engine's.
        if !std::thread::panicking() {
            P::end(self);
        }
    }
}

impl<R: Runtime, P: Protocol> CancelableRequest<R> for Block<R, P> {
    #[track_caller]
    fn new() -> Self {
        Self::with_contract(Contract::UMDF_1)
    }

    fn mark(&self, callback: Callback) -> Mark {
        self.call(|request| request.mark(callback), Mark::Refused(Misuse::AlreadyCompleted))
    }

    fn unmark(&self) -> Unmark {
        self.call(CancelableRequest::unmark, Unmark::Refused(Misuse::AlreadyCompleted))
    }

    fn cancel(&self) -> Cancel {
        P::cancel(self)
    }

    fn complete(&self, status: Status) -> Complete {
        P::complete(self, status)
    }

    fn is_canceled(&self) -> IsCanceled {
        self.call(CancelableRequest::is_canceled, IsCanceled::Refused(Misuse::AlreadyCompleted))
    }
}

/// How long the block lives.
pub trait Protocol: Sized + Send + Sync + 'static {
    /// Takes a reference for a call; none if the request is gone.
    fn enter<R: Runtime>(block: &Block<R, Self>) -> Option<Address<R>> {
        let handle = block.handle.lock();
        let address = (*handle)?;
        Self::keep(address);
        Some(address)
    }

    /// Counts one reference more.
    fn keep<R: Runtime>(address: Address<R>) {
        address.references().fetch_add(1, Relaxed);
    }

    /// Gives a reference back, and frees the block if it was the last one.
    fn leave<R: Runtime>(address: Address<R>) {
        if address.references().fetch_sub(1, Release) == 1 {
            R::fence(Acquire);
            address.free();
        }
    }

    /// Gives the handle's reference back, if the handle still has it.
    fn end<R: Runtime>(block: &Block<R, Self>) {
        let taken = block.handle.lock().take();
        if let Some(address) = taken {
            Self::leave(address);
        }
    }

    /// Cancels, and so may call back, which may complete the request.
    fn cancel<R: Runtime>(block: &Block<R, Self>) -> Cancel {
        block.call(CancelableRequest::cancel, Cancel::NotFound)
    }

    /// Tells of the end.
    fn tell<R: Runtime>(address: Address<R>) {
        *address.told().lock() = true;
    }

    /// Completes the request, and with that ends the block.
    fn complete<R: Runtime>(block: &Block<R, Self>, status: Status) -> Complete {
        let Some(address) = Self::enter(block) else {
            return Complete::Refused(Misuse::AlreadyCompleted);
        };
        let answer = address.request().complete(status);
        if answer == Complete::Completed {
            Self::tell(address);
            Self::end(block);
        }
        Self::leave(address);
        answer
    }
}
