//! The context cell: what the driver writes before it marks, and the callback reads.

use std::sync::atomic::Ordering;

use cancelproof_machine::Rule;
use cancelproof_machine::runtime::{Runtime, UnsafeCell};

use super::World;
use crate::history::Arming;

/// Where the accesses of this cell are made, for an engine's report of a race to be recognised by.
pub(crate) const CONTEXT_FILE: &str = file!();

impl<R: Runtime> World<R> {
    /// The driver writes what the callback of `arming` must see.
    pub(super) fn write_context(&self, arming: Arming) {
        self.record.on_behalf_of(Rule::Publication, || {
            self.context.with_mut(|cell| {
                // SAFETY: the cell outlives the access, and what it holds is an atomic.
                unsafe { &*cell }.store(u64::from(arming) + 1, Ordering::Relaxed);
            });
        });
    }

    /// What the driver wrote before the latest mark.
    pub(super) fn read_context(&self) -> u64 {
        self.record.on_behalf_of(Rule::Publication, || {
            self.context.with(|cell| {
                // SAFETY: the cell outlives the access, and what it holds is an atomic.
                unsafe { &*cell }.load(Ordering::Relaxed)
            })
        })
    }
}
