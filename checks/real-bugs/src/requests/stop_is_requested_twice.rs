//! A child that stops and a stop from outside both request the children to stop, whoever of them was first.

use super::parts::*;

#[derive(Default)]
struct Children {
    is_stopped: bool,
    listed: Vec<Arc<Callback>>,
}

/// Operations that stop together, with the state that says so.
pub(super) struct WhenAll<R: Runtime, const FIXED: bool> {
    state: R::AtomicU8,
    children: R::Mutex<Children>,
}

const STARTED: u8 = 0;
const STOPPED: u8 = 1;

pub(super) type Request<R, const FIXED: bool> = AsToken<R, WhenAll<R, FIXED>>;

impl<R: Runtime, const FIXED: bool> Token<R> for WhenAll<R, FIXED> {
    type Registration = ();

    fn new() -> Self {
        WhenAll { state: Atomic::new(STARTED), children: Mutex::new(Children::default()) }
    }

    fn register(&self, callback: Callback) {
        let mut children = self.children.lock();
        if children.is_stopped {
            drop(children);
            callback.invoke();
        } else {
            children.listed.push(Arc::new(callback));
        }
    }

    fn cancel(&self) -> impl Answer {
        let before = self.state.swap(STOPPED, AcqRel);
        if before == STARTED || !FIXED {
            let mut children = self.children.lock();
            children.is_stopped = true;
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
        self.state.load(Acquire) == STOPPED
    }
}
