//! Requests as a framework could ship them, and the same with one documented fault each.
//!
//! # Example
//!
//! The request that is one atomic word, on the threads and atomics of production:
//!
//! ```
//! use cancelproof_machine::{Cancel, CancelableRequest, Complete, Status, Std};
//! use cancelproof_references::requests::Word;
//!
//! let request = Word::<Std>::new();
//! assert_eq!(request.cancel(), Cancel::NotClaimed);
//! assert_eq!(request.complete(Status::Canceled), Complete::Completed);
//! ```
//!
//! # Rooms
//!
//! - [`requests`]: four reference implementations that a framework could ship.
//! - [`framework`]: queues of requests with their dispatcher, as drivers' frameworks have them.
//! - [`driver`]: drivers as what is judged, over a framework that is right.
//! - [`application`]: the application's side: files, outstanding I/O, and the calls that cancel it.
//! - [`object`]: objects with a count of their references.
//! - [`faults`]: requests that are wrong in one documented way each.

pub mod application;
pub mod driver;
pub mod faults;
pub mod framework;
pub mod object;
pub mod requests;

use cancelproof_machine::{callback, contract, machine, request, rule, runtime};
