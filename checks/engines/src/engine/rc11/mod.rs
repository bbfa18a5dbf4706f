//! The engine `rc11`: every execution of a program under the RC11 memory model, each once.
//!
//! RC11 is the repaired C11 model of Lahav, Vafeiadis, Kang, Hur and Dreyer (*Repairing sequential consistency in
//! C/C++11*, PLDI 2017), which is also the model of Rust's atomics but for what is left out below. The exploration is
//! in the manner of `TruSt` (Kokologiannakis, Marmanis, Gladstein, Vafeiadis, *Truly stateless, optimal dynamic
//! partial order reduction*, POPL 2022): it goes from execution graph to execution graph, keeps nothing of those it
//! has left behind, and reaches none of them twice. Everything here was written from these papers.
//!
//! [`explore`] runs code written against the [`Runtime`](cancelproof_runtime::Runtime) trait, on
//! [`Controlled`](crate::executor::Controlled).
//!
//! # The model
//!
//! An execution is a graph. Its events are the reads, writes and fences that the threads perform; an update (a
//! read-modify-write) that succeeds is a read followed by a write, one that fails is a read. Three relations are
//! given:
//!
//! | relation | between | meaning |
//! |---|---|---|
//! | po, program order | events of one thread | the order of the code; also from a spawn to the child, and from the child's end to its join |
//! | rf, reads-from | a write and a read of one object | where the value comes from; each read has one source |
//! | co, coherence order | the writes of one object | the order in which they take effect; total for each object |
//!
//! and the others follow, where `;` is composition, `?` adds identity, `[S]` is identity on a set, and a
//! superscript -1 turns a relation round:
//!
//! | relation | definition |
//! |---|---|
//! | fr, from-read | rf<sup>-1</sup> ; co: the read has not seen the write |
//! | eco | the transitive closure of rf, co and fr |
//! | rs, release sequence | \[writes\] ; (rf ; update)*: a write and the chain of updates that begins with it |
//! | sw, synchronises-with | \[releasing\] ; (\[fence\] ; po)? ; rs ; rf ; (po ; \[fence\])? ; \[acquiring\] |
//! | hb, happens-before | the transitive closure of po and sw |
//! | scb | po, or po to another object ; hb ; po from another object, or hb on one object, or co, or fr |
//! | psc | scb between sequentially consistent events, where a fence stands for all that happens before or after it; and between fences hb or hb ; eco ; hb |
//!
//! A graph is an execution if four axioms hold. Each is checked when an event is added; an event is added only where
//! nothing follows it under po and rf, which makes most of the checks short.
//!
//! - **Coherence**: hb ; eco? is irreflexive. No read sees what was overwritten in its past, or what comes in its
//!   future; no write goes before one in its past. Since the new event has no future, this says only that it is not
//!   placed, in co, before anything that happens before it: there is a least position, and all from there on are
//!   right (`coherence.rs`).
//! - **Atomicity**: nothing comes in co between the source of an update and its write. The write of an update is put
//!   right behind its source, no write is put in between, and no source has two updates (`frontier.rs`).
//! - **Sequential consistency**: psc is acyclic. This is weaker than the order S of C++11 in two ways that the paper
//!   justifies by how compilers map to Power (programs `Z6.U` and `IRIW-acq-sc` of the [litmus
//!   suite](crate::litmus)), and stronger for fences (`RWC+fence-sc`). It is the one axiom for which the whole graph
//!   is looked at, and only when an event is added that is not last in co, for another one closes no cycle
//!   (`sequential.rs`).
//! - **No thin air**: po and rf together are acyclic. Events are added along po, and read only from what is there, so
//!   this holds by construction.
//!
//! Non-atomic accesses, to cells, take no part in rf and co. Two of them to one cell, one a write, that hb does not
//! order are a *data race*, and the program is wrong (`race.rs`); in a program without races each has one value to
//! read. A race, like a panic, is reported from the part of an execution in which it shows, because every part that is
//! closed under po and rf is an execution too.
//!
//! Locks, park tokens and condition variables are objects that are updated like others, by updates that wait for a
//! certain value (`semantics.rs`). When no thread can go on, and some wait for what nobody is left to provide, that
//! is a *deadlock*; when what is left goes round in a waiting loop, a *livelock* (`ending.rs`).
//!
//! # The exploration
//!
//! The thread to go on is chosen by a fixed rule that looks at the graph alone. A new read takes the newest write,
//! and the older coherent ones are alternatives for later. A new write is put last in co, and the other coherent
//! places are alternatives; and it is *offered* to the reads that were there before it: for each read that it does
//! not depend on, everything that was added since and that it does not depend on is removed, and the read takes it.
//! So that each graph is reached once, this is done only where all that is removed had been added maximally, that is,
//! where it is what would have been added if nothing had been chosen (`revisit.rs`). Memory is linear in the size
//! of an execution for each revisit in progress, and never grows with the number of executions.
//!
//! For each graph the body is run from its beginning: operations of events in the graph are answered from it, and
//! then threads go on (`explorer.rs`). The search is divided among workers, and among machines, in a way that
//! changes none of its results (`workers.rs`).
//!
//! # Retry loops
//!
//! A retry loop whose turn fails tries again with a newer value, and leads to nothing that it would not have led to
//! by reading that value at once. With [`Options::retry_loops`] executions with a failed turn are left out. When that
//! is right, how it is found out in running code, and what cannot be found out, is told in `retry.rs`; in
//! short: it is right for loops in which a failed turn leaves nothing behind but the value found, and the engine
//! tries a hundred turns of each before it believes so. Loops that wait, reading the same values turn after turn, are
//! recognised if each turn is shown to leave the thread in the state in which it began; others are cut after
//! [`Options::turns`] turns that look alike, and the exploration is bounded.
//!
//! # What is outside the model
//!
//! - **Load buffering.** C11 and hardware allow a read to see a write that comes later in program order (`LB+rlx`).
//!   RC11 forbids it, to keep values from coming out of thin air. A program whose correctness fails only so is not
//!   refuted here.
//! - **Consume** does not exist in Rust, and **mixed-size accesses** cannot be written with the runtime.
//! - **Release sequences by plain stores.** C++11 let a later store of the same thread continue a release sequence;
//!   C++20 and Rust do not, and neither does this engine (`RS+own-store`).
//! - **The creation of an atomic** is taken to happen before every access to it. A reference to a new atomic that
//!   is itself handed over without synchronisation is not found.
//! - **Two spurious results in a row.** A weak compare-exchange may fail spuriously, a park and a wait for a
//!   condition variable may end spuriously, but not twice in a row in one thread and at one place of the code, so that
//!   loops end. Where a turn that failed leaves the thread as it was, which is what a retry loop is, a second
//!   such turn shows nothing that the first does not; a loop that counts its failures is not seen counting two in a row.
//! - **Plain memory** outside the runtime (the notes of a harness) is shared by all threads as it is. Where an
//!   execution is an interleaving, plain memory sees that interleaving (`explorer/pace.rs`); where it is weaker, it
//!   sees an order along po and rf. Plain memory must not decide which operations the code performs.

