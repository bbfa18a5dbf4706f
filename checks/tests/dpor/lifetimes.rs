//! Whether a program frees what others use, by both engines and by an independent judge.

mod oracle;
mod program;

use std::sync::Arc;

use cancelproof::engine::{dpor, rc11};
use cancelproof::exploration::{Exploration, Extent};

use crate::program::Numbers;

use program::{Program, draw, run};

/// Whether the engine says that it is wrong.
#[track_caller]
fn is_refuted(exploration: &Exploration, program: &Program) -> bool {
    let Some(failure) = &exploration.failure else {
        assert_eq!(exploration.extent, Extent::Exhausted, "{program:?}");
        return false;
    };
    assert!(failure.kind.is_of_lifetime(), "{program:?}: {failure:?}");
    true
}

/// How many of the programs are wrong.
fn check(numbers: &mut Numbers, programs: usize, only_adds: bool) -> usize {
    let check_one = |_| {
        let (threads, steps) = [(2, 2), (2, 3), (2, 4), (3, 2)][numbers.below(4)];
        let program = Arc::new(draw(numbers, threads, steps, only_adds));
        let (is_wrong, _) = oracle::judge(&program);
        let body = || {
            let program = Arc::clone(&program);
            move || run(&program)
        };
        let by_dpor = is_refuted(&dpor::explore(&dpor::Options::default(), body()), &program);
        assert_eq!(by_dpor, is_wrong, "dpor: {program:?}");
        let by_rc11 = is_refuted(&rc11::explore(&rc11::Options::default(), body()), &program);
        // What reads and writes alone may do more under a weak memory, and nothing less.
        let agrees = if only_adds { by_rc11 == is_wrong } else { by_rc11 || !is_wrong };
        assert!(agrees, "rc11, {is_wrong}: {program:?}");
        is_wrong
    };
    (0..programs).map(check_one).filter(|is_wrong| *is_wrong).count()
}

#[test]
fn drawn_programs_free_rightly_or_not_as_an_independent_judge_says() {
    let mut numbers = Numbers(16);
    let adding = check(&mut numbers, 150, true);
    let all = check(&mut numbers, 150, false);
    assert!((20..130).contains(&adding) && (20..130).contains(&all), "one-sided: {adding} and {all}");
}

#[test]
#[ignore = "takes its time; `make axioms` runs it"]
fn more_drawn_programs_free_rightly_or_not_as_an_independent_judge_says() {
    let mut numbers = Numbers(1_600);
    let adding = check(&mut numbers, 2_000, true);
    let all = check(&mut numbers, 2_000, false);
    assert!(adding > 300 && all > 300, "one-sided: {adding} and {all}");
}
