//! Cancellation tokens: whoever registers is called back by the first cancel, or at once.

use std::marker::PhantomData;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use super::company::Company;
use super::{Answer, found, lock};
use crate::callback::Callback;
use crate::contract::{
    CallbackPanics, CancelAnswers, CancelClaims, Completing, Contract, IsCanceledWhileMarked, Misusing,
    Unmarking,
};
use crate::request::{Cancel, CancelableRequest, IsCanceled, Mark};
use crate::rule::Rule;
use crate::runtime::Runtime;

/// What a token keeps if it says nothing else: registrations stay, a cancel asks first and calls back afterwards, and whoever
/// asks is told as soon as one has asked.
pub const TOKEN: Contract = Contract {
    name: "TOKEN",
    unmarking: Unmarking::NotOffered,
    completing: Completing::NotOffered,
    is_canceled_while_marked: IsCanceledWhileMarked::Tells,
    cancel_answers: CancelAnswers::Nothing,
    cancel_claims: CancelClaims::AfterItAsked,
    callback_panics: CallbackPanics::AreForbidden,
    misusing: Misusing::IsExcluded,
    ..Contract::UMDF_1
};

/// A cancellation token. The trait's documentation in [`shape`](crate::shape) has an example.
pub trait Token<R: Runtime>: Send + Sync + 'static {
    /// What a registration is kept by; `()` if by nothing. It is dropped at the end.
    type Registration: Send + 'static;

    /// A token that nobody has canceled.
    fn new() -> Self
    where
        Self: Sized;

    /// The contract that is kept.
    #[must_use]
    fn contract() -> Contract
    where
        Self: Sized,
    {
        TOKEN
    }

    /// Has `callback` invoked by the first cancel, or at once if there was one.
    fn register(&self, callback: Callback) -> Self::Registration;

    /// Cancels. Answers nothing, or whether this call was the first to do so.
    fn cancel(&self) -> impl Answer;

    /// Whether somebody has canceled.
    fn is_canceled(&self) -> bool;
}

/// A [`Token`] as a request; with `COMPANY`, each registration of the suite's has one before it and one after it, which have to be
/// called for the same cancel, each once.
pub struct AsToken<R: Runtime, T: Token<R>, const COMPANY: bool = false> {
    registrations: Mutex<Vec<T::Registration>>,
    token: T,
    cancels: Cancels,
    company: Company,
    runtime: PhantomData<R>,
}

/// A [`Token`] with several registrations at once, as a request.
pub type AsTokens<R, T> = AsToken<R, T, true>;

/// What cancels have answered.
#[derive(Debug, Default)]
pub(super) struct Cancels {
    answered: AtomicU32,
    told: AtomicU32,
    first: AtomicU32,
}

impl Cancels {
    /// Notes an answer.
    pub(super) fn note(&self, answer: Option<bool>) -> Cancel {
        self.answered.fetch_add(1, Ordering::SeqCst);
        if let Some(is_first) = answer {
            self.told.fetch_add(1, Ordering::SeqCst);
            self.first.fetch_add(u32::from(is_first), Ordering::SeqCst);
        }
        Cancel::Untold
    }

    /// Whether anybody has canceled.
    pub(super) fn were_made(&self) -> bool {
        self.answered.load(Ordering::SeqCst) > 0
    }

    /// Finds fault with the answers: of several cancels one is the first.
    pub(super) fn judge(&self) {
        let (told, first) = (self.told.load(Ordering::SeqCst), self.first.load(Ordering::SeqCst));
        if told > 0 && first != 1 {
            found(Rule::Linearizable, &format!("of {told} cancels {first} were answered \"the first\""));
        }
    }
}

impl<R: Runtime, T: Token<R>, const COMPANY: bool> AsToken<R, T, COMPANY> {
    /// Registers a callback of the adapter's own, beside one of the suite's.
    fn register_company(&self) {
        if COMPANY {
            let registration = self.token.register(self.company.callback());
            lock(&self.registrations).push(registration);
        }
    }
}

impl<R: Runtime, T: Token<R>, const COMPANY: bool> CancelableRequest<R> for AsToken<R, T, COMPANY> {
    #[track_caller]
    fn new() -> Self {
        AsToken {
            registrations: Mutex::default(),
            token: T::new(),
            cancels: Cancels::default(),
            company: Company::default(),
            runtime: PhantomData,
        }
    }

    fn contract() -> Contract {
        T::contract()
    }

    fn mark(&self, callback: Callback) -> Mark {
        self.register_company();
        let registration = self.token.register(callback);
        lock(&self.registrations).push(registration);
        self.register_company();
        Mark::Marked
    }

    fn cancel(&self) -> Cancel {
        self.cancels.note(self.token.cancel().told())
    }

    fn is_canceled(&self) -> IsCanceled {
        if self.token.is_canceled() { IsCanceled::Yes } else { IsCanceled::No }
    }

    fn settle(&self) {
        let registrations = std::mem::take(&mut *lock(&self.registrations));
        drop(registrations);
        self.cancels.judge();
        self.company.judge(self.cancels.were_made(), "several registrations");
    }
}
