//! Every bug under every engine, and every twin.
//!
//! Budgets are of executions and never of time, so the matrix is the same on every run and every machine.

use cancelproof_engines::engine::claims::Claims;
use cancelproof_engines::engine::shuttle::{self, Strategy};
use cancelproof_engines::engine::{Body, Budget, Dpor, Engine, Loom, Rc11, Shuttle};
use cancelproof_engines::exploration::{Exploration, Extent, FailureKind};
use std::sync::Arc;

use crate::bug::{Bodies, Bug, Kernel};
use crate::programs::Judged;
use crate::{kernels, requests};

/// The columns: the engines of others first, then our own.
pub static ENGINES: [&(dyn Engine + Send + Sync); 6] =
    [&Loom, &Shuttle::DepthFirst, &Shuttle::Random, &Pct, &Dpor, &Rc11];

/// shuttle's probabilistic concurrency testing for bugs of depth two, and then of depth three. In programs as short as
/// these each depth misses what the other finds.
#[derive(Clone, Copy, Debug)]
struct Pct;

impl Engine for Pct {
    fn claims(&self) -> Claims {
        Shuttle::Pct.claims()
    }

    fn explore(&self, budget: &Budget, body: Body) -> Exploration {
        let options = shuttle::Options { executions: budget.executions, time: budget.time };
        let at = |depth| {
            let (seed, samples, body) = (budget.seed, budget.samples, Arc::clone(&body));
            shuttle::explore(Strategy::Pct { seed, samples, depth }, options, move || body())
        };
        let first = at(2);
        if first.failure.is_some() {
            return first;
        }
        let mut second = at(3);
        if let Some(failure) = &mut second.failure {
            failure.execution += first.executions;
        }
        second.executions += first.executions;
        second
    }
}

/// Executions in which a bug is looked for.
const FOR_A_BUG: u64 = 20_000;

/// Executions in which one of our own engines proves a twin.
const FOR_A_PROOF: u64 = 200_000;

/// Executions in which an engine of others may refute a twin. It promises no proof.
const FOR_A_WITNESS: u64 = 1_000;

/// What became of every bug under every engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// The rows, in the order of the lists.
    pub rows: Vec<Row>,
}

/// What became of one bug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The bug.
    pub bug: &'static Bug,
    /// What each of [`ENGINES`] said of the broken program.
    pub cells: Vec<Cell>,
    /// What each of [`ENGINES`] said of the twin.
    pub twins: Vec<Twin>,
    /// What small programs and a hunt said, if the bug is a request as well.
    pub judged: Option<Judged>,
}

/// What an engine said of a broken program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// It was refuted for an apt rule.
    Refuted {
        /// The number of the first execution that showed it, from 1.
        execution: u64,
    },
    /// It was refuted for another.
    WrongRule {
        /// What was seen.
        found: String,
    },
    /// It was not among the executions that were explored.
    NotFound {
        /// How many these were.
        executions: u64,
        /// Whether they were all.
        is_exhausted: bool,
        /// Why the engine does not claim to see it, if it does not.
        because: Option<&'static str>,
    },
}

/// What an engine said of a twin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Twin {
    /// Every execution was explored, and none failed.
    Proved {
        /// How many these were.
        executions: u64,
    },
    /// No execution failed among those that were explored.
    Bounded {
        /// How many these were.
        executions: u64,
    },
    /// An execution failed.
    Refuted {
        /// What was seen.
        found: String,
    },
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bugs that are done.
    pub done: usize,
    /// All bugs.
    pub all: usize,
    /// The bug that comes next.
    pub bug: &'static str,
}

/// Looks for the fault of `kernel` with `engine`.
#[must_use]
pub fn refute(kernel: &Kernel, engine: &dyn Engine) -> Cell {
    let claims = engine.claims();
    let explored = explore(kernel.broken, engine, FOR_A_BUG);
    match explored.failure {
        Some(failure) if kernel.bug.rule.is_broken_by(&failure.kind) => {
            Cell::Refuted { execution: failure.execution }
        }
        Some(failure) => Cell::WrongRule { found: in_words(&failure.kind) },
        None => Cell::NotFound {
            executions: explored.executions,
            is_exhausted: explored.extent == Extent::Exhausted,
            because: kernel.bug.needs.why_unseen(&claims),
        },
    }
}

/// Explores the twin of `kernel` with `engine`.
#[must_use]
pub fn prove(kernel: &Kernel, engine: &dyn Engine) -> Twin {
    let most = if engine.claims().is_own { FOR_A_PROOF } else { FOR_A_WITNESS };
    let explored = explore(kernel.fixed, engine, most);
    match explored.failure {
        Some(failure) => Twin::Refuted { found: in_words(&failure.kind) },
        None if explored.extent == Extent::Exhausted => Twin::Proved { executions: explored.executions },
        None => Twin::Bounded { executions: explored.executions },
    }
}

