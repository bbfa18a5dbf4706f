//! The search for the walks of one execution through the protocol.
//!
//! Breadth first over configurations: how much of the history has happened, the state of the request, which open calls
//! have taken effect already, and which callbacks have been started or have returned without the other side having
//! noticed. Where the order of the history is real time there is one lane of events; under a weak memory there is one for
//! each thread, and every order between them is tried.

use std::collections::BTreeSet;

use cancelproof_machine::machine::{Call, CallbackPhase, CancelBit, Outcome, Reply, State, step};
use cancelproof_machine::{Contract, Mark, Unmark};
use rustc_hash::FxHashMap;

use super::reference::inside_the_callback;
use super::{Departure, Edge, Step};
use crate::history::{Arming, Event, History, Operation, Order, Thread};

/// Whether one execution is a walk through the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Walk {
    /// It is.
    Follows(Walks),
    /// It is not.
    Departs(Departure),
}

/// The edges of all walks that explain one execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walks {
    /// Those of some walk.
    pub possible: BTreeSet<Edge>,
    /// Those of every walk: the execution cannot be explained without them.
    pub certain: BTreeSet<Edge>,
}

/// Finds the walks of `history`, or the step at which it departs. A history that was cut short may end anywhere.
///
/// # Example
///
/// ```
/// use cancelproof::history::{Event, History, Order, Title};
/// use cancelproof::model::machine::{Call, Reply};
/// use cancelproof::model::{Cancel, Contract};
/// use cancelproof::staircase::{Walk, walk};
///
/// // A cancel of a request that nobody has marked claims nothing that anybody marks later.
/// let called = Event::Called { thread: 0, call: Call::Cancel, title: Title::Entitled, arming: None };
/// let answered = |answer| Event::Answered { thread: 0, reply: Reply::Cancel(answer) };
/// let history = |answer| History {
///     events: vec![called, answered(answer), Event::Settled],
///     order: Order::RealTime,
/// };
/// assert!(matches!(walk(&history(Cancel::NotClaimed), &Contract::UMDF_1), Walk::Follows(_)));
/// let Walk::Departs(departure) = walk(&history(Cancel::NotFound), &Contract::UMDF_1) else { panic!() };
/// assert_eq!(departure.step.to_string(), "thread 0: cancel = not found");
/// ```
#[must_use]
pub fn walk(history: &History, contract: &Contract) -> Walk {
    let mut search = Search::new(history, contract);
    search.run();
    let ends: Vec<usize> = (0..search.configurations.len()).filter(|&at| search.is_end(at)).collect();
    if ends.is_empty() {
        return Walk::Departs(search.departure(history));
    }
    let possible = search.edges_to(&ends, None);
    let certain = possible.iter().filter(|&&edge| search.edges_to(&ends, Some(edge)).is_empty());
    Walk::Follows(Walks { certain: certain.copied().collect(), possible })
}

/// Something that a lane has to offer next.
#[derive(Clone, Copy)]
enum Seen {
    Called,
    Answered { operation: usize, reply: Reply },
    Started { thread: Thread, arming: Arming },
    Returned { thread: Thread },
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Configuration {
    /// How many events of each lane have happened.
    happened: Vec<u8>,
    state: State,
    /// The calls that have been made and not answered, and those of them that have taken effect, a bit each.
    open: u64,
    effected: u64,
    /// In the state [`State::Asked`], the cancel that asked: it claims before it is answered.
    asker: Option<u8>,
    /// The mark that was accepted last: it is its callback that is owed.
    marked: Option<Arming>,
    /// Callbacks that have started before their first instruction.
    started: u8,
    /// Callbacks that run.
    running: u8,
    /// The threads on which a callback has returned and the request has not taken note of it: a bit each.
    returned: u64,
}

struct Search<'a> {
    contract: &'a Contract,
    inside: Contract,
    operations: Vec<Operation>,
    lanes: Vec<Vec<(Seen, usize)>>,
    is_settled: bool,
    configurations: Vec<Configuration>,
    numbers: FxHashMap<Configuration, usize>,
    /// From where, by which edge if any, to where.
    steps: Vec<(usize, Option<Edge>, usize)>,
}

impl<'a> Search<'a> {
    fn new(history: &History, contract: &'a Contract) -> Self {
        let operations = history.operations();
        let lanes = lanes(history, &operations);
        let first = Configuration {
            happened: vec![0; lanes.len()],
            state: State::INITIAL,
            open: 0,
            effected: 0,
            asker: None,
            marked: None,
            started: 0,
            running: 0,
            returned: 0,
        };
        Search {
            contract,
            inside: inside_the_callback(contract),
            operations,
            lanes,
            is_settled: history.is_settled(),
            numbers: std::iter::once((first.clone(), 0)).collect(),
            configurations: vec![first],
            steps: Vec::new(),
        }
    }

