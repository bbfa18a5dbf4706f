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
mod content;
mod error;
mod text;

use std::fmt;
use std::str::FromStr;

use cancelproof_machine::Rule;

pub use bytes::{Reader, Writer};
pub use content::{read_failure, write_failure};
pub use error::TokenError;

use content::{BEHAVIOURS, SCOPES, behaviour_number, read_program, scope_number, write_program};

use crate::engine::dpor::Deviation;
use crate::judge::Engine;
use crate::scenario::{Program, Scope};

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

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut writer = Writer::default();
        self.write(&mut writer);
        f.write_str(&seal(VERSION, writer))
    }
}

/// The text of a token of that version.
#[must_use]
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
///
/// # Errors
///
/// Returns what is wrong with the text: it is no token, or its checksum is not that of its content.
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

#[cfg(test)]
mod tests;
