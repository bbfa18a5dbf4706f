//! The moves: what each thread may do in a position, and where it leads.
//!
//! Written once over any [`Crowd`], so that the protocol of so many cancelers and the protocol of any number of them
//! have the same moves.

use std::fmt;

use cancelproof_machine::machine::{Call, CallbackPhase, CancelBit, Outcome, Reply, State};
use cancelproof_machine::{Complete, Mark, Unmark};

use super::crowd::{Canceler, Crowd};
use super::{Client, Driver, Memory, Position, Protocol, Request};

/// A thread of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor<W> {
    /// The driver of the request of that number.
    Driver(u8),
    /// A canceler.
    Canceler(W),
}

/// What a thread does in one move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// A call takes effect with this answer.
    Call(Call, Reply),
    /// A mark takes effect, and one of the cancelers that have asked claims it.
    MarkClaimed,
    /// A cancel finds a pending request: the bit is set, and the canceler has not looked for a routine yet.
    Ask,
    /// The canceler finds no routine: its cancel does not claim.
    LetGo,
    /// The callback comes first to its meeting with the driver, and leaves completion to it.
    Meet,
    /// A faulty thread looks again at what has not changed.
    LookAgain,
    /// A faulty thread forgets the callback that it owes.
    Forget,
}

/// One move.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Move<C: Crowd> {
    /// Who makes it.
    pub actor: Actor<C::Who>,
    /// The request it is about.
    pub request: u8,
    /// What is done.
    pub act: Act,
    /// Whether the thread must make a move sooner or later.
    pub is_obliged: bool,
    /// Where it leads.
    pub next: Position<C>,
}

impl<W: Copy> Actor<W> {
    /// The bit that stands for this thread in a set of threads; `number` names cancelers.
    pub(super) fn bit(self, number: impl Fn(W) -> u32) -> u32 {
        match self {
            Actor::Driver(request) => 1 << request,
            Actor::Canceler(who) => 1 << (super::REQUESTS_MAX as u32 + number(who)),
        }
    }
}

/// Calls `emit` with every move that is possible in `at`.
pub(super) fn each<C: Crowd>(protocol: &Protocol, at: &Position<C>, emit: &mut dyn FnMut(Move<C>)) {
    for number in 0..protocol.requests as u8 {
        Turn::new(protocol, at, Actor::Driver(number), number, emit).drive();
    }
    for (who, canceler) in at.crowd.members() {
        let (Canceler::Ready(number)
        | Canceler::Asked(number)
        | Canceler::Owes(number)
        | Canceler::Running(number)
        | Canceler::Returning(number)) = canceler
        else {
            continue;
        };
        Turn::new(protocol, at, Actor::Canceler(who), number, emit).cancel(who, canceler);
    }
}

/// The drivers and cancelers that are obliged to go on, whether or not they can.
pub(super) fn obliged<C: Crowd>(protocol: &Protocol, at: &Position<C>) -> u32 {
    let drivers = at.requests(protocol).iter().enumerate().filter(|(_, request)| match request.driver {
        Driver::Marked => protocol.client.work_arrives(),
        Driver::Left => false,
        _ => true,
    });
    let drivers = drivers.map(|(number, _)| Actor::<C::Who>::Driver(number as u8).bit(C::number));
    let cancelers = at.crowd.members().filter(|(_, canceler)| canceler.is_calling());
    let cancelers = cancelers.map(|(who, _)| Actor::Canceler(who).bit(C::number));
    drivers.chain(cancelers).fold(0, |set, bit| set | bit)
}

/// One thread about to move, in one position, on one request.
struct Turn<'a, C: Crowd> {
    protocol: &'a Protocol,
    at: &'a Position<C>,
    actor: Actor<C::Who>,
    number: u8,
    request: Request,
    emit: &'a mut dyn FnMut(Move<C>),
}

impl<'a, C: Crowd> Turn<'a, C> {
    fn new(
        protocol: &'a Protocol,
        at: &'a Position<C>,
        actor: Actor<C::Who>,
        number: u8,
        emit: &'a mut dyn FnMut(Move<C>),
    ) -> Self {
        Turn { protocol, at, actor, number, request: at.requests[usize::from(number)], emit }
    }

    fn drive(mut self) {
        match self.request.driver {
            Driver::Begins => {
                self.mark();
                self.complete();
            }
            Driver::Marked => self.unmark(),
            Driver::Granted => {
                self.complete();
                if self.protocol.client == Client::Rearms {
                    self.mark();
                }
            }
            Driver::Completes => self.complete(),
            Driver::Owes => self.start_callback(|request| request.driver = Driver::Running, None),
            Driver::Running => self.run_callback(|request| request.driver = Driver::Returning, None),
            Driver::Returning => self.return_from_callback(|request| request.driver = Driver::Marked, None),
            Driver::Left => {}
        }
    }

