//! All executions of one exploration: each is judged at its end, and all of them are summed up.

use std::fmt;
use std::sync::{Arc, MutexGuard, OnceLock};

use cancelproof_engines::lock::Mutex;
use cancelproof_engines::outcome;
use cancelproof_machine::Complete;
use cancelproof_machine::machine::{Call, Reply};
use cancelproof_machine::{Contract, Rule};
use rustc_hash::{FxHashMap, FxHashSet};

use super::open::broken_property;
use super::stack::on_judging_stack;
use super::tally::{Known, Tally};
use super::underway::Seen;
use super::{Engine, Property};
use crate::arena;
use crate::coverage::Edge;
use crate::engine::{dpor, rerun};
use crate::execution::Record;
use crate::exploration::{Exploration, Failure, FailureKind};
use crate::history::{Event, History, Order, Outcome, Thread};
use crate::platform::reduction::Twins;
use crate::rules::{self, Evidence, Violation};
use crate::scenario::{Program, Reaches, Scenario, Scope};
use crate::verdict::{Judgement, Reached, Verdict};

/// How the panic begins by which the harness stops an engine at a broken rule.
const RULE_BROKEN: &str = "rule broken";

/// Different histories that a trial keeps which only observes.
const MEMORY_MAX: usize = 400_000;

/// The executions of one exploration.
#[derive(Debug)]
pub struct Trial {
    program: Arc<Program>,
    contract: Contract,
    rules: Vec<Rule>,
    scope: Scope,
    reaches: Reaches,
    order: Order,
    properties: Properties,
    /// The threads with the same steps, if the engine leaves out the executions in which they have changed roles.
    twins: OnceLock<Twins>,
    /// What another process had seen, where this one goes on with its exploration.
    before: OnceLock<Seen>,
    findings: Mutex<Findings>,
}

/// What an author demands beside the rules.
struct Properties(Vec<&'static dyn Property>);

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|property| property.name())).finish()
    }
}

/// What the executions so far have shown.
#[derive(Debug, Default)]
struct Findings {
    /// The executions that keep every rule.
    tally: Tally,
    /// All histories, each with its number of executions, in a trial that only observes.
    observed: FxHashMap<Vec<Event>, u64>,
    /// The edges of the machine along the runs that explain the histories which keep every rule.
    edges: FxHashSet<Edge>,
    /// The outcome of the execution that broke a rule last.
    failing: Option<Outcome>,
    /// The broken rule at which the engine was stopped.
    violation: Option<Violation>,
    /// The broken rules of failing executions, by their decisions, where an engine reports after each.
    violations: FxHashMap<Vec<u32>, Violation>,
}

impl Findings {
    /// Keeps a history as it is.
    fn observe(&mut self, events: Vec<Event>) {
        if self.observed.len() < MEMORY_MAX || self.observed.contains_key(&events) {
            *self.observed.entry(events).or_default() += 1;
        }
    }
}

impl Trial {
    /// A trial of `scenario` under `contract` and `rules`, by an engine whose histories have the given order. Without
    /// rules it judges nothing and keeps the histories.
    #[must_use]
    pub fn new(scenario: &Scenario, contract: Contract, rules: &[Rule], order: Order) -> Arc<Self> {
        Trial::with_properties(scenario, contract, rules, &[], order)
    }

