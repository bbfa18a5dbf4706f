//! The requests that the suite knows by name: the reference requests under each contract, and the faults.

mod drivers;

use std::sync::OnceLock;

use cancelproof_machine::Contract;
use cancelproof_references::faults::{
    About, Fault, exchange as exchange_faults, locked as locked_faults, word as word_faults,
};
use cancelproof_references::framework;
use cancelproof_references::requests::{exchange, locked, word};

pub use drivers::{DRIVER_REFERENCE, DRIVERS};

use crate::subject::{Made, Reference, ReferenceProtocol, Subject, protocols};
use cancelproof_machine::Runtime;

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
                subject: &Reference::<$fault>::new(
                    <$fault as Fault>::ABOUT.name,
                    <$fault as Fault>::ABOUT.contract,
                ),
            },)+)+
        ];
    };
}

faults! {
    Word in word:
        word_faults::mark::ChecksThenReserves,
        word_faults::mark::PublishesWithoutLooking,
        word_faults::mark::ChecksThenPublishes,
        word_faults::mark::PublishesRelaxed,
        word_faults::mark::ReservesRelaxed,
        word_faults::mark::MarksTwice,
        word_faults::mark::BlamesTheMark,
        word_faults::mark::RefusesAfterCancel,
        word_faults::mark::CallsBackAndRefuses,
        word_faults::mark::KeepsTheRefusedCallback,
        word_faults::mark::NeverAbandons,
        word_faults::cancel::ClaimsRelaxed,
        word_faults::cancel::ChecksThenClaims,
        word_faults::cancel::FindsNothing,
        word_faults::cancel::StartsAfterCalling,
        word_faults::cancel::ReleasesThenCalls,
        word_faults::cancel::ForgetsTheObjectOnPanic,
        word_faults::unmark::WithdrawsRelaxed,
        word_faults::unmark::GivesBackRelaxed,
        word_faults::unmark::ForgetsTheGap,
        word_faults::unmark::GrantsUnmarked,
        word_faults::unmark::SpinsInUnmark,
        word_faults::wait::SeesTheReturnRelaxed,
        word_faults::wait::NotesTheReturnRelaxed,
        word_faults::wait::LosesTheWakeUp,
        word_faults::wait::ForgetsToWait,
        word_faults::wait::WaitsForItself,
        word_faults::wait::ForgetsTheEarlyReturn,
        word_faults::wait::ForgetsTheReturnOnPanic,
        word_faults::complete::CompletesAndStaysMarked,
        word_faults::complete::ChecksThenEnds,
        word_faults::complete::RetriesBlindly,
        word_faults::complete::CompletesAgain,
        word_faults::complete::CompletesWhileCancelable,
        word_faults::complete::BlamesTheMarkInComplete,
        word_faults::complete::ReleasesOnCompletion,
        word_faults::complete::DisarmsRelaxed,
        word_faults::complete::AnswersWhileMarked,
        word_faults::complete::RefusesWhileMarked,
    ;
    Exchange in exchange:
        exchange_faults::mark::LooksBeforePublishing,
        exchange_faults::mark::NeverLooks,
        exchange_faults::mark::PublishesRelaxed,
        exchange_faults::mark::PublishesWithoutAcquire,
        exchange_faults::mark::PublishesBeforeMarking,
        exchange_faults::mark::CallsBackAlthoughTaken,
        exchange_faults::mark::MarksCompleted,
        exchange_faults::mark::KeepsTheFlagOnRefusal,
        exchange_faults::mark::RefusesAlthoughClaimed,
        exchange_faults::cancel::TakesBeforeSetting,
        exchange_faults::cancel::TrustsTheBit,
        exchange_faults::cancel::TakesRelaxed,
        exchange_faults::cancel::TakesWithoutRelease,
        exchange_faults::cancel::TakesTwice,
        exchange_faults::cancel::CallsAStaleRoutine,
        exchange_faults::cancel::SetsTheBitByStore,
        exchange_faults::cancel::NotifiesAfterCalling,
        exchange_faults::cancel::UnmarksBeforeCalling,
        exchange_faults::cancel::TakesTheClaimBackOnPanic,
        exchange_faults::unmark::GrantsWithoutRoutine,
        exchange_faults::unmark::RefusesWithRoutine,
        exchange_faults::unmark::LeavesMarked,
        exchange_faults::unmark::UnmarksUnmarked,
        exchange_faults::unmark::ReleasesTwice,
        exchange_faults::unmark::ReturnsBeforeCalling,
        exchange_faults::unmark::SpinsInItsOwnCallback,
        exchange_faults::complete::ChecksThenCompletes,
        exchange_faults::complete::CompletesMarked,
        exchange_faults::complete::ForgetsTheRoutine,
        exchange_faults::complete::WaitsToComplete,
        exchange_faults::complete::AsksTheWrongBit,
        exchange_faults::complete::AsksTheDead,
        exchange_faults::complete::SaysPromised,
        exchange_faults::again::TellsOnce,
        exchange_faults::again::CallsBackOnTheThird,
    ;
    Locked in locked:
        locked_faults::mark::IgnoresEarlyCancel,
        locked_faults::mark::ChecksThenArms,
        locked_faults::mark::IgnoresTheSecondMark,
        locked_faults::mark::MarksClaimed,
        locked_faults::mark::DeliversTheRefusedMark,
        locked_faults::cancel::FiresTwice,
        locked_faults::cancel::FiresOnEveryCancel,
        locked_faults::cancel::ForgetsToRemember,
        locked_faults::cancel::ChecksThenClaims,
        locked_faults::cancel::ClaimsAndForgets,
        locked_faults::cancel::CallsBackUnderTheLock,
        locked_faults::cancel::DeniesTheClaim,
        locked_faults::unmark::ChecksThenWithdraws,
        locked_faults::unmark::GrantsWhatIsPromised,
        locked_faults::unmark::GrantsAfterTheCallback,
        locked_faults::unmark::StaysCancelable,
        locked_faults::unmark::KeepsTheCallback,
        locked_faults::unmark::LeaksTheCallback,
        locked_faults::unmark::WaitsWithoutWaker,
        locked_faults::unmark::ForgivesTheDead,
        locked_faults::unmark::NotifiesBeforeNoting,
        locked_faults::unmark::WakesOne,
        locked_faults::unmark::ForgetsToWait,
        locked_faults::complete::ChecksThenEnds,
        locked_faults::complete::EndsWithoutNoting,
        locked_faults::complete::CompletesWhatIsPromised,
        locked_faults::complete::RefusesTheCallback,
        locked_faults::complete::RefusesTheCanceled,
        locked_faults::complete::LocksTwice,
        locked_faults::complete::ForgetsToLook,
        locked_faults::complete::CompletesUnderTheCallback,
        locked_faults::complete::EndsBeforeItDisarms,
        locked_faults::again::CallsBackTheDead,
        locked_faults::again::ClearsWhatItTells,
        locked_faults::again::GrantsByTheFirstLook,
        locked_faults::again::StopsTwice,
        locked_faults::presets::HandsTheCallbackOver,
        locked_faults::presets::CallsBackInTheCall,
        locked_faults::presets::DoesNotTell,
        locked_faults::presets::RemembersWhatIsForgotten,
        locked_faults::presets::ResumesTheCanceled,
        locked_faults::presets::OnlyAsks,
        locked_faults::presets::ClaimsAtTheNext,
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
    &Reference::<word::Reference>::new("word-scoped", Contract::SCOPED),
    &Reference::<exchange::Reference>::new("exchange-scoped", Contract::SCOPED),
    &Reference::<locked::Reference>::new("locked-scoped", Contract::SCOPED),
    &Reference::<framework::Reference>::new("queue", Contract::UMDF_1),
    &Reference::<framework::Reference>::new("queue-kmdf-ex", Contract::KMDF_EX),
];

