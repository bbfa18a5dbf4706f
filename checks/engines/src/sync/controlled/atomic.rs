//! Atomics; see [`std::sync::atomic`].
//!
//! Each is an object of the executor, numbered where an execution first uses it: so they stand in statics as the standard
//! ones do, and begin anew in each execution. `get_mut`, `into_inner` and `Debug` look at the value by a relaxed load.

use std::fmt;
use std::panic::Location;

use cancelproof_runtime::Runtime;

use crate::executor::Controlled;
use crate::executor::controlled::raw::{RawAtomic, Value as _};
use crate::operation::{Action, Update};

pub use std::sync::atomic::{Ordering, compiler_fence};

/// An atomic fence; see [`std::sync::atomic::fence`].
///
/// # Panics
///
/// Panics if `ordering` is relaxed.
#[track_caller]
pub fn fence(ordering: Ordering) {
    Controlled::fence(ordering);
}

/// Lets other threads run; see [`std::sync::atomic::spin_loop_hint`].
#[track_caller]
pub fn spin_loop_hint() {
    Controlled::yield_now();
}

/// What a compare-exchange that fails is ordered by, if it is ordered so when it succeeds.
fn on_failure(success: Ordering) -> Ordering {
    match success {
        Ordering::Release => Ordering::Relaxed,
        Ordering::AcqRel => Ordering::Acquire,
        other => other,
    }
}

/// What every atomic has.
macro_rules! common {
    ([$($generic:tt)*] $name:ty, $value:ty) => {
        #[allow(missing_docs, reason = "the methods are the standard library's")]
        #[allow(clippy::missing_errors_doc, reason = "the methods are the standard library's")]
        #[allow(clippy::missing_panics_doc, reason = "the methods are the standard library's")]
        impl $($generic)* $name {
            pub const fn new(value: $value) -> Self {
                Self(RawAtomic::new(value))
            }

            #[track_caller]
            fn perform(&self, action: Action) -> $value {
                let (Ok(value) | Err(value)) = self.0.perform(action, Location::caller());
                value
            }

            #[track_caller]
            fn update_by(&self, update: Update, operand: $value, ordering: Ordering) -> $value {
                self.perform(Action::Update { update, operand: operand.widen(), ordering })
            }

            #[track_caller]
            fn exchange(
                &self,
                (expected, new): ($value, $value),
                (success, failure): (Ordering, Ordering),
                weak: bool,
            ) -> Result<$value, $value> {
                assert!(
                    !matches!(failure, Ordering::Release | Ordering::AcqRel),
                    "there is no such thing as a releasing failure"
                );
                let (expected, new) = (expected.widen(), new.widen());
                let action = Action::CompareExchange { expected, new, success, failure, weak };
                self.0.perform(action, Location::caller())
            }

            #[track_caller]
            pub fn load(&self, ordering: Ordering) -> $value {
                assert!(
                    !matches!(ordering, Ordering::Release | Ordering::AcqRel),
                    "there is no such thing as a releasing load"
                );
                self.perform(Action::Load { ordering })
            }

            #[track_caller]
            pub fn store(&self, value: $value, ordering: Ordering) {
                assert!(
                    !matches!(ordering, Ordering::Acquire | Ordering::AcqRel),
                    "there is no such thing as an acquiring store"
                );
                let value = value.widen();
                self.perform(Action::Store { value, ordering });
            }

            #[track_caller]
            pub fn swap(&self, value: $value, ordering: Ordering) -> $value {
                self.update_by(Update::Swap, value, ordering)
            }

            #[track_caller]
            pub fn compare_exchange(
                &self,
                expected: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.exchange((expected, new), (success, failure), false)
            }

            #[track_caller]
            pub fn compare_exchange_weak(
                &self,
                expected: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.exchange((expected, new), (success, failure), true)
            }

            /// Writes `new` if the value is `expected`, and returns the value before.
            #[track_caller]
            pub fn compare_and_swap(&self, expected: $value, new: $value, ordering: Ordering) -> $value {
                let orderings = (ordering, on_failure(ordering));
                let (Ok(value) | Err(value)) = self.exchange((expected, new), orderings, false);
                value
            }

            #[track_caller]
            pub fn fetch_update<F>(&self, set: Ordering, fetch: Ordering, mut update: F) -> Result<$value, $value>
            where
                F: FnMut($value) -> Option<$value>,
            {
                let mut previous = self.load(fetch);
                while let Some(next) = update(previous) {
                    match self.exchange((previous, next), (set, fetch), true) {
                        Ok(value) => return Ok(value),
                        Err(found) => previous = found,
                    }
                }
                Err(previous)
            }

            #[track_caller]
            pub fn try_update<F>(&self, set: Ordering, fetch: Ordering, update: F) -> Result<$value, $value>
            where
                F: FnMut($value) -> Option<$value>,
            {
                self.fetch_update(set, fetch, update)
            }

            #[track_caller]
            pub fn update<F>(&self, set: Ordering, fetch: Ordering, mut update: F) -> $value
            where
                F: FnMut($value) -> $value,
            {
                match self.fetch_update(set, fetch, |value| Some(update(value))) {
                    Ok(value) | Err(value) => value,
                }
            }

            #[track_caller]
            pub fn get_mut(&mut self) -> &mut $value {
                self.0.get_mut(Location::caller())
            }

            #[track_caller]
            pub fn into_inner(mut self) -> $value {
                *self.0.get_mut(Location::caller())
            }

            /// The value, as loom's atomics give it.
            ///
            /// # Safety
            ///
            /// Every write of the value happens before the call, or after it.
            #[track_caller]
            pub unsafe fn unsync_load(&self) -> $value {
                self.load(Ordering::Relaxed)
            }

            /// Gives the closure the value, as loom's atomics do.
            #[track_caller]
            pub fn with_mut<O>(&mut self, access: impl FnOnce(&mut $value) -> O) -> O {
                access(self.0.get_mut(Location::caller()))
            }
        }

        impl $($generic)* fmt::Debug for $name {
            #[track_caller]
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0.peek(Location::caller()), f)
            }
        }

        impl $($generic)* From<$value> for $name {
            fn from(value: $value) -> Self {
                Self::new(value)
            }
        }
    };
}

