//! The axioms themselves, as relation algebra over the events of one execution.

use std::sync::atomic::Ordering;

use cancelproof::litmus::Instruction;

use super::relation::Relation;
use super::{Coherence, Place, Step};

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
pub(super) struct Axioms {
    events: Vec<Event>,
    sb: Relation,
    rf: Relation,
    co: Relation,
    rmw: Relation,
}

impl Axioms {
    /// `across` says which steps of different threads program order relates.
    pub(super) fn new(run: &[Step], coherence: &Coherence, across: &dyn Fn(Place, Place) -> bool) -> Self {
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
            (Some(one), Some(other)) if one.0 == other.0 => from < to,
            (Some(one), Some(other)) => across(one, other),
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

    pub(super) fn are_satisfied(&self) -> bool {
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
        let is_atomic = self.rmw.and(|from, to| fr.then(&self.co).has(from, to)).is_empty();
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