fn explore(bodies: Bodies, engine: &dyn Engine, executions: u64) -> Exploration {
    let Claims { platform, .. } = engine.claims();
    let budget = Budget { samples: executions.min(2_000), executions: Some(executions), ..Budget::default() };
    engine.explore(&budget, Arc::new(bodies.on(platform)))
}

/// What was seen, in one line.
pub(crate) fn in_words(kind: &FailureKind) -> String {
    match kind {
        FailureKind::Panic { message } => message.lines().next().unwrap_or_default().to_owned(),
        FailureKind::DataRace { .. } => "a data race".to_owned(),
        FailureKind::Deadlock { .. } => "a deadlock".to_owned(),
        FailureKind::Unbounded { .. } => "an execution without end".to_owned(),
        FailureKind::Leak { message } | FailureKind::Nondeterminism { message } => message.clone(),
        FailureKind::StackOverflow { .. } => "a stack overflow".to_owned(),
    }
}

impl Matrix {
    /// Runs every bug and every twin under each of [`ENGINES`], and says before each bug that it comes next.
    #[must_use]
    pub fn run(mut progress: impl FnMut(Progress)) -> Self {
        let all = kernels::all().count();
        let rows = kernels::all().enumerate().map(|(done, kernel)| {
            progress(Progress { done, all, bug: kernel.bug.name });
            Row::run(kernel)
        });
        Matrix { rows: rows.collect() }
    }

    /// Whether no claim was broken.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.complaints().next().is_none()
    }

    /// Each claim that was broken, in a line: a twin that is refuted or not proved, a fault that is refuted for another rule,
    /// or that our own engines claim to see and have not found.
    pub fn complaints(&self) -> impl Iterator<Item = String> {
        self.rows.iter().flat_map(|row| {
            let of_engine = ENGINES.iter().zip(row.cells.iter().zip(&row.twins));
            let of_engines = of_engine.flat_map(move |(engine, (cell, twin))| {
                let claims = engine.claims();
                let complaints = [cell.complaint(&claims), twin.complaint(&claims)];
                complaints
                    .into_iter()
                    .flatten()
                    .map(move |said| format!("{} under {}: {said}", row.bug.name, claims.name))
            });
            of_engines.chain(row.judged.iter().flat_map(Judged::complaints))
        })
    }

    /// What was said of the bugs that are requests.
    pub fn judged(&self) -> impl Iterator<Item = &Judged> {
        self.rows.iter().filter_map(|row| row.judged.as_ref())
    }

    /// How many bugs our own engines have refuted for an apt rule.
    #[must_use]
    pub fn refuted(&self) -> usize {
        self.rows.iter().filter(|row| row.is_refuted()).count()
    }
}

impl Row {
    /// Runs one bug and its twin under each of [`ENGINES`].
    #[must_use]
    pub fn run(kernel: &'static Kernel) -> Self {
        Row {
            bug: kernel.bug,
            cells: ENGINES.iter().map(|engine| refute(kernel, *engine)).collect(),
            twins: ENGINES.iter().map(|engine| prove(kernel, *engine)).collect(),
            judged: requests::of(kernel.bug.name).map(Judged::run),
        }
    }

    /// Whether one of our own engines has refuted the fault for an apt rule.
    #[must_use]
    pub fn is_refuted(&self) -> bool {
        let mut columns = ENGINES.iter().zip(&self.cells);
        columns.any(|(engine, cell)| engine.claims().is_own && matches!(cell, Cell::Refuted { .. }))
    }
}

impl Cell {
    /// What is wrong with it, if it breaks what the engine claims. The engines of others are witnesses: what they do not find
    /// within the budget breaks nothing.
    fn complaint(&self, claims: &Claims) -> Option<String> {
        match self {
            Cell::WrongRule { found } => Some(format!("refuted for another rule: {found}")),
            Cell::NotFound { executions, because: None, .. } if claims.is_own => {
                Some(format!("claimed and not found in {executions} executions"))
            }
            Cell::Refuted { .. } | Cell::NotFound { .. } => None,
        }
    }
}

impl Twin {
    fn complaint(&self, claims: &Claims) -> Option<String> {
        match self {
            Twin::Refuted { found } => Some(format!("the twin is refuted: {found}")),
            Twin::Bounded { executions } if claims.is_own => {
                Some(format!("the twin is not proved in {executions} executions"))
            }
            Twin::Proved { .. } | Twin::Bounded { .. } => None,
        }
    }
}
