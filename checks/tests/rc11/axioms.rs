//! Every consistent execution of a small program, straight from the axioms.
//!
//! Deliberately simple and without anything in common with the engine: every way to give each read a write, and
//! every order of the writes of each location, is written down and checked by relation algebra, as the axioms of
//! RC11 are printed in the paper (with release sequences as in C++20).

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use cancelproof::engine::rc11::{Source, WitnessEvent};
use cancelproof::litmus::{Instruction, Program};

/// An execution without its main thread: for each thread, its accesses and fences.
pub(crate) type Execution = Vec<Vec<WitnessEvent>>;

/// The place of an instruction: its thread, and its number there.
type Place = (usize, usize);

/// Every consistent execution of the program.
pub(crate) fn consistent_executions(program: &Program) -> BTreeSet<Execution> {
    let reads: Vec<Place> = places(program).filter(|place| is_read(at(program, *place))).collect();
    let candidates: Vec<Vec<Option<Place>>> = reads.iter().map(|read| sources(program, *read)).collect();
    let mut found = BTreeSet::new();
    for_each_choice(&candidates, &mut |chosen| {
        let sources: Vec<(Place, Option<Place>)> =
            reads.iter().copied().zip(chosen.iter().copied()).collect();
        if let Some(run) = evaluate(program, &sources) {
            for_each_coherence(&run, &mut |coherence| {
                let graph = Axioms::new(&run, coherence);
                if graph.are_satisfied() {
                    found.insert(describe(program, &run, coherence));
                }
            });
        }
    });
    found
}

fn at(program: &Program, (thread, number): Place) -> Instruction {
    program.threads[thread][number]
}

fn places(program: &Program) -> impl Iterator<Item = Place> {
    let lengths: Vec<usize> = program.threads.iter().map(Vec::len).collect();
    lengths
        .into_iter()
        .enumerate()
        .flat_map(|(thread, length)| (0..length).map(move |number| (thread, number)))
}

fn is_read(instruction: Instruction) -> bool {
    instruction.register().is_some()
}

/// The writes that a read may conceivably read from; `None` is the initial value.
fn sources(program: &Program, read: Place) -> Vec<Option<Place>> {
    let may_write = |place: &Place| {
        let instruction = at(program, *place);
        *place != read
            && instruction.location() == at(program, read).location()
            && !matches!(instruction, Instruction::Load { .. })
    };
    core::iter::once(None).chain(places(program).filter(may_write).map(Some)).collect()
}

fn for_each_choice<T: Copy>(candidates: &[Vec<T>], visit: &mut dyn FnMut(&[T])) {
    fn go<T: Copy>(candidates: &[Vec<T>], chosen: &mut Vec<T>, visit: &mut dyn FnMut(&[T])) {
        let Some(next) = candidates.get(chosen.len()) else { return visit(chosen) };
        for candidate in next {
            chosen.push(*candidate);
            go(candidates, chosen, visit);
            chosen.pop();
        }
    }
    go(candidates, &mut Vec::new(), visit);
}

/// An instruction that was executed.
#[derive(Clone, Copy, Debug)]
struct Step {
    place: Place,
    instruction: Instruction,
    read: Option<(Option<Place>, u64)>,
    written: Option<u64>,
}

/// Executes the program with these sources. `None` if they do not make sense: a value would depend on itself, a
/// source does not write, or something that is not executed is given a source (other than the first).
fn evaluate(program: &Program, sources: &[(Place, Option<Place>)]) -> Option<Vec<Step>> {
    let mut steps: Vec<Step> = Vec::new();
    let mut next = vec![0; program.threads.len()];
    let mut progress = true;
    while progress {
        progress = false;
        for (thread, next) in next.iter_mut().enumerate() {
            while *next < program.threads[thread].len() {
                let place = (thread, *next);
                if let Instruction::When { register, value } = at(program, place) {
                    let holds = steps.iter().any(|step| {
                        step.instruction.register() == Some(register)
                            && step.read.is_some_and(|read| read.1 == value)
                    });
                    *next = if holds { *next + 1 } else { usize::MAX };
                    continue;
                }
                let given = sources.iter().find(|(read, _)| *read == place);
                let step = match execute(at(program, place), place, given, &steps) {
                    Executed::Done(step) => step,
                    Executed::Waits => break,
                    Executed::ReadsNoWrite => return None,
                };
                steps.push(step);
                *next += 1;
                progress = true;
            }
        }
    }
    let is_executed = |place: &Place| steps.iter().any(|step| step.place == *place);
    let is_over = next.iter().zip(&program.threads).all(|(next, thread)| *next >= thread.len());
    let is_sensible = sources.iter().all(|(read, source)| is_executed(read) || source.is_none());
    steps.sort_by_key(|step| step.place);
    (is_over && is_sensible).then_some(steps)
}

