//! The requests that the suite knows by name: the reference requests under each contract, and the faults.

use cancelproof_model::Contract;
use cancelproof_model::faults::{
    About, Fault, exchange as exchange_faults, locked as locked_faults, word as word_faults,
};
use cancelproof_model::requests::{exchange, locked, word};

use crate::subject::{Made, Reference, ReferenceProtocol, Subject, protocols};
use cancelproof_model::Runtime;

/// A request with a documented fault.
pub struct FaultyRequest {
    /// What is documented of the fault.
    pub about: About,
    /// The request.
    pub subject: &'static dyn Subject,
}

/// Registers the faults of each reference request, once, with everything that follows from it.
macro_rules! faults {
    ($($request:ident in $module:ident: $($fault:path),+ $(,)?;)+) => {
        $(protocols!($request in $module: $($fault),+);)+

        /// Every fault, in the order of the reference requests.
        pub static FAULTS: &[FaultyRequest] = &[
            $($(FaultyRequest {
                about: <$fault as Fault>::ABOUT,
                subject: &Reference::<$fault>::new(<$fault as Fault>::ABOUT.name, Contract::UMDF_1),
            },)+)+
        ];
    };
}

faults! {
    Word in word:
        word_faults::CompletesAndStaysMarked,
        word_faults::PublishesWithoutLooking,
        word_faults::ClaimsRelaxed,
        word_faults::ChecksThenClaims,
        word_faults::ChecksThenEnds,
        word_faults::CompletesWhileCancelable,
        word_faults::SpinsInUnmark,
        word_faults::ReservesRelaxed,
    ;
    Exchange in exchange:
        exchange_faults::LooksBeforePublishing,
        exchange_faults::GrantsWithoutRoutine,
        exchange_faults::RefusesWithRoutine,
        exchange_faults::TakesRelaxed,
    ;
    Locked in locked:
        locked_faults::ForgetsTheClaim,
        locked_faults::FiresOnEveryCancel,
        locked_faults::IgnoresEarlyCancel,
        locked_faults::CallsBackUnderTheLock,
        locked_faults::LeaksTheCallback,
        locked_faults::WaitsWithoutWaker,
        locked_faults::RefusesTheCallback,
        locked_faults::ForgetsToLook,
    ;
}

/// The reference requests: each under each preset contract. The first of each carries the request's own name.
pub static REFERENCES: &[&dyn Subject] = &[
    &Reference::<word::Reference>::new("word", Contract::UMDF_1),
    &Reference::<exchange::Reference>::new("exchange", Contract::UMDF_1),
    &Reference::<locked::Reference>::new("locked", Contract::UMDF_1),
    &Reference::<word::Reference>::new("word-kmdf", Contract::KMDF),
    &Reference::<exchange::Reference>::new("exchange-kmdf", Contract::KMDF),
    &Reference::<locked::Reference>::new("locked-kmdf", Contract::KMDF),
    &Reference::<word::Reference>::new("word-kmdf-ex", Contract::KMDF_EX),
    &Reference::<exchange::Reference>::new("exchange-kmdf-ex", Contract::KMDF_EX),
    &Reference::<locked::Reference>::new("locked-kmdf-ex", Contract::KMDF_EX),
];

/// The fault of that name.
#[must_use]
pub fn fault(name: &str) -> Option<&'static FaultyRequest> {
    FAULTS.iter().find(|fault| fault.about.name == name)
}

/// The request of that name, correct or faulty.
#[must_use]
pub fn subject(name: &str) -> Option<&'static dyn Subject> {
    let reference = REFERENCES.iter().copied().find(|subject| subject.name() == name);
    reference.or_else(|| fault(name).map(|fault| fault.subject))
}

/// The names of all requests, the correct ones first.
#[must_use]
pub fn names() -> Vec<&'static str> {
    REFERENCES
        .iter()
        .map(|subject| subject.name())
        .chain(FAULTS.iter().map(|fault| fault.about.name))
        .collect()
}
