//! An independent count: run every interleaving of a program in a model of its own, reduce each to its trace, and
//! count the different ones. Nothing here is shared with the engine but the meaning of the steps.

mod code;

use std::collections::{BTreeSet, HashSet};

use cancelproof::operation::TaskId;

use crate::program::{ATOMICS, LOCKS, Outcome, Program, Shape, Step};

use code::{Code, Micro, kind};

/// The events of a trace, thread and place, in the first of the orders that it allows.
pub(crate) type Trace = Vec<(u8, u8)>;

/// What all interleavings of a program together are.
#[derive(Debug, Default)]
pub(crate) struct Everything {
    pub(crate) interleavings: u64,
    pub(crate) traces: HashSet<Trace>,
    pub(crate) outcomes: BTreeSet<Outcome>,
    pub(crate) deadlocks: u64,
}

#[derive(Clone, Debug)]
struct Machine {
    places: Vec<usize>,
    atomics: [u8; ATOMICS],
    counts: [u64; LOCKS],
    holders: [Option<usize>; LOCKS],
    /// The waiting threads, each with the signals it may take.
    waiters: Vec<(usize, Vec<usize>)>,
    signals: usize,
    tokens: Vec<bool>,
    read: Outcome,
    events: Vec<Event>,
    /// Whether operations come out spuriously, and for each thread the kinds of which the last one has: the program
    /// performs all of a kind at one place of its code, and none comes out so twice in a row.
    is_fickle: bool,
    last_failed: Vec<BTreeSet<&'static str>>,
}

/// Whether each of these signals can be taken by a waiter of its own.
fn can_be_taken(signals: &[usize], waiters: &[&(usize, Vec<usize>)]) -> bool {
    let Some((first, rest)) = signals.split_first() else { return true };
    (0..waiters.len()).filter(|place| waiters[*place].1.contains(first)).any(|place| {
        let mut others = waiters.to_vec();
        others.remove(place);
        can_be_taken(rest, &others)
    })
}

/// What an event touched, for telling which orders matter.
#[derive(Clone, Copy, Debug)]
struct Event {
    thread: usize,
    place: usize,
    touched: &'static str,
    object: usize,
    write: bool,
    is_spurious: bool,
}

impl Event {
    fn depends(&self, other: &Event) -> bool {
        let same = self.touched == other.touched && self.object == other.object;
        self.thread == other.thread || same && (self.write || other.write)
    }
}

/// Runs every interleaving of `program`; if it `is_fickle`, with operations that come out spuriously.
pub(crate) fn run_all(program: &Program, is_fickle: bool) -> Everything {
    run_all_of(program, &Shape::default(), is_fickle)
}

/// The same of a program whose threads start and join each other.
pub(crate) fn run_all_of(program: &Program, shape: &Shape, is_fickle: bool) -> Everything {
    let code = Code::of(program, shape);
    let mut everything = Everything::default();
    let machine = Machine { is_fickle, ..Machine::new(&code) };
    machine.explore(&code, &mut everything);
    everything
}

/// The trace of the interleaving in which the engine's tasks, which are the threads numbered from 1, take the steps.
pub(crate) fn trace_of(program: &Program, decisions: &[TaskId]) -> Trace {
    let thread_of = |task: TaskId| usize::from(task.0) - 1;
    trace_of_threads(program, &Shape::default(), decisions, &thread_of)
}

/// The same, where the engine's tasks are these threads.
pub(crate) fn trace_of_threads(
    program: &Program,
    shape: &Shape,
    decisions: &[TaskId],
    thread_of: &dyn Fn(TaskId) -> usize,
) -> Trace {
    let code = Code::of(program, shape);
    let mut machine = Machine::new(&code);
    // The yield with which a thread begins that unparks another is no step of the program.
    let mut yields: Vec<bool> =
        program.iter().map(|steps| steps.iter().any(|step| matches!(step, Step::Unpark(_)))).collect();
    for decision in decisions {
        let thread = thread_of(decision.plain());
        if core::mem::take(&mut yields[thread]) {
            continue;
        }
        let step = code.threads[thread][machine.places[thread]];
        machine.is_fickle = decision.is_spurious();
        let can_be_done = if machine.is_fickle {
            machine.may_come_out_spuriously(thread, step)
        } else {
            machine.enabled(thread, step)
        };
        let can_be_done = can_be_done && machine.has_come_to(&code, thread).is_some();
        assert!(can_be_done, "the engine did what cannot be done: {program:?} {shape:?}");
        machine.perform(thread, step, decision.is_spurious());
    }
    machine.trace()
}

