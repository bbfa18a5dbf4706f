//! Two workers against one.

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
}

impl Pair {
    /// Throughput of two workers by that of one.
    pub(crate) fn gain(&self) -> f64 {
        self.two.rate() / self.one.rate()
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
    let pair = |engine, explore: &dyn Fn(usize) -> Exploration| {
        eprintln!("{engine}, one worker and two");
        let [one, two] = Measurement::in_turns(effort, [&|| explore(1), &|| explore(2)]);
        Pair { engine, one, two }
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
            if pair.is_count_identical() { "identical".into() } else { "DIFFERENT".into() },
        ]
    });
    let header = ["engine, 5 threads", "one worker, per s", "two workers, per s", "ratio", "counts"];
    measure::table(&header, rows.collect())
}
