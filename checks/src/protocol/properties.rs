//! What must always hold, what must be possible, and what must lead to what.

use cancelproof_machine::contract::MarkAfterCancel;
use cancelproof_machine::machine::{CallbackPhase, State};

use super::crowd::{Canceler, Crowd};
use super::{Driver, Memory, Position, Protocol, moves};

/// Whether a property demands that something holds everywhere or somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// In every position.
    Always,
    /// In at least one.
    Sometimes,
}

/// A property of single positions.
#[derive(Clone, Copy, Debug)]
pub struct Property<C: Crowd> {
    /// Its name.
    pub name: &'static str,
    /// What it demands, in a line.
    pub meaning: &'static str,
    /// Everywhere or somewhere.
    pub demand: Demand,
    /// Whether it holds in a position.
    pub holds: fn(&Protocol, &Position<C>) -> bool,
}

/// A property of runs: wherever one thing holds, another holds then or later.
#[derive(Clone, Copy, Debug)]
pub struct LeadsTo<C: Crowd> {
    /// Its name.
    pub name: &'static str,
    /// What it demands, in a line.
    pub meaning: &'static str,
    /// Whether the protocol promises it.
    pub applies: fn(&Protocol) -> bool,
    /// What begins it, for the request of that number.
    pub from: fn(&Position<C>, usize) -> bool,
    /// What must follow.
    pub to: fn(&Position<C>, usize) -> bool,
}

fn no_request<C: Crowd>(protocol: &Protocol, at: &Position<C>, remembers: Memory) -> bool {
    !at.requests(protocol).iter().any(|request| request.memory.has(remembers))
}

fn some_driver<C: Crowd>(protocol: &Protocol, at: &Position<C>, driver: Driver) -> bool {
    at.requests(protocol).iter().any(|request| request.driver == driver)
}

/// What must hold in every position.
#[must_use]
pub fn always<C: Crowd>() -> Vec<Property<C>> {
    let property = |name, meaning, holds| Property { name, meaning, demand: Demand::Always, holds };
    vec![
        property("exactly-once", "the callback of one mark starts at most once", |protocol, at| {
            no_request(protocol, at, Memory::STARTED_AGAIN)
        }),
        property("never-after-completion", "no callback starts after completion", |protocol, at| {
            no_request(protocol, at, Memory::STARTED_LATE)
        }),
        property(
            "truthful-unmark",
            "after a granted unmark the callback of that mark does not start",
            |protocol, at| no_request(protocol, at, Memory::STARTED_AFTER_GRANT),
        ),
        property("single-completion", "at most one completion is accepted", |protocol, at| {
            no_request(protocol, at, Memory::COMPLETED_AGAIN)
        }),
        property(
            "no-deadlock",
            "as long as somebody is obliged to go on, somebody who is can",
            |protocol, at| !is_deadlocked(protocol, at),
        ),
    ]
}

/// What must be possible, or the protocol is vacuous.
#[must_use]
pub fn sometimes<C: Crowd>(protocol: &Protocol) -> Vec<Property<C>> {
    let property = |name, meaning, holds| Property { name, meaning, demand: Demand::Sometimes, holds };
    let mut all = vec![
        property("an-unmark-is-granted", "a driver gets its mark back", |protocol, at: &Position<C>| {
            some_driver(protocol, at, Driver::Granted)
        }),
        property(
            "completed-uncalled",
            "a request completes and its callback has never started",
            |protocol, at| {
                at.requests(protocol)
                    .iter()
                    .any(|request| request.state == State::Completed(CallbackPhase::NotStarted))
            },
        ),
    ];
    if protocol.cancelers == 0 {
        return all;
    }
    all.push(property("a-canceler-calls-back", "a canceler runs the callback", |_, at| {
        at.crowd.members().any(|(_, canceler)| matches!(canceler, Canceler::Running(_)))
    }));
    all.push(property(
        "asked-and-completed",
        "a request that somebody has asked to cancel completes and nobody was called back",
        |protocol, at| {
            at.requests(protocol).iter().any(|request| {
                request.memory.has(Memory::ASKED)
                    && request.state == State::Completed(CallbackPhase::NotStarted)
            })
        },
    ));
    all.push(match protocol.contract.mark_after_cancel {
        MarkAfterCancel::CallsBack => {
            property("a-mark-calls-back", "a driver's own mark runs the callback", |protocol, at| {
                some_driver(protocol, at, Driver::Running)
            })
        }
        MarkAfterCancel::Refuses | MarkAfterCancel::Ignores => {
            property("a-mark-is-refused", "a mark is refused as canceled", |protocol, at| {
                some_driver(protocol, at, Driver::Completes)
            })
        }
    });
    all
}

/// What must lead to what.
#[must_use]
pub fn leads_to<C: Crowd>() -> Vec<LeadsTo<C>> {
    vec![
        LeadsTo {
            name: "asked-leads-to-end",
            meaning: "a request that somebody has asked to cancel is completed",
            applies: |_| true,
            from: |at, request| at.requests[request].memory.has(Memory::ASKED),
            to: |at, request| at.requests[request].is_completed(),
        },
        LeadsTo {
            name: "every-request-is-completed",
            meaning: "where the work arrives, every request is completed",
            applies: |protocol| protocol.client.work_arrives(),
            from: |_, _| true,
            to: |at, request| at.requests[request].is_completed(),
        },
        LeadsTo {
            name: "claim-leads-to-callback",
            meaning: "a request that a cancel has claimed has its callback started",
            applies: |_| true,
            from: |at, request| at.requests[request].state == State::Canceled(CallbackPhase::NotStarted),
            to: |at, request| at.requests[request].memory.has(Memory::STARTED),
        },
        LeadsTo {
            name: "every-call-ends",
            meaning: "from every moment on there is one at which nobody is inside a cancel of the request",
            // Where cancels are repeated, others may always have begun the next one.
            applies: |protocol| protocol.insistence == super::Insistence::Once,
            from: |_, _| true,
            to: |at, request| {
                !at.crowd.members().any(|(_, canceler)| {
                    canceler.is_calling() && canceler.place() % super::REQUESTS_MAX == request
                })
            },
        },
    ]
}

/// Whether nobody who is obliged to go on can, although somebody is. A cancel that may yet begin does not count: it
/// may as well never begin.
pub(super) fn is_deadlocked<C: Crowd>(protocol: &Protocol, at: &Position<C>) -> bool {
    if moves::obliged(protocol, at) == 0 {
        return false;
    }
    let mut can_move = false;
    moves::each(protocol, at, &mut |step| can_move |= step.is_obliged);
    !can_move
}
