//! Types that are no request: small traits for what frameworks offer beside one, each judged as a request is.
//!
//! | trait | is about | calls |
//! |---|---|---|
//! | [`Token`] | a cancellation token | register, cancel, is-canceled |
//! | the same, as `Tokens` | several registrations at once, each of which is called | the same |
//! | [`LinkedToken`] | tokens that are canceled with their parent | besides, child |
//! | [`Registration`] | registrations that are taken back, or end with their scope | register, deregister, cancel |
//! | the same, as `Registrations` | several registrations at once, of which one is taken back | the same |
//! | [`Operation`] | one result that a completer of its own brings, unless a cancel is first | start, complete, cancel, receive |
//! | [`Waiter`] | a future whose waker is replaced at each poll, and which may be dropped | wait, wake |
//!
//! An author writes the few lines that say which call of the type is which, and names the shape:
//! `suite!(MyType as Registration)`. Each trait has an adapter beside it that makes a [`CancelableRequest`] of such a type:
//! [`AsToken`], [`AsLinked`], [`AsRegistration`], [`AsOperation`], [`AsWaiter`]. It keeps what the type hands out (handles, completers,
//! futures), tells the machine what the type's answers mean, and declares the contract that follows from the shape: which
//! calls are not offered, and that the types exclude misuse.
//!
//! What the machine does not speak of an adapter judges itself, once all threads have ended. Such a finding is a panic that
//! begins with [`FINDING`], names a rule, and says what happened; the suite takes it for a violation of that rule.
//!
//! # What an adapter keeps is not seen
//!
//! The adapters keep their own things under locks of the standard library, which no engine sees: they are as good as the
//! types of the language, by which only one thread has a handle. No lock is held while the type is called. Where an answer depends on
//! what another thread has done meanwhile, an atomic of the runtime says so, and the engine tries both orders.
//!
//! # Example
//!
//! A flag with a list of callbacks, as a token:
//!
//! ```
//! use cancelproof_machine::runtime::{Mutex, Runtime};
//! use cancelproof_machine::shape::{Answer, Token};
//! use cancelproof_machine::Callback;
//!
//! struct Flag<R: Runtime>(R::Mutex<(bool, Vec<Callback>)>);
//!
//! impl<R: Runtime> Token<R> for Flag<R> {
//!     type Registration = ();
//!
//!     fn new() -> Self {
//!         Flag(R::Mutex::new((false, Vec::new())))
//!     }
//!
//!     fn register(&self, callback: Callback) {
//!         let mut inner = self.0.lock();
//!         if inner.0 {
//!             drop(inner);
//!             callback.invoke();
//!         } else {
//!             inner.1.push(callback);
//!         }
//!     }
//!
//!     fn cancel(&self) -> impl Answer {
//!         let mut inner = self.0.lock();
//!         let is_first = !std::mem::replace(&mut inner.0, true);
//!         let callbacks = std::mem::take(&mut inner.1);
//!         drop(inner);
//!         callbacks.iter().for_each(Callback::invoke);
//!         is_first
//!     }
//!
//!     fn is_canceled(&self) -> bool {
//!         self.0.lock().0
//!     }
//! }
//! ```
//!
//! [`CancelableRequest`]: crate::request::CancelableRequest

mod company;
mod linked;
mod observed;
mod operation;
mod registration;
mod token;
mod waiter;

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::rule::Rule;

pub use linked::{AsLinked, LinkedToken};
pub use operation::{AsOperation, OPERATION, Operation, Ticket};
pub use registration::{AsRegistration, AsRegistrations, REGISTRATION, Registration, SCOPED_REGISTRATION};
pub use token::{AsToken, AsTokens, TOKEN, Token};
pub use waiter::{AsWaiter, WAITER, Waiter};

/// How the panic begins by which an adapter says what it has found; the name of a rule follows, a colon, and what happened.
pub const FINDING: &str = "found by the shape: ";

/// What a call of an author's type answers: nothing, or yes or no.
pub trait Answer: sealed::Sealed {
    /// The answer, if there is one.
    fn told(self) -> Option<bool>;
}

impl Answer for () {
    fn told(self) -> Option<bool> {
        None
    }
}

impl Answer for bool {
    fn told(self) -> Option<bool> {
        Some(self)
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for () {}
    impl Sealed for bool {}
}

/// Ends the execution with a finding, for adapters that judge what the machine does not speak of.
///
/// # Panics
///
/// Always: a panic is what every engine reports.
pub fn found(rule: Rule, what: &str) -> ! {
    panic!("{FINDING}{rule}: {what}")
}

/// The rule that a panic with this message names, and what the adapter says; `None` if it is any other panic.
#[must_use]
pub fn finding(message: &str) -> Option<(Rule, &str)> {
    let (name, what) = message.strip_prefix(FINDING)?.split_once(": ")?;
    Some((Rule::named(name)?, what))
}

/// Access to what an adapter keeps. A panic ends the execution anyway, so what it left behind is as good as anything.
fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_names_its_rule_and_no_other_panic_does() {
        let message = format!("{FINDING}{}: received twice", Rule::ResultOnce);
        assert_eq!(finding(&message), Some((Rule::ResultOnce, "received twice")));
        assert_eq!(finding("index out of bounds: the length is 3"), None);
        assert_eq!(finding(&format!("{FINDING}no-such-rule: words")), None);
    }
}
