//! Faults of an [`Exchange`] that show only when something is asked once more.

use core::sync::atomic::Ordering::{AcqRel, Relaxed};

use std::sync::Arc;

use crate::request::{Cancel, IsCanceled};
use crate::requests::exchange::{COMPLETED, Exchange, NOTIFIED, Protocol};
use crate::rule::Rule;
use crate::runtime::{Atomic, Runtime};

use super::super::{About, Fault};

/// A flag of the faults: a question was answered yes, or a cancel has come after the callback.
const ONCE: u8 = 32;

/// Is-canceled answers yes once.
#[derive(Debug)]
pub struct TellsOnce;

impl Protocol for TellsOnce {
    fn tell(flags: &impl Atomic<u8>) -> IsCanceled {
        if flags.fetch_or(ONCE, Relaxed) & ONCE == 0 { IsCanceled::Yes } else { IsCanceled::No }
    }
}
impl Fault for TellsOnce {
    const ABOUT: About = About {
        name: "exchange-tells-once",
        edit: "is-canceled answers no from its second yes on; the cancel itself is not forgotten",
        breaks: Rule::Linearizable,
        scenario: "cancel-then-is-canceled-twice",
        origin: "specification 2.1: K is set once and stays",
        ..About::of("exchange")
    };
}

/// The second cancel after the callback calls it back once more.
#[derive(Debug)]
pub struct CallsBackOnTheThird;

impl Protocol for CallsBackOnTheThird {
    fn cancel<R: Runtime>(request: &Exchange<R, Self>) -> Cancel {
        let before = Self::set_cancel(request.flags());
        if before & COMPLETED != 0 {
            return Cancel::NotFound;
        }
        if let Some(callback) = Self::take(request) {
            *request.stored() = Some(Arc::clone(&callback));
            Self::call_back(request, callback);
            return Cancel::Claimed;
        }
        if before & NOTIFIED != 0 && request.flags().fetch_or(ONCE, AcqRel) & ONCE != 0 {
            let again = request.stored().take();
            if let Some(callback) = &again {
                callback.invoke();
            }
        }
        Cancel::NotClaimed
    }
}
impl Fault for CallsBackOnTheThird {
    const ABOUT: About = About {
        name: "exchange-calls-back-on-the-third",
        edit: "the routine stays where it was after the callback, and the second cancel that finds it so calls it",
        breaks: Rule::ExactlyOnce,
        scenario: "marked-three-cancels",
        origin: "specification I1: one callback for each mark, however often somebody cancels",
        ..About::of("exchange")
    };
}