    fn cancel(mut self, who: C::Who, canceler: Canceler) {
        let after = Canceler::after(self.protocol, self.number);
        match canceler {
            Canceler::Ready(_) => self.ask(who),
            Canceler::Asked(number) if self.protocol.looks_again(self.request.state) => {
                self.move_canceler(who, Canceler::Asked(number), Act::LookAgain, self.request);
            }
            Canceler::Asked(_) => self.move_canceler(who, after, Act::LetGo, self.request),
            Canceler::Owes(_) if self.protocol.forgets_callbacks() => {
                self.move_canceler(who, after, Act::Forget, self.request);
            }
            Canceler::Owes(number) => {
                self.start_callback(|_| {}, Some((who, Canceler::Running(number))));
            }
            Canceler::Running(number) => {
                self.run_callback(|_| {}, Some((who, Canceler::Returning(number))));
            }
            Canceler::Returning(_) => self.return_from_callback(|_| {}, Some((who, after))),
            Canceler::Ended => {}
        }
    }

    fn outcomes(&self, call: Call) -> [Option<Outcome>; 2] {
        self.protocol.outcomes(self.request.state, call)
    }

    fn mark(&mut self) {
        for outcome in self.outcomes(Call::Mark).into_iter().flatten() {
            let mut after = self.request;
            after.state = outcome.state;
            after.driver = match outcome.reply {
                Reply::Mark(Mark::Marked) if outcome.state == OWED => Driver::Owes,
                Reply::Mark(Mark::Marked) => Driver::Marked,
                Reply::Mark(Mark::Canceled) => Driver::Completes,
                _ => Driver::Left,
            };
            after.memory = fresh(after.memory);
            self.move_driver(Act::Call(Call::Mark, outcome.reply), after);
        }
        self.mark_for_one_who_asked();
    }

    /// While somebody has asked and not let go, the request may as well be claiming.
    fn mark_for_one_who_asked(&mut self) {
        let claiming = State::Pending(CancelBit::Claiming);
        let asked = Canceler::Asked(self.number);
        for outcome in self.protocol.outcomes(claiming, Call::Mark).into_iter().flatten() {
            if outcome.state != OWED {
                continue;
            }
            for (who, _) in self.at.crowd.members().filter(|(_, canceler)| *canceler == asked) {
                let mut after = self.request;
                after.state = outcome.state;
                after.driver = Driver::Marked;
                after.memory = fresh(after.memory);
                for crowd in self.at.crowd.moved(who, Canceler::Owes(self.number)) {
                    self.make(Act::MarkClaimed, after, crowd, true);
                }
            }
        }
    }

    fn unmark(&mut self) {
        let is_obliged = self.protocol.client.work_arrives();
        for outcome in self.outcomes(Call::Unmark).into_iter().flatten() {
            let mut after = self.request;
            after.state = outcome.state;
            after.driver = match outcome.reply {
                Reply::Unmark(Unmark::Unmarked) => {
                    after.memory = after.memory.with(Memory::GRANTED);
                    Driver::Granted
                }
                Reply::Unmark(Unmark::Canceled) if self.protocol.ignores_refusals() => Driver::Completes,
                Reply::Unmark(Unmark::Canceled) if self.protocol.client == Client::Meets => {
                    let is_second = after.memory.has(Memory::MET);
                    after.memory = after.memory.with(Memory::MET);
                    if is_second { Driver::Completes } else { Driver::Left }
                }
                _ => Driver::Left,
            };
            self.make(Act::Call(Call::Unmark, outcome.reply), after, self.at.crowd, is_obliged);
        }
    }

    fn complete(&mut self) {
        for outcome in self.outcomes(Call::Complete).into_iter().flatten() {
            let mut after = completed(self.request, outcome);
            after.driver = Driver::Left;
            self.move_driver(Act::Call(Call::Complete, outcome.reply), after);
        }
    }

    fn ask(&mut self, who: C::Who) {
        let after_call = Canceler::after(self.protocol, self.number);
        let mut after = self.request;
        if !after.is_completed() {
            after.memory = after.memory.with(Memory::ASKED);
        }
        if let State::Pending(_) = after.state {
            after.state = State::Pending(CancelBit::Set);
            for crowd in self.at.crowd.moved(who, Canceler::Asked(self.number)) {
                self.make(Act::Ask, after, crowd, false);
            }
            return;
        }
        for outcome in self.outcomes(Call::Cancel).into_iter().flatten() {
            after.state = outcome.state;
            let to = match outcome.reply {
                Reply::Cancel(cancelproof_machine::Cancel::Claimed) => Canceler::Owes(self.number),
                _ if self.protocol.looks_again(after.state) => Canceler::Asked(self.number),
                _ => after_call,
            };
            for crowd in self.at.crowd.moved(who, to) {
                self.make(Act::Call(Call::Cancel, outcome.reply), after, crowd, false);
            }
        }
    }

