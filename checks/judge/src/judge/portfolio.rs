//! What a hunt does at each turn: a program, and who runs it.

use cancelproof_machine::Contract;

use super::Engine;
use crate::scenario::{Program, Step, swarm};

/// The portfolio: each engine with its samples. An engine that exhausts takes none, and the hunt bounds it.
const PORTFOLIO: [(Engine, u64); 6] = [
    (Engine::Dpor, 1),
    (Engine::ShuttlePct, 300),
    (Engine::Rc11, 1),
    (Engine::ShuttleWalk, 300),
    (Engine::Threads, 200),
    (Engine::ShuttleRandom, 300),
];

/// Rounds of the whole portfolio before programs may be larger by one.
const ROUNDS_OF_A_SIZE: u64 = 4;

/// One turn of a hunt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Who runs the program.
    pub engine: Engine,
    /// Executions that are drawn, if the engine draws.
    pub samples: u64,
    /// What is run. It need not apply to every contract.
    pub program: Program,
    /// What the engine's draws follow from. Later turns draw other schedules in programs that may come again.
    pub seed: u64,
}

impl Turn {
    /// The turn with this number, from 0, of the hunt that follows from `seed`, on a request that keeps `contract`.
    ///
    /// # Example
    ///
    /// ```
    /// use cancelproof_judge::judge::{Engine, Turn};
    /// use cancelproof_machine::Contract;
    ///
    /// let turn = Turn::of(&Contract::UMDF_1, 1, 0);
    /// assert_eq!(turn.engine, Engine::Dpor);
    /// assert_eq!(turn, Turn::of(&Contract::UMDF_1, 1, 0));
    /// ```
    #[must_use]
    pub fn of(contract: &Contract, seed: u64, number: u64) -> Turn {
        let (engine, samples) = PORTFOLIO[(number % PORTFOLIO.len() as u64) as usize];
        let round = number / PORTFOLIO.len() as u64;
        let size = 1 + (round / ROUNDS_OF_A_SIZE) as usize % swarm::SIZE_MAX;
        let drawn = swarm::program_for(contract, seed, number, size);
        let program = if contract.marks_replace() && round % 2 == 1 { marked_anew(drawn) } else { drawn };
        Turn { engine, samples, program, seed: seed.wrapping_add(number) }
    }
}

/// The program with its first mark made twice, where a second one takes the place of the first.
fn marked_anew(mut program: Program) -> Program {
    let driver = &mut program.threads[0];
    if let Some(mark) = driver.iter().position(|&step| step == Step::Mark) {
        driver.insert(mark + 1, Step::RawMark);
    }
    program
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_has_the_calls_that_only_some_contracts_have() {
        use cancelproof_machine::shape::{OPERATION, WAITER};
        let has = |contract: &Contract, step: Step| {
            (0..48).any(|number| Turn::of(contract, 1, number).program.steps().any(|made| made == step))
        };
        assert!(has(&OPERATION, Step::Receive) && !has(&Contract::UMDF_1, Step::Receive));
        assert!(has(&WAITER, Step::RawMark) && !has(&Contract::UMDF_1, Step::RawMark));
    }
}
