//! Operations with one result, which a completer of its own brings unless a cancel is first.

use std::marker::PhantomData;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use super::{Answer, found, lock};
use crate::callback::Callback;
use crate::contract::{
    Asking, CallbackPanics, CancelAnswers, CompleteAfterCancel, CompleteWhileCancelable, Contract, Misusing,
    Receiving, Unmarking,
};
use crate::misuse::Misuse;
use crate::request::{Cancel, CancelableRequest, Complete, Mark, Status};
use crate::rule::Rule;
use crate::runtime::{Atomic, Runtime};

/// What an operation keeps whose cancel ends it: a completion after it is too late, and gives the result back.
pub const OPERATION: Contract = Contract {
    name: "OPERATION",
    unmarking: Unmarking::NotOffered,
    asking: Asking::NotOffered,
    receiving: Receiving::InsteadOfMarking,
    cancel_answers: CancelAnswers::Nothing,
    complete_while_cancelable: CompleteWhileCancelable::Disarms,
    complete_after_cancel: CompleteAfterCancel::TooLate,
    callback_panics: CallbackPanics::AreForbidden,
    misusing: Misusing::IsExcluded,
    ..Contract::UMDF_1
};

/// The result of an operation, as the suite hands it to the completer. Whoever has it can tell whether what was written before
/// the completion is seen.
#[derive(Debug)]
pub struct Ticket<R: Runtime>(Arc<R::AtomicU32>);

impl<R: Runtime> Clone for Ticket<R> {
    /// Another hold on the same result: who receives both has received it twice.
    fn clone(&self) -> Self {
        Ticket(Arc::clone(&self.0))
    }
}

impl<R: Runtime> Ticket<R> {
    fn new() -> Self {
        Ticket(Arc::new(Atomic::new(0)))
    }

    fn write(&self) {
        self.0.store(1, Ordering::Relaxed);
    }

    fn is_written(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 1
    }
}

/// An operation with one result: a channel for one value, a promise, a call to elsewhere.
///
/// # Example
///
/// The least that is one, with a lock and a condition variable:
///
/// ```
/// use cancelproof_machine::runtime::{Arc, Condvar, Mutex, Runtime};
/// use cancelproof_machine::shape::{Answer, Operation, Ticket};
///
/// enum State<T> { Empty, Full(T), Over }
///
/// struct Slot<R: Runtime, T: Send + 'static>(R::Mutex<State<T>>, R::Condvar);
///
/// struct OneShot<R: Runtime>(R::Arc<Slot<R, Ticket<R>>>);
///
/// impl<R: Runtime> Operation<R> for OneShot<R> {
///     type Completer = R::Arc<Slot<R, Ticket<R>>>;
///     type Receiver = R::Arc<Slot<R, Ticket<R>>>;
///
///     fn start() -> (Self, Self::Completer, Self::Receiver) {
///         let slot = R::Arc::new(Slot(R::Mutex::new(State::Empty), R::Condvar::new()));
///         (OneShot(slot.clone()), slot.clone(), slot)
///     }
///
///     fn complete(completer: Self::Completer, result: Ticket<R>) -> Result<(), Ticket<R>> {
///         let mut state = completer.0.lock();
///         match *state {
///             State::Empty => *state = State::Full(result),
///             _ => return Err(result),
///         }
///         completer.1.notify_one();
///         Ok(())
///     }
///
///     fn cancel(&self) -> impl Answer {
///         let mut state = self.0.0.lock();
///         if matches!(*state, State::Empty) {
///             *state = State::Over;
///             self.0.1.notify_one();
///         }
///     }
///
///     fn receive(receiver: &mut Self::Receiver) -> Option<Ticket<R>> {
///         let mut state = receiver.0.lock();
///         while matches!(*state, State::Empty) {
///             state = receiver.1.wait(state);
///         }
///         match std::mem::replace(&mut *state, State::Over) {
///             State::Full(result) => Some(result),
///             _ => None,
///         }
///     }
/// }
/// ```
pub trait Operation<R: Runtime>: Send + Sync + 'static {
    /// The right to complete, which is used up by doing so. Dropping it ends the operation without a result, if somebody
    /// waits for that.
    type Completer: Send + 'static;

    /// The right to receive.
    type Receiver: Send + 'static;

    /// An operation that is under way: by what it is canceled, completed, and its result received.
    fn start() -> (Self, Self::Completer, Self::Receiver)
    where
        Self: Sized;

    /// The contract that is kept.
    #[must_use]
    fn contract() -> Contract
    where
        Self: Sized,
    {
        OPERATION
    }

    /// Ends the operation with `result`.
    ///
    /// # Errors
    ///
    /// Gives the result back if a cancel has ended the operation: then nobody receives it.
    fn complete(completer: Self::Completer, result: Ticket<R>) -> Result<(), Ticket<R>>
    where
        Self: Sized;

    /// Cancels. Answers nothing, or whether this call has ended the operation.
    fn cancel(&self) -> impl Answer;

    /// Waits for the end and takes the result; `None` if there is none, or no more.
    fn receive(receiver: &mut Self::Receiver) -> Option<Ticket<R>>
    where
        Self: Sized;
}

