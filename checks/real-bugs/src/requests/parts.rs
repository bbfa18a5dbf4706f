//! What kernels that are requests are made of: an operation, a source and an event whose sides share one state, and what becomes
//! of a result.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

pub(super) use std::task::Waker;

pub(super) use cancelproof_machine::shape::{
    Answer, AsOperation, AsRegistration, AsToken, AsWaiter, Operation, REGISTRATION, Registration,
    SCOPED_REGISTRATION, Ticket, Token, Waiter,
};
pub(super) use cancelproof_machine::{Callback, Contract};

pub(super) use crate::parts::{
    AcqRel, Acquire, Arc, Atomic, Block, Lock, Monitor, Mutex, Plain, Relaxed, Release, Runtime, SeqCst,
    UnsafeCell,
};

/// The callbacks of a token, for kernels whose fault is in who calls them: a late one is called at once.
pub(super) struct Children<R: Runtime>(R::Mutex<Listed>);

#[derive(Default)]
struct Listed {
    is_closed: bool,
    callbacks: Vec<Arc<Callback>>,
}

impl<R: Runtime> Children<R> {
    #[track_caller]
    pub(super) fn new() -> Self {
        Children(Mutex::new(Listed::default()))
    }

    /// Adds a child, or calls it if the children have been called.
    #[track_caller]
    pub(super) fn add(&self, child: Callback) {
        let mut listed = self.0.lock();
        if listed.is_closed {
            drop(listed);
            child.invoke();
        } else {
            listed.callbacks.push(Arc::new(child));
        }
    }

    /// Calls all of them. A second call beside the first calls them again.
    #[track_caller]
    pub(super) fn call(&self) {
        let mut listed = self.0.lock();
        listed.is_closed = true;
        let callbacks = listed.callbacks.clone();
        drop(listed);
        for child in &callbacks {
            child.invoke();
        }
        let done = std::mem::take(&mut self.0.lock().callbacks);
        drop((callbacks, done));
    }
}

/// What an operation has come to.
pub(super) enum Outcome<R: Runtime> {
    /// Nothing yet.
    Pending,
    /// A result that nobody has received.
    Result(Ticket<R>),
    /// An end without a result, or with one that was received.
    Over,
}

/// The right place for a result, for kernels whose fault is elsewhere: the first end counts.
pub(super) struct Desk<R: Runtime>(Monitor<R, Outcome<R>>);

impl<R: Runtime> Desk<R> {
    #[track_caller]
    pub(super) fn new() -> Self {
        Desk(Monitor::new(Outcome::Pending))
    }

    /// Ends the operation with `result`, or gives it back.
    #[track_caller]
    pub(super) fn finish(&self, result: Ticket<R>) -> Result<(), Ticket<R>> {
        self.0.update(|outcome| {
            if !matches!(outcome, Outcome::Pending) {
                return Err(result);
            }
            *outcome = Outcome::Result(result);
            Ok(())
        })
    }

    /// Ends the operation without a result, and returns whether it was this call that did.
    #[track_caller]
    pub(super) fn end(&self) -> bool {
        self.0.update(|outcome| {
            let is_pending = matches!(outcome, Outcome::Pending);
            if is_pending {
                *outcome = Outcome::Over;
            }
            is_pending
        })
    }

    /// Waits for the end and takes the result.
    #[track_caller]
    pub(super) fn receive(&self) -> Option<Ticket<R>> {
        let has_ended = |outcome: &Outcome<R>| !matches!(outcome, Outcome::Pending);
        match self.0.wait(has_ended, |outcome| std::mem::replace(outcome, Outcome::Over)) {
            Outcome::Result(result) => Some(result),
            Outcome::Pending | Outcome::Over => None,
        }
    }
}

/// An operation whose canceler, completer and receiver share one state.
pub(super) trait Transfer<R: Runtime>: Send + Sync + 'static {
    fn new() -> Self;

    fn complete(&self, result: Ticket<R>) -> Result<(), Ticket<R>>;

    /// Cancels, and says whether this call has ended the operation, or nothing.
    fn cancel(&self) -> impl Answer;

    fn receive(&self) -> Option<Ticket<R>>;
}

/// A [`Transfer`] as an operation.
pub(super) struct Sides<T>(Arc<T>);

impl<R: Runtime, T: Transfer<R>> Operation<R> for Sides<T> {
    type Completer = Arc<T>;
    type Receiver = Arc<T>;

