//! The columns for kernels that are requests: every small program, and a hunt.
//!
//! Both are bounded by programs, turns and executions and never by time. Small programs are those that every author's suite runs;
//! the hunt's turns are those of `cancelproof hunt` with a fixed seed, without those on real threads, of which no two are alike.

use cancelproof_judge::judge::{Engine, Settings, Turn, judge};
use cancelproof_judge::scenario::groups::{Group, Size};
use cancelproof_judge::scenario::{Program, ad_hoc};
use cancelproof_judge::subject::Subject;
use cancelproof_judge::verdict::{Judgement, Verdict};
use cancelproof_machine::Contract;

use crate::bug::Needs;
use crate::kernels;
use crate::requests::AsRequest;

/// The seed of the hunts.
const SEED: u64 = 1;

/// Turns in which a hunt may find a bug.
const TURNS_FOR_A_BUG: u64 = 240;

/// Turns of a hunt on a twin.
pub(crate) const TURNS_OF_A_TWIN: u64 = 24;

/// The most executions of one program.
const EXECUTIONS_OF_A_PROGRAM: u64 = 20_000;

/// What small programs and a hunt have said of a bug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The request.
    pub name: &'static str,
    /// Who ran the small programs: `dpor`, or `rc11` where the bug needs weak memory.
    pub engine: Engine,
    /// What small programs said of the fault.
    pub small: Small,
    /// What they said of the twin.
    pub twin_small: TwinSmall,
    /// What a hunt said of the fault.
    pub hunted: Hunted,
    /// What it said of the twin.
    pub twin_hunted: TwinHunted,
}

/// What small programs said of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Small {
    /// It was refuted for an apt rule.
    Refuted {
        /// The program, the smallest of all that show the bug.
        program: String,
        /// Its number among all, from 1.
        number: usize,
        /// Executions up to the first that showed it, those of the programs before included.
        executions: u64,
        /// The rule, by name.
        rule: &'static str,
    },
    /// It was refuted for another rule.
    WrongRule {
        /// The program, and what was seen.
        found: String,
    },
    /// No program shows it.
    NotFound {
        /// How many there are.
        programs: usize,
    },
}

/// What small programs said of a twin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TwinSmall {
    /// Every program was exhausted and none refuted.
    Proved {
        /// How many there are.
        programs: usize,
        /// Their executions.
        executions: u64,
    },
    /// Some program was refuted, or not exhausted.
    Otherwise {
        /// The program, and what was seen.
        found: String,
    },
}

/// What a hunt said of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hunted {
    /// It was refuted for an apt rule.
    Refuted {
        /// The number of the turn, from 1, among those that apply.
        turn: u64,
        /// Executions of all turns up to the first that showed it.
        executions: u64,
        /// Who found it.
        engine: Engine,
        /// In which program.
        program: String,
    },
    /// It was refuted for another rule.
    WrongRule {
        /// The program, and what was seen.
        found: String,
    },
    /// No turn showed it.
    NotFound {
        /// How many applied.
        turns: u64,
    },
}

/// What a hunt said of a twin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TwinHunted {
    /// No turn refuted it.
    Clean {
        /// How many applied.
        turns: u64,
    },
    /// A turn did.
    Refuted {
        /// The program, and what was seen.
        found: String,
    },
}

impl Judged {
    /// Runs the small programs and the hunt on `request` and its twin.
    #[must_use]
    pub fn run(request: &'static AsRequest) -> Self {
        let engine = engine_for(request);
        Judged {
            name: request.name,
            engine,
            small: small_programs(request),
            twin_small: twin_small(request, engine),
            hunted: hunt(request),
            twin_hunted: twin_hunted(request),
        }
    }

    /// Whether small programs have refuted the fault for an apt rule.
    #[must_use]
    pub fn is_refuted(&self) -> bool {
        matches!(self.small, Small::Refuted { .. })
    }

    /// What is wrong, in lines: a fault that neither finds or that is refuted for another rule, a twin that is refuted or
    /// not exhausted.
    pub fn complaints(&self) -> impl Iterator<Item = String> {
        let of_small = match &self.small {
            Small::Refuted { .. } => None,
            Small::WrongRule { found } => Some(format!("refuted for another rule in {found}")),
            Small::NotFound { programs } => Some(format!("in none of {programs} small programs")),
        };
        let of_twin = match &self.twin_small {
            TwinSmall::Proved { .. } => None,
            TwinSmall::Otherwise { found } => Some(format!("the twin is not proved in {found}")),
        };
        let of_hunt = match &self.hunted {
            Hunted::WrongRule { found } => Some(format!("hunted down for another rule in {found}")),
            Hunted::NotFound { turns } => Some(format!("not in {turns} turns of a hunt")),
            Hunted::Refuted { .. } => None,
        };
        let of_hunted_twin = match &self.twin_hunted {
            TwinHunted::Clean { .. } => None,
            TwinHunted::Refuted { found } => Some(format!("the twin is hunted down in {found}")),
        };
        let name = self.name;
        let all = [of_small, of_twin, of_hunt, of_hunted_twin].into_iter().flatten();
        all.map(move |said| format!("{name} as a request: {said}"))
    }
}

