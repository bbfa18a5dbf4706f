//! The driver that is right, and the drivers with a fault: each over the reference framework, as a request of the shape of a driver.

use cancelproof_machine::{CancelableRequest, Contract, Runtime};
use cancelproof_references::driver::ordinary::{self, Ordinary};
use cancelproof_references::driver::{AsDriver, DRIVER};
use cancelproof_references::faults::{Fault, driver as faults};

use super::FaultyRequest;
use crate::subject::{Made, Reference, ReferenceProtocol, Subject};

/// Registers the faults of the driver, with everything that follows from it.
macro_rules! drivers {
    ($($fault:ident),+ $(,)?) => {
        $(
            impl ReferenceProtocol for faults::$fault {
                #[track_caller]
                fn make<R: Runtime>(_contract: Contract) -> Made<R> {
                    Box::new(AsDriver::<R, Ordinary<R, faults::$fault>>::new())
                }
            }
        )+

        /// Every fault of the driver. A gate, which is about requests, does not judge them: the pages on the Windows rules and the
        /// tests do.
        pub static DRIVERS: &[FaultyRequest] = &[
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

drivers! {
    CompletesTheMarked,
    CompletesAfterARefusal,
    FreesWhatTheCallbackUses,
    CompletesTheQueued,
    HoldsWithoutACallback,
    ForgetsWhatItDeferred,
    MarksWhatOthersSee,
    AsksAboutTheSent,
    CompletesTheSent,
    SignalsNobody,
}

impl ReferenceProtocol for ordinary::Reference {
    #[track_caller]
    fn make<R: Runtime>(_contract: Contract) -> Made<R> {
        Box::new(AsDriver::<R, Ordinary<R, ordinary::Reference>>::new())
    }
}

/// The driver that is right.
pub static DRIVER_REFERENCE: &dyn Subject = &Reference::<ordinary::Reference>::new("driver", DRIVER);
