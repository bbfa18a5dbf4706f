//! An operation on a thread puts in its result while a cancel puts in that it was canceled, and it completes twice.

use super::parts::*;

const RUNNING: u8 = 0;
const ENDED: u8 = 1;

/// An operation that another thread works on, with the completions that its owner will see.
pub(super) struct Work<R: Runtime, const FIXED: bool> {
    token: R::AtomicU8,
    completions: Monitor<R, Vec<Option<Ticket<R>>>>,
}

pub(super) type Request<R, const FIXED: bool> = AsOperation<R, Sides<Work<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Work<R, FIXED> {
    /// Whether the caller may put in a completion.
    fn may_end(&self) -> bool {
        if FIXED { self.token.swap(ENDED, AcqRel) == RUNNING } else { self.token.load(Acquire) == RUNNING }
    }

    fn put_in(&self, completion: Option<Ticket<R>>) {
        self.token.swap(ENDED, AcqRel);
        self.completions.update(|completions| completions.push(completion));
    }
}

impl<R: Runtime, const FIXED: bool> Transfer<R> for Work<R, FIXED> {
    fn new() -> Self {
        Work { token: Atomic::new(RUNNING), completions: Monitor::new(Vec::new()) }
    }

    fn complete(&self, result: Ticket<R>) -> Result<(), Ticket<R>> {
        if !self.may_end() {
            return Err(result);
        }
        self.put_in(Some(result));
        Ok(())
    }

    fn cancel(&self) -> impl Answer {
        let may_end = self.may_end();
        if may_end {
            self.put_in(None);
        }
        may_end
    }

    fn receive(&self) -> Option<Ticket<R>> {
        self.completions.wait(|completions| !completions.is_empty(), |completions| completions[0].take())
    }
}