/// Small programs need an engine that sees the bug. The suite runs both of its own.
fn engine_for(request: &AsRequest) -> Engine {
    match kernels::named(request.name).map(|kernel| kernel.bug.needs) {
        Some(Needs::WeakMemory) => Engine::Rc11,
        _ => Engine::Dpor,
    }
}

/// Every small program of a contract, the smallest first.
fn programs(contract: &Contract) -> Vec<Program> {
    let groups = Group::all(&Size::SMALL, contract);
    let mut programs: Vec<Program> = groups.into_iter().flat_map(|group| group.programs(contract)).collect();
    programs.sort_by_cached_key(|program| (program.len(), program.clone()));
    programs
}

fn judge_small(subject: &'static dyn Subject, program: &Program, engine: Engine) -> Judgement {
    let settings = Settings { executions: Some(EXECUTIONS_OF_A_PROGRAM), ..Settings::default() };
    judged(subject, program, engine, settings).unwrap_or_else(|| {
        let reason = "the program does not apply".to_owned();
        Judgement::without_executions(Verdict::ToolFailure { reason })
    })
}

fn judged(
    subject: &'static dyn Subject,
    program: &Program,
    engine: Engine,
    settings: Settings,
) -> Option<Judgement> {
    judge(subject, &ad_hoc(program.clone()), engine, settings).ok()
}

/// Runs every small program on the fault of `request`, the smallest first, until one is refuted.
#[must_use]
pub fn small_programs(request: &AsRequest) -> Small {
    let engine = engine_for(request);
    let programs = programs(&request.broken.contract());
    let mut before = 0;
    for (number, program) in programs.iter().enumerate() {
        let judgement = judge_small(request.broken, program, engine);
        if let Verdict::Refuted { violation, failure } = &judgement.verdict {
            if !request.breaks.contains(&violation.rule) {
                return Small::WrongRule { found: format!("{program}: {violation}") };
            }
            let executions = before + failure.execution;
            let rule = violation.rule.name();
            return Small::Refuted { program: program.to_string(), number: number + 1, executions, rule };
        }
        before += judgement.executions;
    }
    Small::NotFound { programs: programs.len() }
}

fn twin_small(request: &AsRequest, engine: Engine) -> TwinSmall {
    let programs = programs(&request.fixed.contract());
    let mut executions = 0;
    for program in &programs {
        let judgement = judge_small(request.fixed, program, engine);
        executions += judgement.executions;
        // A program in which nothing can be reached, such as one without an answered cancel, says nothing.
        if !matches!(judgement.verdict, Verdict::Proved | Verdict::Vacuous { .. }) {
            return TwinSmall::Otherwise { found: format!("{program}: {}", judgement.verdict) };
        }
    }
    TwinSmall::Proved { programs: programs.len(), executions }
}

/// The turns of a hunt that apply to `subject`, judged one after another.
fn turns(subject: &'static dyn Subject, all: u64) -> impl Iterator<Item = (Turn, Judgement)> {
    let contract = subject.contract();
    (0..all).filter_map(move |number| {
        let turn = Turn::of(&contract, SEED, number);
        if !turn.engine.is_repeatable() {
            return None;
        }
        let settings = Settings {
            seed: turn.seed,
            samples: turn.samples,
            executions: Some(EXECUTIONS_OF_A_PROGRAM),
            ..Settings::default()
        };
        let judgement = judged(subject, &turn.program, turn.engine, settings)?;
        Some((turn, judgement))
    })
}

/// Hunts for the fault of `request` until it is found.
#[must_use]
pub fn hunt(request: &AsRequest) -> Hunted {
    let (mut number, mut before) = (0, 0);
    for (turn, judgement) in turns(request.broken, TURNS_FOR_A_BUG) {
        number += 1;
        let Turn { engine, program, .. } = turn;
        let program = program.to_string();
        if let Verdict::Refuted { violation, failure } = &judgement.verdict {
            if !request.breaks.contains(&violation.rule) {
                return Hunted::WrongRule { found: format!("{program} under {engine}: {violation}") };
            }
            return Hunted::Refuted { turn: number, executions: before + failure.execution, engine, program };
        }
        before += judgement.executions;
    }
    Hunted::NotFound { turns: number }
}

fn twin_hunted(request: &AsRequest) -> TwinHunted {
    let mut number = 0;
    for (turn, judgement) in turns(request.fixed, TURNS_OF_A_TWIN) {
        number += 1;
        if !matches!(
            judgement.verdict,
            Verdict::Proved | Verdict::Sampled | Verdict::Bounded(_) | Verdict::Vacuous { .. }
        ) {
            return TwinHunted::Refuted {
                found: format!("{} under {}: {}", turn.program, turn.engine, judgement.verdict),
            };
        }
    }
    TwinHunted::Clean { turns: number }
}
