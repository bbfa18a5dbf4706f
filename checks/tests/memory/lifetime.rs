//! The end of an object is a write to it: whatever others do to it has to happen before.

mod counts;
mod faults;
mod oneshot;
mod places;
mod right;

use std::panic::Location;
use std::ptr;

use cancelproof::engine::{dpor, rc11};
use cancelproof::exploration::{Exploration, Extent, FailureKind};

/// An address that may go to another thread, as code with `unsafe` has it.
struct Raw<T>(*mut T);

impl<T> Clone for Raw<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Raw<T> {}

// SAFETY: an address is only a number; whoever follows it answers for that.
unsafe impl<T> Send for Raw<T> {}

impl<T> Raw<T> {
    fn boxed(value: T) -> Self {
        Raw(Box::into_raw(Box::new(value)))
    }

    fn of(place: &T) -> Self {
        Raw(ptr::from_ref(place).cast_mut())
    }

    /// What lies there. Some of these tests are about its being there no more.
    fn get<'a>(self) -> &'a T {
        // SAFETY: the memory of an execution stays mapped; what is wrong with it is what the engines are to say.
        unsafe { &*self.0 }
    }

    fn free(self) {
        // SAFETY: as above; it came from a box.
        drop(unsafe { Box::from_raw(self.0) });
    }
}

fn explored(body: fn()) -> [Exploration; 2] {
    [dpor::explore(&dpor::Options::default(), body), rc11::explore(&rc11::Options::default(), body)]
}

/// Both engines prove it.
#[track_caller]
fn right(body: fn()) {
    for exploration in explored(body) {
        assert!(exploration.failure.is_none(), "{exploration:?}");
        assert_eq!(exploration.extent, Extent::Exhausted);
        assert!(exploration.executions > 1, "nothing meets in it: {exploration:?}");
    }
}

/// Both engines refute it, and name lines of this test's file.
#[track_caller]
fn wrong(body: fn()) {
    let file = Location::caller().file();
    for exploration in explored(body) {
        let kind = exploration.failure.map(|failure| failure.kind);
        let Some(FailureKind::Panic { message }) = kind else { panic!("{kind:?}") };
        assert!(message.starts_with("use after free"), "{message}");
        assert!(message.matches(file).count() == 2, "both lines: {message}");
        assert!(exploration.executions <= 50, "{}", exploration.executions);
    }
}
