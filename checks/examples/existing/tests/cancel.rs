//! The suite with the engines that apply: real threads, or with `RUSTFLAGS="--cfg loom"` loom. The others are listed as not
//! applicable.

mod adapter;

use adapter::Operation;
use existing::slot::Slot;

#[cfg(loom)]
cancelproof::suite!(Operation as Registration on Loom);
#[cfg(not(loom))]
cancelproof::suite!(
    Operation as Registration on Std,
    samples = 200,
    scenarios = ["marked-cancel", "mark-cancel", "marked-cancel-cancel", "mark-cancel-returns", "marked-cancel-reentrant"],
);
