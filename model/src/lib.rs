//! What a cancelable request must do.
//!
//! A *request* is handed to a worker (the *driver*), which may say "call me back if this gets canceled" (*mark*),
//! take that back (*unmark*), and must end it exactly once (*complete*). Meanwhile anybody may *cancel* it. This
//! crate says what each of those calls may answer, in every order they can come in; the `cancelproof` crate runs
//! implementations under every interleaving and holds them against it.
//!
//! # Example
//!
//! A cancel of a marked request claims it, and one callback is owed from then on:
//!
//! ```
//! use cancelproof_model::machine::{Call, CallbackPhase, Reply, State, step};
//! use cancelproof_model::{Cancel, Contract};
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
//! - [`runtime`]: what a request needs from its platform.
//! - [`request`]: the trait an implementation provides; start here to plug in your own.
//! - [`requests`]: four reference implementations that a framework could ship.
//! - [`framework`]: queues of requests with their dispatcher, as drivers' frameworks have them.
//! - [`driver`]: drivers as what is judged, over a framework that is right.
//! - [`application`]: the application's side: files, outstanding I/O, and the calls that cancel it.
//! - [`object`]: objects with a count of their references.
//! - [`faults`]: requests that are wrong in one documented way each.
//!
//! Two crates stand behind this one: `cancelproof-machine` has what a request must do, and `cancelproof-references` has the
//! requests. Nothing here depends on an engine. Production code that only wants the [`runtime`] depends on
//! `cancelproof-runtime`.

pub use cancelproof_machine::{
    Call, Callback, Cancel, CancelableRequest, Complete, Contract, IsCanceled, Mark, Misuse, OnCancel, Reply,
    Rule, Runtime, State, Status, Std, Target, Unmark,
};
pub use cancelproof_machine::{callback, contract, machine, request, rule, runtime};
pub use cancelproof_references::{application, driver, faults, framework, object, requests};
