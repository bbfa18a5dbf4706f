//! The search for cycles beside the definition, in every graph that the exploration of drawn programs asks about.

use core::cell::Cell;
use core::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};
use std::sync::Arc;

use cancelproof_runtime::{Atomic, JoinHandle, Runtime};

use super::definition::is_sequentially_consistent;
use crate::engine::rc11::event::EventId;
use crate::engine::rc11::graph::Graph;
use crate::engine::rc11::{Options, explore};
use crate::executor::Controlled;
use crate::exploration::Extent;

type Word = <Controlled as Runtime>::AtomicU64;

thread_local! {
    /// How many graphs were asked about, and how many of them have a cycle.
    static ASKED: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

/// Holds an answer of the search to the definition. Every test of this crate that explores comes by here.
pub(super) fn compare(graph: &Graph, new: &[EventId], is_kept: bool) {
    assert_eq!(is_kept, is_sequentially_consistent(graph), "with {new:?} in {graph:#?}");
    let (all, cyclic) = ASKED.get();
    ASKED.set((all + 1, cyclic + u64::from(!is_kept)));
}

/// One step of a drawn thread.
#[derive(Clone, Copy, Debug)]
enum Step {
    Load(usize, Ordering),
    Store(usize, u64, Ordering),
    Add(usize, Ordering),
    Exchange(usize, Ordering),
    Fence(Ordering),
    /// Another thread with one step, which is joined at once.
    Detour(usize),
}

/// Numbers that are the same in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    /// One of these, but most often sequentially consistent.
    fn ordering<const N: usize>(&mut self, weaker: [Ordering; N]) -> Ordering {
        if self.below(4) > 0 { SeqCst } else { weaker[self.below(N as u64) as usize] }
    }

    fn step(&mut self) -> Step {
        let word = self.below(2) as usize;
        match self.below(12) {
            0..4 => Step::Load(word, self.ordering([Relaxed, Acquire])),
            4..7 => Step::Store(word, self.below(3), self.ordering([Relaxed, Release])),
            7 => Step::Add(word, self.ordering([Relaxed, AcqRel])),
            8 => Step::Exchange(word, self.ordering([Relaxed, AcqRel])),
            9 => Step::Detour(word),
            _ => Step::Fence(self.ordering([Acquire, Release, AcqRel])),
        }
    }

    fn program(&mut self) -> Vec<Vec<Step>> {
        let (threads, most) = if self.below(2) == 0 { (2, 5) } else { (3, 4) };
        (0..threads).map(|_| (0..=self.below(most)).map(|_| self.step()).collect()).collect()
    }
}

fn perform(step: Step, words: &Arc<[Word; 2]>) {
    match step {
        Step::Load(word, ordering) => _ = words[word].load(ordering),
        Step::Store(word, value, ordering) => words[word].store(value, ordering),
        Step::Add(word, ordering) => _ = words[word].fetch_add(1, ordering),
        Step::Exchange(word, ordering) => _ = words[word].compare_exchange(0, 2, ordering, Relaxed),
        Step::Fence(ordering) => Controlled::fence(ordering),
        Step::Detour(word) => {
            let words = Arc::clone(words);
            Controlled::spawn(move || words[word].store(7, SeqCst)).join();
        }
    }
}

fn run(program: &[Vec<Step>]) {
    let words = Arc::new([0, 1].map(|_| Word::new(0)));
    let threads: Vec<_> = program
        .iter()
        .map(|steps| {
            let (steps, words) = (steps.clone(), Arc::clone(&words));
            Controlled::spawn(move || steps.iter().for_each(|step| perform(*step, &words)))
        })
        .collect();
    threads.into_iter().for_each(JoinHandle::join);
}

#[test]
fn the_search_for_cycles_agrees_with_the_definition() {
    let mut draw = Draw(0x9e37_79b9_7f4a_7c15);
    ASKED.set((0, 0));
    for _ in 0..2_000 {
        let program = draw.program();
        let said = format!("{program:?}");
        let options = Options { executions: Some(1_000), ..Options::default() };
        let exploration = explore(&options, move || run(&program));
        assert_eq!(exploration.failure, None, "{said}");
        assert!(matches!(exploration.extent, Extent::Exhausted | Extent::Bounded(_)), "{said}");
    }
    let (asked, cyclic) = ASKED.get();
    assert!(asked > 20_000 && cyclic > 200, "{cyclic} of {asked} have a cycle");
}
