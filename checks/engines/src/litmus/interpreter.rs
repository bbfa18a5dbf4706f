//! Litmus programs as running code, on any platform.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use cancelproof_runtime::{Atomic, JoinHandle, Runtime, UnsafeCell};

use super::program::{Instruction, NAMES_MAX, Program, location_of, register_of};
use crate::engine::{self, rc11};
use crate::executor::Controlled;
use crate::exploration::{Exploration, Extent};
use crate::platform::{Loom, Shuttle};

/// After how many executions loom is stopped: about a second. Programs of four threads do not end within minutes.
const LOOM_EXECUTIONS: u64 = 10_000;

/// After how many executions shuttle is stopped: about a second.
const SHUTTLE_EXECUTIONS: u64 = 100_000;

/// What an execution is judged by: the values of the observed registers and locations, in order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outcome(pub Vec<u64>);

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, value) in self.0.iter().enumerate() {
            let space = if place == 0 { "" } else { " " };
            write!(f, "{space}{value}")?;
        }
        Ok(())
    }
}

/// What is observed of an execution: registers by their final value, locations by theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed(Vec<Name>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Register(u8),
    Location(u8),
}

impl Observed {
    /// The registers and locations with these letters, separated by spaces; `None` if one is neither.
    #[must_use]
    pub fn new(letters: &str) -> Option<Self> {
        let name = |word: &str| {
            register_of(word).map(Name::Register).or_else(|| location_of(word).map(Name::Location))
        };
        letters.split_whitespace().map(name).collect::<Option<Vec<_>>>().map(Observed)
    }

    /// The outcome of an execution with these final values.
    #[must_use]
    pub fn outcome(&self, registers: &[u64; NAMES_MAX], locations: &[u64; NAMES_MAX]) -> Outcome {
        let value = |name: &Name| match *name {
            Name::Register(register) => registers[usize::from(register)],
            Name::Location(location) => locations[usize::from(location)],
        };
        Outcome(self.0.iter().map(value).collect())
    }
}

struct Memory<R: Runtime> {
    locations: Vec<R::AtomicU64>,
    cell: R::UnsafeCell<u64>,
}

// SAFETY: the cell is accessed as the program says; whether that is free of races is for the engine to find.
unsafe impl<R: Runtime> Sync for Memory<R> {}
// SAFETY: memory is not bound to the thread that created it.
unsafe impl<R: Runtime> Send for Memory<R> {}

/// Runs the program once, each thread as a thread of the platform; returns the final registers and locations.
///
/// A register that was not written has the value 0.
#[must_use]
pub fn run<R: Runtime>(program: &Arc<Program>) -> ([u64; NAMES_MAX], [u64; NAMES_MAX]) {
    let memory = Arc::new(Memory::<R> {
        locations: (0..locations(program)).map(|_| R::AtomicU64::new(0)).collect(),
        cell: R::UnsafeCell::new(0),
    });
    let handles: Vec<_> = (0..program.threads.len())
        .map(|thread| {
            let (program, memory) = (Arc::clone(program), Arc::clone(&memory));
            R::spawn(move || run_thread(&program.threads[thread], &memory))
        })
        .collect();
    let mut registers = [0; NAMES_MAX];
    for handle in handles {
        for (mine, theirs) in registers.iter_mut().zip(handle.join()) {
            *mine |= theirs;
        }
    }
    let mut values = [0; NAMES_MAX];
    for (value, location) in values.iter_mut().zip(&memory.locations) {
        *value = location.load(core::sync::atomic::Ordering::Relaxed);
    }
    (registers, values)
}

/// How many locations the program needs: they are numbered without a gap.
fn locations(program: &Program) -> usize {
    let used = program.threads.iter().flatten().filter_map(Instruction::location);
    used.max().map_or(0, |last| usize::from(last) + 1)
}

fn run_thread<R: Runtime>(instructions: &[Instruction], memory: &Memory<R>) -> [u64; NAMES_MAX] {
    let mut registers = [0; NAMES_MAX];
    for instruction in instructions {
        let at = |location: u8| &memory.locations[usize::from(location)];
        let result = match *instruction {
            Instruction::Load { location, ordering, .. } => at(location).load(ordering),
            Instruction::Store { location, value, ordering } => {
                at(location).store(value, ordering);
                0
            }
            Instruction::Add { location, value, ordering, .. } => at(location).fetch_add(value, ordering),
            Instruction::Swap { location, value, ordering, .. } => at(location).swap(value, ordering),
            Instruction::CompareExchange { location, expected, new, success, failure, .. } => {
                at(location).compare_exchange(expected, new, success, failure).unwrap_or_else(|found| found)
            }
            Instruction::Fence { ordering } => {
                R::fence(ordering);
                0
            }
            Instruction::CellWrite => {
                // SAFETY: an engine that finds this access to race stops the execution here.
                memory.cell.with_mut(|value| unsafe { *value += 1 });
                0
            }
            // SAFETY: as above.
            Instruction::CellRead => memory.cell.with(|value| unsafe { *value }),
            Instruction::When { register, value } if registers[usize::from(register)] != value => break,
            Instruction::When { .. } => 0,
        };
        if let Some(register) = instruction.register() {
            registers[usize::from(register)] = result;
        }
    }
    registers
}

/// The outcomes that an engine reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// The outcomes of complete executions.
    pub reached: BTreeSet<Outcome>,
    /// Whether an execution failed: a data race.
    pub failed: bool,
    /// Whether the engine came to the end of the executions.
    pub is_exhaustive: bool,
}

/// Collects outcomes from inside a body.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<BTreeSet<Outcome>>>);

impl Collector {
    fn body<R: Runtime>(&self, program: &Program, observed: &Observed) -> impl Fn() + Send + Sync + 'static {
        let (set, program, observed) = (Arc::clone(&self.0), Arc::new(program.clone()), observed.clone());
        move || {
            let (registers, locations) = run::<R>(&program);
            let outcome = observed.outcome(&registers, &locations);
            set.lock().unwrap_or_else(PoisonError::into_inner).insert(outcome);
        }
    }

    fn outcomes(&self, exploration: &Exploration) -> Outcomes {
        let reached = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let is_exhaustive = exploration.extent == Extent::Exhausted;
        Outcomes { reached, failed: exploration.failure.is_some(), is_exhaustive }
    }
}

/// The outcomes of the program under the engine `rc11`, and what the engine reported.
#[must_use]
pub fn under_rc11(
    program: &Program,
    observed: &Observed,
    options: &rc11::Options,
) -> (Outcomes, Exploration) {
    let collector = Collector::default();
    let exploration = rc11::explore(options, collector.body::<Controlled>(program, observed));
    (collector.outcomes(&exploration), exploration)
}

/// The outcomes of the program under loom.
#[must_use]
pub fn under_loom(program: &Program, observed: &Observed) -> Outcomes {
    let collector = Collector::default();
    let body = collector.body::<Loom>(program, observed);
    let exploration =
        engine::loom::explore(engine::loom::Options { executions: Some(LOOM_EXECUTIONS), time: None }, body);
    collector.outcomes(&exploration)
}

/// The outcomes of the program under shuttle's depth-first search.
#[must_use]
pub fn under_shuttle(program: &Program, observed: &Observed) -> Outcomes {
    let collector = Collector::default();
    let body = collector.body::<Shuttle>(program, observed);
    let options = engine::shuttle::Options { executions: Some(SHUTTLE_EXECUTIONS), time: None };
    let exploration = engine::shuttle::explore(engine::shuttle::Strategy::DepthFirst, options, body);
    collector.outcomes(&exploration)
}
