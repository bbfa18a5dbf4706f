//! Not only requests: any closure with assertions of its own, in every execution.
//!
//! [`model`] runs a closure under both own engines. Whatever goes wrong in an execution is a failure: a panic, a deadlock,
//! a data race on a [cell](crate::cell), an execution that does not end. It is shown as a request's failure is: the fewest
//! preemptions, a lane for each thread with the lines of the code, why, and a token by which it is run again.
//!
//! ```
//! use cancelproof::sync::atomic::{AtomicU32, Ordering};
//! use cancelproof::sync::Arc;
//! use cancelproof::thread;
//!
//! let explored = cancelproof::model(|| {
//!     let count = Arc::new(AtomicU32::new(0));
//!     let other = Arc::clone(&count);
//!     let child = thread::spawn(move || other.fetch_add(1, Ordering::Relaxed));
//!     count.fetch_add(1, Ordering::Relaxed);
//!     child.join().unwrap();
//!     assert_eq!(count.load(Ordering::Relaxed), 2);
//! });
//! assert!(explored.is_proved());
//! ```
//!
//! The closure uses the modules in the shape of the standard library: [`sync`](crate::sync), [`thread`](crate::thread),
//! [`cell`](crate::cell), [`hint`](crate::hint). What it does by other means, such as a `std::sync::Mutex`, no engine sees.
//!
//! # Variables
//!
//! They come before what the code says, for all closures of a test run.
//!
//! | variable | meaning |
//! |---|---|
//! | `CANCELPROOF_ENGINE` | engines, with commas between them: `dpor`, `rc11` |
//! | `CANCELPROOF_TIME` | seconds for each engine and closure |
//! | `CANCELPROOF_EXECUTIONS` | executions for each engine and closure |
//! | `CANCELPROOF_PREEMPTIONS` | nothing that takes more preemptions, and `dpor` alone: `rc11` has no schedules to bound |
//! | `CANCELPROOF_REPLAY` | a token: that execution is run, and no other closure |
//! | `CANCELPROOF_FILM` | a file: the failure as a page to step through, with the feature `film` |

mod replaying;
mod showing;
mod stage;
mod token;
mod variables;

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crate::counterexample::{Counterexample, Replayed};
use crate::engine::{dpor, rc11};
use crate::executor::STACK_BYTES_DEFAULT;
use crate::exploration::{Exploration, Extent};
use crate::judge::Engine;
use stage::Closure;

pub use token::Token;

/// The executions of an engine that cannot keep a bound on preemptions, where one is asked for and no number of executions is.
const EXECUTIONS_BESIDE_A_BOUND: u64 = 5_000;

/// Runs `body` in every execution under both own engines; see [the module](self).
///
/// # Panics
///
/// Panics if an execution fails, with the whole counterexample, or if none comes to its end.
#[track_caller]
pub fn model(body: impl Fn() + Send + Sync + 'static) -> Explored {
    Model::new().check(body)
}

/// How a closure is explored.
///
/// # Example
///
/// ```
/// use cancelproof::closure::Model;
/// use cancelproof::judge::Engine;
///
/// let explored = Model::new().engines([Engine::Dpor]).preemptions(2).check(|| ());
/// assert_eq!(explored.to_string(), "proved: dpor 1 execution");
/// ```
#[derive(Clone, Debug)]
pub struct Model {
    name: String,
    engines: Vec<Engine>,
    workers: usize,
    preemptions: Option<u32>,
    executions: Option<u64>,
    time: Option<Duration>,
    steps: Option<u32>,
    stack_bytes: usize,
}

impl Model {
    /// Both own engines, without a bound. The closure is called by the name of its test, or by the place of this call.
    #[must_use]
    #[track_caller]
    pub fn new() -> Self {
        let place = Location::caller();
        let thread = std::thread::current();
        let name = match thread.name() {
            Some(test) if test != "main" => test.to_owned(),
            _ => format!("{}:{}", place.file(), place.line()),
        };
        Model::named(&name)
    }

