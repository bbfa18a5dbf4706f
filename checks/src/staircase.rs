//! The staircase: every step that real code takes is a step of the explored protocol.
//!
//! The protocol is explored for many threads ([`protocol`](crate::protocol)), real code for few. This is what joins
//! them: each execution of the code that an engine has explored must be a walk through the protocol. Calls take effect
//! at one instant between their start and their answer, callbacks start at some instant before their first
//! instruction, and each such instant must be an [`Edge`] of the [`reference`](mod@reference). An execution for which
//! there is no walk *departs* from the protocol, and the [`Departure`] names the step: the first answer or callback
//! that no walk has.
//!
//! The edges of all walks together are the diagram that was [learned](Learned) of the request; against the reference it
//! shows what was never taken, and where the code left it.

mod diagram;
mod judgement;
pub mod reference;
mod walk;

use std::fmt;

use cancelproof_machine::Contract;
use cancelproof_machine::machine::{Call, Reply, State};

use crate::exploration::{Extent, FailureKind};
use crate::history::{Arming, History, Thread};
use crate::judge::{Engine, NotApplicable, Settings, observe};
use crate::scenario::{Scenario, Scope};
use crate::subject::Subject;

pub use diagram::Learned;
pub use judgement::judge;
pub use walk::{Walk, walk};

/// One step of a request: a call in a state, with its answer and where it leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    /// Where the request is.
    pub from: State,
    /// What happens.
    pub call: Call,
    /// What it answers.
    pub reply: Reply,
    /// Where it leads.
    pub to: State,
}

/// The step at which an execution departs from the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// What happens that the protocol does not have.
    pub step: Step,
    /// The states that the request may be in just before.
    pub states: Vec<State>,
    /// What the protocol has there instead.
    pub instead: Vec<String>,
    /// The execution up to the step, one event a line.
    pub before: Vec<String>,
}

/// A step that the protocol does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A call is answered.
    Answer {
        /// Whose call.
        thread: Thread,
        /// The call.
        call: Call,
        /// The answer.
        reply: Reply,
    },
    /// A callback starts.
    Start {
        /// On which thread.
        thread: Thread,
        /// Whose callback.
        arming: Arming,
    },
    /// The execution ends although something is still owed.
    End,
}

/// What was found about one request in one scenario under one engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Climb {
    /// Executions that were explored.
    pub executions: u64,
    /// Different histories among them.
    pub histories: usize,
    /// Whether they are all that the engine's memory model allows.
    pub extent: Extent,
    /// The first departure.
    pub departure: Option<Departure>,
    /// What the engine reported itself; the execution is then walked as far as it came.
    pub failure: Option<FailureKind>,
    /// The edges that were taken.
    pub learned: Learned,
}

/// Whether the executions of a scenario are walked: where two drivers call at once, or only the consequences of misuse
/// are judged, the protocol promises no answers.
#[must_use]
pub fn is_walked(scenario: &Scenario) -> bool {
    matches!(scenario.scope, Scope::Lawful | Scope::Misuse)
}

/// Walks every execution of `scenario` that `engine` explores through the protocol.
///
/// # Errors
///
/// Returns why there is nothing to explore, as [`judge::judge`](crate::judge::judge) does.
pub fn climb(
    subject: &'static dyn Subject,
    scenario: &Scenario,
    engine: Engine,
    settings: Settings,
) -> Result<Climb, NotApplicable> {
    let contract = subject.contract();
    let observed = observe(subject, scenario, engine, settings)?;
    let mut learned = Learned::of(&contract);
    let mut departure = None;
    for (history, _) in &observed.passed {
        match walk(history, &contract) {
            Walk::Follows(walks) => learned.add(&walks),
            Walk::Departs(found) => {
                learned.add_departure(&found);
                departure.get_or_insert(found);
            }
        }
    }
    if let Some(Walk::Departs(found)) = observed.failed.map(|history| walk(&history, &contract)) {
        learned.add_departure(&found);
        departure.get_or_insert(found);
    }
    Ok(Climb {
        executions: observed.exploration.executions,
        histories: observed.passed.len(),
        extent: observed.exploration.extent,
        departure,
        failure: observed.exploration.failure.map(|failure| failure.kind),
        learned,
    })
}

impl Climb {
    /// Whether every execution is a walk through the protocol, as far as they were explored.
    #[must_use]
    pub fn follows(&self) -> bool {
        self.departure.is_none() && self.failure.is_none()
    }
}

impl Departure {
    fn new(step: Step, states: Vec<State>, history: &History, consumed: usize, contract: &Contract) -> Self {
        let before = history.events.iter().take(consumed).map(ToString::to_string).collect();
        let instead = instead(step, &states, contract);
        Departure { step, states, instead, before }
    }
}

/// What the protocol has in these states in the place of the step.
fn instead(step: Step, states: &[State], contract: &Contract) -> Vec<String> {
    let mut answers: Vec<String> = match step {
        Step::Answer { call, .. } => {
            let steps = states
                .iter()
                .flat_map(|&state| cancelproof_machine::machine::step(contract, state, call).iter());
            steps.map(|outcome| outcome.reply.to_string()).collect()
        }
        Step::Start { .. } => vec!["no such callback".to_owned()],
        Step::End => vec!["a callback that is still to come".to_owned()],
    };
    answers.sort_unstable();
    answers.dedup();
    if answers.is_empty() {
        answers.push("no answer yet".to_owned());
    }
    answers
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Answer { thread, call, reply } => write!(f, "thread {thread}: {call} = {reply}"),
            Step::Start { thread, arming } => {
                write!(f, "thread {thread}: callback of mark {} starts", arming + 1)
            }
            Step::End => f.write_str("the execution ends"),
        }
    }
}

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reply {
            Reply::Done => write!(f, "{}: {}, to {}", self.from, self.call, self.to),
            reply => write!(f, "{}: {} = {reply}, to {}", self.from, self.call, self.to),
        }
    }
}

impl fmt::Display for Departure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let states: Vec<String> = self.states.iter().map(ToString::to_string).collect();
        write!(
            f,
            "the code is not the protocol: {}, where the protocol, in the state {}, has {}",
            self.step,
            states.join(" or "),
            self.instead.join(" or ")
        )
    }
}
