//! Faults of [sent requests](crate::framework::target): each overrides one step of
//! [`SendSteps`].

use core::sync::atomic::Ordering::{AcqRel, Acquire};

use super::{About, Fault};
use crate::framework::Reference;
use crate::framework::target::{
    CANCELED, CancelSent, Canceler, HOLD, LIFE, Life, SENT, Send, SendSteps, SentRequest, holds,
};
use crate::machine::Misuse;
use crate::rule::Rule;
use crate::runtime::{Atomic, Runtime};

/// A cancel of an earlier life holds the life that there is.
#[derive(Debug)]
pub struct IgnoresTheLife;

impl<R: Runtime> SendSteps<R> for IgnoresTheLife {
    fn hold(&self, request: &SentRequest<R>, _life: Life) -> Option<u32> {
        let current = request.word().load(Acquire) / LIFE;
        SendSteps::<R>::hold(&Reference, request, current)
    }
}
impl Fault for IgnoresTheLife {
    const ABOUT: About = About {
        name: "sent-ignores-the-life",
        edit: "a cancel does not compare the life that it is of with the one that there is",
        breaks: Rule::RightSelection,
        scenario: "sent-reuse-late-cancel",
        origin: "mitchellh/libxev issue 233: a cancel meant for one use hits the next one; specification I8",
        ..About::of("sent")
    };
}

/// The sticky bit outlives the reuse.
#[derive(Debug)]
pub struct ReusesTheFlag;

impl<R: Runtime> SendSteps<R> for ReusesTheFlag {
    fn reuse(&self, request: &SentRequest<R>) -> Result<Life, Misuse> {
        let was_canceled = request.word().load(Acquire) & CANCELED;
        let life = SendSteps::<R>::reuse(&Reference, request)?;
        request.word().fetch_or(was_canceled, AcqRel);
        Ok(life)
    }
}
impl Fault for ReusesTheFlag {
    const ABOUT: About = About {
        name: "sent-reuses-the-flag",
        edit: "reuse keeps the canceled flag of the life before",
        breaks: Rule::RightSelection,
        scenario: "sent-reuse-after-cancel",
        origin: "specification I8: K is sticky from first cancel until the request is reused",
        ..About::of("sent")
    };
}

/// The packet of the life before is used again as it was left.
#[derive(Debug)]
pub struct ReusesThePacket;

impl<R: Runtime> SendSteps<R> for ReusesThePacket {
    fn reuse(&self, request: &SentRequest<R>) -> Result<Life, Misuse> {
        let renewed = |word: u32| {
            let is_over = word & SENT != 0 && holds(word) == 0;
            if is_over { Ok((word / LIFE + 1) * LIFE) } else { Err(Misuse::NotOwned) }
        };
        request.change(renewed).map(|before| before / LIFE + 1)
    }
}
impl Fault for ReusesThePacket {
    const ABOUT: About = About {
        name: "sent-reuses-the-packet",
        edit: "reuse does not reset the cancel bit of the packet",
        breaks: Rule::RightSelection,
        scenario: "sent-reuse-late-cancel",
        origin: "specification 1: only WdfRequestReuse resets K",
        ..About::of("sent")
    };
}

/// A canceler does not hold the request, so that its life may end under its hands.
#[derive(Debug)]
pub struct CancelsWithoutHolding;

impl<R: Runtime> SendSteps<R> for CancelsWithoutHolding {
    fn cancel(&self, request: &SentRequest<R>, life: Life, by: Canceler) -> CancelSent {
        let noted = |word: u32| if word / LIFE == life { Ok(word | CANCELED) } else { Err(()) };
        let Ok(before) = request.change(noted) else { return CancelSent::NotFound };
        if holds(before) > 0 && request.steps().cancel_below(request, by) {
            CancelSent::Canceled
        } else {
            CancelSent::NotCanceled
        }
    }
}
impl Fault for CancelsWithoutHolding {
    const ABOUT: About = About {
        name: "sent-cancels-without-holding",
        edit: "a canceler does not hold the request while it cancels",
        breaks: Rule::RightSelection,
        scenario: "sent-reuse-late-cancel",
        origin: "specification 2.4: the IRP is held by a completion count",
        ..About::of("sent")
    };
}

/// The canceler that claims runs the completion, and so does whoever lets go last.
#[derive(Debug)]
pub struct CompletesByTheCanceler;

impl<R: Runtime> SendSteps<R> for CompletesByTheCanceler {
    fn cancel(&self, request: &SentRequest<R>, life: Life, by: Canceler) -> CancelSent {
        let answer = SendSteps::<R>::cancel(&Reference, request, life, by);
        if answer == CancelSent::Canceled {
            request.complete(request.word().load(Acquire));
        }
        answer
    }
}
impl Fault for CompletesByTheCanceler {
    const ABOUT: About = About {
        name: "sent-completes-by-the-canceler",
        edit: "a canceler that has won runs the completion itself",
        breaks: Rule::SingleCompletion,
        scenario: "sent-cancel-alone",
        origin: "specification R22: the completion routine runs exactly once",
        ..About::of("sent")
    };
}

