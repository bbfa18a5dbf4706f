//! The properties that every request must have, by name.
//!
//! How a rule is judged on an execution is the business of the `cancelproof` crate; here is what it means.

use core::fmt;

/// A property that every execution must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// See [`Rule::meaning`]; likewise for all others.
    ExactlyOnce,
    /// The callback never starts after completion, and what it uses is not taken away while it runs.
    NeverAfterCompletion,
    /// No cancel is forgotten.
    NoLostCancel,
    /// What unmark answers is true.
    TruthfulUnmark,
    /// Completed at most once.
    SingleCompletion,
    /// Completed at least once.
    RequestCompleted,
    /// The callback object is given back exactly once, in time.
    CallbackReleased,
    /// What was written before a hand-over is seen after it.
    Publication,
    /// Nobody waits for ever.
    NoDeadlock,
    /// The callback may call the request.
    ReentrantCallback,
    /// The callback runs where the contract says.
    CallbackThread,
    /// Misuse is refused.
    MisuseRefused,
    /// Every call ends.
    BoundedSteps,
    /// Every history is a run of the machine.
    Linearizable,
    /// A cancel touches what it selects.
    RightSelection,
    /// "Not found" is said when it is true.
    TruthfulNotFound,
    /// Callbacks of the driver's exclude each other where it wants them to.
    Serialized,
    /// Callbacks are made in the order of the claims.
    InOrder,
    /// References are given back exactly once.
    ReferencesBalanced,
    /// Nobody but whoever completes a request says how it ends.
    StatusKept,
    /// A result is received once, or given back.
    ResultOnce,
    /// A driver makes no call that its framework refuses.
    NoMisuse,
    /// Nothing is used once it was freed, and nothing is freed twice.
    Lifetime,
    /// What an author demands beside the rules of this list. It is in none of the lists below.
    OwnProperty,
}

impl Rule {
    /// Every rule that one request is judged by, in the order in which an execution is judged.
    pub const ALL: [Rule; 14] = [
        Rule::ExactlyOnce,
        Rule::TruthfulUnmark,
        Rule::NeverAfterCompletion,
        Rule::SingleCompletion,
        Rule::NoLostCancel,
        Rule::CallbackReleased,
        Rule::ReentrantCallback,
        Rule::CallbackThread,
        Rule::MisuseRefused,
        Rule::RequestCompleted,
        Rule::Linearizable,
        Rule::Publication,
        Rule::NoDeadlock,
        Rule::BoundedSteps,
    ];

    /// The rules that are about more than one request: about queues, applications and objects.
    pub const OF_SYSTEMS: [Rule; 6] = [
        Rule::RightSelection,
        Rule::TruthfulNotFound,
        Rule::Serialized,
        Rule::InOrder,
        Rule::ReferencesBalanced,
        Rule::StatusKept,
    ];

    /// The rules that only types have which are no request: see [`shape`](crate::shape).
    pub const OF_SHAPES: [Rule; 2] = [Rule::ResultOnce, Rule::NoMisuse];
    /// The rules that any code can break, of one request or of many: they are asked before all others, because what follows
    /// on a broken one means nothing.
    pub const OF_MEMORY: [Rule; 1] = [Rule::Lifetime];

    /// The name in reports and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Rule::ExactlyOnce => "exactly-once",
            Rule::NeverAfterCompletion => "never-after-completion",
            Rule::NoLostCancel => "no-lost-cancel",
            Rule::TruthfulUnmark => "truthful-unmark",
            Rule::SingleCompletion => "single-completion",
            Rule::RequestCompleted => "request-completed",
            Rule::CallbackReleased => "callback-released",
            Rule::Publication => "publication",
            Rule::NoDeadlock => "no-deadlock",
            Rule::ReentrantCallback => "reentrant-callback",
            Rule::CallbackThread => "callback-thread",
            Rule::MisuseRefused => "misuse-refused",
            Rule::BoundedSteps => "bounded-steps",
            Rule::Linearizable => "linearizable",
            Rule::RightSelection => "right-selection",
            Rule::TruthfulNotFound => "truthful-not-found",
            Rule::Serialized => "serialized",
            Rule::InOrder => "in-order",
            Rule::ReferencesBalanced => "references-balanced",
            Rule::StatusKept => "status-kept",
            Rule::ResultOnce => "result-once",
            Rule::NoMisuse => "no-misuse",
            Rule::Lifetime => "lifetime",
            Rule::OwnProperty => "own-property",
        }
    }

    /// What the rule demands, in one line.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Rule::ExactlyOnce => "the callback of one mark starts at most once",
            Rule::NeverAfterCompletion => "no callback starts, or still uses the request, after completion",
            Rule::NoLostCancel => {
                "a cancel of a marked request leads to its callback, however early it comes"
            }
            Rule::TruthfulUnmark => {
                "a granted unmark means no callback, a refusal for a cancel means exactly one"
            }
            Rule::SingleCompletion => "at most one completion is accepted",
            Rule::RequestCompleted => "a driver that follows the rules gets every request completed",
            Rule::CallbackReleased => "the callback object is released exactly once, and not while it runs",
            Rule::Publication => "what was written before a hand-over is visible after it: no data race",
            Rule::NoDeadlock => "no thread waits for ever",
            Rule::ReentrantCallback => "the callback may call the request and gets true answers",
            Rule::CallbackThread => {
                "the callback runs where the contract says: in the call that led to it, or on its own thread"
            }
            Rule::MisuseRefused => "a call that the contract forbids is refused and has no effect",
            Rule::BoundedSteps => "every call ends within a bounded number of steps",
            Rule::Linearizable => "the answers of all calls fit one run of the machine",
            Rule::RightSelection => "a cancel touches all that it selects, and nothing else",
            Rule::TruthfulNotFound => {
                "a cancel answers not-found only if nothing that it selects was outstanding at some point of the call"
            }
            Rule::Serialized => {
                "callbacks of the driver's never overlap, and none starts while it is held back"
            }
            Rule::InOrder => "callbacks of one queue start in the order in which their requests were claimed",
            Rule::ReferencesBalanced => {
                "every reference is given back once: an object lives as long as it is used, and no longer"
            }
            Rule::StatusKept => {
                "a request ends with the status that it was completed with and not before, whoever cancels"
            }
            Rule::ResultOnce => {
                "the result of an operation is received once if its completion was accepted, and given back if not"
            }
            Rule::NoMisuse => {
                "a driver makes no call that its framework has to refuse: it marks, completes and moves what it owns"
            }
            Rule::Lifetime => {
                "nothing is used after it was freed, or beside its end, and nothing is freed twice"
            }
            Rule::OwnProperty => "a property that the author added holds in every execution",
        }
    }

    /// The rule of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Rule> {
        Rule::ALL
            .into_iter()
            .chain(Rule::OF_SYSTEMS)
            .chain(Rule::OF_SHAPES)
            .chain(Rule::OF_MEMORY)
            .chain([Rule::OwnProperty])
            .find(|rule| rule.name() == name)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
