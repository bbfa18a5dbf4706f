//! The adapter: to cancel is to cancel the root; each mark makes a child, and unmark disarms and drops it.

use std::marker::PhantomData;
use std::sync::Arc;

use cancelproof::model::runtime::{Arc as _, Mutex, Runtime};
use cancelproof::model::{
    Callback, Cancel, CancelableRequest, Complete, Contract, IsCanceled, Mark, Misuse, Status, Unmark,
};
use token_tree::Token;

/// How a child is made.
pub trait MakesChild: Send + Sync + 'static {
    fn child<R: Runtime>(parent: &Token<R>, callback: impl Fn() + Send + Sync + 'static) -> Token<R>;
}

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Unmarked,
    Marked,
    Called,
    Completed,
}

/// An operation under a root token.
pub struct Operation<R: Runtime, M> {
    root: Token<R>,
    /// Counted by the runtime: whoever drops the last reference unregisters the child, which the engines must see.
    child: R::Mutex<Option<R::Arc<Token<R>>>>,
    phase: Arc<R::Mutex<Phase>>,
    makes: PhantomData<M>,
}

impl<R: Runtime, M> Operation<R, M> {
    fn child(&self) -> Option<R::Arc<Token<R>>> {
        self.child.lock().clone()
    }

    fn phase(&self) -> Phase {
        *self.phase.lock()
    }

    fn is_armed(&self) -> bool {
        self.child().is_some_and(|child| child.is_armed())
    }
}

impl<R: Runtime, M: MakesChild> CancelableRequest<R> for Operation<R, M> {
    fn new() -> Self {
        let phase = Arc::new(R::Mutex::new(Phase::Unmarked));
        Operation { root: Token::root(), child: R::Mutex::new(None), phase, makes: PhantomData }
    }

    fn contract() -> Contract {
        Contract::DOTNET_UNREGISTER
    }

    fn mark(&self, callback: Callback) -> Mark {
        let mut phase = self.phase.lock();
        match *phase {
            Phase::Unmarked => *phase = Phase::Marked,
            Phase::Marked if self.is_armed() => return Mark::Refused(Misuse::AlreadyMarked),
            Phase::Marked | Phase::Called => return Mark::Refused(Misuse::CancelClaimed),
            Phase::Completed => return Mark::Refused(Misuse::AlreadyCompleted),
        }
        drop(phase);
        let phase = Arc::clone(&self.phase);
        let child = M::child(&self.root, move || {
            *phase.lock() = Phase::Called;
            callback.invoke();
        });
        *self.child.lock() = Some(R::Arc::new(child));
        Mark::Marked
    }

    fn unmark(&self) -> Unmark {
        match self.phase() {
            Phase::Unmarked => Unmark::Refused(Misuse::NotMarked),
            Phase::Completed => Unmark::Refused(Misuse::AlreadyCompleted),
            Phase::Marked if self.child().is_some_and(|child| child.disarm()) => {
                let child = self.child.lock().take();
                drop(child);
                *self.phase.lock() = Phase::Unmarked;
                Unmark::Unmarked
            }
            Phase::Marked | Phase::Called => Unmark::Canceled,
        }
    }

    fn cancel(&self) -> Cancel {
        if self.root.cancel() > 0 { Cancel::Claimed } else { Cancel::NotClaimed }
    }

    fn complete(&self, _status: Status) -> Complete {
        let phase = self.phase();
        match phase {
            Phase::Unmarked | Phase::Called => {
                let before = std::mem::replace(&mut *self.phase.lock(), Phase::Completed);
                if before == Phase::Completed {
                    return Complete::Refused(Misuse::AlreadyCompleted);
                }
                Complete::Completed
            }
            Phase::Marked if self.is_armed() => Complete::Refused(Misuse::StillCancelable),
            Phase::Marked => Complete::Refused(Misuse::CallbackPromised),
            Phase::Completed => Complete::Refused(Misuse::AlreadyCompleted),
        }
    }

    fn is_canceled(&self) -> IsCanceled {
        match self.phase() {
            Phase::Completed => IsCanceled::Refused(Misuse::AlreadyCompleted),
            Phase::Called => IsCanceled::Yes,
            // The cancel of the root claims the operation when it comes to the child.
            Phase::Marked if !self.is_armed() => IsCanceled::Yes,
            Phase::Unmarked if self.root.is_canceled() => IsCanceled::Yes,
            _ => IsCanceled::No,
        }
    }
}
