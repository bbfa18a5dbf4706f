//! What somebody waits for, and what happens once.

use std::sync::atomic::{AtomicU32, Ordering};

use cancelproof_runtime::{Atomic, Condvar, Mutex, Runtime};

use crate::bug::Rule;

/// The wake-ups of one waiter: set by whoever wakes, taken by whoever waits. A wake-up that comes early is kept, as that of a
/// task and of a parked thread is.
pub struct Signal<R: Runtime> {
    is_set: R::Mutex<bool>,
    is_woken: R::Condvar,
}

impl<R: Runtime> Signal<R> {
    /// No wake-up yet.
    #[track_caller]
    #[must_use]
    pub fn new() -> Self {
        Signal { is_set: Mutex::new(false), is_woken: Condvar::new() }
    }

    /// Wakes.
    #[track_caller]
    pub fn wake(&self) {
        *self.is_set.lock() = true;
        self.is_woken.notify_one();
    }

    /// Takes a wake-up, and returns whether there was one. A kernel whose waiter needs not run again asks this at the end,
    /// which takes fewer executions than waiting does.
    #[track_caller]
    pub fn take(&self) -> bool {
        std::mem::replace(&mut *self.is_set.lock(), false)
    }

    /// Waits for a wake-up. If none comes, that is a deadlock to every engine.
    #[track_caller]
    pub fn wait(&self) {
        let mut is_set = self.is_set.lock();
        while !*is_set {
            is_set = self.is_woken.wait(is_set);
        }
        *is_set = false;
    }
}

impl<R: Runtime> Default for Signal<R> {
    fn default() -> Self {
        Signal::new()
    }
}

impl<R: Runtime> std::fmt::Debug for Signal<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signal").finish_non_exhaustive()
    }
}

/// How often something happened. No engine sees it: ask at the end, after all threads were joined.
#[derive(Debug, Default)]
pub struct Tally(AtomicU32);

impl Tally {
    /// Nothing happened yet.
    #[must_use]
    pub fn new() -> Self {
        Tally::default()
    }

    /// It happens.
    pub fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How often it happened.
    #[must_use]
    pub fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Something that happens once: a completion, a callback, a resumption.
#[derive(Debug)]
pub struct Once<R: Runtime> {
    name: &'static str,
    count: R::AtomicU32,
}

impl<R: Runtime> Once<R> {
    /// It has not happened, and goes by `name` in messages.
    #[track_caller]
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Once { name, count: Atomic::new(0) }
    }

    /// It happens.
    ///
    /// # Panics
    ///
    /// Panics if it has happened before.
    #[track_caller]
    pub fn happen(&self) {
        let before = self.count.fetch_add(1, Ordering::AcqRel);
        Rule::ExactlyOnce.demand(before == 0, format_args!("{} twice", self.name));
    }

    /// Whether it has happened.
    #[track_caller]
    pub fn has_happened(&self) -> bool {
        self.count.load(Ordering::Acquire) != 0
    }

    /// At the end, after all threads were joined: demands that it has happened.
    ///
    /// # Panics
    ///
    /// Panics if it has not.
    #[track_caller]
    pub fn demand_happened(&self) {
        Rule::ExactlyOnce.demand(self.has_happened(), format_args!("{} never", self.name));
    }
}
