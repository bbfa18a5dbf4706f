//! Shared ownership whose count is visible.

use core::borrow::Borrow;
use core::cmp;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Deref;
use core::panic::Location;
use core::sync::atomic::Ordering;
use std::sync;

use cancelproof_runtime::Arc;

use crate::executor::controller::ObjectKind;
use crate::executor::session::{self, Handle};
use crate::operation::Action;

/// Shared ownership of the controlled runtime, in the shape of [`std::sync::Arc`]: taking, dropping and counting
/// references are operations.
///
/// The value lives in an `Arc` of the standard library, whose count agrees with the order of these operations: each
/// takes effect right after the task was resumed from it. So the last drop runs the value's destructor in the task,
/// and at the place in the order, where it would run in production.
///
/// What safe Rust does not allow another crate's type is left out: a reference does not turn into one to a trait object
/// by itself (make it with [`from_std`](ControlledArc::from_std)), is no `self` type, and cannot be a waker. Weak
/// references are counted, but taking and dropping one is no operation, only [`ControlledWeak::upgrade`] is.
pub struct ControlledArc<T: ?Sized> {
    // Dropped first: the operation comes before the count goes down.
    reference: Reference,
    value: sync::Arc<T>,
}

/// One reference, as the engines count it.
struct Reference(Handle);

impl Reference {
    #[track_caller]
    fn first() -> Self {
        Reference(session::create(ObjectKind::Arc))
    }

    fn perform(&self, action: Action, location: &'static Location<'static>) -> Result<u64, u64> {
        session::perform(action, Some(self.0), location)
    }
}

impl Reference {
    /// Gives the reference back.
    fn give_back(&self, location: &'static Location<'static>) {
        match self.perform(Action::ReferenceDrop, location) {
            Ok(0) => session::refuse_uncounted(location),
            Ok(1) => self.end(),
            _ => {}
        }
    }

    /// There is no reference any more.
    fn end(&self) {
        session::ended(self.0, core::ptr::from_ref(self).addr());
    }
}

impl Drop for Reference {
    #[track_caller]
    fn drop(&mut self) {
        self.give_back(Location::caller());
    }
}

impl<T> ControlledArc<T> {
    /// The first reference to `value`.
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self::from_std(sync::Arc::new(value))
    }

    /// The value, if this is the only reference to it.
    ///
    /// # Errors
    ///
    /// Gives the reference back if there are others.
    ///
    /// # Panics
    ///
    /// Panics if the engine's count and the real one differ, which an interceptor can bring about.
    #[track_caller]
    pub fn try_unwrap(this: Self) -> Result<T, Self> {
        let action = Action::CompareExchange {
            expected: 1,
            new: 0,
            success: Ordering::AcqRel,
            failure: Ordering::Relaxed,
            weak: false,
        };
        if this.reference.perform(action, Location::caller()).is_err() {
            return Err(this);
        }
        let ControlledArc { reference, value } = this;
        reference.end();
        // The exchange has dropped it.
        core::mem::forget(reference);
        let value = sync::Arc::into_inner(value);
        Ok(value
            .expect("the engine counts one reference where there are more: operations on it were left out"))
    }

    /// Drops this reference, and returns the value if it was the last.
    #[must_use]
    #[track_caller]
    pub fn into_inner(this: Self) -> Option<T> {
        let location = Location::caller();
        let ControlledArc { reference, value } = this;
        reference.give_back(location);
        core::mem::forget(reference);
        sync::Arc::into_inner(value)
    }

    /// The value, cloned if there are other references to it.
    #[must_use]
    #[track_caller]
    pub fn unwrap_or_clone(this: Self) -> T
    where
        T: Clone,
    {
        Self::try_unwrap(this).unwrap_or_else(|this| (*this).clone())
    }
}

impl<T: ?Sized> ControlledArc<T> {
    /// The first reference to what `value` refers to, which can so be a trait object or a slice. Other references of
    /// the standard library's kind to it are not counted.
    #[track_caller]
    pub fn from_std(value: sync::Arc<T>) -> Self {
        if sync::Arc::strong_count(&value) == 1 {
            session::counted(sync::Arc::as_ptr(&value).addr());
        }
        ControlledArc { reference: Reference::first(), value }
    }

    /// How many references there are. `dpor` does not try both orders of this and the taking of a reference by
    /// another thread, because nothing else depends on that; `rc11` does.
    #[must_use]
    #[track_caller]
    pub fn strong_count(this: &Self) -> usize {
        this.count(Ordering::Relaxed, Location::caller())
    }

    /// How many weak references there are.
    #[must_use]
    pub fn weak_count(this: &Self) -> usize {
        sync::Arc::weak_count(&this.value)
    }

    /// Exclusive access to the value, if this is the only reference to it, weak ones included.
    #[track_caller]
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        if this.count(Ordering::Acquire, Location::caller()) == 1 {
            sync::Arc::get_mut(&mut this.value)
        } else {
            None
        }
    }

    /// Whether both refer to the same value.
    #[must_use]
    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        sync::Arc::ptr_eq(&this.value, &other.value)
    }

    /// Where the value is.
    #[must_use]
    pub fn as_ptr(this: &Self) -> *const T {
        sync::Arc::as_ptr(&this.value)
    }

    /// A weak reference to the value.
    #[must_use]
    pub fn downgrade(this: &Self) -> ControlledWeak<T> {
        session::keep(this.reference.0);
        ControlledWeak { handle: Some(this.reference.0), value: sync::Arc::downgrade(&this.value) }
    }

    fn count(&self, ordering: Ordering, location: &'static Location<'static>) -> usize {
        let (Ok(count) | Err(count)) = self.reference.perform(Action::Load { ordering }, location);
        count as usize
    }
}

