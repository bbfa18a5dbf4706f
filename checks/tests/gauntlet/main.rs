//! The gauntlet: every fault is found, for its own reason; no rule is idle.

mod faults;
