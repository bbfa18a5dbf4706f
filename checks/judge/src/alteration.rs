//! What can be changed of one operation while it runs, and how the changed operation is performed.
//!
//! | file | what it knows |
//! |---|---|
//! | `site.rs` | where an operation is written, and how |
//! | `change.rs`, `ordering.rs` | what can be changed, and how the changed operation is performed |
//! | `lens.rs` | the interceptors that perform it, or note where operations are written |
//!
//! Who asks what a change breaks stands above: the room *mutation* of the crate `cancelproof` asks it of every operation,
//! [`counterexample`](crate::counterexample) of those that a failing execution came through.

mod change;
mod lens;
mod ordering;
mod site;

pub use change::Change;
pub use lens::{Alteration, Altered, Listener};
pub use ordering::{Part, is_weaker, next_weaker, parts, possible};
pub use site::{Site, Written};
