//! The changes one by one, on small bodies that need what is changed.

use std::rc::Rc;
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};
use std::sync::{Arc, Mutex};

use cancelproof::engine::{dpor, rc11};
use cancelproof::executor::{Ahead, Controlled, ControlledAtomic, Interceptor, intercept};
use cancelproof::exploration::{Exploration, FailureKind};
use cancelproof::model::runtime::{Atomic, JoinHandle, Runtime, Thread};
use cancelproof::mutation::{Alteration, Altered, Change, Part, Site, Written};
use cancelproof::operation::{Operation, TaskId};

type Body = fn();

/// Notes the sites of the executions that it is in.
struct Notes(Arc<Mutex<Vec<Site>>>);

impl Interceptor for Notes {
    fn perform(&self, _: TaskId, operation: &Operation, ahead: Ahead) -> Result<u64, u64> {
        self.0.lock().expect("nothing panics meanwhile").extend(Site::of(operation));
        ahead.perform(operation.action)
    }
}

/// The site in `body` at which something is `written`.
fn site(body: Body, written: Written) -> Site {
    let notes = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&notes);
    let options = dpor::Options { spurious_failures: false, ..dpor::Options::default() };
    let exploration = dpor::explore(&options, move || {
        intercept(Rc::new(Notes(Arc::clone(&into))));
        body();
    });
    assert_eq!(exploration.failure, None, "the body is right as it is written");
    let notes = notes.lock().expect("nothing panics meanwhile");
    *notes.iter().find(|site| site.written == written).expect("it is written somewhere")
}

/// Explores `body` with what is `written` changed, under `rc11`, and under `dpor` with one worker and with three.
fn explore(body: Body, written: Written, change: Change) -> [Exploration; 3] {
    explore_with(body, written, change, true)
}

/// The same, with or without spurious failures of the engines' own.
fn explore_with(body: Body, written: Written, change: Change, spurious_failures: bool) -> [Exploration; 3] {
    let alterations: Arc<[Alteration]> = [Alteration { site: site(body, written), change }].into();
    let altered = move || {
        intercept(Altered::once(&alterations));
        body();
    };
    let with = |workers| dpor::Options { workers, spurious_failures, ..dpor::Options::default() };
    [
        rc11::explore(&rc11::Options { spurious_failures, ..rc11::Options::default() }, altered.clone()),
        dpor::explore(&with(1), altered.clone()),
        dpor::explore(&with(3), altered),
    ]
}

/// Asserts that the change is noticed by each engine, and hands out what `rc11` noticed.
fn noticed(body: Body, written: Written, change: Change) -> FailureKind {
    let [weak, one, three] = explore(body, written, change);
    assert_eq!(one, three, "the number of workers changes nothing");
    assert!(one.failure.is_some(), "dpor: {change}");
    weak.failure.unwrap_or_else(|| panic!("rc11: {change}")).kind
}

fn two_additions() {
    let count = Arc::new(ControlledAtomic::<u8>::new(0));
    let other = Arc::clone(&count);
    let handle = Controlled::spawn(move || {
        other.fetch_add(1, Relaxed);
    });
    count.fetch_add(255, Relaxed);
    handle.join();
    // Wraps around at the width of the atomic, also when the addition is split.
    assert_eq!(count.load(Relaxed), 0);
}

#[test]
fn a_split_update_loses_another() {
    let add = Written::Update(cancelproof::operation::Update::Add, Relaxed);
    assert!(matches!(noticed(two_additions, add, Change::Split), FailureKind::Panic { .. }));
    assert!(matches!(noticed(two_additions, add, Change::DropWrite), FailureKind::Panic { .. }));
}

fn one_winner() {
    let state = Arc::new(ControlledAtomic::<u32>::new(0));
    let other = Arc::clone(&state);
    let try_it = |state: &ControlledAtomic<u32>| state.compare_exchange(0, 1, AcqRel, Acquire).is_ok();
    let handle = Controlled::spawn(move || try_it(&other));
    let here = try_it(&state);
    assert!(here != handle.join(), "one of the two wins");
}

#[test]
fn a_changed_compare_exchange_has_two_winners_or_none() {
    let exchange = Written::CompareExchange { success: AcqRel, failure: Acquire, weak: false };
    for change in [Change::Split, Change::FailOnce, Change::DropWrite] {
        assert!(matches!(noticed(one_winner, exchange, change), FailureKind::Panic { .. }), "{change}");
    }
}

