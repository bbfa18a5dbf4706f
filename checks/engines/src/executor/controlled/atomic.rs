//! Atomics that hold nothing but their number: the controller keeps the values.

use core::fmt::Debug;
use core::marker::PhantomData;
use core::panic::Location;
use core::sync::atomic::Ordering;

use cancelproof_runtime::Atomic;

use super::registered::Owned;
use crate::executor::controller::ObjectKind;
use crate::executor::session;
use crate::operation::{Action, Update};

/// An atomic integer of the controlled runtime.
#[derive(Debug)]
pub struct ControlledAtomic<V> {
    handle: Owned,
    value: PhantomData<fn(V) -> V>,
}

/// An integer that an atomic can hold, and its form as the engines' `u64`.
pub trait Word: Copy + Debug + Send + Sync + 'static {
    /// The width in bits.
    const BITS: u8;

    /// Widens the value.
    fn widen(self) -> u64;

    /// Truncates the value.
    fn truncate(wide: u64) -> Self;
}

macro_rules! word {
    ($value:ty, $bits:expr) => {
        #[allow(clippy::cast_lossless, reason = "one text for every width, usize included")]
        impl Word for $value {
            const BITS: u8 = $bits;

            #[inline]
            fn widen(self) -> u64 {
                self as u64
            }

            #[inline]
            fn truncate(wide: u64) -> Self {
                wide as Self
            }
        }
    };
}

word!(u8, 8);
word!(u32, 32);
word!(u64, 64);
word!(usize, usize::BITS as u8);

impl<V: Word> ControlledAtomic<V> {
    #[inline]
    fn perform(&self, action: Action, location: &'static Location<'static>) -> V {
        let (Ok(value) | Err(value)) = session::perform(action, Some(*self.handle), location);
        V::truncate(value)
    }

    #[inline]
    fn update(
        &self,
        update: Update,
        operand: V,
        ordering: Ordering,
        location: &'static Location<'static>,
    ) -> V {
        self.perform(Action::Update { update, operand: operand.widen(), ordering }, location)
    }

    #[inline]
    fn exchange(&self, action: Action, location: &'static Location<'static>) -> Result<V, V> {
        match session::perform(action, Some(*self.handle), location) {
            Ok(value) => Ok(V::truncate(value)),
            Err(value) => Err(V::truncate(value)),
        }
    }
}

impl<V: Word> Atomic<V> for ControlledAtomic<V> {
    #[track_caller]
    fn new(value: V) -> Self {
        let kind = ObjectKind::Atomic { initial: value.widen(), bits: V::BITS };
        ControlledAtomic { handle: Owned::create(kind), value: PhantomData }
    }

    #[track_caller]
    fn load(&self, ordering: Ordering) -> V {
        assert!(
            !matches!(ordering, Ordering::Release | Ordering::AcqRel),
            "there is no such thing as a releasing load"
        );
        self.perform(Action::Load { ordering }, Location::caller())
    }

    #[track_caller]
    fn store(&self, value: V, ordering: Ordering) {
        assert!(
            !matches!(ordering, Ordering::Acquire | Ordering::AcqRel),
            "there is no such thing as an acquiring store"
        );
        self.perform(Action::Store { value: value.widen(), ordering }, Location::caller());
    }

    #[track_caller]
    fn swap(&self, value: V, ordering: Ordering) -> V {
        self.update(Update::Swap, value, ordering, Location::caller())
    }

    #[track_caller]
    fn compare_exchange(&self, expected: V, new: V, success: Ordering, failure: Ordering) -> Result<V, V> {
        let (expected, new) = (expected.widen(), new.widen());
        let action = Action::CompareExchange { expected, new, success, failure, weak: false };
        self.exchange(action, Location::caller())
    }

    #[track_caller]
    fn compare_exchange_weak(
        &self,
        expected: V,
        new: V,
        success: Ordering,
        failure: Ordering,
    ) -> Result<V, V> {
        let (expected, new) = (expected.widen(), new.widen());
        let action = Action::CompareExchange { expected, new, success, failure, weak: true };
        self.exchange(action, Location::caller())
    }

    #[track_caller]
    fn fetch_add(&self, operand: V, ordering: Ordering) -> V {
        self.update(Update::Add, operand, ordering, Location::caller())
    }

    #[track_caller]
    fn fetch_sub(&self, operand: V, ordering: Ordering) -> V {
        self.update(Update::Subtract, operand, ordering, Location::caller())
    }

    #[track_caller]
    fn fetch_and(&self, operand: V, ordering: Ordering) -> V {
        self.update(Update::And, operand, ordering, Location::caller())
    }

    #[track_caller]
    fn fetch_or(&self, operand: V, ordering: Ordering) -> V {
        self.update(Update::Or, operand, ordering, Location::caller())
    }

    #[track_caller]
    fn fetch_xor(&self, operand: V, ordering: Ordering) -> V {
        self.update(Update::Xor, operand, ordering, Location::caller())
    }
}
