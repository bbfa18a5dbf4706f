//! Systems: every outcome that the specification allows and no other, and every fault refuted for its own reason.

mod faults;
mod outcomes;
