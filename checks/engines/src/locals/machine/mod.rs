//! Where the program tells which thread-locals there are.
//!
//! | file | what it knows |
//! |---|---|
//! | `program.rs` | which variables the code under test has, and where they lie |
//! | `own.rs` | what one modelled thread has in them |
//! | `ends.rs` | what is to be dropped when a thread ends |

mod ends;
mod own;
mod program;

pub(crate) use own::{Own, are_any, end, is_served};
