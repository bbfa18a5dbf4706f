//! The replay token: a failing execution in one printable word.
//!
//! A token is `cp1-` and a base-32 text without letters that are mistaken for digits. It holds what the execution is
//! made from: the request's name, the program, the rule, and the decisions that are not the default. The last four
//! bytes are a checksum, so that a token which was cut short or copied with an error is recognised.
//!
//! Numbers of steps, rules and engines are part of tokens that people keep: they may be added to, and never change
//! their meaning. Whatever cannot be read that way gets another number after `cp`: a [system's
//! token](crate::system::counterexample::Token) has 2.

mod bytes;
mod text;

use std::fmt;
use std::str::FromStr;

use cancelproof_model::Rule;

pub use bytes::{Reader, Writer};

use crate::engine::dpor::{Deviation, Fingerprint};
use crate::judge::Engine;
use crate::operation::TaskId;
use crate::scenario::{Behaviour, Program, Scope, Step};

/// The number after `cp` in the tokens of requests that this version writes and reads.
pub const VERSION: u32 = 1;

/// The number after `cp` in the tokens of systems.
pub const VERSION_OF_SYSTEMS: u32 = 2;

/// Executions that are drawn again to come to the one that a token names: some minutes of work. An engine that exhausts a program
/// ends by itself, whatever number is named.
const DRAWN_MAX: u64 = 10_000_000;

/// The number after `cp` in the tokens of closures.
pub const VERSION_OF_CLOSURES: u32 = 3;

/// Of what a closure's token is, for whoever cannot replay it.
pub const OF_CLOSURE: &str = "closure, which only its own test can run: set CANCELPROOF_REPLAY there";

/// The largest number after `cp` that is known.
const VERSION_MAX: u32 = VERSION_OF_CLOSURES;

/// Decisions in one token; more than any execution of a program needs.
const DECISIONS_MAX: usize = 4_096;

/// A failing execution, as it is kept and handed around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The name of the request.
    pub request: String,
    /// The program.
    pub program: Program,
    /// By which rules it is judged.
    pub scope: Scope,
    /// The rule that the execution breaks.
    pub rule: Rule,
    /// Which execution it is.
    pub decisions: Decisions,
}

/// Which execution of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decisions {
    /// The one that deviates from the default of our own executor at these decisions. The number is that of the
    /// execution in the search that found it.
    Deviations {
        /// The decisions that are not the default.
        deviations: Vec<Deviation>,
        /// The number of the execution that the failure was found in.
        execution: u64,
    },
    /// The one with this number, from 1, that an engine comes to; it explores the same ones in the same order in
    /// every run.
    Numbered {
        /// The engine.
        engine: Engine,
        /// The number of the execution.
        execution: u64,
        /// What a sampling engine's draws follow from.
        seed: u64,
    },
}

impl Decisions {
    /// The number of the execution, from 1, in the search that found it.
    #[must_use]
    pub fn execution(&self) -> u64 {
        let (Decisions::Deviations { execution, .. } | Decisions::Numbered { execution, .. }) = self;
        *execution
    }

    /// Why the execution is too far away to be run again, if it is.
    pub(crate) fn too_far(&self) -> Option<String> {
        match self {
            Decisions::Numbered { engine, execution, .. }
                if !engine.is_exhaustive() && *execution > DRAWN_MAX =>
            {
                Some(format!(
                    "it is execution {execution} of {engine}, which draws all those before it again; at most {DRAWN_MAX} are \
                     drawn"
                ))
            }
            _ => None,
        }
    }
}

/// Why a text is not a token that can be replayed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It does not begin like a token.
    #[error("{0:?} is no replay token: one begins with cp{VERSION}-")]
    Foreign(String),
    /// It was made by a later version.
    #[error(
        "the replay token was made by a newer version of this program (layout {found}, known up to {VERSION_MAX})"
    )]
    Future {
        /// The number after `cp`.
        found: u32,
    },
    /// It is a sound token of the other kind.
    #[error("the replay token is of a {0}")]
    OtherKind(&'static str),
    /// A character that no token has.
    #[error("the replay token has {found:?} at place {place}, which no token has")]
    Character {
        /// The character.
        found: char,
        /// Its place, from 1.
        place: usize,
    },
    /// The checksum does not fit.
    #[error("the replay token is damaged or was cut short: its checksum does not fit")]
    Checksum,
    /// The checksum fits and the content does not.
    #[error("the replay token says something that this version does not understand: {0}")]
    Content(&'static str),
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut writer = Writer::default();
        self.write(&mut writer);
        f.write_str(&seal(VERSION, writer))
    }
}