/// What came of executing one instruction.
enum Executed {
    Done(Step),
    /// Its source was not executed yet.
    Waits,
    /// Its source does not write.
    ReadsNoWrite,
}

/// Executes one instruction; `given` is its source, if it reads.
fn execute(
    instruction: Instruction,
    place: Place,
    given: Option<&(Place, Option<Place>)>,
    steps: &[Step],
) -> Executed {
    let source = given.and_then(|(_, source)| *source);
    let value = match source {
        None => 0,
        Some(write) => match steps.iter().find(|step| step.place == write) {
            None => return Executed::Waits,
            Some(Step { written: None, .. }) => return Executed::ReadsNoWrite,
            Some(Step { written: Some(value), .. }) => *value,
        },
    };
    let written = match instruction {
        Instruction::Store { value, .. } | Instruction::Swap { value, .. } => Some(value),
        Instruction::Add { value: added, .. } => Some(value + added),
        Instruction::CompareExchange { expected, new, .. } => (value == expected).then_some(new),
        _ => None,
    };
    Executed::Done(Step { place, instruction, read: given.map(|_| (source, value)), written })
}

/// For each location, its writes in coherence order.
type Coherence = Vec<(u8, Vec<Place>)>;

fn for_each_coherence(run: &[Step], visit: &mut dyn FnMut(&Coherence)) {
    let mut locations: Vec<u8> = run.iter().filter_map(|step| step.instruction.location()).collect();
    locations.sort_unstable();
    locations.dedup();
    let orders: Vec<Vec<usize>> =
        locations.iter().map(|location| (0..factorial(writes_of(run, *location).len())).collect()).collect();
    for_each_choice(&orders, &mut |chosen| {
        let order =
            |(location, number): (&u8, &usize)| (*location, permutation(writes_of(run, *location), *number));
        visit(&locations.iter().zip(chosen).map(order).collect());
    });
}

fn writes_of(run: &[Step], location: u8) -> Vec<Place> {
    run.iter()
        .filter(|step| step.written.is_some() && step.instruction.location() == Some(location))
        .map(|step| step.place)
        .collect()
}

fn factorial(number: usize) -> usize {
    (1..=number).product()
}

fn permutation(mut items: Vec<Place>, mut number: usize) -> Vec<Place> {
    let mut permuted = Vec::new();
    while !items.is_empty() {
        permuted.push(items.remove(number % items.len()));
        number /= items.len() + 1;
    }
    permuted
}

fn describe(program: &Program, run: &[Step], coherence: &Coherence) -> Execution {
    let number_of = |(thread, number): Place| {
        let earlier = &program.threads[thread][..number];
        earlier.iter().filter(|instruction| !matches!(instruction, Instruction::When { .. })).count()
    };
    let mut execution = vec![Vec::new(); program.threads.len()];
    for step in run {
        let written = step.written.map(|_| {
            let order = coherence.iter().find(|(location, _)| Some(*location) == step.instruction.location());
            order.map_or(0, |(_, writes)| {
                writes.iter().position(|write| *write == step.place).unwrap_or(0) + 1
            })
        });
        let read = step.read.map(|(source, _)| match source {
            None => Source::Initial,
            Some(write) => Source::Write { thread: write.0 + 1, number: number_of(write) },
        });
        execution[step.place.0].push(WitnessEvent {
            object: step.instruction.location().map(u16::from),
            read,
            written,
            value: step.read.map_or(step.written.unwrap_or(0), |(_, value)| value),
        });
    }
    execution
}

