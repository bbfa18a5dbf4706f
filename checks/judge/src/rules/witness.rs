//! The search for a run of the machine that explains what the calls answered.
//!
//! A history is explained when its calls can be put into one order that keeps the history's own order and in which
//! the machine allows every answer. Callbacks are not fixed to the instant at which the harness saw them start: a
//! request decides to start a callback a few steps before the first instruction of it runs. So the machine may start
//! and end an owed callback anywhere in the search, and the rules about callbacks judge the events themselves.

use cancelproof_machine::Contract;
use cancelproof_machine::contract::MarkAfterCancel;
use cancelproof_machine::machine::{Call, CallbackPhase, CancelBit, Outcome, Reply, State, step};
use cancelproof_machine::{Complete, Mark, Unmark};
use rustc_hash::FxHashSet;

use crate::coverage::Edge;
use crate::history::{Event, History, Operation, Order, Title};

/// How raw calls are held against the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strictness {
    /// Like all others: misuse must be refused.
    Strict,
    /// Where the machine refuses a raw call as misuse, the request may also have let it through.
    Lenient,
}

/// A run of the machine that gives every call the answer it got, as the edges that it goes along; calls that were let
/// through have none.
pub(super) fn find(
    history: &History,
    operations: &[Operation],
    contract: &Contract,
    strictness: Strictness,
) -> Option<Vec<Edge>> {
    let mut ordered: Vec<(usize, &Operation)> = operations
        .iter()
        .filter_map(|operation| operation.answer.map(|(answered, _)| (answered, operation)))
        .collect();
    ordered.sort_unstable_by_key(|(answered, _)| *answered);
    let before = ordered.iter().map(|(_, later)| predecessors(history, &ordered, later)).collect();
    let ordered = ordered.into_iter().map(|(_, operation)| operation).collect();
    let (path, dead_ends) = (Vec::new(), FxHashSet::default());
    let mut search = Search { operations: ordered, before, contract, strictness, path, dead_ends };
    search.leads_on(0, Place { state: State::INITIAL, asker: None }).then(|| {
        search.let_callbacks_end(history);
        search.path
    })
}

/// The set of those in `ordered`, which is sorted by answers, that must come before `later`: in real time they are
/// the ones that were answered first.
fn predecessors(history: &History, ordered: &[(usize, &Operation)], later: &Operation) -> u128 {
    let answered_first = ordered.partition_point(|(answered, _)| *answered < later.called);
    match history.order {
        Order::RealTime => (1 << answered_first) - 1,
        Order::WithinThreads => ordered[..answered_first]
            .iter()
            .enumerate()
            .filter(|(_, (_, earlier))| earlier.thread == later.thread)
            .fold(0, |set, (place, _)| set | 1 << place),
    }
}

struct Search<'a> {
    /// In the order of their answers, which is usually an order that explains them.
    operations: Vec<&'a Operation>,
    /// For each operation the set of those that must come before it.
    before: Vec<u128>,
    contract: &'a Contract,
    strictness: Strictness,
    /// The run up to where the search stands.
    path: Vec<Edge>,
    dead_ends: FxHashSet<(u128, Place)>,
}

/// Where a run of the machine stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Place {
    state: State,
    /// In the state [`State::Asked`], the place of the cancel that asked: it claims before it returns, so what comes after
    /// its answer comes after its claim.
    asker: Option<u8>,
}

impl Place {
    /// Where the machine comes to when the operation in this place of the search takes it to `state`.
    fn after(self, state: State, operation: Option<usize>) -> Self {
        let asker = match (state, self.state) {
            (State::Asked, State::Asked) => self.asker,
            (State::Asked, _) => operation.map(|operation| operation as u8),
            _ => None,
        };
        Place { state, asker }
    }
}

