//! Requests that a driver makes itself and sends to a driver below: `CancelSentRequest`, timers and reuse.
//!
//! A sent request is *held* by everybody who may still touch its packet: by the submission, until the driver below has
//! ended it, and by every canceler, for as long as it cancels. Whoever gives up the last hold runs the completion, so it
//! runs exactly once, whoever of the three comes last. A canceler that finds no hold comes too late, or too early:
//! then the send finds that it was there, and does not submit.
//!
//! A request may be used again when it has been completed. Each use is a *life* with a number of its own, and a cancel
//! of an earlier life finds nothing. Since a canceler holds the request, a life cannot end under its hands.
//!
//! # Source
//!
//! Section 2.4 of the specification, on `CancelSentRequest`; its races R22 to R25 and T12; `Reuse` in its section 1.

use core::sync::atomic::Ordering::{AcqRel, Acquire};

use super::Irp;
use crate::machine::Misuse;
use crate::request::Status;
use crate::runtime::{Atomic, Runtime};

/// One hold; the holds are the lowest bits.
pub const HOLD: u32 = 1;
const HOLDS: u32 = 0xff;
/// The request was sent in this life.
pub const SENT: u32 = 0x100;
/// Somebody has canceled this life.
pub const CANCELED: u32 = 0x200;
/// The timer has claimed the request.
const TIMED_OUT: u32 = 0x400;
/// The driver below has ended the request with success.
const SUCCEEDED: u32 = 0x800;
/// One life.
pub const LIFE: u32 = 0x1_0000;

/// The number of a life.
pub type Life = u32;

/// What sending answers.
#[must_use = "a request that was not sent is still the caller's"]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Send {
    /// The request was submitted; its completion runs once.
    Submitted,
    /// The request had been canceled: it was not submitted, and its completion runs all the same.
    NotSubmitted,
    /// The call was a misuse and had no effect.
    Refused(Misuse),
}

/// What canceling a sent request answers.
#[must_use = "the answer says whether this call has ended the request"]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CancelSent {
    /// This call has won the request from the driver below.
    Canceled,
    /// It has not: the request was not sent, or has ended; or the driver below, or another canceler, was first.
    NotCanceled,
    /// That life of the request is over.
    NotFound,
}

/// Who cancels a sent request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Canceler {
    /// The driver that has sent it.
    Driver,
    /// The timer that was sent along with it. What it cancels ends with an error instead (`STATUS_IO_TIMEOUT`).
    Timer,
}

/// What the driver that sends is told.
pub trait Sender: core::marker::Send + Sync {
    /// The completion of that life.
    fn on_sent_completed(&self, _life: Life, _status: Status) {}
}

impl Sender for () {}

/// The steps of a sent request, for faults to override.
pub trait SendSteps<R: Runtime>: core::marker::Send + Sync + 'static {
    /// See [`SentRequest::send`].
    fn send(&self, request: &SentRequest<R>) -> Send {
        send(request)
    }

    /// Arms the packet below, and looks whether it has been canceled.
    fn submit(&self, request: &SentRequest<R>) {
        submit(request);
    }

    /// See [`SentRequest::cancel`].
    fn cancel(&self, request: &SentRequest<R>, life: Life, by: Canceler) -> CancelSent {
        cancel(request, life, by)
    }

    /// Notes the cancel and holds the request against its completion; what the word was before.
    fn hold(&self, request: &SentRequest<R>, life: Life) -> Option<u32> {
        hold(request, life)
    }

    /// Claims the packet, and ends it for the driver below if that was granted.
    fn cancel_below(&self, request: &SentRequest<R>, by: Canceler) -> bool {
        cancel_below(request, by)
    }

    /// Gives up a hold, and runs the completion if it was the last.
    fn let_go(&self, request: &SentRequest<R>) {
        let_go(request);
    }

    /// The driver below ends the request.
    fn end_below(&self, request: &SentRequest<R>) {
        end_below(request);
    }

    /// See [`SentRequest::reuse`].
    ///
    /// # Errors
    ///
    /// As there.
    fn reuse(&self, request: &SentRequest<R>) -> Result<Life, Misuse> {
        reuse(request)
    }
}

impl<R: Runtime> SendSteps<R> for super::Reference {}

/// A request that a driver has made to send it.
pub struct SentRequest<R: Runtime> {
    word: R::AtomicU32,
    irp: Irp<R>,
    sender: std::sync::Arc<dyn Sender>,
    steps: Box<dyn SendSteps<R>>,
}

impl<R: Runtime> SentRequest<R> {
    /// A request in its life 0 that was not sent.
    #[must_use]
    #[track_caller]
    pub fn new(sender: std::sync::Arc<dyn Sender>, steps: Box<dyn SendSteps<R>>) -> Self {
        SentRequest { word: R::AtomicU32::new(0), irp: Irp::new(), sender, steps }
    }

    /// Sends it to the driver below.
    pub fn send(&self) -> Send {
        self.steps.send(self)
    }