/// An [`Operation`] as a request, whose result is received once, or given back.
pub struct AsOperation<R: Runtime, T: Operation<R>> {
    kept: Mutex<Kept<R, T>>,
    operation: T,
    runtime: PhantomData<R>,
}

/// What the adapter has of an operation, and what became of its result.
struct Kept<R: Runtime, T: Operation<R>> {
    completer: Option<T::Completer>,
    receiver: Option<T::Receiver>,
    /// The result that was handed over.
    result: Option<Ticket<R>>,
    completed: Option<Complete>,
    /// How often somebody came to the end of a receive, and how often with the result.
    receives: u32,
    received: u32,
    /// How often a cancel said that it has ended the operation, and that it has not.
    ended: u32,
    came_too_late: u32,
}

impl<R: Runtime, T: Operation<R>> AsOperation<R, T> {
    /// Receives, unless somebody else is about to: there is one receiver.
    fn receive_once(&self) {
        let Some(mut receiver) = lock(&self.kept).receiver.take() else { return };
        let result = T::receive(&mut receiver);
        let mut kept = lock(&self.kept);
        kept.receiver = Some(receiver);
        kept.receives += 1;
        kept.received += u32::from(result.is_some());
        let (sent, times) = (kept.result.clone(), kept.received);
        drop(kept);
        let Some(result) = result else { return };
        if times > 1 {
            found(Rule::ResultOnce, "the result was received twice");
        }
        if !sent.is_some_and(|sent| Arc::ptr_eq(&sent.0, &result.0)) {
            found(Rule::ResultOnce, "something was received that nobody has sent");
        }
        if !result.is_written() {
            found(
                Rule::Publication,
                "what was written before the completion is not seen by whoever received the result",
            );
        }
    }

    /// Finds fault with what became of the result.
    fn judge(kept: &Kept<R, T>) {
        let is_accepted = kept.completed == Some(Complete::Completed);
        match (is_accepted, kept.received) {
            (true, 0) if kept.receives > 0 => {
                found(Rule::ResultOnce, "the completion was accepted, and nobody received its result");
            }
            (false, 1) => found(Rule::ResultOnce, "the result was given back, and received as well"),
            _ => {}
        }
        let told = kept.ended + kept.came_too_late;
        if told > 0 && kept.ended != u32::from(!is_accepted) {
            let end = if is_accepted { "its completion" } else { "a cancel" };
            let words = format!(
                "{end} has ended the operation, and of {told} cancels {} say that they did",
                kept.ended
            );
            found(Rule::Linearizable, &words);
        }
    }
}

impl<R: Runtime, T: Operation<R>> CancelableRequest<R> for AsOperation<R, T> {
    #[track_caller]
    fn new() -> Self {
        let (operation, completer, receiver) = T::start();
        let kept = Kept {
            completer: Some(completer),
            receiver: Some(receiver),
            result: None,
            completed: None,
            receives: 0,
            received: 0,
            ended: 0,
            came_too_late: 0,
        };
        AsOperation { kept: Mutex::new(kept), operation, runtime: PhantomData }
    }

    fn contract() -> Contract {
        T::contract()
    }

    fn mark(&self, _callback: Callback) -> Mark {
        Mark::Refused(Misuse::NotOffered)
    }

    fn cancel(&self) -> Cancel {
        let answer = self.operation.cancel().told();
        let mut kept = lock(&self.kept);
        match answer {
            Some(true) => kept.ended += 1,
            Some(false) => kept.came_too_late += 1,
            None => {}
        }
        Cancel::Untold
    }

    fn complete(&self, _status: Status) -> Complete {
        let result = Ticket::new();
        let mut kept = lock(&self.kept);
        let Some(completer) = kept.completer.take() else {
            return kept.completed.filter(|answer| *answer == Complete::Canceled).unwrap_or(Complete::Untold);
        };
        kept.result = Some(result.clone());
        drop(kept);
        result.write();
        let answer = match T::complete(completer, result) {
            Ok(()) => Complete::Completed,
            Err(_) => Complete::Canceled,
        };
        lock(&self.kept).completed = Some(answer);
        answer
    }

    fn receive(&self) {
        self.receive_once();
    }

    fn settle(&self) {
        let completer = lock(&self.kept).completer.take();
        drop(completer);
        if lock(&self.kept).receives == 0 {
            self.receive_once();
        }
        Self::judge(&lock(&self.kept));
    }
}