    fn run(&mut self) {
        let mut at = 0;
        while at < self.configurations.len() {
            let here = self.configurations[at].clone();
            for lane in 0..self.lanes.len() {
                self.let_happen(at, &here, lane);
            }
            for operation in 0..self.operations.len() {
                self.let_take_effect(at, &here, operation);
            }
            for outcome in step(self.contract, here.state, Call::Claim).iter() {
                self.take(at, &here, Call::Claim, outcome, here.clone());
            }
            for outcome in step(self.contract, here.state, Call::CallbackStart).iter() {
                let next = Configuration { started: here.started + 1, ..here.clone() };
                self.take(at, &here, Call::CallbackStart, outcome, next);
            }
            if self.contract.waits_for_callbacks() {
                // What waits for the callback answers as if it had returned before it completed the request, so the
                // return may be anywhere after the start.
                for outcome in step(self.contract, here.state, Call::CallbackReturn).iter() {
                    self.take(at, &here, Call::CallbackReturn, outcome, here.clone());
                }
            }
            for thread in (0..u64::BITS).filter(|thread| here.returned >> thread & 1 == 1) {
                for outcome in step(self.contract, here.state, Call::CallbackReturn).iter() {
                    let next = Configuration { returned: here.returned & !(1 << thread), ..here.clone() };
                    self.take(at, &here, Call::CallbackReturn, outcome, next);
                }
            }
            at += 1;
        }
    }

    /// The next event of a lane happens, if it can.
    fn let_happen(&mut self, at: usize, here: &Configuration, lane: usize) {
        let Some(&(seen, place)) = self.lanes[lane].get(usize::from(here.happened[lane])) else { return };
        let mut next = here.clone();
        next.happened[lane] += 1;
        match seen {
            Seen::Called => {
                let operation = self.operations.iter().position(|operation| operation.called == place);
                next.open |= 1 << operation.unwrap_or(0);
            }
            Seen::Answered { operation, reply } => {
                let bit = 1 << operation;
                if here.effected & bit == 0 || !self.may_be_answered(here, operation, reply) {
                    return;
                }
                next.open &= !bit;
                next.effected &= !bit;
            }
            Seen::Started { arming, .. } => match next.started.checked_sub(1) {
                Some(started) if here.marked == Some(arming) => {
                    next.started = started;
                    next.running += 1;
                }
                _ => return,
            },
            Seen::Returned { thread } => {
                next.running = next.running.saturating_sub(1);
                next.returned |= if self.contract.waits_for_callbacks() { 0 } else { 1 << thread };
            }
        }
        self.reach(at, None, next);
    }

    /// An open call takes effect with the answer that it will get, or, if it was never answered, with any.
    fn let_take_effect(&mut self, at: usize, here: &Configuration, operation: usize) {
        let bit = 1 << operation;
        if here.open & bit == 0 || here.effected & bit != 0 {
            return;
        }
        let Operation { call, arming, .. } = self.operations[operation];
        let is_inside = arming.is_some() && call != Call::Mark;
        let contract = if is_inside { self.inside } else { *self.contract };
        let answer = self.operations[operation].reply();
        for outcome in step(&contract, here.state, call).iter() {
            if answer.is_none_or(|answer| answer.agrees_with(outcome.reply, &contract)) {
                let is_accepted = outcome.reply == Reply::Mark(Mark::Marked);
                let marked = if is_accepted { arming } else { here.marked };
                let asker = here.asker.or(Some(operation as u8));
                let next = Configuration { effected: here.effected | bit, asker, marked, ..here.clone() };
                self.take(at, here, call, outcome, next);
            }
        }
    }

    fn take(&mut self, at: usize, here: &Configuration, call: Call, outcome: Outcome, next: Configuration) {
        let edge = Edge { from: here.state, call, reply: outcome.reply, to: outcome.state };
        let asker = next.asker.filter(|_| outcome.state == State::Asked);
        self.reach(at, Some(edge), Configuration { state: outcome.state, asker, ..next });
    }

    fn reach(&mut self, at: usize, edge: Option<Edge>, next: Configuration) {
        let number = *self.numbers.entry(next).or_insert_with_key(|next| {
            self.configurations.push(next.clone());
            self.configurations.len() - 1
        });
        self.steps.push((at, edge, number));
    }

    /// Whether a call may be answered that has taken effect: the callbacks let it, and it has not still to claim.
    fn may_be_answered(&self, here: &Configuration, operation: usize, reply: Reply) -> bool {
        let Operation { thread, arming, .. } = self.operations[operation];
        if here.asker == Some(operation as u8) {
            return false;
        }
        let has_waited =
            self.contract.unmark_waits() && arming.is_none() && reply == Reply::Unmark(Unmark::Canceled);
        if has_waited && (here.running > 0 || here.started > 0) {
            return false;
        }
        // A callback that was made by this call has returned to it before it is answered.
        let is_unnoticed = here.returned >> thread & 1 == 1;
        !is_unnoticed || self.is_free(here)
    }

    /// Whether there is no state from which the callback could return: of a request that is wrong, it is the step that
    /// led there that is named.
    fn is_free(&self, here: &Configuration) -> bool {
        step(self.contract, here.state, Call::CallbackReturn).is_empty()
    }

    fn consumed(&self, at: usize) -> usize {
        self.configurations[at].happened.iter().map(|&happened| usize::from(happened)).sum()
    }

