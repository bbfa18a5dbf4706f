//! What every token has in it: programs, rules and decisions as numbers.

use cancelproof_machine::Rule;

use super::{Decisions, Reader, TokenError, Writer};
use crate::engine::dpor::{Deviation, Fingerprint};
use crate::judge::Engine;
use crate::operation::TaskId;
use crate::scenario::{Behaviour, Program, Scope, Step};

/// Decisions in one token; more than any execution of a program needs.
pub(super) const DECISIONS_MAX: usize = 4_096;

pub(super) const SCOPES: [Scope; 4] = [Scope::Lawful, Scope::Misuse, Scope::DriversRace, Scope::Consequences];

pub(super) const BEHAVIOURS: [Behaviour; 6] = [
    Behaviour::Completes,
    Behaviour::Reenters,
    Behaviour::CompletesTogether,
    Behaviour::Returns,
    Behaviour::Panics,
    Behaviour::WaitsForUnmark,
];

/// Steps by their numbers; from 32 on a number stands for the start of a thread.
pub(super) const STEPS: [Step; 17] = [
    Step::Mark,
    Step::Unmark,
    Step::Finish,
    Step::FinishTogether,
    Step::Complete,
    Step::IsCanceled,
    Step::Cancel,
    Step::RawMark,
    Step::RawUnmark,
    Step::RawComplete,
    Step::RawIsCanceled,
    Step::FinishAlone,
    Step::Receive,
    Step::Deliver,
    Step::Work,
    Step::Purge,
    Step::Stop,
];

const FIRST_START: u8 = 32;

pub(super) const RULES: [Rule; 24] = [
    Rule::ExactlyOnce,
    Rule::NeverAfterCompletion,
    Rule::NoLostCancel,
    Rule::TruthfulUnmark,
    Rule::SingleCompletion,
    Rule::RequestCompleted,
    Rule::CallbackReleased,
    Rule::Publication,
    Rule::NoDeadlock,
    Rule::ReentrantCallback,
    Rule::MisuseRefused,
    Rule::BoundedSteps,
    Rule::Linearizable,
    Rule::CallbackThread,
    Rule::RightSelection,
    Rule::TruthfulNotFound,
    Rule::Serialized,
    Rule::InOrder,
    Rule::ReferencesBalanced,
    Rule::StatusKept,
    Rule::ResultOnce,
    Rule::OwnProperty,
    Rule::Lifetime,
    Rule::NoMisuse,
];

/// Engines by their numbers in tokens that name an execution by its number. 0 is taken by the decisions themselves.
pub(super) const ENGINES: [(Engine, u8); 8] = [
    (Engine::Loom, 1),
    (Engine::Shuttle, 2),
    (Engine::Dpor, 3),
    (Engine::ShuttleRandom, 4),
    (Engine::ShuttlePct, 5),
    (Engine::ShuttleWalk, 6),
    (Engine::Rc11, 7),
    (Engine::Threads, 8),
];

/// The place of `wanted` in a table that the tests know to be complete.
fn number_in<T: PartialEq>(table: &[T], wanted: &T) -> u8 {
    table.iter().position(|known| known == wanted).unwrap_or_default() as u8
}

pub(super) fn scope_number(scope: Scope) -> u8 {
    number_in(&SCOPES, &scope)
}

pub(super) fn behaviour_number(behaviour: Behaviour) -> u8 {
    number_in(&BEHAVIOURS, &behaviour)
}

fn rule_number(rule: Rule) -> u8 {
    number_in(&RULES, &rule)
}

/// An engine without a number cannot be replayed by number; 255 is never read back.
fn engine_number(engine: Engine) -> u8 {
    ENGINES.iter().find(|(known, _)| *known == engine).map_or(u8::MAX, |(_, number)| *number)
}

/// What every token ends with: the rule that is broken, and which execution breaks it.
pub fn write_failure(writer: &mut Writer, rule: Rule, decisions: &Decisions) {
    writer.byte(rule_number(rule));
    match decisions {
        Decisions::Deviations { deviations, execution } => {
            writer.byte(0);
            writer.number(*execution);
            write_deviations(writer, deviations);
        }
        Decisions::Numbered { engine, execution, seed } => {
            writer.byte(engine_number(*engine));
            writer.number(*execution);
            writer.number(*seed);
        }
    }
}