mod clock;
mod coherence;
mod decisions;
mod ending;
mod event;
mod explorer;
mod frontier;
mod graph;
mod naming;
mod race;
mod retry;
mod revisit;
mod saved;
mod semantics;
mod sequential;
mod witness;
mod workers;

use std::sync::Arc;
use std::time::{Duration, Instant};

use self::explorer::{Explorer, Settings};
use self::semantics::Spurious;
use self::workers::Task;
use crate::engine::turns::{EXECUTIONS_WITH_TURNS_RC11, TURNS_DEFAULT};
use crate::executor::{Controller, Executor, stack_bytes_default};
use crate::exploration::{Bound, Exploration, Extent, Failure};
use crate::recorder::{Clocked, Log, Note, Recorded};

pub use self::saved::Frontier;
pub use self::witness::{Source, Witness, WitnessEvent};
pub use super::progress::Progress;
pub use super::shard::{Coverage, MergeError, Shard, merge};

/// What an exploration found, and what it left.
pub type Report = super::report::Report<Frontier>;

/// What to explore, and how far.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each switches one thing, independent of the others")]
pub struct Options {
    /// Operating-system threads that explore; the result does not depend on their number.
    pub workers: usize,
    /// Stop after about this many complete executions.
    pub executions: Option<u64>,
    /// Stop after this long.
    pub time: Option<Duration>,
    /// Cut an execution that has this many events.
    pub steps: usize,
    /// Let weak compare-exchanges fail although the value is the expected one, but not twice in a row in one thread and
    /// at one place of the code. On unless it is switched off.
    pub spurious_failures: bool,
    /// Let parks without a token, and waits for a condition variable without a notification, end; not twice in a row
    /// in one thread and at one place of the code. On unless it is switched off.
    pub spurious_wakeups: bool,
    /// Leave out executions in which a turn of a retry loop fails, where another execution covers them. Only for
    /// code in which a failed turn leaves nothing behind but the value that it found: see the `retry` section of
    /// this module's page.
    pub retry_loops: bool,
    /// Leave out turns of loops that are shown to repeat the turn before. Without it every loop goes round as often as
    /// [`Options::turns`] says: for comparison.
    pub cut_turns: bool,
    /// A loop whose turns look alike, but could not be shown to repeat, is cut after this many turns, and the exploration
    /// is bounded by them.
    pub turns: u32,
    /// Once a thread has gone round in a loop a few times, and the turns could not be shown to repeat, stop after about this many
    /// graphs, each of which may or may not come to an execution: the exploration is then bounded by them.
    pub executions_with_turns: Option<u64>,
    /// Explore one part of the space.
    pub shard: Option<Shard>,
    /// The size of a modelled thread's stack.
    pub stack_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            workers: 1,
            executions: None,
            time: None,
            steps: 10_000,
            spurious_failures: true,
            spurious_wakeups: true,
            retry_loops: false,
            cut_turns: true,
            turns: TURNS_DEFAULT,
            executions_with_turns: Some(EXECUTIONS_WITH_TURNS_RC11),
            shard: None,
            stack_bytes: stack_bytes_default(),
        }
    }
}