impl<T: Clone> ControlledArc<T> {
    /// Exclusive access to the value, which is cloned first if there are other references to it.
    #[track_caller]
    pub fn make_mut(this: &mut Self) -> &mut T {
        if this.count(Ordering::Acquire, Location::caller()) != 1
            || sync::Arc::get_mut(&mut this.value).is_none()
        {
            let own = Self::new((**this).clone());
            *this = own;
        }
        sync::Arc::make_mut(&mut this.value)
    }
}

impl<T: Send + Sync + 'static> Arc<T> for ControlledArc<T> {
    #[track_caller]
    fn new(value: T) -> Self {
        ControlledArc::new(value)
    }
}

impl<T: ?Sized> Clone for ControlledArc<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        let _ = self.reference.perform(Action::ReferenceTake, Location::caller());
        ControlledArc { reference: Reference(self.reference.0), value: sync::Arc::clone(&self.value) }
    }
}

/// A reference that does not keep the value, in the shape of [`std::sync::Weak`].
pub struct ControlledWeak<T: ?Sized> {
    /// None if there never was a value.
    handle: Option<Handle>,
    value: sync::Weak<T>,
}

impl<T> ControlledWeak<T> {
    /// A reference to nothing.
    #[must_use]
    pub const fn new() -> Self {
        ControlledWeak { handle: None, value: sync::Weak::new() }
    }
}

impl<T: ?Sized> ControlledWeak<T> {
    /// A reference that keeps the value, if it is still there.
    #[must_use]
    #[track_caller]
    pub fn upgrade(&self) -> Option<ControlledArc<T>> {
        let (handle, location) = (self.handle?, Location::caller());
        let perform = |action| session::perform(action, Some(handle), location);
        let (Ok(mut count) | Err(mut count)) = perform(Action::Load { ordering: Ordering::Relaxed });
        while count != 0 {
            let action = Action::CompareExchange {
                expected: count,
                new: count + 1,
                success: Ordering::Acquire,
                failure: Ordering::Relaxed,
                weak: false,
            };
            match perform(action) {
                Ok(_) => {
                    let value = self.value.upgrade();
                    return value.map(|value| ControlledArc { reference: Reference(handle), value });
                }
                Err(now) => count = now,
            }
        }
        None
    }

    /// How many references there are that keep the value.
    #[must_use]
    #[track_caller]
    pub fn strong_count(&self) -> usize {
        let load = Action::Load { ordering: Ordering::Relaxed };
        self.handle.map_or(0, |handle| {
            let (Ok(count) | Err(count)) = session::perform(load, Some(handle), Location::caller());
            count as usize
        })
    }

    /// Whether both refer to the same value.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        sync::Weak::ptr_eq(&self.value, &other.value)
    }
}

impl<T: ?Sized> Clone for ControlledWeak<T> {
    fn clone(&self) -> Self {
        ControlledWeak { handle: self.handle, value: sync::Weak::clone(&self.value) }
    }
}

impl<T> Default for ControlledWeak<T> {
    fn default() -> Self {
        ControlledWeak::new()
    }
}

impl<T: ?Sized> fmt::Debug for ControlledWeak<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(Weak)")
    }
}

impl<T: ?Sized> Deref for ControlledArc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: ?Sized> AsRef<T> for ControlledArc<T> {
    fn as_ref(&self) -> &T {
        &self.value
    }
}

impl<T: ?Sized> Borrow<T> for ControlledArc<T> {
    fn borrow(&self) -> &T {
        &self.value
    }
}

impl<T: Default> Default for ControlledArc<T> {
    #[track_caller]
    fn default() -> Self {
        ControlledArc::new(T::default())
    }
}

impl<T> From<T> for ControlledArc<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        ControlledArc::new(value)
    }
}

impl<T: ?Sized> From<Box<T>> for ControlledArc<T> {
    #[track_caller]
    fn from(value: Box<T>) -> Self {
        ControlledArc::from_std(value.into())
    }
}

impl From<&str> for ControlledArc<str> {
    #[track_caller]
    fn from(value: &str) -> Self {
        ControlledArc::from_std(value.into())
    }
}

impl<T> From<Vec<T>> for ControlledArc<[T]> {
    #[track_caller]
    fn from(value: Vec<T>) -> Self {
        ControlledArc::from_std(value.into())
    }
}

impl<T: ?Sized + PartialEq> PartialEq for ControlledArc<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: ?Sized + Eq> Eq for ControlledArc<T> {}

impl<T: ?Sized + PartialOrd> PartialOrd for ControlledArc<T> {
    fn partial_cmp(&self, other: &Self) -> Option<cmp::Ordering> {
        (**self).partial_cmp(&**other)
    }
}

impl<T: ?Sized + Ord> Ord for ControlledArc<T> {
    fn cmp(&self, other: &Self) -> cmp::Ordering {
        (**self).cmp(&**other)
    }
}

impl<T: ?Sized + Hash> Hash for ControlledArc<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for ControlledArc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for ControlledArc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}
