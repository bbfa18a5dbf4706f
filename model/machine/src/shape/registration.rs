//! Registrations that can be taken back, by a call or by dropping a handle.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

use super::company::Company;
use super::observed::{Calls, observed};
use super::token::Cancels;
use super::{Answer, lock};
use crate::callback::Callback;
use crate::contract::{
    Asking, CallbackPanics, CancelAnswers, CancelClaims, Completing, Contract, Misusing, UnmarkDuringCallback,
};
use crate::request::{Cancel, CancelableRequest, Mark, Unmark};
use crate::runtime::Runtime;

/// What registrations keep that are taken back at once, while their callback may still run.
pub const REGISTRATION: Contract = Contract {
    name: "REGISTRATION",
    completing: Completing::NotOffered,
    asking: Asking::NotOffered,
    cancel_answers: CancelAnswers::Nothing,
    cancel_claims: CancelClaims::AfterItAsked,
    callback_panics: CallbackPanics::AreForbidden,
    misusing: Misusing::IsExcluded,
    ..Contract::UMDF_1
};

/// What registrations keep that end with their scope: taking one back waits for its callback, unless that is who takes it back
/// (`std::stop_callback`).
pub const SCOPED_REGISTRATION: Contract = Contract {
    name: "SCOPED_REGISTRATION",
    unmark_during_callback: UnmarkDuringCallback::Waits,
    ..REGISTRATION
};

/// A source at which callbacks are registered and taken back.
///
/// # Example
///
/// A slot for one callback whose handle takes it back when it is dropped, and says nothing:
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use cancelproof_machine::shape::{Answer, Registration};
/// use cancelproof_machine::{Callback, Std};
///
/// #[derive(Clone)]
/// struct Slot(Arc<Mutex<(bool, Option<Callback>)>>);
///
/// struct Handle(Slot);
///
/// impl Drop for Handle {
///     fn drop(&mut self) {
///         let callback = self.0.0.lock().unwrap().1.take();
///         drop(callback);
///     }
/// }
///
/// impl Registration<Std> for Slot {
///     type Handle = Handle;
///
///     fn new() -> Self {
///         Slot(Arc::new(Mutex::new((false, None))))
///     }
///
///     fn register(&self, callback: Callback) -> Handle {
///         let mut inner = self.0.lock().unwrap();
///         if inner.0 {
///             drop(inner);
///             callback.invoke();
///         } else {
///             inner.1 = Some(callback);
///         }
///         Handle(self.clone())
///     }
///
///     fn cancel(&self) -> impl Answer {
///         let mut inner = self.0.lock().unwrap();
///         inner.0 = true;
///         let callback = inner.1.take();
///         drop(inner);
///         callback.iter().for_each(Callback::invoke);
///     }
/// }
/// ```
pub trait Registration<R: Runtime>: Send + Sync + 'static {
    /// What a registration is taken back by.
    type Handle: Send + 'static;

    /// A source that nobody has canceled.
    fn new() -> Self
    where
        Self: Sized;

    /// The contract that is kept: [`REGISTRATION`], or [`SCOPED_REGISTRATION`] where taking back waits for the callback.
    #[must_use]
    fn contract() -> Contract
    where
        Self: Sized,
    {
        REGISTRATION
    }

    /// Has `callback` invoked by the first cancel, or at once if there was one, until it is taken back.
    fn register(&self, callback: Callback) -> Self::Handle;

    /// Takes a registration back. Answers nothing, or whether it was in time: then the callback never runs. By default the
    /// handle is dropped.
    fn deregister(handle: Self::Handle) -> impl Answer
    where
        Self: Sized,
    {
        drop(handle);
    }

    /// Cancels. Answers nothing, or whether this call was the first to do so.
    fn cancel(&self) -> impl Answer;
}

/// A [`Registration`] as a request: mark registers, unmark takes back.
///
/// Where the type does not say whether the callback was prevented the adapter says what it saw: if the callback was called it
/// was not, and if taking back waits for callbacks it was unless the callback was called.
///
/// With `COMPANY`, each registration of the suite's has one of the adapter's own before it and one after it, which stay when it is
/// taken back and have to be called for the same cancel, each once.
pub struct AsRegistration<R: Runtime, T: Registration<R>, const COMPANY: bool = false> {
    company: Company,
    kept: Mutex<Vec<T::Handle>>,
    current: Mutex<Option<Current<R, T::Handle>>>,
    source: T,
    cancels: Cancels,
    runtime: PhantomData<R>,
}

/// A [`Registration`] with several registrations at once, as a request.
pub type AsRegistrations<R, T> = AsRegistration<R, T, true>;

/// The latest registration.
struct Current<R: Runtime, H> {
    /// Until it is taken back.
    handle: Option<H>,
    calls: Arc<Calls<R>>,
    /// The number of the thread that registered.
    owner: usize,
}

/// A handle, unless it was taken back, with the calls that its callback has had.
type Kept<H, R> = (Option<H>, Arc<Calls<R>>);

impl<R: Runtime, T: Registration<R>, const COMPANY: bool> AsRegistration<R, T, COMPANY> {
    /// Registers a callback of the adapter's own.
    fn register_company(&self) {
        if COMPANY {
            let handle = self.source.register(self.company.callback());
            lock(&self.kept).push(handle);
        }
    }

    /// The handle, for whoever may take it back: its callback only where it runs on the thread that registered, since in any
    /// other thread it would have to own what that thread owns.
    fn take(&self) -> Option<Kept<T::Handle, R>> {
        let mut current = lock(&self.current);
        let current = current.as_mut()?;
        let here = R::current_number();
        let is_foreign_callback = current.calls.runs_here() && current.owner != here;
        let handle = if is_foreign_callback { None } else { current.handle.take() };
        Some((handle, Arc::clone(&current.calls)))
    }
}

impl<R: Runtime, T: Registration<R>, const COMPANY: bool> CancelableRequest<R>
    for AsRegistration<R, T, COMPANY>
{
    #[track_caller]
    fn new() -> Self {
        AsRegistration {
            company: Company::default(),
            kept: Mutex::default(),
            current: Mutex::default(),
            source: T::new(),
            cancels: Cancels::default(),
            runtime: PhantomData,
        }
    }

    fn contract() -> Contract {
        T::contract()
    }

    fn mark(&self, callback: Callback) -> Mark {
        self.register_company();
        let (callback, calls) = observed(callback);
        let current = Current { handle: None, calls, owner: R::current_number() };
        *lock(&self.current) = Some(current);
        let handle = self.source.register(callback);
        if let Some(current) = &mut *lock(&self.current) {
            current.handle = Some(handle);
        }
        self.register_company();
        Mark::Marked
    }

    fn unmark(&self) -> Unmark {
        // Without a handle it is the callback that asks, which runs.
        let Some((Some(handle), calls)) = self.take() else { return Unmark::Canceled };
        match T::deregister(handle).told() {
            Some(true) => Unmark::Unmarked,
            Some(false) => Unmark::Canceled,
            None if calls.was_called() => Unmark::Canceled,
            None if T::contract().unmark_waits() => Unmark::Unmarked,
            None => Unmark::Untold,
        }
    }

    fn cancel(&self) -> Cancel {
        self.cancels.note(self.source.cancel().told())
    }

    fn settle(&self) {
        let current = lock(&self.current).take();
        drop(current);
        let kept = std::mem::take(&mut *lock(&self.kept));
        drop(kept);
        self.cancels.judge();
        self.company.judge(self.cancels.were_made(), "several registrations");
    }
}
