//! Memory as kernels see it: alive until it is freed, and shared by whoever holds a pointer to it.

use cancelproof_machine::shape::FINDING;
use cancelproof_runtime::{Runtime, UnsafeCell};

use crate::bug::Rule;

/// A piece of memory. A touch and a free that nothing orders are a data race to an engine that sees races; in the wrong order
/// they are a failed assertion to every engine. Share it by `std::sync::Arc`, which stands for a pointer that owns nothing.
#[derive(Debug)]
pub struct Block<R: Runtime> {
    name: &'static str,
    /// How messages begin.
    prefix: &'static str,
    is_freed: R::UnsafeCell<bool>,
}

// SAFETY: an engine stops an execution before two accesses to its cell overlap, and kernels run under engines only.
unsafe impl<R: Runtime> Sync for Block<R> {}
// SAFETY: as above; the name is a string.
unsafe impl<R: Runtime> Send for Block<R> {}

impl<R: Runtime> Block<R> {
    /// Memory that is alive and goes by `name` in messages.
    #[track_caller]
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Block { name, prefix: "", is_freed: UnsafeCell::new(false) }
    }

    /// The same for a kernel that is a request: whoever judges a request knows by the message that the rule is *lifetime*.
    #[track_caller]
    #[must_use]
    pub fn in_request(name: &'static str) -> Self {
        Block { prefix: FINDING, ..Block::new(name) }
    }

    #[track_caller]
    fn demand(&self, holds: bool, what: &str) {
        assert!(holds, "{}{}: {} {what}", self.prefix, Rule::Lifetime.prefix(), self.name);
    }

    /// Reads it, or operates on an atomic that lies in it: races with a free and with no other touch.
    ///
    /// # Panics
    ///
    /// Panics if it was freed.
    #[track_caller]
    pub fn touch(&self) {
        // SAFETY: an engine stops the execution before a free overlaps with this.
        let is_freed = self.is_freed.with(|is_freed| unsafe { *is_freed });
        self.demand(!is_freed, "touched after it was freed");
    }

    /// Writes to it: races with every touch as well.
    ///
    /// # Panics
    ///
    /// Panics if it was freed.
    #[track_caller]
    pub fn write(&self) {
        // SAFETY: an engine stops the execution before another access overlaps with this.
        let is_freed = self.is_freed.with_mut(|is_freed| unsafe { *is_freed });
        self.demand(!is_freed, "written after it was freed");
    }

    /// Frees it.
    ///
    /// # Panics
    ///
    /// Panics if it was freed before.
    #[track_caller]
    pub fn free(&self) {
        // SAFETY: an engine stops the execution before another access overlaps with this.
        let was_freed = self.is_freed.with_mut(|is_freed| unsafe { std::mem::replace(&mut *is_freed, true) });
        self.demand(!was_freed, "freed twice");
    }

    /// At the end, after all threads were joined: demands that it was freed.
    ///
    /// # Panics
    ///
    /// Panics if it was not.
    #[track_caller]
    pub fn demand_freed(&self) {
        self.demand(self.is_freed(), "never freed");
    }

    /// Whether it was freed; to be asked by whoever is ordered with that.
    #[track_caller]
    pub fn is_freed(&self) -> bool {
        // SAFETY: an engine stops the execution before a free overlaps with this.
        self.is_freed.with(|is_freed| unsafe { *is_freed })
    }
}

/// A plain field, which whoever uses it believes to be ordered. Accesses that nothing orders are a data race.
#[derive(Debug)]
pub struct Plain<R: Runtime, T: Copy + Send + 'static>(R::UnsafeCell<T>);

// SAFETY: an engine stops an execution before two accesses to its cell overlap, and kernels run under engines only.
unsafe impl<R: Runtime, T: Copy + Send + 'static> Sync for Plain<R, T> {}
// SAFETY: as above; the value is `Send`.
unsafe impl<R: Runtime, T: Copy + Send + 'static> Send for Plain<R, T> {}

impl<R: Runtime, T: Copy + Send + 'static> Plain<R, T> {
    /// A field that holds `value`.
    #[track_caller]
    #[must_use]
    pub fn new(value: T) -> Self {
        Plain(UnsafeCell::new(value))
    }

    /// Reads it.
    #[track_caller]
    pub fn get(&self) -> T {
        // SAFETY: an engine stops the execution before a write overlaps with this.
        self.0.with(|value| unsafe { *value })
    }

    /// Writes it.
    #[track_caller]
    pub fn set(&self, value: T) {
        // SAFETY: an engine stops the execution before another access overlaps with this.
        self.0.with_mut(|place| unsafe { *place = value });
    }

    /// Writes it and returns what it held.
    #[track_caller]
    pub fn replace(&self, value: T) -> T {
        // SAFETY: an engine stops the execution before another access overlaps with this.
        self.0.with_mut(|place| unsafe { std::mem::replace(&mut *place, value) })
    }
}