/// Runs the body in every execution that RC11 allows.
///
/// # Panics
///
/// Panics if called from inside an execution.
pub fn explore(options: &Options, body: impl Fn() + Send + Sync + 'static) -> Exploration {
    explore_with(options, body, &|_| {})
}

/// Like [`explore`], and tells now and then how far it has come, from whichever worker comes by.
pub fn explore_with(
    options: &Options,
    body: impl Fn() + Send + Sync + 'static,
    progress: &(dyn Fn(Progress) + Sync),
) -> Exploration {
    explore_part(options, None, body, progress, None).exploration
}

/// Like [`explore`], from a frontier that an earlier exploration of the same body with the same options left; from
/// the start if there is none. Counts go on from where they were, budgets are for this part alone.
pub fn explore_from(
    options: &Options,
    frontier: Option<Frontier>,
    body: impl Fn() + Send + Sync + 'static,
) -> Report {
    explore_part(options, frontier, body, &|_| {}, None)
}

/// Like [`explore`], and shows every complete execution.
pub fn witnesses(
    options: &Options,
    body: impl Fn() + Send + Sync + 'static,
    visit: &(dyn Fn(Witness) + Sync),
) -> Exploration {
    explore_part(options, None, body, &|_| {}, Some(visit)).exploration
}

fn explore_part(
    options: &Options,
    frontier: Option<Frontier>,
    body: impl Fn() + Send + Sync + 'static,
    progress: &(dyn Fn(Progress) + Sync),
    visit: Option<&(dyn Fn(Witness) + Sync)>,
) -> Report {
    let settings = settings(options);
    let task = Task { options, settings, body: Arc::new(body), progress, visit };
    workers::explore(&task, frontier.unwrap_or_else(Frontier::whole))
}

/// Runs the body once more in the execution that failed.
pub fn replay(options: &Options, decisions: &[u32], body: impl Fn() + Send + Sync + 'static) -> Exploration {
    replay_on(options, decisions, |explorer| run(options, explorer, body))
}

/// Like [`replay`], and takes down what happens.
pub fn replay_recorded<N: Note>(
    options: &Options,
    decisions: &[u32],
    record: Arc<dyn Clocked<N>>,
    body: impl Fn() + Send + Sync + 'static,
) -> (Exploration, Log<N>) {
    let mut log = Log::default();
    let exploration = replay_on(options, decisions, |explorer| {
        let mut recorded = Recorded::new(explorer, record);
        run(options, &mut recorded, body);
        log = recorded.into_log();
    });
    (exploration, log)
}

fn run(options: &Options, controller: &mut impl Controller, body: impl Fn() + Send + Sync + 'static) {
    let body: Arc<dyn Fn() + Send + Sync> = Arc::new(body);
    Executor::new(options.stack_bytes).run(controller, &body);
}

fn replay_on(options: &Options, decisions: &[u32], run: impl FnOnce(&mut Explorer<'_>)) -> Exploration {
    let mut goes_on = |_: &explorer::Counts, _: usize, _: f64| false;
    let mut complete = |_: &graph::Graph| {};
    let mut explorer = Explorer::new(settings(options), &mut goes_on, &mut complete);
    explorer.follow(decisions);
    run(&mut explorer);
    let executions = explorer.counts.complete;
    let failure = explorer.failure.take();
    Exploration {
        executions,
        abandoned: explorer.counts.abandoned,
        extent: match failure {
            Some(_) => Extent::StoppedAtFailure,
            None => Extent::Bounded(Bound::Executions(1)),
        },
        failure: failure.map(|(kind, decisions)| Failure { kind, execution: executions, decisions }),
    }
}

fn settings(options: &Options) -> Settings {
    Settings {
        spurious: Spurious { failures: options.spurious_failures, wakeups: options.spurious_wakeups },
        retry_loops: options.retry_loops,
        cut_turns: options.cut_turns,
        turns: options.turns,
        steps: options.steps,
        deadline: options.time.and_then(|time| Instant::now().checked_add(time)),
    }
}