impl Search<'_> {
    /// Whether the operations that are not in `done` can follow a machine that stands `here`.
    fn leads_on(&mut self, done: u128, here: Place) -> bool {
        let state = here.state;
        if done.count_ones() as usize == self.operations.len() && can_settle(state) {
            return true;
        }
        if self.dead_ends.contains(&(done, here)) {
            return false;
        }
        for index in 0..self.operations.len() {
            if done >> index & 1 == 1 || self.before[index] & !done != 0 || self.waits_for_claim(index, here)
            {
                continue;
            }
            let operation = self.operations[index];
            let (strict, lenient) = self.allowed(operation, state);
            for outcome in strict.into_iter().flatten() {
                let edge =
                    Edge { from: state, call: operation.call, reply: outcome.reply, to: outcome.state };
                if self.leads_along(Some(edge), done | 1 << index, here.after(outcome.state, Some(index))) {
                    return true;
                }
            }
            if lenient
                .is_some_and(|next| self.leads_along(None, done | 1 << index, here.after(next, Some(index))))
            {
                return true;
            }
        }
        for call in Call::OWN {
            for outcome in step(self.contract, state, call).iter() {
                let edge = Edge { from: state, call, reply: outcome.reply, to: outcome.state };
                if self.leads_along(Some(edge), done, here.after(outcome.state, None)) {
                    return true;
                }
            }
        }
        self.dead_ends.insert((done, here));
        false
    }

    /// Whether an operation was called when the cancel that has asked had been answered, and so after its claim.
    fn waits_for_claim(&self, index: usize, here: Place) -> bool {
        here.asker.is_some_and(|asker| self.before[index] >> asker & 1 == 1)
    }

    /// As [`Search::leads_on`], from the far end of an edge, which stays in the path if it does.
    fn leads_along(&mut self, edge: Option<Edge>, done: u128, there: Place) -> bool {
        let length = self.path.len();
        self.path.extend(edge);
        let leads_on = self.leads_on(done, there);
        if !leads_on {
            self.path.truncate(length);
        }
        leads_on
    }

    /// Adds the callbacks that the history has and that no answer needed: they start and return at the end.
    fn let_callbacks_end(&mut self, history: &History) {
        let is_start = |event: &&Event| matches!(event, Event::CallbackStarted { .. });
        let mut missing = history.events.iter().filter(is_start).count();
        missing =
            missing.saturating_sub(self.path.iter().filter(|edge| edge.call == Call::CallbackStart).count());
        let mut state = self.path.last().map_or(State::INITIAL, |edge| edge.to);
        for call in [Call::CallbackStart, Call::CallbackReturn] {
            let is_due = call == Call::CallbackReturn || missing > 0;
            if let Some(outcome) = step(self.contract, state, call).iter().next().filter(|_| is_due) {
                self.path.push(Edge { from: state, call, reply: outcome.reply, to: outcome.state });
                state = outcome.state;
            }
        }
    }

    /// What an operation may lead to with the answer that it got: by the machine, and by letting it through. A call that the
    /// request does not have changes nothing.
    fn allowed(&self, operation: &Operation, state: State) -> ([Option<Outcome>; 3], Option<State>) {
        if operation.is_not_offered() {
            let stays = operation.reply().map(|reply| Outcome { state, reply });
            return ([stays, None, None], None);
        }
        let outcomes = step(self.contract, state, operation.call);
        let reply = operation.reply();
        let agrees =
            |outcome: &Outcome| reply.is_some_and(|reply| reply.agrees_with(outcome.reply, self.contract));
        let mut agreeing = outcomes.iter().filter(agrees);
        let strict = [agreeing.next(), agreeing.next(), agreeing.next()];
        let lenient = match (self.strictness, operation.title, reply) {
            (Strictness::Lenient, Title::Raw, Some(reply)) => {
                self.let_through(state, reply, outcomes.iter().next())
            }
            _ => None,
        };
        (strict, lenient)
    }

    /// Where a raw call leads that the machine refuses as misuse and the request let through.
    fn let_through(&self, state: State, reply: Reply, refused: Option<Outcome>) -> Option<State> {
        refused?.reply.misuse()?;
        Some(match (reply, state) {
            (Reply::Complete(Complete::Completed), State::Canceled(phase) | State::Completed(phase)) => {
                State::Completed(phase)
            }
            (Reply::Complete(Complete::Completed), _) => State::Completed(CallbackPhase::NotStarted),
            (Reply::Mark(Mark::Marked), State::Cancelable | State::Pending(_)) => State::Cancelable,
            (Reply::Mark(Mark::Marked), State::Asked) => State::Asked,
            (Reply::Mark(Mark::Canceled), _)
                if self.contract.mark_after_cancel == MarkAfterCancel::CallsBack =>
            {
                return None;
            }
            (Reply::Unmark(Unmark::Unmarked), State::Cancelable) => State::Pending(CancelBit::Clear),
            _ => state,
        })
    }
}

