//! Two workers against one, and against what the machine gives two explorations that share nothing.

use cancelproof::engine::{dpor, rc11};
use cancelproof::executor::Controlled;
use cancelproof::exploration::Exploration;
use comfy_table::Table;

use crate::measure::{self, Effort, Measurement};
use crate::word_request::drive;

/// One engine with one worker and with two.
pub(crate) struct Pair {
    pub(crate) engine: &'static str,
    pub(crate) one: Measurement,
    pub(crate) two: Measurement,
    /// Two explorations at once that have nothing to do with each other, one worker each.
    apart: Measurement,
}

impl Pair {
    /// Throughput of two workers by that of one.
    pub(crate) fn gain(&self) -> f64 {
        self.two.rate() / self.one.rate()
    }

    /// What two workers could give at most: on a machine whose processors share units, caches or a clock that is less than two.
    pub(crate) fn ceiling(&self) -> f64 {
        2.0 * self.one.time.as_secs_f64() / self.apart.time.as_secs_f64()
    }

    pub(crate) fn is_count_identical(&self) -> bool {
        self.one.executions == self.two.executions
    }
}

pub(crate) fn measure(effort: Effort) -> Vec<Pair> {
    let cancelers = 4;
    let body = move || {
        drive::<Controlled>(cancelers);
    };
    let pair = |engine, explore: &(dyn Fn(usize) -> Exploration + Sync)| {
        eprintln!("{engine}, one worker and two");
        let apart = || {
            std::thread::scope(|scope| {
                let other = scope.spawn(|| explore(1));
                let exploration = explore(1);
                other.join().expect("an exploration does not panic");
                exploration
            })
        };
        let [one, two, apart] = Measurement::in_turns(effort, [&|| explore(1), &|| explore(2), &apart]);
        Pair { engine, one, two, apart }
    };
    vec![
        pair("dpor", &|workers| dpor::explore(&dpor::Options { workers, ..dpor::Options::default() }, body)),
        pair("rc11", &|workers| rc11::explore(&rc11::Options { workers, ..rc11::Options::default() }, body)),
    ]
}

pub(crate) fn table(pairs: &[Pair]) -> Table {
    let rows = pairs.iter().map(|pair| {
        vec![
            pair.engine.to_owned(),
            measure::count(pair.one.rate()),
            measure::count(pair.two.rate()),
            format!("{:.2}", pair.gain()),
            format!("{:.2}", pair.ceiling()),
            if pair.is_count_identical() { "identical".into() } else { "DIFFERENT".into() },
        ]
    });
    let header =
        ["engine, 5 threads", "one worker, per s", "two workers, per s", "ratio", "at most", "counts"];
    measure::table(&header, rows.collect())
}
