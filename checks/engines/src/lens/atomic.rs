//! Atomics under a lens.

use core::fmt::Debug;
use core::panic::Location;
use core::sync::atomic::Ordering;

use cancelproof_runtime::{Atomic, AtomicBool, AtomicPtr, Runtime};

use super::Platform;
use super::session::{self, Looking};
use crate::executor::{Integer, ObjectKind, Word};
use crate::operation::{Action, ObjectId, Update};

/// A word for which every platform has an atomic.
pub trait Observable: Word {
    /// The atomic of the platform.
    type Of<R: Runtime>: Debug + Send + Sync + 'static;

    /// Makes one that holds the value.
    #[track_caller]
    fn atomic<R: Runtime>(value: Self) -> Self::Of<R>;

    /// Reads its value.
    #[track_caller]
    fn load<R: Runtime>(atomic: &Self::Of<R>, ordering: Ordering) -> Self;

    /// Writes a value.
    #[track_caller]
    fn store<R: Runtime>(atomic: &Self::Of<R>, value: Self, ordering: Ordering);

    /// Performs a read-modify-write that it has.
    #[track_caller]
    fn update<R: Runtime>(atomic: &Self::Of<R>, update: Update, operand: Self, ordering: Ordering) -> Self;

    /// Exchanges the value if it is the expected one; spuriously not, if `weak`.
    ///
    /// # Errors
    ///
    /// Returns the value that was found instead.
    #[track_caller]
    fn exchange<R: Runtime>(
        atomic: &Self::Of<R>,
        change: (Self, Self),
        orderings: (Ordering, Ordering),
        weak: bool,
    ) -> Result<Self, Self>;
}

/// The methods of [`Observable`], for an atomic with these read-modify-writes beside the swap.
macro_rules! observed {
    ($($update:ident $method:ident)*) => {
        #[track_caller]
        fn atomic<R: Runtime>(value: Self) -> Self::Of<R> {
            <Self::Of<R>>::new(value)
        }

        #[track_caller]
        fn load<R: Runtime>(atomic: &Self::Of<R>, ordering: Ordering) -> Self {
            atomic.load(ordering)
        }

        #[track_caller]
        fn store<R: Runtime>(atomic: &Self::Of<R>, value: Self, ordering: Ordering) {
            atomic.store(value, ordering);
        }

        #[track_caller]
        fn update<R: Runtime>(atomic: &Self::Of<R>, update: Update, operand: Self, ordering: Ordering) -> Self {
            match update {
                Update::Swap => atomic.swap(operand, ordering),
                $(Update::$update => atomic.$method(operand, ordering),)*
                _ => unreachable!("the runtime that the lens looks at has no {update} for this word"),
            }
        }

        #[track_caller]
        fn exchange<R: Runtime>(
            atomic: &Self::Of<R>,
            (expected, new): (Self, Self),
            (success, failure): (Ordering, Ordering),
            weak: bool,
        ) -> Result<Self, Self> {
            if weak {
                atomic.compare_exchange_weak(expected, new, success, failure)
            } else {
                atomic.compare_exchange(expected, new, success, failure)
            }
        }
    };
}

macro_rules! observable {
    ($($word:ty, $atomic:ident;)+) => {$(
        impl Observable for $word {
            type Of<R: Runtime> = R::$atomic;

            observed!(Add fetch_add Subtract fetch_sub And fetch_and Or fetch_or Xor fetch_xor);
        }
    )+};
}

observable! {
    u8, AtomicU8;
    u32, AtomicU32;
    u64, AtomicU64;
    usize, AtomicUsize;
}

impl Observable for bool {
    type Of<R: Runtime> = R::AtomicBool;

    observed!(And fetch_and Nand fetch_nand Or fetch_or Xor fetch_xor);
}

impl<T: 'static> Observable for *mut T {
    type Of<R: Runtime> = R::AtomicPtr<T>;

    observed!();
}

/// An atomic.
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
        let value = V::update::<R>(&self.atomic, update, operand, ordering);
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
        let result = V::exchange::<R>(&self.atomic, (expected, new), (success, failure), weak);
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

/// The methods that every atomic has, of one that holds a value of this type.
macro_rules! common {
    ($value:ty) => {
        #[track_caller]
        fn new(value: $value) -> Self {
            let kind = ObjectKind::Atomic { initial: value.widen(), bits: <$value>::BITS };
            LensAtomic { atomic: <$value>::atomic::<R>(value), object: session::create::<R>(kind) }
        }

        #[track_caller]
        fn load(&self, ordering: Ordering) -> $value {
            let look = self.before(Action::Load { ordering }, Location::caller());
            let ordering = orderings(look.as_ref()).map_or(ordering, |(ordering, _)| ordering);
            let value = <$value>::load::<R>(&self.atomic, ordering);
            Looking::after(look, Ok(value.widen()));
            value
        }

        #[track_caller]
        fn store(&self, value: $value, ordering: Ordering) {
            let look = self.before(Action::Store { value: value.widen(), ordering }, Location::caller());
            let ordering = orderings(look.as_ref()).map_or(ordering, |(ordering, _)| ordering);
            <$value>::store::<R>(&self.atomic, value, ordering);
            Looking::after(look, Ok(0));
        }

        #[track_caller]
        fn swap(&self, value: $value, ordering: Ordering) -> $value {
            self.update(Update::Swap, value, ordering)
        }

        #[track_caller]
        fn compare_exchange(
            &self,
            expected: $value,
            new: $value,
            success: Ordering,
            failure: Ordering,
        ) -> Result<$value, $value> {
            self.exchange((expected, new), (success, failure), false)
        }

        #[track_caller]
        fn compare_exchange_weak(
            &self,
            expected: $value,
            new: $value,
            success: Ordering,
            failure: Ordering,
        ) -> Result<$value, $value> {
            self.exchange((expected, new), (success, failure), true)
        }
    };
}

impl<V: Observable + Integer, R: Platform> Atomic<V> for LensAtomic<V, R> {
    common!(V);

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

impl<R: Platform> AtomicBool for LensAtomic<bool, R> {
    common!(bool);

    #[track_caller]
    fn fetch_and(&self, operand: bool, ordering: Ordering) -> bool {
        self.update(Update::And, operand, ordering)
    }

    #[track_caller]
    fn fetch_nand(&self, operand: bool, ordering: Ordering) -> bool {
        self.update(Update::Nand, operand, ordering)
    }

    #[track_caller]
    fn fetch_or(&self, operand: bool, ordering: Ordering) -> bool {
        self.update(Update::Or, operand, ordering)
    }

    #[track_caller]
    fn fetch_xor(&self, operand: bool, ordering: Ordering) -> bool {
        self.update(Update::Xor, operand, ordering)
    }
}

impl<T: 'static, R: Platform> AtomicPtr<T> for LensAtomic<*mut T, R> {
    common!(*mut T);
}
