//! The engine explores exactly the executions that the axioms allow, each once.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};
use std::sync::{Arc, Mutex};

use cancelproof::engine::rc11::{Options, witnesses};
use cancelproof::executor::Controlled;
use cancelproof::exploration::Extent;
use cancelproof::litmus::interpreter::run;
use cancelproof::litmus::{Instruction, Program};

use crate::axioms::{Execution, consistent_executions};

/// The executions that the engine explores, with repetitions.
fn explored_executions(program: &Program) -> Vec<Execution> {
    let found = Mutex::new(Vec::new());
    let body = {
        let program = Arc::new(program.clone());
        move || {
            let _ = run::<Controlled>(&program);
        }
    };
    let exploration = witnesses(&Options::default(), body, &|witness| {
        found.lock().expect("no visit panics").push(witness.threads[1..].to_vec());
    });
    assert_eq!(exploration.failure, None, "{program:?}");
    assert_eq!(exploration.extent, Extent::Exhausted);
    let found = found.into_inner().expect("no visit panics");
    assert_eq!(exploration.executions, found.len() as u64);
    found
}

/// Returns the number of executions.
#[track_caller]
fn check(program: &Program) -> usize {
    let explored = explored_executions(program);
    let expected = consistent_executions(program);
    let distinct: BTreeSet<Execution> = explored.iter().cloned().collect();
    assert_eq!(distinct.len(), explored.len(), "executions are explored twice: {program:?}");
    let missing: Vec<_> = expected.difference(&distinct).collect();
    let inconsistent: Vec<_> = distinct.difference(&expected).collect();
    assert!(
        missing.is_empty() && inconsistent.is_empty(),
        "{program:#?}\nmissing ({} of {}): {:#?}\ninconsistent ({}): {:#?}",
        missing.len(),
        expected.len(),
        missing.first(),
        inconsistent.len(),
        inconsistent.first()
    );
    expected.len()
}

#[test]
fn written_programs_have_the_executions_of_the_axioms() {
    let programs = [
        ("x = 1 rlx | a = x rlx", 2),
        ("x = 1 rlx; y = 1 rlx | a = y rlx; b = x rlx", 4),
        ("x = 1 rlx; y = 1 rel | a = y acq; b = x rlx", 3),
        ("a = x rlx; y = 1 rlx | b = y rlx; x = 1 rlx", 3),
        ("x = 1 sc; a = y sc | y = 1 sc; b = x sc", 3),
        ("a = add x 1 rlx | b = add x 1 rlx", 2),
        ("a = add x 1 rlx | b = add x 1 rlx | c = add x 1 rlx", 6),
        ("a = cas x 0 1 rlx rlx | b = cas x 0 2 rlx rlx", 2),
    ];
    for (text, executions) in programs {
        let program: Program = text.parse().expect("the program is well-formed");
        assert_eq!(check(&program), executions, "{text}");
    }
}

/// A small generator of pseudo-random numbers, so that a seed names the same programs everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit
    }

    pub(crate) fn of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

/// What kinds of instruction a random program is made of.
#[derive(Clone, Copy)]
pub(crate) struct Mix {
    pub(crate) threads: usize,
    pub(crate) instructions: usize,
    pub(crate) locations: u8,
    pub(crate) loads: &'static [Ordering],
    pub(crate) stores: &'static [Ordering],
    pub(crate) updates: &'static [Ordering],
    /// Out of ten instructions, how many are updates, and how many fences.
    pub(crate) update_share: usize,
    pub(crate) fence_share: usize,
}

pub(crate) const ALL: Mix = Mix {
    threads: 3,
    instructions: 7,
    locations: 2,
    loads: &[Relaxed, Acquire, SeqCst],
    stores: &[Relaxed, Release, SeqCst],
    updates: &[Relaxed, Acquire, Release, AcqRel, SeqCst],
    update_share: 3,
    fence_share: 1,
};

