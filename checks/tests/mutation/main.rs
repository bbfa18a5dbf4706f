//! Run-time mutation, the ordering advisor, fuses, and engines that are made blind: whether a green run means something.

mod blind;
mod changes;
mod fuses;
mod nondeterminism;
mod orderings;
mod sections;
mod survivors;
