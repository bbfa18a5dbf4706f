//! A position: where every request is, and how far every thread has come.

use std::fmt;

use cancelproof_machine::machine::State;

use super::crowd::Crowd;
use super::{Protocol, REQUESTS_MAX};

/// Everything that the protocol knows at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position<C> {
    /// The requests; those beyond the protocol's number never move.
    pub requests: [Request; REQUESTS_MAX],
    /// The cancelers.
    pub crowd: C,
}

/// One request with its driver.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request {
    /// The state of the machine; never *claiming*, which is read off the cancelers that have asked.
    pub state: State,
    /// How far the driver's thread has come.
    pub driver: Driver,
    /// What properties have to remember of the past.
    pub memory: Memory,
}

/// How far the thread of a driver has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Driver {
    /// It owns the request and has done nothing yet.
    Begins,
    /// It has marked and waits for its work.
    Marked,
    /// Its unmark was granted.
    Granted,
    /// Completion is its business and nothing else: a mark was refused as canceled, or it comes second to a meeting.
    Completes,
    /// Its mark has found the request canceled: it has to call the callback.
    Owes,
    /// It runs the callback, which has done nothing yet.
    Running,
    /// It runs the callback, which has done everything.
    Returning,
    /// It has nothing more to do with the request.
    Left,
}

/// What the properties remember of one request, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory(u8);

impl Memory {
    /// A cancel took effect before completion.
    pub const ASKED: Memory = Memory(1);
    /// The last unmark of the latest mark was granted.
    pub const GRANTED: Memory = Memory(1 << 1);
    /// One of driver and callback has come to the meeting.
    pub const MET: Memory = Memory(1 << 2);
    /// The callback of the latest mark has started.
    pub const STARTED: Memory = Memory(1 << 3);
    /// It has started more than once.
    pub const STARTED_AGAIN: Memory = Memory(1 << 4);
    /// A callback has started after completion.
    pub const STARTED_LATE: Memory = Memory(1 << 5);
    /// A callback has started although the unmark of its mark was granted.
    pub const STARTED_AFTER_GRANT: Memory = Memory(1 << 6);
    /// A second completion was accepted.
    pub const COMPLETED_AGAIN: Memory = Memory(1 << 7);

    /// Whether all of `bits` are set.
    #[must_use]
    pub fn has(self, bits: Memory) -> bool {
        self.0 & bits.0 == bits.0
    }

    /// With `bits` set as well.
    #[must_use]
    pub fn with(self, bits: Memory) -> Memory {
        Memory(self.0 | bits.0)
    }

    /// With `bits` cleared.
    #[must_use]
    pub fn without(self, bits: Memory) -> Memory {
        Memory(self.0 & !bits.0)
    }
}

impl Request {
    /// Where a request begins.
    pub const START: Request = Request { state: State::INITIAL, driver: Driver::Begins, memory: Memory(0) };

    /// Whether it has ended.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        matches!(self.state, State::Completed(_))
    }
}

impl<C: Crowd> Position<C> {
    /// The requests that take part.
    #[must_use]
    pub fn requests(&self, protocol: &Protocol) -> &[Request] {
        &self.requests[..protocol.requests]
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; driver {}", self.state, self.driver)
    }
}

impl<C: Crowd> fmt::Debug for Position<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        let used = self.requests.iter().rposition(|request| *request != Request::START).unwrap_or(0);
        for (number, request) in self.requests.iter().enumerate().take(used + 1) {
            map.entry(&format_args!("request {number}"), request);
        }
        for (who, canceler) in self.crowd.members() {
            map.entry(&format_args!("{}", self.crowd.describe(who)), &format_args!("{canceler}"));
        }
        map.finish()
    }
}

impl fmt::Display for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Driver::Begins => "begins",
            Driver::Marked => "has marked",
            Driver::Granted => "may complete",
            Driver::Completes => "must complete",
            Driver::Owes => "owes the callback",
            Driver::Running => "runs the callback",
            Driver::Returning => "returns from the callback",
            Driver::Left => "has left",
        })
    }
}