    /// Cancels that life of it.
    pub fn cancel(&self, life: Life, by: Canceler) -> CancelSent {
        self.steps.cancel(self, life, by)
    }

    /// The driver below ends it with success, unless it is being canceled.
    pub fn end_below(&self) {
        self.steps.end_below(self);
    }

    /// Makes it as good as new: a life begins in which nobody has canceled it.
    ///
    /// # Errors
    ///
    /// Refuses while it is sent, or somebody is canceling it.
    pub fn reuse(&self) -> Result<Life, Misuse> {
        self.steps.reuse(self)
    }

    /// Holds, flags and life.
    pub fn word(&self) -> &R::AtomicU32 {
        &self.word
    }

    /// The packet.
    pub fn irp(&self) -> &Irp<R> {
        &self.irp
    }

    /// The steps.
    #[must_use]
    pub fn steps(&self) -> &dyn SendSteps<R> {
        &*self.steps
    }

    /// Runs the completion of the life that `word` is of.
    pub fn complete(&self, word: u32) {
        let status = match (word & SUCCEEDED != 0, word & TIMED_OUT != 0) {
            (true, _) => Status::Success,
            (false, true) => Status::Error,
            (false, false) => Status::Canceled,
        };
        self.sender.on_sent_completed(word / LIFE, status);
    }

    /// Changes the word in one step, unless `change` finds that it must not be changed; returns the word before.
    ///
    /// # Errors
    ///
    /// Returns the error of `change`.
    pub fn change<E>(&self, change: impl Fn(u32) -> Result<u32, E>) -> Result<u32, E> {
        let mut word = self.word.load(Acquire);
        loop {
            match self.word.compare_exchange(word, change(word)?, AcqRel, Acquire) {
                Ok(before) => return Ok(before),
                Err(newer) => word = newer,
            }
        }
    }
}

impl<R: Runtime> core::fmt::Debug for SentRequest<R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SentRequest").field("word", &self.word).finish_non_exhaustive()
    }
}

/// How many hold the request.
#[must_use]
pub fn holds(word: u32) -> u32 {
    word & HOLDS
}

fn send<R: Runtime>(request: &SentRequest<R>) -> Send {
    let sent = |word: u32| if word & SENT == 0 { Ok((word | SENT) + HOLD) } else { Err(Misuse::NotOwned) };
    match request.change(sent) {
        Err(misuse) => Send::Refused(misuse),
        Ok(before) if before & CANCELED != 0 => {
            request.steps.let_go(request);
            Send::NotSubmitted
        }
        Ok(_) => {
            request.steps.submit(request);
            Send::Submitted
        }
    }
}

fn submit<R: Runtime>(request: &SentRequest<R>) {
    request.irp.publish(0);
    if request.irp.is_bit_set() && request.irp.take().is_some() {
        request.steps.let_go(request);
    }
}

fn cancel<R: Runtime>(request: &SentRequest<R>, life: Life, by: Canceler) -> CancelSent {
    let Some(before) = request.steps.hold(request, life) else { return CancelSent::NotFound };
    if holds(before) == 0 {
        return CancelSent::NotCanceled;
    }
    let is_claimed = request.steps.cancel_below(request, by);
    request.steps.let_go(request);
    if is_claimed { CancelSent::Canceled } else { CancelSent::NotCanceled }
}

fn hold<R: Runtime>(request: &SentRequest<R>, life: Life) -> Option<u32> {
    let held = |word: u32| match word / LIFE == life {
        false => Err(()),
        true if holds(word) == 0 => Ok(word | CANCELED),
        true => Ok((word | CANCELED) + HOLD),
    };
    request.change(held).ok()
}

fn cancel_below<R: Runtime>(request: &SentRequest<R>, by: Canceler) -> bool {
    request.irp.set_bit();
    if request.irp.take().is_none() {
        return false;
    }
    if by == Canceler::Timer {
        request.word.fetch_or(TIMED_OUT, AcqRel);
    }
    request.steps.let_go(request);
    true
}

fn let_go<R: Runtime>(request: &SentRequest<R>) {
    let before = request.word.fetch_sub(HOLD, AcqRel);
    if holds(before) == 1 {
        request.complete(before);
    }
}

fn end_below<R: Runtime>(request: &SentRequest<R>) {
    if request.irp.take().is_some() {
        request.word.fetch_or(SUCCEEDED, AcqRel);
        request.steps.let_go(request);
    }
}

fn reuse<R: Runtime>(request: &SentRequest<R>) -> Result<Life, Misuse> {
    let word = request.word.load(Acquire);
    if word & SENT == 0 || holds(word) > 0 {
        return Err(Misuse::NotOwned);
    }
    // Nobody holds it, so nobody but the caller touches the packet until the new life begins.
    request.irp.reset();
    let renewed =
        |word: u32| if holds(word) == 0 { Ok((word / LIFE + 1) * LIFE) } else { Err(Misuse::NotOwned) };
    request.change(renewed).map(|before| before / LIFE + 1)
}
