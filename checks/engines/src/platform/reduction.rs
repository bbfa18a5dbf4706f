//! What the harness tells loom and shuttle of an execution, so that they leave out what shows nothing new.
//!
//! - **Twins** are threads that take the same steps. To every execution in which the later twin acts first belongs one in
//!   which the two have changed roles, so only the executions are explored in which the earlier twin acts first; whoever
//!   sums up the outcomes adds those of the others ([`Twins::names`]). shuttle does not offer a twin that has not begun while
//!   the twin before it has not begun either. loom has the later twin skip the branch as soon as it has performed an
//!   operation and the earlier one has not: what is left of that execution is run, judged and looked through for races,
//!   but branches no more.
//! - **Joins that are left**: once the main thread only waits for threads to end, its steps commute with every step of any
//!   other thread, so shuttle takes them at once instead of trying them at every place. (On loom the platform joins
//!   without an operation in the first place.)
//!
//! An engine that is asked without the harness is told nothing, and leaves nothing out.

use std::cell::{Cell, RefCell};

/// The number of a thread in a program.
type Thread = u8;

/// Which threads of a program take the same steps as one before them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Twins {
    /// For each thread the nearest one before it with the same steps.
    before: Vec<Option<Thread>>,
}

impl Twins {
    /// From the nearest twin before each thread.
    #[must_use]
    pub fn new(before: Vec<Option<Thread>>) -> Self {
        Twins { before }
    }

    /// Whether no thread has a twin.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.before.iter().all(Option::is_none)
    }

    /// Every way to name the threads so that each is named as a twin of its own: for each thread its name. The first way
    /// leaves all names as they are.
    #[must_use]
    pub fn names(&self) -> Vec<Vec<Thread>> {
        let kind = |thread: Thread| {
            let mut first = thread;
            while let Some(before) = self.before[usize::from(first)] {
                first = before;
            }
            first
        };
        let mut ways = vec![Vec::new()];
        for thread in 0..self.before.len() as Thread {
            let of_its_kind: Vec<Thread> =
                (0..self.before.len() as Thread).filter(|&name| kind(name) == kind(thread)).collect();
            let longer = |way: &Vec<Thread>| {
                let free = of_its_kind.iter().filter(|name| !way.contains(name));
                free.map(|&name| [way.as_slice(), &[name]].concat()).collect::<Vec<_>>()
            };
            ways = ways.iter().flat_map(longer).collect();
        }
        ways
    }
}

/// What is known of the execution at hand.
#[derive(Debug, Default)]
struct Known {
    twins: Twins,
    /// The threads of the program that have performed an operation, as bits; loom only.
    performed: u32,
    /// The threads of loom that have begun, each with its number in the program.
    #[cfg(feature = "loom-shape")]
    on_loom: Vec<(loom::thread::ThreadId, Thread)>,
    /// The tasks of shuttle that were spawned, each with its number in the program.
    on_shuttle: Vec<(usize, Thread)>,
}

/// Which engine is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// None: everything is explored.
    Nobody,
    /// loom.
    Loom,
    /// shuttle's depth-first search.
    Shuttle,
}

