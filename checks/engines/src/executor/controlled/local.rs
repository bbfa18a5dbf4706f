//! Values of which each modelled thread has its own.

use core::any::Any;
use core::cell::{Cell, RefCell};
use core::fmt;
use core::ptr;
use std::rc::Rc;

use crate::executor::session::{self, Local};

/// A value of which each modelled thread of each execution has its own, in the shape of
/// [`std::thread::LocalKey`]. Made by [`thread_local!`](crate::controlled_thread_local).
///
/// It is made when its thread first asks for it, and dropped when its thread has ended, before whoever waits for the
/// thread goes on; what its destructor does are operations of that thread. The standard library's own thread-locals are kept
/// apart in the same way where the program tells which they are: see [`locals`](crate::locals).
pub struct ControlledLocalKey<T: 'static> {
    init: fn() -> T,
}

/// The value of a thread that asks for it while, or after, it is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalAccessError;

impl fmt::Display for LocalAccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value of this thread has been dropped, because the thread ends")
    }
}

impl core::error::Error for LocalAccessError {}

impl<T: 'static> ControlledLocalKey<T> {
    /// What the macro makes of its initial value.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(init: fn() -> T) -> Self {
        ControlledLocalKey { init }
    }

    /// Gives `access` the calling thread's value.
    ///
    /// # Panics
    ///
    /// Panics outside an execution, and if the value has been dropped, because the thread ends.
    pub fn with<O>(&'static self, access: impl FnOnce(&T) -> O) -> O {
        match self.try_with(access) {
            Ok(output) => output,
            Err(error) => panic!("{error}"),
        }
    }

    /// Gives `access` the calling thread's value.
    ///
    /// # Errors
    ///
    /// The value has been dropped, because the thread ends.
    ///
    /// # Panics
    ///
    /// Panics outside an execution.
    pub fn try_with<O>(&'static self, access: impl FnOnce(&T) -> O) -> Result<O, LocalAccessError> {
        let key = ptr::from_ref(self).addr();
        let value: Rc<dyn Any> = match session::local(key) {
            Local::Is(value) => value,
            Local::IsGone => return Err(LocalAccessError),
            Local::IsNot => {
                let value: Rc<dyn Any> = Rc::new((self.init)());
                // What was made meanwhile, by the value's own making, is dropped here and not while it is borrowed.
                drop(session::set_local(key, Rc::clone(&value)));
                value
            }
        };
        // No other key has this address, so the value is of this key's type.
        value.downcast_ref::<T>().map(access).ok_or(LocalAccessError)
    }
}

impl<T: 'static> ControlledLocalKey<Cell<T>> {
    /// Sets the calling thread's value.
    pub fn set(&'static self, value: T) {
        self.with(|cell| cell.set(value));
    }

    /// The calling thread's value.
    pub fn get(&'static self) -> T
    where
        T: Copy,
    {
        self.with(Cell::get)
    }

    /// Takes the calling thread's value, and leaves the default.
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.with(Cell::take)
    }

    /// Sets the calling thread's value, and returns the one before.
    pub fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}

impl<T: 'static> ControlledLocalKey<RefCell<T>> {
    /// Gives `access` the calling thread's value, borrowed.
    pub fn with_borrow<O>(&'static self, access: impl FnOnce(&T) -> O) -> O {
        self.with(|cell| access(&cell.borrow()))
    }

    /// Gives `access` the calling thread's value, borrowed exclusively.
    pub fn with_borrow_mut<O>(&'static self, access: impl FnOnce(&mut T) -> O) -> O {
        self.with(|cell| access(&mut cell.borrow_mut()))
    }

    /// Sets the calling thread's value.
    pub fn set(&'static self, value: T) {
        self.with(|cell| *cell.borrow_mut() = value);
    }

    /// Takes the calling thread's value, and leaves the default.
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.with(RefCell::take)
    }

    /// Sets the calling thread's value, and returns the one before.
    pub fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}

impl<T: 'static> fmt::Debug for ControlledLocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ControlledLocalKey").finish_non_exhaustive()
    }
}

/// Declares values of which each modelled thread has its own, in the words of [`std::thread_local!`]. An alias module
/// offers it as `thread_local`: see [`sync`](crate::sync).
#[macro_export]
macro_rules! controlled_thread_local {
    () => {};
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty = const $init:block $(; $($rest:tt)*)?) => {
        $crate::controlled_thread_local! { $(#[$attribute])* $visibility static $name: $type = $init $(; $($rest)*)? }
    };
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty = $init:expr $(; $($rest:tt)*)?) => {
        $(#[$attribute])*
        $visibility static $name: $crate::executor::ControlledLocalKey<$type> = {
            fn init() -> $type {
                $init
            }
            $crate::executor::ControlledLocalKey::new(init)
        };
        $($crate::controlled_thread_local! { $($rest)* })?
    };
}
