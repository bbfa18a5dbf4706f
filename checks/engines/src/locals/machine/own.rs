//! What one modelled thread has in the thread-locals of the code under test.

use core::cell::Cell;
use core::mem::MaybeUninit;
use core::ptr;
use std::sync::OnceLock;

use super::ends::{self, End};
use super::program::Variables;
use crate::arena;

/// Switches all of this off, for comparison.
const VARIABLE: &str = "CANCELPROOF_THREAD_LOCALS";

thread_local! {
    /// Whether a modelled thread runs, with what is its own.
    static RUNS: Cell<bool> = const { Cell::new(false) };
}

/// The variables of the code under test; none if it has none, or if nobody can tell.
fn variables() -> Option<&'static Variables> {
    found().filter(|variables| !variables.spans.is_empty())
}

fn found() -> Option<&'static Variables> {
    static FOUND: OnceLock<Option<Variables>> = OnceLock::new();
    let find = || {
        let is_wanted = std::env::var_os(VARIABLE).is_none_or(|said| said != "off");
        if is_wanted && ends::is_heard() { Variables::find() } else { None }
    };
    FOUND.get_or_init(|| arena::outside(find)).as_ref()
}

/// Whether the code under test has any.
#[inline]
pub(crate) fn are_any() -> bool {
    variables().is_some()
}

/// Whether somebody can tell.
pub(crate) fn is_served() -> bool {
    found().is_some()
}

/// Whether something lies in a variable of the code under test, of the modelled thread that runs.
pub(super) fn is_of_modelled_thread(address: usize) -> bool {
    RUNS.get() && variables().is_some_and(|variables| variables.contain(address))
}

/// The modelled thread that runs has come to its end: drops what it has.
#[inline]
pub(crate) fn end() {
    if RUNS.get() {
        ends::call_all();
    }
}

/// What a modelled thread has in its thread-locals while it does not run. While it does, what the thread of the machine has.
#[derive(Debug, Default)]
pub(crate) struct Own {
    words: Vec<MaybeUninit<u64>>,
    ends: Vec<End>,
}

impl Own {
    /// A modelled thread begins: it has what a new thread has.
    #[inline]
    pub(crate) fn begin(&mut self) {
        if let Some(variables) = variables() {
            self.renew(variables);
        }
    }

    fn renew(&mut self, variables: &Variables) {
        self.ends.clear();
        let bytes = &variables.initial;
        self.words.clear();
        self.words.resize(bytes.len().div_ceil(size_of::<u64>()), MaybeUninit::new(0));
        // SAFETY: there is room for so many bytes.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.words.as_mut_ptr().cast(), bytes.len()) };
    }

    /// The modelled thread runs from here on, or runs no more. One that has not begun has nothing, and nothing is exchanged.
    #[inline]
    pub(crate) fn swap(&mut self) {
        if !self.words.is_empty()
            && let Some(variables) = variables()
        {
            self.exchange(variables);
        }
    }

    fn exchange(&mut self, variables: &Variables) {
        let block = variables.block();
        let mut at = 0;
        for span in &variables.spans {
            // SAFETY: the span lies in the block of this thread, and in what is kept of it there is room for all spans, one
            // after the other. The code under test does not run, and it alone uses the variables; where it has borrowed one
            // while it waits, it finds the same there when it goes on.
            unsafe {
                ptr::swap_nonoverlapping(
                    block.add(span.start),
                    self.words.as_mut_ptr().cast::<u8>().add(at),
                    span.bytes,
                );
            }
            at += span.bytes;
        }
        ends::swap(&mut self.ends);
        RUNS.set(!RUNS.get());
    }

    /// A number that follows from what the modelled thread has, which does not run; none if it has nothing.
    #[inline]
    pub(crate) fn digest(&self) -> Option<u64> {
        // SAFETY: so many words are there, and nobody writes them.
        let digest = || unsafe { arena::digest(self.words.as_ptr().addr(), self.words.len()) };
        (!self.words.is_empty()).then(digest)
    }
}
