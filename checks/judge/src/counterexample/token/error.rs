//! Why a text is not a token that can be replayed.

use super::{VERSION, VERSION_MAX};

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
