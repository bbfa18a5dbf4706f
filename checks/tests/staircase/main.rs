//! Real code held to the protocol: the reference requests follow it under every engine, and each fault that breaks what
//! the protocol promises leaves it at the right step.

mod diagrams;
mod faults;
mod references;
