//! The steps of a program, taken apart into those of the model.

use std::collections::BTreeMap;

use crate::program::{Place, Program, Shape, Step};

/// What a thread does in one step of the model: the steps of a program, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Micro {
    Load(usize),
    Store(usize, u8),
    Add(usize, u8),
    Exchange(usize, u8, u8),
    ExchangeWeak(usize, u8, u8),
    Lock(usize),
    /// Counts in the lock, and releases it.
    CountAndUnlock(usize),
    Unlock(usize),
    WaitBegin,
    WaitEnd,
    Notify(usize),
    Park,
    Unpark(usize),
    /// A loop that waits is one read that blocks: the turns in vain change nothing. So programs with such loops have
    /// the same outcomes here, but fewer traces.
    Await(usize, u8),
    /// An increment whose result nobody looks at.
    Skip(usize),
}

fn take_apart(step: Step) -> Vec<Micro> {
    match step {
        Step::Load(place) => vec![Micro::Load(place)],
        Step::Store(place, value) => vec![Micro::Store(place, value)],
        Step::Add(place, value) => vec![Micro::Add(place, value)],
        Step::Exchange(place, from, to) => vec![Micro::Exchange(place, from, to)],
        Step::ExchangeWeak(place, from, to) => vec![Micro::ExchangeWeak(place, from, to)],
        Step::Locked(lock) => vec![Micro::Lock(lock), Micro::CountAndUnlock(lock)],
        Step::Nested(outer, inner) => {
            vec![Micro::Lock(outer), Micro::Lock(inner), Micro::CountAndUnlock(inner), Micro::Unlock(outer)]
        }
        Step::Guarded(lock, place) => vec![Micro::Lock(lock), Micro::Add(place, 1), Micro::Unlock(lock)],
        Step::Wait => {
            vec![Micro::Lock(0), Micro::WaitBegin, Micro::WaitEnd, Micro::Lock(0), Micro::CountAndUnlock(0)]
        }
        Step::NotifyOne => vec![Micro::Notify(1)],
        Step::NotifyAll => vec![Micro::Notify(usize::MAX)],
        Step::Park => vec![Micro::Park],
        Step::Unpark(place) => vec![Micro::Unpark(place)],
        Step::Await(place, value) => vec![Micro::Await(place, value)],
        Step::AnnouncedWait(place) => vec![
            Micro::Lock(0),
            Micro::Skip(place),
            Micro::WaitBegin,
            Micro::WaitEnd,
            Micro::Lock(0),
            Micro::CountAndUnlock(0),
        ],
    }
}

/// A program in steps of the model, and who starts and joins whom before which of them.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) threads: Vec<Vec<Micro>>,
    pub(super) spawned: BTreeMap<usize, Place>,
    pub(super) joined: BTreeMap<usize, Place>,
}

impl Code {
    pub(super) fn of(program: &Program, shape: &Shape) -> Self {
        let here = |(thread, step): Place| {
            (thread, program[thread][..step].iter().map(|step| take_apart(*step).len()).sum())
        };
        let all = |places: &BTreeMap<usize, Place>| {
            places.iter().map(|(child, place)| (*child, here(*place))).collect()
        };
        let threads =
            program.iter().map(|steps| steps.iter().copied().flat_map(take_apart).collect()).collect();
        Code { threads, spawned: all(&shape.spawned), joined: all(&shape.joined) }
    }
}

/// What is performed at the same place of the code.
pub(super) fn kind(step: Micro) -> &'static str {
    match step {
        Micro::ExchangeWeak(..) => "exchange",
        Micro::WaitEnd => "wait",
        Micro::Park => "park",
        _ => "other",
    }
}