    /// As [`Model::new`], of a closure that is called so in what is printed and in tokens.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Model {
            name: name.to_owned(),
            engines: vec![Engine::Dpor, Engine::Rc11],
            workers: 1,
            preemptions: None,
            executions: None,
            time: None,
            steps: None,
            stack_bytes: STACK_BYTES_DEFAULT,
        }
    }

    /// By these engines, one after another. `dpor` and `rc11` run closures; loom and shuttle have closures of their own.
    ///
    /// # Panics
    ///
    /// Panics if another engine is among them, or none.
    #[must_use]
    pub fn engines(mut self, engines: impl IntoIterator<Item = Engine>) -> Self {
        self.engines = engines.into_iter().collect();
        let foreign = self.engines.iter().find(|engine| !matches!(engine, Engine::Dpor | Engine::Rc11));
        assert!(
            foreign.is_none() && !self.engines.is_empty(),
            "closures run under dpor and rc11; what is written for loom or shuttle runs under their own `model`"
        );
        self
    }

    /// Explores on so many threads of the machine. The results do not depend on it.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// Nothing that takes more preemptions, with reduction: one execution for each trace of which some order has no more. What is
    /// explored is *bounded* then, unless the bound left nothing out.
    ///
    /// `dpor` is the only engine then. The executions of `rc11` are graphs without a schedule, so that no switch in them is a
    /// preemption; [`Model::engines`], called afterwards, adds it. It takes no notice of the bound, and stops after
    /// 5,000 executions unless it is told otherwise: an author who asks for a bound has reasons not to wait for all of them.
    #[must_use]
    pub fn preemptions(mut self, preemptions: u32) -> Self {
        self.preemptions = Some(preemptions);
        self.engines = vec![Engine::Dpor];
        self
    }

    /// Stops each engine after so many executions.
    #[must_use]
    pub fn executions(mut self, executions: u64) -> Self {
        self.executions = Some(executions);
        self
    }

    /// Stops each engine after about this time.
    #[must_use]
    pub fn time(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    /// The longest execution: more decisions than these are a failure under `dpor` and cut the execution off under `rc11`.
    #[must_use]
    pub fn steps(mut self, steps: u32) -> Self {
        self.steps = Some(steps);
        self
    }

    /// The size of each thread's stack in bytes.
    #[must_use]
    pub fn stack(mut self, bytes: usize) -> Self {
        self.stack_bytes = bytes;
        self
    }

    /// Explores `body`, and prints in a line what was explored.
    ///
    /// # Panics
    ///
    /// Panics if an execution fails, with the whole counterexample, or if none comes to its end.
    pub fn check(&self, body: impl Fn() + Send + Sync + 'static) -> Explored {
        let model = variables::read(self.clone());
        let body: Arc<dyn Fn() + Send + Sync> = Arc::new(body);
        let name = &model.name;
        if let Some(replayed) = replaying::asked(&model, &body) {
            return replayed;
        }
        match model.explore_shared(&body) {
            Ok(explored) => {
                eprintln!("{name}: {explored}");
                assert!(
                    explored.engines.iter().all(|(_, exploration)| exploration.executions > 0),
                    "{name}: no execution came to its end, so nothing was shown: allow more time, steps or executions"
                );
                explored
            }
            Err(failed) => panic!("{}", showing::failure(&failed)),
        }
    }

    /// Explores `body`, and gives the counterexample back where [`Model::check`] panics with it.
    ///
    /// # Errors
    ///
    /// If an execution fails.
    pub fn explore(&self, body: impl Fn() + Send + Sync + 'static) -> Result<Explored, Box<Failed>> {
        self.explore_shared(&(Arc::new(body) as _))
    }

    /// Runs the execution that a token stands for.
    #[must_use]
    pub fn replay(&self, token: &Token, body: impl Fn() + Send + Sync + 'static) -> Replayed<Token> {
        replaying::replay(self, &(Arc::new(body) as _), token)
    }

    fn explore_shared(&self, body: &Arc<dyn Fn() + Send + Sync>) -> Result<Explored, Box<Failed>> {
        let mut explored = Explored { engines: Vec::new(), is_replay: false };
        for &engine in &self.engines {
            let exploration = self.run(engine, body);
            if let Some(failure) = &exploration.failure {
                let counterexample = stage::counterexample(self, engine, body, failure);
                let kind = failure.kind.clone();
                return Err(Box::new(Failed { engine, exploration, kind, counterexample }));
            }
            explored.engines.push((engine, exploration));
        }
        Ok(explored)
    }

    fn run(&self, engine: Engine, body: &Arc<dyn Fn() + Send + Sync>) -> Exploration {
        let body = Arc::clone(body);
        match engine {
            Engine::Rc11 => rc11::explore(&self.rc11_options(), move || body()),
            _ => dpor::explore(&self.dpor_options(), move || body()),
        }
    }

    fn dpor_options(&self) -> dpor::Options {
        let default = dpor::Options::default();
        dpor::Options {
            workers: self.workers,
            executions: self.executions,
            time: self.time,
            steps: self.steps.unwrap_or(default.steps),
            preemptions: self.preemptions.map_or(dpor::Preemptions::Unbounded, dpor::Preemptions::Within),
            stack_bytes: self.stack_bytes,
            ..default
        }
    }

    fn rc11_options(&self) -> rc11::Options {
        let default = rc11::Options::default();
        let beside = self.preemptions.map(|_| EXECUTIONS_BESIDE_A_BOUND);
        rc11::Options {
            workers: self.workers,
            executions: self.executions.or(beside),
            time: self.time,
            steps: self.steps.map_or(default.steps, |steps| steps as usize),
            stack_bytes: self.stack_bytes,
            ..default
        }
    }

    fn closure(&self, body: &Arc<dyn Fn() + Send + Sync>) -> Closure {
        Closure::new(&self.name, Arc::clone(body))
    }
}

