//! The replay token of a system: a failing execution in one printable word.
//!
//! It is made as that of a [request](crate::counterexample::Token), with `cp2-` before it. Programs of systems are in it as
//! their texts: steps are many, have numbers, and are added to.

use std::fmt;
use std::str::FromStr;

use cancelproof_machine::Rule;

use crate::counterexample::{
    Decisions, OF_CLOSURE, Reader, TokenError, VERSION_OF_CLOSURES, VERSION_OF_SYSTEMS, Writer, read_failure,
    seal, unseal, write_failure,
};
use crate::system::catalogue::Kind;
use crate::system::program::Program;

/// A failing execution of a system, as it is kept and handed around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The name of the system.
    pub system: String,
    /// The program.
    pub program: Program,
    /// What is judged.
    pub kind: Kind,
    /// Whether every request has to end.
    pub ends: bool,
    /// The rule that the execution breaks.
    pub rule: Rule,
    /// Which execution it is.
    pub decisions: Decisions,
}

/// By their numbers in tokens.
const KINDS: [Kind; 3] = [Kind::Lawful, Kind::Misuse, Kind::Hangs];

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut writer = Writer::default();
        writer.text(&self.system);
        let kind = KINDS.iter().position(|known| *known == self.kind).unwrap_or_default() as u8;
        writer.byte(kind << 1 | u8::from(self.ends));
        writer.text(&self.program.to_string());
        write_failure(&mut writer, self.rule, &self.decisions);
        f.write_str(&seal(VERSION_OF_SYSTEMS, writer))
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        match unseal(text)? {
            (VERSION_OF_SYSTEMS, content) => Token::read(&content),
            (VERSION_OF_CLOSURES, _) => Err(TokenError::OtherKind(OF_CLOSURE)),
            _ => Err(TokenError::OtherKind("request")),
        }
    }
}

impl Token {
    fn read(content: &[u8]) -> Result<Self, TokenError> {
        let mut reader = Reader::new(content);
        let system = reader.text()?;
        let shape = reader.byte()?;
        let kind = KINDS.get(usize::from(shape >> 1)).copied().ok_or(TokenError::Content("a kind"))?;
        let program = reader.text()?.parse().map_err(|_| TokenError::Content("a program"))?;
        let (rule, decisions) = read_failure(&mut reader)?;
        Ok(Token { system, program, kind, ends: shape & 1 == 1, rule, decisions })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counterexample;
    use crate::judge::Engine;
    use crate::system::catalogue;

    #[test]
    fn every_scenario_of_the_catalogue_survives_the_round_trip_in_any_case() {
        for scenario in catalogue::all() {
            let decisions = Decisions::Numbered { engine: Engine::Rc11, execution: 7, seed: 0 };
            let token = Token {
                system: "system".to_owned(),
                program: scenario.program,
                kind: scenario.kind,
                ends: scenario.ends,
                rule: Rule::StatusKept,
                decisions,
            };
            let text = token.to_string();
            assert_eq!(text.parse(), Ok(token.clone()), "{}", scenario.name);
            assert_eq!(text.to_uppercase().parse(), Ok(token), "{}", scenario.name);
            let other = text.parse::<counterexample::Token>().unwrap_err();
            assert_eq!(other, TokenError::OtherKind("system"));
            for end in 0..text.len() {
                assert!(text[..end].parse::<Token>().is_err(), "{end}");
            }
        }
    }

    #[test]
    fn a_token_whose_program_is_not_whole_is_refused() {
        let forged = |program: &str| {
            let mut writer = Writer::default();
            writer.text("system");
            writer.byte(1);
            writer.text(program);
            let decisions = Decisions::Numbered { engine: Engine::Dpor, execution: 1, seed: 0 };
            write_failure(&mut writer, Rule::RequestCompleted, &decisions);
            seal(VERSION_OF_SYSTEMS, writer).parse::<Token>()
        };
        assert!(forged("mark:0 finish:0 | cancel:0 ; callback-completes").is_ok());
        for program in
            ["mark:0 start:7", "start:1 start:1 | cancel:0", "issue:0:9:1", "end", "mark", "serve:4"]
        {
            assert_eq!(forged(program), Err(TokenError::Content("a program")), "{program}");
        }
    }
}
