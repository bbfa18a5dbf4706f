//! The systems that the suite knows by name: the reference, and its faults.

use cancelproof_references::faults::{About, Fault, application, object, queue, target};

use super::execution::Parts;
use crate::executor::Controlled;
use crate::platform::{Loom, Shuttle};

/// A system, with a way to make its parts on each platform.
#[derive(Clone, Copy)]
pub struct System {
    /// The name in reports and on the command line.
    pub name: &'static str,
    pub(super) on_loom: fn() -> Parts<Loom>,
    pub(super) on_shuttle: fn() -> Parts<Shuttle>,
    pub(super) on_controlled: fn() -> Parts<Controlled>,
}

/// A system with a documented fault.
#[derive(Clone, Copy)]
pub struct FaultySystem {
    /// What is documented of the fault.
    pub about: About,
    /// The system.
    pub system: System,
}

/// The system as it should be.
pub const REFERENCE: System = System {
    name: "system",
    on_loom: Parts::reference,
    on_shuttle: Parts::reference,
    on_controlled: Parts::reference,
};

/// Registers the faults of each part, once, with everything that follows from it.
macro_rules! faults {
    ($($part:ident: $($fault:path),+ $(,)?;)+) => {
        /// Every fault, part by part.
        pub static FAULTS: &[FaultySystem] = &[
            $($(FaultySystem {
                about: <$fault as Fault>::ABOUT,
                system: System {
                    name: <$fault as Fault>::ABOUT.name,
                    on_loom: || Parts { $part: Box::new($fault), ..Parts::reference() },
                    on_shuttle: || Parts { $part: Box::new($fault), ..Parts::reference() },
                    on_controlled: || Parts { $part: Box::new($fault), ..Parts::reference() },
                },
            },)+)+
        ];
    };
}

faults! {
    framework:
        queue::marking::LooksBeforePublishing,
        queue::marking::TakesBeforeSetting,
        queue::marking::BelievesTheList,
        queue::marking::CallsBackAlthoughTaken,
        queue::marking::NeverTakesBack,
        queue::marking::CallsBackAndRefuses,
        queue::marking::StaysMarkedOnRefusal,
        queue::marking::GrantsAfterTheCallback,
        queue::marking::KeepsTheReference,
        queue::marking::VisitsBeforeHandingOver,
        queue::marking::CompletesMarked,
        queue::calling_back::LastComeFirstServed,
        queue::calling_back::ServesTheLatest,
        queue::calling_back::CallsInsideTheHandler,
        queue::calling_back::CallsInsideTheScope,
        queue::calling_back::CallsWithoutTheScope,
        queue::calling_back::CallsUnderTheQueueLock,
        queue::calling_back::ForgetsThePower,
        queue::calling_back::ForgetsWhatWasHeld,
        queue::calling_back::ForgetsTheWorkItem,
        queue::calling_back::ReleasesBeforeCalling,
        queue::calling_back::LeaksTheReference,
        queue::calling_back::ReleasesTheObjectEarly,
        queue::purging::PopsWithoutExchange,
        queue::purging::PurgesWhatIsClaimed,
        queue::purging::PurgesOnlyWhatWaits,
        queue::purging::ForgetsThePurge,
        queue::purging::SetsTheBit,
        queue::purging::NeverOpens,
        queue::purging::DropsWhatIsPromised,
        queue::purging::TellsTooEarly,
        queue::purging::NeverTells,
        queue::purging::TellsInsideTheCallback,
        queue::purging::PresentsTheCanceled,
        queue::moving::NeverLooks,
        queue::moving::LooksBeforePuttingBack,
        queue::moving::RequeuesMarked,
        queue::moving::SendsMarked,
        queue::moving::DeliversWithoutExchange,
        queue::moving::DeliversTheClaimed,
        queue::moving::NeverTellsOnQueue,
        queue::moving::TellsAndCompletes,
        queue::moving::FlushesNothing,
        queue::moving::CleansUpTheDriver,
    ;
    application:
        application::selecting::TakesEveryThread,
        application::selecting::TakesEveryFile,
        application::selecting::TakesEveryOverlapped,
        application::selecting::CancelsForTheOpener,
        application::selecting::TakesTheFirst,
        application::selecting::SelectsByHandle,
        application::selecting::FindsOnlyWhatItClaims,
        application::selecting::OverlooksWhatIsCanceled,
        application::selecting::AlwaysFinds,
        application::selecting::TakesTheOverlapped,
        application::selecting::AsksForNoAccess,
        application::ending::WaitsForTheEnd,
        application::ending::DictatesTheStatus,
        application::ending::EndsItself,
        application::ending::EndsBeforeTheDriver,
        application::ending::CancelsUnderTheLock,
        application::ending::WakesNobody,
        application::closing::ClosesAtTheFirstHandle,
        application::closing::CancelsOnClose,
        application::closing::ExitsOnOneFile,
        application::closing::ExitsForEverybody,
    ;
    sent:
        target::IgnoresTheLife,
        target::ReusesTheFlag,
        target::ReusesThePacket,
        target::CancelsWithoutHolding,
        target::CompletesByTheCanceler,
        target::LooksAfterLettingGo,
        target::SendsTheCanceled,
        target::LooksBeforeArming,
        target::ForgetsTheTimer,
        target::SendsTwice,
        target::ReusesTheSent,
    ;
    object:
        object::AddsInTwoSteps,
        object::ReleasesInTwoSteps,
        object::ReleasesRelaxed,
        object::DestroysWithoutAcquiring,
        object::QueriesWithoutReference,
        object::QueriesInVain,
        object::HasEverything,
    ;
}

/// The system of that name, correct or faulty.
#[must_use]
pub fn named(name: &str) -> Option<System> {
    if name == REFERENCE.name { Some(REFERENCE) } else { fault(name).map(|fault| fault.system) }
}

/// The names of all systems, the correct one first.
pub fn names() -> impl Iterator<Item = &'static str> {
    std::iter::once(REFERENCE.name).chain(FAULTS.iter().map(|fault| fault.about.name))
}

/// The fault of that name.
#[must_use]
pub fn fault(name: &str) -> Option<&'static FaultySystem> {
    FAULTS.iter().find(|fault| fault.about.name == name)
}