thread_local! {
    static TOLD: Cell<Told> = const { Cell::new(Told::Nobody) };
    /// Whether loom still has to be told of a twin that comes first.
    static IS_LOOM_WATCHED: Cell<bool> = const { Cell::new(false) };
    static ONLY_JOINS_ARE_LEFT: Cell<bool> = const { Cell::new(false) };
    /// The thread of the program that the harness is about to spawn.
    static SPAWNING: Cell<Option<Thread>> = const { Cell::new(None) };
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// Forgets the last execution. The engines that are told of executions call this before each and after the last, so that
/// another engine on the same thread is not taken for them.
pub fn forget() {
    TOLD.set(Told::Nobody);
    IS_LOOM_WATCHED.set(false);
    ONLY_JOINS_ARE_LEFT.set(false);
    SPAWNING.set(None);
}

/// Begins an execution of a program with these twins, of which `told` is to be told.
pub fn begin(told: Told, twins: &Twins) {
    forget();
    TOLD.set(told);
    IS_LOOM_WATCHED.set(told == Told::Loom && !twins.is_empty());
    KNOWN.with_borrow_mut(|known| {
        known.twins.clone_from(twins);
        known.performed = 0;
        #[cfg(feature = "loom-shape")]
        known.on_loom.clear();
        known.on_shuttle.clear();
    });
}

/// The harness is about to spawn a thread of the program.
pub fn spawning(thread: usize) {
    if TOLD.get() != Told::Nobody {
        SPAWNING.set(Some(thread as Thread));
    }
}

/// The thread that the harness was about to spawn, asked once by the platform that spawns it.
#[must_use]
pub fn take_spawning() -> Option<u8> {
    SPAWNING.take()
}

/// A thread of the program is this task of shuttle.
pub fn is_task(task: usize, thread: u8) {
    KNOWN.with_borrow_mut(|known| known.on_shuttle.push((task, thread)));
}

/// The modelled thread that calls is this thread of the program.
pub fn begins(thread: usize) {
    #[cfg(feature = "loom-shape")]
    if IS_LOOM_WATCHED.get() {
        let id = loom::thread::current().id();
        KNOWN.with_borrow_mut(|known| known.on_loom.push((id, thread as Thread)));
    }
    #[cfg(not(feature = "loom-shape"))]
    let _ = thread;
}

/// The modelled thread of loom that calls has performed an operation.
#[cfg(feature = "loom-shape")]
pub fn performed_on_loom() {
    if !IS_LOOM_WATCHED.get() {
        return;
    }
    let id = loom::thread::current().id();
    let comes_first = KNOWN.with_borrow_mut(|known| {
        let thread = known.on_loom.iter().find(|(known, _)| *known == id).map(|(_, thread)| *thread);
        let Some(thread) = thread else { return false };
        let has_performed = |known: &Known, thread: Thread| known.performed & (1 << thread) != 0;
        let twin = known.twins.before.get(usize::from(thread)).copied().flatten();
        let comes_first =
            !has_performed(known, thread) && twin.is_some_and(|twin| !has_performed(known, twin));
        known.performed |= 1 << thread;
        comes_first
    });
    if comes_first {
        // What follows belongs to an execution with the roles of the two exchanged.
        IS_LOOM_WATCHED.set(false);
        loom::skip_branch();
    }
}

/// The main thread has nothing left but to wait until the others have ended.
pub fn only_joins_are_left() {
    if TOLD.get() == Told::Shuttle {
        ONLY_JOINS_ARE_LEFT.set(true);
    }
}

/// Every thread has ended.
pub fn all_have_ended() {
    ONLY_JOINS_ARE_LEFT.set(false);
}

/// Whether shuttle's main task only waits until the others have ended.
#[must_use]
pub fn are_only_joins_left() -> bool {
    ONLY_JOINS_ARE_LEFT.get()
}

/// Whether a task of shuttle has to wait for its first turn, since `has_begun` says that a twin before it has not had one.
#[must_use]
pub fn waits_for_twin(task: usize, has_begun: impl Fn(usize) -> bool) -> bool {
    if TOLD.get() != Told::Shuttle || has_begun(task) {
        return false;
    }
    KNOWN.with_borrow(|known| {
        let of_task = known.on_shuttle.iter().find(|(known, _)| *known == task);
        let twin = of_task.and_then(|(_, thread)| *known.twins.before.get(usize::from(*thread))?);
        let task_of_twin = twin.and_then(|twin| known.on_shuttle.iter().find(|(_, thread)| *thread == twin));
        task_of_twin.is_some_and(|(task, _)| !has_begun(*task))
    })
}

#[cfg(test)]
mod tests;
