//! What is asked of the engines, and what was measured.

use comfy_table::Table;

use crate::contest::Contestant;
use crate::growth::Growth;
use crate::measure::{self, Measurement};
use crate::overhead::Comparison;
use crate::workers::Pair;

/// One line of the table.
struct Target {
    asked: String,
    measured: Option<String>,
    is_met: bool,
}

pub(crate) fn table(growth: &Growth, workers: &[Pair], overhead: &[Comparison]) -> Table {
    let mut targets = speed(growth);
    targets.extend(workers.iter().map(|pair| Target {
        asked: format!("6. {}: two workers at least 1.7 times one, identical counts", pair.engine),
        measured: Some(format!("{:.2}", pair.gain())),
        is_met: pair.gain() >= 1.7 && pair.is_count_identical(),
    }));
    targets.extend(overhead.iter().map(|comparison| Target {
        asked: format!("7. {}: recording and judging at most 25 %", comparison.request),
        measured: Some(format!("{:.1} %", comparison.overhead() * 100.0)),
        is_met: comparison.overhead() <= 0.25,
    }));
    let rows = targets.into_iter().map(|target| {
        let verdict = match (&target.measured, target.is_met) {
            (None, _) => "not measured",
            (_, true) => "met",
            (_, false) => "NOT MET",
        };
        vec![target.asked, target.measured.unwrap_or_else(|| "-".into()), verdict.into()]
    });
    measure::table(&["asked", "measured", ""], rows.collect())
}

fn speed(growth: &Growth) -> Vec<Target> {
    let faster = |contestant: Contestant, least: f64| {
        let ratio = growth.ratio(contestant, Contestant::Loom);
        Target {
            asked: format!("3. {}: {} times faster than loom", contestant.name(), measure::count(least)),
            measured: ratio.map(|ratio| format!("{} times", measure::count(ratio))),
            is_met: ratio.is_some_and(|ratio| ratio >= least),
        }
    };
    let within = |contestant: Contestant, threads: usize, most: f64| {
        let time = growth.of(contestant, threads).map(|Measurement { time, .. }| time);
        Target {
            asked: format!("3. {}: {threads} threads under {most} s", contestant.name()),
            measured: time.map(measure::time),
            is_met: time.is_some_and(|time| time.as_secs_f64() < most),
        }
    };
    vec![
        faster(Contestant::Dpor, 3_000.0),
        faster(Contestant::DporOnShuttle, 500.0),
        faster(Contestant::Rc11, 1_000.0),
        within(Contestant::Dpor, 5, 0.5),
        within(Contestant::Rc11, 5, 2.0),
        within(Contestant::Rc11Retry, 6, 1.0),
    ]
}