/// Whether somebody was the last to let go is looked up after letting go.
#[derive(Debug)]
pub struct LooksAfterLettingGo;

impl<R: Runtime> SendSteps<R> for LooksAfterLettingGo {
    fn let_go(&self, request: &SentRequest<R>) {
        request.word().fetch_sub(HOLD, AcqRel);
        let after = request.word().load(Acquire);
        if holds(after) == 0 {
            request.complete(after);
        }
    }
}
impl Fault for LooksAfterLettingGo {
    const ABOUT: About = About {
        name: "sent-looks-after-letting-go",
        edit: "letting go takes a hold off and then reads how many are left",
        breaks: Rule::SingleCompletion,
        scenario: "sent-cancel",
        origin: "specification T12: decided by a counter reaching zero",
        ..About::of("sent")
    };
}

/// A request that had been canceled before is submitted.
#[derive(Debug)]
pub struct SendsTheCanceled;

impl<R: Runtime> SendSteps<R> for SendsTheCanceled {
    fn send(&self, request: &SentRequest<R>) -> Send {
        let sent = |word: u32| match word & SENT {
            0 => Ok((word | SENT) + HOLD),
            _ => Err(Misuse::NotOwned),
        };
        if let Err(misuse) = request.change(sent) {
            return Send::Refused(misuse);
        }
        request.steps().submit(request);
        Send::Submitted
    }
}
impl Fault for SendsTheCanceled {
    const ABOUT: About = About {
        name: "sent-sends-the-canceled",
        edit: "sending does not look whether the request has been canceled",
        breaks: Rule::RequestCompleted,
        scenario: "sent-cancel-alone",
        origin: "specification R24: never submitted, finishes STATUS_CANCELLED",
        ..About::of("sent")
    };
}

/// The driver below looks before it arms.
#[derive(Debug)]
pub struct LooksBeforeArming;

impl<R: Runtime> SendSteps<R> for LooksBeforeArming {
    fn submit(&self, request: &SentRequest<R>) {
        if request.irp().is_bit_set() {
            request.steps().let_go(request);
        } else {
            request.irp().publish(0);
        }
    }
}
impl Fault for LooksBeforeArming {
    const ABOUT: About = About {
        name: "sent-looks-before-arming",
        edit: "the driver below reads the cancel bit before it publishes its routine, and not after",
        breaks: Rule::RequestCompleted,
        scenario: "sent-cancel-alone",
        origin: "specification R24; rule IrpCancelField",
        ..About::of("sent")
    };
}

/// A timer is not told from its driver.
#[derive(Debug)]
pub struct ForgetsTheTimer;

impl<R: Runtime> SendSteps<R> for ForgetsTheTimer {
    fn cancel_below(&self, request: &SentRequest<R>, _by: Canceler) -> bool {
        SendSteps::<R>::cancel_below(&Reference, request, Canceler::Driver)
    }
}
impl Fault for ForgetsTheTimer {
    const ABOUT: About = About {
        name: "sent-forgets-the-timer",
        edit: "what the timer has canceled ends as canceled",
        breaks: Rule::Linearizable,
        scenario: "sent-timer",
        origin: "specification R23: status becomes STATUS_IO_TIMEOUT if the timer issued the cancel",
        ..About::of("sent")
    };
}

/// A request that is sent can be sent again.
#[derive(Debug)]
pub struct SendsTwice;

impl<R: Runtime> SendSteps<R> for SendsTwice {
    fn send(&self, request: &SentRequest<R>) -> Send {
        if request.word().load(Acquire) & SENT != 0 {
            return Send::Submitted;
        }
        SendSteps::<R>::send(&Reference, request)
    }
}
impl Fault for SendsTwice {
    const ABOUT: About = About {
        name: "sent-sends-twice",
        edit: "sending does not refuse what is sent already",
        breaks: Rule::MisuseRefused,
        scenario: "misuse-send-twice",
        origin: "specification V16",
        ..About::of("sent")
    };
}

/// A request that is sent can be used again.
#[derive(Debug)]
pub struct ReusesTheSent;

impl<R: Runtime> SendSteps<R> for ReusesTheSent {
    fn reuse(&self, request: &SentRequest<R>) -> Result<Life, Misuse> {
        let renewed = |word: u32| Ok::<u32, Misuse>((word / LIFE + 1) * LIFE + holds(word));
        request.change(renewed).map(|before| before / LIFE + 1)
    }
}
impl Fault for ReusesTheSent {
    const ABOUT: About = About {
        name: "sent-reuses-the-sent",
        edit: "reuse does not look whether the request is sent",
        breaks: Rule::MisuseRefused,
        scenario: "misuse-reuse-while-sent",
        origin: "specification V15",
        ..About::of("sent")
    };
}