/// The text of a token of that version.
pub fn seal(version: u32, writer: Writer) -> String {
    let mut bytes = writer.into_bytes();
    bytes.extend(bytes::checksum(&bytes).to_be_bytes());
    format!("cp{version}-{}", text::encode(&bytes))
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        match unseal(text)? {
            (VERSION, content) => Token::read(&content),
            (VERSION_OF_CLOSURES, _) => Err(TokenError::OtherKind(OF_CLOSURE)),
            _ => Err(TokenError::OtherKind("system")),
        }
    }
}

/// The version of a token and what it holds.
pub fn unseal(text: &str) -> Result<(u32, Vec<u8>), TokenError> {
    let text = text.trim();
    let foreign = || TokenError::Foreign(text.chars().take(24).collect());
    let (head, body) = text.split_once('-').ok_or_else(foreign)?;
    let version = head.strip_prefix("cp").or_else(|| head.strip_prefix("CP")).ok_or_else(foreign)?;
    let found: u32 = version.parse().map_err(|_| foreign())?;
    if found > VERSION_MAX {
        return Err(TokenError::Future { found });
    }
    if found == 0 {
        return Err(foreign());
    }
    let mut bytes = text::decode(body)
        .map_err(|(place, found)| TokenError::Character { found, place: head.len() + 1 + place })?;
    let (content, checksum) = bytes.split_last_chunk::<4>().ok_or(TokenError::Checksum)?;
    if bytes::checksum(content) != u32::from_be_bytes(*checksum) {
        return Err(TokenError::Checksum);
    }
    bytes.truncate(bytes.len() - 4);
    Ok((found, bytes))
}

impl Token {
    fn write(&self, writer: &mut Writer) {
        writer.text(&self.request);
        writer.byte(scope_number(self.scope) << 4 | behaviour_number(self.program.callback));
        write_program(writer, &self.program);
        write_failure(writer, self.rule, &self.decisions);
    }

    /// The token that these bytes stand for, checksum aside.
    pub(super) fn read(content: &[u8]) -> Result<Self, TokenError> {
        let mut reader = Reader::new(content);
        let request = reader.text()?;
        let shape = reader.byte()?;
        let scope = SCOPES.get(usize::from(shape >> 4)).copied().ok_or(TokenError::Content("a scope"))?;
        let callback =
            BEHAVIOURS.get(usize::from(shape & 15)).copied().ok_or(TokenError::Content("a callback"))?;
        let program = read_program(&mut reader, callback)?;
        let (rule, decisions) = read_failure(&mut reader)?;
        Ok(Token { request, program, scope, rule, decisions })
    }
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

const SCOPES: [Scope; 4] = [Scope::Lawful, Scope::Misuse, Scope::DriversRace, Scope::Consequences];

const BEHAVIOURS: [Behaviour; 6] = [
    Behaviour::Completes,
    Behaviour::Reenters,
    Behaviour::CompletesTogether,
    Behaviour::Returns,
    Behaviour::Panics,
    Behaviour::WaitsForUnmark,
];

/// Steps by their numbers; from 32 on a number stands for the start of a thread.
const STEPS: [Step; 12] = [
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
];

const FIRST_START: u8 = 32;

const RULES: [Rule; 20] = [
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
];

/// Engines by their numbers in tokens that name an execution by its number. 0 is taken by the decisions themselves.
const ENGINES: [(Engine, u8); 7] = [
    (Engine::Loom, 1),
    (Engine::Shuttle, 2),
    (Engine::Dpor, 3),
    (Engine::ShuttleRandom, 4),
    (Engine::ShuttlePct, 5),
    (Engine::ShuttleWalk, 6),
    (Engine::Rc11, 7),
];

/// The place of `wanted` in a table that the tests know to be complete.
fn number_in<T: PartialEq>(table: &[T], wanted: &T) -> u8 {
    table.iter().position(|known| known == wanted).unwrap_or_default() as u8
}

fn scope_number(scope: Scope) -> u8 {
    number_in(&SCOPES, &scope)
}

fn behaviour_number(behaviour: Behaviour) -> u8 {
    number_in(&BEHAVIOURS, &behaviour)
}

fn rule_number(rule: Rule) -> u8 {
    number_in(&RULES, &rule)
}

/// An engine without a number cannot be replayed by number; 255 is never read back.
fn engine_number(engine: Engine) -> u8 {
    ENGINES.iter().find(|(known, _)| *known == engine).map_or(u8::MAX, |(_, number)| *number)
}

fn write_program(writer: &mut Writer, program: &Program) {
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

fn read_program(reader: &mut Reader<'_>, callback: Behaviour) -> Result<Program, TokenError> {
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

#[cfg(test)]
mod tests;
