//! A context's cancel looks without a lock whether it was canceled, and two cancels both see that it was not.

use super::parts::*;

#[derive(Default)]
struct Children {
    is_closed: bool,
    listed: Vec<Arc<Callback>>,
}

/// A context with its children.
pub(super) struct Scope<R: Runtime, const FIXED: bool> {
    is_canceled: R::AtomicU8,
    children: R::Mutex<Children>,
}

pub(super) type Request<R, const FIXED: bool> = AsToken<R, Scope<R, FIXED>>;

impl<R: Runtime, const FIXED: bool> Token<R> for Scope<R, FIXED> {
    type Registration = ();

    fn new() -> Self {
        Scope { is_canceled: Atomic::new(0), children: Mutex::new(Children::default()) }
    }

    fn register(&self, callback: Callback) {
        let mut children = self.children.lock();
        if children.is_closed {
            drop(children);
            callback.invoke();
        } else {
            children.listed.push(Arc::new(callback));
        }
    }

    fn cancel(&self) -> impl Answer {
        let was_canceled = if FIXED {
            self.is_canceled.swap(1, AcqRel) == 1
        } else {
            self.is_canceled.load(Acquire) == 1 || {
                self.is_canceled.store(1, Release);
                false
            }
        };
        if !was_canceled {
            let mut children = self.children.lock();
            children.is_closed = true;
            let listed = children.listed.clone();
            drop(children);
            for child in &listed {
                child.invoke();
            }
            let done = std::mem::take(&mut self.children.lock().listed);
            drop((listed, done));
        }
    }

    fn is_canceled(&self) -> bool {
        self.is_canceled.load(Acquire) == 1
    }
}
