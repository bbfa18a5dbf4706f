//! Faults of marking an [`Exchange`].

use core::sync::atomic::Ordering::{Relaxed, Release};
use std::sync::Arc;

use crate::callback::Callback;
use crate::contract::Contract;
use crate::machine::Misuse;
use crate::request::Mark;
use crate::requests::exchange::{COMPLETED, Exchange, MARKED, Protocol, SOME};
use crate::rule::Rule;
use crate::runtime::{Atomic, Runtime};

use super::super::{About, Fault, Sight};

/// The marker looks at the cancel bit before it publishes the routine.
#[derive(Debug)]
pub struct LooksBeforePublishing;

impl Protocol for LooksBeforePublishing {
    fn mark<R: Runtime>(request: &Exchange<R, Self>, callback: Callback) -> Mark {
        let before = Self::set_marked(request.flags());
        if before & COMPLETED != 0 {
            return Mark::Refused(Misuse::AlreadyCompleted);
        }
        if before & MARKED != 0 {
            return Mark::Refused(Self::why_marked(request));
        }
        if Self::sees_cancel(request.flags()) {
            return Self::mark_canceled(request, Arc::new(callback));
        }
        Self::publish(request, callback);
        Mark::Marked
    }
}
impl Fault for LooksBeforePublishing {
    const ABOUT: About = About {
        name: "exchange-looks-before-publishing",
        edit: "mark reads the cancel bit before it publishes the routine",
        breaks: Rule::NoLostCancel,
        scenario: "mark-cancel",
        origin: "specification Appendix C: arm reads K before publishing R (I7)",
        ..About::of("exchange")
    };
}

/// The marker never looks at the cancel bit.
#[derive(Debug)]
pub struct NeverLooks;

impl Protocol for NeverLooks {
    fn sees_cancel(_flags: &impl Atomic<u8>) -> bool {
        false
    }
}
impl Fault for NeverLooks {
    const ABOUT: About = About {
        name: "exchange-never-looks",
        edit: "mark does not read the cancel bit after publishing",
        breaks: Rule::NoLostCancel,
        scenario: "cancel-then-mark",
        origin: "rule IrpCancelField: who sets a cancel routine must look at the cancel bit",
        ..About::of("exchange")
    };
}

/// The routine is published without releasing what was written before it.
#[derive(Debug)]
pub struct PublishesRelaxed;

impl Protocol for PublishesRelaxed {
    fn publish<R: Runtime>(request: &Exchange<R, Self>, callback: Callback) {
        *request.stored() = Some(Arc::new(callback));
        request.routine().swap(SOME, Relaxed);
    }
}
impl Fault for PublishesRelaxed {
    const ABOUT: About = About {
        name: "exchange-publishes-relaxed",
        edit: "publishing the routine is relaxed instead of acquire-release",
        breaks: Rule::Publication,
        scenario: "mark-cancel",
        origin: "specification R15",
        needs: Sight::HappensBefore,
        ..About::of("exchange")
    };
}

/// The marker's exchange does not acquire what the canceler's released, so the marker may not see the bit of
/// a canceler that found no routine.
#[derive(Debug)]
pub struct PublishesWithoutAcquire;

impl Protocol for PublishesWithoutAcquire {
    fn publish<R: Runtime>(request: &Exchange<R, Self>, callback: Callback) {
        *request.stored() = Some(Arc::new(callback));
        request.routine().swap(SOME, Release);
    }
}
impl Fault for PublishesWithoutAcquire {
    const ABOUT: About = About {
        name: "exchange-publishes-without-acquire",
        edit: "publishing the routine is release instead of acquire-release",
        breaks: Rule::NoLostCancel,
        scenario: "mark-cancel",
        origin: "tokio-rs/tokio pull request 8138: flag and waiter list need both directions, so both \
                 sides read-modify-write",
        needs: Sight::WeakMemory,
        ..About::of("exchange")
    };
}

/// The routine is published before the request is marked, so its callback may complete the request while mark
/// is still being refused.
#[derive(Debug)]
pub struct PublishesBeforeMarking;

