//! The replay token of a closure.

use std::fmt;
use std::str::FromStr;

use cancelproof_machine::Rule;

use crate::counterexample::{
    Decisions, Reader, TokenError, VERSION_OF_CLOSURES, Writer, read_failure, seal, unseal, write_failure,
};

/// A failing execution of a closure, as it is kept and handed around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What the closure is called.
    pub closure: String,
    /// What stands for the kind of failure; see [`super::stage`].
    pub(super) rule: Rule,
    /// Which execution it is.
    pub decisions: Decisions,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut writer = Writer::default();
        writer.text(&self.closure);
        write_failure(&mut writer, self.rule, &self.decisions);
        f.write_str(&seal(VERSION_OF_CLOSURES, writer))
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let (VERSION_OF_CLOSURES, content) = unseal(text)? else {
            return Err(TokenError::OtherKind("request or a system"));
        };
        let mut reader = Reader::new(&content);
        let closure = reader.text()?;
        let (rule, decisions) = read_failure(&mut reader)?;
        Ok(Token { closure, rule, decisions })
    }
}