pub(crate) fn random_program(random: &mut Random, mix: Mix) -> Program {
    let mut threads = vec![Vec::new(); mix.threads];
    let mut registers = 0;
    for _ in 0..mix.instructions {
        let thread = random.below(mix.threads);
        let location = 3 + random.below(usize::from(mix.locations)) as u8;
        let value = 1 + random.below(2) as u64;
        let register = registers;
        let kind = random.below(10);
        let instruction = if kind < mix.fence_share {
            Instruction::Fence { ordering: random.of(&[Acquire, Release, AcqRel, SeqCst, SeqCst]) }
        } else if kind < mix.fence_share + mix.update_share && registers < 8 {
            registers += 1;
            let ordering = random.of(mix.updates);
            match random.below(3) {
                0 => Instruction::Add { register, location, value, ordering },
                1 => Instruction::Swap { register, location, value, ordering },
                _ => {
                    let failure = random.of(mix.loads);
                    let expected = random.below(3) as u64;
                    Instruction::CompareExchange {
                        register,
                        location,
                        expected,
                        new: value,
                        success: ordering,
                        failure,
                    }
                }
            }
        } else if random.below(2) == 0 && registers < 8 {
            registers += 1;
            Instruction::Load { register, location, ordering: random.of(mix.loads) }
        } else {
            Instruction::Store { location, value, ordering: random.of(mix.stores) }
        };
        threads[thread].push(instruction);
    }
    Program { threads }
}

/// How many of the `count` programs of the mix there are to check, each against the axioms.
fn check_random(seed: u64, count: usize, mix: Mix) {
    let mut random = Random(seed);
    let mut executions = 0;
    for _ in 0..count {
        executions += check(&random_program(&mut random, mix));
    }
    eprintln!("{count} programs, {executions} executions");
}

#[test]
fn random_programs_have_the_executions_of_the_axioms() {
    check_random(1, 60, ALL);
}

#[test]
fn random_programs_of_one_location_have_the_executions_of_the_axioms() {
    check_random(2, 60, Mix { locations: 1, instructions: 5, ..ALL });
}

#[test]
fn random_programs_of_updates_have_the_executions_of_the_axioms() {
    check_random(3, 60, Mix { update_share: 9, fence_share: 0, instructions: 5, ..ALL });
}

#[test]
fn random_programs_of_four_threads_have_the_executions_of_the_axioms() {
    check_random(4, 40, Mix { threads: 4, ..ALL });
}

#[test]
fn random_programs_with_fences_have_the_executions_of_the_axioms() {
    check_random(5, 40, Mix { fence_share: 4, update_share: 1, instructions: 8, ..ALL });
}

#[test]
fn random_sequentially_consistent_programs_have_the_executions_of_the_axioms() {
    let mix = Mix {
        loads: &[SeqCst, SeqCst, Acquire],
        stores: &[SeqCst, SeqCst, Release],
        updates: &[SeqCst],
        ..ALL
    };
    check_random(6, 40, mix);
}

/// The same at length, for a change of the search: each kind of program by itself, so that each ends and says how many it has seen.
macro_rules! at_length {
    ($($name:ident: $mix:expr;)*) => {
        mod at_length {
            use super::*;

            $(
                #[test]
                #[ignore = "takes minutes; run by `make axioms`"]
                fn $name() {
                    for seed in 100..110 {
                        check_random(seed, 150, $mix);
                    }
                }
            )*
        }
    };
}

at_length! {
    programs: ALL;
    programs_of_one_location: Mix { locations: 1, instructions: 5, ..ALL };
    programs_of_updates: Mix { update_share: 8, instructions: 5, ..ALL };
    programs_of_four_threads: Mix { threads: 4, ..ALL };
    programs_with_fences: Mix { fence_share: 4, instructions: 8, ..ALL };
    sequentially_consistent_programs: Mix { loads: &[SeqCst], stores: &[SeqCst], updates: &[SeqCst], ..ALL };
}