/// Reads what [`write_failure`] wrote, up to the end.
///
/// # Errors
///
/// Returns which part of the content is not what a token holds.
pub fn read_failure(reader: &mut Reader<'_>) -> Result<(Rule, Decisions), TokenError> {
    let rule = RULES.get(usize::from(reader.byte()?)).copied().ok_or(TokenError::Content("a rule"))?;
    let decisions = match reader.byte()? {
        0 => {
            let execution = reader.number()?;
            Decisions::Deviations { deviations: read_deviations(reader)?, execution }
        }
        number => {
            let engine = ENGINES.iter().find(|(_, known)| *known == number);
            let engine = engine.map(|(engine, _)| *engine).ok_or(TokenError::Content("an engine"))?;
            Decisions::Numbered { engine, execution: reader.number()?, seed: reader.number()? }
        }
    };
    if !reader.is_empty() {
        return Err(TokenError::Content("more than one execution"));
    }
    Ok((rule, decisions))
}

pub(super) fn write_program(writer: &mut Writer, program: &Program) {
    writer.number(program.threads.len() as u64);
    for steps in &program.threads {
        writer.number(steps.len() as u64);
        for step in steps {
            writer.byte(match step {
                Step::Start(thread) => FIRST_START.saturating_add(*thread),
                step => number_in(&STEPS, step),
            });
        }
    }
}

pub(super) fn read_program(reader: &mut Reader<'_>, callback: Behaviour) -> Result<Program, TokenError> {
    let mut threads = Vec::new();
    for _ in 0..reader.count(crate::scenario::MAX_THREADS)? {
        let count = reader.count(crate::scenario::MAX_STEPS)?;
        threads.push((0..count).map(|_| read_step(reader)).collect::<Result<Vec<_>, _>>()?);
    }
    let program = Program { threads, callback };
    match program.to_string().parse::<Program>() {
        Ok(parsed) if parsed == program => Ok(program),
        _ => Err(TokenError::Content("a program")),
    }
}

fn read_step(reader: &mut Reader<'_>) -> Result<Step, TokenError> {
    let number = reader.byte()?;
    if let Some(thread) = number.checked_sub(FIRST_START) {
        return Ok(Step::Start(thread));
    }
    STEPS.get(usize::from(number)).copied().ok_or(TokenError::Content("a step"))
}

/// Marks the kind of an operation that comes out spuriously.
const SPURIOUS: u8 = 128;

fn write_deviations(writer: &mut Writer, deviations: &[Deviation]) {
    writer.number(deviations.len() as u64);
    let mut before = 0;
    for deviation in deviations {
        writer.number(u64::from(deviation.step - before));
        let kind = deviation.performs.kind | if deviation.task.is_spurious() { SPURIOUS } else { 0 };
        writer.number(u64::from(kind) << 4 | u64::from(deviation.task.plain().0));
        writer.number(u64::from(deviation.performs.object));
        before = deviation.step;
    }
}

fn read_deviations(reader: &mut Reader<'_>) -> Result<Vec<Deviation>, TokenError> {
    let mut before = 0u32;
    let mut deviations = Vec::new();
    for place in 0..reader.count(DECISIONS_MAX)? {
        let distance = u32::try_from(reader.number()?).map_err(|_| TokenError::Content("a decision"))?;
        if place > 0 && distance == 0 {
            return Err(TokenError::Content("a decision"));
        }
        let step = before.checked_add(distance).ok_or(TokenError::Content("a decision"))?;
        let task_and_kind = reader.number()?;
        let kind = u8::try_from(task_and_kind >> 4).map_err(|_| TokenError::Content("an operation"))?;
        let object = u16::try_from(reader.number()?).map_err(|_| TokenError::Content("an object"))?;
        let task = TaskId((task_and_kind & 15) as u8);
        let task = if kind & SPURIOUS == 0 { task } else { task.spuriously() };
        let kind = kind & !SPURIOUS;
        deviations.push(Deviation { step, task, performs: Fingerprint { kind, object } });
        before = step;
    }
    Ok(deviations)
}
