//! Every contestant with every number of threads.

use comfy_table::Table;

use crate::contest::Contestant;
use crate::measure::{self, Effort, Measurement};

/// Numbers of threads, the driver's included.
pub(crate) const THREADS: [usize; 5] = [2, 3, 4, 5, 6];

/// What was measured, by contestant and number of threads.
pub(crate) struct Growth(Vec<(Contestant, [Option<Measurement>; THREADS.len()])>);

pub(crate) fn measure(effort: Effort) -> Growth {
    let of = |contestant: Contestant| {
        THREADS.map(|threads| {
            let can_end = contestant.can_end(threads, effort);
            can_end.then(|| {
                eprintln!("{}, {threads} threads", contestant.name());
                Measurement::of(effort, || contestant.explore(threads))
            })
        })
    };
    Growth(Contestant::ALL.map(|contestant| (contestant, of(contestant))).into())
}

impl Growth {
    pub(crate) fn of(&self, contestant: Contestant, threads: usize) -> Option<Measurement> {
        let place = THREADS.iter().position(|known| *known == threads)?;
        self.0.iter().find(|(known, _)| *known == contestant)?.1[place]
    }

    pub(crate) fn lines(&self) -> impl Iterator<Item = (Contestant, &[Option<Measurement>])> {
        self.0.iter().map(|(contestant, measured)| (*contestant, measured.as_slice()))
    }

    /// How many times faster one is than another with three threads.
    pub(crate) fn ratio(&self, fast: Contestant, slow: Contestant) -> Option<f64> {
        Some(self.of(slow, 3)?.time.as_secs_f64() / self.of(fast, 3)?.time.as_secs_f64())
    }

    pub(crate) fn counts(&self) -> Table {
        self.table(|measured| measure::count(measured.executions as f64))
    }

    pub(crate) fn times(&self) -> Table {
        self.table(|measured| format!("{} (of {})", measure::time(measured.time), measured.runs))
    }

    pub(crate) fn rates(&self) -> Table {
        self.table(|measured| measure::count(measured.rate()))
    }

    pub(crate) fn ratios(&self) -> Table {
        let ratio =
            |fast, slow| self.ratio(fast, slow).map_or_else(String::new, |ratio| format!("{ratio:.1}"));
        let rows = Contestant::ALL.map(|fast| {
            vec![fast.name().to_owned(), ratio(fast, Contestant::Loom), ratio(fast, Contestant::Shuttle)]
        });
        measure::table(&["engine", "than loom", "than shuttle, depth first"], rows.into())
    }

    fn table(&self, show: impl Fn(Measurement) -> String) -> Table {
        let rows = self.lines().map(|(contestant, measured)| {
            let cells = measured.iter().map(|measured| measured.map_or_else(|| "-".into(), &show));
            [contestant.name().to_owned()].into_iter().chain(cells).collect()
        });
        let header = ["engine", "2 threads", "3 threads", "4 threads", "5 threads", "6 threads"];
        measure::table(&header, rows.collect())
    }
}
