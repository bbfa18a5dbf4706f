//! Futures: each poll leaves a waker that takes the place of the one before it, and a future may be dropped at any time.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll, Wake, Waker};

use super::lock;
use crate::callback::Callback;
use crate::contract::{
    Asking, CallbackPanics, CancelAnswers, CancelClaims, Completing, Contract, MarkWhileMarked, Misusing,
};
use crate::misuse::Misuse;
use crate::request::{Cancel, CancelableRequest, Mark, Unmark};
use crate::runtime::Runtime;

/// What a future keeps that waits for an event which stays once it has happened.
pub const WAITER: Contract = Contract {
    name: "WAITER",
    mark_while_marked: MarkWhileMarked::Replaces,
    completing: Completing::NotOffered,
    asking: Asking::NotOffered,
    cancel_answers: CancelAnswers::Nothing,
    cancel_claims: CancelClaims::AfterItAsked,
    callback_panics: CallbackPanics::AreForbidden,
    misusing: Misusing::IsExcluded,
    ..Contract::UMDF_1
};

/// What futures wait for: an event that happens once and stays.
///
/// # Example
///
/// ```
/// use std::future::Future;
/// use std::pin::Pin;
/// use std::sync::{Arc, Mutex};
/// use std::task::{Context, Poll, Waker};
///
/// use cancelproof_machine::Std;
/// use cancelproof_machine::shape::Waiter;
///
/// #[derive(Clone)]
/// struct Gate(Arc<Mutex<(bool, Option<Waker>)>>);
///
/// impl Future for Gate {
///     type Output = ();
///
///     fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
///         let mut inner = self.0.lock().unwrap();
///         if inner.0 {
///             return Poll::Ready(());
///         }
///         inner.1 = Some(context.waker().clone());
///         Poll::Pending
///     }
/// }
///
/// impl Waiter<Std> for Gate {
///     type Future = Gate;
///
///     fn new() -> Self {
///         Gate(Arc::new(Mutex::new((false, None))))
///     }
///
///     fn wait(&self) -> Gate {
///         self.clone()
///     }
///
///     fn wake(&self) {
///         let mut inner = self.0.lock().unwrap();
///         inner.0 = true;
///         let waker = inner.1.take();
///         drop(inner);
///         waker.into_iter().for_each(Waker::wake);
///     }
/// }
/// ```
pub trait Waiter<R: Runtime>: Send + Sync + 'static {
    /// What waits. One at a time does.
    type Future: Future + Send + 'static;

    /// Nothing has happened.
    fn new() -> Self
    where
        Self: Sized;

    /// The contract that is kept. Where the event wakes only whoever waits for it, and does not stay, that is [`WAITER`] with
    /// [`CancelWhileUnmarked::Forgets`](crate::contract::CancelWhileUnmarked::Forgets).
    #[must_use]
    fn contract() -> Contract
    where
        Self: Sized,
    {
        WAITER
    }

    /// A future that is ready once it has happened.
    fn wait(&self) -> Self::Future;

    /// It happens: whoever waits is woken.
    fn wake(&self);
}

/// A [`Waiter`] as a request: mark polls with a waker of its own, unmark drops the future, cancel wakes, and the callback is
/// what a task learns: that the waker of its latest poll was woken, or that a poll was ready.
///
/// As the documentation of `Waker` allows, a waker may be woken for no reason, more than once, or after a later poll has
/// replaced it. Such a wake-up tells the task nothing, and is not held against the type; one that is missing is.
pub struct AsWaiter<R: Runtime, T: Waiter<R>> {
    kept: Arc<Mutex<Kept>>,
    future: Mutex<Option<Pin<Box<T::Future>>>>,
    waiter: T,
    runtime: PhantomData<R>,
}

/// Where the task is.
#[derive(Default)]
struct Kept {
    /// The waker of the latest poll.
    current: Weak<Woken>,
    /// Whether the task has learned of the event.
    is_told: bool,
    /// The number of the thread on which it is being told, plus one; 0 if it is not.
    telling: usize,
    is_ready: bool,
}

/// What the waker of one poll wakes.
struct Woken {
    kept: Arc<Mutex<Kept>>,
    callback: Mutex<Option<Callback>>,
    thread: fn() -> usize,
}

impl Woken {
    /// Tells the task, unless it knows, or waits by another waker.
    fn tell(self: &Arc<Self>) {
        let mut kept = lock(&self.kept);
        let is_current = std::ptr::eq(kept.current.as_ptr(), Arc::as_ptr(self));
        if !is_current || kept.is_told {
            return;
        }
        kept.is_told = true;
        kept.telling = (self.thread)() + 1;
        drop(kept);
        let callback = lock(&self.callback).take();
        callback.iter().for_each(Callback::invoke);
        lock(&self.kept).telling = 0;
        drop(callback);
    }

    fn give_back(&self) {
        let callback = lock(&self.callback).take();
        drop(callback);
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.tell();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.tell();
    }
}

impl<R: Runtime, T: Waiter<R>> CancelableRequest<R> for AsWaiter<R, T> {
    #[track_caller]
    fn new() -> Self {
        AsWaiter { kept: Arc::default(), future: Mutex::default(), waiter: T::new(), runtime: PhantomData }
    }

    fn contract() -> Contract {
        T::contract()
    }

    fn mark(&self, callback: Callback) -> Mark {
        let woken = Arc::new(Woken {
            kept: Arc::clone(&self.kept),
            callback: Mutex::new(Some(callback)),
            thread: R::current_number,
        });
        let mut kept = lock(&self.kept);
        if kept.is_ready {
            return Mark::Refused(Misuse::CancelClaimed);
        }
        let was_told = kept.is_told;
        kept.current = Arc::downgrade(&woken);
        drop(kept);
        let future = lock(&self.future).take();
        let mut future = future.unwrap_or_else(|| Box::pin(self.waiter.wait()));
        let waker = Waker::from(Arc::clone(&woken));
        let poll = future.as_mut().poll(&mut Context::from_waker(&waker));
        drop(waker);
        match poll {
            Poll::Pending => {
                *lock(&self.future) = Some(future);
                Mark::Marked
            }
            Poll::Ready(_) => {
                drop(future);
                lock(&self.kept).is_ready = true;
                if was_told {
                    woken.give_back();
                    return Mark::Refused(Misuse::CancelClaimed);
                }
                woken.tell();
                Mark::Marked
            }
        }
    }

    fn unmark(&self) -> Unmark {
        if lock(&self.kept).telling == R::current_number() + 1 {
            // The task learns of it where it is about to go on, and drops nothing there.
            return Unmark::Canceled;
        }
        let future = lock(&self.future).take();
        drop(future);
        // Only now, when the engine has seen who came first: what is kept here it does not see.
        let mut kept = lock(&self.kept);
        let current = std::mem::take(&mut kept.current);
        let is_told = kept.is_told;
        drop(kept);
        if is_told {
            return Unmark::Canceled;
        }
        if let Some(woken) = current.upgrade() {
            woken.give_back();
        }
        Unmark::Unmarked
    }

    fn cancel(&self) -> Cancel {
        self.waiter.wake();
        Cancel::Untold
    }

    fn settle(&self) {
        let future = lock(&self.future).take();
        drop(future);
    }
}