/// A relation on at most 64 events: for each event, the set of those it is related to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Relation(Vec<u64>);

impl Relation {
    fn of(size: usize, holds: impl Fn(usize, usize) -> bool) -> Self {
        let row = |from| (0..size).filter(|to| holds(from, *to)).fold(0, |row, to| row | 1 << to);
        Relation((0..size).map(row).collect())
    }

    fn has(&self, from: usize, to: usize) -> bool {
        self.0[from] >> to & 1 == 1
    }

    fn or(&self, other: &Relation) -> Relation {
        Relation(self.0.iter().zip(&other.0).map(|(one, other)| one | other).collect())
    }

    fn then(&self, other: &Relation) -> Relation {
        let size = self.0.len();
        Relation::of(size, |from, to| (0..size).any(|via| self.has(from, via) && other.has(via, to)))
    }

    fn or_nothing(&self) -> Relation {
        self.or(&Relation::of(self.0.len(), |from, to| from == to))
    }

    fn closure(&self) -> Relation {
        let longer = self.or(&self.then(self));
        if longer == *self { longer } else { longer.closure() }
    }

    fn and(&self, holds: impl Fn(usize, usize) -> bool) -> Relation {
        Relation::of(self.0.len(), |from, to| self.has(from, to) && holds(from, to))
    }

    fn is_irreflexive(&self) -> bool {
        (0..self.0.len()).all(|event| !self.has(event, event))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Read,
    Write,
    Fence,
}

/// An event of the axioms: an update is two of them.
#[derive(Clone, Copy, Debug)]
struct Event {
    kind: Kind,
    place: Option<Place>,
    location: Option<u8>,
    ordering: Ordering,
    is_update: bool,
}

/// The events and relations of one execution.
struct Axioms {
    events: Vec<Event>,
    sb: Relation,
    rf: Relation,
    co: Relation,
    rmw: Relation,
}

impl Axioms {
    fn new(run: &[Step], coherence: &Coherence) -> Self {
        let mut events: Vec<Event> = coherence
            .iter()
            .map(|(location, _)| Event {
                kind: Kind::Write,
                place: None,
                location: Some(*location),
                ordering: Ordering::Relaxed,
                is_update: false,
            })
            .collect();
        events.extend(run.iter().flat_map(events_of));
        let size = events.len();
        let order = |event: &Event| {
            let write = event.place?;
            let writes = &coherence.iter().find(|(location, _)| Some(*location) == event.location)?.1;
            writes.iter().position(|other| *other == write)
        };
        let sb = Relation::of(size, |from, to| match (events[from].place, events[to].place) {
            (None, Some(_)) => true,
            (Some(one), Some(other)) => one.0 == other.0 && from < to,
            _ => false,
        });
        let rf = Relation::of(size, |from, to| {
            let source =
                run.iter().find(|step| Some(step.place) == events[to].place).and_then(|step| step.read);
            events[to].kind == Kind::Read
                && events[from].kind == Kind::Write
                && events[from].location == events[to].location
                && source.is_some_and(|(source, _)| source == events[from].place)
        });
        let co = Relation::of(size, |from, to| {
            let (one, other) = (&events[from], &events[to]);
            one.kind == Kind::Write
                && other.kind == Kind::Write
                && one.location == other.location
                && (one.place.is_none() && other.place.is_some()
                    || one.place.is_some() && order(one) < order(other))
        });
        let rmw = Relation::of(size, |from, to| {
            to == from + 1
                && events[from].kind == Kind::Read
                && events[to].is_update
                && events[to].kind == Kind::Write
        });
        Axioms { events, sb, rf, co, rmw }
    }

    fn is(&self, event: usize, kind: Kind) -> bool {
        self.events[event].kind == kind
    }

