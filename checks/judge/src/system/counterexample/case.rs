//! A system in a scenario: what is run again and again while its counterexample is made small.

use std::sync::Arc;

use cancelproof_machine::{Contract, Rule};

use super::telling::Told;
use crate::counterexample::Stage;
use crate::exploration::FailureKind;
use crate::history::{Order, Outcome};
use crate::judge::{Engine, Settings};
use crate::recorder::Clocked;
use crate::rules::Violation;
use crate::system::catalogue::{self, Kind, Scenario};
use crate::system::execution;
use crate::system::history::outcome;
use crate::system::judge::judge;
use crate::system::program::Program;
use crate::system::record::Record;
use crate::system::registry::{REFERENCE, System};
use crate::system::rules::{Evidence, ORDER, judge_by};
use crate::trace::{Cast, FromOutside};
use crate::verdict::Verdict;

/// A system in a scenario, on our own executor.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) system: System,
    pub(super) scenario: Arc<Scenario>,
    program: Arc<Program>,
}

impl Case {
    pub(super) fn new(system: &System, scenario: Scenario) -> Self {
        let program = Arc::new(scenario.program.clone());
        Case { system: *system, scenario: Arc::new(scenario), program }
    }

    /// The same system in another program, whose outcomes are those of the reference; `None` if the reference does not
    /// keep every rule there, so that the program is to blame.
    pub(super) fn in_program(&self, program: Program) -> Option<Self> {
        let scenario = scenario(program, self.scenario.kind, self.scenario.ends)?;
        Some(Case::new(&self.system, scenario))
    }

    /// The contract that the framework keeps here.
    pub(super) fn contract(&self) -> Contract {
        execution::contract(self.program.setup)
    }
}

/// A scenario for a program: that of the catalogue if there is one, or else one with the outcomes of the reference.
/// `None` if the reference does not keep every rule.
pub(super) fn scenario(program: Program, kind: Kind, ends: bool) -> Option<Scenario> {
    let is_it = |known: &Scenario| known.program == program && known.kind == kind && known.ends == ends;
    if let Some(known) = catalogue::all().into_iter().find(is_it) {
        return Some(known);
    }
    let scenario = unlisted(program, kind, ends);
    let settings = Settings { executions: Some(EXECUTIONS_MAX), ..Settings::default() };
    let judged = judge(&REFERENCE, &scenario, Engine::Dpor, settings).ok()?.judgement;
    if judged.verdict != Verdict::Proved {
        return None;
    }
    let outcomes = judged.outcomes.keys().map(ToString::to_string).collect();
    Some(Scenario { outcomes, ..scenario })
}

fn unlisted(program: Program, kind: Kind, ends: bool) -> Scenario {
    Scenario {
        name: "program",
        area: "",
        source: "",
        program,
        kind,
        ends,
        about: "a program that is in no catalogue",
        outcomes: Vec::new(),
    }
}

/// The scenario that a program without a name stands for: that of the catalogue if it has the program, or else one whose
/// outcomes are those of the reference.
///
/// # Errors
///
/// Returns the scenario without outcomes if the reference does not keep every rule in it, or if it has too many executions: then
/// nothing that another system does there is wrong.
pub fn ad_hoc(program: Program) -> Result<Scenario, Box<Scenario>> {
    if let Some(known) = catalogue::all().into_iter().find(|known| known.program == program) {
        return Ok(known);
    }
    let is_raw = program.steps().any(|step| step.is_raw);
    // A raw step may be one that nobody has to refuse.
    let kinds: &[Kind] = if is_raw { &[Kind::Misuse, Kind::Lawful] } else { &[Kind::Lawful] };
    let as_kind =
        |kind: &Kind| [true, false].into_iter().find_map(|ends| scenario(program.clone(), *kind, ends));
    kinds.iter().find_map(as_kind).ok_or_else(|| Box::new(unlisted(program, kinds[0], false)))
}

/// Executions of the reference after which a program is taken to be too large.
const EXECUTIONS_MAX: u64 = 20_000;

impl Stage for Case {
    fn play(&self) {
        execution::run(&self.program, (self.system.on_controlled)());
    }

    fn judge(&self, failure: Option<&FailureKind>) -> Option<Violation> {
        let record = Record::of_this_thread();
        let events = record.history();
        let attention = failure.and(record.attention());
        judge_by(&Evidence::new(&self.scenario, &events, Order::RealTime, failure, attention), &ORDER)
    }

    fn clocked(&self) -> Arc<dyn Clocked<FromOutside>> {
        Arc::new(Told { record: Record::of_this_thread(), program: Arc::clone(&self.program) })
    }

    fn broken_from(&self, rule: Rule) -> Option<usize> {
        let events = Record::of_this_thread().history();
        let is_broken = |length: usize| {
            let evidence = Evidence::new(&self.scenario, &events[..length], Order::RealTime, None, None);
            judge_by(&evidence, &[rule]).is_some()
        };
        (1..=events.len()).rev().take_while(|&length| is_broken(length)).last()
    }

    fn outcome(&self) -> Outcome {
        let events = Record::of_this_thread().history();
        Outcome::from_text(&outcome(&events, self.program.threads.len(), self.program.requests()))
    }

    fn cast(&self) -> Cast {
        let steps = |thread: &Vec<_>| thread.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        Cast {
            threads: self.program.threads.iter().map(steps).collect(),
            of_whom: "system",
            harness: execution::harness(&self.program),
            machine: None,
        }
    }
}