/// A reference request for each contract beyond Windows, of the cheapest kind that keeps it. They are proved like the
/// others; questions about a request's text, such as mutation, are asked of [`REFERENCES`] only.
pub static PRESETS: &[&dyn Subject] = &[
    &Reference::<word::Reference>::new("word-stop-callback", Contract::STOP_CALLBACK),
    &Reference::<word::Reference>::new("word-dotnet-unregister", Contract::DOTNET_UNREGISTER),
    &Reference::<word::Reference>::new("word-dotnet-dispose", Contract::DOTNET_DISPOSE),
    &Reference::<locked::Reference>::new("locked-after-func", Contract::AFTER_FUNC),
    &Reference::<locked::Reference>::new("locked-invoke-on-cancellation", Contract::INVOKE_ON_CANCELLATION),
    &Reference::<locked::Reference>::new("locked-async-cancel", Contract::ASYNC_CANCEL),
];

/// A reference request for each preset that single points tell from those of [`PRESETS`]. The tests prove them; a gate, which is about
/// the requests themselves, does not judge the same code once more for each.
pub static FURTHER: &[&dyn Subject] = &[
    &Reference::<locked::Reference>::new("locked-stop-source", Contract::STOP_SOURCE),
    &Reference::<locked::Reference>::new("locked-stdexec", Contract::STDEXEC),
    &Reference::<locked::Reference>::new("locked-folly-token", Contract::FOLLY_TOKEN),
    &Reference::<locked::Reference>::new("locked-tokio-token", Contract::TOKIO_TOKEN),
    &Reference::<locked::Reference>::new("locked-abort-handle", Contract::ABORT_HANDLE),
    &Reference::<locked::Reference>::new("locked-abort-signal", Contract::ABORT_SIGNAL),
    &Reference::<locked::Reference>::new("locked-asyncio-task", Contract::ASYNCIO_TASK),
    &Reference::<locked::Reference>::new("locked-future-task", Contract::FUTURE_TASK),
    &Reference::<locked::Reference>::new("locked-completable-future", Contract::COMPLETABLE_FUTURE),
    &Reference::<locked::Reference>::new("locked-job-cancel", Contract::JOB_CANCEL),
    &Reference::<locked::Reference>::new("locked-io-uring", Contract::IO_URING),
    &Reference::<locked::Reference>::new("locked-io-uring-deferred", Contract::IO_URING_DEFERRED),
    &Reference::<locked::Reference>::new("locked-threadpool-io", Contract::THREADPOOL_IO),
    &Reference::<locked::Reference>::new("locked-work-sync", Contract::WORK_SYNC),
    &Reference::<locked::Reference>::new("locked-timer-sync", Contract::TIMER_SYNC),
    &Reference::<locked::Reference>::new("locked-urb", Contract::URB),
    &Reference::<locked::Reference>::new("locked-kill-urb", Contract::KILL_URB),
    &Reference::<locked::Reference>::new("locked-kiocb", Contract::KIOCB),
    &Reference::<locked::Reference>::new("locked-iocsq", Contract::IOCSQ),
];

