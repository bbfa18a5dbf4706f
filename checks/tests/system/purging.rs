//! An owner of a queue that frees, when it is told that a purge is over, what its callbacks use.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use cancelproof::engine::{dpor, rc11};
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Exploration, Extent, FailureKind};
use cancelproof::model::faults::queue::purging::TellsInsideTheCallback;
use cancelproof::model::framework::{Driver, Framework, Purge, Record, Reference, Settings, Steps};
use cancelproof::model::runtime::{JoinHandle, Runtime, UnsafeCell};
use cancelproof::model::{Callback, Cancel, Contract, Mark, Status, Std};

type Cell = <Controlled as Runtime>::UnsafeCell<AtomicBool>;

/// What the callbacks of a driver use, until the driver frees it.
struct Context(Cell);

// SAFETY: the cell holds an atomic, so that no memory is corrupted where accesses are not ordered; the engines report those.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

impl Context {
    fn is_used(&self) {
        let is_freed = self.0.with(|cell| {
            // SAFETY: the cell outlives the access, and what it holds is an atomic.
            unsafe { &*cell }.load(Relaxed)
        });
        assert!(!is_freed, "the callback uses what was freed");
    }

    fn is_freed(&self) {
        self.0.with_mut(|cell| {
            // SAFETY: as above.
            unsafe { &*cell }.store(true, Relaxed);
        });
    }
}

/// Frees the context when it is told.
struct Owner(Arc<Context>);

impl Driver for Owner {
    fn on_purged(&self) {
        self.0.is_freed();
    }
}

/// A driver marks its request; the queue is purged, and the application cancels meanwhile. The callback completes the request and
/// uses the context afterwards as well.
fn purged_while_canceled(steps: Box<dyn Steps<Controlled>>) {
    let context = Arc::new(Context(Cell::new(AtomicBool::new(false))));
    let settings =
        Settings { contract: Contract::UMDF_1, queues: 1, is_synchronized: false, tells_on_queue: false };
    let owner = Arc::new(Owner(Arc::clone(&context)));
    let framework: Arc<Framework<Controlled>> =
        Arc::new(Framework::new(settings, vec![Record::delivered()], owner, steps));
    let callback = {
        let (framework, context) = (Arc::downgrade(&framework), Arc::clone(&context));
        Callback::new(move || {
            context.is_used();
            if let Some(framework) = framework.upgrade() {
                let _ = framework.complete(0, Status::Canceled);
            }
            context.is_used();
        })
    };
    assert_eq!(framework.mark(0, callback), Mark::Marked);
    let purger = {
        let framework = Arc::clone(&framework);
        Controlled::spawn(move || framework.purge(Purge::AndTell))
    };
    let _: Cancel = framework.cancel(0);
    purger.join();
    framework.settle();
}

fn by_both(steps: fn() -> Box<dyn Steps<Controlled>>) -> [Exploration; 2] {
    let body = move || purged_while_canceled(steps());
    [dpor::explore(&dpor::Options::default(), body), rc11::explore(&rc11::Options::default(), body)]
}

#[test]
fn an_owner_that_frees_when_it_is_told_is_safe() {
    for exploration in by_both(|| Box::new(Reference)) {
        assert!(exploration.failure.is_none(), "{:?}", exploration.failure);
        assert_eq!(exploration.extent, Extent::Exhausted);
    }
}

#[test]
fn an_owner_that_is_told_inside_the_callback_frees_too_early() {
    for exploration in by_both(|| Box::new(TellsInsideTheCallback)) {
        let failure = exploration.failure.expect("the callback uses what was freed");
        let is_seen = match &failure.kind {
            FailureKind::Panic { message } => message.contains("uses what was freed"),
            FailureKind::DataRace { .. } => true,
            _ => false,
        };
        assert!(is_seen, "{failure:?}");
    }
}

/// What a mark leads to that is made when the queue has been purged: whether its callback has run.
fn is_called_by_a_purge_before_the_mark(purge: Purge) -> bool {
    let settings =
        Settings { contract: Contract::KMDF, queues: 1, is_synchronized: false, tells_on_queue: false };
    let framework: Framework<Std> =
        Framework::new(settings, vec![Record::delivered()], Arc::new(()), Box::new(Reference));
    framework.purge(purge);
    let is_called = Arc::new(AtomicBool::new(false));
    let into = Arc::clone(&is_called);
    let marked = framework.mark(0, Callback::new(move || into.store(true, Relaxed)));
    assert_eq!(marked, Mark::Marked);
    framework.settle();
    is_called.load(Relaxed)
}

#[test]
fn a_purge_cancels_what_is_marked_later_unless_it_is_as_before_1_11() {
    assert!(is_called_by_a_purge_before_the_mark(Purge::AndForget));
    assert!(is_called_by_a_purge_before_the_mark(Purge::AndTell));
    assert!(!is_called_by_a_purge_before_the_mark(Purge::LeavingLaterMarks));
}