#[test]
fn a_change_fails_once_for_each_task() {
    fn body() {
        let state = ControlledAtomic::<u32>::new(0);
        let mut turns = 0;
        while state.compare_exchange_weak(0, 1, Relaxed, Relaxed).is_err() {
            turns += 1;
        }
        TURNS.lock().expect("no thread panics with it").push(turns);
    }
    // Not a `thread_local!`: that would be another for each thread of an execution, and for this test.
    static TURNS: Mutex<Vec<u32>> = Mutex::new(Vec::new());
    let exchange = Written::CompareExchange { success: Relaxed, failure: Relaxed, weak: true };
    assert!(Change::FailOnce.is_demand(exchange));
    // The failures that the engines add would be counted as well.
    for exploration in explore_with(body, exchange, Change::FailOnce, false) {
        assert_eq!((exploration.failure, exploration.executions), (None, 1));
    }
    // The body as it is, then rc11, then dpor with one worker; what other workers saw is theirs. Each engine runs its first
    // execution again, and the change fails once in every run.
    let mut turns = TURNS.lock().expect("no thread panics with it").clone();
    turns.dedup();
    assert_eq!(turns, [0, 1]);
}

fn passes_a_message(order: fn(&ControlledAtomic<u8>), look: fn(&ControlledAtomic<u8>) -> bool) {
    use cancelproof::executor::ControlledUnsafeCell;
    #[allow(clippy::unsafe_removed_from_name, reason = "the trait is wanted for its methods alone")]
    use cancelproof::model::runtime::UnsafeCell as _;
    struct Shared(ControlledAtomic<u8>, ControlledUnsafeCell<u8>);
    // SAFETY: whether accesses to the cell are ordered is what is explored, on one operating-system thread.
    unsafe impl Sync for Shared {}
    // SAFETY: as above.
    unsafe impl Send for Shared {}
    let shared = Arc::new(Shared(ControlledAtomic::new(0), ControlledUnsafeCell::new(0)));
    let other = Arc::clone(&shared);
    let handle = Controlled::spawn(move || {
        // SAFETY: as above.
        other.1.with_mut(|cell| unsafe { *cell = 1 });
        order(&other.0);
    });
    if look(&shared.0) {
        // SAFETY: as above.
        assert_eq!(shared.1.with(|cell| unsafe { *cell }), 1);
    }
    handle.join();
}

fn by_fences() {
    let order = |flag: &ControlledAtomic<u8>| {
        Controlled::fence(Release);
        flag.store(1, Relaxed);
    };
    let look = |flag: &ControlledAtomic<u8>| {
        let is_set = flag.load(Relaxed) == 1;
        Controlled::fence(SeqCst);
        is_set
    };
    passes_a_message(order, look);
}

fn by_orderings() {
    let order = |flag: &ControlledAtomic<u8>| {
        flag.swap(1, AcqRel);
    };
    passes_a_message(order, |flag| flag.load(Acquire) == 1);
}

#[test]
fn a_weaker_ordering_or_no_fence_is_a_race() {
    let weaker = |part, ordering: Ordering| Change::Order(part, ordering);
    for (body, written, change) in [
        (by_fences as Body, Written::Fence(Release), Change::DropFence),
        (by_fences, Written::Fence(Release), weaker(Part::Only, Acquire)),
        (by_fences, Written::Fence(SeqCst), weaker(Part::Only, Release)),
        (by_orderings, Written::Load(Acquire), weaker(Part::Only, Relaxed)),
        (
            by_orderings,
            Written::Update(cancelproof::operation::Update::Swap, AcqRel),
            weaker(Part::Only, Acquire),
        ),
    ] {
        let kind = noticed(body, written, change);
        assert!(matches!(kind, FailureKind::DataRace { .. }), "{written}, {change}: {kind:?}");
    }
}

#[test]
fn what_is_stronger_than_needed_survives() {
    let swap = Written::Update(cancelproof::operation::Update::Swap, AcqRel);
    for (written, change) in [(swap, Change::Order(Part::Only, Release)), (swap, Change::StoreOnly)] {
        for exploration in explore(by_orderings, written, change) {
            assert_eq!(exploration.failure, None, "{change}");
        }
    }
}

fn wakes_a_sleeper() {
    let flag = Arc::new(ControlledAtomic::<u8>::new(0));
    let other = Arc::clone(&flag);
    let sleeper = Controlled::current();
    let handle = Controlled::spawn(move || {
        other.store(1, Release);
        sleeper.unpark();
    });
    while flag.load(Acquire) == 0 {
        Controlled::park();
    }
    handle.join();
}

#[test]
fn a_sleeper_whose_wake_up_is_left_out_sleeps_for_ever() {
    for (written, change) in
        [(Written::Unpark, Change::DropNotification), (Written::Store(Release), Change::DropWrite)]
    {
        let kind = noticed(wakes_a_sleeper, written, change);
        assert!(matches!(kind, FailureKind::Deadlock { .. }), "{change}: {kind:?}");
    }
}

#[test]
fn an_alteration_is_gone_after_its_exploration() {
    let add = Written::Update(cancelproof::operation::Update::Add, Relaxed);
    let _ = noticed(two_additions, add, Change::DropWrite);
    assert_eq!(dpor::explore(&dpor::Options::default(), two_additions).failure, None);
}
