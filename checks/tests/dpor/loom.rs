//! loom beside the independent count: it leaves out nothing that some interleaving does.
//!
//! loom by itself does (its issues 166 and 392), in about a tenth of such programs; the platform tells it what it forgets.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use cancelproof::engine::loom::{Options, explore};
use cancelproof::exploration::Extent;
use cancelproof::platform::Loom;

use crate::brute_force::run_all;
use crate::program::{Numbers, Outcome, Program, Step, run};

/// What the programs are made of. A plain store is not among it: where it races with a read-modify-write loom explores
/// impossible histories (loom issue 254).
const KINDS: [fn(&mut Numbers) -> Step; 6] = [
    |numbers| Step::Load(numbers.below(2)),
    |numbers| Step::Load(numbers.below(2)),
    |numbers| Step::Load(numbers.below(2)),
    |numbers| Step::Add(numbers.below(2), 1),
    |numbers| Step::Exchange(numbers.below(2), 0, 5),
    |numbers| Step::Guarded(0, numbers.below(2)),
];

fn outcomes(program: &Program) -> BTreeSet<Outcome> {
    let outcomes = Arc::new(Mutex::new(BTreeSet::new()));
    let exploration = explore(Options::default(), {
        let (outcomes, program) = (Arc::clone(&outcomes), program.clone());
        move || {
            let outcome = run::<Loom>(&program);
            outcomes.lock().expect("nobody panics").insert(outcome);
        }
    });
    assert_eq!((exploration.failure, exploration.extent), (None, Extent::Exhausted), "{program:?}");
    outcomes.lock().expect("nobody panics").clone()
}

fn leaves_out_nothing(program: &Program) {
    let (explored, everything) = (outcomes(program), run_all(program, false).outcomes);
    let left_out: Vec<_> = everything.difference(&explored).collect();
    assert!(left_out.is_empty(), "{program:?} can end in {left_out:?}, which loom does not explore");
}

#[test]
fn nothing_is_left_out_of_programs_of_two_threads() {
    let mut numbers = Numbers(1);
    for _ in 0..200 {
        leaves_out_nothing(&numbers.program(2, 3, &KINDS));
    }
}

#[test]
fn nothing_is_left_out_of_programs_of_three_threads() {
    let mut numbers = Numbers(2);
    for _ in 0..12 {
        leaves_out_nothing(&numbers.program(3, 2, &KINDS));
    }
}

/// The shortest program of which loom by itself leaves something out: the second thread's own load hides the first one's.
#[test]
fn a_load_is_not_hidden_by_one_of_the_thread_that_writes() {
    leaves_out_nothing(&vec![vec![Step::Load(0)], vec![Step::Load(0), Step::Add(0, 1)]]);
}
