//! How one figure is measured.

use std::time::{Duration, Instant};

use cancelproof::exploration::{Exploration, Extent};
use comfy_table::{CellAlignment, Table, presets};

/// How long the program may take as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Seconds: one run of each, and nothing large.
    Quick,
    /// Minutes.
    Full,
}

/// Runs of one measurement, as long as they fit into [`RUNS_TIME`].
const RUNS: usize = 7;

/// No further run of a measurement begins after this much time.
const RUNS_TIME: Duration = Duration::from_secs(10);

/// What an engine took for one program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Measurement {
    pub(crate) executions: u64,
    /// The median over the runs.
    pub(crate) time: Duration,
    pub(crate) runs: usize,
}

impl Measurement {
    /// Explores again and again.
    ///
    /// # Panics
    ///
    /// Panics if a run does not exhaust the program, or has another count than the one before it: then the figure
    /// would be one of something else.
    pub(crate) fn of(effort: Effort, explore: impl Fn() -> Exploration) -> Self {
        let [measurement] = Measurement::in_turns(effort, [&explore]);
        measurement
    }

    /// Explores in several ways, in turns: what else the machine does then slows down all of them alike.
    ///
    /// # Panics
    ///
    /// Panics as [`Measurement::of`] does.
    pub(crate) fn in_turns<const N: usize>(effort: Effort, ways: [&dyn Fn() -> Exploration; N]) -> [Self; N] {
        let begin = Instant::now();
        let mut samples = [const { Sample { executions: None, times: Vec::new() } }; N];
        let mut runs = 0;
        while runs == 0 || effort == Effort::Full && runs < RUNS && begin.elapsed() < RUNS_TIME * N as u32 {
            for (sample, explore) in samples.iter_mut().zip(ways) {
                sample.add(explore);
            }
            runs += 1;
        }
        samples.map(Sample::measurement)
    }

    /// Executions per second.
    pub(crate) fn rate(&self) -> f64 {
        self.executions as f64 / self.time.as_secs_f64()
    }
}

/// The runs of one measurement.
struct Sample {
    executions: Option<u64>,
    times: Vec<Duration>,
}

impl Sample {
    fn add(&mut self, explore: &dyn Fn() -> Exploration) {
        let begin = Instant::now();
        let exploration = explore();
        self.times.push(begin.elapsed());
        assert_eq!((&exploration.extent, &exploration.failure), (&Extent::Exhausted, &None));
        assert_eq!(*self.executions.get_or_insert(exploration.executions), exploration.executions);
    }

    fn measurement(mut self) -> Measurement {
        self.times.sort();
        let runs = self.times.len();
        Measurement { executions: self.executions.unwrap_or_default(), time: self.times[runs / 2], runs }
    }
}

/// A table whose columns after the first hold figures.
pub(crate) fn table(header: &[&str], rows: Vec<Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(header.iter().copied()).add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A count with its thousands apart.
pub(crate) fn count(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A time with three digits that count.
pub(crate) fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        1.0.. => format!("{seconds:.2} s"),
        0.001.. => format!("{:.2} ms", seconds * 1e3),
        _ => format!("{:.1} µs", seconds * 1e6),
    }
}
