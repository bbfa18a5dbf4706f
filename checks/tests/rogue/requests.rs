//! One request that is right, and some that are not even wrong.

use std::hint::black_box;
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

use cancelproof::model::faults::locked::cancel::FiresTwice;
use cancelproof::model::requests::locked::{Locked, Protocol, Reference};
use cancelproof::model::runtime::{Atomic, Runtime};
use cancelproof::model::{
    Callback, Cancel, CancelableRequest, Complete, Contract, IsCanceled, Mark, Status, Unmark,
};
use cancelproof::registry;
use cancelproof::subject::{Generic, Made, Subject};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::hostile::Hostile;

/// When a request does what it does.
#[derive(PartialEq, Eq)]
pub(crate) enum When {
    /// When a cancel comes before the mark.
    Canceled,
    /// When it is made.
    Made,
    /// When it is asked for its contract, before any execution.
    Asked,
    /// When it is dropped and was never marked.
    Unmarked,
}

/// What a request does.
pub(crate) trait Whim: Send + Sync + 'static {
    const NAME: &'static str;
    const WHEN: When;

    fn act();

    fn act_if(when: When) {
        if Self::WHEN == when {
            Self::act();
        }
    }
}

macro_rules! whims {
    ($($whim:ident $name:literal when $when:ident $act:block)+) => {
        $(struct $whim;

        impl Whim for $whim {
            const NAME: &'static str = $name;
            const WHEN: When = When::$when;

            fn act() $act
        })+

        static SUBJECTS: &[&dyn Subject] = &[$(&Rogues::<$whim>(PhantomData)),+];
    };
}

whims! {
    Behaves "behaves" when Canceled {}
    Aborts "aborts" when Canceled { std::process::abort() }
    Overflows "overflows" when Canceled { black_box(descend(1)); }
    Spins "spins" when Canceled { spin() }
    Waits "waits" when Canceled {
        static LOCK: Mutex<()> = Mutex::new(());
        let one = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
        let two = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
        drop((one, two));
    }
    Exhausts "exhausts" when Canceled {
        loop {
            // Each page is touched, so that it is there.
            std::mem::forget(black_box(vec![1_u8; 8 << 20]));
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
    Forgets "forgets" when Canceled { std::mem::forget(black_box(Box::new([1_u64; 3]))); }
    Unmade "is-never-made" when Made { spin() }
    Unasked "never-says-what-it-keeps" when Asked { spin() }
}

fn spin() {
    loop {
        std::hint::spin_loop();
    }
}

#[allow(unconditional_recursion, reason = "that is what it is for")]
fn descend(depth: u64) -> u64 {
    let room = black_box([depth; 64]);
    descend(depth.wrapping_add(room[0])).wrapping_add(room[63])
}

/// The requests by name, and those that the suite has itself.
pub(crate) fn find(name: &str) -> Option<&'static dyn Subject> {
    static FIRES_TWICE: Rogues<FiresTwiceAndAborts, FiresTwice> = Rogues(PhantomData);
    let own: [&'static dyn Subject; 2] = [&Hostile, &FIRES_TWICE];
    let mut all = SUBJECTS.iter().copied().chain(own);
    all.find(|subject| subject.name() == name).or_else(|| registry::subject(name))
}

/// Aborts where a smaller program leads, and is wrong besides.
struct FiresTwiceAndAborts;

impl Whim for FiresTwiceAndAborts {
    const NAME: &'static str = "fires-twice-and-aborts";
    const WHEN: When = When::Unmarked;

    fn act() {
        std::process::abort();
    }
}

struct Rogues<W, P = Reference>(PhantomData<fn() -> (W, P)>);

impl<W: Whim, P: Protocol> Generic for Rogues<W, P> {
    fn name(&self) -> &str {
        W::NAME
    }

    fn contract(&self) -> Contract {
        W::act_if(When::Asked);
        Contract::UMDF_1
    }

    fn make<R: Runtime>(&self) -> Made<R> {
        Box::new(Rogue::<R, W, P>::new())
    }
}

struct Rogue<R: Runtime, W: Whim, P: Protocol> {
    inner: Locked<R, P>,
    is_marked: R::AtomicU8,
    /// No engine sees this one, so that it costs no execution.
    was_marked: AtomicBool,
    whim: PhantomData<fn() -> W>,
}

impl<R: Runtime, W: Whim, P: Protocol> Drop for Rogue<R, W, P> {
    fn drop(&mut self) {
        if !self.was_marked.load(Ordering::SeqCst) {
            W::act_if(When::Unmarked);
        }
    }
}

impl<R: Runtime, W: Whim, P: Protocol> CancelableRequest<R> for Rogue<R, W, P> {
    fn new() -> Self {
        W::act_if(When::Made);
        let inner = Locked::with_contract(Contract::UMDF_1);
        Rogue { inner, is_marked: R::AtomicU8::new(0), was_marked: AtomicBool::new(false), whim: PhantomData }
    }

    fn mark(&self, callback: Callback) -> Mark {
        self.was_marked.store(true, Ordering::SeqCst);
        let answer = self.inner.mark(callback);
        self.is_marked.swap(1, Ordering::AcqRel);
        answer
    }

    fn unmark(&self) -> Unmark {
        self.inner.unmark()
    }

    fn cancel(&self) -> Cancel {
        if self.is_marked.fetch_or(0, Ordering::AcqRel) == 0 {
            W::act_if(When::Canceled);
        }
        self.inner.cancel()
    }

    fn complete(&self, status: Status) -> Complete {
        self.inner.complete(status)
    }

    fn is_canceled(&self) -> IsCanceled {
        self.inner.is_canceled()
    }
}
