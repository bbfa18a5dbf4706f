//! What an operation costs with the length of the execution.
//!
//! Three threads share out a given number of operations, each on words of its own, and in the end race for one word, so that the number of executions is
//! the same for every length. An engine that goes through the execution so far for each operation shows it here.

use std::sync::Arc;
use std::sync::atomic::Ordering::{self, AcqRel, Relaxed, SeqCst};

use cancelproof::engine::{dpor, rc11};
use cancelproof::exploration::Exploration;
use cancelproof::sync::controlled::atomic::{AtomicUsize, fence};
use cancelproof::thread::controlled as thread;
use comfy_table::Table;

use crate::measure::{self, Effort, Measurement};

/// Operations of one execution, the race aside.
const LENGTHS: [usize; 5] = [48, 96, 192, 384, 768];
const QUICK: [usize; 2] = [48, 192];

/// What the threads do before they race.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Updates with this ordering.
    Updates(Ordering),
    /// Relaxed stores and loads, with a sequentially consistent fence between them.
    Fences,
}

impl Shape {
    const ALL: [Shape; 3] = [Shape::Updates(AcqRel), Shape::Updates(SeqCst), Shape::Fences];

    fn name(self) -> &'static str {
        match self {
            Shape::Updates(SeqCst) => "updates, sequentially consistent",
            Shape::Updates(_) => "updates",
            Shape::Fences => "stores, fences, loads",
        }
    }

    /// One thread's share of the operations, on the words of that thread.
    fn work(self, words: &[AtomicUsize], operations: usize) {
        match self {
            Shape::Updates(ordering) => {
                for number in 0..operations {
                    words[number % words.len()].fetch_add(1, ordering);
                }
            }
            Shape::Fences => {
                for number in 0..operations / 3 {
                    words[number % words.len()].store(number, Relaxed);
                    fence(SeqCst);
                    words[number % words.len()].load(Relaxed);
                }
            }
        }
    }

    fn run(self, length: usize) {
        const OWN: usize = 4;
        let words: Arc<Vec<AtomicUsize>> = Arc::new((0..=3 * OWN).map(|_| AtomicUsize::new(0)).collect());
        let handles: Vec<_> = (0..3)
            .map(|number| {
                let words = Arc::clone(&words);
                thread::spawn(move || {
                    self.work(&words[number * OWN..][..OWN], length / 3);
                    words[3 * OWN].fetch_add(1, AcqRel);
                    words[3 * OWN].fetch_add(1, AcqRel);
                })
            })
            .collect();
        for handle in handles {
            handle.join().expect("the thread does not panic");
        }
    }
}

/// Both engines on one shape.
pub(crate) struct Line {
    shape: Shape,
    length: usize,
    dpor: Measurement,
    rc11: Measurement,
}

pub(crate) fn measure(effort: Effort) -> Vec<Line> {
    let lengths = if effort == Effort::Quick { &QUICK[..] } else { &LENGTHS[..] };
    let mut lines = Vec::new();
    for (shape, length) in
        Shape::ALL.into_iter().flat_map(|shape| lengths.iter().map(move |length| (shape, *length)))
    {
        eprintln!("{}, {length} operations", shape.name());
        let under_dpor =
            || -> Exploration { dpor::explore(&dpor::Options::default(), move || shape.run(length)) };
        let under_rc11 =
            || -> Exploration { rc11::explore(&rc11::Options::default(), move || shape.run(length)) };
        let [dpor, rc11] = Measurement::in_turns(effort, [&under_dpor, &under_rc11]);
        lines.push(Line { shape, length, dpor, rc11 });
    }
    lines
}

pub(crate) fn table(lines: &[Line]) -> Table {
    let rows = lines.iter().map(|line| {
        let each = |measured: &Measurement| {
            let operations = measured.executions as f64 * line.length as f64;
            format!("{:.0}", measured.time.as_secs_f64() * 1e9 / operations)
        };
        let rates = line.dpor.rate() / line.rc11.rate();
        vec![
            line.shape.name().to_owned(),
            line.length.to_string(),
            measure::count(line.dpor.executions as f64),
            measure::count(line.rc11.executions as f64),
            each(&line.dpor),
            each(&line.rc11),
            format!("{rates:.2}"),
        ]
    });
    let header =
        ["operations", "how many", "executions, dpor", "rc11", "ns an operation, dpor", "rc11", "times dpor"];
    measure::table(&header, rows.collect())
}
