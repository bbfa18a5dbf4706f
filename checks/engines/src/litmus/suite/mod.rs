//! The programs of the suite, and what RC11 allows of each.
//!
//! Names are those of the literature where it has one: `MP` message passing, `SB` store buffering, `LB` load
//! buffering, `IRIW` independent reads of independent writes, `WRC` write-to-read causality, `RWC` read-to-write
//! causality, `RS` release sequence, and so on; what follows says how the threads synchronise.

mod buffering;
mod chains;
mod coherence;
mod independent;
mod passing;
mod release_sequences;
mod updates;

use core::fmt;

/// A litmus program with what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Litmus {
    /// Its name.
    pub name: &'static str,
    /// The program, in the notation of [`program`](super::program).
    pub program: &'static str,
    /// The registers and locations whose final values are its outcome.
    pub observed: &'static str,
    /// What RC11 allows.
    pub allowed: Allowed,
    /// The outcome that the literature asks about; `None` if it asks about a race.
    pub weak: Option<&'static str>,
    /// Whether that outcome, or the race, is possible.
    pub is_weak_allowed: bool,
    /// Where that is stated.
    pub citation: Citation,
    /// What the program shows.
    pub note: &'static str,
}

/// What a memory model allows of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Exactly these outcomes.
    Outcomes(&'static [&'static str]),
    /// Anything, because the program has a data race.
    Race,
}

/// Where the verdict on a program comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Citation {
    /// Alglave, Maranget, Tautschnig: Herding cats, TOPLAS 36(2), 2014.
    HerdingCats,
    /// Batty, Owens, Sarkar, Sewell, Weber: Mathematizing C++ concurrency, POPL 2011.
    Cpp11,
    /// Boehm, Giroux, Vafeiadis: Revising the C++ memory model, ISO C++ paper P0668R5, 2018, and Boehm: Weaken
    /// release sequences, P0982R1, 2018.
    Cpp20,
    /// Lahav, Vafeiadis, Kang, Hur, Dreyer: Repairing sequential consistency in C/C++11, PLDI 2017.
    Rc11,
}

impl fmt::Display for Citation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Citation::HerdingCats => "Alglave, Maranget, Tautschnig, TOPLAS 2014",
            Citation::Cpp11 => "Batty, Owens, Sarkar, Sewell, Weber, POPL 2011",
            Citation::Cpp20 => "P0668R5 and P0982R1, 2018",
            Citation::Rc11 => "Lahav, Vafeiadis, Kang, Hur, Dreyer, PLDI 2017",
        })
    }
}

/// Every program of the suite.
pub fn suite() -> impl Iterator<Item = &'static Litmus> {
    let families = [
        passing::PROGRAMS,
        buffering::PROGRAMS,
        coherence::PROGRAMS,
        independent::PROGRAMS,
        chains::PROGRAMS,
        release_sequences::PROGRAMS,
        updates::PROGRAMS,
    ];
    families.into_iter().flatten()
}
