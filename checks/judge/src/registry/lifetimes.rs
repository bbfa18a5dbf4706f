//! The request in a block of its own, and its faults: what is freed too early, too late or twice.

use cancelproof_machine::{Contract, Runtime};
use cancelproof_references::faults::{Fault, block as faults};
use cancelproof_references::requests::block;

use super::FaultyRequest;
use crate::subject::{Made, Reference, ReferenceProtocol, Subject, protocols};

/// Registers the faults of the block, with everything that follows from it.
macro_rules! lifetimes {
    ($($fault:ident),+ $(,)?) => {
        protocols!(Block in block: block::Reference, $(faults::$fault),+);

        /// Every fault of the rule *lifetime*. A gate does not judge them: what it says of loom and shuttle as witnesses is about faults that
        /// they see. The kill matrix does.
        pub static LIFETIMES: &[FaultyRequest] = &[
            $(FaultyRequest {
                about: <faults::$fault as Fault>::ABOUT,
                subject: &Reference::<faults::$fault>::new(
                    <faults::$fault as Fault>::ABOUT.name,
                    <faults::$fault as Fault>::ABOUT.contract,
                ),
            },)+
        ];
    };
}

lifetimes! {
    CountsAfterUnlocking,
    LeavesTwice,
    FreesOnCompletion,
    FreesInTheCallback,
    WakesLate,
    LoserFrees,
    UnlocksTheFreed,
    LeavesRelaxed,
    FreesWithoutAcquire,
    LeavesThenLooks,
    KeepsTheAddress,
    GivesBackWhenRefused,
}

/// The request whose steps they change, under each contract that they have.
pub static LIFETIME_REFERENCES: &[&dyn Subject] = &[
    &Reference::<block::Reference>::new("block", Contract::UMDF_1),
    &Reference::<block::Reference>::new("block-scoped", Contract::SCOPED),
];
