//! A request in a program: what is run again and again while its counterexample is made small.

use std::sync::Arc;

use cancelproof_machine::{Contract, Rule};
use cancelproof_references::requests::word::{self, Word};

use super::stage::{EXECUTIONS_MAX, Stage};
use crate::engine::dpor::{self, Preemptions};
use crate::execution::{self, Record};
use crate::executor::Controlled;
use crate::exploration::FailureKind;
use crate::history::{History, Order, Outcome};
use crate::judge::{Property, broken_property};
use crate::operation::TaskId;
use crate::recorder::Clocked;
use crate::rules::{self, Evidence, Violation};
use crate::scenario::{Behaviour, Program, Scope};
use crate::subject::Made;
use crate::trace::{Cast, FromOutside};

/// A request in a program, on our own executor.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) program: Arc<Program>,
    pub(super) scope: Scope,
    pub(super) contract: Contract,
    properties: Vec<&'static dyn Property>,
    make: Arc<dyn Fn() -> Made<Controlled> + Send + Sync>,
}

impl Case {
    pub(super) fn new(
        program: Program,
        scope: Scope,
        contract: Contract,
        properties: Vec<&'static dyn Property>,
        make: impl Fn() -> Made<Controlled> + Send + Sync + 'static,
    ) -> Self {
        Case { program: Arc::new(program), scope, contract, properties, make: Arc::new(make) }
    }

    /// The same request in another program.
    pub(super) fn in_program(&self, program: Program) -> Self {
        Case { program: Arc::new(program), ..self.clone() }
    }

    /// A request that is known to be right, in the same program. Where it fails too, the program is to blame.
    pub(super) fn control(&self) -> Self {
        let contract = self.contract;
        let make = move || -> Made<Controlled> {
            Box::new(Word::<Controlled, word::Reference>::with_contract(contract))
        };
        Case { make: Arc::new(make), ..self.clone() }
    }

    /// Shows every execution that ran to its end: its decisions, its history, and the rule that it broke.
    pub(super) fn visit(
        &self,
        preemptions: Preemptions,
        see: impl Fn(&[TaskId], &History, Option<Violation>) + Send + Sync + 'static,
    ) {
        let case = self.clone();
        let on_execution = move |execution: &dpor::Execution<'_>| {
            if execution.failure.is_none() {
                see(execution.decisions, &history(Order::RealTime), case.judge(None));
            }
            Ok(())
        };
        let options = dpor::Options {
            executions: Some(EXECUTIONS_MAX),
            preemptions,
            on_execution: Some(Arc::new(on_execution)),
            ..dpor::Options::default()
        };
        dpor::explore(&options, self.body());
    }

    /// The objects that the harness makes for this program: the request's own may be known to the engine only once they are used,
    /// and must not be taken for one that is not there.
    fn harness(&self) -> &'static [&'static str] {
        if self.program.callback == Behaviour::CompletesTogether { &OF_HARNESS } else { &OF_HARNESS[..2] }
    }

    /// As [`Stage::broken_from`], of a history in this order.
    pub(super) fn broken_from_in(&self, order: Order, rule: Rule) -> Option<usize> {
        let events = history(order).events;
        let is_broken = |length: usize| {
            let history = History { events: events[..length].to_vec(), order };
            if rule == Rule::OwnProperty {
                return broken_property(&self.properties, &history).is_some();
            }
            let evidence = Evidence::new(&history, &self.contract, self.scope, None, None);
            rules::judge_by(&evidence, &[rule]).is_some()
        };
        (1..=events.len()).rev().take_while(|&length| is_broken(length)).last()
    }
}

impl Stage for Case {
    fn play(&self) {
        Record::of_this_thread().announce(&self.contract);
        execution::run(&self.program, || (self.make)());
    }

    fn judge(&self, failure: Option<&FailureKind>) -> Option<Violation> {
        let attention = failure.and(Record::of_this_thread().attention());
        let history = history(Order::RealTime);
        let own = || broken_property(&self.properties, &history);
        if let Some(violation) = failure.is_none().then(own).flatten() {
            return Some(violation);
        }
        rules::judge(&Evidence::new(&history, &self.contract, self.scope, failure, attention))
    }

    fn clocked(&self) -> Arc<dyn Clocked<FromOutside>> {
        Record::of_this_thread()
    }

    fn broken_from(&self, rule: Rule) -> Option<usize> {
        self.broken_from_in(Order::RealTime, rule)
    }

    fn outcome(&self) -> Outcome {
        Outcome::of(&history(Order::RealTime))
    }

    fn cast(&self) -> Cast {
        let steps = |thread: &Vec<_>| thread.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        Cast {
            threads: self.program.threads.iter().map(steps).collect(),
            of_whom: "request",
            harness: self.harness().iter().map(|name| (*name).to_owned()).collect(),
            machine: Some(self.contract),
        }
    }
}

/// The names of the three objects that the harness makes, in their order.
const OF_HARNESS: [&str; 3] = ["context", "payload", "meeting"];

/// The history of the execution that has just ended on this thread.
pub(super) fn history(order: Order) -> History {
    Record::of_this_thread().history(order)
}
