//! What **locked** does beside the Windows contracts, each for one point of a contract.

use std::sync::Arc;

use crate::callback::Callback;
use crate::contract::{Contract, UnmarkUnmarked};
use crate::machine::{Misuse, answer_of_cancel, answer_of_late_cancel};
use crate::request::{Cancel, Mark, Unmark};
use crate::requests::turnstile::call_and_finish;
use crate::runtime::{Condvar, Mutex, MutexGuard, Runtime, Thread};

use super::{Inner, Locked, Protocol};

/// Where marks replace: the new callback takes the place of the old one, which is given back without the lock.
pub(super) fn replace<R: Runtime>(mut inner: MutexGuard<'_, R, Inner<R>>, callback: Callback) -> Mark {
    let replaced = inner.callback.replace(Arc::new(callback));
    drop(inner);
    drop(replaced);
    Mark::Marked
}

/// Where a mark after a claim is called as well: on the thread that marks, which alone may take it back or end it, so nobody
/// else has to know of it.
pub(super) fn call_beside<R: Runtime>(callback: Callback) -> Mark {
    let target = callback.target();
    call_and_finish::<R>(|| target.invoke(), || drop(callback));
    Mark::Marked
}

/// Where completion leaves the callback to cancels that come later: the first of them calls back.
pub(super) fn call_late<R: Runtime>(
    mut inner: MutexGuard<'_, R, Inner<R>>,
    contract: &Contract,
    is_first: bool,
) -> Cancel {
    let callback = inner.callback.take();
    drop(inner);
    let Some(callback) = callback else { return answer_of_late_cancel(contract, is_first) };
    let target = callback.target();
    call_and_finish::<R>(|| target.invoke(), || drop(callback));
    answer_of_cancel(contract, is_first, true)
}

/// Where it is harmless to take back what is not there.
pub(super) fn answer_of_unmark(contract: &Contract, answer: Unmark) -> Unmark {
    match answer {
        Unmark::Refused(Misuse::NotMarked | Misuse::AlreadyCompleted)
            if contract.unmark_unmarked == UnmarkUnmarked::AnswersCanceled =>
        {
            Unmark::Canceled
        }
        _ => answer,
    }
}

impl<R: Runtime> Inner<R> {
    /// Where marks after a claim stand anew: the cancel that has claimed is not remembered beyond its callback.
    pub(super) fn spend(&mut self, contract: &Contract) {
        if contract.rearms() {
            self.cancel_asked = false;
        }
    }

    /// Whether a callback runs on another thread, also one that has ended the request.
    fn runs_elsewhere(&self) -> bool {
        self.runner.as_ref().is_some_and(|runner| !runner.is_same(&R::current()))
    }
}

/// Takes the lock for a callback that starts; where the one before it may still run, once that has returned.
pub(super) fn lock_when_alone<R: Runtime, P: Protocol>(
    request: &Locked<R, P>,
) -> MutexGuard<'_, R, Inner<R>> {
    let mut inner = request.inner().lock();
    if let Some(returned) = request.returned().filter(|_| request.contract().rearms()) {
        while inner.runs_elsewhere() {
            inner = returned.wait(inner);
        }
    }
    inner
}

/// The thread of a callback may be the last to let go of what is shared. What has been armed anew meanwhile is not left to it.
impl<R: Runtime, P: Protocol> Drop for Locked<R, P> {
    fn drop(&mut self) {
        let may_stand = self.is_whole && self.contract.rearms() && Self::has_threads(&self.contract);
        if may_stand && !std::thread::panicking() {
            let standing = self.inner().lock().callback.take();
            drop(standing);
        }
    }
}

/// Where cancels wait: lets go of the lock once no callback is owed or runs elsewhere.
pub(super) fn wait_to_return<R: Runtime, P: Protocol>(
    request: &Locked<R, P>,
    mut inner: MutexGuard<'_, R, Inner<R>>,
) {
    if let Some(returned) = request.returned().filter(|_| request.contract().cancel_waits()) {
        while inner.is_called_back_elsewhere() || inner.runs_elsewhere() {
            inner = returned.wait(inner);
        }
    }
}

/// As [`wait_to_return`], for a cancel that has claimed and called back, or handed that over.
pub(super) fn wait_for_return<R: Runtime, P: Protocol>(request: &Locked<R, P>) {
    if request.contract().cancel_waits() {
        wait_to_return(request, request.inner().lock());
    }
}
