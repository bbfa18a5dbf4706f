//! What is done once, and the value that comes of it.

use core::cell::RefCell;
use core::marker::PhantomData;

use rustc_hash::FxHashMap;

use super::raw::At;
use super::registered::Registration;
use crate::arena;
use crate::executor::controller::ObjectKind;
use crate::executor::session::{self, Handle};
use crate::operation::{Action, once};

/// A value that an object has got in the present execution: set once, and kept beside the object, because a static is used
/// by executions of several threads of the machine.
#[derive(Debug)]
pub(crate) struct RawOnce<T> {
    registration: Registration,
    value: PhantomData<fn() -> T>,
}

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing<E> {
    /// It could not be made.
    Failed(E),
    /// A task has panicked while it made it.
    Poisoned,
}

thread_local! {
    /// By number of the object: the values of the present execution, with its number.
    static VALUES: RefCell<(u64, FxHashMap<u16, *mut ()>)> = RefCell::new((0, FxHashMap::default()));
}

impl<T> RawOnce<T> {
    pub(crate) const fn new() -> Self {
        RawOnce { registration: Registration::new(), value: PhantomData }
    }

    fn handle_at(&self, at: Option<At>) -> Handle {
        self.registration.handle_at(at, || ObjectKind::Once)
    }

    fn kept(&self) -> Option<*mut T> {
        let number = self.handle_at(None).object().0;
        VALUES.with_borrow(|(of, values)| {
            (*of == session::execution().number())
                .then(|| values.get(&number).map(|value| value.cast::<T>()))
                .flatten()
        })
    }

    fn keep(&self, value: T) {
        let value: *mut T = Box::into_raw(Box::new(value));
        let (number, execution) = (self.handle_at(None).object().0, session::execution().number());
        let note = |(of, values): &mut (u64, FxHashMap<u16, *mut ()>)| {
            if *of != execution {
                *of = execution;
                values.clear();
            }
            values.insert(number, value.cast());
        };
        arena::outside(|| VALUES.with_borrow_mut(note));
    }

    /// The value, which has been made.
    fn made(&self) -> &T {
        let value = self.kept().expect("what was done has left its value");
        // SAFETY: the value was boxed, and stays where it is until its owner has exclusive access.
        unsafe { &*value }
    }

    /// The value, if there is one.
    pub(crate) fn get(&self, at: At) -> Option<&T> {
        let (Ok(state) | Err(state)) = session::perform(Action::OnceLook, Some(self.handle_at(Some(at))), at);
        (state == once::DONE).then(|| self.made())
    }

    /// The value; if there is none, the one that `make` makes, unless it makes none. Others that come meanwhile wait.
    ///
    /// `make` is told whether a task has panicked in it before, and is asked then only if that is `forced`.
    pub(crate) fn get_or_make<E>(
        &self,
        at: At,
        forced: bool,
        make: impl FnOnce(bool) -> Result<T, E>,
    ) -> Result<&T, Missing<E>> {
        let begin = Action::OnceBegin { forced };
        match session::perform(begin, Some(self.handle_at(Some(at))), at) {
            Err(once::DONE) => Ok(self.made()),
            Err(_) => Err(Missing::Poisoned),
            Ok(before) => {
                let mut end = End { once: self, at, poisons: true };
                self.keep(make(before == once::POISONED).map_err(Missing::Failed)?);
                end.poisons = false;
                drop(end);
                Ok(self.made())
            }
        }
    }

    /// The value, whose owner is the only one to reach it.
    pub(crate) fn get_mut(&mut self) -> Option<&mut T> {
        if !session::is_running() || !self.registration.is_known() {
            return None;
        }
        // SAFETY: as in `made`; there is no other reference.
        self.kept().map(|value| unsafe { &mut *value })
    }

    /// Takes the value out. What is left is new.
    pub(crate) fn take(&mut self) -> Option<T> {
        let value = core::ptr::from_mut(self.get_mut()?);
        let number = self.handle_at(None).object().0;
        VALUES.with_borrow_mut(|(_, values)| values.remove(&number));
        self.registration = Registration::new();
        // SAFETY: it came from a box, and no task finds it any more.
        Some(*unsafe { Box::from_raw(value) })
    }
}

impl<T> Drop for RawOnce<T> {
    fn drop(&mut self) {
        drop(self.take());
    }
}

/// Ends what is done once wherever it is left: without a value by a panic, too.
struct End<'a, T> {
    once: &'a RawOnce<T>,
    at: At,
    poisons: bool,
}

impl<T> Drop for End<'_, T> {
    fn drop(&mut self) {
        let end = Action::OnceEnd { poisons: self.poisons };
        let _ = session::perform(end, Some(self.once.handle_at(Some(self.at))), self.at);
    }
}