    fn start() -> (Self, Arc<T>, Arc<T>) {
        let state = Arc::new(T::new());
        (Sides(Arc::clone(&state)), Arc::clone(&state), state)
    }

    fn complete(completer: Arc<T>, result: Ticket<R>) -> Result<(), Ticket<R>> {
        completer.complete(result)
    }

    fn cancel(&self) -> impl Answer {
        self.0.cancel()
    }

    fn receive(receiver: &mut Arc<T>) -> Option<Ticket<R>> {
        receiver.receive()
    }
}

/// A source of one callback at a time, and what a registration at it is taken back by.
pub(super) trait Slot<R: Runtime>: Send + Sync + 'static {
    /// What a registration has for itself.
    type Own: Send + 'static;

    /// Nothing, or whether it was taken back in time.
    type Told: Answer;

    const CONTRACT: Contract = SCOPED_REGISTRATION;

    fn new() -> Self;

    fn register(&self, callback: Callback) -> Self::Own;

    fn deregister(&self, own: Self::Own) -> Self::Told;

    fn cancel(&self);
}

/// A [`Slot`] as a source of registrations.
pub(super) struct Source<T>(Arc<T>);

impl<R: Runtime, T: Slot<R>> Registration<R> for Source<T> {
    type Handle = (Arc<T>, T::Own);

    fn new() -> Self {
        Source(Arc::new(T::new()))
    }

    fn contract() -> Contract {
        T::CONTRACT
    }

    fn register(&self, callback: Callback) -> Self::Handle {
        (Arc::clone(&self.0), self.0.register(callback))
    }

    fn deregister((slot, own): Self::Handle) -> impl Answer {
        slot.deregister(own)
    }

    fn cancel(&self) -> impl Answer {
        self.0.cancel();
    }
}

/// An event that happens once and stays, for one task at a time that polls.
pub(super) trait Polled<R: Runtime>: Send + Sync + 'static {
    fn new() -> Self;

    /// Whether it has happened; if not, `waker` is left.
    fn poll(&self, waker: &Waker) -> bool;

    /// The task waits no more.
    fn leave(&self);

    /// It happens.
    fn wake(&self);
}

/// A [`Polled`] as an event that futures wait for.
pub(super) struct Event<R, T>(Arc<T>, PhantomData<fn() -> R>);

/// The future that waits for it.
pub(super) struct Wait<R: Runtime, T: Polled<R>>(Arc<T>, PhantomData<fn() -> R>);

impl<R: Runtime, T: Polled<R>> Future for Wait<R, T> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0.poll(context.waker()) { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl<R: Runtime, T: Polled<R>> Drop for Wait<R, T> {
    fn drop(&mut self) {
        self.0.leave();
    }
}

impl<R: Runtime, T: Polled<R>> Waiter<R> for Event<R, T> {
    type Future = Wait<R, T>;

    fn new() -> Self {
        Event(Arc::new(T::new()), PhantomData)
    }

    fn wait(&self) -> Wait<R, T> {
        Wait(Arc::clone(&self.0), PhantomData)
    }

    fn wake(&self) {
        self.0.wake();
    }
}

/// The place of a waker that no lock guards. Accesses that nothing orders are a data race.
pub(super) struct Place<R: Runtime>(R::UnsafeCell<Option<Waker>>);

// SAFETY: an engine stops an execution before two accesses to its cell overlap, and kernels run under engines only.
unsafe impl<R: Runtime> Sync for Place<R> {}
// SAFETY: as above; a waker is `Send`.
unsafe impl<R: Runtime> Send for Place<R> {}

impl<R: Runtime> Place<R> {
    #[track_caller]
    pub(super) fn new() -> Self {
        Place(UnsafeCell::new(None))
    }

    /// Puts a waker in, over the one that is there.
    #[track_caller]
    pub(super) fn put(&self, waker: Waker) {
        // SAFETY: an engine stops the execution before another access overlaps with this.
        let replaced = self.0.with_mut(|place| unsafe { (*place).replace(waker) });
        drop(replaced);
    }

    /// Takes the waker out.
    #[track_caller]
    pub(super) fn take(&self) -> Option<Waker> {
        // SAFETY: an engine stops the execution before another access overlaps with this.
        self.0.with_mut(|place| unsafe { (*place).take() })
    }

    /// Reads the waker and leaves it.
    #[track_caller]
    pub(super) fn copy(&self) -> Option<Waker> {
        // SAFETY: an engine stops the execution before a write overlaps with this.
        self.0.with(|place| unsafe { (*place).clone() })
    }
}
