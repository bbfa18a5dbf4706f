//! Switching for hosts that run modelled threads by themselves: loom and shuttle.

use std::cell::RefCell;

use super::machine::{self, Own};

/// The modelled threads of the execution at hand.
struct Threads {
    /// What each has while it does not run, by its number.
    own: Vec<(usize, Own)>,
    /// Of these, the place of the one that runs.
    running: Option<usize>,
}

thread_local! {
    static THREADS: RefCell<Threads> = const { RefCell::new(Threads { own: Vec::new(), running: None }) };
}

impl Threads {
    fn stop(&mut self) {
        if let Some(place) = self.running.take() {
            self.own[place].1.swap();
        }
    }

    fn go_on(&mut self, number: usize) {
        let known = self.own.iter().position(|(other, _)| *other == number);
        let place = known.unwrap_or_else(|| {
            let mut own = Own::default();
            own.begin();
            self.own.push((number, own));
            self.own.len() - 1
        });
        if self.running != Some(place) {
            self.stop();
            self.own[place].1.swap();
            self.running = Some(place);
        }
    }
}

/// The modelled thread of this number goes on, or begins.
#[inline]
pub(crate) fn goes_on(number: impl FnOnce() -> usize) {
    if machine::are_any() {
        let number = number();
        THREADS.with_borrow_mut(|threads| threads.go_on(number));
    }
}

/// No modelled thread runs for now.
#[inline]
pub(crate) fn nobody_goes_on() {
    if machine::are_any() {
        THREADS.with_borrow_mut(Threads::stop);
    }
}

/// The execution is over, whether or not its threads have come to their ends.
#[inline]
pub(crate) fn forget() {
    if machine::are_any() {
        THREADS.with_borrow_mut(|threads| {
            threads.stop();
            threads.own.clear();
        });
    }
}
