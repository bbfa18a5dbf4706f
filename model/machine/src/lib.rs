//! What a cancelable request must do.
//!
//! A *request* is handed to a worker (the *driver*), which may say "call me back if this gets canceled" (*mark*),
//! take that back (*unmark*), and must end it exactly once (*complete*). Meanwhile anybody may *cancel* it. This
//! crate says what each of those calls may answer, in every order they can come in, and offers the trait of an
//! implementation.
//!
//! # Example
//!
//! A cancel of a marked request claims it, and one callback is owed from then on:
//!
//! ```
//! use cancelproof_machine::machine::{Call, CallbackPhase, Reply, State, step};
//! use cancelproof_machine::{Cancel, Contract};
//!
//! let outcomes: Vec<_> = step(&Contract::UMDF_1, State::Cancelable, Call::Cancel).iter().collect();
//! assert_eq!(outcomes[0].reply, Reply::Cancel(Cancel::Claimed));
//! assert_eq!(outcomes[0].state, State::Canceled(CallbackPhase::NotStarted));
//! ```
//!
//! # Rooms
//!
//! - [`machine`]: the abstract request, a pure total table of state and call.
//! - [`contract`]: the points in which frameworks differ, as data.
//! - [`request`]: the trait an implementation provides; start here to plug in your own.
//! - [`callback`]: what a canceled request calls.
//! - [`shape`]: traits for types that are no request, each judged as one.
//! - [`rule`]: the properties that a request is held to.

pub mod callback;
pub mod contract;
pub mod machine;
mod misuse;
pub mod request;
pub mod rule;
pub mod shape;

pub use callback::{Callback, OnCancel, Target};
pub use cancelproof_runtime as runtime;
pub use cancelproof_runtime::{Runtime, Std};
pub use contract::Contract;
pub use machine::{Call, Misuse, Reply, State};
pub use request::{
    Cancel, CancelableRequest, Complete, Happening, IsCanceled, Mark, Observer, Status, Unmark,
};
pub use rule::Rule;
