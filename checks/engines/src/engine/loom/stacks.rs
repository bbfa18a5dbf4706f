//! The stacks of loom's threads go from one execution to the next.
//!
//! loom makes its threads anew for each execution, and each gets a stack from the kernel and gives it back. That takes longer
//! than what runs on the stack. So while loom explores, a stack that is given back is kept, with its guard page, and handed to
//! the next thread that asks for one of that size. What lies on it is left: a thread that gets a stack reads nothing that it has
//! not written.
//!
//! On Linux with the GNU C library the functions `mmap`, `munmap` and `mprotect` are defined here, weakly as those of the arena
//! (`arena/interpose.rs`): where another library of the program defines one of them, that one's is taken. Each of the three
//! can be missing: a stack is handed out again only if its end has been seen here, and a guard is taken for set only if it was
//! set here. Outside of an exploration, and for everything that is no stack, they are system calls and nothing else.

use core::cell::Cell;

/// How many stacks are known at once; loom has at most as many threads.
const STACKS_MAX: usize = 8;

/// A stack that was mapped while loom explored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stack {
    base: usize,
    length: usize,
    /// The bytes from its base on that nobody may touch.
    guard: usize,
    is_free: bool,
}

impl Stack {
    fn overlaps(&self, base: usize, length: usize) -> bool {
        self.base < base + length && base < self.base + self.length
    }
}

thread_local! {
    static IS_KEEPING: Cell<bool> = const { Cell::new(false) };
    static STACKS: Cell<[Option<Stack>; STACKS_MAX]> = const { Cell::new([None; STACKS_MAX]) };
    /// How many stacks were handed out again.
    static AGAIN: Cell<u64> = const { Cell::new(0) };
}

/// While it lives, the stacks of the calling thread's explorations are kept.
#[derive(Debug)]
pub(super) struct Keeping(());

impl Keeping {
    pub(super) fn begin() -> Self {
        IS_KEEPING.set(true);
        Keeping(())
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        IS_KEEPING.set(false);
        // A stack that is still in use is its owner's to give back.
        for stack in STACKS.take().into_iter().flatten().filter(|stack| stack.is_free) {
            imp::unmap(stack.base, stack.length);
        }
    }
}

/// Finds a known stack that `is_meant`, and puts what `change` makes of it in its place.
fn change(is_meant: impl Fn(&Stack) -> bool, change: impl FnOnce(Stack) -> Option<Stack>) -> Option<Stack> {
    let mut stacks = STACKS.get();
    let place = stacks.iter_mut().find(|stack| stack.as_ref().is_some_and(&is_meant))?;
    let stack = place.take()?;
    *place = change(stack);
    STACKS.set(stacks);
    Some(stack)
}

/// A stack that was given back, for the next thread that asks for one of this length.
fn take(length: usize) -> Option<usize> {
    let stack = change(
        |stack| stack.is_free && stack.length == length,
        |stack| Some(Stack { is_free: false, ..stack }),
    )?;
    AGAIN.set(AGAIN.get() + 1);
    Some(stack.base)
}

/// What was known of these bytes is over.
fn forget(base: usize, length: usize) {
    while change(|stack| stack.overlaps(base, length), |_| None).is_some() {}
}

/// The kernel has mapped these bytes; they are known from now on if they are a stack.
fn mapped(base: usize, length: usize, is_stack: bool) {
    forget(base, length);
    let mut stacks = STACKS.get();
    if is_stack && let Some(place) = stacks.iter_mut().find(|stack| stack.is_none()) {
        *place = Some(Stack { base, length, guard: 0, is_free: false });
        STACKS.set(stacks);
    }
}

/// Whether these bytes are a stack that is given back, and now kept.
fn give_back(base: usize, length: usize) -> bool {
    let is_meant = |stack: &Stack| stack.base == base && stack.length == length && !stack.is_free;
    change(is_meant, |stack| Some(Stack { is_free: true, ..stack })).is_some()
}

/// Whether nobody may touch these bytes already.
fn is_guarded(base: usize, length: usize) -> bool {
    let is_meant = |stack: &Stack| stack.base == base && stack.guard == length;
    STACKS.get().iter().flatten().any(is_meant)
}

/// Nobody may touch these bytes from now on, if `is_guard`; otherwise somebody treats them in a way of its own, and what was
/// known of them is over.
fn protected(base: usize, length: usize, is_guard: bool) {
    let is_first =
        |stack: &Stack| is_guard && stack.base == base && stack.guard == 0 && length < stack.length;
    if change(is_first, |stack| Some(Stack { guard: length, ..stack })).is_none() {
        forget(base, length);
    }
}

#[cfg(all(
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(target_feature = "crt-static"),
    not(miri)
))]
mod imp;

#[cfg(not(all(
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(target_feature = "crt-static"),
    not(miri)
)))]
mod imp {
    /// There is none: no stack is kept.
    pub(super) fn unmap(_base: usize, _length: usize) {}
}

#[cfg(test)]
mod tests;