macro_rules! integers {
    ($($name:ident, $value:ty, $signed:expr;)+) => {$(
        #[doc = concat!("See [`std::sync::atomic::", stringify!($name), "`].")]
        pub struct $name(RawAtomic<$value>);

        common!([] $name, $value);

        #[allow(missing_docs, reason = "the methods are the standard library's")]
        impl $name {
            #[track_caller]
            pub fn fetch_add(&self, operand: $value, ordering: Ordering) -> $value {
                self.update_by(Update::Add, operand, ordering)
            }

            #[track_caller]
            pub fn fetch_sub(&self, operand: $value, ordering: Ordering) -> $value {
                self.update_by(Update::Subtract, operand, ordering)
            }

            #[track_caller]
            pub fn fetch_and(&self, operand: $value, ordering: Ordering) -> $value {
                self.update_by(Update::And, operand, ordering)
            }

            #[track_caller]
            pub fn fetch_nand(&self, operand: $value, ordering: Ordering) -> $value {
                self.update_by(Update::Nand, operand, ordering)
            }

            #[track_caller]
            pub fn fetch_or(&self, operand: $value, ordering: Ordering) -> $value {
                self.update_by(Update::Or, operand, ordering)
            }

            #[track_caller]
            pub fn fetch_xor(&self, operand: $value, ordering: Ordering) -> $value {
                self.update_by(Update::Xor, operand, ordering)
            }

            #[track_caller]
            pub fn fetch_max(&self, operand: $value, ordering: Ordering) -> $value {
                self.update_by(Update::Max { signed: $signed }, operand, ordering)
            }

            #[track_caller]
            pub fn fetch_min(&self, operand: $value, ordering: Ordering) -> $value {
                self.update_by(Update::Min { signed: $signed }, operand, ordering)
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new(0)
            }
        }
    )+};
}

integers! {
    AtomicU8, u8, 0;
    AtomicU16, u16, 0;
    AtomicU32, u32, 0;
    AtomicU64, u64, 0;
    AtomicUsize, usize, 0;
    AtomicI8, i8, 8;
    AtomicI16, i16, 16;
    AtomicI32, i32, 32;
    AtomicI64, i64, 64;
    AtomicIsize, isize, isize::BITS as u8;
}

/// See [`std::sync::atomic::AtomicBool`].
pub struct AtomicBool(RawAtomic<bool>);

common!([] AtomicBool, bool);

#[allow(missing_docs, reason = "the methods are the standard library's")]
impl AtomicBool {
    #[track_caller]
    pub fn fetch_and(&self, operand: bool, ordering: Ordering) -> bool {
        self.update_by(Update::And, operand, ordering)
    }

    #[track_caller]
    pub fn fetch_nand(&self, operand: bool, ordering: Ordering) -> bool {
        self.update_by(Update::Nand, operand, ordering)
    }

    #[track_caller]
    pub fn fetch_or(&self, operand: bool, ordering: Ordering) -> bool {
        self.update_by(Update::Or, operand, ordering)
    }

    #[track_caller]
    pub fn fetch_xor(&self, operand: bool, ordering: Ordering) -> bool {
        self.update_by(Update::Xor, operand, ordering)
    }

    #[track_caller]
    pub fn fetch_not(&self, ordering: Ordering) -> bool {
        self.update_by(Update::Xor, true, ordering)
    }
}

impl Default for AtomicBool {
    fn default() -> Self {
        Self::new(false)
    }
}

/// See [`std::sync::atomic::AtomicPtr`].
pub struct AtomicPtr<T>(RawAtomic<*mut T>);

common!([<T>] AtomicPtr<T>, *mut T);

impl<T> Default for AtomicPtr<T> {
    fn default() -> Self {
        Self::new(std::ptr::null_mut())
    }
}
