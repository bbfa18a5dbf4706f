//! The payload cell: what the callback uses, and whoever completes the request gives away.

use std::sync::atomic::Ordering;

use cancelproof_machine::Rule;
use cancelproof_machine::runtime::{Runtime, UnsafeCell};

use super::World;

/// Where the accesses of this cell are made, for an engine's report of a race to be recognised by.
pub(crate) const PAYLOAD_FILE: &str = file!();

impl<R: Runtime> World<R> {
    /// The callback uses what the request is about.
    pub(super) fn use_payload(&self) {
        if self.leaves_payload {
            return;
        }
        self.record.on_behalf_of(Rule::NeverAfterCompletion, || {
            self.payload.with(|cell| {
                // SAFETY: the cell outlives the access, and what it holds is an atomic.
                unsafe { &*cell }.load(Ordering::Relaxed)
            });
        });
    }

    /// Whoever completed the request by right gives away what it is about.
    pub(super) fn consume_payload(&self) {
        self.record.on_behalf_of(Rule::NeverAfterCompletion, || {
            self.payload.with_mut(|cell| {
                // SAFETY: the cell outlives the access, and what it holds is an atomic.
                unsafe { &*cell }.store(1, Ordering::Relaxed);
            });
        });
    }
}
