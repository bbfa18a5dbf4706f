//! The protocol: the abstract machine with its threads, explored as explicit positions.
//!
//! Real code is exhausted for a handful of threads. Its protocol is far smaller: one position for each state of each
//! request and each point that a thread has come to, and one move for each call that takes effect. So it is exhausted
//! for many threads and several requests, its liveness is decided exactly, and one abstraction of it settles any number
//! of cancelers. The [staircase](crate::staircase) then holds real code to it.
//!
//! # Who takes part
//!
//! Each request has a driver's thread of its own, which behaves as the [`Client`] says. Each canceler cancels every
//! request once, one after another, and begins each of these calls only if it likes: nobody has to cancel. A canceler
//! that claims a request calls its callback, and a driver whose mark finds the request canceled calls it itself.
//!
//! # Where the moves come from
//!
//! Every move is an outcome of [`machine::step`](cancelproof_machine::machine::step); the protocol adds only who makes
//! the call. One thing has to be said about the *claiming* state, by which the machine lets a cancel promise to claim a
//! mark that is still to come. Promises cannot be explored forwards: most of them would never be kept. The protocol
//! therefore does not promise; a canceler that finds the request pending has *asked*, and as long as it has not let go
//! again, the request is pending with the bit set and may as well be claiming. A mark chooses between the two. This is
//! also what code of the IRP kind does, which sets the bit first and takes the routine second.
//!
//! # What is left out
//!
//! Two points of a contract are not explored here, and code is held to them by the rules and the
//! [staircase](crate::staircase) alone. Where a cancel asks first and claims later
//! ([`CancelClaims::AfterItAsked`](cancelproof_machine::contract::CancelClaims::AfterItAsked)), a canceler that finds the
//! request marked claims it in the step in which it asks, so no position has the state in which it has only asked. And
//! drivers complete only what they have unmarked, so no completion waits for a callback.
//!
//! # Fairness
//!
//! Liveness is decided under weak fairness of each thread: a thread that is obliged to go on, and can, from some point
//! on without a break, goes on. Beginning a cancel is nobody's obligation, and under two of the clients the work may
//! never arrive.

pub mod any_number;
pub(crate) mod browse;
pub mod components;
mod crowd;
pub mod explorer;
pub mod faults;
pub mod graph;
pub mod liveness;
mod moves;
mod position;
pub mod properties;
pub mod verification;

use std::fmt;

use cancelproof_machine::Contract;
use cancelproof_machine::contract::{CancelWhileUnmarked, CompleteAfterCancel};

pub use crowd::{Canceler, Cancelers, Counted, Crowd, Many};
pub use faults::Fault;
pub use moves::{Act, Actor, Move};
pub use position::{Driver, Memory, Position, Request};

/// The most requests that a position has room for.
pub const REQUESTS_MAX: usize = 3;

/// The most cancelers that a position has room for.
pub const CANCELERS_MAX: usize = 16;

/// What the driver of each request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Client {
    /// Marks (or completes at once) and waits for work that may never arrive; if it does, unmarks and completes. The
    /// callback completes what was canceled.
    Waits,
    /// As [`Client::Waits`], but the work arrives.
    Finishes,
    /// As [`Client::Waits`], but after a granted unmark it may mark again, any number of times.
    Rearms,
    /// As [`Client::Finishes`], but after a refused unmark the later of driver and callback completes.
    Meets,
}

/// How often each canceler goes through the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Insistence {
    /// Once.
    Once,
    /// Again and again, without end.
    Again,
}

/// One protocol: how many take part, what they do, and by which rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Protocol {
    /// The rules of the framework.
    pub contract: Contract,
    /// How many requests there are, from 1 to [`REQUESTS_MAX`].
    pub requests: usize,
    /// How many cancelers there are, up to [`CANCELERS_MAX`].
    pub cancelers: usize,
    /// What the drivers do.
    pub client: Client,
    /// What the cancelers do.
    pub insistence: Insistence,
    /// What is wrong with it.
    pub fault: Option<Fault>,
}

impl Protocol {
    /// The correct protocol of one request under `contract`, whose driver finishes, with `cancelers` that cancel once.
    #[must_use]
    pub fn new(contract: Contract, cancelers: usize) -> Self {
        Protocol {
            contract,
            requests: 1,
            cancelers,
            client: Client::Finishes,
            insistence: Insistence::Once,
            fault: None,
        }
    }

    /// Whether the protocol speaks of frameworks with this contract: where a cancel of an unmarked request is remembered,
    /// unmark is offered, one mark does not replace another, and a canceled request still has to be completed. Elsewhere the properties mean something else.
    #[must_use]
    pub fn speaks_of(contract: &Contract) -> bool {
        contract.cancel_while_unmarked == CancelWhileUnmarked::Remembers
            && contract.complete_after_cancel == CompleteAfterCancel::Needed
            && contract.offers_unmark()
            && !contract.marks_replace()
            && contract.is_as_windows_elsewhere()
    }

    /// Where everything begins, with these cancelers.
    #[must_use]
    pub fn start<C: Crowd>(&self, crowd: C) -> Position<C> {
        Position { requests: [Request::START; REQUESTS_MAX], crowd }
    }
}

impl Client {
    /// Every client.
    pub const ALL: [Client; 4] = [Client::Waits, Client::Finishes, Client::Rearms, Client::Meets];

    /// The name on the command line and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Client::Waits => "waits",
            Client::Finishes => "finishes",
            Client::Rearms => "rearms",
            Client::Meets => "meets",
        }
    }

    /// The client of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Client> {
        Client::ALL.into_iter().find(|client| client.name() == name)
    }

    /// What it does, in a line.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Client::Waits => "marks and waits for work that may never arrive",
            Client::Finishes => "marks and finishes",
            Client::Rearms => "marks and unmarks any number of times, and its work may never arrive",
            Client::Meets => "marks and finishes; after a refusal the later of driver and callback completes",
        }
    }

    /// Whether the driver is obliged to go on after its mark.
    pub(crate) fn work_arrives(self) -> bool {
        matches!(self, Client::Finishes | Client::Meets)
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count, noun| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
        write!(f, "{}, ", plural(self.requests, "request"))?;
        write!(f, "{}, the driver {}", plural(self.cancelers, "canceler"), self.client)?;
        if self.insistence == Insistence::Again {
            f.write_str(", cancels are repeated")?;
        }
        write!(f, ", {}", self.contract)?;
        match self.fault {
            Some(fault) => write!(f, ", with the fault {}", fault.name()),
            None => Ok(()),
        }
    }
}
