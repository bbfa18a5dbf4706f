//! The count of a shared owner of another interface.

use std::panic::Location;
use std::sync::atomic::Ordering;

use crate::executor::controlled::raw::RawCount;
use crate::operation::Action;

/// What a shared owner of another interface tells the engines: when a reference is taken and given back, and when somebody
/// asks how many there are. It counts nothing itself.
#[derive(Debug)]
pub struct Count(RawCount);

impl Count {
    /// Of a value to which there is one reference.
    pub const fn new() -> Self {
        Count(RawCount::new())
    }

    /// What it counts are the references to the value at this address. So nothing but this count orders the end of what the
    /// value owns, though the value may lie in an `Arc` of the standard library, whose count is believed otherwise.
    pub fn is_of(&self, address: usize) {
        RawCount::is_of(address);
    }

    /// There is another reference.
    #[track_caller]
    pub fn take(&self) {
        self.0.perform(Action::ReferenceTake, Location::caller());
    }

    /// A reference is given back.
    #[track_caller]
    pub fn give_back(&self) {
        self.0.perform(Action::ReferenceDrop, Location::caller());
    }

    /// Somebody is about to ask how many there are. What others did before they gave theirs back happens before.
    #[track_caller]
    pub fn look(&self) {
        self.0.perform(Action::Load { ordering: Ordering::Acquire }, Location::caller());
    }
}

impl Default for Count {
    fn default() -> Self {
        Count::new()
    }
}