/// Whether what is still promised in `state` can be kept by callbacks alone.
fn can_settle(state: State) -> bool {
    !matches!(state, State::Pending(CancelBit::Claiming) | State::Asked)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use cancelproof_machine::{Cancel, IsCanceled};
    use quickcheck::{Arbitrary, Gen, QuickCheck};

    use super::*;

    fn exists(
        history: &History,
        operations: &[Operation],
        contract: &Contract,
        strictness: Strictness,
    ) -> bool {
        find(history, operations, contract, strictness).is_some()
    }

    /// A few calls of three threads with answers that are often, but not always, possible.
    #[derive(Clone, Debug)]
    struct Calls {
        contract: Contract,
        events: Vec<Event>,
    }

    const CALLS: [Call; 5] = [Call::Mark, Call::Unmark, Call::Cancel, Call::Complete, Call::IsCanceled];

    impl Arbitrary for Calls {
        /// Threads start and answer calls in a random order; an answer is one that the call can give in some state.
        fn arbitrary(g: &mut Gen) -> Self {
            let contract = *g.choose(&Contract::PRESETS).unwrap();
            let mut open: [Option<Call>; 3] = [None; 3];
            let mut events = Vec::new();
            for _ in 0..10 {
                let thread = *g.choose(&[0u8, 1, 2]).unwrap();
                let slot = &mut open[usize::from(thread)];
                events.push(match slot.take() {
                    None => {
                        let call = *g.choose(&CALLS).unwrap();
                        let title = *g.choose(&[Title::Entitled, Title::Raw]).unwrap();
                        *slot = Some(call);
                        Event::Called { thread, call, title, arming: None }
                    }
                    Some(call) => {
                        let state = *g.choose(&State::ALL).unwrap();
                        let outcome = step(&contract, state, call).iter().next();
                        let reply = outcome.map_or(Reply::Cancel(Cancel::Claimed), |outcome| outcome.reply);
                        let is_told = !matches!(u8::arbitrary(g) % 8, 0);
                        Event::Answered { thread, reply: if is_told { reply } else { untold(reply) } }
                    }
                });
            }
            Calls { contract, events }
        }
    }

    fn untold(reply: Reply) -> Reply {
        match reply {
            Reply::Mark(_) => Reply::Mark(Mark::Untold),
            Reply::Unmark(_) => Reply::Unmark(Unmark::Untold),
            Reply::Cancel(_) => Reply::Cancel(Cancel::Untold),
            Reply::Complete(_) => Reply::Complete(Complete::Untold),
            Reply::IsCanceled(_) => Reply::IsCanceled(IsCanceled::Untold),
            Reply::Done => Reply::Done,
        }
    }

    /// All orders of the calls that keep the order of the history, each run through the machine with every state
    /// that it may be in: slow, and too simple to be wrong.
    fn brute_force(history: &History, operations: &[Operation], contract: &Contract) -> bool {
        let answered: Vec<Operation> =
            operations.iter().copied().filter(|operation| operation.answer.is_some()).collect();
        orders(&answered).into_iter().any(|order| {
            let keeps_order = order.iter().enumerate().all(|(place, later)| {
                order[place + 1..].iter().all(|earlier| !history.precedes(earlier, later))
            });
            keeps_order && is_run(history, &order, contract)
        })
    }

    fn orders(operations: &[Operation]) -> Vec<Vec<Operation>> {
        if operations.is_empty() {
            return vec![Vec::new()];
        }
        (0..operations.len())
            .flat_map(|first| {
                let mut rest = operations.to_vec();
                let first = rest.remove(first);
                orders(&rest).into_iter().map(move |mut order| {
                    order.insert(0, first);
                    order
                })
            })
            .collect()
    }

    /// A state, and in the state that is asked the place of the cancel that asked.
    type Standing = (State, Option<usize>);

    fn is_run(history: &History, order: &[Operation], contract: &Contract) -> bool {
        let mut states = with_callbacks(BTreeSet::from([(State::INITIAL, None)]), contract);
        for (place, operation) in order.iter().enumerate() {
            let mut next = BTreeSet::new();
            for (state, asker) in states {
                if asker.is_some_and(|asker: usize| history.precedes(&order[asker], operation)) {
                    continue;
                }
                for outcome in step(contract, state, operation.call).iter() {
                    let reply = operation.reply().unwrap();
                    if !reply.agrees_with(outcome.reply, contract) {
                        continue;
                    }
                    next.insert(match (state, outcome.state) {
                        (State::Asked, State::Asked) => (State::Asked, asker),
                        (_, State::Asked) => (State::Asked, Some(place)),
                        (_, other) => (other, None),
                    });
                }
            }
            states = with_callbacks(next, contract);
        }
        states.into_iter().any(|(state, _)| can_settle(state))
    }

    fn with_callbacks(mut states: BTreeSet<Standing>, contract: &Contract) -> BTreeSet<Standing> {
        for call in [Call::Claim, Call::CallbackStart, Call::CallbackReturn] {
            let more: Vec<Standing> = states
                .iter()
                .flat_map(|&(state, _)| step(contract, state, call).iter())
                .map(|outcome| (outcome.state, None))
                .collect();
            states.extend(more);
        }
        states
    }

    #[test]
    fn the_search_agrees_with_brute_force() {
        #[allow(clippy::needless_pass_by_value, reason = "quickcheck hands values over")]
        fn agrees(calls: Calls) -> bool {
            [Order::RealTime, Order::WithinThreads].into_iter().all(|order| {
                let history = History { events: calls.events.clone(), order };
                let operations = history.operations();
                let found = exists(&history, &operations, &calls.contract, Strictness::Strict);
                found == brute_force(&history, &operations, &calls.contract)
            })
        }
        QuickCheck::new().tests(3_000).quickcheck(agrees as fn(Calls) -> bool);
    }

    #[test]
    fn what_is_found_is_a_run_of_the_machine_that_has_every_answer() {
        #[allow(clippy::needless_pass_by_value, reason = "quickcheck hands values over")]
        fn holds(calls: Calls) -> bool {
            let history = History { events: calls.events, order: Order::RealTime };
            let operations = history.operations();
            let Some(run) = find(&history, &operations, &calls.contract, Strictness::Strict) else {
                return true;
            };
            let answered = operations.iter().filter(|operation| operation.answer.is_some()).count();
            let is_callback = |call| Call::OWN.contains(&call);
            run.iter().filter(|edge| !is_callback(edge.call)).count() == answered
                && run.first().is_none_or(|first| first.from == State::INITIAL)
                && run.windows(2).all(|pair| pair[0].to == pair[1].from)
                && run.iter().all(|edge| {
                    let outcome = Outcome { state: edge.to, reply: edge.reply };
                    step(&calls.contract, edge.from, edge.call).iter().any(|known| known == outcome)
                })
        }
        QuickCheck::new().tests(3_000).quickcheck(holds as fn(Calls) -> bool);
    }

    #[test]
    fn what_is_explained_strictly_is_explained_leniently() {
        fn holds(calls: Calls) -> bool {
            let history = History { events: calls.events, order: Order::RealTime };
            let operations = history.operations();
            let explained = |strictness| exists(&history, &operations, &calls.contract, strictness);
            !explained(Strictness::Strict) || explained(Strictness::Lenient)
        }
        QuickCheck::new().tests(3_000).quickcheck(holds as fn(Calls) -> bool);
    }
}