/// A correct request for each preset, and more than one for most of the first: [`references`], then [`FURTHER`].
pub fn of_presets() -> impl Iterator<Item = &'static dyn Subject> {
    references().chain(FURTHER.iter().copied())
}

/// Every correct request that a gate judges: [`REFERENCES`], then [`PRESETS`].
pub fn references() -> impl Iterator<Item = &'static dyn Subject> {
    REFERENCES.iter().chain(PRESETS).copied()
}

/// The request of an author's that this process judges, if it is a test target.
static OWN: OnceLock<&'static dyn Subject> = OnceLock::new();

/// Has [`subject`] and [`names`] know a request of an author's, before all others; the first one that is told stays.
pub fn set_own(own: &'static dyn Subject) {
    OWN.get_or_init(|| own);
}

/// The fault of that name, of a request or of a driver.
#[must_use]
pub fn fault(name: &str) -> Option<&'static FaultyRequest> {
    FAULTS.iter().chain(DRIVERS).find(|fault| fault.about.name == name)
}

/// The request of that name, correct or faulty.
#[must_use]
pub fn subject(name: &str) -> Option<&'static dyn Subject> {
    let own = OWN.get().copied();
    let known =
        own.into_iter().chain(of_presets()).chain([DRIVER_REFERENCE]).find(|subject| subject.name() == name);
    known.or_else(|| fault(name).map(|fault| fault.subject))
}

/// The names of all requests: an author's own, the correct ones, and the faulty ones.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let own = OWN.get().copied();
    let faults = FAULTS.iter().map(|fault| fault.about.name);
    own.into_iter().chain(references()).map(Subject::name).chain(faults).collect()
}