impl Machine {
    fn new(code: &Code) -> Self {
        let threads = code.threads.len();
        Machine {
            places: vec![0; threads],
            atomics: [0; ATOMICS],
            counts: [0; LOCKS],
            holders: [None; LOCKS],
            waiters: Vec::new(),
            signals: 0,
            tokens: vec![false; threads],
            read: vec![Vec::new(); threads],
            events: Vec::new(),
            is_fickle: false,
            last_failed: vec![BTreeSet::new(); threads],
        }
    }

    fn explore(&self, code: &Code, everything: &mut Everything) {
        let ready: Vec<(usize, Micro)> = (0..code.threads.len())
            .filter_map(|thread| Some((thread, self.has_come_to(code, thread)?)))
            .collect();
        let mut moved = false;
        for (thread, step) in &ready {
            if self.enabled(*thread, *step) {
                moved = true;
                let mut next = self.clone();
                next.perform(*thread, *step, false);
                next.explore(code, everything);
            }
        }
        // Where nothing else can be done this is a deadlock: nobody can rely on waking up without a cause.
        for (thread, step) in ready.iter().filter(|_| moved) {
            if self.may_come_out_spuriously(*thread, *step) {
                let mut next = self.clone();
                next.perform(*thread, *step, true);
                next.explore(code, everything);
            }
        }
        if moved {
            return;
        }
        everything.interleavings += 1;
        if (0..code.threads.len()).any(|thread| !self.has_ended(code, thread)) {
            everything.deadlocks += 1;
            return;
        }
        everything.traces.insert(self.trace());
        everything.outcomes.insert(self.read.clone());
    }

    /// The next step of a thread that has begun and waits for the end of no other.
    fn has_come_to(&self, code: &Code, thread: usize) -> Option<Micro> {
        let step = code.threads[thread].get(self.places[thread])?;
        (self.has_begun(code, thread) && self.has_joined(code, thread)).then_some(*step)
    }

    fn has_begun(&self, code: &Code, thread: usize) -> bool {
        code.spawned
            .get(&thread)
            .is_none_or(|(parent, place)| self.has_begun(code, *parent) && self.places[*parent] >= *place)
    }

    /// Whether all threads have ended that are joined before the next step.
    fn has_joined(&self, code: &Code, thread: usize) -> bool {
        let mut joined = code.joined.iter().filter(|(_, at)| **at == (thread, self.places[thread]));
        joined.all(|(child, _)| self.has_ended(code, *child))
    }

    fn has_ended(&self, code: &Code, thread: usize) -> bool {
        self.places[thread] == code.threads[thread].len()
            && self.has_begun(code, thread)
            && self.has_joined(code, thread)
    }

    fn enabled(&self, thread: usize, step: Micro) -> bool {
        match step {
            Micro::Lock(lock) => self.holders[lock].is_none(),
            Micro::WaitEnd => {
                self.waiters.iter().any(|(waiter, signals)| *waiter == thread && !signals.is_empty())
            }
            Micro::Park => self.tokens[thread],
            Micro::Await(place, value) => self.atomics[place] == value,
            _ => true,
        }
    }

    fn may_come_out_spuriously(&self, thread: usize, step: Micro) -> bool {
        let is_possible = match step {
            Micro::ExchangeWeak(place, from, _) => self.atomics[place] == from,
            Micro::Park => !self.tokens[thread],
            Micro::WaitEnd => {
                let others: Vec<_> = self.waiters.iter().filter(|(waiter, _)| *waiter != thread).collect();
                let open: BTreeSet<usize> =
                    self.waiters.iter().flat_map(|(_, signals)| signals.iter().copied()).collect();
                let open: Vec<usize> = open.into_iter().collect();
                can_be_taken(&open, &others)
            }
            _ => false,
        };
        self.is_fickle && is_possible && !self.last_failed[thread].contains(kind(step))
    }

    fn perform(&mut self, thread: usize, step: Micro, is_spurious: bool) {
        let (touched, object, write) =
            if is_spurious { self.fail(thread, step) } else { self.effect(thread, step) };
        self.last_failed[thread].remove(kind(step));
        if is_spurious {
            self.last_failed[thread].insert(kind(step));
        }
        let place = self.places[thread];
        self.events.push(Event { thread, place, touched, object, write, is_spurious });
        self.places[thread] += 1;
    }