    /// Whether everything has happened and nothing is owed.
    fn is_end(&self, at: usize) -> bool {
        let here = &self.configurations[at];
        let has_happened = self.consumed(at) == self.lanes.iter().map(Vec::len).sum::<usize>();
        let is_owed = matches!(
            here.state,
            State::Pending(CancelBit::Claiming) | State::Asked | State::Canceled(CallbackPhase::NotStarted)
        );
        has_happened && (!self.is_settled || here.started == 0 && !is_owed)
    }

    /// The edges on ways from the beginning to one of `ends` that do without `without`.
    fn edges_to(&self, ends: &[usize], without: Option<Edge>) -> BTreeSet<Edge> {
        let allowed = |edge: &Option<Edge>| edge.is_none() || *edge != without;
        // Steps lead from known configurations to later or earlier ones, so both directions are closed by repetition.
        let mut forwards = vec![false; self.configurations.len()];
        forwards[0] = true;
        let there = || self.steps.iter().filter(|step| allowed(&step.1)).map(|step| (step.0, step.2));
        close(&mut forwards, there);
        let mut backwards = vec![false; self.configurations.len()];
        for &end in ends.iter().filter(|&&end| forwards[end]) {
            backwards[end] = true;
        }
        let back = || self.steps.iter().rev().filter(|step| allowed(&step.1)).map(|step| (step.2, step.0));
        close(&mut backwards, back);
        let used = self.steps.iter().filter(|step| allowed(&step.1) && forwards[step.0] && backwards[step.2]);
        used.filter_map(|step| step.1).collect()
    }

    /// The step at which the furthest configurations are stuck.
    fn departure(&self, history: &History) -> Departure {
        let most = (0..self.configurations.len()).map(|at| self.consumed(at)).max().unwrap_or(0);
        let furthest: Vec<usize> =
            (0..self.configurations.len()).filter(|&at| self.consumed(at) == most).collect();
        let happened = &self.configurations[furthest[0]].happened;
        let stuck =
            happened.iter().zip(&self.lanes).find_map(|(&happened, lane)| lane.get(usize::from(happened)));
        let (step, place) = match stuck {
            Some(&(Seen::Answered { operation, reply }, place)) => {
                let Operation { thread, call, .. } = self.operations[operation];
                (Step::Answer { thread, call, reply }, place)
            }
            Some(&(Seen::Started { thread, arming }, place)) => (Step::Start { thread, arming }, place),
            // Calls and returns are never stuck.
            _ => (Step::End, history.events.len()),
        };
        let mut states: Vec<State> = furthest
            .iter()
            .map(|&at| &self.configurations[at])
            .filter(|here| here.happened == *happened && self.has_yet_to_answer(here, step))
            .map(|here| here.state)
            .collect();
        states.sort_unstable();
        states.dedup();
        Departure::new(step, states, history, place, self.contract)
    }

    /// Of the furthest configurations, those in which the stuck call may still take effect say what it could answer.
    fn has_yet_to_answer(&self, here: &Configuration, step: Step) -> bool {
        let Step::Answer { thread, .. } = step else { return here.started == 0 };
        let is_open = |operation: usize| here.open >> operation & 1 == 1;
        let innermost = (0..self.operations.len())
            .rfind(|&operation| is_open(operation) && self.operations[operation].thread == thread);
        innermost.is_none_or(|operation| here.effected >> operation & 1 == 0)
    }
}

/// The events by lanes, each with its place in the history.
fn lanes(history: &History, operations: &[Operation]) -> Vec<Vec<(Seen, usize)>> {
    let mut lanes: Vec<(Thread, Vec<(Seen, usize)>)> = Vec::new();
    for (place, event) in history.events.iter().enumerate() {
        let (thread, seen) = match *event {
            Event::Called { thread, .. } => (thread, Seen::Called),
            Event::Answered { thread, reply } => {
                let is_it = |operation: &Operation| operation.answer.is_some_and(|(at, _)| at == place);
                let Some(operation) = operations.iter().position(is_it) else { continue };
                (thread, Seen::Answered { operation, reply })
            }
            Event::CallbackStarted { thread, arming } => (thread, Seen::Started { thread, arming }),
            Event::CallbackReturned { thread, .. } => (thread, Seen::Returned { thread }),
            Event::Released { .. } | Event::Settled => continue,
        };
        let lane = if history.order == Order::RealTime { 0 } else { thread };
        match lanes.iter_mut().find(|(known, _)| *known == lane) {
            Some((_, events)) => events.push((seen, place)),
            None => lanes.push((lane, vec![(seen, place)])),
        }
    }
    lanes.into_iter().map(|(_, events)| events).collect()
}

/// Marks everything that the steps reach from what is marked.
fn close<I: Iterator<Item = (usize, usize)>>(marked: &mut [bool], steps: impl Fn() -> I) {
    loop {
        let mut has_changed = false;
        for (from, to) in steps() {
            if marked[from] && !marked[to] {
                marked[to] = true;
                has_changed = true;
            }
        }
        if !has_changed {
            return;
        }
    }
}