    fn acquires(&self, event: usize) -> bool {
        matches!(self.events[event].ordering, Ordering::Acquire | Ordering::AcqRel | Ordering::SeqCst)
            && self.events[event].kind != Kind::Write
    }

    fn releases(&self, event: usize) -> bool {
        matches!(self.events[event].ordering, Ordering::Release | Ordering::AcqRel | Ordering::SeqCst)
            && self.events[event].kind != Kind::Read
    }

    fn is_sequential(&self, event: usize) -> bool {
        self.events[event].ordering == Ordering::SeqCst
    }

    fn are_satisfied(&self) -> bool {
        let size = self.events.len();
        let identity_on =
            |holds: &dyn Fn(usize) -> bool| Relation::of(size, |from, to| from == to && holds(from));
        let fences = identity_on(&|event| self.is(event, Kind::Fence));
        let fr = Relation::of(size, |from, to| {
            from != to && (0..size).any(|write| self.rf.has(write, from) && self.co.has(write, to))
        });
        let eco = self.rf.or(&self.co).or(&fr).closure();
        let rs = identity_on(&|event| self.is(event, Kind::Write))
            .then(&self.rf.then(&self.rmw).closure().or_nothing());
        let sw = identity_on(&|event| self.releases(event))
            .then(&fences.then(&self.sb).or_nothing())
            .then(&rs)
            .then(&self.rf)
            .then(&self.sb.then(&fences).or_nothing())
            .then(&identity_on(&|event| self.acquires(event)));
        let hb = self.sb.or(&sw).closure();
        let is_coherent = hb.then(&eco.or_nothing()).is_irreflexive();
        let is_atomic =
            self.rmw.and(|from, to| fr.then(&self.co).has(from, to)).0.iter().all(|row| *row == 0);
        let is_causal = self.sb.or(&self.rf).closure().is_irreflexive();
        is_coherent && is_atomic && is_causal && self.psc(&hb, &eco, &fr).closure().is_irreflexive()
    }

    fn psc(&self, hb: &Relation, eco: &Relation, fr: &Relation) -> Relation {
        let size = self.events.len();
        let is_same = |from: usize, to: usize| {
            let location = self.events[from].location;
            location.is_some() && location == self.events[to].location
        };
        let identity_on =
            |holds: &dyn Fn(usize) -> bool| Relation::of(size, |from, to| from == to && holds(from));
        let sequential = identity_on(&|event| self.is_sequential(event));
        let fences = identity_on(&|event| self.is_sequential(event) && self.is(event, Kind::Fence));
        let elsewhere = self.sb.and(|from, to| !is_same(from, to));
        let scb = self.sb.or(&elsewhere.then(hb).then(&elsewhere)).or(&hb.and(is_same)).or(&self.co).or(fr);
        let base = sequential
            .or(&fences.then(&hb.or_nothing()))
            .then(&scb)
            .then(&sequential.or(&hb.or_nothing().then(&fences)));
        let between_fences = fences.then(&hb.or(&hb.then(eco).then(hb))).then(&fences);
        base.or(&between_fences)
    }
}

fn events_of(step: &Step) -> Vec<Event> {
    let event = |kind, ordering, is_update| Event {
        kind,
        place: Some(step.place),
        location: step.instruction.location(),
        ordering,
        is_update,
    };
    match step.instruction {
        Instruction::Load { ordering, .. } => vec![event(Kind::Read, ordering, false)],
        Instruction::Store { ordering, .. } => vec![event(Kind::Write, ordering, false)],
        Instruction::Fence { ordering } => vec![event(Kind::Fence, ordering, false)],
        Instruction::Add { ordering, .. } | Instruction::Swap { ordering, .. } => {
            vec![event(Kind::Read, ordering, true), event(Kind::Write, ordering, true)]
        }
        Instruction::CompareExchange { success, failure, .. } => match step.written {
            Some(_) => vec![event(Kind::Read, success, true), event(Kind::Write, success, true)],
            None => vec![event(Kind::Read, failure, false)],
        },
        Instruction::CellRead | Instruction::CellWrite | Instruction::When { .. } => Vec::new(),
    }
}
