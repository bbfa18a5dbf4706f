//! Who is first: executions to the first failure of our engines, against what sampling takes.
//!
//! Our engines explore in a fixed order, which could happen to put every failure last; a sampling engine that draws
//! its schedules has no such order. So each fault is run under both. A sampling engine is run from several seeds, and
//! its *median* stands for it: of an even number of seeds the lower of the two in the middle, which is the one that is
//! better for it.

use comfy_table::{CellAlignment, Table};

use super::{Cell, Settings, run_one, scenario_of, why_not_claimed};
use crate::judge::Engine;
use crate::registry::FaultyRequest;

/// Our engines, in the order of the columns.
pub const OURS: [Engine; 2] = [Engine::Dpor, Engine::Rc11];

/// The sampling engines, in the order of the columns.
pub const SAMPLERS: [Engine; 3] = [Engine::ShuttleRandom, Engine::ShuttlePct, Engine::ShuttleWalk];

/// Seeds from which each sampling engine is run.
pub const SEEDS: u64 = 20;

/// Executions to the first failure of one fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heat {
    /// The fault, by name.
    pub fault: &'static str,
    /// By engine of [`OURS`]; `None` if it did not find the fault.
    pub ours: [Option<u64>; OURS.len()],
    /// By engine of [`SAMPLERS`], the median; `None` if from most seeds it did not find the fault.
    pub samplers: [Option<u64>; SAMPLERS.len()],
    /// Whether a sampling engine claims to find the fault at all. If none does, our engines have nobody to beat.
    pub is_contested: bool,
}

impl Heat {
    /// Runs one fault from this many seeds.
    #[must_use]
    pub fn run(fault: &'static FaultyRequest, seeds: u64) -> Self {
        let scenario = scenario_of(fault);
        let first = |engine, settings| match run_one(fault, &scenario, engine, settings) {
            Cell::Refuted { executions, .. } => Some(executions),
            _ => None,
        };
        let claims = |engine| why_not_claimed(engine, &fault.about, &scenario).is_none();
        let sampled = |engine| {
            if !claims(engine) {
                return None;
            }
            median((1..=seeds).map(|seed| first(engine, Settings { seed, ..Settings::default() })))
        };
        Heat {
            fault: fault.about.name,
            ours: OURS.map(|engine| first(engine, Settings::default())),
            samplers: SAMPLERS.map(sampled),
            is_contested: SAMPLERS.into_iter().any(claims),
        }
    }

    /// The least of our engines' figures.
    #[must_use]
    pub fn best_of_ours(&self) -> Option<u64> {
        self.ours.into_iter().flatten().min()
    }

    /// Whether this figure is no worse than every sampling engine's.
    #[must_use]
    pub fn is_first(&self, executions: Option<u64>) -> bool {
        let best = self.samplers.into_iter().flatten().min();
        executions.is_some_and(|executions| best.is_none_or(|best| executions <= best))
    }
}

/// The median, where whoever does not come to an end comes last.
fn median(figures: impl Iterator<Item = Option<u64>>) -> Option<u64> {
    let mut figures: Vec<u64> = figures.map(|figure| figure.unwrap_or(u64::MAX)).collect();
    figures.sort_unstable();
    let middle = figures.get(figures.len().checked_sub(1)? / 2)?;
    (*middle != u64::MAX).then_some(*middle)
}

/// On how many of the contested faults this figure is no worse than every sampling engine's, and how many there are.
#[must_use]
pub fn firsts(heats: &[Heat], figure: impl Fn(&Heat) -> Option<u64>) -> (usize, usize) {
    let contested = || heats.iter().filter(|heat| heat.is_contested);
    (contested().filter(|heat| heat.is_first(figure(heat))).count(), contested().count())
}

/// The comparison for people to read, the faults on which a sampling engine is first marked.
#[must_use]
pub fn render(heats: &[Heat]) -> Table {
    let mut table = Table::new();
    let engines = OURS.iter().chain(&SAMPLERS).map(|engine| engine.name());
    table.set_header(["fault"].into_iter().chain(engines).chain(["first"]));
    for heat in heats {
        let figures = heat.ours.iter().chain(&heat.samplers);
        let figures =
            figures.map(|figure| figure.map_or_else(|| "-".to_owned(), |figure| figure.to_string()));
        let first = match (heat.is_contested, heat.is_first(heat.best_of_ours())) {
            (false, _) => "uncontested",
            (true, true) => "ours",
            (true, false) => "SAMPLED",
        };
        table.add_row([heat.fault.to_owned()].into_iter().chain(figures).chain([first.to_owned()]));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// One sentence for each of our engines and for both together.
#[must_use]
pub fn summary(heats: &[Heat]) -> String {
    let line = |name: &str, figure: &dyn Fn(&Heat) -> Option<u64>| {
        let (first, of) = firsts(heats, figure);
        let percent = first as f64 / of.max(1) as f64 * 100.0;
        format!("{name}: no worse than every sampling engine on {first} of {of} faults, {percent:.1} %")
    };
    let both = line("dpor or rc11", &Heat::best_of_ours);
    let each = OURS.iter().enumerate().map(|(place, engine)| line(engine.name(), &|heat| heat.ours[place]));
    each.chain([both]).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_that_is_better_for_the_sampling_engine() {
        assert_eq!(median([Some(9), Some(1), None, Some(4)].into_iter()), Some(4));
        assert_eq!(median([None, Some(1), None].into_iter()), None);
        assert_eq!(median(std::iter::empty()), None);
    }

    #[test]
    fn who_finds_nothing_is_never_first() {
        let heat =
            Heat { fault: "", ours: [None, Some(3)], samplers: [None, Some(2), None], is_contested: true };
        assert!(
            !heat.is_first(heat.ours[0]) && !heat.is_first(heat.best_of_ours()) && heat.is_first(Some(2))
        );
        assert_eq!(firsts(&[heat], Heat::best_of_ours), (0, 1));
    }
}
