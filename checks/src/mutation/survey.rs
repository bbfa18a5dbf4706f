//! A request as it is: which of its operations are performed in which scenario.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashSet;

use super::asked::{Asked, is_of_harness};
use super::family::Family;
use super::{Site, Written};
use crate::alteration::Listener;
use crate::judge::{Engine, Intercepting};
use crate::scenario::Scenario;
use crate::subject::Subject;
use crate::verdict::Verdict;

/// One request or system in one scenario, unchanged.
#[derive(Clone)]
pub struct Case {
    /// What is judged.
    pub asked: Asked,
    /// The sites from which an operation is performed in at least one execution.
    pub sites: FxHashSet<Site>,
    /// How many executions there are.
    pub executions: u64,
    /// What was said of it.
    pub verdict: Verdict,
}

/// All cases of a family under one engine.
#[derive(Clone)]
pub struct Survey {
    /// The engine.
    pub engine: Engine,
    /// The cases in which all was proved, those with the fewest executions first: that is the order in which they are
    /// tried.
    pub cases: Vec<Case>,
    /// The cases in which it was not. Nothing that is said of changes means anything while there is one.
    pub failing: Vec<Case>,
    /// Every site, by place.
    pub sites: BTreeSet<Site>,
}

impl Survey {
    /// Explores every request of `family` in each of `scenarios` that applies to it, and its systems in theirs. Before each
    /// case `progress` is told its number.
    #[must_use]
    pub fn of(
        family: &Family,
        scenarios: &[Scenario],
        engine: Engine,
        progress: impl Fn(usize) + Sync,
    ) -> Self {
        let all = family.asked(scenarios);
        let cases = crate::pool::map(&all, |number, asked| {
            progress(number);
            case(asked, engine)
        });
        let (mut cases, failing): (Vec<Case>, Vec<Case>) = cases
            .into_iter()
            .flatten()
            .filter(|case| !matches!(case.verdict, Verdict::Vacuous { .. }))
            .partition(|case| case.verdict == Verdict::Proved);
        cases.sort_by_key(|case| case.executions);
        let sites = cases.iter().chain(&failing).flat_map(|case| case.sites.iter().copied()).collect();
        Survey { engine, cases, failing, sites }
    }
}

/// How the operations are written that a request performs in a scenario, as far as `rc11` explores it within
/// [`Settings::default`](crate::judge::Settings::default); none if they do not fit together.
#[must_use]
pub fn written_operations(subject: &'static dyn Subject, scenario: &Scenario) -> Vec<Written> {
    let asked = Asked::Request { subject, scenario: scenario.clone() };
    let sites = case(&asked, Engine::Rc11).map(|case| case.sites).unwrap_or_default();
    sites.into_iter().map(|site| site.written).collect()
}

/// Explores a request or system in a scenario; nothing if they do not fit together.
fn case(asked: &Asked, engine: Engine) -> Option<Case> {
    let sites = Arc::new(Mutex::new(FxHashSet::default()));
    let into = Arc::clone(&sites);
    let recording = Intercepting::new(move || Listener::once(&into));
    let judgement = asked.judge_through(engine, &recording).ok()?;
    let mut sites = std::mem::take(&mut *sites.lock().unwrap_or_else(PoisonError::into_inner));
    sites.retain(|site| !is_of_harness(site.file));
    Some(Case { asked: asked.clone(), sites, executions: judgement.executions, verdict: judgement.verdict })
}
