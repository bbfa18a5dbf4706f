//! A token says that it is canceled before its reason is stored, and a token without a reason passes for one that is not canceled.

use super::parts::*;

/// A token with the reason of its cancel.
pub(super) struct Reasoned<R: Runtime, const FIXED: bool> {
    is_canceled: R::AtomicU8,
    reason: R::AtomicU8,
    listed: R::Mutex<(bool, Vec<Callback>)>,
}

pub(super) type Request<R, const FIXED: bool> = AsToken<R, Reasoned<R, FIXED>>;

impl<R: Runtime, const FIXED: bool> Token<R> for Reasoned<R, FIXED> {
    type Registration = ();

    fn new() -> Self {
        Reasoned { is_canceled: Atomic::new(0), reason: Atomic::new(0), listed: Mutex::new((false, Vec::new())) }
    }

    fn register(&self, callback: Callback) {
        let mut listed = self.listed.lock();
        if listed.0 {
            drop(listed);
            callback.invoke();
        } else {
            listed.1.push(callback);
        }
    }

    fn cancel(&self) -> impl Answer {
        if FIXED {
            self.reason.store(1, Release);
        }
        let is_first = self.is_canceled.swap(1, AcqRel) == 0;
        if is_first {
            let mut listed = self.listed.lock();
            listed.0 = true;
            let callbacks = std::mem::take(&mut listed.1);
            drop(listed);
            callbacks.iter().for_each(Callback::invoke);
        }
        if !FIXED && is_first {
            self.reason.store(1, Release);
        }
        is_first
    }

    fn is_canceled(&self) -> bool {
        self.is_canceled.load(Acquire) == 1 && self.reason.load(Acquire) == 1
    }
}
