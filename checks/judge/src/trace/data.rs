//! The data of a trace. All of it is owned and serialisable, and refers to steps by their place in [`Trace::steps`].

use serde::{Deserialize, Serialize};

use crate::recorder::SwitchReason;
use crate::rules::Violation;

/// One execution of a program on a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// What was run, and what it showed.
    pub header: Header,
    /// The threads, in the order of their columns; the number of a lane is its place here.
    pub lanes: Vec<Lane>,
    /// The objects of the runtime that the steps name, in the order of their creation.
    pub objects: Vec<Object>,
    /// What happened, in order.
    pub steps: Vec<Step>,
    /// The step that broke the rule; `None` if no rule was broken.
    pub violation: Option<usize>,
    /// Why it happened, as far as it was found out.
    pub why: Option<Why>,
}

/// What was run, and what it showed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The name of the request.
    pub request: String,
    /// The name of the contract that it keeps.
    pub contract: String,
    /// The name of the scenario; `program` if it has none of its own.
    pub scenario: String,
    /// The program of the scenario, in its text form.
    pub program: String,
    /// The name of the engine that ran this execution.
    pub engine: String,
    /// Which of the engine's executions it was, from 1.
    pub execution: u64,
    /// Switches away from a thread that could have gone on.
    pub preemptions: u32,
    /// The rule that was broken; `None` for a passing execution.
    pub broken: Option<Broken>,
    /// The replay token, if there is one.
    pub token: Option<String>,
}

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// The name of the rule.
    pub rule: String,
    /// What it demands, in a line.
    pub meaning: String,
    /// What happened instead, in a sentence.
    pub explanation: String,
}

impl Broken {
    pub(crate) fn of(violation: &Violation) -> Self {
        Broken {
            rule: violation.rule.name().to_owned(),
            meaning: violation.rule.meaning().to_owned(),
            explanation: violation.explanation.clone(),
        }
    }
}

/// A thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// How it is called, for example `thread 1`.
    pub title: String,
    /// Its steps in the text form of programs; empty for a thread of the request's own.
    pub program: String,
}

/// An object of the runtime.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// What it is.
    pub kind: ObjectKind,
    /// A short name that is unique in the trace, for example `atomic 0` or `payload`.
    pub name: String,
    /// What an atomic holds at first.
    pub initial: Option<u64>,
    /// Whether it belongs to the harness and not to the request.
    pub is_of_harness: bool,
}

/// The kinds of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ObjectKind {
    /// An atomic integer.
    Atomic,
    /// A cell, whose accesses must be ordered.
    Cell,
    /// A lock.
    Lock,
    /// A condition variable.
    Condvar,
    /// A shared owner.
    Reference,
}

/// A place in source code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The file, as the compiler was given it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The lane of the thread that did it.
    pub lane: usize,
    /// How many calls and callbacks of the thread it lies in.
    pub depth: usize,
    /// What happened.
    pub what: What,
    /// Where in the code, for operations.
    pub place: Option<Place>,
    /// Set if another thread had been running before this step.
    pub switch: Option<Switch>,
    /// Earlier steps of other threads that this step is ordered after because of what it did: the releases that it
    /// acquired, the end of the thread that it joined, the unlock before its lock. Happens-before is what follows
    /// from these and the order within each lane.
    pub ordered_after: Vec<usize>,
    /// The states that the abstract request may be in after this step, as the machine writes them, the likeliest
    /// first. Several are possible while a call is under way.
    pub states: Vec<String>,
    /// False from the step on at which no run of the machine explains what was seen; `states` are then the last that
    /// could be explained.
    pub is_explained: bool,
}

/// A change from one thread to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    /// The lane that had been running.
    pub from: usize,
    /// Why it stopped.
    pub reason: SwitchReason,
}

/// The kinds of steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// The thread calls the request.
    Call {
        /// The call, as the machine writes it.
        call: String,
        /// Whether it is made whatever the driver's rules say.
        is_raw: bool,
        /// The mark that it makes, or whose callback it is made in; from 1.
        mark: Option<u8>,
    },
    /// The request answers.
    Answer {
        /// The call that is answered.
        call: String,
        /// The answer, as the machine writes it.
        reply: String,
    },
    /// The request calls the callback of a mark.
    CallbackStart {
        /// The mark, from 1.
        mark: u8,
    },
    /// That callback returns.
    CallbackReturn {
        /// The mark, from 1.
        mark: u8,
    },
    /// The callback object of a mark is given back.
    Release {
        /// The mark, from 1.
        mark: u8,
    },
    /// Somebody is told of something, in words: by a system, of how its requests and their queue are doing.
    Note {
        /// What.
        text: String,
    },
    /// All threads of the program have ended.
    Settled,
    /// An operation of the runtime.
    Operation(Access),
    /// The thread ends.
    End,
    /// The thread can never go on.
    Stuck {
        /// What it waits for.
        waiting_for: String,
    },
    /// What broke the rule, where it is none of the above: a race, a panic, a lost wake-up.
    Finding(Finding),
}

/// What an engine found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// In a sentence.
    pub text: String,
    /// The two steps that are not ordered, if it is a race.
    pub race: Option<(usize, usize)>,
}

/// An operation of the runtime.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Its name, as written in the code: `load`, `compare_exchange`, `lock`, `write`, `park`.
    pub name: String,
    /// The object, by its place in [`Trace::objects`].
    pub object: Option<usize>,
    /// The orderings that were written, for example `AcqRel, Acquire`; empty if it has none.
    pub ordering: String,
    /// The operand of a read-modify-write or the value that a compare-exchange waits for.
    pub operand: Option<u64>,
    /// The value that was read.
    pub read: Option<u64>,
    /// Whose value that was.
    pub read_from: Option<ReadFrom>,
    /// The value that was written; `None` if nothing was.
    pub written: Option<u64>,
    /// The lane of the thread that is spawned, joined or unparked.
    pub other: Option<usize>,
}

/// Which write a read has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReadFrom {
    /// The value that the object was created with.
    Initial,
    /// The write of this step.
    Step(usize),
}

/// Why an execution failed: found by changing one thing at a time and looking whether the failure goes away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// One sentence for each thing that matters, the most telling first.
    pub sentences: Vec<String>,
    /// The places that the sentences speak of.
    pub places: Vec<Place>,
    /// The steps that they speak of.
    pub steps: Vec<usize>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}