    /// What comes of an operation that comes out spuriously.
    fn fail(&mut self, thread: usize, step: Micro) -> (&'static str, usize, bool) {
        match step {
            Micro::ExchangeWeak(place, from, _) => {
                self.read[thread].push(from.into());
                ("atomic", place, false)
            }
            Micro::WaitEnd => {
                self.waiters.retain(|(waiter, _)| *waiter != thread);
                ("condvar", 0, true)
            }
            _ => ("token", thread, true),
        }
    }

    fn effect(&mut self, thread: usize, step: Micro) -> (&'static str, usize, bool) {
        match step {
            Micro::Load(place) => {
                self.read[thread].push(self.atomics[place].into());
                ("atomic", place, false)
            }
            Micro::Store(place, value) => {
                self.atomics[place] = value;
                ("atomic", place, true)
            }
            Micro::Add(place, value) => {
                self.read[thread].push(self.atomics[place].into());
                self.atomics[place] = self.atomics[place].wrapping_add(value);
                ("atomic", place, true)
            }
            Micro::Exchange(place, from, to) => {
                let found = self.atomics[place];
                self.read[thread].push(found.into());
                if found == from {
                    self.atomics[place] = to;
                }
                ("atomic", place, found == from)
            }
            Micro::ExchangeWeak(place, from, to) => {
                let found = self.atomics[place];
                self.read[thread].push(u64::from(found) | u64::from(found == from) << 8);
                if found == from {
                    self.atomics[place] = to;
                }
                ("atomic", place, found == from)
            }
            Micro::Lock(lock) => {
                self.holders[lock] = Some(thread);
                ("lock", lock, true)
            }
            Micro::CountAndUnlock(lock) => {
                self.read[thread].push(self.counts[lock]);
                self.counts[lock] += 1;
                self.holders[lock] = None;
                ("nothing", thread, false)
            }
            Micro::Unlock(lock) => {
                self.holders[lock] = None;
                ("nothing", thread, false)
            }
            Micro::WaitBegin => {
                self.holders[0] = None;
                self.waiters.push((thread, Vec::new()));
                ("condvar", 0, true)
            }
            Micro::WaitEnd => {
                self.take_signal(thread);
                ("condvar", 0, true)
            }
            Micro::Notify(limit) => {
                self.notify(limit);
                ("condvar", 0, false)
            }
            Micro::Park => {
                self.tokens[thread] = false;
                ("token", thread, true)
            }
            Micro::Await(place, _) => ("atomic", place, false),
            Micro::Skip(place) => {
                self.atomics[place] += 1;
                ("atomic", place, true)
            }
            Micro::Unpark(target) => {
                self.tokens[target] = true;
                ("token", target, false)
            }
        }
    }

    /// Gives signals, each to every thread that waits now, while there are more waiters than signals.
    fn notify(&mut self, limit: usize) {
        for _ in 0..limit.min(self.waiters.len()) {
            let open: BTreeSet<usize> =
                self.waiters.iter().flat_map(|(_, signals)| signals.iter().copied()).collect();
            if open.len() < self.waiters.len() {
                self.signals += 1;
                for (_, signals) in &mut self.waiters {
                    signals.push(self.signals);
                }
            }
        }
    }

    /// Takes the oldest signal that this thread may take; nobody else may take it then.
    fn take_signal(&mut self, thread: usize) {
        let place = self.waiters.iter().position(|(waiter, _)| *waiter == thread).expect("it waits");
        let (_, signals) = self.waiters.remove(place);
        for (_, others) in &mut self.waiters {
            others.retain(|signal| *signal != signals[0]);
        }
    }

    /// The trace of this interleaving: the smallest interleaving that differs from it only by exchanges of
    /// neighbours that do not depend on each other.
    fn trace(&self) -> Trace {
        let mut left: Vec<&Event> = self.events.iter().collect();
        let mut trace = Vec::new();
        while !left.is_empty() {
            let first = (0..left.len())
                .filter(|place| left[..*place].iter().all(|earlier| !earlier.depends(left[*place])))
                .min_by_key(|place| left[*place].thread)
                .expect("the first event depends on none before it");
            let event = left.remove(first);
            trace.push((event.thread as u8, event.place as u8 | u8::from(event.is_spurious) << 7));
        }
        trace
    }
}