impl Default for Model {
    #[track_caller]
    fn default() -> Self {
        Model::new()
    }
}

/// What was explored of a closure in which nothing failed.
#[derive(Clone, Debug)]
pub struct Explored {
    engines: Vec<(Engine, Exploration)>,
    is_replay: bool,
}

impl Explored {
    /// What each engine explored.
    #[must_use]
    pub fn engines(&self) -> &[(Engine, Exploration)] {
        &self.engines
    }

    /// Whether every execution was run, up to what the engines hold for the same.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        !self.engines.is_empty()
            && self.engines.iter().all(|(_, exploration)| exploration.extent == Extent::Exhausted)
    }
}

impl fmt::Display for Explored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_replay {
            return f.write_str("a token was replayed, and nothing explored");
        }
        f.write_str(if self.is_proved() { "proved: " } else { "bounded: " })?;
        for (place, (engine, exploration)) in self.engines.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            let plural = if exploration.executions == 1 { "" } else { "s" };
            write!(f, "{comma}{engine} {} execution{plural}", exploration.executions)?;
            if let Extent::Bounded(bound) = &exploration.extent {
                write!(f, " ({bound})")?;
            }
        }
        Ok(())
    }
}

/// A closure of which an execution failed.
#[derive(Clone, Debug)]
pub struct Failed {
    /// The engine that found it.
    pub engine: Engine,
    /// What the engine explored until then.
    pub exploration: Exploration,
    /// What went wrong.
    pub kind: crate::exploration::FailureKind,
    /// The execution as it is shown, if it can be run again.
    pub counterexample: Option<Counterexample<Token>>,
}

impl Failed {
    /// The execution as a page to step through; `None` if it cannot be run again, or without the feature `film`.
    #[must_use]
    pub fn film(&self) -> Option<String> {
        #[cfg(feature = "film")]
        return self.counterexample.as_ref().map(|found| crate::film::html(&found.trace));
        #[cfg(not(feature = "film"))]
        None
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&showing::failure(self))
    }
}

impl std::error::Error for Failed {}
