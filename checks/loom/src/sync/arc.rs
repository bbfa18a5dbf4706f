//! Shared ownership whose count the engines see, and whose leaks are failures.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::mem::{self, ManuallyDrop};
use std::ops::Deref;
use std::pin::Pin;
use std::ptr;
use std::sync;

use cancelproof::sync::controlled::Count;

use crate::live::{self, Token};

/// See [`std::sync::Arc`].
pub struct Arc<T: ?Sized> {
    shared: sync::Arc<Shared>,
    value: sync::Arc<T>,
}

/// What all references to a value have in common beside it.
#[derive(Debug)]
struct Shared {
    count: Count,
    /// Given back with the last reference.
    token: RefCell<Option<Token>>,
}

// SAFETY: all modelled threads run on one thread of the machine; the count is its own executor's.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

thread_local! {
    /// By address of the value: what belongs to a pointer that was once a reference.
    static KNOWN: RefCell<HashMap<usize, sync::Arc<Shared>>> = RefCell::default();
}

impl<T> Arc<T> {
    /// The first reference to `value`.
    #[track_caller]
    pub fn new(value: T) -> Arc<T> {
        Arc::from_std(sync::Arc::new(value))
    }

    /// The first reference to `value`, which stays where it is.
    #[track_caller]
    pub fn pin(value: T) -> Pin<Arc<T>> {
        // SAFETY: what is shared does not move until it is dropped, and `get_mut` is not reached through a pin.
        unsafe { Pin::new_unchecked(Arc::new(value)) }
    }

    /// The value, if this is the only reference to it.
    ///
    /// # Errors
    ///
    /// Gives the reference back if it is not.
    #[track_caller]
    pub fn try_unwrap(this: Arc<T>) -> Result<T, Arc<T>> {
        this.shared.count.look();
        if sync::Arc::strong_count(&this.value) != 1 {
            return Err(this);
        }
        this.shared.count.give_back();
        this.forget();
        let this = ManuallyDrop::new(this);
        // SAFETY: both are moved out of what is never dropped.
        let (_shared, value) = unsafe { (ptr::read(&this.shared), ptr::read(&this.value)) };
        sync::Arc::try_unwrap(value).map_err(|_| unreachable!("there is one reference"))
    }
}

impl<T: ?Sized> Arc<T> {
    /// The first reference to a value that the standard library has made room for.
    ///
    /// # Panics
    ///
    /// Panics if there are other references.
    #[track_caller]
    pub fn from_std(mut value: sync::Arc<T>) -> Self {
        assert!(sync::Arc::get_mut(&mut value).is_some(), "Arc provided to `from_std` is not unique");
        let token = RefCell::new(Some(live::made("an Arc")));
        let shared = sync::Arc::new(Shared { count: Count::new(), token });
        let address = sync::Arc::as_ptr(&value).addr();
        shared.count.is_of(address);
        KNOWN.with_borrow_mut(|known| known.insert(address, sync::Arc::clone(&shared)));
        Arc { shared, value }
    }

    /// The last reference goes: the value is given back.
    fn forget(&self) {
        self.shared.token.take();
        let address = sync::Arc::as_ptr(&self.value).addr();
        KNOWN.with_borrow_mut(|known| known.remove(&address));
    }

    /// How many references there are. Whether others clone theirs meanwhile is not explored; whether they drop them is.
    #[track_caller]
    pub fn strong_count(this: &Self) -> usize {
        this.shared.count.look();
        sync::Arc::strong_count(&this.value)
    }

    /// Adds a reference that nobody has.
    ///
    /// # Safety
    ///
    /// As for [`std::sync::Arc::increment_strong_count`].
    #[track_caller]
    pub unsafe fn increment_strong_count(pointer: *const T) {
        // SAFETY: the caller answers for the pointer; the reference is not dropped.
        let this = ManuallyDrop::new(unsafe { Arc::from_raw(pointer) });
        mem::forget(Arc::clone(&this));
    }

    /// Drops a reference that nobody has.
    ///
    /// # Safety
    ///
    /// As for [`std::sync::Arc::decrement_strong_count`].
    #[track_caller]
    pub unsafe fn decrement_strong_count(pointer: *const T) {
        // SAFETY: the caller answers for the pointer.
        drop(unsafe { Arc::from_raw(pointer) });
    }

    /// Exclusive access, if this is the only reference.
    #[track_caller]
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        this.shared.count.look();
        sync::Arc::get_mut(&mut this.value)
    }

    /// Whether both refer to one value.
    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        sync::Arc::ptr_eq(&this.value, &other.value)
    }

    /// The reference as a pointer.
    pub fn into_raw(this: Self) -> *const T {
        let pointer = Arc::as_ptr(&this);
        mem::forget(this);
        pointer
    }

    /// Where the value is.
    pub fn as_ptr(this: &Self) -> *const T {
        sync::Arc::as_ptr(&this.value)
    }

    /// The reference that a pointer once was.
    ///
    /// # Safety
    ///
    /// As for [`std::sync::Arc::from_raw`].
    ///
    /// # Panics
    ///
    /// Panics if the pointer is to nothing that is shared.
    #[track_caller]
    pub unsafe fn from_raw(pointer: *const T) -> Self {
        let shared = KNOWN.with_borrow(|known| known.get(&pointer.addr()).cloned());
        let shared =
            shared.expect("the pointer comes from `into_raw` of a reference that was not dropped since");
        // SAFETY: the caller answers for the pointer.
        let value = unsafe { sync::Arc::from_raw(pointer) };
        Arc { shared, value }
    }
}

impl<T: ?Sized> Deref for Arc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: ?Sized> Clone for Arc<T> {
    #[track_caller]
    fn clone(&self) -> Arc<T> {
        self.shared.count.take();
        Arc { shared: sync::Arc::clone(&self.shared), value: sync::Arc::clone(&self.value) }
    }
}

impl<T: ?Sized> Drop for Arc<T> {
    #[track_caller]
    fn drop(&mut self) {
        self.shared.count.give_back();
        if sync::Arc::strong_count(&self.value) == 1 {
            self.forget();
        }
    }
}

impl<T: Default> Default for Arc<T> {
    #[track_caller]
    fn default() -> Arc<T> {
        Arc::new(T::default())
    }
}

impl<T> From<T> for Arc<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Arc::new(value)
    }
}

impl<T: ?Sized> AsRef<T> for Arc<T> {
    fn as_ref(&self) -> &T {
        &self.value
    }
}

impl<T: ?Sized> Borrow<T> for Arc<T> {
    fn borrow(&self) -> &T {
        &self.value
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
