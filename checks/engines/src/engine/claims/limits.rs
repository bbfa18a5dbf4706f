//! What the engines do not look at: one line for each engine and matter.

use super::{Limit, Matter};

/// A limit within which the engine looks at nothing of `matter`.
const fn unseen(matter: Matter, sentence: &'static str) -> Limit {
    Limit { matter, is_partial: false, sentence }
}

/// A limit beyond which the engine looks at nothing of `matter`, and within which it does.
const fn partly_seen(matter: Matter, sentence: &'static str) -> Limit {
    Limit { matter, is_partial: true, sentence }
}

const NO_RACES: Limit = unseen(
    Matter::DataRaces,
    "A data race is not noticed: accesses to a cell happen one after the other and are not compared.",
);
const NO_WEAK_MEMORY: Limit =
    unseen(Matter::WeakMemory, "Every load reads the latest write, whatever orderings the code asks for.");
const NO_LOAD_BUFFERING: Limit = unseen(
    Matter::LoadBuffering,
    "No load reads a write that comes after it in the program of its own thread.",
);
const NO_SPURIOUS_FAILURES: Limit = unseen(
    Matter::SpuriousFailures,
    "A weak compare-exchange fails only where the strong one fails, and never while the values are equal.",
);
const NO_SPURIOUS_WAKE_UPS: Limit = unseen(
    Matter::SpuriousWakeUps,
    "A wait on a condition variable and a park return only when another thread wakes them.",
);
const ONE_SPURIOUS_FAILURE: Limit = partly_seen(
    Matter::SpuriousFailures,
    "A weak compare-exchange fails spuriously, but not twice in a row in one thread and at one place of the code.",
);
const ONE_SPURIOUS_WAKE_UP: Limit = partly_seen(
    Matter::SpuriousWakeUps,
    "A wait on a condition variable and a park end spuriously, but not twice in a row in one thread and at one place of the code.",
);
const REPEATED_TURNS: Limit = partly_seen(
    Matter::Turns,
    "A thread whose turn of a waiting loop changed nothing that the engine sees goes round again only after another thread's write; what it counted in statics, and in the heap of a program whose allocator the arena does not serve (CANCELPROOF_ARENA=off, or an allocator of its own without `arena::Arena`) may differ.",
);
const NO_ENDLESS_EXECUTIONS: Limit = unseen(
    Matter::EndlessExecutions,
    "An execution that has not ended after so many steps is cut and never a failure, since a right loop that waits may go on as long; the result is then bounded at most.",
);
const BYPASSING: Limit = unseen(
    Matter::BypassingMemory,
    "Memory that bypasses the runtime (statics, locks and atomics of the standard library) is neither interleaved nor reset between executions; each modelled thread has the standard library's thread-locals for itself, but they are one for all elsewhere than on Linux with the GNU C library, and in a program without symbols.",
);
const ONE_REGISTRATION: Limit = unseen(
    Matter::Registrations,
    "One preset is one registration: a request has at most one armed callback at a time in every scenario.",
);
const NO_REAL_TIME: Limit = unseen(
    Matter::RealTime,
    "Events of different threads have no order in real time, so answers are held to the order within each thread.",
);
const NO_LIFETIME: Limit = unseen(
    Matter::Lifetime,
    "The end of an object is no event: whoever uses it afterwards or meanwhile is not noticed, unless the process fails for it.",
);
const LIFETIME: Limit = partly_seen(
    Matter::Lifetime,
    "What others do to an object of the runtime has to happen before its drop; where a count of the standard library may be behind the drop, and where there is no arena, only what comes after it in an execution is noticed, and of plain memory only that a freed block is freed again or written.",
);
const NO_LEAKS: Limit =
    unseen(Matter::Leaks, "Memory that an execution leaves behind is not counted by the engine.");

pub(super) const LOOM: &[Limit] = &[
    partly_seen(
        Matter::WeakMemory,
        "An update reads the write that was made last, so outcomes in which updates see stores in different orders are missing.",
    ),
    partly_seen(
        Matter::SequentialConsistency,
        "Sequentially consistent accesses count as acquire and release, and a plain store may come between an update and what it read, so a failure can be one that C11 does not have.",
    ),
    NO_LOAD_BUFFERING,
    NO_SPURIOUS_FAILURES,
    NO_SPURIOUS_WAKE_UPS,
    NO_ENDLESS_EXECUTIONS,
    partly_seen(
        Matter::ForgottenLoads,
        "Loads of loom's own atomics are forgotten and executions around them left out; on the runtime of this suite loom is told of each.",
    ),
    BYPASSING,
    NO_REAL_TIME,
    ONE_REGISTRATION,
    NO_LIFETIME,
    partly_seen(Matter::Leaks, "Only objects of loom's own are counted at the end of an execution."),
];

pub(super) const SHUTTLE: &[Limit] = &[
    NO_RACES,
    NO_WEAK_MEMORY,
    NO_LOAD_BUFFERING,
    NO_SPURIOUS_FAILURES,
    NO_SPURIOUS_WAKE_UPS,
    NO_ENDLESS_EXECUTIONS,
    BYPASSING,
    ONE_REGISTRATION,
    NO_LIFETIME,
    NO_LEAKS,
];

pub(super) const DPOR: &[Limit] = &[
    NO_WEAK_MEMORY,
    NO_LOAD_BUFFERING,
    ONE_SPURIOUS_FAILURE,
    ONE_SPURIOUS_WAKE_UP,
    REPEATED_TURNS,
    BYPASSING,
    partly_seen(
        Matter::RealTime,
        "Of two calls that share no object one order is judged, since the other is the same trace.",
    ),
    ONE_REGISTRATION,
    LIFETIME,
    NO_LEAKS,
];

pub(super) const RC11: &[Limit] = &[
    unseen(
        Matter::LoadBuffering,
        "No load reads a write that comes after it in the program of its own thread, which C11 allows and RC11 forbids.",
    ),
    ONE_SPURIOUS_FAILURE,
    ONE_SPURIOUS_WAKE_UP,
    REPEATED_TURNS,
    BYPASSING,
    NO_REAL_TIME,
    ONE_REGISTRATION,
    LIFETIME,
    NO_LEAKS,
];

pub(super) const SAMPLING_SHUTTLE: &[Limit] = &[
    NO_RACES,
    NO_WEAK_MEMORY,
    NO_LOAD_BUFFERING,
    NO_SPURIOUS_FAILURES,
    NO_SPURIOUS_WAKE_UPS,
    NO_ENDLESS_EXECUTIONS,
    BYPASSING,
    ONE_REGISTRATION,
    NO_LIFETIME,
    NO_LEAKS,
    unseen(Matter::OtherExecutions, "Nothing is claimed of a schedule that was not drawn."),
];

pub(super) const THREADS: &[Limit] = &[
    NO_RACES,
    ONE_REGISTRATION,
    NO_LIFETIME,
    NO_LEAKS,
    unseen(
        Matter::OtherExecutions,
        "Nothing is claimed of what this machine did not do, and no two runs are alike.",
    ),
];