    /// Like [`Trial::new`], with properties of an author's that are judged before the rules.
    #[must_use]
    pub fn with_properties(
        scenario: &Scenario,
        contract: Contract,
        rules: &[Rule],
        properties: &[&'static dyn Property],
        order: Order,
    ) -> Arc<Self> {
        Arc::new(Trial {
            program: Arc::new(scenario.program.clone()),
            contract,
            rules: rules.to_vec(),
            scope: scenario.scope,
            reaches: scenario.reaches,
            order,
            properties: Properties(properties.to_vec()),
            twins: OnceLock::new(),
            before: OnceLock::new(),
            findings: Mutex::default(),
        })
    }

    /// Has the engine leave out the executions in which threads with the same steps have changed roles, if it is one that
    /// can.
    pub(super) fn reduce(&self, engine: Engine) {
        if matches!(engine, Engine::Loom | Engine::Shuttle) {
            self.twins.get_or_init(|| Twins::new(self.program.twins()));
        }
    }

    /// The threads whose roles are not exchanged, if the engine leaves out anything.
    pub(super) fn twins(&self) -> Option<&Twins> {
        self.twins.get()
    }

    /// What each execution runs.
    #[must_use]
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Tells the harness of the contract, before an execution.
    pub(super) fn announce(&self) {
        Record::with_that_of_this_thread(|record| record.announce(&self.contract));
    }

    /// Tells the engine what the execution has come to that ends on this thread, for it to compare when it runs the first
    /// execution again.
    pub(super) fn say_outcome(&self) {
        outcome::came_to(|| {
            let history = Record::of_this_thread().history(self.order);
            on_judging_stack(|| Outcome::of(&history).to_string())
        });
    }

    /// Judges the execution that has just ended on this thread, unless it is the first one run again, which counts as none.
    ///
    /// # Panics
    ///
    /// Panics if it broke a rule: that is what stops an engine that knows no other way.
    pub fn judge_or_panic(&self) {
        if rerun::is_rerun() {
            return;
        }
        if let Some(violation) = self.judge_passing() {
            let message = format!("{RULE_BROKEN}: {violation}");
            self.findings().violation = Some(violation);
            panic!("{message}");
        }
    }

    /// Judges the execution that has just ended on this thread, for an engine that reports after each.
    ///
    /// # Errors
    ///
    /// Returns the broken rule as a failure, if the engine has not seen one itself.
    pub fn judge_reported(&self, execution: &dpor::Execution<'_>) -> Result<(), FailureKind> {
        let violation = match execution.failure {
            None => self.judge_passing(),
            Some(failure) => self.judge_failing(failure),
        };
        let Some(violation) = violation else { return Ok(()) };
        let message = format!("{RULE_BROKEN}: {violation}");
        let decisions = execution.decisions.iter().map(|task| u32::from(task.0)).collect();
        self.findings().violations.insert(decisions, violation);
        if execution.failure.is_some() { Ok(()) } else { Err(FailureKind::Panic { message }) }
    }

    /// Judges an execution that ended by itself.
    fn judge_passing(&self) -> Option<Violation> {
        // Some engines ask on a modelled thread, but what is found outlives the execution.
        arena::outside(|| self.judge_passing_outside())
    }

    fn judge_passing_outside(&self) -> Option<Violation> {
        Record::with_that_of_this_thread(|record| {
            if self.rules.is_empty() {
                self.findings().observe(record.history(self.order).events);
                return None;
            }
            if let Some(violation) = self.judge_properties(record) {
                return Some(violation);
            }
            let known = self.findings().tally.count_if_known(record);
            match known {
                Known::Yes => None,
                Known::No => self.judge_new_history(record),
            }
        })
    }

    /// The first property of the author's that the execution broke. What of a history no rule can tell apart a property
    /// may, so each execution is asked about.
    fn judge_properties(&self, record: &Record) -> Option<Violation> {
        if self.properties.0.is_empty() {
            return None;
        }
        let history = record.history(self.order);
        let violation = on_judging_stack(|| broken_property(&self.properties.0, &history));
        if violation.is_some() {
            self.findings().failing = Some(Outcome::of(&history));
        }
        violation
    }

    /// The rule that explains what an engine saw.
    fn judge_failing(&self, failure: &FailureKind) -> Option<Violation> {
        let record = Record::of_this_thread();
        let history = record.history(self.order);
        on_judging_stack(|| {
            let evidence =
                Evidence::new(&history, &self.contract, self.scope, Some(failure), record.attention());
            rules::judge_by(&evidence, &self.rules)
        })
    }

    fn judge_new_history(&self, record: &Record) -> Option<Violation> {
        let history = record.history(self.order);
        let violation = on_judging_stack(|| {
            let evidence = Evidence::new(&history, &self.contract, self.scope, None, None);
            let violation = rules::judge_by(&evidence, &self.rules);
            match (&violation, evidence.run()) {
                (Some(_), _) => self.findings().failing = Some(Outcome::of(&history)),
                (None, Some(run)) => self.findings().edges.extend(run),
                (None, None) => {}
            }
            violation
        });
        if violation.is_none() {
            self.findings().tally.pass(record);
        }
        violation
    }

    /// The judgement on the whole exploration.
    #[must_use]
    pub fn conclude(&self, exploration: &Exploration) -> Judgement {
        let mut findings = self.findings();
        let Seen { reached, outcomes, coverage } = self.sum(&findings);
        let verdict = match &exploration.failure {
            Some(failure) => self.verdict_of_failure(&findings, failure),
            None => Verdict::of_passing(exploration, reached, self.reaches),
        };
        Judgement {
            verdict,
            executions: exploration.executions,
            abandoned: exploration.abandoned,
            outcomes,
            coverage,
            failing: findings.failing.take().filter(|_| exploration.failure.is_some()),
        }
    }

    /// Begins where another process was interrupted that had seen this.
    pub(super) fn begin_with(&self, seen: Seen) {
        self.before.get_or_init(|| seen);
    }

    /// Everything that the executions so far have shown.
    pub(super) fn seen(&self) -> Seen {
        self.sum(&self.findings())
    }

    fn sum(&self, findings: &Findings) -> Seen {
        let mut seen = self.before.get().cloned().unwrap_or_default();
        for (events, executions) in findings.tally.counts() {
            let history = self.history(events);
            seen.reached.add(&history, executions);
            for mirrored in self.mirrored(&history) {
                seen.outcomes.entry(Outcome::of(&mirrored)).or_default();
            }
            *seen.outcomes.entry(Outcome::of(&history)).or_default() += executions;
        }
        seen.coverage.add(&findings.edges.iter().copied().collect());
        seen
    }

    /// Every different history of a trial without rules, each with its number of executions, in an order of their own;
    /// and whether there were too many to remember.
    pub(super) fn take_histories(&self) -> (Vec<(History, u64)>, bool) {
        let observed = std::mem::take(&mut self.findings().observed);
        let are_too_many = observed.len() >= MEMORY_MAX;
        let mut histories: Vec<_> =
            observed.into_iter().map(|(events, count)| (self.history(events), count)).collect();
        histories.sort_by_cached_key(|(history, _)| format!("{:?}", history.events));
        (histories, are_too_many)
    }

    /// The history in which twins have changed roles, in every way: no execution was run that had it, but one that mirrors
    /// it. (There is none where nothing was left out.)
    fn mirrored(&self, history: &History) -> Vec<History> {
        let Some(twins) = self.twins.get().filter(|twins| !twins.is_empty()) else { return Vec::new() };
        let renamed = |names: Vec<Thread>| {
            let events = history.events.iter().map(|event| event.on_threads(&names));
            History { events: events.collect(), order: history.order }
        };
        twins.names().into_iter().map(renamed).collect()
    }

    fn history(&self, events: Vec<Event>) -> History {
        History { events, order: self.order }
    }

    /// What the execution that has just ended on this thread, or was stopped, has left behind.
    pub(super) fn last_history(&self) -> History {
        Record::of_this_thread().history(self.order)
    }

    /// The rule that the failure breaks: the one that stopped the engine, or the one that explains what the engine
    /// saw itself.
    fn verdict_of_failure(&self, findings: &Findings, failure: &Failure) -> Verdict {
        if let FailureKind::Nondeterminism { message } = &failure.kind {
            return Verdict::ToolFailure { reason: format!("the request is not deterministic: {message}") };
        }
        let known = findings.violations.get(&failure.decisions).or(findings.violation.as_ref());
        let violation = known.cloned().or_else(|| self.judge_failing(&failure.kind));
        match violation {
            Some(violation) => Verdict::Refuted { violation, failure: failure.clone() },
            None => Verdict::ToolFailure { reason: format!("no rule explains {:?}", failure.kind) },
        }
    }

    fn findings(&self) -> MutexGuard<'_, Findings> {
        self.findings.lock()
    }
}

impl Reached {
    fn add(&mut self, history: &History, count: u64) {
        let answered = |wanted: fn(Call, Reply) -> bool| {
            history
                .operations()
                .iter()
                .any(|operation| operation.reply().is_some_and(|reply| wanted(operation.call, reply)))
        };
        let started = history.events.iter().any(|event| matches!(event, Event::CallbackStarted { .. }));
        let completed = Reply::Complete(Complete::Completed);
        self.callbacks += count * u64::from(started);
        self.cancels += count * u64::from(answered(|call, _| call == Call::Cancel));
        self.answers += count
            * u64::from(history.operations().iter().any(|operation| {
                operation.reply() == Some(completed)
                    || operation.reply().is_some_and(|reply| {
                        reply.misuse().is_some() || (reply.is_untold() && operation.call != Call::Cancel)
                    })
            }));
    }
}
