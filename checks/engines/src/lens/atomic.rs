//! Atomics under a lens.

use core::fmt::Debug;
use core::panic::Location;
use core::sync::atomic::Ordering;

use cancelproof_runtime::{Atomic, Runtime};

use super::Platform;
use super::session::{self, Looking};
use crate::executor::{ObjectKind, Word};
use crate::operation::{Action, ObjectId, Update};

/// A word for which every platform has an atomic.
pub trait Observable: Word {
    /// The atomic of the platform.
    type Of<R: Runtime>: Atomic<Self>;
}

macro_rules! observable {
    ($word:ty, $atomic:ident) => {
        impl Observable for $word {
            type Of<R: Runtime> = R::$atomic;
        }
    };
}

observable!(u8, AtomicU8);
observable!(u32, AtomicU32);
observable!(u64, AtomicU64);
observable!(usize, AtomicUsize);

/// An atomic integer.
#[derive(Debug)]
pub struct LensAtomic<V: Observable, R: Platform> {
    atomic: V::Of<R>,
    object: Option<ObjectId>,
}

impl<V: Observable, R: Platform> LensAtomic<V, R> {
    #[inline]
    fn before(&self, action: Action, location: &'static Location<'static>) -> Option<Looking> {
        Looking::before::<R>(action, self.object, location)
    }

    #[inline]
    #[track_caller]
    fn update(&self, update: Update, operand: V, ordering: Ordering) -> V {
        let action = Action::Update { update, operand: operand.widen(), ordering };
        let look = self.before(action, Location::caller());
        let ordering = orderings(look.as_ref()).map_or(ordering, |(ordering, _)| ordering);
        let value = match update {
            Update::Swap => self.atomic.swap(operand, ordering),
            Update::Add => self.atomic.fetch_add(operand, ordering),
            Update::Subtract => self.atomic.fetch_sub(operand, ordering),
            Update::And => self.atomic.fetch_and(operand, ordering),
            Update::Or => self.atomic.fetch_or(operand, ordering),
            Update::Xor => self.atomic.fetch_xor(operand, ordering),
            Update::Nand | Update::Max { .. } | Update::Min { .. } => {
                unreachable!("the runtime that the lens looks at has no {update}")
            }
        };
        Looking::after(look, Ok(value.widen()));
        value
    }

    #[inline]
    #[track_caller]
    fn exchange(
        &self,
        (expected, new): (V, V),
        (success, failure): (Ordering, Ordering),
        weak: bool,
    ) -> Result<V, V> {
        let (wide_expected, wide_new) = (expected.widen(), new.widen());
        let action =
            Action::CompareExchange { expected: wide_expected, new: wide_new, success, failure, weak };
        let look = self.before(action, Location::caller());
        let (success, failure) = orderings(look.as_ref()).unwrap_or((success, failure));
        let result = if weak {
            self.atomic.compare_exchange_weak(expected, new, success, failure)
        } else {
            self.atomic.compare_exchange(expected, new, success, failure)
        };
        Looking::after(look, result.map(V::widen).map_err(V::widen));
        result
    }
}

/// The orderings that the observer wants: of the operation, and of the failure of a compare-exchange.
fn orderings(look: Option<&Looking>) -> Option<(Ordering, Ordering)> {
    match look?.operation.action {
        Action::Load { ordering } | Action::Store { ordering, .. } | Action::Update { ordering, .. } => {
            Some((ordering, ordering))
        }
        Action::CompareExchange { success, failure, .. } => Some((success, failure)),
        _ => None,
    }
}

impl<V: Observable, R: Platform> Atomic<V> for LensAtomic<V, R> {
    #[track_caller]
    fn new(value: V) -> Self {
        let kind = ObjectKind::Atomic { initial: value.widen(), bits: V::BITS };
        LensAtomic { atomic: Atomic::new(value), object: session::create::<R>(kind) }
    }

    #[track_caller]
    fn load(&self, ordering: Ordering) -> V {
        let look = self.before(Action::Load { ordering }, Location::caller());
        let ordering = orderings(look.as_ref()).map_or(ordering, |(ordering, _)| ordering);
        let value = self.atomic.load(ordering);
        Looking::after(look, Ok(value.widen()));
        value
    }

    #[track_caller]
    fn store(&self, value: V, ordering: Ordering) {
        let look = self.before(Action::Store { value: value.widen(), ordering }, Location::caller());
        let ordering = orderings(look.as_ref()).map_or(ordering, |(ordering, _)| ordering);
        self.atomic.store(value, ordering);
        Looking::after(look, Ok(0));
    }

    #[track_caller]
    fn swap(&self, value: V, ordering: Ordering) -> V {
        self.update(Update::Swap, value, ordering)
    }

    #[track_caller]
    fn compare_exchange(&self, expected: V, new: V, success: Ordering, failure: Ordering) -> Result<V, V> {
        self.exchange((expected, new), (success, failure), false)
    }

    #[track_caller]
    fn compare_exchange_weak(
        &self,
        expected: V,
        new: V,
        success: Ordering,
        failure: Ordering,
    ) -> Result<V, V> {
        self.exchange((expected, new), (success, failure), true)
    }

    #[track_caller]
    fn fetch_add(&self, operand: V, ordering: Ordering) -> V {
        self.update(Update::Add, operand, ordering)
    }

    #[track_caller]
    fn fetch_sub(&self, operand: V, ordering: Ordering) -> V {
        self.update(Update::Subtract, operand, ordering)
    }

    #[track_caller]
    fn fetch_and(&self, operand: V, ordering: Ordering) -> V {
        self.update(Update::And, operand, ordering)
    }

    #[track_caller]
    fn fetch_or(&self, operand: V, ordering: Ordering) -> V {
        self.update(Update::Or, operand, ordering)
    }

    #[track_caller]
    fn fetch_xor(&self, operand: V, ordering: Ordering) -> V {
        self.update(Update::Xor, operand, ordering)
    }
}
