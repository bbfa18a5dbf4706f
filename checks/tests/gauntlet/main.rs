//! The gauntlet: every fault is found, for its own reason; no rule is idle; the page says so.

mod faults;
mod page;
mod race;
mod real;
mod rules;