    /// Whoever owes the callback starts it: a canceler that comes to the point in `to`, or else the driver.
    fn start_callback(&mut self, step: impl Fn(&mut Request), to: Option<(C::Who, Canceler)>) {
        for outcome in self.outcomes(Call::CallbackStart).into_iter().flatten() {
            let mut after = self.request;
            let started =
                if after.memory.has(Memory::STARTED) { Memory::STARTED_AGAIN } else { Memory::STARTED };
            after.memory = after.memory.with(started);
            if after.is_completed() {
                after.memory = after.memory.with(Memory::STARTED_LATE);
            }
            if after.memory.has(Memory::GRANTED) {
                after.memory = after.memory.with(Memory::STARTED_AFTER_GRANT);
            }
            after.state = outcome.state;
            step(&mut after);
            self.move_runner(Act::Call(Call::CallbackStart, Reply::Done), after, to);
        }
    }

    fn run_callback(&mut self, step: impl Fn(&mut Request), to: Option<(C::Who, Canceler)>) {
        if self.protocol.client == Client::Meets && !self.request.memory.has(Memory::MET) {
            let mut after = self.request;
            after.memory = after.memory.with(Memory::MET);
            step(&mut after);
            self.move_runner(Act::Meet, after, to);
            return;
        }
        for outcome in self.outcomes(Call::Complete).into_iter().flatten() {
            let mut after = completed(self.request, outcome);
            step(&mut after);
            self.move_runner(Act::Call(Call::Complete, outcome.reply), after, to);
        }
    }

    fn return_from_callback(&mut self, step: impl Fn(&mut Request), to: Option<(C::Who, Canceler)>) {
        for outcome in self.outcomes(Call::CallbackReturn).into_iter().flatten() {
            let mut after = self.request;
            after.state = outcome.state;
            step(&mut after);
            self.move_runner(Act::Call(Call::CallbackReturn, Reply::Done), after, to);
        }
    }

    fn move_runner(&mut self, act: Act, after: Request, to: Option<(C::Who, Canceler)>) {
        match to {
            None => self.move_driver(act, after),
            Some((who, canceler)) => self.move_canceler(who, canceler, act, after),
        }
    }

    fn move_driver(&mut self, act: Act, after: Request) {
        self.make(act, after, self.at.crowd, true);
    }

    fn move_canceler(&mut self, who: C::Who, to: Canceler, act: Act, after: Request) {
        for crowd in self.at.crowd.moved(who, to) {
            self.make(act, after, crowd, true);
        }
    }

    fn make(&mut self, act: Act, after: Request, crowd: C, is_obliged: bool) {
        let mut requests = self.at.requests;
        requests[usize::from(self.number)] = after;
        let next = Position { requests, crowd };
        (self.emit)(Move { actor: self.actor, request: self.number, act, is_obliged, next });
    }
}

/// A mark that leads here has been claimed.
const OWED: State = State::Canceled(CallbackPhase::NotStarted);

/// What is remembered of a request that is marked anew.
fn fresh(memory: Memory) -> Memory {
    memory.without(Memory::GRANTED.with(Memory::STARTED))
}

fn completed(mut request: Request, outcome: Outcome) -> Request {
    if outcome.reply == Reply::Complete(Complete::Completed) && request.is_completed() {
        request.memory = request.memory.with(Memory::COMPLETED_AGAIN);
    }
    request.state = outcome.state;
    request
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Act::Call(call, Reply::Done) => write!(f, "{call}"),
            Act::Call(call, reply) => write!(f, "{call} = {reply}"),
            Act::MarkClaimed => f.write_str("mark = marked; a canceler that asked claims"),
            Act::Ask => f.write_str("cancel: sets the bit"),
            Act::LetGo => f.write_str("cancel = not claimed"),
            Act::Meet => f.write_str("the callback leaves completion to the driver"),
            Act::LookAgain => f.write_str("cancel: looks again"),
            Act::Forget => f.write_str("cancel = claimed; the callback is forgotten"),
        }
    }
}

impl<C: Crowd> fmt::Debug for Move<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.actor {
            Actor::Driver(number) => write!(f, "driver {number}: {}", self.act),
            Actor::Canceler(who) => {
                write!(f, "{}, request {}: {}", self.next.crowd.describe(who), self.request, self.act)
            }
        }
    }
}
