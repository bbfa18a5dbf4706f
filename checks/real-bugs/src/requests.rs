//! Kernels as requests: the same faults, behind the calls that a request, a token or a future has.
//!
//! A kernel that is a request is no program: which calls meet in which threads is for whoever judges it to find. So every small
//! program of its contract can be tried, and a hunt. To add one, write `requests/NAME.rs` with a `Request`, under the name of its
//! bug, and a line in the list below.

#![allow(clippy::wildcard_imports, reason = "the parts are the language that kernels are written in")]

mod parts;
mod promise;

use cancelproof_judge::subject::{Generic, Made, Subject};
use cancelproof_machine::{CancelableRequest, Contract, Rule, Runtime};

/// The shape of a request, as its calls are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    /// An operation: complete, cancel, receive.
    Operation,
    /// A source of registrations: register, take back, cancel.
    Registration,
    /// A cancellation token: register, cancel, ask.
    Token,
    /// A future: poll, drop, wake.
    Waiter,
}

/// A bug as a request, with its twin.
#[derive(Clone, Copy)]
pub struct AsRequest {
    /// The name of the bug.
    pub name: &'static str,
    /// What it is.
    pub shape: Shape,
    /// The rules that are apt for the bug: one of them has to be broken.
    pub breaks: &'static [Rule],
    /// The request with the fault.
    pub broken: &'static dyn Subject,
    /// Its twin, with the fix.
    pub fixed: &'static dyn Subject,
    /// The text of both.
    pub source: &'static str,
}

/// Declares the modules of requests and lists them.
macro_rules! requests {
    ($($name:ident: $shape:ident, $($rule:ident)|+;)*) => {
        $(mod $name;)*

        /// The requests, by name.
        pub static REQUESTS: &[AsRequest] = &[$({
            struct Kernel<const FIXED: bool>;

            impl<const FIXED: bool> Generic for Kernel<FIXED> {
                fn name(&self) -> &str {
                    if FIXED { concat!(stringify!($name), "-fixed") } else { stringify!($name) }
                }

                fn contract(&self) -> Contract {
                    <$name::Request<cancelproof_runtime::Std, FIXED> as CancelableRequest<_>>::contract()
                }

                fn make<R: Runtime>(&self) -> Made<R> {
                    Box::new(<$name::Request<R, FIXED> as CancelableRequest<R>>::new())
                }
            }

            AsRequest {
                name: stringify!($name),
                shape: Shape::$shape,
                breaks: &[$(Rule::$rule),+],
                broken: &Kernel::<false>,
                fixed: &Kernel::<true>,
                source: include_str!(concat!("requests/", stringify!($name), ".rs")),
            }
        },)*];
    };
}

requests! {
    buffer_in_the_future: Operation, Lifetime | Publication;
    callback_destroyed_under_its_lock: Registration, NoDeadlock;
    callback_into_ended_operation: Registration, TruthfulUnmark | NeverAfterCompletion;
    callback_outlives_its_frame: Registration, Lifetime | Publication;
    cancel_before_enqueue: Operation, NoDeadlock;
    canceled_before_it_awaited: Operation, NoDeadlock;
    canceled_without_a_reason: Token, Linearizable;
    canceler_frees_overlapped: Operation, Lifetime | Publication;
    cleaned_up_before_its_cancel: Operation, Lifetime | Publication;
    completed_by_both_ends: Operation, Lifetime | Publication;
    context_canceled_twice: Token, ExactlyOnce;
    continuation_runs_twice: Token, ExactlyOnce;
    destructor_waits_relaxed: Registration, Publication;
    dma_runs_after_drop: Operation, Lifetime | Publication;
    ended_twice_from_callback: Operation, Linearizable;
    event_read_relaxed: Operation, Publication;
    failure_that_cancel_caused: Operation, Linearizable;
    finished_task_cannot_be_canceled: Operation, ResultOnce;
    issued_lock_told_as_canceled: Operation, ResultOnce;
    message_to_a_canceled_receive: Operation, ResultOnce | Linearizable;
    notify_returns_early: Waiter, NoLostCancel;
    registration_fires_inline: Operation, NoDeadlock;
    reset_swallows_a_notification: Waiter, NoLostCancel | Linearizable;
    result_races_cancellation: Operation, ResultOnce | Linearizable;
    resumed_after_cancel: Operation, Linearizable;
    revoke_overwrites_canceling: Registration, TruthfulUnmark | NeverAfterCompletion;
    second_cancel_resets_the_first: Registration, TruthfulUnmark | NeverAfterCompletion;
    sent_into_a_closed_channel: Operation, Publication;
    stop_is_requested_twice: Token, ExactlyOnce;
    timer_fires_after_its_cancel: Registration, TruthfulUnmark;
    wait_registered_after_the_look: Waiter, NoLostCancel | Linearizable;
    waker_called_beside_the_lock: Waiter, Publication;
    waker_kept_although_another_polls: Waiter, NoLostCancel | Linearizable;
    waker_of_a_dropped_receive: Waiter, NoLostCancel | CallbackReleased;
    waker_read_after_the_farewell: Operation, Lifetime | Publication;
    waker_read_before_it_is_known: Waiter, Publication;
    waker_updated_in_place: Waiter, Publication;
}

/// The request that shows the bug of that name.
#[must_use]
pub fn of(name: &str) -> Option<&'static AsRequest> {
    REQUESTS.iter().find(|request| request.name == name)
}

impl Shape {
    /// The name as authors write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Shape::Operation => "Operation",
            Shape::Registration => "Registration",
            Shape::Token => "Token",
            Shape::Waiter => "Waiter",
        }
    }
}

impl std::fmt::Debug for AsRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AsRequest")
            .field("name", &self.name)
            .field("shape", &self.shape)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels;

    #[test]
    fn each_has_the_name_of_a_bug_and_fits_eighty_lines() {
        let names: Vec<&str> = REQUESTS.iter().map(|request| request.name).collect();
        assert!(names.is_sorted() && names.len() >= 20, "{names:?}");
        for AsRequest { name, source, .. } in REQUESTS {
            assert!(kernels::named(name).is_some(), "{name} is no bug");
            assert!(source.lines().count() <= 80, "{name} has {} lines", source.lines().count());
            assert!(source.contains("FIXED"), "{name} has no fix");
        }
    }
}