impl Protocol for PublishesBeforeMarking {
    fn mark<R: Runtime>(request: &Exchange<R, Self>, callback: Callback) -> Mark {
        let before = request.flags().load(Relaxed);
        if before & COMPLETED != 0 {
            return Mark::Refused(Misuse::AlreadyCompleted);
        }
        if before & MARKED != 0 {
            return Mark::Refused(Self::why_marked(request));
        }
        Self::publish(request, callback);
        if Self::set_marked(request.flags()) & COMPLETED != 0 {
            return Mark::Refused(Misuse::AlreadyCompleted);
        }
        Self::look_after_publishing(request)
    }
}
impl Fault for PublishesBeforeMarking {
    const ABOUT: About = About {
        name: "exchange-publishes-before-marking",
        edit: "mark publishes the routine first and sets the marked flag afterwards",
        breaks: Rule::ExactlyOnce,
        scenario: "mark-cancel",
        origin: "specification 2.2, arm: checks first, then the link, then the exchange",
        ..About::of("exchange")
    };
}

/// The marker calls back although a canceler has taken the routine.
#[derive(Debug)]
pub struct CallsBackAlthoughTaken;

impl Protocol for CallsBackAlthoughTaken {
    fn mark<R: Runtime>(request: &Exchange<R, Self>, callback: Callback) -> Mark {
        let before = Self::set_marked(request.flags());
        if before & COMPLETED != 0 {
            return Mark::Refused(Misuse::AlreadyCompleted);
        }
        if before & MARKED != 0 {
            return Mark::Refused(Self::why_marked(request));
        }
        let target = callback.target();
        Self::publish(request, callback);
        if Self::sees_cancel(request.flags()) {
            let taken = Self::take(request);
            target.invoke();
            drop(taken);
        }
        Mark::Marked
    }
}
impl Fault for CallsBackAlthoughTaken {
    const ABOUT: About = About {
        name: "exchange-calls-back-although-taken",
        edit: "mark calls back when it sees the bit, whatever its take-back returned",
        breaks: Rule::ExactlyOnce,
        scenario: "mark-cancel-returns",
        origin: "specification Appendix C: armer queues the callback although its take-back exchange \
                 failed (I1)",
        ..About::of("exchange")
    };
}

/// A request that has ended can be marked.
#[derive(Debug)]
pub struct MarksCompleted;

impl Protocol for MarksCompleted {
    fn mark<R: Runtime>(request: &Exchange<R, Self>, callback: Callback) -> Mark {
        if Self::set_marked(request.flags()) & MARKED != 0 {
            return Mark::Refused(Self::why_marked(request));
        }
        Self::publish(request, callback);
        Self::look_after_publishing(request)
    }
}
impl Fault for MarksCompleted {
    const ABOUT: About = About {
        name: "exchange-marks-completed",
        edit: "mark does not check whether the request has ended",
        breaks: Rule::MisuseRefused,
        scenario: "misuse-calls-after-completion",
        origin: "specification V4",
        ..About::of("exchange")
    };
}

/// A mark that is refused because of a cancel leaves the request marked, so it cannot be completed.
#[derive(Debug)]
pub struct KeepsTheFlagOnRefusal;

impl Protocol for KeepsTheFlagOnRefusal {
    fn mark_canceled<R: Runtime>(_request: &Exchange<R, Self>, callback: Arc<Callback>) -> Mark {
        drop(callback);
        Mark::Canceled
    }
}
impl Fault for KeepsTheFlagOnRefusal {
    const ABOUT: About = About {
        name: "exchange-keeps-the-flag-on-refusal",
        edit: "a refused mark does not clear the marked flag",
        breaks: Rule::RequestCompleted,
        scenario: "cancel-then-mark-refused",
        origin: "specification 2.2, MarkCancelableEx: clears C and the verifier's flag",
        contract: Contract::KMDF_EX,
        ..About::of("exchange")
    };
}

/// A mark is refused because of a cancel although that cancel calls back.
#[derive(Debug)]
pub struct RefusesAlthoughClaimed;

impl Protocol for RefusesAlthoughClaimed {
    fn look_after_publishing<R: Runtime>(request: &Exchange<R, Self>) -> Mark {
        if !Self::sees_cancel(request.flags()) {
            return Mark::Marked;
        }
        match Self::take(request) {
            None => Mark::Canceled,
            Some(callback) => Self::mark_canceled(request, callback),
        }
    }
}
impl Fault for RefusesAlthoughClaimed {
    const ABOUT: About = About {
        name: "exchange-refuses-although-claimed",
        edit: "mark answers canceled when its take-back found the routine gone",
        breaks: Rule::ExactlyOnce,
        scenario: "mark-cancel",
        origin: "specification R2: never both",
        contract: Contract::KMDF_EX,
        ..About::of("exchange")
    };
}
