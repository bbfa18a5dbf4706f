//! Litmus programs as data, and the notation they are written in.
//!
//! A program is written one thread after another, separated by `|`, with `;` between instructions. Locations are
//! the letters `u` to `z` and start at 0; registers are the letters `a` to `h`, each written once in the whole
//! program; `n` is a cell, which is not atomic.
//!
//! | written | meaning |
//! |---|---|
//! | `x = 1 rlx` | a store |
//! | `a = x acq` | a load |
//! | `a = add x 1 rlx` | a fetch-and-add; `swap` likewise |
//! | `a = cas x 0 1 acqrel acq` | a compare-exchange of 0 to 1; the two orderings are of success and failure |
//! | `fence sc` | a fence |
//! | `n = 1` | exclusive access to the cell |
//! | `read n` | shared access to the cell |
//! | `when a 1` | the thread ends here unless the register, of the same thread, has that value |

use core::fmt;
use core::str::FromStr;
use core::sync::atomic::Ordering;

/// The largest number of locations and of registers.
pub const NAMES_MAX: usize = 8;

/// A litmus program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The instructions of each thread.
    pub threads: Vec<Vec<Instruction>>,
}

/// A memory location: its number, `u` being 0.
pub type Location = u8;

/// A register: its number, `a` being 0.
pub type Register = u8;

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instruction {
    /// A load into a register.
    Load {
        /// Where the value goes.
        register: Register,
        /// The location read.
        location: Location,
        /// The ordering.
        ordering: Ordering,
    },
    /// A store.
    Store {
        /// The location written.
        location: Location,
        /// The value written.
        value: u64,
        /// The ordering.
        ordering: Ordering,
    },
    /// An addition; the register gets the previous value.
    Add {
        /// Where the previous value goes.
        register: Register,
        /// The location changed.
        location: Location,
        /// What is added.
        value: u64,
        /// The ordering.
        ordering: Ordering,
    },
    /// An exchange; the register gets the previous value.
    Swap {
        /// Where the previous value goes.
        register: Register,
        /// The location changed.
        location: Location,
        /// The new value.
        value: u64,
        /// The ordering.
        ordering: Ordering,
    },
    /// A compare-exchange; the register gets the value found.
    CompareExchange {
        /// Where the value found goes.
        register: Register,
        /// The location changed.
        location: Location,
        /// The value that is replaced.
        expected: u64,
        /// The new value.
        new: u64,
        /// The ordering of success.
        success: Ordering,
        /// The ordering of failure.
        failure: Ordering,
    },
    /// A fence.
    Fence {
        /// The ordering.
        ordering: Ordering,
    },
    /// Exclusive access to the cell.
    CellWrite,
    /// Shared access to the cell.
    CellRead,
    /// The thread ends here unless the register has the value.
    When {
        /// A register of the same thread.
        register: Register,
        /// The value that it must have.
        value: u64,
    },
}

impl Instruction {
    /// The register that it writes.
    #[must_use]
    pub fn register(&self) -> Option<Register> {
        match self {
            Instruction::Load { register, .. }
            | Instruction::Add { register, .. }
            | Instruction::Swap { register, .. }
            | Instruction::CompareExchange { register, .. } => Some(*register),
            _ => None,
        }
    }

    /// The location that it accesses.
    #[must_use]
    pub fn location(&self) -> Option<Location> {
        match self {
            Instruction::Load { location, .. }
            | Instruction::Store { location, .. }
            | Instruction::Add { location, .. }
            | Instruction::Swap { location, .. }
            | Instruction::CompareExchange { location, .. } => Some(*location),
            _ => None,
        }
    }
}

/// A program is not written as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAnInstruction {
    /// The text that is not understood.
    pub text: String,
}

impl fmt::Display for NotAnInstruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an instruction of a litmus program: `{}`", self.text)
    }
}

impl core::error::Error for NotAnInstruction {}

impl FromStr for Program {
    type Err = NotAnInstruction;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let thread = |text: &str| text.split(';').map(str::parse).collect::<Result<Vec<_>, _>>();
        Ok(Program { threads: text.split('|').map(thread).collect::<Result<_, _>>()? })
    }
}

impl FromStr for Instruction {
    type Err = NotAnInstruction;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words: Vec<&str> = text.split_whitespace().collect();
        instruction(&words).ok_or_else(|| NotAnInstruction { text: text.trim().to_owned() })
    }
}

fn instruction(words: &[&str]) -> Option<Instruction> {
    Some(match *words {
        ["fence", ordering] => Instruction::Fence { ordering: order(ordering)? },
        ["n", "=", _] => Instruction::CellWrite,
        ["read", "n"] => Instruction::CellRead,
        ["when", register, value] => {
            Instruction::When { register: register_of(register)?, value: value.parse().ok()? }
        }
        [register, "=", "add", location, value, ordering] => Instruction::Add {
            register: register_of(register)?,
            location: location_of(location)?,
            value: value.parse().ok()?,
            ordering: order(ordering)?,
        },
        [register, "=", "swap", location, value, ordering] => Instruction::Swap {
            register: register_of(register)?,
            location: location_of(location)?,
            value: value.parse().ok()?,
            ordering: order(ordering)?,
        },
        [register, "=", "cas", location, expected, new, success, failure] => Instruction::CompareExchange {
            register: register_of(register)?,
            location: location_of(location)?,
            expected: expected.parse().ok()?,
            new: new.parse().ok()?,
            success: order(success)?,
            failure: order(failure)?,
        },
        [name, "=", operand, ordering] => match (register_of(name), location_of(operand)) {
            (Some(register), Some(location)) => {
                Instruction::Load { register, location, ordering: order(ordering)? }
            }
            _ => Instruction::Store {
                location: location_of(name)?,
                value: operand.parse().ok()?,
                ordering: order(ordering)?,
            },
        },
        _ => return None,
    })
}

fn order(word: &str) -> Option<Ordering> {
    Some(match word {
        "rlx" => Ordering::Relaxed,
        "acq" => Ordering::Acquire,
        "rel" => Ordering::Release,
        "acqrel" => Ordering::AcqRel,
        "sc" => Ordering::SeqCst,
        _ => return None,
    })
}

/// The location with this letter.
#[must_use]
pub fn location_of(word: &str) -> Option<Location> {
    letter(word, b'u'..=b'z').map(|letter| letter - b'u')
}

/// The register with this letter.
#[must_use]
pub fn register_of(word: &str) -> Option<Register> {
    letter(word, b'a'..=b'h').map(|letter| letter - b'a')
}

fn letter(word: &str, range: core::ops::RangeInclusive<u8>) -> Option<u8> {
    match word.as_bytes() {
        [letter] if range.contains(letter) => Some(*letter),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_understood() {
        let text = "x = 1 rel; fence sc; n = 1 | a = x acq; when a 1; read n | b = add y 2 rlx; c = swap y 0 \
                    acqrel; d = cas x 1 2 sc rlx";
        let program: Program = text.parse().expect("the program is well-formed");
        assert_eq!(program.threads.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 3]);
        assert_eq!(
            program.threads[2][2],
            Instruction::CompareExchange {
                register: 3,
                location: 3,
                expected: 1,
                new: 2,
                success: Ordering::SeqCst,
                failure: Ordering::Relaxed
            }
        );
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let error = "x = 1 rel; x := 2".parse::<Program>().expect_err("there is no such instruction");
        assert_eq!(error.text, "x := 2");
    }
}
